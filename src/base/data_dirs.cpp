#include "base/data_dirs.h"

#include <dlfcn.h>

#include <filesystem>

namespace viba {
namespace {

namespace fs = std::filesystem;

/// Where the code of this very function was loaded from: the shared library, or the program it was
/// linked into.
fs::path own_folder() {
  static const char anchor = 0;
  Dl_info info{};
  if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const fs::path file = fs::canonical(info.dli_fname, error);
  return error ? fs::path{} : file.parent_path();
}

/// `tail` in the build folder, in PREFIX/bin or PREFIX/lib, and in PREFIX/lib/TRIPLET.
std::vector<std::string> around_library(std::string_view tail) {
  std::vector<std::string> found;
  fs::path folder = own_folder();
  for (int level = 0; level < 3 && !folder.empty(); ++level, folder = folder.parent_path()) {
    std::error_code error;
    if (const fs::path candidate = folder / tail; fs::is_directory(candidate, error)) found.push_back(candidate);
  }
  return found;
}

}  // namespace

std::vector<std::string> data_dirs(const Options& options) {
  std::vector<std::string> dirs = options.data_dirs;
  for (auto& dir : around_library("share/viba")) dirs.push_back(std::move(dir));
  return dirs;
}

std::optional<std::string> find_data_file(const Options& options, std::string_view relative) {
  for (const auto& dir : data_dirs(options)) {
    std::error_code error;
    if (const fs::path file = fs::path(dir) / relative; fs::exists(file, error)) return file.string();
  }
  return std::nullopt;
}

std::vector<std::string> private_library_dirs() { return around_library("lib/viba"); }

}  // namespace viba
