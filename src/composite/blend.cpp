#include "composite/blend.h"

namespace viba {

void blend_row(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
               int width) {
  for (int x = 0; x < width; ++x) {
    // x / 255, rounded, for x up to 255·255, without leaving 16 bits.
    const auto sum = static_cast<std::uint16_t>(person[x] * alpha[x] + behind[x] * (255 - alpha[x]) + 128);
    out[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(sum + (sum >> 8)) >> 8);
  }
}

void halve_alpha(const std::uint8_t* upper, const std::uint8_t* lower, std::uint8_t* out, int width) {
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint8_t>((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
}

void Blender::run(const Frame& person, const Frame& behind, const Matte& matte, const MutableFrame& out) {
  const ConstPlane alpha = matte.alpha();
  const Size half = out.u().size;
  half_alpha_.resize(static_cast<std::size_t>(half.width));
  for (int y = 0; y < half.height; ++y) {
    for (const int row : {2 * y, 2 * y + 1})
      blend_row(person.y().row(row), behind.y().row(row), alpha.row(row), out.y().row(row), alpha.size.width);
    halve_alpha(alpha.row(2 * y), alpha.row(2 * y + 1), half_alpha_.data(), half.width);
    blend_row(person.u().row(y), behind.u().row(y), half_alpha_.data(), out.u().row(y), half.width);
    blend_row(person.v().row(y), behind.v().row(y), half_alpha_.data(), out.v().row(y), half.width);
  }
}

}  // namespace viba
