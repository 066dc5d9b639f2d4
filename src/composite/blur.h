#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>
#include <viba/matte.h>

namespace viba {

/// Makes the room unsharp, and leaves the person out of it, who would otherwise shine around
/// themselves: shrunk, box-filtered three times (near a Gaussian: Wells 1986), enlarged, each cell
/// counting by how much of it is room (normalised convolution: Knutsson and Westin 1993). Deep behind
/// the person, where no room is within reach, it is the person's own blurred colour.
/// The cost hardly depends on the radius. Memory is made when the size changes, but for what libyuv's
/// scaler makes. Thread-safety: none.
class FrameBlur {
 public:
  /// `strength` 1..100 is the Gaussian's sigma in thousandths of the frame's height. It is at least
  /// some three pixels.
  explicit FrameBlur(int strength) : strength_(strength) {}

  /// `matte` is of the frame's size.
  void run(const Frame& from, const Matte& matte, const MutableFrame& to);

 private:
  void resize(Size frame);
  void shrink(ConstPlane from, std::vector<std::uint8_t>& to);
  void widen_person();
  void weigh(const Frame& from);
  void filter_rows();
  void filter_columns();
  void enlarge(int channel, Plane to);

  int strength_;
  Size frame_;
  int radius_ = 0;  ///< of the box filters, in cells
  Size small_;      ///< the grid of cells
  std::vector<std::uint8_t> person_, widened_, plane_;
  std::vector<std::uint16_t> cells_, filtered_, line_, other_line_, sums_;
  std::vector<std::uint32_t> column_sums_;
  std::vector<int> columns_;  ///< where each cell begins, and the last one ends
};

/// Beyond recognition, whatever the strength asked for: only a dozen cells high.
void blur_beyond_recognition(const Frame& from, const MutableFrame& to);

}  // namespace viba
