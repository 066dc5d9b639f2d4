#include "matte_measures.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace viba::test {
namespace {

constexpr double kTolerance = 0.0075;  // of the diagonal
constexpr double kBand = 0.02;
constexpr int kHalf = 128;
constexpr float kFar = 1e12F;

std::size_t cells(Size size) { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height); }

double diagonal(Size size) { return std::hypot(size.width, size.height); }

/// The person's outermost pixels; the picture's border is no outline.
std::vector<bool> outline_of(const Gray& gray) {
  const auto [width, height] = gray.size;
  const auto person = [&](int x, int y) {
    return gray.at(std::clamp(x, 0, width - 1), std::clamp(y, 0, height - 1)) >= kHalf;
  };
  std::vector<bool> outline(cells(gray.size));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      outline[static_cast<std::size_t>(y * width + x)] =
          person(x, y) && !(person(x - 1, y) && person(x + 1, y) && person(x, y - 1) && person(x, y + 1));
  return outline;
}

/// The squared distance along one line: the lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012).
void transform_line(const std::vector<float>& from, std::vector<float>& to, int count) {
  std::vector<int> centres(static_cast<std::size_t>(count));
  std::vector<float> borders(static_cast<std::size_t>(count) + 1);
  const auto meet = [&](int a, int b) {
    return ((from[std::size_t(a)] + float(a) * float(a)) - (from[std::size_t(b)] + float(b) * float(b))) /
           (2 * float(a) - 2 * float(b));
  };
  std::size_t last = 0;
  borders[0] = -std::numeric_limits<float>::infinity();
  for (int i = 1; i < count; ++i) {
    float border = meet(i, centres[last]);
    while (border <= borders[last]) border = meet(i, centres[--last]);
    centres[++last] = i;
    borders[last] = border;
  }
  borders[last + 1] = std::numeric_limits<float>::infinity();
  std::size_t at = 0;
  for (int i = 0; i < count; ++i) {
    while (borders[at + 1] < float(i)) ++at;
    const auto away = float(i - centres[at]);
    to[std::size_t(i)] = away * away + from[std::size_t(centres[at])];
  }
}

/// Each pixel's squared distance to the nearest of the points.
std::vector<float> distances_to(const std::vector<bool>& points, Size size) {
  std::vector<float> squares(points.size());
  std::ranges::transform(points, squares.begin(), [](bool point) { return point ? 0 : kFar; });
  const auto [width, height] = size;
  std::vector<float> from(static_cast<std::size_t>(std::max(width, height)));
  std::vector<float> to(from.size());
  const auto line = [&](int start, int step, int count) {
    for (int i = 0; i < count; ++i) from[std::size_t(i)] = squares[std::size_t(start + i * step)];
    transform_line(from, to, count);
    for (int i = 0; i < count; ++i) squares[std::size_t(start + i * step)] = to[std::size_t(i)];
  };
  for (int x = 0; x < width; ++x) line(x, width, height);
  for (int y = 0; y < height; ++y) line(y * width, 1, width);
  return squares;
}

/// The share of the points that lie within that distance.
double share_within(const std::vector<bool>& points, const std::vector<float>& squares, double distance) {
  std::size_t all = 0;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i]) continue;
    ++all;
    if (squares[i] <= distance * distance) ++hits;
  }
  return static_cast<double>(hits) / static_cast<double>(all);
}

}  // namespace

Gray shrunk(ConstPlane from, Size to) {
  const int by = from.size.width / to.width;
  Gray gray{to, {}};
  gray.values.reserve(cells(to));
  for (int y = 0; y < to.height; ++y)
    for (int x = 0; x < to.width; ++x) {
      int sum = by * by / 2;
      for (int row = y * by; row < (y + 1) * by; ++row)
        for (int column = x * by; column < (x + 1) * by; ++column) sum += from.row(row)[column];
      gray.values.push_back(static_cast<std::uint8_t>(sum / (by * by)));
    }
  return gray;
}

void MatteMeter::add(const Gray& truth, const Gray& matte) {
  add_still(truth, matte);
  if (last_) add_step(*last_, truth, matte);
  last_ = {truth, matte};
}

void MatteMeter::add_still(const Gray& truth, const Gray& matte) {
  int both = 0;
  int either = 0;
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    const bool wanted = truth.values[i] >= kHalf;
    const bool found = matte.values[i] >= kHalf;
    both += wanted && found ? 1 : 0;
    either += wanted || found ? 1 : 0;
  }
  iou_.add(either > 0 ? double(both) / either : 1);

  const double length = diagonal(truth.size);
  const double tolerance = std::max(1.0, kTolerance * length);
  const auto wanted = outline_of(truth);
  const auto found = outline_of(matte);
  const bool any_wanted = std::ranges::find(wanted, true) != wanted.end();
  const bool any_found = std::ranges::find(found, true) != found.end();
  const auto distance = distances_to(wanted, truth.size);
  if (any_wanted && any_found) {
    const double precision = share_within(found, distance, tolerance);
    const double recall = share_within(wanted, distances_to(found, truth.size), tolerance);
    boundary_f_.add(precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0);
  } else {
    boundary_f_.add(any_wanted == any_found ? 1 : 0);
  }
  if (!any_wanted) return;
  double error = 0;
  int count = 0;
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    if (distance[i] > kBand * length * kBand * length) continue;
    error += std::abs(int{truth.values[i]} - int{matte.values[i]}) / 255.0;
    ++count;
  }
  band_mad_.add(1000 * error / count);
}

void MatteMeter::add_step(const Pair& before, const Gray& truth, const Gray& matte) {
  double squares = 0;
  double change = 0;
  int still = 0;
  for (std::size_t i = 0; i < truth.values.size(); ++i) {
    const int wanted = int{truth.values[i]} - int{before.truth.values[i]};
    const int found = int{matte.values[i]} - int{before.matte.values[i]};
    squares += double(found - wanted) * (found - wanted);
    if (wanted != 0) continue;
    change += std::abs(found);
    ++still;
  }
  dtssd_.add(100 * std::sqrt(squares / double(truth.values.size())) / 255);
  if (still > 0) flicker_.add(1000 * change / still / 255);
}

Measures MatteMeter::mean() const {
  return {iou_.value(), boundary_f_.value(), band_mad_.value(), dtssd_.value(), flicker_.value()};
}

}  // namespace viba::test
