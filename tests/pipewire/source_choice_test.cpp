#include "capture/pipewire_feed.h"
#include "capture/pipewire_finder.h"

#include <gmock/gmock.h>

namespace viba {
namespace {

using testing::AllOf;
using testing::HasSubstr;

PipewireNode camera(std::uint32_t id, const std::string& name, const std::string& description) {
  return {.id = id,
          .serial = std::to_string(id + 1000),
          .name = name,
          .description = description,
          .media_class = "Video/Source",
          .role = "Camera"};
}

PipewireNodes graph(const std::vector<PipewireNode>& nodes) {
  PipewireNodes all;
  for (const auto& node : nodes) all[node.id] = node;
  return all;
}

const PipewireNode kFirst = camera(31, "v4l2_input.usb-1", "HD Webcam");
const PipewireNode kSecond = camera(32, "v4l2_input.usb-2", "Other Webcam");
const PipewireNode kOurs = camera(30, "viba-camera", "ViBa");

std::string chosen(const std::string& which, const std::vector<PipewireNode>& nodes) {
  const auto found = camera_called(which, graph(nodes));
  return found ? found->name : found.error().message;
}

TEST(PipewireChoice, GoesBySerialNumberNameAndDescription) {
  const std::vector nodes{kOurs, kFirst, kSecond};
  for (const std::string which : {"1032", "v4l2_input.usb-2", "Other Webcam", "other webcam", "oTHER"})
    EXPECT_EQ(chosen(which, nodes), kSecond.name) << which;
  EXPECT_EQ(chosen("", nodes), kFirst.name);
}

TEST(PipewireChoice, TakesAnExactDescriptionBeforeAPartOfAnother) {
  EXPECT_EQ(chosen("hd webcam", {camera(40, "a", "HD Webcam Pro"), kFirst}), kFirst.name);
}

TEST(PipewireChoice, NamesThoseThatItCannotChooseBetween) {
  const auto found = camera_called("webcam", graph({kOurs, kFirst, kSecond}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUsage);
  EXPECT_EQ(found.error().message,
            "'webcam' may mean 2 cameras: HD Webcam (PipeWire 1031), Other Webcam (PipeWire 1032); name one by its "
            "number.");
}

TEST(PipewireChoice, NamesWhatThereIsWhenItFindsNone) {
  const auto found = camera_called("phone", graph({kOurs, kFirst}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(found.error().message, "PipeWire has no camera called 'phone'; there are HD Webcam (PipeWire 1031).");
}

TEST(PipewireChoice, NeverTakesWhatViBaPublishes) {
  const std::vector ours{kOurs, camera(33, "viba-camera-2", "Meeting")};
  EXPECT_EQ(chosen("", ours), "PipeWire has no camera: plug one in, or name a device or a file.");
  for (const std::string which : {"1030", "viba-camera", "ViBa", "meet", "viba-camera-2"}) {
    const auto found = camera_called(which, graph({ours[0], ours[1], kFirst}));
    ASSERT_FALSE(found) << which;
    EXPECT_EQ(found.error().code, ErrorCode::kUsage);
    EXPECT_THAT(found.error().message, AllOf(HasSubstr(which), HasSubstr("is what ViBa itself publishes")));
  }
}

TEST(PipewireChoice, TakesACameraWhoseDeviceCannotBeAskedOnlyForWantOfARealOne) {
  PipewireNode untold = camera(20, "v4l2_input.closed", "Closed");
  untold.path = "v4l2:/nowhere/video9";
  EXPECT_EQ(chosen("", {untold, kFirst}), kFirst.name);
  EXPECT_EQ(chosen("", {untold}), untold.name);
  EXPECT_EQ(chosen("closed", {untold, kFirst}), untold.name);
}

TEST(PipewireChoice, LeavesOutWhatIsNoCamera) {
  PipewireNode microphone = kFirst;
  microphone.media_class = "Audio/Source";
  EXPECT_THAT(chosen("HD Webcam", {microphone}), HasSubstr("PipeWire has no camera"));
}

std::string found_again(const PipewireNode& known, const std::vector<PipewireNode>& then,
                        const std::vector<PipewireNode>& now) {
  const auto found = KnownPipewireCamera(known, graph(then)).find(graph(now));
  return found ? found->serial : "nothing";
}

TEST(KnownPipewireCamera, IsFoundByItsNameOnceMore) {
  EXPECT_EQ(found_again(kFirst, {kFirst, kSecond}, {kSecond, camera(50, kFirst.name, kFirst.description)}), "1050");
}

TEST(KnownPipewireCamera, IsFoundByItsDescriptionAtAnotherPlace) {
  EXPECT_EQ(found_again(kFirst, {kFirst, kSecond}, {kSecond, camera(50, "v4l2_input.usb-9", kFirst.description)}),
            "1050");
}

TEST(KnownPipewireCamera, IsNeverAnotherOfItsModelThatWasThereBefore) {
  const PipewireNode twin = camera(34, "v4l2_input.usb-3", kFirst.description);
  EXPECT_EQ(found_again(kFirst, {kFirst, twin}, {twin}), "nothing");
  // Also where a new session has given it another number, and the wanted one the number of the twin.
  EXPECT_EQ(found_again(kFirst, {kFirst, twin}, {camera(60, twin.name, twin.description)}), "nothing");
  EXPECT_EQ(found_again(kFirst, {kFirst, twin}, {camera(34, kFirst.name, kFirst.description)}), "1034");
}

TEST(KnownPipewireCamera, IsNeverItsNamesakeThatWasThereBefore) {
  const PipewireNode namesake = camera(34, kFirst.name, kFirst.description);
  EXPECT_EQ(found_again(kFirst, {kFirst, namesake}, {namesake}), "nothing");
  EXPECT_EQ(found_again(kFirst, {kFirst, namesake}, {kFirst, namesake}), kFirst.serial);
}

TEST(KnownPipewireCamera, IsNothingWhereItCannotBeTold) {
  EXPECT_EQ(found_again(kFirst, {kFirst}, {camera(50, "a", "HD Webcam"), camera(51, "b", "HD Webcam")}), "nothing");
  EXPECT_EQ(found_again(camera(31, "a", ""), {}, {camera(50, "b", "")}), "nothing");
}

TEST(KnownPipewireCamera, IsNeverViBasOwnNode) {
  EXPECT_EQ(found_again(kFirst, {kFirst}, {camera(50, "viba-camera", kFirst.description)}), "nothing");
}

constexpr std::uint32_t kOwn = 70;

PipewireFeed feed(const std::vector<PipewireNode>& nodes, const std::vector<PipewireLink>& into,
                  const PipewireNode& wanted = kFirst) {
  std::map<std::uint32_t, PipewireLink> links;
  for (const auto& link : into) links[80 + std::uint32_t(links.size())] = link;
  return feed_of(graph(nodes), links, kOwn, wanted);
}

TEST(PipewireFeed, IsTheCameraWhenItsLinkIsTheOnlyOne) {
  EXPECT_EQ(feed({kFirst, kSecond}, {{kFirst.id, kOwn}, {kSecond.id, 71}}), PipewireFeed::kCamera);
  EXPECT_EQ(feed({kFirst, kSecond}, {{kSecond.id, 71}}), PipewireFeed::kNone);
}

TEST(PipewireFeed, IsForeignWithAnyOtherLink) {
  EXPECT_EQ(feed({kFirst, kSecond}, {{kSecond.id, kOwn}}), PipewireFeed::kForeign);
  EXPECT_EQ(feed({kFirst, kSecond}, {{kFirst.id, kOwn}, {kSecond.id, kOwn}}), PipewireFeed::kForeign);
  EXPECT_EQ(feed({kFirst}, {{kFirst.id, kOwn}, {kFirst.id, kOwn}}), PipewireFeed::kForeign);
  EXPECT_EQ(feed({kSecond}, {{kSecond.id, kOwn}}), PipewireFeed::kForeign) << "in the place of the camera";
  EXPECT_EQ(feed({kFirst}, {{99, kOwn}}), PipewireFeed::kForeign) << "from a node that nobody knows";
}

TEST(PipewireFeed, IsForeignWhenTheCamerasIdBecameAnothers) {
  PipewireNode other = kSecond;
  other.id = kFirst.id;
  EXPECT_EQ(feed({other}, {{kFirst.id, kOwn}}), PipewireFeed::kForeign);
  EXPECT_EQ(feed({other}, {}), PipewireFeed::kGone);
}

TEST(PipewireFeed, IsNeverWhatViBaPublishes) {
  EXPECT_EQ(feed({kOurs}, {{kOurs.id, kOwn}}, kOurs), PipewireFeed::kForeign);
}

TEST(PipewireFeed, IsGoneWithTheCamera) {
  EXPECT_EQ(feed({kSecond}, {}), PipewireFeed::kGone);
  EXPECT_EQ(feed({kSecond}, {{kFirst.id, kOwn}}), PipewireFeed::kGone) << "its link goes a moment later";
}

}  // namespace
}  // namespace viba
