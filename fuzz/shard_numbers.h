#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A fuzzed TF.js model has no weight files. What its importer reads from a shard is the whole
/// numbers that stand in the shard's name, over and over: of "2,-1" the numbers 2, -1, 2, -1 …, 32
/// bits each. So a single .json file is a whole model, small constants included.
namespace viba::fuzz {

inline std::vector<std::uint8_t> shard_of_name(std::string_view name, std::size_t bytes) {
  std::vector<std::int32_t> numbers;
  for (const char* at = name.data(); at != name.data() + name.size();) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(at, name.data() + name.size(), number);
    if (error == std::errc()) numbers.push_back(number);
    at = end == at ? at + 1 : end;
  }
  if (numbers.empty()) numbers.push_back(1);
  std::vector<std::uint8_t> shard(bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    shard[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(numbers[i / 4 % numbers.size()]) >> i % 4 * 8);
  return shard;
}

/// The name of a shard that begins with these bytes.
inline std::string name_of_shard(std::span<const std::uint8_t> bytes) {
  std::string name;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t number = 0;
    for (std::size_t j = i; j < bytes.size() && j < i + 4; ++j)
      number |= static_cast<std::uint32_t>(bytes[j]) << (j - i) * 8;
    name += (i == 0 ? "" : ",") + std::to_string(static_cast<std::int32_t>(number));
  }
  return name;
}

}  // namespace viba::fuzz
