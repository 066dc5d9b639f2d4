#include "output/pipewire_sink.h"

#include "media/pipewire_node.h"

#if VIBA_WITH_PIPEWIRE

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fd.h"
#include "media/pipewire_connection.h"
#include "output/camera_guard.h"
#include "output/pipewire_stream.h"

namespace viba {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kBetweenTries = 500ms;

/// A consumer that sets itself up may seem to leave for some milliseconds.
constexpr auto kReallyGone = 150ms;

constexpr auto kNever = Clock::time_point::max();

/// A thread of its own keeps the camera published, and tells who watches.
class PipewireSink final : public Sink {
 public:
  PipewireSink(PipewireStream::Camera camera, Log log)
      : camera_(std::move(camera)), log_(std::move(log)), name_(fmt::format("PipeWire ({})", camera_.name)) {}
  PipewireSink(const PipewireSink&) = delete;
  PipewireSink& operator=(const PipewireSink&) = delete;
  ~PipewireSink() override;

  [[nodiscard]] Result<void> open();
  /// After `open`.
  void start() {
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
  }

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool live() const override { return true; }
  [[nodiscard]] Result<void> write(const SafeFrame& frame) override;
  void watch(const std::function<void(bool)>& tell) override;

 private:
  void set_watched(bool watched);
  void set_broken();
  void close();
  [[nodiscard]] std::optional<CameraGuard> start_guard(std::uint32_t node, int socket);
  void renew_guard();

  void keep(const std::stop_token& stop);
  void mend(const std::stop_token& stop);
  [[nodiscard]] Clock::time_point no_due() const;
  void say();

  PipewireStream::Camera camera_;
  Log log_;
  std::string name_;

  std::mutex telling_;  ///< held while `tell_` runs; taken before `mutex_`
  std::function<void(bool)> tell_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<CameraGuard> guard_;
  Fd socket_;  ///< of the connection, for every guard
  std::unique_ptr<PipewireConnection> connection_;
  std::unique_ptr<PipewireStream> stream_;  ///< null while there is no session
  SafeFrame newest_;
  bool broken_ = false;
  bool unguarded_ = false;  ///< and that was said
  bool guard_ended_ = false;
  int guards_ended_ = 0;
  bool watched_ = false;
  Clock::time_point left_;    ///< when `watched_` became false
  std::optional<bool> told_;  ///< nothing until somebody wants to be told

  std::jthread keeper_;
};

PipewireSink::~PipewireSink() {
  if (keeper_.joinable()) {
    keeper_.request_stop();
    keeper_.join();
  }
  if (stream_) stream_->dismiss();
  close();
}

Result<void> PipewireSink::open() {
  auto remote = PipewireConnection::connect();
  if (!remote) return tl::unexpected(remote.error());
  Fd socket(fcntl(remote->get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (socket.get() < 0) return fail(ErrorCode::kIo, "No more files can be opened: close other programs.");
  auto connection = PipewireConnection::open([this] { set_broken(); }, std::move(*remote));
  if (!connection) return tl::unexpected(connection.error());
  auto stream = PipewireStream::publish(**connection, camera_,
                                        {[this](bool watched) { set_watched(watched); }, [this] { set_broken(); }});
  if (!stream) return tl::unexpected(stream.error());
  auto guard = start_guard((*stream)->node(), socket.get());
  const std::scoped_lock lock(mutex_);
  guard_ = std::move(guard);
  socket_ = std::move(socket);
  connection_ = std::move(*connection);
  stream_ = std::move(*stream);
  if (!newest_.frame().empty()) stream_->put(newest_);
  return {};
}

std::optional<CameraGuard> PipewireSink::start_guard(std::uint32_t node, int socket) {
  auto guard = CameraGuard::start(node, socket);
  if (guard) return std::move(*guard);
  if (!std::exchange(unguarded_, true)) log_.warning(guard.error().message);
  return {};
}

/// One that was ended is started anew, but not for ever.
void PipewireSink::renew_guard() {
  constexpr int kMost = 3;
  std::unique_lock lock(mutex_);
  auto old = std::exchange(guard_, {});
  guard_ended_ = false;
  lock.unlock();
  old.reset();
  const bool again = guards_ended_++ < kMost;
  log_.warning(fmt::format("viba-camera-guard was ended{}", again
                                                                ? ": it is started anew."
                                                                : " again. Should ViBa be killed, programs that watch "
                                                                  "may be given the real camera: start ViBa anew."));
  if (!again) return;
  auto guard = start_guard(stream_->node(), socket_.get());
  lock.lock();
  guard_ = std::move(guard);
}

/// Without the lock: what PipeWire has under way may want it.
void PipewireSink::close() {
  std::unique_lock lock(mutex_);
  const auto guard = std::exchange(guard_, {});
  const Fd socket = std::move(socket_);
  const auto connection = std::move(connection_);
  auto stream = std::move(stream_);
  lock.unlock();
  stream.reset();
  if (connection) (void)connection->sync();  // or else the guard, which holds the socket, would have to end the node
}

Result<void> PipewireSink::write(const SafeFrame& frame) {
  const std::scoped_lock lock(mutex_);
  newest_ = frame;
  if (stream_) stream_->put(frame);
  if (guard_ && !guard_ended_ && !guard_->alive()) {
    guard_ended_ = true;
    changed_.notify_all();
  }
  return {};
}

void PipewireSink::set_watched(bool watched) {
  const std::scoped_lock lock(mutex_);
  if (watched_ && !watched) left_ = Clock::now();
  watched_ = watched;
  changed_.notify_all();
}

void PipewireSink::set_broken() {
  const std::scoped_lock lock(mutex_);
  broken_ = true;
  changed_.notify_all();
}

void PipewireSink::watch(const std::function<void(bool)>& tell) {
  const std::scoped_lock telling(telling_);
  tell_ = tell;
  std::unique_lock lock(mutex_);
  const bool watched = watched_;
  told_ = watched;
  lock.unlock();
  tell(watched);
}

/// With the lock: when those who watched count as gone.
Clock::time_point PipewireSink::no_due() const {
  if (watched_ || !told_.value_or(false)) return kNever;
  return broken_ ? Clock::time_point::min() : left_ + kReallyGone;
}

void PipewireSink::say() {
  const std::scoped_lock telling(telling_);
  std::unique_lock lock(mutex_);
  const bool yes = watched_ && told_ == false;
  const bool no = Clock::now() >= no_due();
  if (!yes && !no) return;
  told_ = yes;
  lock.unlock();
  tell_(yes);
}

void PipewireSink::keep(const std::stop_token& stop) try {
  while (!stop.stop_requested()) {
    say();
    std::unique_lock lock(mutex_);
    const auto news = [this] { return broken_ || guard_ended_ || (watched_ && told_ == false); };
    if (const auto due = no_due(); due == kNever)
      changed_.wait(lock, stop, [&] { return news() || no_due() != kNever; });
    else
      changed_.wait_until(lock, stop, due, news);
    const bool broken = broken_;
    const bool guard_ended = guard_ended_;
    lock.unlock();
    if (broken)
      mend(stop);
    else if (guard_ended)
      renew_guard();
  }
} catch (const std::exception& error) {
  log_.error(fmt::format("{} is not looked after any more ({}): start ViBa anew.", name_, error.what()));
  if (tell_) tell_(false);
}

void PipewireSink::mend(const std::stop_token& stop) {
  log_.warning(
      fmt::format("{} was cut off. ViBa goes on, and publishes the camera again as soon as that works.", name_));
  if (stream_) stream_->dismiss();
  close();
  set_watched(false);  // whatever the old one said in the meantime
  say();
  std::string said;
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kBetweenTries, [] { return false; });
    if (stop.stop_requested()) return;
    broken_ = false;
    lock.unlock();
    if (const auto opened = open(); !opened) {
      set_watched(false);
      if (std::exchange(said, opened.error().message) != opened.error().message) log_.debug(opened.error().message);
      continue;
    }
    log_.info(fmt::format("{} is back.", name_));
    return;
  }
}

}  // namespace

Result<std::unique_ptr<Sink>> open_pipewire_sink(const std::string& name, Size size, double frames_per_second,
                                                 const Log& log) {
  auto sink = std::make_unique<PipewireSink>(
      PipewireStream::Camera{name.empty() ? std::string(kUsualName) : name, size, frames_per_second}, log);
  return sink->open().map([&]() -> std::unique_ptr<Sink> {
    sink->start();
    return std::move(sink);
  });
}

}  // namespace viba

#else

namespace viba {

Result<std::unique_ptr<Sink>> open_pipewire_sink(const std::string&, Size, double, const Log&) {
  return tl::unexpected(built_without_pipewire());
}

}  // namespace viba

#endif
