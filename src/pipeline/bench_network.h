#pragma once

#include <chrono>

#include <viba/options.h>
#include <viba/result.h>

#include "segment/network.h"

namespace viba {

/// The network that a pipeline of the same options runs, alone: fed once, then only run.
/// Thread-safety: none.
class BareNetwork {
 public:
  /// Fed with `frame`. Errors: those of `load_model`, `make_engine` and `Network::create`.
  [[nodiscard]] static Result<BareNetwork> create(const Options& options, const Frame& frame);

  /// How long it took. Errors: kInference.
  [[nodiscard]] Result<std::chrono::nanoseconds> run();

 private:
  explicit BareNetwork(Network network) : network_(std::move(network)) {}

  Network network_;
};

}  // namespace viba
