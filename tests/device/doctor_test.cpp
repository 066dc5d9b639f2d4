// `viba doctor` on real drivers that are brought into one situation each. Each test starts with a free camera, and a
// free loopback with exclusive_caps.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "device/program.h"
#include "device/reader.h"
#include "device/viba_json.h"

namespace viba::device_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const fs::path kSources = "/usr/src/v4l2loopback-0.12.7";
constexpr const char* kOptionsFile = "/etc/modprobe.d/viba.conf";
constexpr const char* kLoadFile = "/etc/modules-load.d/viba.conf";

std::string kernel() {
  utsname names{};
  (void)uname(&names);
  return names.release;
}

/// Of the module that is loaded. Those before 0.13 do not tell.
bool adds_devices() { return fs::exists("/sys/class/misc/v4l2loopback"); }

class Doctor : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* file : {kOptionsFile, kLoadFile}) fs::remove(file);
    if (!fs::exists(kVivid)) {
      ASSERT_EQ(
          run({"modprobe", "vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0", "vid_cap_nr=0"}),
          0);
    }
    ASSERT_TRUE(reload({"exclusive_caps=1"}));
  }
  void TearDown() override {
    fs::remove_all(kSources);
    if (fs::exists(hidden_)) fs::rename(hidden_, module_), (void)run({"depmod"});
  }

  bool reload(std::vector<std::string> parameters) {
    for (const char* each : {"devices=1", "video_nr=20", "card_label=viba_cam"}) parameters.emplace_back(each);
    return reload_loopback(parameters);
  }
  void unload() { ASSERT_EQ(run({"modprobe", "-r", "v4l2loopback"}), 0); }

  /// As if it had never been installed for this kernel.
  void hide_module() {
    unload();
    for (const auto& file : fs::recursive_directory_iterator("/lib/modules/" + kernel()))
      if (file.path().filename() == "v4l2loopback.ko") module_ = file.path();
    ASSERT_FALSE(module_.empty());
    hidden_ = module_.string() + ".hidden";
    fs::rename(module_, hidden_);
  }

  json examine(const std::vector<std::string>& options = {}, const std::vector<std::string>& before = {}) {
    std::vector<std::string> command = before;
    for (const auto& word : {std::string(VIBA_PROGRAM), std::string("doctor"), std::string("--json")})
      command.push_back(word);
    command.insert(command.end(), options.begin(), options.end());
    outcome_ = run_apart(folder_, command);
    return outcome_.json();
  }

  /// The one check that fails. The program says so by its exit status, too.
  json only_failure(const std::vector<std::string>& options = {}, const std::vector<std::string>& before = {}) {
    const json all = examine(options, before);
    EXPECT_EQ(outcome_.status, 1) << outcome_.output << outcome_.errors;
    std::vector<json> failures;
    if (all.is_object())
      for (const auto& check : all["checks"])
        if (check["state"] == "failed") failures.push_back(check);
    EXPECT_EQ(failures.size(), 1U) << outcome_.output << outcome_.errors;
    return failures.empty() ? json{{"id", ""}, {"finding", ""}, {"advice", ""}, {"commands", json::array()}}
                            : failures.front();
  }

  void expect_well() {
    const json all = examine();
    EXPECT_EQ(outcome_.status, 0) << outcome_.output << outcome_.errors;
    EXPECT_EQ(all["camera_would_be_seen"], true);
  }

  Outcome fix(std::vector<std::string> options = {"--yes"}) {
    options.insert(options.begin(), {"doctor", "--fix"});
    return run_viba(folder_, options);
  }

  std::unique_ptr<ChildProcess> feed(const std::string& size = "320x240", const std::string& pixels = "yuyv422") {
    auto feeder = std::make_unique<ChildProcess>(
        std::vector<std::string>{"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=rate=20:size=" + size,
                                 "-pix_fmt", pixels, "-f", "v4l2", kLoopback},
        folder_.file("ffmpeg.log"));
    const auto said = [this] { return file_text(folder_.file("ffmpeg.log")); };
    EXPECT_TRUE(wait_until([&] { return said().find("frame=") != std::string::npos; })) << said();
    return feeder;
  }

  json loopback_check() {
    for (const json all = examine(); const auto& check : all["checks"])
      if (check["id"] == "loopback") return check;
    return {};
  }
  json loopback_state() {
    for (const json all = run_viba(folder_, {"devices", "--json"}).json(); const auto& device : all["devices"])
      if (device["path"] == kLoopback) return device["loopback"];
    return {};
  }

  TemporaryFolder folder_;
  fs::path module_, hidden_;
  Outcome outcome_;
};

std::string text(const json& check, const char* key) { return check[key].get<std::string>(); }
std::vector<std::string> commands(const json& check) { return check["commands"].get<std::vector<std::string>>(); }
std::string with_pid(const char* name, const ChildProcess& process) {
  return std::string(name) + " (pid " + std::to_string(process.pid()) + ")";
}

TEST_F(Doctor, FindsNothingWhereAllIsWell) { expect_well(); }

TEST_F(Doctor, ModuleNotInstalled) {
  hide_module();
  const json check = only_failure();
  EXPECT_EQ(check["id"], "module-installed");
  EXPECT_THAT(text(check, "finding"), HasSubstr("not installed"));
  EXPECT_THAT(commands(check), Contains(HasSubstr("v4l2loopback")));
  const auto fixed = fix();
  EXPECT_EQ(fixed.status, 1);
  EXPECT_THAT(fixed.errors, HasSubstr(commands(check).front()));
  EXPECT_FALSE(fs::exists(kOptionsFile));
}

TEST_F(Doctor, ModuleNotBuiltForWantOfHeaders) {
  hide_module();
  fs::create_directories(kSources);
  std::ofstream(kSources / "dkms.conf") << "PACKAGE_NAME=v4l2loopback\n";
  const json check = only_failure();
  EXPECT_EQ(check["id"], "module-built");
  EXPECT_THAT(text(check, "finding"),
              AllOf(HasSubstr("not built for the running kernel " + kernel()), HasSubstr("headers are missing")));
  EXPECT_THAT(commands(check), Contains(HasSubstr("dkms autoinstall")));
}

TEST_F(Doctor, ModuleNotLoaded) {
  unload();
  const json check = only_failure();
  EXPECT_EQ(check["id"], "module-loaded");
  ASSERT_THAT(commands(check), ElementsAre("sudo modprobe v4l2loopback exclusive_caps=1 video_nr=20 card_label=ViBa"));
  EXPECT_EQ(run({"sh", "-c", commands(check).front().substr(5)}), 0);
  expect_well();
}

TEST_F(Doctor, SecureBootKeepsTheUnsignedModuleOut) {
  unload();
  ASSERT_EQ(mount("none", "/sys/firmware", "tmpfs", 0, nullptr), 0);
  fs::create_directories("/sys/firmware/efi/efivars");
  std::ofstream("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")
      << std::string("\6\0\0\0\1", 5);
  const json check = only_failure();
  EXPECT_EQ(umount("/sys/firmware"), 0);
  EXPECT_EQ(check["id"], "secure-boot");
  EXPECT_THAT(commands(check), Contains(HasSubstr("mokutil --import")));
}

TEST_F(Doctor, LoadedWithoutExclusiveCaps) {
  ASSERT_TRUE(reload({"exclusive_caps=0"}));
  const json check = only_failure();
  EXPECT_EQ(check["id"], "loopback");
  EXPECT_THAT(text(check, "finding"), HasSubstr("/dev/video20 (viba_cam) was made without exclusive_caps"));
  if (adds_devices()) {
    EXPECT_THAT(commands(check), ElementsAre(AllOf(StartsWith("sudo "), EndsWith("viba doctor --fix"))));
    return;
  }
  for (const auto& command : commands(check)) EXPECT_EQ(run({"sh", "-c", command.substr(5)}), 0) << command;
  expect_well();
}

/// `setpriv` makes a user of no group of the next command, as long as it may reach the program at all.
class DoctorOfAUser : public Doctor {
 protected:
  void SetUp() override {
    Doctor::SetUp();
    std::vector<std::string> reach = user_;
    for (const char* word : {"test", "-x", VIBA_PROGRAM}) reach.emplace_back(word);
    if (run(reach) != 0) GTEST_SKIP() << "other users may not reach " << VIBA_PROGRAM;
    groups_ = file_text("/etc/group");
    for (const char* node : {kVivid, kLoopback}) {
      ASSERT_EQ(chmod(node, 0660), 0);
      ASSERT_EQ(run({"chgrp", "video", node}), 0);
    }
  }
  void TearDown() override {
    if (!groups_.empty()) std::ofstream("/etc/group") << groups_;
    for (const char* node : {kVivid, kLoopback}) (void)chmod(node, 0666);
    Doctor::TearDown();
  }

  std::vector<std::string> user_{"setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"};
  std::string groups_;
};

TEST_F(DoctorOfAUser, NodeNotForThem) {
  const json check = only_failure({}, user_);
  EXPECT_EQ(check["id"], "permissions");
  EXPECT_THAT(text(check, "finding"), HasSubstr("by the group 'video' only, in which nobody is not"));
  EXPECT_THAT(commands(check), ElementsAre("sudo usermod -aG video nobody"));

  std::vector<std::string> list = user_;
  for (const char* word : {VIBA_PROGRAM, "devices", "--json"}) list.emplace_back(word);
  const json devices = run_apart(folder_, list).json()["devices"];
  const auto closed = std::ranges::find_if(devices, [](const json& device) { return device["path"] == kLoopback; });
  ASSERT_NE(closed, devices.end());
  EXPECT_EQ((*closed)["kind"], "unknown");
  EXPECT_EQ((*closed)["name"], "viba_cam") << "sysfs tells it";
  EXPECT_THAT(text(*closed, "unreadable"), HasSubstr("'video'"));
}

TEST_F(DoctorOfAUser, AddedToTheGroupButNotLoggedInAgain) {
  ASSERT_EQ(run({"usermod", "-aG", "video", "nobody"}), 0);
  const json check = only_failure({}, user_);
  EXPECT_EQ(check["id"], "permissions");
  EXPECT_THAT(text(check, "advice"), HasSubstr("Log out and in again"));
  EXPECT_THAT(commands(check), IsEmpty());
}

TEST_F(DoctorOfAUser, MayNotFix) {
  std::vector<std::string> command = user_;
  for (const char* word : {VIBA_PROGRAM, "doctor", "--fix", "--yes"}) command.emplace_back(word);
  const auto refused = run_apart(folder_, command);
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("run `sudo /"), HasSubstr("doctor --fix`")));
}

TEST_F(Doctor, LoopbackFedByAnotherProgram) {
  const auto feeder = feed();
  const json check = only_failure();
  EXPECT_EQ(check["id"], "loopback");
  EXPECT_THAT(text(check, "finding"), HasSubstr("/dev/video20 (viba_cam) is fed by " + with_pid("ffmpeg", *feeder)));
}

TEST_F(Doctor, CameraInUse) {
  ChildProcess other({"v4l2-ctl", "-d", kVivid, "--stream-mmap", "--stream-count=100000"}, folder_.file("other"));
  ASSERT_TRUE(wait_until([&] { return file_text(folder_.file("other")).find('<') != std::string::npos; }));
  const json check = only_failure();
  EXPECT_EQ(check["id"], "camera");
  EXPECT_THAT(text(check, "finding"), HasSubstr("in use by " + with_pid("v4l2-ctl", other)));
}

TEST_F(Doctor, NoCamera) {
  ASSERT_EQ(run({"modprobe", "-r", "vivid"}), 0);
  const json check = only_failure();
  EXPECT_EQ(check["id"], "camera");
  EXPECT_THAT(text(check, "finding"), HasSubstr("there is none"));
}

TEST_F(Doctor, NoRuntime) {
  const json check = only_failure({"--ort-library", "/nowhere/libonnxruntime.so.1"});
  EXPECT_EQ(check["id"], "runtime");
  EXPECT_THAT(text(check, "finding"), HasSubstr("/nowhere/libonnxruntime.so.1"));
}

TEST_F(Doctor, NoModel) {
  const json check = only_failure({"--model-name", "nothing-of-that-name"});
  EXPECT_EQ(check["id"], "model");
  EXPECT_THAT(text(check, "finding"), HasSubstr("nothing-of-that-name"));
}

/// What ffmpeg leaves of 0.12.7 is neither camera nor output. That keeps other programs off it, but not ViBa.
TEST_F(Doctor, LoopbackLeftBehindStuck) {
  if (adds_devices()) GTEST_SKIP() << "this version of v4l2loopback does not get stuck";
  feed()->stop();
  expect_well();
  const json check = loopback_check();
  EXPECT_EQ(check["state"], "warning");
  EXPECT_THAT(text(check, "finding"), HasSubstr("useless to other programs; ViBa mends it"));
  EXPECT_EQ(loopback_state()["stuck"], true);
  const Program program(folder_);
  EXPECT_TRUE(program.is_ready()) << program.said();
}

/// The module tells a format then, 0.15 a camera, and 0.13 after its first producer both directions.
TEST_F(Doctor, LoopbackHeldToAFormatByNobody) {
  ASSERT_EQ(run({"v4l2-ctl", "-d", kLoopback, "-c", "keep_format=1"}), 0);
  const auto expect_free = [this](const char* when) {
    SCOPED_TRACE(when);
    expect_well();
    EXPECT_THAT(text(loopback_check(), "finding"), HasSubstr("is free"));
    const json state = loopback_state();
    EXPECT_EQ(state["fed"], false);
    EXPECT_TRUE(state["format"].is_null());
    EXPECT_NE(state["exclusive_caps"], false);
  };
  expect_free("after the module was loaded");
  const auto feeder = feed("640x480", "bgr0");
  const json state = loopback_state();
  EXPECT_EQ(state["fed"], true);
  EXPECT_EQ(state["format"]["width"], 640);
  EXPECT_THAT(text(only_failure(), "finding"), HasSubstr("is fed by " + with_pid("ffmpeg", *feeder)));
  feeder->stop();
  expect_free("after a producer left");
  const Program viba(folder_);
  EXPECT_TRUE(viba.is_ready()) << viba.said();
}

TEST_F(Doctor, FixLoadsTheModuleForNowAndEveryStart) {
  unload();
  const auto unasked = fix({});
  EXPECT_EQ(unasked.status, 1);
  EXPECT_THAT(unasked.errors, AllOf(HasSubstr("write /etc/modprobe.d/viba.conf"), HasSubstr("give --yes")));
  EXPECT_FALSE(fs::exists(kOptionsFile)) << "nobody was asked";

  const auto fixed = fix();
  EXPECT_EQ(fixed.status, 0) << fixed.output << fixed.errors;
  EXPECT_EQ(file_text(kOptionsFile), "options v4l2loopback video_nr=20 card_label=\"ViBa\" exclusive_caps=1\n");
  EXPECT_EQ(file_text(kLoadFile), "v4l2loopback\n");
  const json devices = run_viba(folder_, {"devices", "--json"}).json()["devices"];
  EXPECT_EQ(devices.back()["path"], kLoopback);
  EXPECT_EQ(devices.back()["name"], "ViBa");
  EXPECT_EQ(devices.back()["loopback"]["exclusive_caps"], true);

  // As at the next start: the files alone say how it is loaded.
  unload();
  ASSERT_EQ(run({"modprobe", file_text(kLoadFile).substr(0, 12)}), 0);
  const json all = examine();
  EXPECT_EQ(outcome_.status, 0) << outcome_.output;
  for (const auto& check : all["checks"]) EXPECT_NE(check["state"], "warning") << check.dump(2);
}

TEST_F(Doctor, FixMakesADeviceWithExclusiveCaps) {
  ASSERT_TRUE(reload({"exclusive_caps=0"}));
  const bool adds = adds_devices();
  const auto fixed = fix();
  EXPECT_EQ(fixed.status, 0) << fixed.output << fixed.errors;
  expect_well();
  EXPECT_EQ(fs::exists(kSecondLoopback), adds) << "0.13 and later add one, older ones are loaded anew";
}

TEST_F(Doctor, FixDoesNotTakeADeviceFromAnybody) {
  const auto feeder = feed();
  const auto fixed = fix();
  if (adds_devices()) {
    EXPECT_EQ(fixed.status, 0) << fixed.output << fixed.errors;
    EXPECT_TRUE(fs::exists(kSecondLoopback));
  } else {
    EXPECT_EQ(fixed.status, 1);
    EXPECT_THAT(fixed.errors, AllOf(HasSubstr(with_pid("ffmpeg", *feeder)), HasSubstr("close it first")));
  }
  EXPECT_FALSE(feeder->ended_within(std::chrono::milliseconds{0}));
  EXPECT_TRUE(is_fed(folder_));
}

}  // namespace
}  // namespace viba::device_test
