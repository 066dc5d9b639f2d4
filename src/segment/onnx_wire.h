#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace viba::onnx {

/// Looks at the bytes of an ONNX file before anything is built from them: a few bytes of a protocol
/// buffer may stand for an object of a hundred, and numbers of a byte for numbers of eight. Counts both,
/// and looks for parts that ViBa does not let a stranger's file have (weights kept sparsely, functions,
/// notes on training). Needs no memory itself.
/// Nothing when all is well; else what is wrong with the file, as in "it is cut off".
[[nodiscard]] std::optional<std::string> wire_complaint(std::span<const std::uint8_t> bytes);

}  // namespace viba::onnx
