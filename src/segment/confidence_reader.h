#pragma once

#include <optional>
#include <span>
#include <string>

#include <viba/matte.h>
#include <viba/result.h>

#include "segment/feed.h"
#include "segment/logit_grid.h"
#include "segment/network.h"

namespace viba {

/// Makes confidences of a network's numbers, as the feed says.
/// Thread-safety: none.
class ConfidenceReader {
 public:
  /// Errors: kUnsupported, naming `file`, when such numbers would say the same of any picture or tell
  /// nothing of where the person is.
  [[nodiscard]] static Result<void> check(const OutputFeed& feed, const MapShape& map, const std::string& file);

  /// `input` is what the network takes. `map` has the feed's channel.
  ConfidenceReader(const OutputFeed& feed, Size input, const MapShape& map);

  /// False, and `confidence` as it was, when a number is none (not finite, or no probability where
  /// probabilities were promised).
  [[nodiscard]] bool read(std::span<const float> values, Confidence& confidence);

 private:
  /// The wanted channel alone, as logits or as probabilities.
  [[nodiscard]] std::span<const float> channel(std::span<const float> values);

  OutputFeed feed_;
  MapShape map_;
  std::optional<LogitGrid> grid_;
  std::vector<float> channel_;
};

}  // namespace viba
