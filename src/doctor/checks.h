#pragma once

#include <vector>

#include <viba/doctor.h>

#include "doctor/module_facts.h"
#include "doctor/system.h"

namespace viba {

inline constexpr const char* kFixCommand = "sudo viba doctor --fix";

/// Each function gives the checks of one matter, in the order in which things have to be put right.
[[nodiscard]] std::vector<Check> module_checks(const System& system, const ModuleFacts& module);
[[nodiscard]] std::vector<Check> device_checks(const System& system, const ModuleFacts& module,
                                               const std::vector<Device>& devices,
                                               const Result<PipewireSession>& session);
[[nodiscard]] std::vector<Check> engine_checks(const System& system);
[[nodiscard]] std::vector<Check> session_checks(const System& system, const Result<PipewireSession>& session);
[[nodiscard]] std::vector<Check> program_checks(const System& system, const Result<PipewireSession>& session);

/// Whether what ViBa publishes through PipeWire reaches programs.
[[nodiscard]] bool carries_cameras(const Result<PipewireSession>& session);

/// Whether a program may feed this loopback and call programs will list it then.
[[nodiscard]] bool usable_loopback(const Device& device);

/// Who has the device open, other than ViBa itself.
[[nodiscard]] std::vector<DeviceHolder> strangers(const Device& device);

[[nodiscard]] std::vector<Check> examine(const System& system);

}  // namespace viba
