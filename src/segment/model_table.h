#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "segment/feed.h"

namespace viba {

struct KnownSum {
  std::string file;    ///< its name, without a folder
  std::string sha256;  ///< in lower-case hexadecimal digits
};

/// A network that ViBa knows by name. All there is to know of it stands here and nowhere else.
struct ModelInfo {
  std::string name;                  ///< as --model-name takes it
  std::vector<std::string> aliases;  ///< other names that it answers to
  std::string description;           ///< for people
  std::string licence;               ///< SPDX
  std::string file;                  ///< in a folder of models
  std::string source;                ///< URL of `file`, when ViBa fetches it; else where it comes from, in words
  std::string how_to_get;            ///< a sentence for what ViBa does not fetch from the net; else empty
  std::string lighter;               ///< the next smaller one of its family, for those in need; else empty
  std::uint64_t bytes = 0;           ///< of its files, about: a model says exactly only when it is there
  Feed feed;                         ///< how it is fed
  std::vector<KnownSum> sums;        ///< of those files whose content is known
};

/// The first one is the default.
[[nodiscard]] std::span<const ModelInfo> model_table();

/// By its name or an alias. Null when no model has that name.
[[nodiscard]] const ModelInfo* find_model(std::string_view name);

/// For those who asked for `name`, which no model has: the names that are like it and those of the
/// families, as in "do you mean a or b? There are ...", a clause without a full stop.
[[nodiscard]] std::string known_names(std::string_view name);

/// "256x256", or "camera's size".
[[nodiscard]] std::string input_in_words(const ModelInfo& model);

}  // namespace viba
