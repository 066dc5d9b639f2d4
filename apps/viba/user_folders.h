#pragma once

#include <string>

namespace viba::app {

/// Where this user's models lie: $XDG_DATA_HOME/viba/models, else ~/.local/share/viba/models (XDG Base
/// Directory Specification). Empty when neither is known.
[[nodiscard]] std::string model_folder();

}  // namespace viba::app
