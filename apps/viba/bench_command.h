#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <viba/bench.h>
#include <viba/log.h>

#include "command_line.h"

namespace viba::app {

/// `viba bench`. Errors: those of `bench` and of `read_earlier`.
[[nodiscard]] Result<void> run_bench(const CommandLine& line, const Log& log);

/// All figures, and what they were measured with.
[[nodiscard]] nlohmann::ordered_json bench_as_json(const BenchReport& report, const CommandLine& line);

/// `bench` is what `bench_as_json` makes.
[[nodiscard]] std::string bench_for_people(const nlohmann::ordered_json& bench);

/// What an earlier run has written with --json. Errors: those of the file; kBadData (it is something else).
[[nodiscard]] Result<nlohmann::ordered_json> read_earlier(const std::string& file);

/// Of each figure that both have: {"frame_ms.p50": {"before": …, "now": …, "ratio": …}, …}.
[[nodiscard]] nlohmann::ordered_json compared(const nlohmann::ordered_json& before, const nlohmann::ordered_json& now);
/// What `compared` gave, and in what the two runs were not alike.
[[nodiscard]] std::string comparison_for_people(const nlohmann::ordered_json& before,
                                                const nlohmann::ordered_json& now);

}  // namespace viba::app
