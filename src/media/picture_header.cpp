#include "media/picture_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace viba {
namespace {

using Head = std::array<std::uint8_t, 32>;

std::uint32_t little(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) value = value << 8 | *byte;
  return value;
}

std::uint32_t big(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

Size size(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  return {static_cast<int>(std::min(width, kMost)), static_cast<int>(std::min(height, kMost))};
}

bool has(const Head& head, std::size_t offset, std::string_view text) {
  return std::equal(text.begin(), text.end(), head.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

Size webp_size(const Head& head) {
  const std::span<const std::uint8_t> h(head);
  if (has(head, 12, "VP8X")) return size(1 + little(h.subspan(24, 3)), 1 + little(h.subspan(27, 3)));
  if (has(head, 12, "VP8L")) {
    const std::uint32_t bits = little(h.subspan(21, 4));
    return size(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
  }
  return size(little(h.subspan(26, 2)) & 0x3fff, little(h.subspan(28, 2)) & 0x3fff);
}

Size bmp_size(const Head& head) {
  const std::span<const std::uint8_t> h(head);
  const auto height = static_cast<std::int32_t>(little(h.subspan(22, 4)));  // negative: top row first
  const bool lowest = height == std::numeric_limits<std::int32_t>::min();
  return size(little(h.subspan(18, 4)), static_cast<std::uint32_t>(lowest ? 0 : std::abs(height)));
}

/// A JPEG's size stands in its start-of-frame segment, behind others of any length.
std::optional<Size> jpeg_size(const InputFile& file) {
  std::int64_t offset = 2;
  for (int segments = 0; segments < 1000; ++segments) {
    std::array<std::uint8_t, 9> s{};
    if (file.read_at(offset, s) < s.size() || s[0] != 0xff) return {};
    if (s[1] == 0xff) {  // a fill byte
      ++offset;
      continue;
    }
    const bool frame = s[1] >= 0xc0 && s[1] <= 0xcf && s[1] != 0xc4 && s[1] != 0xc8 && s[1] != 0xcc;
    const std::span<const std::uint8_t> bytes(s);
    if (frame) return size(big(bytes.subspan(7, 2)), big(bytes.subspan(5, 2)));
    offset += 2 + big(bytes.subspan(2, 2));
  }
  return {};
}

}  // namespace

std::optional<Size> picture_size_in_header(const InputFile& file) {
  Head head{};
  if (file.read_at(0, head) < head.size()) return {};
  const std::span<const std::uint8_t> h(head);
  if (has(head, 0, "\x89PNG") && has(head, 12, "IHDR")) return size(big(h.subspan(16, 4)), big(h.subspan(20, 4)));
  if (has(head, 0, "\xff\xd8\xff")) return jpeg_size(file);
  if (has(head, 0, "GIF8")) return size(little(h.subspan(6, 2)), little(h.subspan(8, 2)));
  if (has(head, 0, "RIFF") && has(head, 8, "WEBP")) return webp_size(head);
  if (has(head, 0, "BM") && little(h.subspan(14, 4)) >= 40) return bmp_size(head);
  return {};
}

bool jpeg_is_complete(std::span<const std::uint8_t> jpeg) {
  constexpr std::uint8_t kScan = 0xda;
  constexpr std::uint8_t kEnd = 0xd9;
  std::size_t at = 2;
  bool in_scan = false;
  while (at + 1 < jpeg.size()) {
    const std::uint8_t marker = jpeg[at + 1];
    const bool restart = marker >= 0xd0 && marker <= 0xd7;
    if (jpeg[at] != 0xff || marker == 0xff) {
      at += 1;
    } else if (marker == 0 || restart) {  // part of a scan's data
      at += 2;
    } else if (marker == kEnd) {
      return in_scan;
    } else if (at + 4 > jpeg.size()) {
      return false;
    } else {
      in_scan = in_scan || marker == kScan;
      at += 2 + big(jpeg.subspan(at + 2, 2));
    }
  }
  return false;
}

}  // namespace viba
