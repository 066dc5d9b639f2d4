#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <viba/options.h>

namespace viba {

/// The folders in which ViBa's own files may lie, best first: the caller's, then those that belong
/// to the place this library was loaded from (`share/viba` beside or above it).
[[nodiscard]] std::vector<std::string> data_dirs(const Options& options);

/// The first `DIR/relative` that exists, e.g. "models/selfie_segmentation.tflite".
[[nodiscard]] std::optional<std::string> find_data_file(const Options& options, std::string_view relative);

/// `lib/viba` beside or above this library: where a private ONNX Runtime lies.
[[nodiscard]] std::vector<std::string> private_library_dirs();

}  // namespace viba
