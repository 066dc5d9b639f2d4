#include "doctor/distribution.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>

namespace viba {
namespace {

/// The words of one key, without quotes.
std::vector<std::string> words_of_key(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key + "=")) continue;
    std::string value = line.substr(key.size() + 1);
    std::erase_if(value, [](char c) { return c == '"' || c == '\'' || c == '\r'; });
    std::istringstream words(value);
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

PackageTool tool_of(const std::string& id) {
  constexpr auto kIds = std::to_array<std::pair<std::string_view, PackageTool>>({{"debian", PackageTool::kApt},
                                                                                 {"ubuntu", PackageTool::kApt},
                                                                                 {"fedora", PackageTool::kDnf},
                                                                                 {"rhel", PackageTool::kDnf},
                                                                                 {"centos", PackageTool::kDnf},
                                                                                 {"arch", PackageTool::kPacman}});
  const auto* found = std::ranges::find(kIds, id, &std::pair<std::string_view, PackageTool>::first);
  return found == kIds.end() ? PackageTool::kUnknown : found->second;
}

std::string headers_package(const System& system) {
  const std::string& release = system.kernel_release;
  switch (package_tool(system)) {
    case PackageTool::kApt: return "linux-headers-" + release;
    case PackageTool::kDnf: return "kernel-devel-" + release;
    case PackageTool::kPacman:
      for (const char* flavour : {"lts", "zen", "hardened"})
        if (release.ends_with(flavour)) return fmt::format("linux-{}-headers", flavour);
      return "linux-headers";
    case PackageTool::kUnknown: break;
  }
  return "";
}

}  // namespace

PackageTool package_tool(const System& system) {
  std::string text = whole_text(system.at("/etc/os-release"));
  if (text.empty()) text = whole_text(system.at("/usr/lib/os-release"));
  for (const char* key : {"ID", "ID_LIKE"})
    for (const auto& id : words_of_key(text, key))
      if (const auto tool = tool_of(id); tool != PackageTool::kUnknown) return tool;
  return PackageTool::kUnknown;
}

std::vector<std::string> install_module(const System& system) {
  const std::string headers = headers_package(system);
  switch (package_tool(system)) {
    case PackageTool::kApt: return {"sudo apt install v4l2loopback-dkms " + headers};
    case PackageTool::kDnf: return {"sudo dnf install akmod-v4l2loopback " + headers, "sudo akmods --force"};
    case PackageTool::kPacman: return {"sudo pacman -S --needed v4l2loopback-dkms " + headers};
    case PackageTool::kUnknown: break;
  }
  return {};
}

std::string before_install(const System& system) {
  switch (package_tool(system)) {
    case PackageTool::kDnf: return "It comes from RPM Fusion (free), which has to be enabled first.";
    case PackageTool::kUnknown:
      return "Install v4l2loopback with your distribution's package tool (often the package is called "
             "v4l2loopback-dkms), and the headers of the running kernel.";
    default: return "";
  }
}

std::string install_headers(const System& system) {
  switch (package_tool(system)) {
    case PackageTool::kApt: return "sudo apt install " + headers_package(system);
    case PackageTool::kDnf: return "sudo dnf install " + headers_package(system);
    case PackageTool::kPacman: return "sudo pacman -S --needed " + headers_package(system);
    case PackageTool::kUnknown: break;
  }
  return "";
}

std::string build_module(const System& system) {
  return package_tool(system) == PackageTool::kDnf ? "sudo akmods --force"
                                                   : "sudo dkms autoinstall -k " + system.kernel_release;
}

}  // namespace viba
