#include "segment/network_segmenter.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace viba {

std::string NetworkSegmenter::name() const {
  const auto size = model_.guess.feed.input.size;
  const std::string input = size ? fmt::format(", {}x{}", size->width, size->height) : "";
  return fmt::format("{}{}, on {}", model_.description, input, engine_.device);
}

void NetworkSegmenter::reset() {
  if (ready_) ready_->network.reset();
}

Result<void> NetworkSegmenter::prepare(Size frame) {
  const Feed& feed = model_.guess.feed;
  if (ready_ && feed.input.size_for(frame) == ready_->network.input_size()) {
    if (frame != std::exchange(ready_->frame, frame)) ready_->network.reset();
    return {};
  }
  auto network = Network::create(*model_.file, feed, frame, engine_);
  if (!network) return tl::unexpected(std::move(network).error());
  if (auto fit = ConfidenceReader::check(feed.output, network->map(), model_.file->path()); !fit) return fit;
  ConfidenceReader reader(feed.output, network->input_size(), network->map());
  ready_.emplace(Ready{frame, std::move(*network), std::move(reader)});
  return {};
}

void NetworkSegmenter::move_to_cpu(const Error& why) {
  log_.warning(fmt::format("The network failed on {} and runs on the CPU from now. {}",
                           std::exchange(engine_.device, "the CPU"), why.message));
  engine_.provider = Provider::kCpu;
  ready_.reset();
}

Result<void> NetworkSegmenter::run(const Frame& frame) {
  if (auto done = prepare(frame.size()); !done) return done;
  ready_->network.fill(frame);
  const auto start = std::chrono::steady_clock::now();
  auto done = ready_->network.run();
  network_time_ += std::chrono::steady_clock::now() - start;
  ++network_runs_;
  return done;
}

Result<void> NetworkSegmenter::segment(const Frame& frame, Confidence& confidence) try {
  if (frame.empty()) return fail(ErrorCode::kInference, "The neural network was given a frame without a picture.");
  network_time_ = {};
  network_runs_ = 0;
  auto done = run(frame);
  if (!done && engine_.provider != Provider::kCpu) {
    move_to_cpu(done.error());
    done = run(frame);
  }
  if (!done) return fail(ErrorCode::kInference, std::move(done).error().message);
  if (ready_->reader.read(ready_->network.values(), confidence)) return {};
  ready_->network.reset();  // what it remembers may be no better
  return fail(ErrorCode::kInference,
              fmt::format("The neural network {} gave something that is no confidence; its model file {} may be "
                          "damaged: fetch it anew.",
                          model_.description, model_.file->path()));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", error.what()));
}

}  // namespace viba
