#include "output/loopback_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "media/v4l2_ioctl.h"
#include "output/loopback_openers.h"

namespace viba {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// v4l2loopback's client-usage event; its data is the number of readers that stream (a u32).
constexpr std::uint32_t kClientUsage = V4L2_EVENT_PRIVATE_START + 0x08E00000 + 1;

/// The node is looked at when it was not opened or closed for so long, and so long after it was at
/// the latest, so that a reader is told of within 200 ms.
constexpr auto kQuiet = 80ms;
constexpr auto kLongest = 160ms;

/// That a daemon which has the node open begins to map it is no event.
constexpr auto kBetweenDaemons = 250ms;

constexpr auto kNever = Clock::time_point::max();

/// 0.13's event speaks of readers that stream through buffers, but not of those that call `read`.
bool event_leaves_readers_out() {
  std::string version;
  std::ifstream("/sys/module/v4l2loopback/version") >> version;
  return version.starts_with("0.13.");
}

}  // namespace

/// What the watching thread owns.
class LoopbackWatch::Eyes {
 public:
  Eyes(std::string path, Tell tell, Log log) : path_(std::move(path)), tell_(std::move(tell)), log_(std::move(log)) {}

  void turn_to(std::shared_ptr<const Fd> device);
  /// Sleeps until `wake` can be read, something was told or a little has happened.
  void look(const Fd& wake);
  /// As `go_blind`, and says so.
  void give_up(const std::string& why);
  void go_blind(const std::string& why);

 private:
  [[nodiscard]] bool subscribe();
  void read_usage();
  void listen();
  void drain_opens();
  void count_openers();
  void look_at_daemons();
  [[nodiscard]] Clock::time_point count_due() const;
  [[nodiscard]] Clock::time_point daemons_due() const;
  [[nodiscard]] int patience() const;
  void say();

  std::string path_;
  Tell tell_;
  Log log_;
  std::shared_ptr<const Fd> device_;
  bool subscribed_ = false;
  Fd inotify_;
  std::optional<Clock::time_point> first_open_, last_open_;  ///< that were not looked at yet
  std::vector<SessionDaemon> daemons_;                       ///< that have it open, where no event tells of them
  Clock::time_point next_daemons_;
  bool streamed_ = false;  ///< by the event
  bool open_ = false;      ///< by inotify
  bool blind_ = false;
  std::optional<bool> told_;
};

void LoopbackWatch::Eyes::turn_to(std::shared_ptr<const Fd> device) {
  device_ = std::move(device);
  inotify_ = Fd();
  subscribed_ = false;
  first_open_.reset();
  daemons_.clear();
  streamed_ = open_ = false;
  if (device_) {
    subscribed_ = subscribe();
    if (subscribed_) read_usage();
    if (!subscribed_ || event_leaves_readers_out()) listen();
  }
  say();
}

bool LoopbackWatch::Eyes::subscribe() {
  v4l2_event_subscription wish{};
  wish.type = kClientUsage;
  wish.flags = V4L2_EVENT_SUB_FL_SEND_INITIAL;
  return retrying_ioctl(*device_, VIDIOC_SUBSCRIBE_EVENT, &wish) == 0;
}

void LoopbackWatch::Eyes::read_usage() {
  v4l2_event event{};
  while (retrying_ioctl(*device_, VIDIOC_DQEVENT, &event) == 0) {
    std::uint32_t readers = 0;
    std::memcpy(&readers, event.u.data, sizeof(readers));
    if (event.type == kClientUsage) streamed_ = readers > 0;
  }
}

void LoopbackWatch::Eyes::listen() {
  inotify_ = Fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (inotify_.get() < 0 || inotify_add_watch(inotify_.get(), path_.c_str(), IN_OPEN | IN_CLOSE) < 0) {
    go_blind(
        fmt::format("{}: raise the limits with `sudo sysctl fs.inotify.max_user_instances=1024 "
                    "fs.inotify.max_user_watches=65536`",
                    reason(errno)));
    return;
  }
  count_openers();
}

void LoopbackWatch::Eyes::drain_opens() {
  alignas(inotify_event) std::array<char, 4096> events{};
  while (read(inotify_.get(), events.data(), events.size()) > 0) continue;
  last_open_ = Clock::now();
  if (!first_open_) first_open_ = last_open_;
}

void LoopbackWatch::Eyes::count_openers() {
  first_open_.reset();
  auto openers = openers_of(path_);
  if (!openers) {
    go_blind(openers.error().message);
    return;
  }
  if (subscribed_) openers->daemons.clear();  // they read through buffers, of which the event tells better
  open_ = may_read(*openers);
  daemons_ = std::move(openers->daemons);
  next_daemons_ = Clock::now() + kBetweenDaemons;
}

void LoopbackWatch::Eyes::look_at_daemons() {
  next_daemons_ = Clock::now() + kBetweenDaemons;
  const auto changed = [&](const SessionDaemon& daemon) { return may_map(daemon.process, path_) != daemon.maps; };
  if (std::ranges::any_of(daemons_, changed)) count_openers();
}

Clock::time_point LoopbackWatch::Eyes::count_due() const {
  return first_open_ ? std::min(*last_open_ + kQuiet, *first_open_ + kLongest) : kNever;
}

Clock::time_point LoopbackWatch::Eyes::daemons_due() const { return daemons_.empty() ? kNever : next_daemons_; }

/// In milliseconds; -1 for ever.
int LoopbackWatch::Eyes::patience() const {
  const auto due = std::min(count_due(), daemons_due());
  if (due == kNever) return -1;
  return std::max(0, int(std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now()).count()));
}

void LoopbackWatch::Eyes::look(const Fd& wake) {
  std::array<pollfd, 3> waited{
      {{wake.get(), POLLIN, 0}, {subscribed_ ? device_->get() : -1, POLLPRI, 0}, {inotify_.get(), POLLIN, 0}}};
  if (poll(waited.data(), waited.size(), patience()) < 0 && errno != EINTR) {
    go_blind(reason(errno));
    return;
  }
  if (waited[1].revents & POLLPRI) read_usage();
  if (waited[1].revents & ~POLLPRI) subscribed_ = false;  // the device is gone; the sink will say when it is back
  if (waited[2].revents) drain_opens();
  if (const auto now = Clock::now(); now >= count_due())
    count_openers();
  else if (now >= daemons_due())
    look_at_daemons();
  say();
}

void LoopbackWatch::Eyes::go_blind(const std::string& why) {
  inotify_ = Fd();
  first_open_.reset();
  daemons_.clear();
  if (!std::exchange(blind_, true))
    log_.warning(
        fmt::format("Whether somebody looks at {} cannot be told, so it counts as looked at all the time "
                    "({}).",
                    path_, why));
}

void LoopbackWatch::Eyes::give_up(const std::string& why) try {
  go_blind(why);
  say();
} catch (const std::exception&) {
  // What `tell` threw was said already.
}

void LoopbackWatch::Eyes::say() {
  const bool watched = blind_ || streamed_ || open_;
  if (told_ != watched) tell_(watched);
  told_ = watched;
}

LoopbackWatch::LoopbackWatch(std::shared_ptr<const Fd> device, std::string path, Tell tell, Log log)
    : log_(std::move(log)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  auto eyes = std::make_unique<Eyes>(std::move(path), std::move(tell), log_);
  if (wake_.get() < 0) eyes->go_blind(reason(errno));
  eyes->turn_to(std::move(device));
  if (wake_.get() < 0) return;
  thread_ = std::jthread([this, eyes = std::move(eyes)](const std::stop_token& stop) { run(stop, *eyes); });
}

LoopbackWatch::~LoopbackWatch() {
  thread_.request_stop();
  (void)eventfd_write(wake_.get(), 1);
}

void LoopbackWatch::follow(std::shared_ptr<const Fd> device) {
  {
    const std::scoped_lock lock(mutex_);
    next_ = std::move(device);
    changed_ = true;
  }
  (void)eventfd_write(wake_.get(), 1);
}

void LoopbackWatch::run(const std::stop_token& stop, Eyes& eyes) try {
  while (!stop.stop_requested()) {
    eyes.look(wake_);
    eventfd_t wakes = 0;
    (void)eventfd_read(wake_.get(), &wakes);
    std::unique_lock lock(mutex_);
    if (!std::exchange(changed_, false)) continue;
    auto device = std::move(next_);
    lock.unlock();
    eyes.turn_to(std::move(device));
  }
} catch (const std::exception& error) {
  eyes.give_up(error.what());
}

}  // namespace viba
