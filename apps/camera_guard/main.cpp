/// viba-camera-guard NODE: stays beside a ViBa that publishes through PipeWire, and does one thing when that ends in
/// whatever way: it takes down the streams of those who watched. Session managers would link them to another camera at
/// once, which is the real one, with the room in it.
/// Descriptor 3 is the socket of ViBa's own connection: the server does not notice ViBa's end, and keeps the node,
/// until it is closed here, when nobody watches any more. Standard input, whose other end ViBa holds, tells of that
/// end. It ends with the node.

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <pipewire/pipewire.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr int kSocket = 3;
constexpr timespec kLastWait{5, 0};  ///< for the node to go

std::uint32_t number_of(const char* text) {
  std::uint32_t number = SPA_ID_INVALID;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
  return number;
}

class Guard {
 public:
  explicit Guard(std::uint32_t node) : node_(node) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard();

  /// Returns when there is nothing to guard any more; whether it could be done.
  [[nodiscard]] bool run();

 private:
  struct Link {
    std::uint32_t watcher = SPA_ID_INVALID;
    bool dismissed = false;  ///< the server was asked to take the watcher down
    bool gone = false;
  };

  static void on_global(void* self, std::uint32_t id, std::uint32_t permissions, const char* type,
                        std::uint32_t version, const spa_dict* properties);
  static void on_global_remove(void* self, std::uint32_t id);
  static void on_done(void* self, std::uint32_t object, int question);
  static void on_error(void* self, std::uint32_t object, int question, int result, const char* text);
  static void on_input(void* self, int fd, std::uint32_t mask);
  static void on_timeout(void* self, std::uint64_t times);

  [[nodiscard]] pw_loop* loop() const { return pw_main_loop_get_loop(loop_); }
  void ask() { question_ = pw_core_sync(core_, PW_ID_CORE, 0); }
  void settle();
  /// Whether there were any that it had not been asked of before.
  bool take_down_watchers();
  void let_node_go();

  std::uint32_t node_;
  bool node_is_there_ = false;
  bool node_has_gone_ = false;
  bool ready_ = false;  ///< and that was said
  bool viba_ended_ = false;
  bool holds_node_ = true;
  int question_ = -1;
  std::map<std::uint32_t, Link> links_;

  pw_main_loop* loop_ = nullptr;
  pw_context* context_ = nullptr;
  pw_core* core_ = nullptr;
  pw_registry* registry_ = nullptr;
  spa_source* input_ = nullptr;
  spa_hook core_listener_{};
  spa_hook registry_listener_{};
};

Guard::~Guard() {
  if (registry_ != nullptr) pw_proxy_destroy(reinterpret_cast<pw_proxy*>(registry_));
  if (core_ != nullptr) pw_core_disconnect(core_);
  if (context_ != nullptr) pw_context_destroy(context_);
  if (loop_ != nullptr) pw_main_loop_destroy(loop_);
}

void Guard::on_global(void* self, std::uint32_t id, std::uint32_t /*permissions*/, const char* type,
                      std::uint32_t /*version*/, const spa_dict* properties) {
  auto& guard = *static_cast<Guard*>(self);
  if (std::string_view(type) == PW_TYPE_INTERFACE_Node && id == guard.node_)
    guard.node_is_there_ = !guard.node_has_gone_;
  if (std::string_view(type) != PW_TYPE_INTERFACE_Link || properties == nullptr) return;
  if (number_of(spa_dict_lookup(properties, PW_KEY_LINK_OUTPUT_NODE)) != guard.node_) return;
  guard.links_[id] = {number_of(spa_dict_lookup(properties, PW_KEY_LINK_INPUT_NODE))};
}

void Guard::on_global_remove(void* self, std::uint32_t id) {
  auto& guard = *static_cast<Guard*>(self);
  if (id == guard.node_) {
    guard.node_is_there_ = false;
    guard.node_has_gone_ = true;  // another may get its number
    (void)guard.take_down_watchers();
    guard.ask();
    return;
  }
  std::erase_if(guard.links_, [id](const auto& entry) { return entry.second.watcher == id; });
  if (const auto link = guard.links_.find(id); link != guard.links_.end()) {
    // A node's links go just before it does. What else went together with them is known with the next answer.
    link->second.gone = true;
    guard.ask();
  }
}

void Guard::on_done(void* self, std::uint32_t object, int question) {
  auto& guard = *static_cast<Guard*>(self);
  if (object == PW_ID_CORE && question == guard.question_) guard.settle();
}

void Guard::settle() {
  if (!node_is_there_) {
    pw_main_loop_quit(loop_);
    return;
  }
  if (!std::exchange(ready_, true)) (void)send(STDIN_FILENO, "r", 1, MSG_NOSIGNAL);
  std::erase_if(links_, [](const auto& entry) { return entry.second.gone; });
  if (!viba_ended_ || !holds_node_) return;
  // Others may have come in the meantime.
  if (take_down_watchers())
    ask();
  else
    let_node_go();
}

bool Guard::take_down_watchers() {
  std::set<std::uint32_t> watchers;
  for (auto& [id, link] : links_)
    if (!std::exchange(link.dismissed, true)) watchers.insert(link.watcher);
  for (const std::uint32_t watcher : watchers) pw_registry_destroy(registry_, watcher);
  return !watchers.empty();
}

void Guard::let_node_go() {
  holds_node_ = false;
  close(kSocket);
  timespec wait = kLastWait;
  if (auto* timer = pw_loop_add_timer(loop(), on_timeout, this); timer != nullptr)
    pw_loop_update_timer(loop(), timer, &wait, nullptr, false);
}

void Guard::on_error(void* self, std::uint32_t object, int /*question*/, int result, const char* /*text*/) {
  if (object == PW_ID_CORE && result == -EPIPE) pw_main_loop_quit(static_cast<Guard*>(self)->loop_);
}

void Guard::on_input(void* self, int fd, std::uint32_t /*mask*/) {
  auto& guard = *static_cast<Guard*>(self);
  char byte = 0;
  if (read(fd, &byte, 1) > 0) return;
  pw_loop_destroy_source(guard.loop(), std::exchange(guard.input_, nullptr));
  guard.viba_ended_ = true;
  guard.ask();
}

void Guard::on_timeout(void* self, std::uint64_t /*times*/) { pw_main_loop_quit(static_cast<Guard*>(self)->loop_); }

bool Guard::run() {
  static const auto core_events = [] {
    pw_core_events events{};
    events.version = PW_VERSION_CORE_EVENTS;
    events.done = on_done;
    events.error = on_error;
    return events;
  }();
  static const auto registry_events = [] {
    pw_registry_events events{};
    events.version = PW_VERSION_REGISTRY_EVENTS;
    events.global = on_global;
    events.global_remove = on_global_remove;
    return events;
  }();
  loop_ = pw_main_loop_new(nullptr);
  context_ =
      loop_ == nullptr ? nullptr : pw_context_new(loop(), pw_properties_new(PW_KEY_APP_NAME, "ViBa", nullptr), 0);
  core_ = context_ == nullptr ? nullptr : pw_context_connect(context_, nullptr, 0);
  registry_ = core_ == nullptr ? nullptr : pw_core_get_registry(core_, PW_VERSION_REGISTRY, 0);
  if (registry_ == nullptr) return false;
  pw_core_add_listener(core_, &core_listener_, &core_events, this);
  pw_registry_add_listener(registry_, &registry_listener_, &registry_events, this);
  input_ = pw_loop_add_io(loop(), STDIN_FILENO, SPA_IO_IN | SPA_IO_HUP | SPA_IO_ERR, false, on_input, this);
  ask();  // ends at once where the node has already gone
  return input_ != nullptr && pw_main_loop_run(loop_) >= 0 && ready_;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2 || number_of(words[1]) == SPA_ID_INVALID || fcntl(kSocket, F_GETFD) < 0) return 2;
  // Who ends ViBa may mean all of its processes: this one has still to do its work then, and ends by itself.
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) std::signal(number, SIG_IGN);
  pw_init(nullptr, nullptr);
  return Guard(number_of(words[1])).run() ? 0 : 1;
}
