#include "composite/background.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "composite/blur.h"
#include "composite/compositor.h"
#include "composite/notice.h"
#include "media/scale.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using std::chrono::milliseconds;

Frame plain(FramePool& pool, Size size, YuvColor color, FrameInfo info = {}) {
  auto frame = pool.acquire(size);
  fill(*frame, color);
  return std::move(*frame).freeze(info);
}

Options with(std::string background) {
  Options options;
  options.background = std::move(background);
  return options;
}

TEST(Background, AColourIsThatColour) {
  auto background = make_background(with("color:#ff0000"), {32, 16}, {});
  ASSERT_TRUE(background);
  FramePool pool;
  const auto behind = (*background)->behind(plain(pool, {32, 16}, {}), {});
  ASSERT_TRUE(behind);
  EXPECT_EQ(behind->y().row(7)[3], 81);
  EXPECT_EQ(behind->v().row(3)[3], 240);
}

TEST(Background, AnUnknownOneNamesWhatThereIs) {
  Options options = with("no-such-picture");
  const auto background = make_background(options, {32, 16}, {});
  ASSERT_FALSE(background);
  EXPECT_EQ(background.error().code, ErrorCode::kNotFound);
  EXPECT_NE(background.error().message.find("office"), std::string::npos) << background.error().message;
}

TEST(Background, WithoutAWordItIsTheBundledOffice) {
  EXPECT_TRUE(make_background({}, {64, 36}, {}));
  EXPECT_TRUE(make_background(with("office"), {64, 36}, {}));
}

/// A video of four frames, 100 ms each, whose luma counts 40, 80, 120, 160.
std::string counting_video() {
  std::string path = testing::TempDir() + "/viba_counting_" + std::to_string(::getpid()) + ".y4m";
  auto writer = VideoWriter::create(path, {32, 16}, 10, VideoContent::kFrames);
  FramePool pool;
  for (const std::uint8_t luma : {40, 80, 120, 160})
    EXPECT_TRUE(writer->write(plain(pool, {32, 16}, {luma, 128, 128})));
  EXPECT_TRUE(writer->finish());
  return path;
}

int luma_at(Background& background, milliseconds when) {
  FramePool pool;
  const auto behind = background.behind(plain(pool, {32, 16}, {}, {.position = when}), {});
  EXPECT_TRUE(behind);
  return behind->y().row(8)[8];
}

TEST(Background, AVideoGoesAtItsOwnRateAndLoops) {
  const auto path = counting_video();
  auto background = make_background(with(path), {32, 16}, {});
  ASSERT_TRUE(background) << background.error().message;
  const std::pair<int, int> expected[] = {{0, 40},    {33, 40},   {66, 40},  {101, 80}, {210, 120},
                                          {310, 160}, {399, 160}, {401, 40}, {520, 80}, {830, 40}};
  for (const auto& [ms, luma] : expected) EXPECT_EQ(luma_at(**background, milliseconds(ms)), luma) << ms;
}

TEST(Background, AVideoGoesOnWhereItWasAfterALongPause) {
  auto background = make_background(with(counting_video()), {32, 16}, {});
  ASSERT_TRUE(background);
  EXPECT_EQ(luma_at(**background, milliseconds(110)), 80);
  EXPECT_EQ(luma_at(**background, milliseconds(3600'000)), 80);
  EXPECT_EQ(luma_at(**background, milliseconds(3600'100)), 120);
  EXPECT_EQ(luma_at(**background, milliseconds(0)), 120) << "a source that starts anew";
}

/// A matte that is 255 in columns `left` to `right`.
Matte person_between(MattePool& pool, Size size, int left, int right) {
  auto matte = pool.acquire(size);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) matte->alpha().row(y)[x] = x >= left && x < right ? 255 : 0;
  return std::move(*matte).freeze({});
}

TEST(Background, BlurKeepsAFlatFrameFlatAndSoftensAnEdge) {
  auto background = make_background(with("blur"), {320, 240}, {});
  ASSERT_TRUE(background);
  FramePool pool;
  MattePool mattes;
  auto edge = pool.acquire({320, 240});
  fill(*edge, {16, 128, 128});
  for (int y = 0; y < 240; ++y) std::fill_n(edge->y().row(y) + 160, 160, std::uint8_t{235});
  const auto soft = (*background)->behind(std::move(*edge).freeze({}), person_between(mattes, {320, 240}, 0, 0));
  ASSERT_TRUE(soft);
  EXPECT_NEAR(soft->y().row(120)[2], 16, 2);
  EXPECT_NEAR(soft->y().row(120)[317], 235, 2);
  EXPECT_NEAR(soft->y().row(120)[160], 125, 12);
  for (int x = 0; x + 1 < 320; ++x) ASSERT_LE(soft->y().row(120)[x], soft->y().row(120)[x + 1] + 1) << x;
}

class Blur : public testing::TestWithParam<std::tuple<int, Size>> {};

TEST_P(Blur, LeavesNothingOfThePersonInTheRoom) {
  const auto [strength, size] = GetParam();
  constexpr YuvColor kRoom{60, 110, 140};
  constexpr YuvColor kPerson{220, 180, 70};
  FramePool pool;
  MattePool mattes;
  const int left = size.width / 3;
  const int right = size.width * 3 / 5;
  auto frame = pool.acquire(size);
  fill(*frame, kRoom);
  for (int y = 0; y < size.height; ++y) std::fill_n(frame->y().row(y) + left, right - left, kPerson.y);
  for (int y = 0; y < size.height / 2; ++y) {
    std::fill_n(frame->u().row(y) + left / 2, (right - left) / 2, kPerson.u);
    std::fill_n(frame->v().row(y) + left / 2, (right - left) / 2, kPerson.v);
  }
  FrameBlur blur(strength);
  auto out = pool.acquire(size);
  blur.run(std::move(*frame).freeze({}), person_between(mattes, size, left - 1, right + 1), *out);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      if (x >= left && x < right) continue;
      ASSERT_NEAR(out->y().row(y)[x], kRoom.y, 5) << x << " " << y;
      ASSERT_NEAR(out->u().row(y / 2)[x / 2], kRoom.u, 3) << x << " " << y;
      ASSERT_NEAR(out->v().row(y / 2)[x / 2], kRoom.v, 3) << x << " " << y;
    }
}

TEST_P(Blur, OfNothingButAPersonIsThePersonsColour) {
  const auto [strength, size] = GetParam();
  FramePool pool;
  MattePool mattes;
  FrameBlur blur(strength);
  auto out = pool.acquire(size);
  blur.run(plain(pool, size, {90, 140, 100}), person_between(mattes, size, 0, size.width), *out);
  EXPECT_NEAR(out->y().row(size.height / 2)[size.width / 2], 90, 2);
  EXPECT_NEAR(out->u().row(0)[0], 140, 2);
  EXPECT_NEAR(out->v().row(0)[0], 100, 2);
}

INSTANTIATE_TEST_SUITE_P(All, Blur,
                         testing::Combine(testing::Values(1, 20, 100),
                                          testing::Values(Size{320, 240}, Size{642, 362}, Size{1280, 720})));

TEST(Notice, StaysInsideFramesOfAnySize) {
  FramePool pool;
  for (const Size size : {Size{2, 2}, Size{16, 16}, Size{64, 48}, Size{100, 720}, Size{1280, 720}, Size{3840, 2160}})
    for (const Notice notice : {Notice::kStarting, Notice::kHidden, Notice::kNoCamera}) {
      auto frame = pool.acquire(size);
      fill(*frame, {80, 200, 60});
      draw_notice(*frame, notice);
      EXPECT_EQ(frame->y().row(0)[0], 80);
      if (size.width >= 1280) {
        EXPECT_NE(frame->y().row(size.height * 11 / 12 - 20)[size.width / 2], 80);
      }
    }
}

}  // namespace
}  // namespace viba
