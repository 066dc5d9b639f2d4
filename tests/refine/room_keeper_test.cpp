#include "refine/room_keeper.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "refine/picture_shrinker.h"
#include "refine/room_scene.h"

namespace viba {
namespace {

/// The scene's picture as a frame of the grid's own size (chroma loses detail, as in every camera).
Frame frame_of(const Scene& scene) {
  static FramePool pool;
  const CoarsePicture picture = scene.picture();
  auto frame = *pool.acquire(Scene::kSize);
  for (int y = 0; y < Scene::kSize.height; ++y)
    for (int x = 0; x < Scene::kSize.width; ++x) {
      frame.y().row(y)[x] = picture.y[Scene::cell(x, y)];
      frame.u().row(y / 2)[x / 2] = picture.u[Scene::cell(x, y)];
      frame.v().row(y / 2)[x / 2] = picture.v[Scene::cell(x, y)];
    }
  return std::move(frame).freeze({.position = scene.position()});
}

class Keeper : public testing::Test {
 protected:
  Result<CoarseMatte> step(RoomKeeper& keeper) {
    ++scene_.frame;
    const Frame frame = frame_of(scene_);
    shrinker_.run(frame, picture_);
    CoarseMatte matte = scene_.matte();
    return keeper.run(frame, picture_, matte).map([&] { return matte; });
  }

  /// The room without anybody, as a raw picture of that size.
  std::string picture_file(Size size) {
    const auto path = (std::filesystem::path(testing::TempDir()) / "viba_clean_plate.ppm").string();
    std::ofstream file(path, std::ios::binary);
    file << "P6\n" << size.width << ' ' << size.height << "\n255\n";
    scene_.noise = 0;
    const CoarsePicture room = scene_.picture();
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        const auto cell = Scene::cell(x * Scene::kSize.width / size.width, y * Scene::kSize.height / size.height);
        const float luma = 1.164F * float(room.y[cell] - 16), u = float(room.u[cell] - 128),
                    v = float(room.v[cell] - 128);
        for (const float value : {luma + 1.596F * v, luma - 0.391F * u - 0.813F * v, luma + 2.018F * u})
          file.put(static_cast<char>(static_cast<unsigned char>(std::clamp(value + 0.5F, 0.0F, 255.0F))));
      }
    scene_.noise = 1;
    return path;
  }

  Log log_{[this](LogLevel, std::string_view text) { said_.emplace_back(text); }};
  std::vector<std::string> said_;
  Scene scene_;
  PictureShrinker shrinker_;
  CoarsePicture picture_;
};

TEST_F(Keeper, IsNotThereWhenTheRoomIsNotToBeLearnt) {
  const auto none = RoomKeeper::create({.learn_room = false}, log_);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  for (const Options& options :
       {Options{.learn_room = false, .learn_now = true}, Options{.learn_room = false, .clean_plate = "room.png"}}) {
    const auto wrong = RoomKeeper::create(options, log_);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
  }
}

TEST_F(Keeper, ALessonAsksThePersonAwayAndEndsWithARoomThatIsKnown) {
  auto keeper = std::move(**RoomKeeper::create({.learn_now = true}, log_));
  scene_.person = Scene::kMiddle;
  for (int i = 0; i < 10; ++i) {
    const auto matte = step(keeper);
    ASSERT_FALSE(matte);
    EXPECT_EQ(matte.error().code, ErrorCode::kAskedAway);
  }
  scene_.person.reset();
  int frames = 0;
  while (frames < 200 && !step(keeper)) ++frames;
  EXPECT_NEAR(frames, 92, 2) << "three seconds";
  scene_.person = Scene::kMiddle;
  scene_.arm = true;
  const auto matte = step(keeper);
  ASSERT_TRUE(matte);
  EXPECT_GT(Scene::mean(*matte, Scene::kArm), 0.9);
}

TEST_F(Keeper, ACleanPlateIsKnownFromTheFirstFrameOn) {
  auto keeper = std::move(**RoomKeeper::create({.clean_plate = picture_file(Scene::kSize)}, log_));
  scene_.person = Scene::kMiddle;
  scene_.arm = true;
  scene_.light = 0.95F;
  const auto matte = step(keeper);
  ASSERT_TRUE(matte);
  EXPECT_GT(Scene::mean(*matte, Scene::kArm), 0.9);
  EXPECT_LT(Scene::mean(*matte, Scene::kElsewhere), 0.02);
  EXPECT_THAT(said_, testing::IsEmpty());
}

TEST_F(Keeper, ACleanPlateOfAnotherRoomIsDroppedAndThatIsSaidOnce) {
  auto keeper = std::move(**RoomKeeper::create({.clean_plate = picture_file(Scene::kSize)}, log_));
  scene_.moved = 6;
  scene_.person = Scene::kMiddle;
  for (int i = 0; i < 5; ++i) {
    const auto matte = step(keeper);
    ASSERT_TRUE(matte);
    EXPECT_TRUE(i > 0 || *matte == scene_.matte());
  }
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("clean plate"), std::string::npos);
}

TEST_F(Keeper, ACleanPlateOfAnotherShapeIsNotUsedAndThatIsSaid) {
  auto keeper = std::move(**RoomKeeper::create({.clean_plate = picture_file({160, 120})}, log_));
  ASSERT_TRUE(step(keeper));
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("160x120"), std::string::npos);
}

TEST_F(Keeper, ACleanPlateThatIsNoPictureIsAnError) {
  const auto keeper = RoomKeeper::create({.clean_plate = "/nowhere/room.png"}, log_);
  ASSERT_FALSE(keeper);
  EXPECT_EQ(keeper.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace viba
