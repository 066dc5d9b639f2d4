#include "refine/room_plate.h"

#include <cmath>

#include <gtest/gtest.h>

#include "refine/room_scene.h"

namespace viba {
namespace {

TEST(RoomPlate, SaysNothingOfARoomThatItHasNotSeen) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.person = Scene::kMiddle;
  CoarseMatte matte = scene.matte();
  plate.run(scene.picture(), matte, scene.position());
  EXPECT_EQ(matte, scene.matte());
  EXPECT_FALSE(plate.in_use());
}

TEST(RoomPlate, BringsBackAnArmThatTheNetworkMisses) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.arm = true;
  const CoarseMatte matte = scene.step(plate);
  EXPECT_GT(Scene::mean(matte, Scene::kArm), 0.9);
  EXPECT_LT(Scene::mean(matte, Scene::kElsewhere), 0.01);
}

TEST(RoomPlate, TakesAwayWhatTheNetworkAddsOfTheRoom) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.halo = true;
  const CoarseMatte matte = scene.step(plate);
  EXPECT_LT(Scene::mean(matte, Scene::kHalo), 0.1);
  EXPECT_GT(Scene::mean(matte, Scene::kInside), 0.97);
}

TEST(RoomPlate, NoticesThatTheCameraMoved) {
  Scene scene;
  std::vector<std::string> said;
  RoomPlate plate(Log([&](LogLevel, std::string_view text) { said.emplace_back(text); }, LogLevel::kDebug));
  scene.learn(plate);
  scene.moved = 5;
  scene.person = Scene::kMiddle;
  EXPECT_EQ(scene.step(plate), scene.matte());
  EXPECT_FALSE(plate.in_use());
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0], "The camera or the room moved: the room is learnt anew.");
}

TEST(RoomPlate, AnotherLightIsTheSameRoom) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.arm = true;
  scene.light = 1.15F;
  const CoarseMatte matte = scene.step(plate);
  EXPECT_TRUE(plate.in_use());
  EXPECT_GT(Scene::mean(matte, Scene::kArm), 0.9);
  EXPECT_LT(Scene::mean(matte, Scene::kElsewhere), 0.01);
}

TEST(RoomPlate, ShowsTheRoomInTheLightOfNow) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.light = 0.9F;
  scene.noise = 0.2;
  scene.step(plate);
  MattePool pool;
  auto matte = *pool.acquire({640, 360}, Scene::kSize);
  plate.show(matte.room());
  const CoarsePicture picture = scene.picture();
  for (int y = 0; y < Scene::kSize.height; y += 7)
    for (int x = 0; x < Scene::kSize.width; x += 7) {
      EXPECT_NEAR(matte.room().y.row(y)[x], picture.y[Scene::cell(x, y)], 3);
      EXPECT_NEAR(matte.room().u.row(y)[x], picture.u[Scene::cell(x, y)], 3);
      EXPECT_NEAR(matte.room().v.row(y)[x], picture.v[Scene::cell(x, y)], 3);
      EXPECT_EQ(matte.room().known.row(y)[x], 255);
    }
}

TEST(RoomPlate, ForgetsWhenAsked) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  EXPECT_TRUE(plate.in_use());
  plate.forget();
  scene.person = Scene::kMiddle;
  scene.halo = true;
  EXPECT_EQ(scene.step(plate), scene.matte());
}

}  // namespace
}  // namespace viba
