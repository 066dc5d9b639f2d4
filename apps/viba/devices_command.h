#pragma once

#include <span>
#include <string>
#include <vector>

#include <viba/devices.h>

#include "command_line.h"

namespace viba::app {

/// `viba devices`, to standard output.
void print_devices(const CommandLine& line);

using SessionCameras = Result<std::vector<SessionCamera>>;

/// For people, a paragraph a device, at most 96 columns wide where names allow it.
[[nodiscard]] std::string devices_for_people(std::span<const Device> devices, const SessionCameras& session);

/// {"devices": […], "pipewire": {"cameras": […], "unreachable": …}}, everything that is known.
[[nodiscard]] std::string devices_as_json(std::span<const Device> devices, const SessionCameras& session);

}  // namespace viba::app
