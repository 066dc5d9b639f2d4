#include "bench_command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <viba/version.h>

#include "allocation_count.h"
#include "bench_options.h"
#include "bench_verdict.h"
#include "models_command.h"
#include "stop_signals.h"

namespace viba::app {
namespace {

using json = nlohmann::ordered_json;

/// More digits would only say how long the clock's ticks are.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

json of(const Percentiles& ms) {
  return {{"p50", rounded(ms.p50)}, {"p95", rounded(ms.p95)}, {"p99", rounded(ms.p99)}};
}

json of(const PacedReport& paced) {
  return {{"fps", paced.frames_per_second},     {"seconds", paced.seconds},
          {"latency_ms", of(paced.latency_ms)}, {"cpu_seconds_per_second", rounded(paced.cpu_seconds_per_second)},
          {"dropped", paced.dropped},           {"placeholders", paced.placeholders}};
}

json stages_of(const BenchReport& report) {
  json stages = json::object();
  for (const auto& [name, ms] : report.stages) stages[std::string(name)] = of(ms);
  return stages;
}

std::string_view word_for(MaskMode mode) {
  return mode == MaskMode::kEveryFrame ? "every-frame" : mode == MaskMode::kLatest ? "latest" : "auto";
}

/// The key's value as a person reads it: a size is an array.
std::string words(const json& value) {
  if (value.is_array() && value.size() == 2 && value[0].is_number_integer() && value[1].is_number_integer())
    return fmt::format("{}x{}", value[0].get<int>(), value[1].get<int>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

struct Figure {
  const char* where;  ///< in the JSON
  const char* name;   ///< for people
  const char* unit;
};

constexpr std::array kSpreads{
    Figure{"/frame_ms", "a frame", "ms"},         Figure{"/stages/capture", "  capture", "ms"},
    Figure{"/stages/segment", "  segment", "ms"}, Figure{"/network_ms", "    its network", "ms"},
    Figure{"/stages/refine", "  refine", "ms"},   Figure{"/stages/composite", "  composite", "ms"},
    Figure{"/stages/sinks", "  sinks", "ms"},     Figure{"/bare_network_ms", "the bare network", "ms"},
    Figure{"/paced/latency_ms", "latency", "ms"}};
constexpr std::array kShares{"p50", "p95", "p99"};

constexpr std::array kNumbers{Figure{"/rest_ms", "all but network and JPEG", "ms"},
                              Figure{"/inference_ratio", "network against bare", ""},
                              Figure{"/cpu_ms_per_frame", "CPU time of a frame", "ms"},
                              Figure{"/paced/cpu_seconds_per_second", "CPU time of a second", "s"},
                              Figure{"/start_ms", "start to first frame", "ms"},
                              Figure{"/peak_rss_mb", "resident memory, at most", "MB"},
                              Figure{"/allocations_per_frame", "allocations of a frame", ""},
                              Figure{"/engine_allocations_per_frame", "  and of ONNX Runtime", ""},
                              Figure{"/dropped", "dropped", ""},
                              Figure{"/paced/dropped", "dropped at that pace", ""},
                              Figure{"/placeholders", "hidden", ""},
                              Figure{"/paced/placeholders", "hidden at that pace", ""}};

constexpr int kNameWidth = 26;

std::optional<double> number_at(const json& bench, const std::string& where) {
  const json::json_pointer pointer(where);
  if (!bench.contains(pointer) || !bench.at(pointer).is_number()) return std::nullopt;
  return bench.at(pointer).get<double>();
}

std::string spreads(const json& bench) {
  std::string out = fmt::format("{:<{}}{:>9}{:>9}{:>9}\n", "ms", kNameWidth, "median", "95%", "99%");
  for (const auto& [where, name, unit] : kSpreads) {
    if (!bench.contains(json::json_pointer(where))) continue;
    out += fmt::format("{:<{}}", name, kNameWidth);
    for (const char* share : kShares)
      out += fmt::format("{:>9.2f}", number_at(bench, fmt::format("{}/{}", where, share)).value_or(0));
    out += '\n';
  }
  return out;
}

std::string numbers(const json& bench) {
  std::string out;
  for (const auto& [where, name, unit] : kNumbers) {
    const auto value = number_at(bench, where);
    if (!value) continue;
    const bool whole =
        std::string_view(where).ends_with("dropped") || std::string_view(where).ends_with("placeholders");
    out += fmt::format("{:<{}}{:>9.{}f}{}{}\n", name, kNameWidth, *value, whole ? 0 : 2, *unit ? " " : "", unit);
  }
  return out;
}

/// "/frame_ms/p50" as "frame_ms.p50".
std::string key_of(std::string_view where) {
  std::string key(where.substr(1));
  std::ranges::replace(key, '/', '.');
  return key;
}

/// Where to find each figure in the JSON.
std::vector<std::string> all_figures() {
  std::vector<std::string> all;
  for (const auto& spread : kSpreads)
    for (const char* share : kShares) all.push_back(fmt::format("{}/{}", spread.where, share));
  for (const auto& number : kNumbers) all.emplace_back(number.where);
  return all;
}

}  // namespace

json bench_as_json(const BenchReport& report, const CommandLine& line) {
  const auto& [width, height] = line.bench.size;
  json out{{"viba", kVersion},
           {"cpu", report.cpu},
           {"cores", report.cores},
           {"input", report.input},
           {"size", {width, height}},
           {"format", name_of(line.bench.format)},
           {"background", line.options.background.empty() ? "office" : line.options.background},
           {"model", line.options.model_name},
           {"network", report.network},
           {"mask_mode", word_for(line.options.mask_mode)},
           {"frames", report.frames},
           {"warm_up", line.bench.warm_up},
           {"frame_ms", of(report.frame_ms)},
           {"cpu_ms_per_frame", rounded(report.cpu_ms_per_frame)},
           {"network_ms", of(report.network_ms)},
           {"bare_network_ms", of(report.bare_network_ms)},
           {"inference_ratio", rounded(report.inference_ratio)},
           {"rest_ms", rounded(report.rest_ms)},
           {"stages", stages_of(report)}};
  if (report.paced) out["paced"] = of(*report.paced);
  out["peak_rss_mb"] = rounded(report.peak_rss_mb);
  out["start_ms"] = rounded(report.start_ms);
  if (report.allocations_per_frame) out["allocations_per_frame"] = rounded(*report.allocations_per_frame);
  if (report.engine_allocations_per_frame)
    out["engine_allocations_per_frame"] = rounded(*report.engine_allocations_per_frame);
  out["placeholders"] = report.placeholders;
  out["dropped"] = report.dropped;
  const bool thrifty = line.options.max_cpu > 0;  // and then some frames of the paced part share their masks
  if (thrifty) out["max_cpu"] = line.options.max_cpu;
  out["verdict"] = verdict(report, line.bench, thrifty ? MaskMode::kAuto : line.options.mask_mode);
  return out;
}

std::string bench_for_people(const json& bench) {
  const int cores = bench.at("cores").get<int>();
  std::string out = fmt::format("{}, {} core{}; {}\n{} in {}, {} frames, background {}\n", words(bench.at("cpu")),
                                cores, cores == 1 ? "" : "s", words(bench.at("network")), words(bench.at("size")),
                                words(bench.at("format")), words(bench.at("frames")), words(bench.at("background")));
  if (bench.contains("paced"))
    out += fmt::format("Latency: {:g} seconds at {:g} frames a second.\n",
                       bench.at("paced").at("seconds").get<double>(), bench.at("paced").at("fps").get<double>());
  return out + '\n' + spreads(bench) + '\n' + numbers(bench) + '\n' + words(bench.at("verdict")) + '\n';
}

Result<json> read_earlier(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  if (!in || std::filesystem::is_directory(file, error))
    return fail(ErrorCode::kNotFound,
                fmt::format("{} cannot be read ({}); name what an earlier viba bench --json has written.", file,
                            in ? "it is a folder" : std::generic_category().message(errno)));
  json earlier = json::parse(in, nullptr, false);
  if (!earlier.is_object() || !number_at(earlier, "/frame_ms/p50"))
    return fail(ErrorCode::kBadData,
                fmt::format("{} is nothing that viba bench --json has written; name a file of such a run.", file));
  return earlier;
}

json compared(const json& before, const json& now) {
  json out = json::object();
  for (const auto& where : all_figures()) {
    const auto old_value = number_at(before, where);
    const auto new_value = number_at(now, where);
    if (!old_value || !new_value) continue;
    json& figure = out[key_of(where)] = {{"before", *old_value}, {"now", *new_value}, {"ratio", nullptr}};
    if (*old_value > 0) figure["ratio"] = rounded(*new_value / *old_value);
  }
  return out;
}

std::string comparison_for_people(const json& before, const json& now) {
  std::string out = fmt::format("{:<32}{:>10}{:>10}{:>8}\n", "against the earlier run", "before", "now", "ratio");
  const json figures = compared(before, now);
  for (const auto& [key, figure] : figures.items())
    out += fmt::format("{:<32}{:>10.2f}{:>10.2f}{:>8}\n", key, figure.at("before").get<double>(),
                       figure.at("now").get<double>(),
                       figure.at("ratio").is_null() ? "-" : fmt::format("{:.2f}", figure.at("ratio").get<double>()));
  for (const char* key : {"viba", "cpu", "cores", "size", "format", "background", "model", "mask_mode"})
    if (before.contains(key) && before.at(key) != now.at(key))
      out += fmt::format("The earlier run had another {}: {} instead of {}.\n", key, words(before.at(key)),
                         words(now.at(key)));
  return out;
}

Result<void> run_bench(const CommandLine& line, const Log& log) {
  const StopSignals signals;
  json before;
  if (!line.compare.empty()) {
    auto read = read_earlier(line.compare);
    if (!read) return tl::unexpected(read.error());
    before = std::move(*read);
  }
  BenchSettings settings = line.bench;
  settings.allocations = allocation_counter();
  return bring_model(line.options, log, signals.token())
      .and_then([&] { return bench(line.options, settings, log, signals.token()); })
      .map([&](const BenchReport& report) {
        json now = bench_as_json(report, line);
        if (!line.json) {
          fmt::print("{}", bench_for_people(now));
          if (!before.is_null()) fmt::print("\n{}", comparison_for_people(before, now));
          return;
        }
        if (!before.is_null()) now["compared"] = compared(before, now);
        fmt::print("{}\n", now.dump(2, ' ', false, json::error_handler_t::replace));
      });
}

}  // namespace viba::app
