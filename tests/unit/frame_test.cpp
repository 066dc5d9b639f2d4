#include <viba/frame.h>

#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <viba/matte.h>
#include <viba/safe_frame.h>

namespace viba {
namespace {

// What must not compile: writing to a frozen frame, copying one that is being filled, and making a
// frame safe without a compositor.
static_assert(std::is_same_v<decltype(Frame{}.y()), ConstPlane>);
static_assert(!std::is_convertible_v<ConstPlane, Plane>);
static_assert(!std::is_copy_constructible_v<MutableFrame>);
static_assert(!std::is_constructible_v<SafeFrame, Frame>);
static_assert(!std::is_convertible_v<Frame, SafeFrame>);

TEST(FramePool, ReusesTheMemoryOfAFrameThatIsGone) {
  FramePool pool;
  const std::uint8_t* first = pool.acquire({64, 48})->y().data;
  EXPECT_EQ(pool.acquire({64, 48})->y().data, first);
}

TEST(FramePool, NeverHandsOutMemoryThatIsStillHeld) {
  FramePool pool;
  const Frame held = std::move(*pool.acquire({64, 48})).freeze({});
  const Frame copy = held;
  EXPECT_NE(pool.acquire({64, 48})->y().data, copy.y().data);
}

TEST(FramePool, FramesOutliveTheirPool) {
  std::optional<FramePool> pool(std::in_place);
  auto writable = pool->acquire({16, 16});
  writable->y().data[0] = 77;
  const Frame frame = std::move(*writable).freeze({});
  pool.reset();
  EXPECT_EQ(frame.y().data[0], 77);
}

TEST(FramePool, PlanesDoNotOverlapAndRowsAreAligned) {
  FramePool pool;
  auto frame = pool.acquire({50, 34});
  ASSERT_TRUE(frame);
  const Plane y = frame->y();
  const Plane u = frame->u();
  const Plane v = frame->v();
  EXPECT_EQ(u.size, (Size{25, 17}));
  EXPECT_EQ(y.stride % 64, 0);
  EXPECT_GE(u.data, y.row(33) + 50);
  EXPECT_GE(v.data, u.row(16) + 25);
}

TEST(FramePool, RefusesSizesThatCannotBe) {
  FramePool pool;
  for (const Size size : {Size{0, 4}, Size{3, 4}, Size{4, 5}, Size{-2, 4}, Size{16386, 2}}) {
    const auto frame = pool.acquire(size);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kUsage);
  }
}

TEST(FramePool, SharedAmongThreadsWithoutLoss) {
  FramePool pool;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 2000; ++i) {
        auto frame = pool.acquire({32, 32});
        frame->y().data[0] = static_cast<std::uint8_t>(t);
        const Frame one = std::move(*frame).freeze({});
        const Frame two = one;
        ASSERT_EQ(two.y().data[0], t);
      }
    });
}

TEST(MattePool, GivesAPlaneOfTheSizeOfTheFrame) {
  MattePool pool;
  auto matte = pool.acquire({50, 34});
  ASSERT_TRUE(matte);
  EXPECT_EQ(matte->alpha().size, (Size{50, 34}));
  EXPECT_EQ(std::move(*matte).freeze({.sequence = 7}).info().sequence, 7U);
}

}  // namespace
}  // namespace viba
