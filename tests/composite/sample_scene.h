#pragma once

#include <array>

#include <viba/frame.h>
#include <viba/matte.h>

#include "media/scale.h"

namespace viba::test {

/// The person of the bundled sample before its room and before one colour, mixed with the same alpha: so
/// that what a compositor makes of the first can be held against the second.
struct SampleScene {
  Frame picture;
  Frame truth;   ///< the true composite
  Frame behind;  ///< the colour alone
  Matte matte;   ///< the true alpha, the room unknown
  Matte matte_with_room;
  Matte soft_matte_with_room;  ///< alpha blurred, as mattes are that were estimated
};

/// 1280x720. Throws std::runtime_error when the bundled pictures cannot be read.
[[nodiscard]] SampleScene make_sample_scene(std::array<float, 3> rgb);

}  // namespace viba::test
