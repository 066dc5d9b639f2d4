#include "devices_command.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace viba::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const SessionCameras kNoSession = fail(ErrorCode::kNotFound, "PipeWire does not run.");

std::string for_people(const std::vector<Device>& devices, const SessionCameras& session = kNoSession) {
  return devices_for_people(devices, session);
}

std::string as_json(const std::vector<Device>& devices, const SessionCameras& session = kNoSession) {
  return devices_as_json(devices, session);
}

SessionCameras session() {
  return std::vector<SessionCamera>{{"52", "v4l2_input.usb-1", "HD Webcam", "/dev/video0", false},
                                    {"61", "viba-camera", "ViBa", "", true}};
}

DeviceSizes single(int width, int height, std::vector<double> rates) {
  return {{width, height}, {width, height}, {}, std::move(rates)};
}

Device camera() {
  Device device;
  device.kind = DeviceKind::kCamera;
  device.path = "/dev/video0";
  device.name = "HD Webcam";
  device.id_link = "/dev/v4l/by-id/usb-HD_Webcam-video-index0";
  device.driver = "uvcvideo";
  device.bus = "usb-0000:00:14.0-1";
  const std::vector<DeviceSizes> sizes{single(1280, 720, {30, 15}), single(640, 480, {30, 15}),
                                       single(1920, 1080, {7.5})};
  device.formats = {{"YUYV", "YUYV 4:2:2", true, sizes},
                    {"NV12", "Y/UV 4:2:0", true, sizes},
                    {"Z16", "16-bit Depth", false, sizes},
                    {"MJPG", "Motion-JPEG", true, {{{160, 120}, {1920, 1080}, {8, 2}, {60, 0.5}, true}}}};
  device.holders = {{"firefox", 123}, {"cheese", 7}};
  return device;
}

Device loopback(bool fed) {
  Device device;
  device.kind = DeviceKind::kLoopback;
  device.path = "/dev/video20";
  device.name = "ViBa";
  device.driver = "v4l2 loopback";
  device.bus = "platform:v4l2loopback-020";
  device.formats = {{"YUYV", "YUYV 4:2:2", true, {{{2, 1}, {8192, 8192}, {1, 1}, {}}}}};
  device.loopback.emplace();
  device.loopback->module_version = "0.13.2";
  device.loopback->exclusive_caps = true;
  device.loopback->fed = fed;
  if (fed) device.loopback->format = LoopbackFormat{"YUYV", {640, 360}, 30};
  return device;
}

Device closed() {
  Device device;
  device.path = "/dev/video2";
  device.name = "Other Webcam";
  device.unreadable = "/dev/video2 may only be opened by the group 'video': run `sudo usermod -aG video $USER`.";
  return device;
}

TEST(DevicesForPeople, FormatsOfTheSameSizesAndSizesOfTheSameRatesShareALine) {
  EXPECT_EQ(for_people(std::vector{camera()}),
            "/dev/video0  HD Webcam  camera\n"
            "  link       /dev/v4l/by-id/usb-HD_Webcam-video-index0\n"
            "  driver     uvcvideo, usb-0000:00:14.0-1\n"
            "  in use by  firefox (pid 123), cheese (pid 7)\n"
            "  formats    YUYV NV12\n"
            "             1280x720, 640x480 at 30 15 a second\n"
            "             1920x1080 at 7.5 a second\n"
            "  MJPG       160x120 to 1920x1080 in steps of 8x2 at 0.5 to 60 a second\n"
            "             and 1 format that ViBa does not read\n");
}

TEST(DevicesForPeople, LoopbacksSayWhatTheyCarry) {
  EXPECT_EQ(for_people(std::vector{loopback(false)}),
            "/dev/video20  ViBa  fake camera\n"
            "  module     v4l2loopback 0.13.2, exclusive_caps=1\n"
            "  pictures   nothing feeds it\n"
            "  takes      1 format, 2x1 to 8192x8192\n");
  EXPECT_THAT(for_people(std::vector{loopback(true)}), HasSubstr("  pictures   YUYV 640x360 at 30 a second\n"));
  auto old = loopback(false);
  old.loopback->module_version.clear();
  old.loopback->stuck = true;
  EXPECT_THAT(for_people(std::vector{old}),
              testing::AllOf(HasSubstr("v4l2loopback before 0.13"), HasSubstr("ViBa mends it")));
}

TEST(DevicesForPeople, OneBlankLineStandsBetweenThemAndTheReasonWithTheClosedOne) {
  const std::string text = for_people(std::vector{camera(), closed(), loopback(true)});
  EXPECT_THAT(text, HasSubstr("\n\n/dev/video2  Other Webcam  cannot be opened\n  why        /dev/video2 may only"));
  EXPECT_THAT(text, Not(HasSubstr("\n\n\n")));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 96U) << line;
}

TEST(DevicesForPeople, NoneIsSaid) { EXPECT_THAT(for_people({}), HasSubstr("no camera")); }

TEST(DevicesAsJson, HoldsEverything) {
  const json all = json::parse(as_json(std::vector{camera(), loopback(true), closed()}))["devices"];
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["kind"], "camera");
  EXPECT_EQ(all[0]["id_link"], "/dev/v4l/by-id/usb-HD_Webcam-video-index0");
  EXPECT_EQ(all[0]["formats"].size(), 4U);
  EXPECT_EQ(all[0]["formats"][0]["sizes"][2], (json{{"width", 1920}, {"height", 1080}, {"rates", {7.5}}}));
  EXPECT_EQ(all[0]["formats"][3]["sizes"][0]["step"], (json{{"width", 8}, {"height", 2}}));
  EXPECT_EQ(all[0]["formats"][3]["sizes"][0]["rates"], (json{{"least", 0.5}, {"most", 60}}));
  EXPECT_EQ(all[0]["holders"][1], (json{{"name", "cheese"}, {"pid", 7}}));
  EXPECT_TRUE(all[0]["loopback"].is_null());
  EXPECT_EQ(all[1]["loopback"]["module_version"], "0.13.2");
  EXPECT_EQ(all[1]["loopback"]["exclusive_caps"], true);
  EXPECT_EQ(all[1]["loopback"]["format"], (json{{"code", "YUYV"}, {"width", 640}, {"height", 360}, {"rate", 30.0}}));
  EXPECT_EQ(all[2]["kind"], "unknown");
  EXPECT_THAT(all[2]["unreadable"].get<std::string>(), HasSubstr("usermod"));
}

TEST(DevicesAsJson, NamesOfAnyBytesStayValid) {
  auto device = camera();
  device.name = "Cam\xff\"era\n";
  EXPECT_EQ(json::parse(as_json(std::vector{device}))["devices"][0]["name"], "Cam\xef\xbf\xbd\"era\n");
}

TEST(SessionCameras, FollowTheDevicesByTheNameThatTheyAreChosenBy) {
  EXPECT_EQ(for_people({}, session()),
            "pipewire:52  HD Webcam  camera\n"
            "  device     /dev/video0\n"
            "  node       v4l2_input.usb-1\n"
            "\n"
            "pipewire:61  ViBa  published by ViBa\n"
            "  node       viba-camera\n");
  EXPECT_THAT(for_people({camera()}, session()), HasSubstr("pipewire:52"));
}

TEST(SessionCameras, AreForProgramsToo) {
  const json found = json::parse(as_json({}, session()))["pipewire"];
  EXPECT_TRUE(found["unreachable"].is_null());
  EXPECT_EQ(found["cameras"][0], (json{{"serial", "52"},
                                       {"name", "v4l2_input.usb-1"},
                                       {"description", "HD Webcam"},
                                       {"device", "/dev/video0"},
                                       {"published_by_viba", false}}));
  EXPECT_TRUE(found["cameras"][1]["device"].is_null());
  EXPECT_EQ(json::parse(as_json({}))["pipewire"],
            (json{{"cameras", json::array()}, {"unreachable", "PipeWire does not run."}}));
}

}  // namespace
}  // namespace viba::app
