#pragma once

#include <span>
#include <string>
#include <string_view>

#include <viba/bench.h>

namespace viba::app {

/// An option of `viba bench` that the pipeline itself has not: one row of the table that its parser, its help and the
/// man page come from.
struct BenchOption {
  std::string_view name;  ///< without the dashes
  std::string_view value;
  std::string_view fallback;
  std::string_view help;
  Result<void> (*set)(BenchSettings& settings, const std::string& value);  ///< Errors: kUsage.
};

[[nodiscard]] std::span<const BenchOption> bench_options();

/// "yuyv", as --format takes it.
[[nodiscard]] std::string_view name_of(BenchFormat format);

}  // namespace viba::app
