#include "pipeline/network_ahead.h"

#include <utility>

namespace viba {

void NetworkAhead::run(const std::stop_token& stop) {
  int scene = 0;
  while (!stop.stop_requested()) {
    auto arrival = captured_.take(stop);
    if (!arrival) return;
    if (std::exchange(scene, arrival->scene) != arrival->scene) maker_.reset_network();
    if (arrival->what == Arrival::What::kFrame) maker_.look(arrival->frame);
    looked_at_.put_waiting(std::move(*arrival), stop);
  }
}

}  // namespace viba
