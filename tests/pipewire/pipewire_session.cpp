#include "pipewire/pipewire_session.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <systemd/sd-bus.h>

#include "media/pipewire_node.h"

namespace viba::pipewire_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

/// Of a daemon that only D-Bus starts, so that it is not on PATH; empty when it is not installed.
std::string find_service(const std::string& program) {
  for (const std::string folder : {"/usr/libexec/", "/usr/lib/", "/usr/lib/xdg-desktop-portal/"})
    if (access((folder + program).c_str(), X_OK) == 0) return folder + program;
  return {};
}

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;

Bus open_bus() {
  sd_bus* bus = nullptr;
  sd_bus_open_user(&bus);
  return {bus, &sd_bus_flush_close_unref};
}

bool has_owner(sd_bus* bus, const std::string& name) {
  sd_bus_message* reply = nullptr;
  int owned = 0;
  if (sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                         nullptr, &reply, "s", name.c_str()) >= 0)
    sd_bus_message_read(reply, "b", &owned);
  sd_bus_message_unref(reply);
  return owned != 0;
}

/// Whether it comes true in time, for what tells nobody when it does.
bool comes_true(const std::function<bool()>& condition, const Process& daemon) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    if (daemon.ended_within(10ms)) return false;
  }
  return false;
}

bool listens(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(connection);
  return connected;
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

/// The daemons may die a moment later, and the document portal's file system is mounted in the folder.
constexpr auto kRemoveLater = R"(cat
for try in 1 2 3 4 5 6 7 8 9 10; do
  fusermount3 -uz "$1/doc" || fusermount -uz "$1/doc"
  rm -rf -- "$1" && break
  sleep 0.1
done)";

/// Removes the folder when this process ends, without being its child, which some test drivers would kill as well.
/// Returns what to close to have it do so.
int start_keeper(const std::string& folder) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    const int nothing = open("/dev/null", O_WRONLY);
    dup2(ends[0], STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    execl("/bin/sh", "sh", "-c", kRemoveLater, "sh", folder.c_str(), nullptr);
    _exit(127);
  }
  waitpid(child, nullptr, 0);
  close(ends[0]);
  return ends[1];
}

struct Service {
  std::string program;
  std::string bus_name;
};

/// In the order in which they need one another.
const std::array<Service, 4> kPortal{{{"xdg-permission-store", "org.freedesktop.impl.portal.PermissionStore"},
                                      {"xdg-document-portal", "org.freedesktop.portal.Documents"},
                                      {"xdg-desktop-portal-gtk", "org.freedesktop.impl.portal.desktop.gtk"},
                                      {"xdg-desktop-portal", "org.freedesktop.portal.Desktop"}}};

/// No service of the machine is started on demand.
constexpr auto kBusSettings =
    R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)";

/// WirePlumber to 0.4 and from 0.5: the machine's own cameras stay shut.
constexpr auto kManagerSettings04 = R"(alsa_monitor.enabled = false
v4l2_monitor.enabled = false
libcamera_monitor.enabled = false
)";
constexpr auto kBluetoothSettings04 = "bluez_monitor.enabled = false\n";
constexpr auto kManagerSettings05 = R"(wireplumber.profiles = {
  main = {
    hardware.audio = disabled
    hardware.bluetooth = disabled
    hardware.video-capture = disabled
  }
}
)";

}  // namespace

PipewireSession::~PipewireSession() {
  while (!portal_.empty()) {
    portal_.back()->stop();
    portal_.pop_back();
  }
  kill_pipewire();
  dbus_.reset();
  if (keeper_ < 0) return;
  std::error_code error;
  fs::remove_all(folder_, error);
  close(keeper_);
}

std::string PipewireSession::missing() {
  for (const std::string program : {"pipewire", "wireplumber", "dbus-daemon"})
    if (!is_installed(program)) return program + " is not installed";
  return {};
}

std::string PipewireSession::missing_for_portal() {
  if (!is_installed("Xvfb")) return "Xvfb is not installed";
  for (const auto& service : kPortal)
    if (find_service(service.program).empty()) return service.program + " is not installed";
  return missing();
}

Result<void> PipewireSession::start() {
  if (auto made = make_folder(); !made) return made;
  set_environment();
  if (auto started = start_dbus(); !started) return started;
  return start_pipewire();
}

Result<void> PipewireSession::make_folder() {
  std::string folder = "/tmp/viba-XXXXXX";  // not in TMPDIR: sockets' paths have to be short
  if (mkdtemp(folder.data()) == nullptr) return fail(ErrorCode::kIo, "No folder can be made in /tmp.");
  folder_ = folder;
  keeper_ = start_keeper(folder);
  const fs::path settings = fs::path(folder) / "home/.config";
  write_file(fs::path(folder) / "bus.conf", fmt::format(kBusSettings, folder));
  write_file(settings / "wireplumber/main.lua.d/51-no-devices.lua", kManagerSettings04);
  write_file(settings / "wireplumber/bluetooth.lua.d/51-no-devices.lua", kBluetoothSettings04);
  write_file(settings / "xdg-desktop-portal/portals.conf", "[preferred]\ndefault=gtk\n");
  write_file(settings / "wireplumber/wireplumber.conf.d/no-devices.conf", kManagerSettings05);
  return {};
}

void PipewireSession::set_environment() const {
  const std::string home = folder_ + "/home";
  const auto set = [](const char* name, const std::string& value) { setenv(name, value.c_str(), 1); };
  set("XDG_RUNTIME_DIR", folder_);
  set("PIPEWIRE_RUNTIME_DIR", folder_);
  set("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder_ + "/bus");
  set("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + folder_ + "/no-system-bus");
  set("HOME", home);
  set("XDG_CONFIG_HOME", home + "/.config");
  set("XDG_STATE_HOME", home + "/.local/state");
  set("XDG_DATA_HOME", home + "/.local/share");
  set("XDG_CACHE_HOME", home + "/.cache");
  set("XDG_CURRENT_DESKTOP", "GNOME");
  for (const char* name : {"PIPEWIRE_REMOTE", "PIPEWIRE_CONFIG_DIR", "PIPEWIRE_CONFIG_NAME", "PIPEWIRE_CONFIG_PREFIX",
                           "WIREPLUMBER_CONFIG_DIR", "PULSE_SERVER", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"})
    unsetenv(name);
}

std::unique_ptr<Process> PipewireSession::run(const std::string& name, const std::vector<std::string>& command) const {
  return std::make_unique<Process>(command, folder_ + "/" + name + ".log");
}

Result<void> PipewireSession::start_dbus() {
  dbus_ = run("dbus", {"dbus-daemon", "--nofork", "--nopidfile", "--config-file=" + folder_ + "/bus.conf"});
  if (comes_true([&] { return listens(folder_ + "/bus"); }, *dbus_)) return {};
  return fail(ErrorCode::kIo, "dbus-daemon does not come up.\n" + logs());
}

Result<void> PipewireSession::start_pipewire() {
  pipewire_ = run("pipewire", {"pipewire"});
  if (!comes_true([&] { return listens(folder_ + "/pipewire-0"); }, *pipewire_))
    return fail(ErrorCode::kIo, "pipewire does not come up.\n" + logs());
  manager_ = run("wireplumber", {"wireplumber"});
  const auto managed = [] {
    const auto session = ask_pipewire();
    return session && session->managed;
  };
  if (!comes_true(managed, *manager_)) return fail(ErrorCode::kIo, "wireplumber does not come up.\n" + logs());
  return {};
}

void PipewireSession::kill_pipewire() {
  pipewire_.reset();
  manager_.reset();
}

Result<void> PipewireSession::restart_pipewire() {
  kill_pipewire();
  return start_pipewire();
}

Result<void> PipewireSession::start_portal(bool granted) {
  if (auto started = start_display(); !started) return started;
  for (const auto& service : kPortal) {
    if (auto started = start_service(service.program, service.bus_name); !started) return started;
    if (&service != &kPortal.front()) continue;
    if (auto set = set_permission(granted); !set) return set;
  }
  return {};
}

Result<void> PipewireSession::start_display() {
  auto display = std::make_unique<Process>(std::vector<std::string>{"Xvfb", "-displayfd", "1", "-nolisten", "tcp",
                                                                    "-noreset", "-screen", "0", "1920x1080x24"});
  std::optional<std::string> line;
  while ((line = display->next_line("")) && line->find_first_not_of("0123456789") != std::string::npos) continue;
  if (!line) return fail(ErrorCode::kIo, "Xvfb does not come up.");
  setenv("DISPLAY", (":" + *line).c_str(), 1);
  portal_.push_back(std::move(display));
  return {};
}

Result<void> PipewireSession::start_service(const std::string& program, const std::string& bus_name) {
  portal_.push_back(run(program, {find_service(program)}));
  const Bus bus = open_bus();
  if (comes_true([&] { return has_owner(bus.get(), bus_name); }, *portal_.back())) return {};
  return fail(ErrorCode::kIo, program + " does not come up.\n" + logs());
}

Result<void> PipewireSession::set_permission(bool granted) const {
  const Bus bus = open_bus();
  const int result = sd_bus_call_method(bus.get(), "org.freedesktop.impl.portal.PermissionStore",
                                        "/org/freedesktop/impl/portal/PermissionStore",
                                        "org.freedesktop.impl.portal.PermissionStore", "SetPermission", nullptr,
                                        nullptr, "sbssas", "devices", 1, "camera", "", 1, granted ? "yes" : "no");
  if (result >= 0) return {};
  return fail(ErrorCode::kIo, "The permission store does not answer.\n" + logs());
}

std::string PipewireSession::logs() const {
  std::ostringstream text;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (entry.path().extension() == ".log" && entry.file_size(error) > 0)
      text << "-- " << entry.path().filename().string() << '\n' << std::ifstream(entry.path()).rdbuf();
  return text.str();
}

void PipewireTest::SetUp() {
  if (const auto lack = PipewireSession::missing(); !lack.empty()) GTEST_SKIP() << lack;
  const auto started = session_.start();
  ASSERT_TRUE(started) << started.error().message;
}

void PipewireTest::TearDown() {
  if (HasFailure()) std::fputs(session_.logs().c_str(), stderr);
}

std::unique_ptr<Process> start_camera(const std::string& name, const std::vector<std::string>& more, int given) {
  std::vector<std::string> command{VIBA_BINARY_DIR "/tests/test_camera", name};
  command.insert(command.end(), more.begin(), more.end());
  auto camera = std::make_unique<Process>(command, Process::Input::kEmpty, given);
  EXPECT_TRUE(camera->next_line("ready")) << "the test camera does not come up";
  return camera;
}

std::unique_ptr<Process> start_viewer(const std::vector<std::string>& options) {
  std::vector<std::string> command{VIBA_BINARY_DIR "/tests/test_viewer"};
  command.insert(command.end(), options.begin(), options.end());
  return std::make_unique<Process>(command);
}

}  // namespace viba::pipewire_test
