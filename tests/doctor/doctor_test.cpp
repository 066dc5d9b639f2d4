// Machines that lack one thing each: the doctor names it, and how to do away with it.

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>

#include "doctor/distribution.h"
#include "doctor/machine.h"

namespace viba {
namespace {

using test::Machine;
using test::made_device;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> ids_in(const std::vector<Check>& checks, CheckState state) {
  std::vector<std::string> ids;
  for (const auto& check : checks)
    if (check.state == state) ids.push_back(check.id);
  return ids;
}

Check check_of(const std::vector<Check>& checks, const std::string& id) {
  const auto found = std::ranges::find(checks, id, &Check::id);
  return found == checks.end() ? Check{} : *found;
}

struct Situation {
  const char* name;
  std::function<void(Machine&)> spoil;
  const char* failed;                 ///< the one check that fails, or warns
  const char* finding;                ///< a part of what it finds
  std::vector<std::string> commands;  ///< all of them
  const char* advice = "";            ///< a part of it
  CheckState state = CheckState::kFailed;
};

std::ostream& operator<<(std::ostream& out, const Situation& situation) { return out << situation.name; }

class Doctor : public testing::TestWithParam<Situation> {};

TEST_P(Doctor, NamesTheCauseAndTheRemedy) {
  const Situation& situation = GetParam();
  Machine machine;
  situation.spoil(machine);
  const auto checks = examine(machine.system);
  EXPECT_THAT(ids_in(checks, situation.state), ElementsAre(situation.failed));
  if (situation.state != CheckState::kFailed) {
    EXPECT_THAT(ids_in(checks, CheckState::kFailed), IsEmpty());
  }
  EXPECT_EQ(camera_would_be_seen(checks), situation.state != CheckState::kFailed);
  const Check check = check_of(checks, situation.failed);
  EXPECT_THAT(check.finding, HasSubstr(situation.finding));
  EXPECT_EQ(check.commands, situation.commands);
  EXPECT_THAT(check.advice, HasSubstr(situation.advice));
}

const std::string kLoad = "sudo modprobe v4l2loopback exclusive_caps=1 video_nr=20 card_label=ViBa";
const std::string kUnload = "sudo modprobe -r v4l2loopback";
const std::string kFix = "sudo viba doctor --fix";

void not_installed(Machine& machine) {
  machine.unload();
  machine.remove("/usr/src");
  machine.remove(machine.modules() + "/updates");
}

void not_built(Machine& machine) {
  machine.unload();
  machine.remove(machine.modules() + "/updates");
}

void on_fedora(Machine& machine) {
  machine.write("/etc/os-release", "ID=fedora\n");
  machine.system.kernel_release = "6.11.4-301.fc41.x86_64";
  machine.write(machine.modules() + "/modules.dep", "");
}

void on_arch(Machine& machine) {
  machine.write("/etc/os-release", "ID=manjaro\nID_LIKE=\"arch\"\n");
  machine.system.kernel_release = "6.6.58-1-lts";
  machine.write(machine.modules() + "/modules.dep", "");
}

void unsigned_under_secure_boot(Machine& machine) {
  machine.unload();
  machine.boot_securely();
  machine.write(machine.modules() + "/updates/dkms/v4l2loopback.ko", std::string(100, 'x'));
}

void denied_to(Machine& machine, NodeRights rights) {
  machine.system.user.groups = {1000};
  machine.system.rights = [rights](const std::string&) { return rights; };
  for (auto& device : machine.devices) {
    device = made_device(DeviceKind::kUnknown, device.path, device.name);
    device.unreadable = "It may not be opened.";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Module, Doctor,
    testing::Values(
        Situation{"not installed on Debian",
                  not_installed,
                  "module-installed",
                  "is not installed",
                  {"sudo apt install v4l2loopback-dkms linux-headers-6.1.0-42-amd64"}},
        Situation{"not installed on Fedora",
                  [](Machine& m) { not_installed(m), on_fedora(m); },
                  "module-installed",
                  "is not installed",
                  {"sudo dnf install akmod-v4l2loopback kernel-devel-6.11.4-301.fc41.x86_64", "sudo akmods --force"},
                  "RPM Fusion"},
        Situation{"not installed on a relative of Arch",
                  [](Machine& m) { not_installed(m), on_arch(m); },
                  "module-installed",
                  "is not installed",
                  {"sudo pacman -S --needed v4l2loopback-dkms linux-lts-headers"}},
        Situation{"not installed on something else",
                  [](Machine& m) { not_installed(m), m.write("/etc/os-release", "ID=slackware\n"); },
                  "module-installed",
                  "is not installed",
                  {},
                  "package tool"},
        Situation{"headers missing",
                  [](Machine& m) { not_built(m), m.remove(m.modules() + "/build"); },
                  "module-built",
                  "v4l2loopback 0.12.7 is installed, but not built for the running kernel "
                  "6.1.0-42-amd64, whose headers are missing",
                  {"sudo apt install linux-headers-6.1.0-42-amd64", "sudo dkms autoinstall -k 6.1.0-42-amd64"}},
        Situation{"build failed",
                  [](Machine& m) { not_built(m), m.write("/var/lib/dkms/v4l2loopback/0.12.7/build/make.log", "no"); },
                  "module-built",
                  "not built for the running kernel",
                  {"sudo dkms autoinstall -k 6.1.0-42-amd64"},
                  "make.log says why"},
        Situation{"kernel upgraded",
                  [](Machine& m) { m.unload(), m.system.kernel_release = "6.1.0-41-amd64"; },
                  "module-built",
                  "the modules of the running kernel 6.1.0-41-amd64 are gone",
                  {"sudo reboot"},
                  "Restart"},
        Situation{"in a container",
                  [](Machine& m) { not_installed(m), m.remove("/lib/modules"); },
                  "module-built",
                  "as in a container",
                  {},
                  "on the machine itself"},
        Situation{
            "not loaded", [](Machine& m) { m.unload(); }, "module-loaded", "is not loaded", {kLoad}, kFix.c_str()},
        Situation{"compressed module not loaded",
                  [](Machine& m) { not_built(m), m.write(m.modules() + "/extra/v4l2loopback.ko.xz", ""); },
                  "module-loaded",
                  "is not loaded",
                  {kLoad}},
        Situation{"gone after the next start",
                  [](Machine& m) { m.remove("/etc/modules-load.d"); },
                  "module-at-start",
                  "will be gone",
                  {kFix},
                  "",
                  CheckState::kWarning},
        Situation{"back after the next start, but without exclusive_caps",
                  [](Machine& m) { m.write("/etc/modprobe.d/any.conf", "#options v4l2loopback exclusive_caps=1\n"); },
                  "module-at-start",
                  "will be gone",
                  {kFix},
                  "",
                  CheckState::kWarning}));

INSTANTIATE_TEST_SUITE_P(
    SecureBoot, Doctor,
    testing::Values(
        Situation{"unsigned, without a key",
                  unsigned_under_secure_boot,
                  "secure-boot",
                  "refuses v4l2loopback",
                  {"sudo dkms generate_mok", "sudo dkms install --force v4l2loopback/0.12.7 -k 6.1.0-42-amd64",
                   "sudo mokutil --import /var/lib/dkms/mok.pub"},
                  "Enroll MOK"},
        Situation{"unsigned, with Ubuntu's key",
                  [](Machine& m) {
                    unsigned_under_secure_boot(m), m.write("/var/lib/shim-signed/mok/MOK.der", "certificate");
                  },
                  "secure-boot",
                  "refuses v4l2loopback",
                  {"sudo dkms install --force v4l2loopback/0.12.7 -k 6.1.0-42-amd64",
                   "sudo mokutil --import /var/lib/shim-signed/mok/MOK.der"}},
        Situation{"signed with a key that the firmware does not know",
                  [](Machine& m) {
                    m.unload(), m.boot_securely(), m.write("/var/lib/dkms/mok.pub", "certificate");
                    m.write("/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23", "other keys");
                  },
                  "secure-boot",
                  "does not know the key",
                  {"sudo mokutil --import /var/lib/dkms/mok.pub"}},
        Situation{"signed with a known key, not loaded",
                  [](Machine& m) {
                    m.unload(), m.boot_securely(), m.write("/var/lib/dkms/mok.pub", "certificate");
                    m.write("/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23",
                            "other keys and the certificate");
                  },
                  "module-loaded",
                  "is not loaded",
                  {kLoad}}));

INSTANTIATE_TEST_SUITE_P(
    Loopback, Doctor,
    testing::Values(
        Situation{"without exclusive_caps, before 0.13",
                  [](Machine& m) { m.make_old(), m.loopback().loopback->exclusive_caps = false; },
                  "loopback",
                  "/dev/video20 (ViBa) was made without exclusive_caps",
                  {kUnload, kLoad}},
        Situation{"without exclusive_caps, and in use",
                  [](Machine& m) {
                    m.make_old(), m.loopback().loopback->exclusive_caps = false;
                    m.loopback().holders = {{"cheese", 5}};
                  },
                  "loopback",
                  "without exclusive_caps",
                  {kUnload, kLoad},
                  "Close cheese (pid 5) first."},
        Situation{"without exclusive_caps, 0.13",
                  [](Machine& m) { m.loopback().loopback->exclusive_caps = false; },
                  "loopback",
                  "without exclusive_caps",
                  {kFix}},
        Situation{"fed by another program, before 0.13",
                  [](Machine& m) {
                    m.make_old(), m.loopback().loopback->fed = true, m.loopback().holders = {{"obs", 77}};
                  },
                  "loopback",
                  "/dev/video20 (ViBa) is fed by obs (pid 77)",
                  {},
                  "Close obs (pid 77)."},
        Situation{"fed by another program, 0.13",
                  [](Machine& m) {
                    m.loopback().loopback->fed = true, m.loopback().holders = {{"obs", 77}};
                  },
                  "loopback",
                  "is fed by obs (pid 77)",
                  {kFix},
                  "or make another device"},
        Situation{"fed by somebody else's program",
                  [](Machine& m) { m.loopback().loopback->fed = true; },
                  "loopback",
                  "is fed by another program",
                  {kFix}},
        Situation{"left behind stuck",
                  [](Machine& m) { m.make_old(), m.loopback().loopback->stuck = true; },
                  "loopback",
                  "/dev/video20 (ViBa) was left behind useless to other programs; ViBa mends it",
                  {},
                  "",
                  CheckState::kWarning},
        Situation{
            "loaded without a device", [](Machine& m) { m.devices.pop_back(); }, "loopback", "has no device", {kFix}}));

INSTANTIATE_TEST_SUITE_P(
    Devices, Doctor,
    testing::Values(Situation{"user not in the group",
                              [](Machine& m) {
                                m.write("/etc/group", "video:x:44:bob,joann\n"), denied_to(m, {false, 44, true});
                              },
                              "permissions",
                              "/dev/video0 may be opened by the group 'video' only, in which ann is not",
                              {"sudo usermod -aG video ann"},
                              "log out and in again"},
                    Situation{"user added but not logged in again",
                              [](Machine& m) {
                                denied_to(m, {false, 44, true});
                              },
                              "permissions",
                              "in which ann is since the last login",
                              {},
                              "Log out and in again"},
                    Situation{
                        "node of root alone",
                        [](Machine& m) {
                          denied_to(m, {false, 0, true});
                        },
                        "permissions",
                        "by root only",
                        {"sudo chgrp video /dev/video0", "sudo chmod 660 /dev/video0", "sudo usermod -aG video ann"}},
                    Situation{"no camera",
                              [](Machine& m) { m.devices.erase(m.devices.begin()); },
                              "camera",
                              "there is none",
                              {"viba devices"},
                              "Plug it in"},
                    Situation{"no camera of that name",
                              [](Machine& m) {
                                m.system.real_camera = "Brio";
                                m.system.find_camera = [](const std::string&) -> Result<std::string> {
                                  return fail(ErrorCode::kNotFound, "There is no camera called 'Brio'.");
                                };
                              },
                              "camera",
                              "There is no camera called 'Brio'.",
                              {"viba devices"}},
                    Situation{"not a camera",
                              [](Machine& m) { m.system.real_camera = "/dev/video20"; },
                              "camera",
                              "/dev/video20 is none.",
                              {"viba devices"}},
                    Situation{"camera busy",
                              [](Machine& m) {
                                m.camera().holders = {{"zoom", 99}};
                              },
                              "camera",
                              "/dev/video0 (HD Webcam) is in use by zoom (pid 99)",
                              {},
                              "Close it in zoom (pid 99)"}));

INSTANTIATE_TEST_SUITE_P(
    Engine, Doctor,
    testing::Values(Situation{"no runtime",
                              [](Machine& m) {
                                m.system.runtime = []() -> Result<std::string> {
                                  return fail(ErrorCode::kNotFound, "ONNX Runtime was not found; run ./scripts/run.");
                                };
                              },
                              "runtime",
                              "ONNX Runtime was not found; run ./scripts/run.",
                              {}},
                    Situation{"no model",
                              [](Machine& m) {
                                m.system.model = [] { return ModelState{"selfie", "", false, "Run ./scripts/run."}; };
                              },
                              "model",
                              "selfie is not here",
                              {},
                              "Run ./scripts/run."},
                    Situation{"a model that will be fetched",
                              [](Machine& m) { m.system.model = [] {
                                                 return ModelState{"bodypix", "", true, ""};
                                               }; },
                              "model",
                              "bodypix is not here",
                              {"viba models fetch bodypix"},
                              "",
                              CheckState::kWarning},
                    Situation{"no such model",
                              [](Machine& m) {
                                m.system.model = []() -> Result<ModelState> {
                                  return fail(ErrorCode::kNotFound, "There is no model x.");
                                };
                              },
                              "model",
                              "There is no model x.",
                              {}}));

TEST(WellMachine, IsToldSo) {
  Machine machine;
  const auto checks = examine(machine.system);
  EXPECT_THAT(ids_in(checks, CheckState::kFailed), IsEmpty());
  EXPECT_THAT(ids_in(checks, CheckState::kWarning), IsEmpty());
  EXPECT_TRUE(camera_would_be_seen(checks));
  EXPECT_EQ(check_of(checks, "loopback").finding, "/dev/video20 (ViBa) is free.");
  EXPECT_EQ(check_of(checks, "module-version").finding, "0.13.2.");
  for (const auto& check : checks) {
    EXPECT_FALSE(check.title.empty()) << check.id;
    EXPECT_TRUE(check.finding.ends_with('.')) << check.id << ": " << check.finding;
  }
}

TEST(WellMachine, StaysOneWhileViBaRuns) {
  Machine machine;
  machine.camera().holders = machine.loopback().holders = {{"viba", 7}};
  machine.loopback().loopback->fed = true;
  const auto checks = examine(machine.system);
  EXPECT_TRUE(camera_would_be_seen(checks));
  EXPECT_THAT(check_of(checks, "loopback").finding, HasSubstr("call programs see it now"));
  EXPECT_THAT(check_of(checks, "camera").finding, HasSubstr("in use by ViBa"));
}

TEST(WellMachine, ASecondLoopbackMakesUpForABadOne) {
  Machine machine;
  machine.loopback().loopback->exclusive_caps = false;
  machine.devices.push_back(made_device(DeviceKind::kLoopback, "/dev/video21", "ViBa"));
  const Check check = check_of(examine(machine.system), "loopback");
  EXPECT_EQ(check.finding, "/dev/video21 (ViBa) is free.");
  EXPECT_THAT(check.commands, ElementsAre("viba --fake-cam-device /dev/video21"));
}

TEST(NamedCamera, IsTheOneThatIsLookedAt) {
  Machine machine;
  machine.camera().holders = {{"zoom", 99}};
  machine.devices.push_back(made_device(DeviceKind::kCamera, "/dev/video2", "Brio"));
  EXPECT_EQ(check_of(examine(machine.system), "camera").finding, "/dev/video2 (Brio) is free.");
  machine.system.real_camera = "/dev/video0";
  EXPECT_EQ(check_of(examine(machine.system), "camera").state, CheckState::kFailed);
  machine.system.real_camera = "sample";
  EXPECT_EQ(check_of(examine(machine.system), "camera").state, CheckState::kGood);
}

TEST(OldModule, IsDescribedByItsSources) {
  Machine machine;
  machine.make_old();
  const Check check = check_of(examine(machine.system), "module-version");
  EXPECT_EQ(check.state, CheckState::kInformation);
  EXPECT_THAT(check.finding, HasSubstr("0.12.7: devices cannot be added"));
}

TEST(CallPrograms, AreSpokenOfOnlyWhenTheyAreThere) {
  Machine machine;
  EXPECT_EQ(check_of(examine(machine.system), "zoom").id, "");
  machine.write("/usr/bin/zoom", "");
  machine.write("/usr/bin/firefox", "");
  machine.write("/snap/firefox/current/x", "");
  machine.write("/snap/zoom-client/current/x", "");
  machine.write("/var/lib/flatpak/app/us.zoom.Zoom/current/active/metadata", "[Context]\ndevices=dri;\n");
  machine.write("/var/lib/flatpak/app/org.mozilla.firefox/current/active/metadata", "[Context]\ndevices=dri;all;\n");
  const auto checks = examine(machine.system);
  EXPECT_EQ(check_of(checks, "firefox").id, "") << "it is only the script that starts the snap";
  EXPECT_THAT(check_of(checks, "firefox-snap").commands, ElementsAre("sudo snap connect firefox:camera"));
  EXPECT_THAT(check_of(checks, "zoom-snap").commands, ElementsAre("sudo snap connect zoom-client:camera"));
  EXPECT_EQ(check_of(checks, "zoom-flatpak").state, CheckState::kWarning);
  EXPECT_THAT(check_of(checks, "zoom-flatpak").commands,
              ElementsAre("sudo flatpak override --device=all us.zoom.Zoom"));
  EXPECT_EQ(check_of(checks, "firefox-flatpak").state, CheckState::kInformation);
  machine.write("/var/lib/flatpak/overrides/us.zoom.Zoom", "[Context]\ndevices=all;\n");
  EXPECT_EQ(check_of(examine(machine.system), "zoom-flatpak").state, CheckState::kInformation);
}

TEST(PipeWire, IsNotNeeded) {
  Machine machine;
  EXPECT_EQ(check_of(examine(machine.system), "pipewire").state, CheckState::kNotApplicable);
  EXPECT_EQ(check_of(examine(machine.system), "camera-portal").state, CheckState::kNotApplicable);
  machine.session = fail(ErrorCode::kUnsupported, "This ViBa was built without PipeWire.");
  const Check check = check_of(examine(machine.system), "pipewire");
  EXPECT_EQ(check.state, CheckState::kInformation);
  EXPECT_THAT(check.finding, HasSubstr("built without it"));
  machine.session = fail(ErrorCode::kIo, "PipeWire does not answer.");
  EXPECT_EQ(check_of(examine(machine.system), "pipewire").state, CheckState::kWarning);
}

TEST(PipeWire, NeedsASessionManagerAndAPortal) {
  Machine machine;
  machine.session = PipewireSession{};
  EXPECT_THAT(check_of(examine(machine.system), "pipewire").commands,
              ElementsAre("systemctl --user start wireplumber"));
  EXPECT_EQ(check_of(examine(machine.system), "camera-portal").state, CheckState::kNotApplicable);
  machine.session->managed = true;
  EXPECT_EQ(check_of(examine(machine.system), "pipewire").state, CheckState::kGood);
  EXPECT_THAT(check_of(examine(machine.system), "camera-portal").advice, HasSubstr("Install xdg-desktop-portal"));
  machine.portal = {CameraPortalState::Presence::kStartable, {{"org.mozilla.firefox", false}, {"", true}}};
  const Check denied = check_of(examine(machine.system), "camera-portal");
  EXPECT_EQ(denied.state, CheckState::kWarning);
  EXPECT_THAT(denied.finding, HasSubstr("org.mozilla.firefox may not"));
  EXPECT_THAT(denied.finding, HasSubstr("Programs outside of sandboxes may."));
  EXPECT_THAT(denied.commands, ElementsAre(HasSubstr("DeletePermission sss devices camera 'org.mozilla.firefox'")));
  machine.portal.permissions.clear();
  EXPECT_EQ(check_of(examine(machine.system), "camera-portal").state, CheckState::kGood);
  machine.session->cameras = {{.name = std::string(kPublishedNode)}};
  EXPECT_THAT(check_of(examine(machine.system), "pipewire").finding, HasSubstr("see ViBa's now"));
}

TEST(PipeWire, MakesUpForAMissingModule) {
  Machine machine;
  machine.unload();
  EXPECT_FALSE(camera_would_be_seen(examine(machine.system)));
  machine.session = PipewireSession{true, {}};
  const auto checks = examine(machine.system);
  EXPECT_TRUE(camera_would_be_seen(checks));
  EXPECT_EQ(check_of(checks, "module-loaded").state, CheckState::kWarning);
  EXPECT_THAT(check_of(checks, "module-loaded").finding, HasSubstr("Zoom"));
  machine.session->managed = false;
  EXPECT_FALSE(camera_would_be_seen(examine(machine.system)));
}

TEST(PipeWire, MayBeTheOnlyWayToACamera) {
  Machine machine;
  machine.devices.erase(machine.devices.begin());
  machine.session = PipewireSession{true,
                                    {{.name = std::string(kPublishedNode), .description = "ViBa"},
                                     {.description = "HD Webcam", .path = "v4l2:/dev/video0"}}};
  EXPECT_EQ(check_of(examine(machine.system), "camera").state, CheckState::kFailed) << "neither is one";
  machine.session->cameras.push_back({.description = "Front Camera", .path = "libcamera:0"});
  EXPECT_EQ(check_of(examine(machine.system), "camera").finding, "Front Camera is in the PipeWire session.");
  machine.system.real_camera = "pipewire:front";
  machine.system.find_camera = [](const std::string&) { return "Front Camera (PipeWire 45)"; };
  EXPECT_EQ(check_of(examine(machine.system), "camera").finding, "Front Camera (PipeWire 45) is there.");
}

TEST(PipeWire, IsSeenByProgramsInTheirOwnWays) {
  Machine machine;
  machine.write("/usr/bin/firefox", "");
  machine.write("/usr/bin/chromium", "");
  machine.write("/usr/bin/snapshot", "");
  EXPECT_EQ(check_of(examine(machine.system), "firefox").advice, "") << "without PipeWire there is nothing to say";
  machine.session = PipewireSession{true, {}};
  const auto checks = examine(machine.system);
  EXPECT_THAT(check_of(checks, "firefox").advice, HasSubstr("media.webrtc.camera.allow-pipewire"));
  EXPECT_THAT(check_of(checks, "chrome").advice, HasSubstr("chrome://flags/#enable-webrtc-pipewire-camera"));
  EXPECT_THAT(check_of(checks, "snapshot").finding, HasSubstr("PipeWire only"));
}

TEST(Distribution, IsTakenFromIdAndThenFromWhatItIsLike) {
  Machine machine;
  for (const auto& [text, tool] : std::vector<std::pair<std::string, PackageTool>>{
           {"ID=ubuntu\nID_LIKE=debian\n", PackageTool::kApt},
           {"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", PackageTool::kApt},
           {"ID=\"rocky\"\nID_LIKE='rhel centos fedora'\n", PackageTool::kDnf},
           {"ID=cachyos\nID_LIKE=arch\n", PackageTool::kPacman},
           {"ID=gentoo\n", PackageTool::kUnknown},
           {"VERSION_ID=fedora\n", PackageTool::kUnknown}}) {
    machine.write("/etc/os-release", text);
    EXPECT_EQ(package_tool(machine.system), tool) << text;
  }
  machine.remove("/etc/os-release");
  machine.write("/usr/lib/os-release", "ID=arch\n");
  EXPECT_EQ(package_tool(machine.system), PackageTool::kPacman);
}

}  // namespace
}  // namespace viba
