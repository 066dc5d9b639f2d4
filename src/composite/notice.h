#pragma once

#include <vector>

#include <viba/frame.h>

namespace viba {

enum class Notice { kStarting, kHidden, kNoCamera, kStepOut };

/// Lays a small line of words over the lower part of a frame, scaled with its height.
void draw_notice(const MutableFrame& frame, Notice notice);

}  // namespace viba
