#include "media/npy_file.h"

#include <fmt/format.h>

#include <bit>

#include "media/part_file.h"

namespace viba {
namespace {

constexpr std::size_t kAlignment = 64;  ///< of the numbers, as the format asks
constexpr std::size_t kPreamble = 10;   ///< magic, version, length of the header

static_assert(std::endian::native == std::endian::little, "the header says little-endian");

std::string header_of(const std::vector<std::int64_t>& shape) {
  std::string sides;
  for (const auto side : shape) sides += fmt::format("{}, ", side);
  std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", sides);
  text.resize((kPreamble + text.size() + kAlignment) / kAlignment * kAlignment - kPreamble, ' ');
  text.back() = '\n';
  const std::string length{static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return std::string("\x93NUMPY\x01\x00", 8) + length + text;
}

}  // namespace

Result<void> write_npy(const std::string& path, const std::vector<std::int64_t>& shape, std::span<const float> values) {
  auto part = PartFile::create(path);
  if (!part) return tl::unexpected(part.error());
  const std::string header = header_of(shape);
  std::vector<std::uint8_t> bytes(header.begin(), header.end());
  const auto* numbers = reinterpret_cast<const std::uint8_t*>(values.data());
  bytes.insert(bytes.end(), numbers, numbers + values.size_bytes());
  return write_and_commit(std::move(*part), bytes);
}

}  // namespace viba
