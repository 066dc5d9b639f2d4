#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/mailbox.h"
#include "capture/camera_pictures.h"
#include "pipeline/bench_machine.h"
#include "pipeline/bench_parts.h"

namespace viba {
namespace {

using std::chrono::nanoseconds;

/// Which frames come when.
struct Timetable {
  nanoseconds interval;
  std::uint64_t first_counted;
  std::uint64_t count;  ///< of all frames
  Clock::time_point begin{};

  [[nodiscard]] Clock::time_point due(std::uint64_t frame) const { return begin + std::int64_t(frame) * interval; }
  /// The newest that is there.
  [[nodiscard]] std::uint64_t newest() const { return std::uint64_t((Clock::now() - begin) / interval); }
};

/// What the process spent on the frames that count.
struct Spent {
  nanoseconds cpu{0};
  nanoseconds time{0};
};

/// A camera that has a picture at each tick, of which whoever comes late gets the newest. Reading the clip is not the
/// camera's work: it is done before the tick, and its CPU time is left out.
class PacedSource final : public Source {
 public:
  PacedSource(BenchClip& clip, CameraPictures pictures, Timetable times, Mailbox<std::uint64_t>& out, Spent& spent)
      : clip_(clip), pictures_(std::move(pictures)), times_(times), out_(out), spent_(spent) {}

  SourceInfo info() const override {
    return {.name = "the clip",
            .size = clip_.setup().size,
            .frames_per_second = clip_.setup().frames_per_second,
            .live = true};
  }

  Result<std::optional<Frame>> read(std::stop_token stop) override {
    if (next_ == 0) times_.begin = Clock::now();
    next_ = std::max(next_, times_.newest());
    if (next_ >= times_.count) return end(stop);
    const auto bytes = load(next_);
    if (!bytes) return tl::unexpected(bytes.error());
    if (!wait_until(times_.due(next_), stop)) return std::nullopt;
    if (!counted_from_ && next_ >= times_.first_counted) start_counting();
    return pictures_.to_frame(*bytes, clip_.setup()).map([&](std::optional<Frame>&& frame) {
      const std::uint64_t number = next_++;
      return frame
                 ? std::optional(frame->with_info({number, std::int64_t(number) * times_.interval, times_.due(number)}))
                 : frame;
    });
  }

 private:
  Result<std::span<const std::uint8_t>> load(std::uint64_t frame) {
    const auto before = thread_cpu_time();
    auto bytes = clip_.load(frame);
    loading_ += thread_cpu_time() - before;
    return bytes;
  }

  void start_counting() {
    counted_from_ = Clock::now();
    spent_.cpu = process_cpu_time();
    loading_ = {};
  }

  /// The last frame has its interval, too, and a slow one a second more.
  std::optional<Frame> end(const std::stop_token& stop) {
    constexpr std::chrono::seconds kLongest{1};
    (void)wait_until(times_.due(times_.count), stop);
    const auto give_up = Clock::now() + kLongest;
    std::uint64_t out = 0;
    while (out + 1 < next_ && Clock::now() < give_up && !stop.stop_requested())
      out = out_.take_for(stop, give_up - Clock::now()).value_or(out);
    spent_.cpu = process_cpu_time() - spent_.cpu - loading_;
    spent_.time = Clock::now() - counted_from_.value_or(times_.begin);
    return std::nullopt;
  }

  /// Returns false when a stop was asked for.
  bool wait_until(Clock::time_point when, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    never_.wait_until(lock, stop, when, [] { return false; });
    return !stop.stop_requested();
  }

  BenchClip& clip_;
  CameraPictures pictures_;
  Timetable times_;
  Mailbox<std::uint64_t>& out_;
  Spent& spent_;
  std::uint64_t next_ = 0;
  std::optional<Clock::time_point> counted_from_;
  nanoseconds loading_{0};
  std::mutex mutex_;
  std::condition_variable_any never_;
};

}  // namespace

Result<PacedReport> run_paced(BenchPart part) {
  const BenchSettings& settings = part.settings;
  const auto counted = std::uint64_t(std::max(1.0, settings.seconds * settings.frames_per_second));
  const auto warm_up = std::uint64_t(settings.warm_up);
  const Timetable times{.interval = nanoseconds(std::int64_t(1e9 / settings.frames_per_second)),
                        .first_counted = warm_up,
                        .count = warm_up + counted};
  auto pictures = CameraPictures::create("The clip", part.log);
  if (!pictures) return tl::unexpected(pictures.error());

  BenchLap lap;
  Spent spent;
  Mailbox<std::uint64_t> out;
  PacedReport report{.frames_per_second = settings.frames_per_second, .seconds = settings.seconds};
  std::vector<double> latencies;
  latencies.reserve(counted);
  std::uint64_t arrived = 0;
  const auto packed = [&](const FrameInfo& info) -> Result<void> {
    const Milliseconds latency = Clock::now() - info.taken;
    const bool hidden = lap.shown == BenchLap::Shown::kHidden;
    if (!hidden) part.shown();
    out.put_newest(info.sequence);
    if (info.sequence < warm_up) return {};
    ++arrived;
    if (hidden)
      ++report.placeholders;
    else
      latencies.push_back(latency.count());
    return {};
  };

  Stages stages = std::move(part.stages);
  stages.source = std::make_unique<PacedSource>(part.clip, std::move(*pictures), times, out, spent);
  stages.compositor = measured(std::move(stages.compositor), lap);
  stages.sinks.push_back(make_bench_sink(settings.size, lap, packed));
  const auto ran = Pipeline(std::move(stages), part.options, part.log).run(part.stop);
  if (!ran) return tl::unexpected(ran.error());
  if (auto whole = not_stopped(part.stop); !whole) return tl::unexpected(whole.error());
  report.dropped = counted - std::min(counted, arrived);
  report.latency_ms = percentiles_of(std::move(latencies));
  report.cpu_seconds_per_second = spent.time.count() > 0 ? double(spent.cpu.count()) / double(spent.time.count()) : 0;
  return report;
}

}  // namespace viba
