#include "doctor/module_facts.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace viba {
namespace {

namespace fs = std::filesystem;

bool is_the_module(const std::string& name) {
  return name == "v4l2loopback.ko" || name == "v4l2loopback.ko.xz" || name == "v4l2loopback.ko.zst" ||
         name == "v4l2loopback.ko.gz";
}

std::string find_module_file(const fs::path& modules) {
  std::error_code error;
  constexpr auto kFlags = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(modules, kFlags, error), end; !error && it != end; it.increment(error)) {
    // Links lead to the sources of the kernel, which are large and hold no modules.
    std::error_code gone;
    if (it->is_regular_file(gone) && is_the_module(it->path().filename())) return it->path();
  }
  return {};
}

/// The kernel looks for this at the end of a module (Documentation/admin-guide/module-signing).
Signature signature_of(const std::string& file) {
  constexpr std::string_view kMark = "~Module signature appended~\n";
  if (!file.ends_with(".ko")) return Signature::kUnknown;
  std::ifstream in(file, std::ios::binary);
  std::string end(kMark.size(), '\0');
  if (!in) return Signature::kUnknown;
  in.seekg(-std::streamoff(kMark.size()), std::ios::end);
  in.read(end.data(), std::streamsize(end.size()));
  return end == kMark ? Signature::kYes : Signature::kNo;
}

std::string newest(std::vector<std::string> versions) {
  const auto number = [](const std::string& version) {
    std::array<int, 3> parts{};
    std::istringstream text(version);
    char dot = 0;
    text >> parts[0] >> dot >> parts[1] >> dot >> parts[2];
    return parts;
  };
  const auto found = std::ranges::max_element(versions, {}, number);
  return found == versions.end() ? "" : *found;
}

std::string find_source_version(const System& system) {
  constexpr std::string_view kPrefix = "v4l2loopback-";
  std::vector<std::string> versions;
  for (const auto& folder : entries_of(system.at("/usr/src")))
    if (const auto name = folder.filename().string(); name.starts_with(kPrefix) && is_there(folder / "dkms.conf"))
      versions.push_back(name.substr(kPrefix.size()));
  for (const auto& folder : entries_of(system.at("/var/lib/dkms/v4l2loopback")))
    if (is_there(folder / "source")) versions.push_back(folder.filename());
  return newest(std::move(versions));
}

bool has_akmod(const System& system) {
  return std::ranges::any_of(entries_of(system.at("/usr/src/akmods")),
                             [](const fs::path& file) { return file.filename().string().starts_with("v4l2loopback"); });
}

bool any_line(const System& system, const std::vector<std::string>& folders,
              const std::function<bool(const std::string&)>& wanted) {
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    return std::ranges::any_of(entries_of(system.at(folder)), [&](const fs::path& file) {
      return file.extension() == ".conf" && has_line(file, wanted);
    });
  });
}

}  // namespace

ModuleFacts module_facts(const System& system) {
  ModuleFacts facts;
  const fs::path modules = system.at("/lib/modules") / system.kernel_release;
  facts.kernel_has_modules = is_there(modules / "modules.dep") || is_there(modules / "kernel");
  facts.headers = is_there(modules / "build" / "Makefile");
  facts.file = find_module_file(modules);
  facts.signature = signature_of(facts.file);
  facts.source_version = find_source_version(system);
  facts.akmod = has_akmod(system);
  const auto log = system.at("/var/lib/dkms/v4l2loopback") / facts.source_version / "build/make.log";
  if (facts.file.empty() && !facts.source_version.empty() && is_there(log)) facts.build_log = log;
  facts.loaded = is_there(system.at("/sys/module/v4l2loopback"));
  facts.loaded_version = first_line(system.at("/sys/module/v4l2loopback/version"));
  facts.control_device = facts.loaded && is_there(system.at("/sys/class/misc/v4l2loopback"));
  return facts;
}

std::string version_in_words(const ModuleFacts& module) {
  if (!module.loaded_version.empty()) return module.loaded_version;
  if (module.loaded && module.source_version.starts_with("0.12")) return module.source_version;
  return module.loaded || module.source_version.empty() ? "before 0.13" : module.source_version;
}

std::optional<bool> secure_boot(const System& system) {
  // Four bytes of attributes stand before the value (Documentation/filesystems/efivarfs).
  const auto value = whole_text(system.at("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"));
  if (value.size() != 5) return {};
  return value.back() == 1;
}

std::string signing_key(const System& system) {
  for (const char* file :
       {"/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub", "/etc/pki/akmods/certs/public_key.der"})
    if (is_there(system.at(file))) return file;
  return {};
}

std::optional<bool> enrolled(const System& system, const std::string& key) {
  const auto list = whole_text(system.at("/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"));
  const auto certificate = whole_text(system.at(key));
  if (list.empty() || certificate.empty()) return {};
  return list.find(certificate) != std::string::npos;
}

bool loaded_at_start(const System& system) {
  const bool loads =
      any_line(system, {"/etc/modules-load.d", "/usr/lib/modules-load.d"},
               [](const std::string& line) { return line == "v4l2loopback"; }) ||
      has_line(system.at("/etc/modules"), [](const std::string& line) { return line == "v4l2loopback"; });
  return loads && any_line(system, {"/etc/modprobe.d", "/usr/lib/modprobe.d"}, [](const std::string& line) {
           return line.starts_with("options v4l2loopback ") && line.find("exclusive_caps=1") != std::string::npos;
         });
}

}  // namespace viba
