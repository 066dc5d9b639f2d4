#include <future>
#include <thread>

#include <linux/videodev2.h>
#include <turbojpeg.h>

#include "capture/v4l2_source.h"
#include "device/device_test.h"
#include "media/v4l2_ioctl.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

using Bytes = std::vector<std::uint8_t>;

constexpr Size kSize{640, 360};

Bytes jpeg_of(const Frame& frame) {
  std::array<const unsigned char*, 3> planes{frame.y().data, frame.u().data, frame.v().data};
  const std::array<int, 3> strides{frame.y().stride, frame.u().stride, frame.v().stride};
  unsigned char* out = nullptr;
  unsigned long length = 0;
  tjhandle handle = tjInitCompress();
  EXPECT_EQ(tjCompressFromYUVPlanes(handle, planes.data(), frame.size().width, strides.data(), frame.size().height,
                                    TJSAMP_420, &out, &length, 90, 0),
            0);
  Bytes bytes(out, out + length);
  tjFree(out);
  tjDestroy(handle);
  return bytes;
}

/// The other side of a loopback: a camera that gives exactly what it is told to.
class Puppet {
 public:
  explicit Puppet(std::uint32_t fourcc) : fd_(open_v4l2(kSecondLoopback).value()) {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    EXPECT_EQ(retrying_ioctl(fd_, VIDIOC_G_FMT, &format), 0);
    format.fmt.pix.pixelformat = fourcc;
    format.fmt.pix.width = unsigned(kSize.width);
    format.fmt.pix.height = unsigned(kSize.height);
    format.fmt.pix.sizeimage = unsigned(kSize.width * kSize.height * 2);
    EXPECT_EQ(retrying_ioctl(fd_, VIDIOC_S_FMT, &format), 0);
    EXPECT_EQ(format.fmt.pix.pixelformat, fourcc);
    int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    (void)retrying_ioctl(fd_, VIDIOC_STREAMON, &type);  // only some versions want it
  }
  void show(const Bytes& picture) const {
    EXPECT_EQ(write(fd_.get(), picture.data(), picture.size()), ssize_t(picture.size()));
  }

 private:
  Fd fd_;
};

struct Damage {
  std::string name;
  Bytes picture;
  std::string reason;  ///< that the log has
};

void expect_same(const Frame& frame, const Frame& wanted) {
  ASSERT_EQ(frame.size(), wanted.size());
  const std::array<std::pair<ConstPlane, ConstPlane>, 3> planes{
      {{frame.y(), wanted.y()}, {frame.u(), wanted.u()}, {frame.v(), wanted.v()}}};
  for (const auto& [got, want] : planes)
    for (int y = 0; y < want.size.height; ++y)
      ASSERT_TRUE(std::equal(want.row(y), want.row(y) + want.size.width, got.row(y))) << "row " << y;
}

class DamagedCamera : public testing::Test {
 protected:
  DamagedCamera() : good_(jpeg_of(chart(pool_, kSize))), puppet_(V4L2_PIX_FMT_MJPEG) { puppet_.show(good_); }

  std::unique_ptr<Source> open(LogLines& lines) {
    auto source = open_v4l2_source(kSecondLoopback, {kSize, 30}, lines.log());
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }
  /// A picture that comes while the read waits.
  static Frame next(Source& source, const std::function<void()>& show) {
    auto reading = std::async(std::launch::async, [&] { return source.read({}); });
    show();
    const auto frame = reading.get();
    EXPECT_TRUE(frame) << frame.error().message;
    EXPECT_TRUE(frame && *frame);
    return frame && *frame ? **frame : Frame{};
  }
  [[nodiscard]] std::vector<Damage> damages() {
    Bytes overwritten = good_;
    std::fill_n(overwritten.begin() + std::ptrdiff_t(good_.size() / 2), 100, std::uint8_t{0xff});
    return {{"cut in the middle", Bytes(good_.begin(), good_.begin() + std::ptrdiff_t(good_.size() / 2)), "damaged"},
            {"without its end", Bytes(good_.begin(), good_.end() - 2), "damaged"},
            {"overwritten", overwritten, "damaged"},
            {"nothing but zeros", Bytes(5000, 0), "not a readable JPEG"},
            {"a single byte", Bytes(1, 0xff), "not a readable JPEG"},
            {"smaller", jpeg_of(chart(pool_, {320, 180})), "320x180 pixels instead of 640x360"},
            {"larger", jpeg_of(chart(pool_, {1280, 720})), "1280x720 pixels instead of 640x360"}};
  }

  FramePool pool_;
  Bytes good_;
  Puppet puppet_;
};

TEST_F(DamagedCamera, SkipsEveryKindAndSaysSo) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.name);
    LogLines lines;
    const auto source = open(lines);
    ASSERT_TRUE(source);
    const Frame clean = next(*source, [&] { puppet_.show(good_); });
    const auto warned = [&] {
      const auto said = lines.lines();
      return std::ranges::any_of(said, [](const auto& line) { return line.find("is skipped") != std::string::npos; });
    };
    const Frame after = next(*source, [&] {
      puppet_.show(damage.picture);
      EXPECT_TRUE(wait_until(warned));
      puppet_.show(good_);
    });
    expect_same(after, clean);
    EXPECT_THAT(lines.lines(), Contains(AllOf(HasSubstr(kSecondLoopback), HasSubstr(damage.reason))));
  }
}

TEST_F(DamagedCamera, NeverShowsAnythingOfThem) {
  LogLines lines;
  const auto source = open(lines);
  ASSERT_TRUE(source);
  const Frame clean = next(*source, [&] { puppet_.show(good_); });
  std::jthread feeds([&](const std::stop_token& stop) {
    const auto bad = damages();
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
      puppet_.show(i % 3 == 0 ? good_ : bad[i % bad.size()].picture);
      poll(nullptr, 0, 3);
    }
  });
  for (int i = 0; i < 60; ++i) {
    const auto frame = source->read({});
    ASSERT_TRUE(frame && *frame);
    expect_same(**frame, clean);
  }
}

TEST_F(DamagedCamera, OnlyDamageEndsTheSourceWhichCanBeOpenedAgain) {
  LogLines lines;
  auto source = open(lines);
  ASSERT_TRUE(source);
  (void)next(*source, [&] { puppet_.show(good_); });
  std::jthread feeds([&](const std::stop_token& stop) {
    const auto bad = damages();
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
      puppet_.show(bad[i % bad.size()].picture);
      poll(nullptr, 0, static_cast<int>(kBetweenLooks.count()));
    }
  });
  const auto start = std::chrono::steady_clock::now();
  Result<std::optional<Frame>> read = std::optional<Frame>{};
  for (int i = 0; i < 8 && read; ++i) read = source->read({});
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds{2});
  feeds = {};
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_THAT(read.error().message, AllOf(HasSubstr(kSecondLoopback), HasSubstr("only damaged pictures")));

  source.reset();
  source = open(lines);
  ASSERT_TRUE(source);
  EXPECT_EQ(next(*source, [&] { puppet_.show(good_); }).size(), kSize);
}

TEST(DamagedCameraOfRawPictures, SkipsOneThatIsCutShort) {
  const Puppet puppet(V4L2_PIX_FMT_YUYV);
  const Bytes whole(std::size_t(kSize.width) * std::size_t(kSize.height) * 2, 128);
  puppet.show(whole);
  LogLines lines;
  const auto source = open_v4l2_source(kSecondLoopback, {kSize, 30}, lines.log());
  ASSERT_TRUE(source) << source.error().message;
  const auto said = [&](const std::string& what) {
    const auto all = lines.lines();
    return std::ranges::any_of(all, [&](const auto& line) { return line.find(what) != std::string::npos; });
  };
  auto reading = std::async(std::launch::async, [&] {
    auto frame = (*source)->read({});
    if (frame && !said("cut short")) frame = (*source)->read({});  // the one of before
    return frame;
  });
  puppet.show(Bytes(whole.begin(), whole.end() - 1000));
  EXPECT_TRUE(wait_until([&] { return said("cut short"); }));
  puppet.show(whole);
  const auto frame = reading.get();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->y().row(359)[639], 128);
}

}  // namespace
}  // namespace viba::device_test
