#include "media/jpeg_decoder.h"

#include <array>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <turbojpeg.h>

namespace viba {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Smooth, so that neither JPEG nor halving the chroma changes it by more than rounding.
int luma(int x, int y) { return 40 + x + y; }
int chroma_u(int x, int y) { return 90 + x / 2 + y / 4; }
int chroma_v(int x, int y) { return 170 - x / 4 - y / 2; }

Bytes compress(Size size, int subsampling) {
  std::array<Bytes, 3> planes;
  std::array<const unsigned char*, 3> pointers{};
  std::array<int, 3> strides{};
  const int count = subsampling == TJSAMP_GRAY ? 1 : 3;
  for (int p = 0; p < count; ++p) {
    const auto at = std::size_t(p);
    const int width = tjPlaneWidth(p, size.width, subsampling);
    const int height = tjPlaneHeight(p, size.height, subsampling);
    const double sx = p == 0 ? 1 : double(tjMCUWidth[subsampling]) / 8;
    const double sy = p == 0 ? 1 : double(tjMCUHeight[subsampling]) / 8;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const int px = int(x * sx + sx / 2);
        const int py = int(y * sy + sy / 2);
        planes[at].push_back(std::uint8_t(p == 0 ? luma(px, py) : p == 1 ? chroma_u(px, py) : chroma_v(px, py)));
      }
    pointers[at] = planes[at].data();
    strides[at] = width;
  }
  unsigned char* out = nullptr;
  unsigned long length = 0;
  tjhandle handle = tjInitCompress();
  const int rc = tjCompressFromYUVPlanes(handle, pointers.data(), size.width, strides.data(), size.height, subsampling,
                                         &out, &length, 98, 0);
  EXPECT_EQ(rc, 0) << tjGetErrorStr2(handle);
  Bytes jpeg(out, out + length);
  tjFree(out);
  tjDestroy(handle);
  return jpeg;
}

/// Where the marker segment 0xff `marker` begins, and how long it is with its marker.
std::pair<std::size_t, std::size_t> segment(const Bytes& jpeg, std::uint8_t marker) {
  for (std::size_t at = 2; at + 4 <= jpeg.size() && jpeg[at] == 0xff;) {
    const std::size_t length = 2 + std::size_t(jpeg[at + 2]) * 256 + jpeg[at + 3];
    if (jpeg[at + 1] == marker) return {at, length};
    at += length;
  }
  return {0, 0};
}

class Decode : public testing::Test {
 protected:
  Decode() : decoder_(JpegDecoder::create().value()) {}

  Result<void> decode(const Bytes& jpeg, Size size) {
    // A copy of exactly that length lets the sanitizer see a read past its end.
    const Bytes exact(jpeg);
    frame_.emplace(pool_.acquire(size).value());
    return decoder_.decode(exact, *frame_);
  }

  void expect_picture(int tolerance, bool gray = false) {
    const Size size = frame_->size();
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        ASSERT_NEAR(frame_->y().row(y)[x], luma(x, y), tolerance) << x << "," << y;
        ASSERT_NEAR(frame_->u().row(y / 2)[x / 2], gray ? 128 : chroma_u(x | 1, y | 1), tolerance) << x << "," << y;
        ASSERT_NEAR(frame_->v().row(y / 2)[x / 2], gray ? 128 : chroma_v(x | 1, y | 1), tolerance) << x << "," << y;
      }
  }

  JpegDecoder decoder_;
  FramePool pool_;
  std::optional<MutableFrame> frame_;
};

struct Sampling {
  std::string name;
  int value;
  friend std::ostream& operator<<(std::ostream& out, const Sampling& sampling) { return out << sampling.name; }
};
class DecodeSampling : public Decode, public testing::WithParamInterface<std::tuple<Sampling, Size>> {};

TEST_P(DecodeSampling, GivesThePlanesOfThePicture) {
  const auto& [sampling, size] = GetParam();
  ASSERT_TRUE(decode(compress(size, sampling.value), round_to_even(size)));
  expect_picture(3, sampling.value == TJSAMP_GRAY);
}

INSTANTIATE_TEST_SUITE_P(All, DecodeSampling,
                         testing::Combine(testing::Values(Sampling{"S420", TJSAMP_420}, Sampling{"S422", TJSAMP_422},
                                                          Sampling{"S444", TJSAMP_444}, Sampling{"S440", TJSAMP_440},
                                                          Sampling{"S411", TJSAMP_411}, Sampling{"Gray", TJSAMP_GRAY}),
                                          testing::Values(Size{64, 48}, Size{66, 50}, Size{67, 51})),
                         [](const auto& tested) {
                           const Size size = std::get<1>(tested.param);
                           return std::get<0>(tested.param).name + "_" + std::to_string(size.width) + "x" +
                                  std::to_string(size.height);
                         });

TEST_F(Decode, TakesTheStandardTablesWhenAWebcamLeavesThemOut) {
  Bytes jpeg = compress({64, 48}, TJSAMP_422);
  for (;;) {
    const auto [at, length] = segment(jpeg, 0xc4);
    if (length == 0) break;
    jpeg.erase(jpeg.begin() + std::ptrdiff_t(at), jpeg.begin() + std::ptrdiff_t(at + length));
  }
  ASSERT_TRUE(decode(jpeg, {64, 48}));
  expect_picture(3);
}

TEST_F(Decode, AcceptsPaddingBeforeAndAfterTheEnd) {
  Bytes jpeg = compress({64, 48}, TJSAMP_422);
  Bytes padded(jpeg.begin(), jpeg.end() - 2);
  padded.insert(padded.end(), 4, 0);
  padded.insert(padded.end(), jpeg.end() - 2, jpeg.end());
  ASSERT_TRUE(decode(padded, {64, 48}));
  expect_picture(3);
  jpeg.insert(jpeg.end(), 1000, 0);
  EXPECT_TRUE(decode(jpeg, {64, 48}));
}

TEST_F(Decode, RefusesAnotherSize) {
  const Bytes jpeg = compress({64, 48}, TJSAMP_422);
  for (const Size size : {Size{64, 46}, Size{62, 48}, Size{128, 96}, Size{2, 2}}) {
    const auto decoded = decode(jpeg, size);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kBadData);
    EXPECT_NE(decoded.error().message.find("64x48"), std::string::npos) << decoded.error().message;
  }
}

TEST_F(Decode, RefusesEveryTruncation) {
  for (const int subsampling : {TJSAMP_422, TJSAMP_420, TJSAMP_GRAY}) {
    const Bytes jpeg = compress({64, 48}, subsampling);
    // The last two bytes are the end marker; without it the picture may have been cut anywhere.
    for (std::size_t kept = 0; kept < jpeg.size(); ++kept) {
      const auto decoded = decode(Bytes(jpeg.begin(), jpeg.begin() + std::ptrdiff_t(kept)), {64, 48});
      ASSERT_FALSE(decoded) << kept << " of " << jpeg.size();
      ASSERT_EQ(decoded.error().code, ErrorCode::kBadData);
    }
  }
}

TEST_F(Decode, RefusesWhatIsNoJpeg) {
  EXPECT_FALSE(decode(Bytes(5000, 0), {64, 48}));
  EXPECT_FALSE(decode(Bytes(5000, 0xff), {64, 48}));
  const std::string text = "This is not a picture.";
  EXPECT_FALSE(decode(Bytes(text.begin(), text.end()), {64, 48}));
}

TEST_F(Decode, SurvivesFlippedBits) {
  std::mt19937 random(1);
  for (const int subsampling : {TJSAMP_422, TJSAMP_420, TJSAMP_444, TJSAMP_GRAY}) {
    const Bytes jpeg = compress({66, 50}, subsampling);
    int refused = 0;
    for (int round = 0; round < 1000; ++round) {
      Bytes damaged = jpeg;
      for (unsigned flips = 1 + random() % 8; flips > 0; --flips)
        damaged[random() % damaged.size()] ^= std::uint8_t(1U << random() % 8);
      refused += !decode(damaged, {66, 50});
    }
    EXPECT_GT(refused, 300) << "damage that a decoder can see must not pass";
  }
}

TEST_F(Decode, WorksAgainAfterEveryKindOfDamage) {
  const Bytes jpeg = compress({64, 48}, TJSAMP_422);
  for (std::size_t kept = 0; kept < jpeg.size(); ++kept) {
    EXPECT_FALSE(decode(Bytes(jpeg.begin(), jpeg.begin() + std::ptrdiff_t(kept)), {64, 48})) << kept;
    const auto decoded = decode(jpeg, {64, 48});
    ASSERT_TRUE(decoded) << decoded.error().message << " after " << kept;
  }
  expect_picture(3);
}

}  // namespace
}  // namespace viba
