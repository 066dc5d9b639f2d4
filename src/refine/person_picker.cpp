#include "refine/person_picker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace viba {
namespace {

constexpr float kThere = 0.3F;          ///< a matte over this is a part of somebody
constexpr double kSpeck = 0.002;        ///< of the grid: smaller patches are nobody
constexpr double kMiddleDown = 0.6;     ///< where people in calls sit, of the height
constexpr double kSpread = 0.35;        ///< of the width: how far from there somebody counts little
constexpr double kMuchMore = 1.5;       ///< times the main person's score
constexpr int kPatience = 15;           ///< mattes: half a second
constexpr double kSamePerson = 0.3;     ///< overlap with the memory, of the smaller of the two
constexpr float kFade = 0.1F;           ///< of the memory, with each matte
constexpr double kSatelliteSize = 0.2;  ///< of the person's: a hand that the matte cut off is no larger
constexpr double kSatelliteGap = 0.03;  ///< of the width; twice as far where the person was before

// Chamfer distances: 3 to the next cell, 4 across a corner (Borgefors 1986).
constexpr int kStraight = 3;
constexpr int kDiagonal = 4;
constexpr std::uint16_t kFar = std::numeric_limits<std::uint16_t>::max() - kDiagonal;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

void PersonPicker::make_room(Size size) {
  const auto cells = at(size.width) * at(size.height);
  const auto most = at((size.width + 1) / 2) * at((size.height + 1) / 2);  // of components
  memory_.resize(cells);
  to_kept_.resize(cells);
  to_dropped_.resize(cells);
  overlaps_.reserve(most);
  kept_.reserve(most);
  reset();
  size_ = size;
}

void PersonPicker::reset() {
  std::ranges::fill(memory_, 0.0F);
  remembered_ = 0;
  somebody_ = false;
  gone_ = outdone_ = 0;
}

double PersonPicker::score(std::int32_t person) const {
  const Component& component = components_.all()[at(person)];
  const double distance =
      std::hypot(component.x - size_.width / 2.0, component.y - size_.height * kMiddleDown) / size_.width / kSpread;
  return component.cells * std::exp(-distance * distance);
}

std::int32_t PersonPicker::best(std::int32_t but) const {
  std::int32_t found = Components::kNone;
  const auto components = components_.all();
  for (std::int32_t i = 0; i < std::ssize(components); ++i)
    if (i != but && components[at(i)].cells >= kSpeck * size_.width * size_.height &&
        (found == Components::kNone || score(i) > score(found)))
      found = i;
  return found;
}

void PersonPicker::measure_overlaps() {
  overlaps_.assign(components_.all().size(), 0);
  const auto labels = components_.labels();
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] != Components::kNone) overlaps_[at(labels[i])] += memory_[i];
}

std::int32_t PersonPicker::take(std::int32_t person) {
  somebody_ = person != Components::kNone;
  anew_ = true;
  gone_ = outdone_ = 0;
  return person;
}

std::int32_t PersonPicker::most_alike() const {
  std::int32_t found = Components::kNone;
  double most = 0;
  for (std::size_t i = 0; i < overlaps_.size(); ++i) {
    const double cells = components_.all()[i].cells;
    if (overlaps_[i] < kSamePerson * std::min(remembered_, cells)) continue;
    // Whoever touched the main person is in the memory, too, but not for so long.
    const double covered = overlaps_[i] / cells;
    const double alike = score(static_cast<std::int32_t>(i)) * covered * covered;
    if (alike > most) {
      most = alike;
      found = static_cast<std::int32_t>(i);
    }
  }
  return found;
}

std::int32_t PersonPicker::choose() {
  if (!somebody_) return take(best(Components::kNone));
  const std::int32_t same = most_alike();
  if (same == Components::kNone) return ++gone_ < kPatience ? same : take(best(same));
  gone_ = 0;
  const std::int32_t other = best(same);
  outdone_ = other != Components::kNone && score(other) > kMuchMore * score(same) ? outdone_ + 1 : 0;
  return outdone_ < kPatience ? same : take(other);
}

void PersonPicker::spread(std::vector<std::uint16_t>& distances) const {
  const auto width = static_cast<std::ptrdiff_t>(size_.width);
  const auto height = static_cast<std::ptrdiff_t>(size_.height);
  // From the row before and the cell before, forwards; then the same backwards.
  for (const std::ptrdiff_t way : {1, -1}) {
    for (std::ptrdiff_t step_y = 0; step_y < height; ++step_y) {
      const std::ptrdiff_t y = way > 0 ? step_y : height - 1 - step_y;
      std::uint16_t* row = distances.data() + y * width;
      const std::uint16_t* before = step_y > 0 ? row - way * width : nullptr;
      for (std::ptrdiff_t step_x = 0; step_x < width; ++step_x) {
        const std::ptrdiff_t x = way > 0 ? step_x : width - 1 - step_x;
        int least = row[x];
        if (step_x > 0) least = std::min(least, row[x - way] + kStraight);
        if (before) {
          least = std::min(least, before[x] + kStraight);
          if (x > 0) least = std::min(least, before[x - 1] + kDiagonal);
          if (x + 1 < width) least = std::min(least, before[x + 1] + kDiagonal);
        }
        row[x] = static_cast<std::uint16_t>(std::min<int>(least, kFar));
      }
    }
  }
}

void PersonPicker::keep(std::int32_t person) {
  const auto components = components_.all();
  const auto labels = components_.labels();
  kept_.assign(components.size(), 0);
  if (person == Components::kNone) return;
  kept_[at(person)] = 1;
  if (components.size() == 1) return;
  std::ranges::transform(labels, to_kept_.begin(), [&](std::int32_t label) { return label == person ? 0 : kFar; });
  spread(to_kept_);
  const double gap = kStraight * kSatelliteGap * size_.width;
  const double most = kSatelliteSize * components[at(person)].cells;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == Components::kNone || components[at(labels[i])].cells > most) continue;
    const bool was_there = overlaps_[at(labels[i])] > components[at(labels[i])].cells / 2.0;
    if (to_kept_[i] <= (was_there ? 2 * gap : gap)) kept_[at(labels[i])] = 1;
  }
}

void PersonPicker::remember() {
  const auto labels = components_.labels();
  const float fade = std::exchange(anew_, false) ? 1 : kFade;
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool kept = labels[i] != Components::kNone && kept_[at(labels[i])] != 0;
    memory_[i] += fade * ((kept ? 1.0F : 0.0F) - memory_[i]);
    sum += memory_[i];
  }
  remembered_ = sum;
}

void PersonPicker::drop_others(std::span<float> matte) {
  const auto labels = components_.labels();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool there = labels[i] != Components::kNone;
    const bool kept = there && kept_[at(labels[i])] != 0;
    to_kept_[i] = kept ? 0 : kFar;
    to_dropped_[i] = there && !kept ? 0 : kFar;
  }
  spread(to_kept_);
  spread(to_dropped_);
  // What is faint goes with whom it is nearer to.
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (to_dropped_[i] < to_kept_[i]) matte[i] = 0;
}

void PersonPicker::run(std::span<float> matte, Size size) {
  if (size != size_) make_room(size);
  components_.find(matte, size, kThere);
  measure_overlaps();
  const std::int32_t person = choose();
  keep(person);
  if (person == Components::kNone) {
    std::ranges::fill(matte, 0.0F);
    return;
  }
  remember();
  if (std::ranges::count(kept_, 0) > 0) drop_others(matte);
}

}  // namespace viba
