#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <viba/result.h>

namespace viba {

/// A file that comes to stand under its name only when it is complete: until `commit` it is a hidden
/// file beside it, and is removed if that never happens.
class PartFile {
 public:
  /// Makes the hidden file, empty. Errors: kUsage (a folder of that name), kNotFound, kPermission, kIo.
  [[nodiscard]] static Result<PartFile> create(const std::string& path);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&& other) noexcept;
  ~PartFile();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& part_path() const { return part_path_; }
  [[nodiscard]] Result<void> commit();

 private:
  PartFile(std::string path, std::string part_path);
  std::string path_;
  std::string part_path_;  ///< empty: nothing to remove
};

/// Puts `bytes` into the hidden file and commits it. Errors: as `PartFile`.
[[nodiscard]] Result<void> write_and_commit(PartFile file, std::span<const std::uint8_t> bytes);

}  // namespace viba
