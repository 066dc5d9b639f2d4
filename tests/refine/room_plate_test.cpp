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

TEST(LightMeter, WhatWasLearntInAnotherLightMayBeBrighterThanAnyPicture) {
  constexpr Size kSize{160, 90};
  RoomCells room;
  room.clear(kSize);
  std::ranges::fill(room.y, std::uint16_t{300 * 128});
  std::ranges::fill(room.u, std::uint16_t{128 * 128});
  std::ranges::fill(room.v, std::uint16_t{128 * 128});
  const auto cells = static_cast<std::size_t>(kSize.width * kSize.height);
  const CoarsePicture dark{kSize, std::vector<std::uint8_t>(cells, 16), std::vector<std::uint8_t>(cells, 128),
                           std::vector<std::uint8_t>(cells, 128)};
  BitMask all;
  all.resize(kSize);
  all.invert();
  const Light light = LightMeter().measure(dark, room, all);
  EXPECT_EQ(light.y.gain, 1) << "too far away to be the same room in another light";
  EXPECT_EQ(light.y.offset, 0);
}

TEST(RoomPlate, LeavesTheNetworksWordAloneInTheDark) {
  Scene scene;
  scene.light = 0.08F;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.halo = true;
  EXPECT_EQ(scene.step(plate), scene.matte()) << "there all things look alike";
  EXPECT_TRUE(plate.in_use());
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

TEST(RoomPlate, AShadowIsNobody) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.shadow = 0.75F;
  const CoarseMatte matte = scene.step(plate);
  EXPECT_LT(Scene::mean(matte, Scene::kArm), 0.05);
  EXPECT_TRUE(plate.in_use());
}

TEST(RoomPlate, AScreenBesideThePersonIsNotTaken) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  for (int i = 0; i < 20; ++i) {
    scene.screen = i % 3 == 0 ? 40 : 200;
    const CoarseMatte matte = scene.step(plate);
    EXPECT_LT(Scene::mean(matte, Scene::kScreen), 0.05) << i;
    EXPECT_GT(Scene::mean(matte, Scene::kInside), 0.95) << i;
  }
}

TEST(RoomPlate, SomebodyWhoWasLearntAsTheRoomIsForgottenWhenTheNetworkSeesThem) {
  Scene scene;
  std::vector<std::string> said;
  RoomPlate plate(Log([&](LogLevel, std::string_view text) { said.emplace_back(text); }, LogLevel::kDebug));
  scene.person = Scene::kMiddle;
  scene.blind = true;
  scene.learn(plate);
  scene.blind = false;
  scene.steps(plate, 10);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0], "The room was learnt with somebody in it: it is learnt anew.");
  EXPECT_GT(Scene::mean(scene.step(plate), Scene::kMiddle), 0.97);
}

TEST(RoomPlate, AnArmThatWasLearntAsTheRoomLeavesNoGhost) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.person = Scene::kMiddle;
  scene.arm = true;
  scene.learn(plate);
  scene.arm = false;
  EXPECT_LT(Scene::mean(scene.step(plate), Scene::kArm), 0.05);
  scene.steps(plate, 30);
  MattePool pool;
  auto shown = *pool.acquire({640, 360}, Scene::kSize);
  plate.show(shown.room());
  EXPECT_NEAR(shown.room().v.row(44)[115], scene.picture().v[Scene::cell(115, 44)], 5) << "what is behind it is learnt";
}

TEST(RoomPlate, WhatLiesStillIsNotLearntWhereTheNetworkSeesAPersonOrIsUnsure) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.arm = true;
  scene.doubtful_arm = 0.3F;
  scene.stride = 30;
  const CoarseMatte before = scene.step(plate);
  const CoarseMatte after = scene.steps(plate, 600);
  EXPECT_GT(Scene::mean(before, Scene::kArm), 0.95);
  EXPECT_GT(Scene::mean(after, Scene::kArm), 0.95);
  EXPECT_GT(Scene::mean(after, Scene::kInside), 0.97);
}

TEST(RoomPlate, FindsItsWayBackToARoomThatNobodyIsInWithAThingMoved) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.screen = 40;
  scene.steps(plate, 90);
  scene.screen.reset();
  scene.person = Scene::Box{40, 20, 80, 90};
  EXPECT_LT(Scene::mean(scene.steps(plate, 60), Scene::kScreen), 0.05);
}

TEST(RoomPlate, ASecondPersonGetsTheirArmsBackToo) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.arm = true;
  scene.second = Scene::Box{8, 30, 40, 90};
  const CoarseMatte both = scene.step(plate);
  EXPECT_GT(Scene::mean(both, Scene::kArm), 0.9);
  EXPECT_GT(Scene::mean(both, {14, 40, 34, 90}), 0.97);
  scene.second.reset();
  EXPECT_LT(Scene::mean(scene.step(plate), Scene::kElsewhere), 0.01) << "nothing stays behind";
}

TEST(RoomPlate, NoiseIsNobody) {
  Scene scene;
  scene.noise = 8;
  RoomPlate plate(Log{});
  scene.learn(plate);
  scene.person = Scene::kMiddle;
  scene.arm = true;
  const CoarseMatte matte = scene.step(plate);
  EXPECT_LT(Scene::mean(matte, Scene::kElsewhere), 0.01);
  EXPECT_GT(Scene::mean(matte, Scene::kArm), 0.8);
}

TEST(RoomPlate, AnotherSizeIsAnotherRoom) {
  Scene scene;
  RoomPlate plate(Log{});
  scene.learn(plate);
  CoarsePicture small{{16, 9}, {}, {}, {}};
  for (auto* plane : {&small.y, &small.u, &small.v}) plane->assign(cells_of(small.size), 100);
  CoarseMatte matte(cells_of(small.size), 0.4F);
  plate.run(small, matte, scene.position());
  EXPECT_FALSE(plate.in_use());
  EXPECT_EQ(matte, CoarseMatte(cells_of(small.size), 0.4F));
}

}  // namespace
}  // namespace viba
