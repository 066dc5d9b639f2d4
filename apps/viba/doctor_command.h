#pragma once

#include <span>
#include <string>

#include <viba/doctor.h>
#include <viba/log.h>
#include <viba/result.h>

#include "command_line.h"

namespace viba::app {

/// `viba doctor`: the checks on standard output, and with --fix first what they need. Whether a call program would
/// see the camera. Errors: those of `plan_fix` and its steps; kPermission when nobody could be asked, or said no.
[[nodiscard]] Result<bool> run_doctor(const CommandLine& line, const Log& log);

/// A line a check, what to do below it, and a line that sums up.
[[nodiscard]] std::string checks_for_people(std::span<const Check> checks, bool in_color);

/// {"camera_would_be_seen": …, "checks": […]}.
[[nodiscard]] std::string checks_as_json(std::span<const Check> checks);

/// As one word of a POSIX shell's command line: in single quotes where it needs them.
[[nodiscard]] std::string quoted_for_shell(const std::string& word);

}  // namespace viba::app
