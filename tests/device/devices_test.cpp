// `viba devices` on real drivers.

#include <algorithm>

#include "device/reader.h"
#include "device/viba_json.h"

namespace viba::device_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Devices : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(reload_loopback({"devices=1", "video_nr=20", "card_label=viba_cam", "exclusive_caps=1"}));
  }

  json list() {
    const auto outcome = run_viba(folder_, {"devices", "--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    return outcome.json()["devices"];
  }
  json device(const std::string& path) {
    for (auto& each : list())
      if (each["path"] == path) return each;
    ADD_FAILURE() << path << " is not listed";
    return {};
  }

  TemporaryFolder folder_;
};

json sizes_of(const json& device, const std::string& code) {
  for (const auto& format : device["formats"])
    if (format["code"] == code) return format["sizes"];
  return {};
}

TEST_F(Devices, ListsTheCameraWithItsRealModes) {
  const json camera = device(kVivid);
  EXPECT_EQ(camera["kind"], "camera");
  EXPECT_EQ(camera["name"], "vivid");
  EXPECT_EQ(camera["driver"], "vivid");
  EXPECT_EQ(camera["bus"], "platform:vivid-000");
  EXPECT_EQ(camera["holders"], json::array());
  EXPECT_EQ(camera["formats"].size(), 83U);
  const json sizes = sizes_of(camera, "YUYV");
  ASSERT_EQ(sizes.size(), 6U);
  EXPECT_EQ(sizes[1]["width"], 640);
  EXPECT_EQ(sizes[1]["height"], 360);
  EXPECT_EQ(sizes[1]["rates"][0], 40.0);
  EXPECT_EQ(sizes[3], (json{{"width", 1280}, {"height", 720}, {"rates", {12.5, 10.0, 5.0, 4.0, 2.0, 1.0}}}));
}

TEST_F(Devices, ListsNeitherOutputsNorWhatHasNoPictures) {
  for (const auto& each : list()) EXPECT_NE(each["path"], kVividOutput);
}

TEST_F(Devices, SaysWhatALoopbackCarriesAndWhoFeedsIt) {
  json idle = device(kLoopback);
  EXPECT_EQ(idle["kind"], "loopback");
  EXPECT_EQ(idle["name"], "viba_cam");
  EXPECT_EQ(idle["loopback"]["fed"], false);
  EXPECT_EQ(idle["loopback"]["exclusive_caps"], true);
  EXPECT_TRUE(idle["loopback"]["format"].is_null());
  EXPECT_EQ(sizes_of(idle, "YUYV")[0]["most"], (json{{"width", 8192}, {"height", 8192}}));

  ChildProcess feeder({"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20", "-pix_fmt",
                       "yuyv422", "-f", "v4l2", kLoopback},
                      folder_.file("ffmpeg.log"));
  ASSERT_TRUE(wait_until([&] { return is_fed(folder_); })) << file_text(folder_.file("ffmpeg.log"));
  const json fed = device(kLoopback);
  EXPECT_EQ(fed["loopback"]["fed"], true);
  EXPECT_EQ(fed["loopback"]["format"]["code"], "YUYV");
  EXPECT_EQ(fed["loopback"]["format"]["width"], 320);
  EXPECT_EQ(fed["holders"], (json{{{"name", "ffmpeg"}, {"pid", feeder.pid()}}}));
  ASSERT_EQ(fed["formats"].size(), 1U);
  EXPECT_EQ(fed["formats"][0]["sizes"][0]["height"], 240);
  EXPECT_THAT(run_viba(folder_, {"devices"}).output, HasSubstr("YUYV 320x240"));
}

TEST_F(Devices, TellsALoopbackWithoutExclusiveCaps) {
  ASSERT_TRUE(reload_loopback({"devices=1", "video_nr=20", "card_label=viba_cam", "exclusive_caps=0"}));
  const json idle = device(kLoopback);
  EXPECT_EQ(idle["kind"], "loopback");
  EXPECT_EQ(idle["loopback"]["exclusive_caps"], false);
  EXPECT_EQ(idle["loopback"]["fed"], false);
}

/// Somebody who reads a camera goes on reading it, in the mode that it has, without losing it to our look.
TEST_F(Devices, DisturbsNobody) {
  const std::string pictures = folder_.file("pictures");
  ASSERT_EQ(run({"v4l2-ctl", "-d", kVivid, "--set-fmt-video=width=320,height=180,pixelformat=YUYV", "-p", "30"}), 0);
  ChildProcess reader({"v4l2-ctl", "-d", kVivid, "--stream-mmap", "--stream-count=60", "--stream-to=" + pictures},
                      folder_.file("reader.log"));
  const auto bytes = [&] {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(pictures, none_yet);
    return none_yet ? 0 : size;
  };
  ASSERT_TRUE(wait_until([&] { return bytes() > 0; }));
  const json camera = device(kVivid);
  EXPECT_EQ(camera["holders"], (json{{{"name", "v4l2-ctl"}, {"pid", reader.pid()}}}));
  EXPECT_EQ(reader.status(), 0) << file_text(folder_.file("reader.log"));
  EXPECT_EQ(bytes(), 60 * yuyv_bytes({320, 180}));
}

}  // namespace
}  // namespace viba::device_test
