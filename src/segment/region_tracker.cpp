#include "segment/region_tracker.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr double kSpeck = 0.002;        ///< of the picture: smaller patches are nobody
constexpr double kUnsure = 0.6;         ///< of the threshold: the soft edge belongs to a person, too
constexpr double kLeastCover = 0.02;    ///< of the picture: people who cover less are lost
constexpr int kEvery = 15;              ///< pictures from one look at the whole to the next
constexpr int kEveryWhenCut = 8;        ///< the same while somebody goes on beyond the part
constexpr double kShrink = 0.3;         ///< of the way inwards, with each picture
constexpr double kNearlyAll = 0.9;      ///< of the picture: a part as large gains nothing
constexpr double kWidestStretch = 1.4;  ///< across the input's own shape, in either direction
constexpr double kLeastSide = 0.5;      ///< of the input's: enlarging a few pixels further tells nothing

/// Lengthens a span to `least` about its middle, and moves it so that it stays within 0 and `limit`.
void widen(double& from, double& to, double least, double limit) {
  least = std::min(least, limit);
  if (to - from >= least) return;
  from = std::clamp((from + to - least) / 2, 0.0, limit - least);
  to = from + least;
}

int even_below(double x) { return 2 * static_cast<int>(std::floor(x / 2)); }
int even_above(double x) { return 2 * static_cast<int>(std::ceil(x / 2)); }

/// Outwards at once, inwards slowly; `way` is -1 for sides that go outwards when they become less.
void move_side(double& side, double wanted, int way) {
  const bool outwards = (wanted - side) * way > 0;
  side += (outwards ? 1 : kShrink) * (wanted - side);
}

}  // namespace

Sighting united(const Sighting& one, const Sighting& other) {
  Sighting both = one.people ? one : other;
  both.cover = std::max(one.cover, other.cover);
  both.cut = one.cut || other.cut;
  if (!one.people || !other.people) return both;
  both.people->left = std::min(one.people->left, other.people->left);
  both.people->top = std::min(one.people->top, other.people->top);
  both.people->right = std::max(one.people->right, other.people->right);
  both.people->bottom = std::max(one.people->bottom, other.people->bottom);
  return both;
}

Sighting PeopleFinder::find(const Confidence& confidence, Size frame) {
  const Rect area = confidence.area.value_or(Rect{0, 0, frame});
  const double cell_width = double(area.size.width) / confidence.size.width;
  const double cell_height = double(area.size.height) / confidence.size.height;
  const double share = cell_width * cell_height / frame.width / frame.height;  // of a cell in the picture
  components_.find(confidence.values, confidence.size, static_cast<float>(kUnsure * threshold_));
  Sighting sighting;
  for (const Component& found : components_.all()) {
    if (found.cells * share < kSpeck) continue;
    const Rect& box = found.box;
    const int right = box.x + box.size.width;
    const int bottom = box.y + box.size.height;
    Sighting one;
    one.people = Region{area.x + box.x * cell_width, area.y + box.y * cell_height, area.x + right * cell_width,
                        area.y + bottom * cell_height};
    one.cut = (box.x == 0 && area.x > 0) || (box.y == 0 && area.y > 0) ||
              (right == confidence.size.width && area.x + area.size.width < frame.width) ||
              (bottom == confidence.size.height && area.y + area.size.height < frame.height);
    sighting = united(sighting, one);
  }
  const auto sure = std::ranges::count_if(confidence.values, [&](float p) { return p > threshold_; });
  sighting.cover = static_cast<double>(sure) * share;
  return sighting;
}

void RegionTracker::reset(Size frame) {
  frame_ = frame;
  region_.reset();
  since_whole_ = 0;
}

std::optional<Rect> RegionTracker::part() const {
  if (!region_) return std::nullopt;
  auto [left, top, right, bottom] = *region_;
  const double aspect = double(input_.width) / input_.height;
  widen(left, right, std::max(kLeastSide * input_.width, (bottom - top) * aspect / kWidestStretch), frame_.width);
  widen(top, bottom, std::max(kLeastSide * input_.height, (right - left) / aspect / kWidestStretch), frame_.height);
  const int x = even_below(left);
  const int y = even_below(top);
  const Size size{std::min(even_above(right), frame_.width) - x, std::min(even_above(bottom), frame_.height) - y};
  if (double(size.width) * size.height > kNearlyAll * frame_.width * frame_.height) return std::nullopt;
  return Rect{x, y, size};
}

bool RegionTracker::wants_whole(const Sighting& seen) const {
  return !seen.people || since_whole_ + 1 >= (seen.cut ? kEveryWhenCut : kEvery);
}

void RegionTracker::follow(const Sighting& seen, bool whole, double margin) {
  since_whole_ = whole ? 0 : since_whole_ + 1;
  if (!seen.people || seen.cover < kLeastCover) return region_.reset();
  const auto& people = *seen.people;
  const double across = margin * (people.right - people.left);
  const double down = margin * (people.bottom - people.top);
  const Region wanted{std::max(people.left - across, 0.0), std::max(people.top - down, 0.0),
                      std::min(people.right + across, double(frame_.width)),
                      std::min(people.bottom + down, double(frame_.height))};
  if (!region_) region_ = wanted;
  move_side(region_->left, wanted.left, -1);
  move_side(region_->top, wanted.top, -1);
  move_side(region_->right, wanted.right, 1);
  move_side(region_->bottom, wanted.bottom, 1);
}

}  // namespace viba
