#include "pipewire/sink_test.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr auto kNothingComes = 400ms;

class SinkPicture : public SinkTest {};

TEST_F(SinkPicture, IsListedAsBrowsersWantIt) {
  const auto sink = open("Büro (2)");
  EXPECT_EQ(sink->name(), "PipeWire (Büro (2))");
  EXPECT_TRUE(sink->live());
  const auto cameras = list_pipewire_cameras();
  ASSERT_THAT(*cameras, SizeIs(1));
  EXPECT_EQ(cameras->front().name, "viba-camera-B--ro--2-");
  EXPECT_EQ(cameras->front().description, "Büro (2)");
  EXPECT_EQ(cameras->front().media_class, "Video/Source");
  EXPECT_EQ(cameras->front().role, "Camera");
}

TEST_F(SinkPicture, IsNamedViBaUnlessNamed) {
  const auto sink = open();
  EXPECT_EQ(sink->name(), "PipeWire (ViBa)");
  const auto cameras = list_pipewire_cameras();
  ASSERT_THAT(*cameras, SizeIs(1));
  EXPECT_EQ(cameras->front().name, kCamera);
  EXPECT_EQ(cameras->front().description, "ViBa");
}

TEST_F(SinkPicture, KeepsItsColorsInEachFormat) {
  const auto sink = open_chart();
  for (const std::string format : {"I420", "NV12", "YUY2"}) {
    const auto viewer = start_viewer({"--target", kCamera, "--format", format});
    const auto agreed = viewer->next_line("format");
    ASSERT_TRUE(agreed);
    EXPECT_EQ(*agreed, "format " + format + " 640x360");
    expect_chart(*viewer);
  }
}

/// Browsers that take the first format then cost the least.
TEST_F(SinkPicture, OffersTheFormatOfItsFramesFirst) {
  const auto sink = open_chart();
  Process dump({"pw-dump", std::to_string(list_pipewire_cameras()->front().id)});
  std::vector<std::string> formats;
  while (const auto line = dump.next_line(" "))
    if (const auto at = line->find("\"format\": \""); at != std::string::npos)
      formats.push_back(line->substr(at + 11, 4));
  EXPECT_THAT(formats, ElementsAre("I420", "NV12", "YUY2"));
}

TEST_F(SinkPicture, IsNotHurtByConsumersOfOtherFormats) {
  const auto sink = open_chart();
  const auto stranger = start_viewer({"--target", kCamera, "--format", "RGB"});
  EXPECT_FALSE(stranger->next_line("frame", kNothingComes));
  expect_chart(*start_viewer({"--target", kCamera}));
  EXPECT_THAT(lines_.lines(), IsEmpty());
}

TEST_F(SinkPicture, NumbersItsFrames) {
  const auto sink = open_chart();
  const auto viewer = start_viewer({"--target", kCamera});
  const int first = std::stoi(SeenFrame(*viewer->next_line("frame")).number);
  EXPECT_LE(first, 5) << "which went before it was ready";
  for (int next = first + 1; next < first + 3; ++next)
    EXPECT_EQ(SeenFrame(*viewer->next_line("frame")).number, std::to_string(next));
}

/// As long as pictures rest, one is given again now and then.
TEST_F(SinkPicture, GoesToManyAtOnceAndToLatecomers) {
  const auto sink = open_chart();
  const auto first = start_viewer({"--target", kCamera});
  expect_chart(*first);
  const auto second = start_viewer({"--target", kCamera});
  expect_chart(*second);
  expect_chart(*first);
  first->kill();
  expect_chart(*second);
}

TEST_F(SinkPicture, IsTheNewest) {
  const auto sink = open_chart();
  const auto viewer = start_viewer({"--target", kCamera});
  expect_chart(*viewer);
  int older = 0;
  for (int round = 0; round < 20; ++round) {
    const bool is_gray = round % 2 == 0;
    ASSERT_TRUE(sink->write(is_gray ? gray() : picture()));
    for (;; ++older) {
      const auto line = viewer->next_line("frame");
      ASSERT_TRUE(line) << "round " << round;
      if (SeenFrame(*line).is_gray() == is_gray) break;
    }
  }
  EXPECT_LE(older, 5) << "that were given again just then";
}

TEST_F(SinkPicture, DoesNotComeBeforeItIsThere) {
  const auto sink = open();
  const auto viewer = start_viewer({"--target", kCamera});
  ASSERT_TRUE(viewer->next_line("state streaming"));
  EXPECT_FALSE(viewer->next_line("frame", kNothingComes));
  ASSERT_TRUE(sink->write(picture()));
  expect_chart(*viewer);
}

TEST_F(SinkPicture, FitsIntoTheCamera) {
  const auto sink = open();
  ASSERT_TRUE(sink->write(picture({kCameraSize.height, kCameraSize.height})));
  const auto viewer = start_viewer({"--target", kCamera});
  expect_chart(*viewer, {1, 2, 5, 6});  // whose middles lie within the square
  const SeenFrame seen(*viewer->next_line("frame"));
  for (std::size_t corner = 8; corner < 12; ++corner) expect_near(seen.colors.at(corner), {0, 0, 0}, "corner");
}

TEST_F(SinkPicture, IsToldApartFromThatOfANamesake) {
  const auto sink = open_chart();
  const auto namesake = open();
  ASSERT_TRUE(namesake->write(gray()));
  const auto cameras = list_pipewire_cameras();
  ASSERT_THAT(*cameras, SizeIs(2));
  std::vector<bool> grays;
  for (const auto& camera : *cameras) {
    EXPECT_EQ(camera.name, kCamera);
    const auto viewer = start_viewer({"--target", camera.serial});
    grays.push_back(SeenFrame(*viewer->next_line("frame")).is_gray());
  }
  EXPECT_THAT(grays, UnorderedElementsAre(true, false));
}

}  // namespace
}  // namespace viba::pipewire_test
