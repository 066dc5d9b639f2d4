#pragma once

#include <fmt/format.h>

#include <string_view>

#include <viba/result.h>

namespace viba::tfjs {

/// `what` as in "its weights end too early".
inline tl::unexpected<Error> damaged(std::string_view file, std::string_view what) {
  return fail(ErrorCode::kBadData,
              fmt::format("The model file {} is damaged ({}); fetch it and its weight files anew.", file, what));
}

/// `why` as in "it has no picture as input".
inline tl::unexpected<Error> unsupported(std::string_view file, std::string_view why) {
  return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file, why));
}

}  // namespace viba::tfjs
