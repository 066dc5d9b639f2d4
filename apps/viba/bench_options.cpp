#include "bench_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace viba::app {
namespace {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T>
Result<void> store(std::string_view option, const std::string& text, T least, T most, T& target) {
  const auto value = number<T>(text);
  if (!value || !(*value >= least && *value <= most))  // nor is NaN
    return fail(ErrorCode::kUsage, fmt::format("--{} takes a {}number from {} to {}, not '{}'.", option,
                                               std::is_integral_v<T> ? "whole " : "", least, most, text));
  target = *value;
  return {};
}

Result<void> set_size(BenchSettings& settings, const std::string& text) {
  constexpr int kLeast = 16, kMost = 7680;
  const auto x = text.find('x');
  const auto width = number<int>(std::string_view(text).substr(0, x));
  const auto height = x == std::string::npos ? std::nullopt : number<int>(std::string_view(text).substr(x + 1));
  const auto fits = [](std::optional<int> side) { return side && *side >= kLeast && *side <= kMost && *side % 2 == 0; };
  if (!fits(width) || !fits(height))
    return fail(ErrorCode::kUsage, fmt::format("--size takes an even width and height from {} to {}, as in 1280x720, "
                                               "not '{}'.",
                                               kLeast, kMost, text));
  settings.size = {*width, *height};
  return {};
}

struct FormatName {
  std::string_view name;
  BenchFormat format;
};
constexpr std::array kFormats{FormatName{"yuyv", BenchFormat::kYuyv}, FormatName{"mjpeg", BenchFormat::kMjpeg},
                              FormatName{"nv12", BenchFormat::kNv12}, FormatName{"i420", BenchFormat::kI420}};

Result<void> set_format(BenchSettings& settings, const std::string& text) {
  const auto* found = std::ranges::find(kFormats, text, &FormatName::name);
  if (found == kFormats.end())
    return fail(ErrorCode::kUsage, fmt::format("--format takes one of yuyv, mjpeg, nv12, i420, not '{}'.", text));
  settings.format = found->format;
  return {};
}

constexpr int kMostFrames = 100'000;

constexpr auto kTable = std::to_array<BenchOption>({
    {"input", "FILE", "the bundled sample", "video or picture to measure with: its first 90 frames, to and fro",
     [](BenchSettings& s, const std::string& text) -> Result<void> {
       s.input = text;
       return {};
     }},
    {"size", "WxH", "1280x720", "size of the camera's pictures and of what leaves", set_size},
    {"format", "yuyv|mjpeg|nv12|i420", "yuyv", "how the camera packs its pictures", set_format},
    {"frames", "N", "300", "frames to measure one at a time, 1 to 100000",
     [](BenchSettings& s, const std::string& text) { return store("frames", text, 1, kMostFrames, s.frames); }},
    {"warm-up", "N", "30", "frames before those that count, 0 to 100000",
     [](BenchSettings& s, const std::string& text) { return store("warm-up", text, 0, kMostFrames, s.warm_up); }},
    {"seconds", "S", "10", "how long frames come at a camera's pace, 0 to 3600; 0 leaves that part out",
     [](BenchSettings& s, const std::string& text) { return store("seconds", text, 0.0, 3600.0, s.seconds); }},
    {"fps", "FPS", "30", "that pace in frames a second, 1 to 240",
     [](BenchSettings& s, const std::string& text) { return store("fps", text, 1.0, 240.0, s.frames_per_second); }},
});

}  // namespace

std::span<const BenchOption> bench_options() { return kTable; }

std::string_view name_of(BenchFormat format) { return std::ranges::find(kFormats, format, &FormatName::format)->name; }

}  // namespace viba::app
