#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <viba/options.h>

#include "pipeline/statistics.h"

namespace viba {

/// What is left out to save work.
struct Thrift {
  int mask_every = 1;    ///< of the frames that are shown, every so many-th gets a new mask
  int frame_every = 1;   ///< of the frames that come, every so many-th is shown
  bool lighter = false;  ///< a smaller network looks
  friend bool operator==(const Thrift&, const Thrift&) = default;
};

struct ThriftBounds {
  MaskMode mode = MaskMode::kAuto;  ///< with kEveryFrame each frame that is shown keeps a mask of its own
  Milliseconds frame_interval{0};   ///< 0: as of a usual camera
  std::chrono::milliseconds max_age{500};
  bool lighter = false;  ///< whether there is a smaller network
};

/// From nothing left out to all that may be: first the masks' rate, then the network's size, then the frames'
/// rate down to that of the masks. Masks and frames stay close enough for a call, and masks younger than a third
/// of what is allowed.
[[nodiscard]] std::vector<Thrift> thrift_steps(const ThriftBounds& bounds);

/// What changes from one to the other, for people: "every 2nd frame gets a new mask".
[[nodiscard]] std::string describe_change(const Thrift& from, const Thrift& to);

}  // namespace viba
