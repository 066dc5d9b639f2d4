#pragma once

#include <string>
#include <vector>

#include "doctor/system.h"

namespace viba {

enum class PackageTool { kApt, kDnf, kPacman, kUnknown };

/// Which tool installs packages here, by ID and ID_LIKE of /etc/os-release (os-release(5)).
[[nodiscard]] PackageTool package_tool(const System& system);

/// What installs v4l2loopback with the headers of the running kernel, which it is built with.
[[nodiscard]] std::vector<std::string> install_module(const System& system);

/// What has to be known before those commands; may be empty.
[[nodiscard]] std::string before_install(const System& system);

/// What installs the headers of the running kernel.
[[nodiscard]] std::string install_headers(const System& system);

/// What builds the module for the running kernel once its headers are there.
[[nodiscard]] std::string build_module(const System& system);

}  // namespace viba
