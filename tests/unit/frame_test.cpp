#include <viba/frame.h>

#include <algorithm>
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

TEST(Frame, APartOfAPartIsTheSamePictureNotCopied) {
  FramePool pool;
  auto writable = *pool.acquire({64, 48});
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 64; ++x) writable.y().row(y)[x] = static_cast<std::uint8_t>(64 * (y % 4) + x);
  writable.u().row(7)[11] = 201;
  writable.v().row(7)[11] = 202;
  const Frame whole = std::move(writable).freeze({.sequence = 3});
  const Frame part = whole.cropped({10, 6, {40, 30}}).cropped({4, 2, {20, 12}});
  EXPECT_EQ(part.size(), (Size{20, 12}));
  EXPECT_EQ(part.info().sequence, 3U);
  for (int y = 0; y < 12; ++y) EXPECT_EQ(part.y().row(y), whole.y().row(8 + y) + 14);
  EXPECT_EQ(part.u().size, (Size{10, 6}));
  EXPECT_EQ(part.u().row(3)[4], 201);
  EXPECT_EQ(part.v().row(3)[4], 202);
  EXPECT_EQ(part.with_info({.sequence = 9}).y().data, part.y().data);
}

TEST(Frame, APartKeepsThePictureAlive) {
  FramePool pool;
  std::optional<Frame> whole = std::move(*pool.acquire({64, 48})).freeze({});
  const Frame part = whole->cropped({2, 2, {4, 4}});
  whole.reset();
  const auto* mine = part.y().data;
  EXPECT_NE(pool.acquire({64, 48})->y().row(2) + 2, mine);
}

TEST(MattePool, AMatteMayCarryTheRoomBesideItself) {
  MattePool pool;
  auto writable = *pool.acquire({50, 33}, {13, 9});
  const auto room = writable.room();
  std::uint8_t mark = 1;
  for (const Plane& plane : {writable.alpha(), room.y, room.u, room.v, room.known}) {
    EXPECT_EQ(plane.stride % 64, 0);
    for (int y = 0; y < plane.size.height; ++y) std::fill_n(plane.row(y), plane.size.width, mark);
    ++mark;
  }
  const Matte matte = std::move(writable).freeze({});
  mark = 1;
  const auto kept = matte.room();
  ASSERT_FALSE(kept.empty());
  for (const ConstPlane& plane : {matte.alpha(), kept.y, kept.u, kept.v, kept.known}) {
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x) ASSERT_EQ(plane.row(y)[x], mark) << int{mark} << " " << x << "," << y;
    ++mark;
  }
  EXPECT_EQ(kept.known.size, (Size{13, 9}));
  EXPECT_TRUE(std::move(*pool.acquire({50, 33})).freeze({}).room().empty());
  EXPECT_TRUE(Matte{}.room().empty());
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
