#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <viba/frame.h>

namespace viba::test {

/// 8-bit gray, row by row, without padding: a matte of 0 (background) to 255 (person).
struct Gray {
  Size size;
  std::vector<std::uint8_t> values;

  [[nodiscard]] std::uint8_t at(int x, int y) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)];
  }
};

/// The mean of each cell's pixels where it shrinks; `from` must be a whole number of times as large.
[[nodiscard]] Gray shrunk(ConstPlane from, Size to);

/// Means over the frames that have the measure.
struct Measures {
  double iou = 0;         ///< of both mattes cut at one half; 0..1, more is better
  double boundary_f = 0;  ///< of their outlines, which meet within 0.75% of the diagonal (Perazzi et al. 2016); 0..1
  double band_mad = 0;    ///< mean absolute difference within 2% of the diagonal of the true outline, times 1000
  double dtssd = 0;       ///< root mean square difference of the changes in time (Erofeev et al. 2015), times 100
  double flicker = 0;     ///< mean change in time where the truth does not change, times 1000
};

/// Compares mattes with the truth, frame by frame.
class MatteMeter {
 public:
  /// Both of one size.
  void add(const Gray& truth, const Gray& matte);
  /// The next frame has nothing to do with the last one.
  void cut() { last_.reset(); }
  [[nodiscard]] Measures mean() const;

 private:
  struct Mean {
    double sum = 0;
    int count = 0;
    void add(double value) {
      sum += value;
      ++count;
    }
    [[nodiscard]] double value() const { return count > 0 ? sum / count : 0; }
  };
  struct Pair {
    Gray truth, matte;
  };
  void add_still(const Gray& truth, const Gray& matte);
  void add_step(const Pair& before, const Gray& truth, const Gray& matte);

  Mean iou_, boundary_f_, band_mad_, dtssd_, flicker_;
  std::optional<Pair> last_;
};

}  // namespace viba::test
