#include "pipeline/thrift.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace viba {
namespace {

constexpr Milliseconds kUsualInterval{1000.0 / 30};
constexpr Milliseconds kFarthestApart{150};  ///< seven masks or frames a second: less is no video any more
constexpr std::array kRarer{2, 3, 4, 6, 8};

std::string nth(int n) { return n == 2 ? "2nd" : n == 3 ? "3rd" : fmt::format("{}th", n); }

std::string every(int n) { return n == 1 ? "every frame" : fmt::format("every {} frame", nth(n)); }

}  // namespace

std::vector<Thrift> thrift_steps(const ThriftBounds& bounds) {
  const Milliseconds interval = bounds.frame_interval.count() > 0 ? bounds.frame_interval : kUsualInterval;
  const auto close = [&](int n) { return n * interval < kFarthestApart; };
  std::vector<Thrift> steps(1);
  Thrift thrift;
  const Milliseconds young = Milliseconds(bounds.max_age) / 3;
  for (const int n : kRarer) {
    if (bounds.mode == MaskMode::kEveryFrame || !close(n) || n * interval > young) break;
    thrift.mask_every = n;
    steps.push_back(thrift);
  }
  if (bounds.lighter) {
    thrift.lighter = true;
    steps.push_back(thrift);
  }
  const int masks = thrift.mask_every;
  for (const int n : kRarer) {
    // Frames become as rare as masks are, where these were made rare, and the masks no rarer by that.
    if (!close(n) || (masks > 1 && masks % n != 0)) continue;
    thrift.frame_every = n;
    thrift.mask_every = std::max(1, masks / n);
    steps.push_back(thrift);
  }
  return steps;
}

std::string describe_change(const Thrift& from, const Thrift& to) {
  if (from.lighter != to.lighter)
    return to.lighter ? "a smaller network looks for you" : "the usual network looks for you again";
  if (from.frame_every != to.frame_every) return fmt::format("{} is shown", every(to.frame_every));
  return fmt::format("{} gets a new mask", every(to.mask_every));
}

}  // namespace viba
