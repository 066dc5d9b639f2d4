#include <atomic>
#include <limits>

#include <spa/buffer/meta.h>

#include "capture/pipewire_modes.h"
#include "pipewire/made_camera.h"
#include "pipewire/source_test.h"

/// Buffers as careless, broken and hostile programs fill them.
namespace viba::pipewire_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr Size kSize{64, 48};

/// Planes of I420 of one colour, with rows this far apart and something else between them.
std::vector<std::uint8_t> i420(Size size, int stride, YuvColor color) {
  std::vector<std::uint8_t> bytes;
  const auto add_plane = [&](int width, int height, int step, std::uint8_t value) {
    for (int y = 0; y < height; ++y) {
      bytes.insert(bytes.end(), std::size_t(width), value);
      bytes.insert(bytes.end(), std::size_t(step - width), 0x55);
    }
  };
  const Size chroma{(size.width + 1) / 2, (size.height + 1) / 2};
  add_plane(size.width, size.height, stride, color.y);
  add_plane(chroma.width, chroma.height, stride / 2, color.u);
  add_plane(chroma.width, chroma.height, stride / 2, color.v);
  return bytes;
}

const YuvColor kGood = yuv_of_rgb(0, 192, 0);

class PipewireFault : public PipewireSourceTest {
 protected:
  static bool is_good(const Frame& frame) {
    return !frame.empty() && shows(frame, 0, 0, kGreenColor) &&
           shows(frame, frame.size().width - 1, frame.size().height - 1, kGreenColor);
  }

  /// The camera's every second picture is good; `spoil` has its way with the others.
  void expect_only_good_ones(const MadeCamera::Fill& spoil) {
    std::atomic<int> count = 0;
    const MadeCamera camera("made", {}, [&](spa_buffer& buffer) {
      put(buffer, i420(kSize, kSize.width, kGood), kSize.width);
      if (count++ % 2 == 0) spoil(buffer);
    });
    const auto source = open("made");
    ASSERT_TRUE(source);
    while (source->skipped() < 3) ASSERT_TRUE(is_good(next(*source)));
    EXPECT_THAT(log_lines(), Contains(HasSubstr("made (PipeWire")));
  }
};

TEST_F(PipewireFault, RowsMayBePaddedOrOfUnknownLength) {
  for (const int padding : {0, 2, 6, 64}) {
    for (const bool told : {true, false}) {
      if (padding != 0 && !told) continue;
      const int stride = kSize.width + padding;
      const MadeCamera camera("made", {},
                              [&](spa_buffer& buffer) { put(buffer, i420(kSize, stride, kGood), told ? stride : 0); });
      const auto source = open("made");
      ASSERT_TRUE(source);
      EXPECT_TRUE(is_good(next(*source))) << stride << told;
    }
  }
}

TEST_F(PipewireFault, SizesMayBeOdd) {
  const MadeCamera camera("made", {.size = {63, 47}}, [&](spa_buffer& buffer) {
    put(buffer, i420({63, 47}, 64, kGood), 64);
  });
  const auto source = open("made");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->info().size, (Size{62, 46}));
  const Frame frame = next(*source);
  EXPECT_EQ(frame.size(), (Size{62, 46}));
  EXPECT_TRUE(is_good(frame));
}

TEST_F(PipewireFault, PicturesMayBeginLaterInTheirBuffer) {
  const MadeCamera camera("made", {}, [&](spa_buffer& buffer) {
    auto bytes = std::vector<std::uint8_t>(100, 0xff);
    const auto picture = i420(kSize, kSize.width, kGood);
    bytes.insert(bytes.end(), picture.begin(), picture.end());
    put(buffer, bytes, kSize.width);
    buffer.datas[0].chunk->offset = 100;
    buffer.datas[0].chunk->size = std::uint32_t(picture.size());
  });
  const auto source = open("made");
  ASSERT_TRUE(source);
  EXPECT_TRUE(is_good(next(*source)));
}

TEST_F(PipewireFault, FlaggedPicturesAreSkipped) {
  expect_only_good_ones([](spa_buffer& buffer) {
    put(buffer, i420(kSize, kSize.width, {0, 0, 0}), kSize.width);
    buffer.datas[0].chunk->flags = SPA_CHUNK_FLAG_CORRUPTED;
  });
}

TEST_F(PipewireFault, PicturesFlaggedInTheirHeaderAreSkipped) {
  expect_only_good_ones([](spa_buffer& buffer) {
    put(buffer, i420(kSize, kSize.width, {0, 0, 0}), kSize.width);
    auto* header =
        static_cast<spa_meta_header*>(spa_buffer_find_meta_data(&buffer, SPA_META_Header, sizeof(spa_meta_header)));
    ASSERT_TRUE(header);
    header->flags = SPA_META_HEADER_FLAG_CORRUPTED;
  });
}

TEST_F(PipewireFault, ShortPicturesAreSkipped) {
  expect_only_good_ones([](spa_buffer& buffer) { buffer.datas[0].chunk->size -= 1; });
}

TEST_F(PipewireFault, EmptyPicturesAreSkipped) {
  expect_only_good_ones([](spa_buffer& buffer) { buffer.datas[0].chunk->size = 0; });
}

TEST_F(PipewireFault, NothingIsReadBeyondTheBuffer) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  expect_only_good_ones([n = 0](spa_buffer& buffer) mutable {
    spa_data& data = buffer.datas[0];
    switch (n++ % 6) {
      case 0: data.chunk->offset = data.maxsize - 10; break;
      case 1: data.chunk->offset = kMost; break;
      case 2: data.chunk->offset = kMost - 10, data.chunk->size = kMost; break;
      case 3: data.chunk->stride = std::numeric_limits<std::int32_t>::max(); break;
      case 4: data.chunk->stride = std::numeric_limits<std::int32_t>::min(); break;
      default: data.chunk->size = kMost, data.chunk->stride = 1 << 20; break;
    }
  });
}

TEST_F(PipewireFault, WhatIsNoJpegIsSkipped) {
  const MadeCamera camera("made", {.format = SPA_VIDEO_FORMAT_ENCODED}, [](spa_buffer& buffer) {
    put(buffer, {0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4}, 0);
  });
  const auto source = open("made");
  ASSERT_TRUE(source);
  const auto read = source->read({});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("gives only damaged pictures"));
  EXPECT_GT(source->skipped(), 10U);
}

TEST_F(PipewireFault, ColorsAreAsTheCameraSays) {
  // Green of 192 in BT.709 full range.
  const YuvColor bt709{137, 54, 41};
  const MadeCamera camera("made", {.matrix = SPA_VIDEO_COLOR_MATRIX_BT709, .range = SPA_VIDEO_COLOR_RANGE_0_255},
                          [&](spa_buffer& buffer) { put(buffer, i420(kSize, kSize.width, bt709), kSize.width); });
  const auto source = open("made");
  ASSERT_TRUE(source);
  EXPECT_TRUE(is_good(next(*source)));
}

TEST_F(PipewireFault, FormatsThatViBaDoesNotReadAreNamed) {
  const MadeCamera camera("made", {.format = SPA_VIDEO_FORMAT_v210}, [](spa_buffer&) {});
  const auto source = open_pipewire_source("made", kRequest, {});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(source.error().message, HasSubstr("gives pictures only in the formats v210"));
}

}  // namespace
}  // namespace viba::pipewire_test
