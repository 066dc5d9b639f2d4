#pragma once

#include <vector>

#include <viba/frame.h>
#include <viba/matte.h>

namespace viba {

/// out = alpha·person + (1 − alpha)·behind on the planes of I420: alpha at luma's size, for chroma
/// the mean of its 2x2 pixels. Exact at both ends: alpha 0 gives `behind`'s bytes, 255 `person`'s
/// (Porter and Duff 1984, "over", in 8 bits with correct rounding). All of one size.
/// Thread-safety: none, it keeps scratch memory.
class Blender {
 public:
  void run(const Frame& person, const Frame& behind, const Matte& matte, const MutableFrame& out);

 private:
  std::vector<std::uint8_t> half_alpha_;
};

/// The same for one row; a scalar definition that the compiler turns into vectors.
void blend_row(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
               int width);

/// The mean of each 2x2 pixels of two rows of alpha, `width` of them.
void halve_alpha(const std::uint8_t* upper, const std::uint8_t* lower, std::uint8_t* out, int width);

}  // namespace viba
