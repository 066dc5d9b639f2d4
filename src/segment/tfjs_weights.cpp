#include "segment/tfjs_weights.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "segment/import_math.h"
#include "segment/tfjs_error.h"

namespace viba::tfjs {
namespace {

using nlohmann::json;

/// Of all weights together: a third more than those of ResNet50. What is made of them on their way to the
/// runtime is up to six copies at once, of 4 bytes each, which stay below 1 GiB together.
constexpr std::int64_t kMostElements = std::int64_t{1} << 25;
constexpr std::size_t kMostRank = 8;

/// How the numbers of a weight lie in its file.
enum class Storage { kFloat32, kFloat16, kInt32, kUint8, kUint16, kTruth };

/// One row of the manifest.
struct Entry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t count = 0;
  bool whole = false;  ///< becomes whole numbers
  Storage storage{};
  double scale = 1, min = 0;  ///< what a stored number is multiplied with, and then what is added
};

std::int64_t bytes_of(Storage storage) {
  switch (storage) {
    case Storage::kFloat32:
    case Storage::kInt32: return 4;
    case Storage::kFloat16:
    case Storage::kUint16: return 2;
    case Storage::kUint8:
    case Storage::kTruth: return 1;
  }
  return 0;
}

/// Nothing when there is no such text.
std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// NaN when there is no such number.
double number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::optional<Storage> storage_of(std::string_view name) {
  if (name == "uint8") return Storage::kUint8;
  if (name == "uint16") return Storage::kUint16;
  if (name == "float16") return Storage::kFloat16;
  return std::nullopt;
}

class ManifestReader {
 public:
  explicit ManifestReader(const std::string& file) : file_(file) {}

  Result<Entry> entry(const json& row) {
    if (!row.is_object()) return damaged(file_, "its list of weights is not one");
    Entry entry{.name = text_at(row, "name")};
    auto done = shape(row, entry);
    if (done) done = storage(row, entry);
    if (!done) return tl::unexpected(std::move(done).error());
    return entry;
  }

 private:
  Result<void> shape(const json& row, Entry& entry) {
    const auto sides = row.find("shape");
    if (sides == row.end() || !sides->is_array() || sides->size() > kMostRank)
      return damaged(file_, fmt::format("the weight \"{}\" has no shape", printable(entry.name)));
    entry.count = 1;
    for (const json& side : *sides) {
      const std::int64_t length = side.is_number_integer() ? side.get<std::int64_t>() : 0;
      if (length < 1 || length > left_ / entry.count)
        return unsupported(file_, fmt::format("the size of its weight \"{}\" is no size, or asks for too much memory",
                                              printable(entry.name)));
      entry.count *= length;
      entry.shape.push_back(length);
    }
    left_ -= entry.count;
    return {};
  }

  Result<void> storage(const json& row, Entry& entry) const {
    const std::string type = text_at(row, "dtype");
    const bool truth = type == "bool";
    entry.whole = truth || type == "int32";
    entry.storage = truth ? Storage::kTruth : entry.whole ? Storage::kInt32 : Storage::kFloat32;
    if (!entry.whole && type != "float32")
      return unsupported(file_, fmt::format("its weight \"{}\" is of the type \"{}\", which ViBa does not know",
                                            printable(entry.name), printable(type)));
    const auto quantization = row.find("quantization");
    if (quantization == row.end()) return {};
    const auto stored = quantization->is_object() ? storage_of(text_at(*quantization, "dtype")) : std::nullopt;
    if (!stored || truth || (entry.whole && *stored == Storage::kFloat16))
      return unsupported(
          file_, fmt::format("its weight \"{}\" is stored in a way that ViBa does not know", printable(entry.name)));
    entry.storage = *stored;
    if (*stored == Storage::kFloat16) return {};
    entry.scale = number_at(*quantization, "scale");
    entry.min = number_at(*quantization, "min");
    if (!std::isfinite(entry.scale) || !std::isfinite(entry.min))
      return damaged(file_, fmt::format("the weight \"{}\" has no scale", printable(entry.name)));
    return {};
  }

  const std::string& file_;
  std::int64_t left_ = kMostElements;
};

template <class T, class To>
void decode(std::span<const std::uint8_t> bytes, std::vector<To>& values, auto convert) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T stored;  // the file aligns nothing
    std::memcpy(&stored, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert(stored);
  }
}

std::vector<float> floats_of(const Entry& entry, std::span<const std::uint8_t> bytes) {
  std::vector<float> values(static_cast<std::size_t>(entry.count));
  const auto scaled = [&entry](auto x) { return static_cast<float>(x * entry.scale + entry.min); };
  switch (entry.storage) {
    case Storage::kUint8: decode<std::uint8_t>(bytes, values, scaled); break;
    case Storage::kUint16: decode<std::uint16_t>(bytes, values, scaled); break;
    case Storage::kFloat16: decode<std::uint16_t>(bytes, values, float_of_half); break;
    default: decode<float>(bytes, values, [](float x) { return x; });
  }
  return values;
}

std::vector<std::int32_t> integers_of(const Entry& entry, std::span<const std::uint8_t> bytes) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(entry.count));
  const auto scaled = [&entry](auto x) {
    using Limits = std::numeric_limits<std::int32_t>;
    const double value = std::round(x * entry.scale + entry.min);
    return static_cast<std::int32_t>(std::clamp<double>(value, Limits::min(), Limits::max()));
  };
  switch (entry.storage) {
    case Storage::kUint8: decode<std::uint8_t>(bytes, values, scaled); break;
    case Storage::kUint16: decode<std::uint16_t>(bytes, values, scaled); break;
    case Storage::kTruth: decode<std::uint8_t>(bytes, values, [](std::uint8_t x) { return x == 0 ? 0 : 1; }); break;
    default: decode<std::int32_t>(bytes, values, [](std::int32_t x) { return x; });
  }
  return values;
}

/// A file of the model's own folder, and no other: names come from a file that a stranger may have made.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\\') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

/// One group of the manifest: shards, and the weights that they hold one after another.
struct Group {
  std::vector<std::string> shards;
  std::vector<Entry> entries;
  std::size_t bytes = 0;
};

Result<Group> group_of(const json& value, ManifestReader& reader, const std::string& file) {
  const auto paths = value.is_object() ? value.find("paths") : value.end();
  const auto rows = value.is_object() ? value.find("weights") : value.end();
  if (!value.is_object() || paths == value.end() || rows == value.end() || !paths->is_array() || !rows->is_array())
    return damaged(file, "its list of weights is not one");
  Group group;
  for (const json& row : *rows) {
    auto entry = reader.entry(row);
    if (!entry) return tl::unexpected(std::move(entry).error());
    group.bytes += static_cast<std::size_t>(entry->count * bytes_of(entry->storage));
    group.entries.push_back(std::move(*entry));
  }
  for (const json& path : *paths) {
    group.shards.push_back(path.is_string() ? path.get<std::string>() : "");
    if (!is_plain_name(group.shards.back()))
      return unsupported(file, fmt::format("its weights are to come from \"{}\", which is no file of its own folder",
                                           printable(group.shards.back())));
  }
  return group;
}

Result<std::vector<Group>> groups_of(const json& manifest, const std::string& file) {
  if (!manifest.is_array()) return damaged(file, "it has no list of weights");
  ManifestReader reader(file);
  std::vector<Group> groups;
  for (const json& value : manifest) {
    auto group = group_of(value, reader, file);
    if (!group) return tl::unexpected(std::move(group).error());
    groups.push_back(std::move(*group));
  }
  return groups;
}

/// The shards of one group one after another.
Result<std::vector<std::uint8_t>> content_of(const Group& group, const std::string& file, const ShardReader& read) {
  std::vector<std::uint8_t> bytes;
  for (const auto& name : group.shards) {
    auto shard = read(name, group.bytes - bytes.size());
    if (!shard) return tl::unexpected(std::move(shard).error());
    if (shard->size() > group.bytes - bytes.size())
      return damaged(file, fmt::format("its weight files hold more than {} bytes", group.bytes));
    if (bytes.empty())
      bytes = std::move(*shard);
    else
      bytes.insert(bytes.end(), shard->begin(), shard->end());
  }
  if (bytes.size() != group.bytes)
    return damaged(file, fmt::format("its weight files hold {} bytes of {}", bytes.size(), group.bytes));
  return bytes;
}

}  // namespace

Result<WeightsByName> read_weights(const json& manifest, const std::string& file, const ShardReader& read) {
  const auto groups = groups_of(manifest, file);
  if (!groups) return tl::unexpected(groups.error());
  WeightsByName weights;
  for (const Group& group : *groups) {
    const auto bytes = content_of(group, file, read);
    if (!bytes) return tl::unexpected(bytes.error());
    std::span<const std::uint8_t> rest(*bytes);
    for (const Entry& entry : group.entries) {
      const auto own = rest.first(static_cast<std::size_t>(entry.count * bytes_of(entry.storage)));
      rest = rest.subspan(own.size());
      Weights values{.shape = entry.shape};
      if (entry.whole)
        values.values = integers_of(entry, own);
      else
        values.values = floats_of(entry, own);
      if (!weights.emplace(entry.name, std::move(values)).second)
        return damaged(file, fmt::format("it has the weight \"{}\" twice", printable(entry.name)));
    }
  }
  return weights;
}

Result<std::vector<ShardGroup>> shard_groups(const json& manifest, const std::string& file) {
  auto groups = groups_of(manifest, file);
  if (!groups) return tl::unexpected(std::move(groups).error());
  std::vector<ShardGroup> result;
  for (Group& group : *groups) result.push_back({std::move(group.shards), group.bytes});
  return result;
}

}  // namespace viba::tfjs
