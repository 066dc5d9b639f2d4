#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Makes a frame unsharp: shrunk, box-filtered three times (near a Gaussian: Wells 1986), enlarged.
/// The cost hardly depends on the radius. Thread-safety: none.
class FrameBlur {
 public:
  /// `strength` 1..100 is the Gaussian's sigma in thousandths of the frame's height.
  explicit FrameBlur(int strength) : strength_(strength) {}

  void run(const Frame& from, const MutableFrame& to);

 private:
  void blur_plane(ConstPlane from, Plane to, double sigma);

  int strength_;
  std::vector<std::uint8_t> small_;
  std::vector<std::uint8_t> turned_;
};

/// Beyond recognition, whatever the strength asked for: only a dozen cells high.
void blur_beyond_recognition(const Frame& from, const MutableFrame& to);

}  // namespace viba
