#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <viba/result.h>

#include "segment/signature.h"

namespace viba::onnx {

/// What makes a value.
struct Maker {
  std::string op;
  std::string first_input;
};

/// An ONNX file that has been looked through for what a stranger's file may not do. What its operators
/// mean is left to the runtime.
struct File {
  std::string path;  ///< its name, for errors
  std::vector<std::uint8_t> bytes;
  Signature signature;
  std::unordered_map<std::string, Maker> makers;  ///< by what they make

  double million_multiply_adds = 0;  ///< 0: the file does not tell
};

/// Errors, each naming the file: kNotFound, kPermission, kIo, and as `check_file`.
[[nodiscard]] Result<File> read_file(const std::string& path);

/// Errors, each naming the file: kBadData (damaged, or no ONNX file at all), kUnsupported (weights in
/// other files, loops, or a size that needs more than 1 GiB).
[[nodiscard]] Result<File> check_file(std::vector<std::uint8_t> bytes, const std::string& path);

}  // namespace viba::onnx
