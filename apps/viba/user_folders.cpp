#include "user_folders.h"

#include <cstdlib>
#include <string_view>

namespace viba::app {
namespace {

/// Empty when it is not set. The specification says that relative paths do not count.
std::string folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

std::string model_folder() {
  constexpr std::string_view kTail = "/viba/models";
  if (const auto data = folder_in("XDG_DATA_HOME"); !data.empty()) return data + std::string(kTail);
  const auto home = folder_in("HOME");
  return home.empty() ? "" : home + "/.local/share" + std::string(kTail);
}

}  // namespace viba::app
