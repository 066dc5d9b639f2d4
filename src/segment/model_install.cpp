#include "segment/model_install.h"

#include <fcntl.h>
#include <stdio.h>  // NOLINT: renameat2 is the system's, not C++'s

#include <algorithm>
#include <cerrno>

#include "base/file_error.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// The old folder aside, and then the new one into its place: for file systems that cannot exchange.
Result<void> move_over(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::path aside = from.string() + ".old";
  fs::remove_all(aside, error);
  fs::rename(to, aside, error);
  fs::rename(from, to, error);
  const int why = error.value();
  if (why != 0)
    fs::rename(aside, to, error);
  else
    fs::remove_all(aside, error);
  return why == 0 ? Result<void>{} : tl::unexpected(cannot_write(to.string(), why));
}

Result<void> exchange(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(from, ignored);
    return {};
  }
  if (errno == ENOENT && ::rename(from.c_str(), to.c_str()) == 0) return {};
  return move_over(from, to);
}

}  // namespace

Result<std::string> install_model(const ModelInfo& model, const fs::path& staging, const fs::path& folder,
                                  const std::vector<std::string>& names) {
  std::error_code error;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(staging, error))
    if (std::ranges::find(names, entry.path().filename().string()) == names.end()) others.push_back(entry.path());
  for (const auto& other : others) fs::remove_all(other, error);

  const fs::path target = folder / model.file;
  if (fs::path(model.file).has_parent_path())
    return exchange(staging, target.parent_path()).map([&] { return target.string(); });
  fs::rename(staging / target.filename(), target, error);
  if (error) return tl::unexpected(cannot_write(target.string(), error.value()));
  fs::remove_all(staging, error);
  return target.string();
}

}  // namespace viba
