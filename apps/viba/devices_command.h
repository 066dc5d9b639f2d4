#pragma once

#include <span>
#include <string>

#include <viba/devices.h>

#include "command_line.h"

namespace viba::app {

/// `viba devices`, to standard output.
void print_devices(const CommandLine& line);

/// For people, a paragraph a device, at most 96 columns wide where names allow it.
[[nodiscard]] std::string devices_for_people(std::span<const Device> devices);

/// {"devices": […]}, everything that is known.
[[nodiscard]] std::string devices_as_json(std::span<const Device> devices);

}  // namespace viba::app
