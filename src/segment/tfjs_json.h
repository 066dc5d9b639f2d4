#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "segment/signature.h"
#include "segment/tfjs_model.h"

/// Reading the protocol buffers that a TF.js model holds as JSON. What is not as it should be reads
/// as nothing; what needs it refuses it later.
namespace viba::tfjs {

/// Null when `object` is none or has no such member.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& object, const char* key);
/// Empty for null and for what is no text.
[[nodiscard]] std::string text_of(const nlohmann::json* value);
[[nodiscard]] Attribute attribute_of(const nlohmann::json& value);
/// Of the `signature` in the root of a model.json, or in its metadata; without ports when it has none.
[[nodiscard]] Signature stated_signature(const nlohmann::json& root);

}  // namespace viba::tfjs
