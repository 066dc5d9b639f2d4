#include <fmt/format.h>

#include "doctor/checks.h"
#include "doctor/distribution.h"
#include "output/loopback_device.h"

namespace viba {
namespace {

constexpr const char* kNotThere = "there is no module to look at.";

bool without_modules(const System& system) { return entries_of(system.at("/lib/modules")).empty(); }

Check installed(const System& system, const ModuleFacts& module) {
  Check check{.id = "module-installed", .title = "v4l2loopback"};
  if (module.installed()) {
    check.finding = "it is installed.";
    return check;
  }
  if (without_modules(system)) {
    check.state = CheckState::kNotApplicable;
    check.finding = "no module can be loaded here.";
    return check;
  }
  check.state = CheckState::kFailed;
  check.finding = "the kernel module that fake cameras are made with is not installed.";
  check.advice = before_install(system);
  check.commands = install_module(system);
  return check;
}

/// Package systems take the modules of a kernel away when they upgrade it, while it still runs.
Check no_modules(Check check, const System& system) {
  check.state = CheckState::kFailed;
  if (without_modules(system)) {
    check.finding =
        fmt::format("there are no modules for the running kernel {}, as in a container.", system.kernel_release);
    check.advice = "Make the fake camera on the machine itself, and start ViBa there.";
    return check;
  }
  check.finding = fmt::format("the modules of the running kernel {} are gone: it was upgraded since the last start.",
                              system.kernel_release);
  check.advice = "Restart the machine.";
  check.commands = {"sudo reboot"};
  return check;
}

Check not_built(Check check, const System& system, const ModuleFacts& module) {
  check.state = CheckState::kFailed;
  check.finding = fmt::format("v4l2loopback{}{} is installed, but not built for the running kernel {}",
                              module.source_version.empty() ? "" : " ", module.source_version, system.kernel_release);
  if (!module.headers) {
    check.finding += ", whose headers are missing.";
    const auto headers = install_headers(system);
    check.advice = headers.empty() ? "Install the headers of the running kernel, then build it." : "";
    if (!headers.empty()) check.commands.push_back(headers);
  } else {
    check.finding += ".";
    if (!module.build_log.empty()) check.advice = fmt::format("Its last build failed; {} says why.", module.build_log);
  }
  check.commands.push_back(build_module(system));
  return check;
}

Check built(const System& system, const ModuleFacts& module) {
  Check check{.id = "module-built", .title = "Module for this kernel"};
  if (!module.loaded && !module.kernel_has_modules) return no_modules(std::move(check), system);
  if (!module.installed()) {
    check.state = CheckState::kNotApplicable;
    check.finding = kNotThere;
    return check;
  }
  if (module.file.empty() && !module.loaded) return not_built(std::move(check), system, module);
  check.finding = module.file.empty() ? "it is loaded." : fmt::format("{}.", module.file);
  return check;
}

/// How a key comes into the firmware. `mokutil` asks for a password, and the next start for the same.
void add_enrolment(Check& check, const std::string& key) {
  check.advice += "Choose a password, restart, and in the blue screen take \"Enroll MOK\" and give that password.";
  check.commands.push_back("sudo mokutil --import " + key);
}

Check unsigned_module(Check check, const System& system, const ModuleFacts& module) {
  check.state = CheckState::kFailed;
  check.finding = "it is on, and the kernel refuses v4l2loopback because it is not signed.";
  const bool fedora = package_tool(system) == PackageTool::kDnf;
  std::string key = signing_key(system);
  if (key.empty()) {
    check.commands.emplace_back(fedora ? "sudo kmodgenca -a" : "sudo dkms generate_mok");
    key = fedora ? "/etc/pki/akmods/certs/public_key.der" : "/var/lib/dkms/mok.pub";
  }
  check.commands.push_back(fedora ? "sudo akmods --force --rebuild"
                                  : fmt::format("sudo dkms install --force v4l2loopback/{} -k {}",
                                                module.source_version.empty() ? "VERSION" : module.source_version,
                                                system.kernel_release));
  add_enrolment(check, key);
  check.advice += " Or switch Secure Boot off in the firmware.";
  return check;
}

Check boots_securely(const System& system, const ModuleFacts& module) {
  Check check{.id = "secure-boot", .title = "Secure Boot"};
  const auto on = secure_boot(system);
  if (!on || !*on) {
    check.state = on ? CheckState::kGood : CheckState::kNotApplicable;
    check.finding = on ? "it is off." : "this machine's firmware has none, or does not tell.";
    return check;
  }
  check.finding = "it is on";
  if (module.loaded) {
    check.finding += ", and the kernel took the module.";
    return check;
  }
  if (module.file.empty()) {
    check.state = CheckState::kInformation;
    check.finding += ": the module will have to be signed with a key that the firmware knows.";
    return check;
  }
  if (module.signature == Signature::kNo) return unsigned_module(std::move(check), system, module);
  const std::string key = signing_key(system);
  if (key.empty() || enrolled(system, key).value_or(true)) {
    check.finding += module.signature == Signature::kYes ? ", and the module is signed."
                                                         : "; whether the module is signed cannot be told.";
    return check;
  }
  check.state = CheckState::kFailed;
  check.finding += ", and the firmware does not know the key that v4l2loopback is signed with.";
  add_enrolment(check, key);
  return check;
}

Check loaded(const ModuleFacts& module, bool may_be_loaded) {
  Check check{.id = "module-loaded", .title = "Module loaded"};
  if (module.loaded) {
    check.finding = "yes.";
    return check;
  }
  check.state = may_be_loaded ? CheckState::kFailed : CheckState::kNotApplicable;
  check.finding = may_be_loaded ? "v4l2loopback is not loaded." : "it cannot be loaded before that is put right.";
  if (!may_be_loaded) return check;
  check.advice = fmt::format("Or for every start from now on: `{}`.", kFixCommand);
  check.commands = {std::string(kLoadLoopback)};
  return check;
}

Check version(const ModuleFacts& module) {
  Check check{.id = "module-version", .title = "Module's version"};
  if (!module.loaded) {
    check.state = CheckState::kNotApplicable;
    check.finding = kNotThere;
    return check;
  }
  check.finding = version_in_words(module) + ".";
  if (module.control_device) return check;
  check.state = CheckState::kInformation;
  check.finding = fmt::format(
      "{}: devices cannot be added without loading it anew, and a program that ends in the wrong way may leave a "
      "device that other programs can use no more. ViBa leaves none so, and mends such a one when it starts.",
      version_in_words(module));
  return check;
}

Check at_start(const System& system, const ModuleFacts& module) {
  Check check{.id = "module-at-start", .title = "After the next start"};
  if (loaded_at_start(system)) {
    check.finding = "the module is loaded with exclusive_caps.";
    return check;
  }
  check.state = module.loaded ? CheckState::kWarning : CheckState::kNotApplicable;
  check.finding =
      module.loaded ? "the fake camera will be gone, because nothing loads the module with exclusive_caps." : kNotThere;
  if (module.loaded) check.commands = {kFixCommand};
  return check;
}

}  // namespace

std::vector<Check> module_checks(const System& system, const ModuleFacts& module) {
  std::vector<Check> checks{installed(system, module), built(system, module), boots_securely(system, module)};
  const bool may_be_loaded = camera_would_be_seen(checks);
  checks.push_back(loaded(module, may_be_loaded));
  checks.push_back(version(module));
  checks.push_back(at_start(system, module));
  return checks;
}

}  // namespace viba
