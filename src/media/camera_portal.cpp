#include "media/camera_portal.h"

#include <filesystem>

#if VIBA_WITH_PIPEWIRE
#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <systemd/sd-bus.h>
#endif

namespace viba {
namespace {
constexpr const char* kSandboxInfo = "/.flatpak-info";
}

bool needs_camera_portal() {
  std::error_code error;
  return std::filesystem::exists(kSandboxInfo, error);
}

#if VIBA_WITH_PIPEWIRE
namespace {

constexpr const char* kPortal = "org.freedesktop.portal.Desktop";
constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kCamera = "org.freedesktop.portal.Camera";
constexpr const char* kRequest = "org.freedesktop.portal.Request";
constexpr const char* kStore = "org.freedesktop.impl.portal.PermissionStore";
constexpr const char* kStorePath = "/org/freedesktop/impl/portal/PermissionStore";
constexpr const char* kBus = "org.freedesktop.DBus";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr std::uint64_t kPatience = 500'000;       // microseconds
constexpr std::uint64_t kPortalStart = 5'000'000;  // that the bus may take to start a portal

struct Release {
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
};

using Bus = std::unique_ptr<sd_bus, Release>;
using Message = std::unique_ptr<sd_bus_message, Release>;
using Slot = std::unique_ptr<sd_bus_slot, Release>;

Bus session_bus() {
  sd_bus* bus = nullptr;
  if (sd_bus_open_user(&bus) < 0) return nullptr;
  return Bus(bus);
}

struct Method {
  const char* destination;
  const char* path;
  const char* interface;
  const char* member;
};

Message new_call(sd_bus* bus, const Method& method) {
  sd_bus_message* message = nullptr;
  (void)sd_bus_message_new_method_call(bus, &message, method.destination, method.path, method.interface, method.member);
  return Message(message);
}

/// Nothing when it fails.
Message answer_to(sd_bus* bus, sd_bus_message* call, std::uint64_t patience) {
  sd_bus_message* answer = nullptr;
  return sd_bus_call(bus, call, patience, nullptr, &answer) < 0 ? nullptr : Message(answer);
}

bool runs(sd_bus* bus, const char* name) {
  const auto call = new_call(bus, {kBus, "/org/freedesktop/DBus", kBus, "NameHasOwner"});
  if (!call || sd_bus_message_append(call.get(), "s", name) < 0) return false;
  const auto answer = answer_to(bus, call.get(), kPatience);
  int owned = 0;
  return answer && sd_bus_message_read(answer.get(), "b", &owned) >= 0 && owned != 0;
}

bool can_be_started(sd_bus* bus, const char* name) {
  const auto call = new_call(bus, {kBus, "/org/freedesktop/DBus", kBus, "ListActivatableNames"});
  const auto answer = call ? answer_to(bus, call.get(), kPatience) : nullptr;
  if (!answer || sd_bus_message_enter_container(answer.get(), 'a', "s") < 0) return false;
  for (const char* found = nullptr; sd_bus_message_read(answer.get(), "s", &found) > 0;)
    if (std::string_view(found) == name) return true;
  return false;
}

/// A portal has this interface only where the desktop has all that it needs.
bool has_cameras(sd_bus* bus) {
  const auto call = new_call(bus, {kPortal, kPath, kProperties, "Get"});
  if (!call || sd_bus_message_append(call.get(), "ss", kCamera, "version") < 0) return false;
  (void)sd_bus_message_set_auto_start(call.get(), 0);
  return answer_to(bus, call.get(), kPatience) != nullptr;
}

CameraPortalState::Presence presence_on(sd_bus* bus) {
  using Presence = CameraPortalState::Presence;
  if (runs(bus, kPortal)) return has_cameras(bus) ? Presence::kRunning : Presence::kMissing;
  return can_be_started(bus, kPortal) ? Presence::kStartable : Presence::kMissing;
}

/// Of one program: the words that the store keeps for it.
std::optional<bool> read_verdict(sd_bus_message* answer) {
  std::optional<bool> verdict;
  if (sd_bus_message_enter_container(answer, 'a', "s") < 0) return {};
  for (const char* word = nullptr; sd_bus_message_read(answer, "s", &word) > 0;) {
    if (std::string_view(word) == "yes") verdict = true;
    if (std::string_view(word) == "no") verdict = false;
  }
  (void)sd_bus_message_exit_container(answer);
  return verdict;
}

std::map<std::string, bool> permissions_on(sd_bus* bus) {
  std::map<std::string, bool> permissions;
  const auto call = new_call(bus, {kStore, kStorePath, kStore, "Lookup"});
  if (!call || sd_bus_message_append(call.get(), "ss", "devices", "camera") < 0) return permissions;
  const auto answer = answer_to(bus, call.get(), kPatience);
  if (!answer || sd_bus_message_enter_container(answer.get(), 'a', "{sas}") < 0) return permissions;
  while (sd_bus_message_enter_container(answer.get(), 'e', "sas") > 0) {
    const char* application = nullptr;
    if (sd_bus_message_read(answer.get(), "s", &application) < 0) break;
    const std::string name = application;
    if (const auto verdict = read_verdict(answer.get())) permissions[name] = *verdict;
    if (sd_bus_message_exit_container(answer.get()) < 0) break;
  }
  return permissions;
}

Error missing() {
  return {
      ErrorCode::kNotFound,
      "No camera portal is on the session bus: install xdg-desktop-portal with the backend of your desktop, and log "
      "in again."};
}

Error failed() {
  return {ErrorCode::kIo,
          "The camera portal does not answer as it should: look after it with `systemctl --user status "
          "xdg-desktop-portal`."};
}

/// By which the permission store knows this program.
std::string application_id() {
  constexpr std::string_view kName = "name=";
  std::ifstream info(kSandboxInfo);
  for (std::string line; std::getline(info, line);)
    if (line.starts_with(kName)) return line.substr(kName.size());
  return "\"\"";
}

Error denied() {
  return {
      ErrorCode::kPermission,
      "The desktop does not let ViBa have a camera: allow it in the settings under Privacy, Camera, or with `flatpak "
      "permission-set devices camera " +
          application_id() + " yes`, and start ViBa again."};
}

/// One question to the portal, whose answer comes as a signal of its own.
class Question {
 public:
  explicit Question(sd_bus* bus) : bus_(bus), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  enum class Answer { kYes, kNo, kFailed, kMissing, kStopped };
  [[nodiscard]] Answer ask(const std::stop_token& stop);

 private:
  [[nodiscard]] bool listen();
  [[nodiscard]] bool send();
  [[nodiscard]] bool wait();
  void withdraw();
  static int on_accepted(sd_bus_message* message, void* self, sd_bus_error* error);
  static int on_answer(sd_bus_message* message, void* self, sd_bus_error* error);
  static int on_owner(sd_bus_message* message, void* self, sd_bus_error* error);

  static constexpr const char* kToken = "viba";

  sd_bus* bus_;
  Fd wake_;
  std::string request_;
  Slot answer_slot_, owner_slot_, call_slot_;
  std::optional<Answer> answer_;
};

int Question::on_accepted(sd_bus_message* message, void* self, sd_bus_error*) {
  auto& question = *static_cast<Question*>(self);
  const sd_bus_error* error = sd_bus_message_get_error(message);
  if (error == nullptr) return 0;
  const bool absent = sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
                      sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
                      sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_INTERFACE) ||
                      sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD);
  const bool refused = sd_bus_error_has_name(error, "org.freedesktop.portal.Error.NotAllowed") ||
                       sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED);
  question.answer_ = absent ? Answer::kMissing : refused ? Answer::kNo : Answer::kFailed;
  return 0;
}

int Question::on_answer(sd_bus_message* message, void* self, sd_bus_error*) {
  // Of the portal's Request interface: 1 is the user's no, and 2 any other end.
  std::uint32_t response = 2;
  (void)sd_bus_message_read(message, "u", &response);
  static_cast<Question*>(self)->answer_ = response == 0 ? Answer::kYes : response == 1 ? Answer::kNo : Answer::kFailed;
  return 0;
}

int Question::on_owner(sd_bus_message* message, void* self, sd_bus_error*) {
  const char* name = nullptr;
  const char* before = nullptr;
  const char* after = nullptr;
  if (sd_bus_message_read(message, "sss", &name, &before, &after) < 0) return 0;
  if (std::string_view(name) == kPortal && *before != 0 && *after == 0)
    static_cast<Question*>(self)->answer_ = Answer::kFailed;
  return 0;
}

bool Question::listen() {
  const char* name = nullptr;
  if (sd_bus_get_unique_name(bus_, &name) < 0) return false;
  request_ = std::string(kPath) + "/request/";
  for (const char* c = name + 1; *c != 0; ++c) request_ += *c == '.' ? '_' : *c;
  request_ += std::string("/") + kToken;
  sd_bus_slot* answer = nullptr;
  sd_bus_slot* owner = nullptr;
  const bool listening =
      sd_bus_match_signal(bus_, &answer, kPortal, request_.c_str(), kRequest, "Response", on_answer, this) >= 0 &&
      sd_bus_match_signal(bus_, &owner, kBus, nullptr, kBus, "NameOwnerChanged", on_owner, this) >= 0;
  answer_slot_.reset(answer);
  owner_slot_.reset(owner);
  return listening;
}

bool Question::send() {
  const auto call = new_call(bus_, {kPortal, kPath, kCamera, "AccessCamera"});
  if (!call || sd_bus_message_append(call.get(), "a{sv}", 1, "handle_token", "s", kToken) < 0) return false;
  sd_bus_slot* slot = nullptr;
  const bool sent = sd_bus_call_async(bus_, &slot, call.get(), on_accepted, this, 0) >= 0;
  call_slot_.reset(slot);
  return sent;
}

/// Until the bus has something to do, or a stop is asked for.
bool Question::wait() {
  std::uint64_t until = 0;
  const int events = sd_bus_get_events(bus_);
  if (events < 0 || sd_bus_get_timeout(bus_, &until) < 0) return false;
  std::array<pollfd, 2> waited{pollfd{sd_bus_get_fd(bus_), short(events), 0}, pollfd{wake_.get(), POLLIN, 0}};
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto at = std::uint64_t(now.tv_sec) * 1'000'000 + std::uint64_t(now.tv_nsec) / 1000;
  const int milliseconds = until == UINT64_MAX ? -1 : until <= at ? 0 : int((until - at) / 1000 + 1);
  return poll(waited.data(), waited.size(), milliseconds) >= 0 || errno == EINTR;
}

/// A dialog that nobody waits for is taken away.
void Question::withdraw() {
  const auto call = new_call(bus_, {kPortal, request_.c_str(), kRequest, "Close"});
  if (!call) return;
  (void)sd_bus_message_set_expect_reply(call.get(), 0);
  (void)sd_bus_send(bus_, call.get(), nullptr);
  (void)sd_bus_flush(bus_);
}

Question::Answer Question::ask(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_.get(), 1); });
  if (wake_.get() < 0 || !listen() || !send()) return Answer::kFailed;
  while (!answer_) {
    if (stop.stop_requested()) {
      withdraw();
      return Answer::kStopped;
    }
    const int processed = sd_bus_process(bus_, nullptr);
    if (processed < 0 || (processed == 0 && !wait())) return Answer::kFailed;
  }
  return *answer_;
}

std::optional<Fd> open_remote(sd_bus* bus) {
  const auto call = new_call(bus, {kPortal, kPath, kCamera, "OpenPipeWireRemote"});
  if (!call || sd_bus_message_append(call.get(), "a{sv}", 0) < 0) return {};
  const auto answer = answer_to(bus, call.get(), kPortalStart);
  int remote = -1;
  if (!answer || sd_bus_message_read(answer.get(), "h", &remote) < 0) return {};
  Fd kept(fcntl(remote, F_DUPFD_CLOEXEC, 3));
  if (kept.get() < 0) return {};
  return kept;
}

}  // namespace

CameraPortalState camera_portal_state() {
  const auto bus = session_bus();
  if (!bus) return {};
  return {presence_on(bus.get()), permissions_on(bus.get())};
}

Result<std::optional<Fd>> CameraPortal::open(const std::stop_token& stop) {
  if (denied_) return tl::unexpected(*denied_);
  const auto bus = session_bus();
  if (!bus) return tl::unexpected(missing());
  if (!granted_) {
    using Answer = Question::Answer;
    switch (Question(bus.get()).ask(stop)) {
      case Answer::kYes: granted_ = true; break;
      case Answer::kNo: return tl::unexpected(denied_.emplace(denied()));
      case Answer::kMissing: return tl::unexpected(missing());
      case Answer::kFailed: return tl::unexpected(failed());
      case Answer::kStopped: return std::optional<Fd>{};
    }
  }
  if (auto remote = open_remote(bus.get())) return remote;
  granted_ = false;  // it may have been taken away meanwhile
  return tl::unexpected(failed());
}

#else

CameraPortalState camera_portal_state() { return {}; }

Result<std::optional<Fd>> CameraPortal::open(const std::stop_token&) {
  return fail(ErrorCode::kUnsupported, "This ViBa was built without PipeWire, which the camera portal leads to.");
}

#endif

}  // namespace viba
