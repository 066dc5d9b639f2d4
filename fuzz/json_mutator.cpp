#include <cstddef>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Changes JSON as JSON: a change of bytes mostly makes it none, and then only its reader is tried.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace viba::fuzz {
namespace {

using nlohmann::json;

/// A value with the place where it stands.
struct Place {
  json* parent = nullptr;
  std::string key;  ///< of an object's member
  std::size_t index = 0;
  [[nodiscard]] json& value() const { return parent->is_object() ? (*parent)[key] : (*parent)[index]; }
};

void collect(json& value, std::vector<Place>& places, int depth = 0) {
  constexpr int kDeepest = 50;
  if (depth > kDeepest) return;
  if (value.is_object())
    for (auto& [key, member] : value.items()) {
      places.push_back({&value, key, 0});
      collect(member, places, depth + 1);
    }
  else if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) {
      places.push_back({&value, "", i});
      collect(value[i], places, depth + 1);
    }
}

std::string mutated(std::string text) {
  const std::size_t size = text.size();
  text.resize(size + 16);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
  return text;
}

class Mutation {
 public:
  Mutation(json& root, unsigned seed) : random_(seed) { collect(root, places_); }

  void run() {
    if (places_.empty()) return;
    const Place& place = any();
    switch (random_() % 6) {
      case 0: return erase(place);
      case 1: return repeat(place);
      case 2: return change(place.value());
      default: return replace(place);
    }
  }

 private:
  const Place& any() { return places_[random_() % places_.size()]; }

  static void erase(const Place& place) {
    if (place.parent->is_object())
      place.parent->erase(place.key);
    else
      place.parent->erase(place.index);
  }

  static void repeat(const Place& place) {
    if (!place.parent->is_array()) return;
    const json copy = place.value();
    place.parent->insert(place.parent->begin() + static_cast<std::ptrdiff_t>(place.index), copy);
  }

  void change(json& value) {
    constexpr std::int64_t kNumbers[] = {0, 1, -1, 2, 3, 4096, 4097, 1 << 27, INT32_MAX, INT64_MAX, INT64_MIN};
    const std::int64_t number = kNumbers[random_() % std::size(kNumbers)];
    if (value.is_number_integer())
      value = number;
    else if (value.is_number())
      value = random_() % 2 == 0 ? 1e300 : -1e-300;
    else if (value.is_boolean())
      value = !value.get<bool>();
    else if (value.is_string())
      value = random_() % 2 == 0 ? std::to_string(number) : mutated(value.get<std::string>());
  }

  /// By another of the same name, if possible: an operator by an operator, an input by an input.
  void replace(const Place& place) {
    constexpr int kTries = 64;
    const Place* from = &any();
    for (int i = 0; i < kTries && key_of(*from) != key_of(place); ++i) from = &any();
    const json copy = from->value();
    place.value() = copy;
  }

  /// Of what stands in lists, that of the list is not known here; their items count as one kind.
  static std::string_view key_of(const Place& place) {
    return place.parent->is_object() ? std::string_view(place.key) : std::string_view();
  }

  std::mt19937 random_;
  std::vector<Place> places_;
};

}  // namespace
}  // namespace viba::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  using nlohmann::json;
  json root = seed % 8 == 0 ? json(json::value_t::discarded) : json::parse(data, data + size, nullptr, false);
  if (root.is_discarded() || !root.is_structured()) return LLVMFuzzerMutate(data, size, most);
  viba::fuzz::Mutation(root, seed).run();
  const std::string text = root.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}
