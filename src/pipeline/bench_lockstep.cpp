#include <algorithm>

#include "base/mailbox.h"
#include "capture/camera_pictures.h"
#include "pipeline/bench_machine.h"
#include "pipeline/bench_network.h"
#include "pipeline/bench_parts.h"

namespace viba {
namespace {

/// A camera that has its next picture when the last one is out.
class LockstepSource final : public Source {
 public:
  LockstepSource(BenchClip& clip, CameraPictures pictures, const BenchSettings& settings, BenchLap& lap,
                 Mailbox<std::uint64_t>& out)
      : clip_(clip), pictures_(std::move(pictures)), settings_(settings), lap_(lap), out_(out) {}

  SourceInfo info() const override {
    return {.name = "the clip", .size = settings_.size, .frames_per_second = settings_.frames_per_second};
  }

  Result<std::optional<Frame>> read(std::stop_token stop) override {
    const bool last = next_ == std::uint64_t(settings_.warm_up) + std::uint64_t(settings_.frames);
    if ((next_ > 0 && !out_.take(stop)) || last || stop.stop_requested()) return std::nullopt;
    const auto bytes = clip_.load(next_);
    if (!bytes) return tl::unexpected(bytes.error());
    start_lap();
    auto frame = pictures_.to_frame(*bytes, clip_.setup());
    lap_.of(Stage::kCapture) = Clock::now() - lap_.start;
    if (!frame || !*frame) return frame;
    const std::chrono::duration<double> position(double(next_) / settings_.frames_per_second);
    return (*frame)->with_info({next_++, std::chrono::duration_cast<std::chrono::nanoseconds>(position), lap_.start});
  }

 private:
  void start_lap() {
    lap_ = {};
    if (settings_.allocations) lap_.allocations = settings_.allocations();
    lap_.cpu = process_cpu_time();
    lap_.start = Clock::now();
  }

  BenchClip& clip_;
  CameraPictures pictures_;
  const BenchSettings& settings_;
  BenchLap& lap_;
  Mailbox<std::uint64_t>& out_;
  std::uint64_t next_ = 0;
};

/// On the processing thread, when a frame is out: keeps what was measured, and lets the bare network have its turns.
class LockstepEnd {
 public:
  LockstepEnd(const BenchPart& part, const std::function<void()>& before_bare, BenchLap& lap,
              Mailbox<std::uint64_t>& out)
      : part_(part), settings_(part.settings), before_bare_(before_bare), lap_(lap), out_(out) {
    result_.laps.reserve(std::size_t(settings_.frames));
    result_.bare_ms.reserve(std::size_t(settings_.frames));
  }

  Result<void> packed(const FrameInfo& info) {
    finish_lap();
    if (lap_.shown == BenchLap::Shown::kPerson) part_.shown();
    Result<void> ok;
    if (info.sequence >= std::uint64_t(settings_.warm_up)) {
      result_.laps.push_back(lap_);
      const auto frames = result_.laps.size();
      if (frames % block() == 0 || frames == std::size_t(settings_.frames)) ok = run_bare();
    }
    out_.put_newest(info.sequence);
    return ok;
  }

  LockstepResult take() && {
    if (!result_.bare_ms.empty()) result_.bare_allocations = double(allocations_) / double(result_.bare_ms.size());
    return std::move(result_);
  }

 private:
  static constexpr int kBlocks = 10;
  static constexpr int kUncounted = 3;  ///< bare runs of a block, until the network is back in the caches

  [[nodiscard]] std::size_t block() const { return std::size_t(std::max(1, settings_.frames / kBlocks)); }

  void finish_lap() {
    lap_.frame = Clock::now() - lap_.start;
    lap_.cpu = process_cpu_time() - lap_.cpu;
    if (settings_.allocations) lap_.allocations = settings_.allocations() - lap_.allocations;
  }

  /// The clip's buffer is free meanwhile: the source waits for this frame's end.
  Result<void> make_bare() {
    before_bare_();
    auto pictures = CameraPictures::create("The clip", part_.log);
    if (!pictures) return tl::unexpected(pictures.error());
    const auto bytes = part_.clip.load(0);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto frame = pictures->to_frame(*bytes, part_.clip.setup());
    if (!frame) return tl::unexpected(frame.error());
    auto network = BareNetwork::create(part_.options, frame->value_or(Frame{}));
    if (!network) return tl::unexpected(network.error());
    bare_.emplace(std::move(*network));
    return {};
  }

  Result<void> run_bare() {
    if (!bare_)
      if (auto made = make_bare(); !made) return made;
    const std::size_t runs = result_.laps.size() - result_.bare_ms.size();
    for (int i = 0; i < kUncounted; ++i)
      if (auto time = bare_->run(); !time) return tl::unexpected(time.error());
    const std::uint64_t before = settings_.allocations ? settings_.allocations() : 0;
    for (std::size_t i = 0; i < runs && !part_.stop.stop_requested(); ++i) {
      const auto time = bare_->run();
      if (!time) return tl::unexpected(time.error());
      result_.bare_ms.push_back(Milliseconds(*time).count());
    }
    if (settings_.allocations) allocations_ += settings_.allocations() - before;
    return {};
  }

  const BenchPart& part_;
  const BenchSettings& settings_;
  const std::function<void()>& before_bare_;
  BenchLap& lap_;
  Mailbox<std::uint64_t>& out_;
  LockstepResult result_;
  std::optional<BareNetwork> bare_;
  std::uint64_t allocations_ = 0;  ///< of all bare runs that count
};

}  // namespace

Result<LockstepResult> run_lockstep(BenchPart part, const std::function<void()>& before_bare) {
  auto pictures = CameraPictures::create("The clip", part.log);
  if (!pictures) return tl::unexpected(pictures.error());
  BenchLap lap;
  Mailbox<std::uint64_t> out;
  LockstepEnd end(part, before_bare, lap, out);
  Options options = part.options;
  options.mask_mode = MaskMode::kEveryFrame;
  options.max_cpu = 0;

  Stages stages = std::move(part.stages);
  stages.source = std::make_unique<LockstepSource>(part.clip, std::move(*pictures), part.settings, lap, out);
  stages.segmenter = measured(std::move(stages.segmenter), lap);
  stages.refiner = measured(std::move(stages.refiner), lap);
  stages.compositor = measured(std::move(stages.compositor), lap);
  stages.sinks.push_back(
      make_bench_sink(part.settings.size, lap, [&](const FrameInfo& info) { return end.packed(info); }));
  const auto ran = Pipeline(std::move(stages), options, part.log).run(part.stop);
  if (!ran) return tl::unexpected(ran.error());
  return not_stopped(part.stop).map([&] { return std::move(end).take(); });
}

}  // namespace viba
