#pragma once

#include <span>
#include <string_view>

#include "segment/feed.h"

namespace viba {

/// A network that comes with ViBa. All there is to know of it stands here and nowhere else.
struct ModelInfo {
  std::string_view name;         ///< as --model-name takes it
  std::string_view description;  ///< for people
  std::string_view file;         ///< in a data folder's models/
  std::string_view licence;      ///< SPDX
  Feed feed;
};

[[nodiscard]] std::span<const ModelInfo> model_table();

/// Null when no model has that name.
[[nodiscard]] const ModelInfo* find_model(std::string_view name);

}  // namespace viba
