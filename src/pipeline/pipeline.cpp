#include <viba/pipeline.h>

#include <optional>
#include <thread>

#include "pipeline/audience.h"
#include "pipeline/capture_loop.h"
#include "pipeline/frame_loop.h"
#include "pipeline/guard.h"
#include "pipeline/mattes.h"
#include "pipeline/network_ahead.h"
#include "pipeline/switching_segmenter.h"

namespace viba {
namespace {

Milliseconds interval_of(const SourceInfo& source) {
  const bool hurried = source.live && source.frames_per_second > 0;
  return Milliseconds(hurried ? 1000 / source.frames_per_second : 0);
}

}  // namespace

class Pipeline::Impl {
 public:
  Impl(Stages stages, const Options& options, Log log)
      : stages_(std::move(stages)),
        source_(stages_.source->info()),
        log_(std::move(log)),
        audience_(options.idle_timeout),
        always_on_(options.always_on),
        ahead_(!source_.live && options.mask_mode != MaskMode::kLatest),
        budget_(make_budget(options)),
        maker_(choose_network(), *stages_.refiner, meter_,
               ahead_ ? MatteMaker::Network::kAhead : MatteMaker::Network::kInTime),
        mattes_(maker_, {options.mask_mode, options.max_mask_age, interval_of(source_)}, log_, budget_.get()) {}

  Result<Statistics> run(const std::stop_token& stop) {
    for (const auto& sink : stages_.sinks) sink->listen([this](Sink::Request request) { grant(request); });
    if (auto attended = guarded("Watching the outputs", [&] { return attend(); }); !attended)
      return tl::unexpected(attended.error());
    CaptureLoop capture(*stages_.source, audience_, arrivals_, meter_);
    NetworkAhead network(maker_, arrivals_, looked_at_);
    FrameLoop frames(stages_, source_, mattes_, ahead_ ? looked_at_ : arrivals_, meter_, log_);
    std::jthread capturing([&](const std::stop_token& own) { capture.run(own); });
    std::jthread looking;
    if (ahead_) looking = std::jthread([&](const std::stop_token& own) { network.run(own); });
    const auto stop_both = [&] {
      capturing.request_stop();
      looking.request_stop();
    };
    const std::stop_callback forward(stop, stop_both);
    auto ok = frames.run(stop);
    stop_both();
    capturing.join();
    if (ahead_) looking.join();
    for (const auto& sink : stages_.sinks)
      if (auto finished = guarded("The output", [&] { return sink->finish(); }); ok && !finished) ok = finished;
    return ok.map([&] { return meter_.total(); });
  }

  [[nodiscard]] Statistics statistics() const { return meter_.total(); }

  void forget_room() {
    maker_.forget_room();
    log_.info("What was learnt of the room is forgotten.");
  }
  void learn_room() { maker_.learn_room(); }

 private:
  void grant(Sink::Request request) { request == Sink::Request::kForgetRoom ? forget_room() : learn_room(); }

  /// Only what is live has to share the machine with a call.
  std::unique_ptr<CpuBudget> make_budget(const Options& options) {
    if (options.max_cpu <= 0) return {};
    if (!source_.live)
      log_.info("--max-cpu has no effect here: it is for live use, and a file takes the time it needs.");
    if (!source_.live) return {};
    const bool lighter = stages_.lighter != nullptr;
    const ThriftBounds bounds{options.mask_mode, interval_of(source_), options.max_mask_age, lighter};
    return std::make_unique<CpuBudget>(options.max_cpu, bounds, log_);
  }
  Segmenter& choose_network() {
    if (!budget_ || !stages_.lighter) return *stages_.segmenter;
    return switching_.emplace(*stages_.segmenter, stages_.lighter, *budget_, log_);
  }

  Result<void> attend() {
    if (source_.live && !always_on_) audience_.attend(stages_.sinks);
    return {};
  }

  Stages stages_;
  SourceInfo source_;
  Log log_;
  Audience audience_;
  bool always_on_;
  Meter meter_;
  Mailbox<Arrival> arrivals_, looked_at_;
  bool ahead_;                                   ///< of files: the network has a thread of its own
  std::unique_ptr<CpuBudget> budget_;            ///< null: there is no limit
  std::optional<SwitchingSegmenter> switching_;  ///< where there is a smaller network
  MatteMaker maker_;
  Mattes mattes_;
};

Pipeline::Pipeline(Stages stages, const Options& options, Log log)
    : impl_(std::make_unique<Impl>(std::move(stages), options, std::move(log))) {}
Pipeline::~Pipeline() = default;

Result<Statistics> Pipeline::run(std::stop_token stop) { return impl_->run(stop); }
Statistics Pipeline::statistics() const { return impl_->statistics(); }
void Pipeline::forget_room() { impl_->forget_room(); }
void Pipeline::learn_room() { impl_->learn_room(); }

}  // namespace viba
