#pragma once

#include <set>
#include <string>
#include <string_view>

#include <viba/result.h>

#include "segment/feed.h"

namespace viba {

/// What lies beside the model file MODEL is called MODEL.toml.
[[nodiscard]] std::string feed_file_of(const std::string& model);

/// What a key takes, as in "a number from 0 to 1"; empty when there is no such key.
[[nodiscard]] std::string_view values_of(std::string_view key);

/// Puts what the text states into `feed` and leaves the rest as it is. Gives the keys that were stated,
/// as "input.range". `file` is for errors.
/// Errors: kBadData (no TOML, a key that there is not, a value out of range), naming file, key and what
/// it takes.
[[nodiscard]] Result<std::set<std::string>> apply_toml(std::string_view text, const std::string& file, Feed& feed);

/// All of `feed`, each key with a line on what it means; those in `doubts` are marked as guesses.
[[nodiscard]] std::string toml_of(const Feed& feed, const std::set<std::string>& doubts);

}  // namespace viba
