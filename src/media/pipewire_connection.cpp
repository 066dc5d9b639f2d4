#include "media/pipewire_connection.h"

#include <pipewire/pipewire.h>

namespace viba {
namespace {

constexpr int kPatience = 2;  // seconds

struct Destroy {
  void operator()(pw_loop* loop) const { pw_loop_destroy(loop); }
  void operator()(pw_thread_loop* loop) const { pw_thread_loop_destroy(loop); }
  void operator()(pw_context* context) const { pw_context_destroy(context); }
  void operator()(pw_core* core) const { pw_core_disconnect(core); }
};

template <class T>
using Owned = std::unique_ptr<T, Destroy>;

/// Once a process; what it sets up is PipeWire's own, and other users of it in this process may go on with it.
void initialize() {
  static const bool done = [] {
    pw_init(nullptr, nullptr);
    return true;
  }();
  (void)done;
}

Error unreachable() {
  return {ErrorCode::kNotFound,
          "PipeWire does not run for this user: start it with `systemctl --user start pipewire wireplumber`, or name "
          "another device."};
}

}  // namespace

class PipewireConnection::Impl {
 public:
  explicit Impl(std::function<void()> lost) : lost_(std::move(lost)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (loop_) pw_thread_loop_stop(loop_.get());
    if (core_) spa_hook_remove(&listener_);
  }

  [[nodiscard]] bool open(Fd remote);
  [[nodiscard]] pw_thread_loop* loop() const { return loop_.get(); }
  [[nodiscard]] pw_core* core() const { return core_.get(); }
  [[nodiscard]] bool sync();

 private:
  static void on_done(void* self, std::uint32_t object, int sequence);
  static void on_error(void* self, std::uint32_t object, int sequence, int result, const char* text);
  static const pw_core_events kEvents;

  std::function<void()> lost_;
  Owned<pw_thread_loop> loop_;
  Owned<pw_context> context_;
  Owned<pw_core> core_;
  spa_hook listener_{};
  bool gone_ = false;
  int done_ = -1;  ///< the last question that was answered
};

const pw_core_events PipewireConnection::Impl::kEvents = [] {
  pw_core_events events{};
  events.version = PW_VERSION_CORE_EVENTS;
  events.done = on_done;
  events.error = on_error;
  return events;
}();

void PipewireConnection::Impl::on_done(void* self, std::uint32_t object, int sequence) {
  auto& impl = *static_cast<Impl*>(self);
  if (object != PW_ID_CORE) return;
  impl.done_ = sequence;
  pw_thread_loop_signal(impl.loop(), false);
}

void PipewireConnection::Impl::on_error(void* self, std::uint32_t object, int /*sequence*/, int result,
                                        const char* /*text*/) {
  auto& impl = *static_cast<Impl*>(self);
  if (object != PW_ID_CORE || result != -EPIPE || impl.gone_) return;
  impl.gone_ = true;
  pw_thread_loop_signal(impl.loop(), false);
  if (impl.lost_) impl.lost_();
}

bool PipewireConnection::Impl::open(Fd remote) {
  initialize();
  loop_.reset(pw_thread_loop_new("viba-pipewire", nullptr));
  if (!loop_) return false;
  context_.reset(
      pw_context_new(pw_thread_loop_get_loop(loop()), pw_properties_new(PW_KEY_APP_NAME, "ViBa", nullptr), 0));
  if (!context_) return false;
  core_.reset(remote.get() < 0 ? pw_context_connect(context_.get(), nullptr, 0)
                               : pw_context_connect_fd(context_.get(), remote.release(), nullptr, 0));
  if (!core_) return false;
  pw_core_add_listener(core(), &listener_, &kEvents, this);
  return pw_thread_loop_start(loop()) == 0 && sync();
}

bool PipewireConnection::Impl::sync() {
  pw_thread_loop_lock(loop());
  const int question = pw_core_sync(core(), PW_ID_CORE, 0);
  timespec end{};
  pw_thread_loop_get_time(loop(), &end, kPatience * SPA_NSEC_PER_SEC);
  // Answers come in order, so that one is enough for all that was asked before.
  while (!gone_ && done_ != question && pw_thread_loop_timed_wait_full(loop(), &end) == 0) continue;
  const bool answered = !gone_ && done_ == question;
  pw_thread_loop_unlock(loop());
  return answered;
}

PipewireConnection::PipewireConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PipewireConnection::~PipewireConnection() = default;

Result<Fd> PipewireConnection::connect() {
  initialize();
  const Owned<pw_loop> loop(pw_loop_new(nullptr));
  const Owned<pw_context> context(loop ? pw_context_new(loop.get(), nullptr, 0) : nullptr);
  const Owned<pw_core> core(context ? pw_context_connect(context.get(), nullptr, 0) : nullptr);
  Fd socket(core ? pw_core_steal_fd(core.get()) : -1);
  if (socket.get() < 0) return tl::unexpected(unreachable());
  return socket;
}

Result<std::unique_ptr<PipewireConnection>> PipewireConnection::open(std::function<void()> lost, Fd remote) {
  auto impl = std::make_unique<Impl>(std::move(lost));
  if (!impl->open(std::move(remote))) return tl::unexpected(unreachable());
  return std::unique_ptr<PipewireConnection>(new PipewireConnection(std::move(impl)));
}

pw_thread_loop* PipewireConnection::loop() const { return impl_->loop(); }
pw_core* PipewireConnection::core() const { return impl_->core(); }

Result<void> PipewireConnection::sync() {
  if (impl_->sync()) return {};
  return fail(ErrorCode::kIo, "PipeWire does not answer: look after it with `systemctl --user status pipewire`.");
}

PipewireConnection::Lock::Lock(const PipewireConnection& connection) : loop_(connection.loop()) {
  pw_thread_loop_lock(loop_);
}
PipewireConnection::Lock::~Lock() { pw_thread_loop_unlock(loop_); }

}  // namespace viba
