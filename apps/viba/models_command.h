#pragma once

#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

#include "command_line.h"

namespace viba::app {

/// `viba models`: a table on standard output.
void print_models(const Options& options);

/// `viba models fetch`, with a progress bar where standard error is a terminal.
[[nodiscard]] Result<void> fetch_model(const CommandLine& line, const Log& log);

}  // namespace viba::app
