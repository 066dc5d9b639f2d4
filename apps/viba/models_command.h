#pragma once

#include <stop_token>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

#include "command_line.h"

namespace viba::app {

/// `viba models`: a table on standard output. What cannot be measured is said in the log.
void print_models(const CommandLine& line, const Log& log);

/// `viba models fetch`, with a progress bar where standard error is a terminal.
[[nodiscard]] Result<void> fetch_model(const CommandLine& line, const Log& log);

/// Before the first run with a model that is fetched: fetches it, with a progress bar and a way to stop,
/// which the library's own fetching at that time has not. Does nothing for all others.
[[nodiscard]] Result<void> bring_model(const Options& options, const Log& log, const std::stop_token& stop);

/// `viba models describe`, to standard output.
[[nodiscard]] Result<void> print_description(const CommandLine& line, const Log& log);

/// `viba models run`.
[[nodiscard]] Result<void> run_model(const CommandLine& line, const Log& log);

}  // namespace viba::app
