#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "doctor/checks.h"
#include "doctor/system.h"

namespace viba::test {

namespace fs = std::filesystem;

inline Device made_device(DeviceKind kind, const std::string& path, const std::string& name) {
  Device device;
  device.kind = kind;
  device.path = path;
  device.name = name;
  if (kind == DeviceKind::kLoopback) {
    device.loopback.emplace();
    device.loopback->exclusive_caps = true;
  }
  return device;
}

/// A machine on which all is well, to be spoilt. Its files lie in a folder that goes with it.
class Machine {
 public:
  Machine() {
    system.root = root_;
    system.kernel_release = "6.1.0-42-amd64";
    system.user = {1000, {1000, 44}};
    system.find_camera = [](const std::string& where) { return where; };
    system.devices = [this] { return devices; };
    system.rights = [](const std::string&) { return NodeRights{true, 44, true}; };
    system.runtime = [] { return "1.29.0, /usr/lib/libonnxruntime.so.1"; };
    system.gpu = []() -> Result<std::string> { return fail(ErrorCode::kUnsupported, "No GPU."); };
    system.model = [] { return ModelState{"selfie", "/usr/share/viba/models/selfie.tflite", false, ""}; };
    system.session = [this] { return session; };
    system.portal = [this] { return portal; };
    system.run = [this](const std::vector<std::string>& words) -> Result<void> {
      ran.push_back(words);
      return {};
    };
    system.add_loopback = [this](int number, const std::string& label) -> Result<void> {
      added.push_back(label + " " + std::to_string(number));
      return {};
    };
    devices = {made_device(DeviceKind::kCamera, "/dev/video0", "HD Webcam"),
               made_device(DeviceKind::kLoopback, "/dev/video20", "ViBa")};
    write("/etc/os-release", "PRETTY_NAME=\"Debian\"\nID=debian\n");
    write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
    write("/etc/group", "root:x:0:\nvideo:x:44:ann\nann:x:1000:\n");
    write("/etc/modprobe.d/any.conf", "# ours\noptions v4l2loopback video_nr=20 exclusive_caps=1\n");
    write("/etc/modules-load.d/any.conf", "v4l2loopback\n");
    write("/usr/src/v4l2loopback-0.12.7/dkms.conf", "");
    write(modules() + "/modules.dep", "");
    write(modules() + "/build/Makefile", "");
    write(modules() + "/updates/dkms/v4l2loopback.ko", "code~Module signature appended~\n");
    write("/sys/module/v4l2loopback/refcnt", "0\n");
    write("/sys/module/v4l2loopback/version", "0.13.2\n");
    write("/sys/class/misc/v4l2loopback/dev", "10:125\n");
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories(system.at(path).parent_path());
    std::ofstream(system.at(path), std::ios::binary) << text;
  }
  void remove(const std::string& path) { fs::remove_all(system.at(path)); }
  [[nodiscard]] std::string read(const std::string& path) const { return whole_text(system.at(path)); }
  [[nodiscard]] std::string modules() const { return "/lib/modules/" + system.kernel_release; }

  void unload() {
    remove("/sys/module");
    remove("/sys/class/misc");
    std::erase_if(devices, [](const Device& device) { return device.kind == DeviceKind::kLoopback; });
  }
  /// 0.12: neither version nor control device.
  void make_old() {
    remove("/sys/module/v4l2loopback/version");
    remove("/sys/class/misc");
  }
  void boot_securely() {
    write("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", std::string("\6\0\0\0\1", 5));
  }
  [[nodiscard]] Device& loopback() { return devices.back(); }
  [[nodiscard]] Device& camera() { return devices.front(); }

  System system;
  std::vector<Device> devices;
  Result<PipewireSession> session = fail(ErrorCode::kNotFound, "PipeWire does not run for this user.");
  CameraPortalState portal;
  std::vector<std::vector<std::string>> ran;
  std::vector<std::string> added;

 private:
  fs::path root_ = fs::path(testing::TempDir()) / ("viba_doctor_" + std::to_string(getpid()));
};

}  // namespace viba::test
