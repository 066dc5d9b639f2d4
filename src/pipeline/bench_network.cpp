#include "pipeline/bench_network.h"

#include "segment/model_loader.h"

namespace viba {

Result<BareNetwork> BareNetwork::create(const Options& options, const Frame& frame) {
  const auto model = load_model(options.model_name, options, Log{});
  if (!model) return tl::unexpected(model.error());
  const auto engine = make_engine(options, Log{});
  if (!engine) return tl::unexpected(engine.error());
  return Network::create(*model->file, model->guess.feed, frame.size(), *engine).map([&](Network&& network) {
    network.fill(frame);
    return BareNetwork(std::move(network));
  });
}

Result<std::chrono::nanoseconds> BareNetwork::run() {
  const auto start = std::chrono::steady_clock::now();
  return network_.run().map([&] { return std::chrono::nanoseconds(std::chrono::steady_clock::now() - start); });
}

}  // namespace viba
