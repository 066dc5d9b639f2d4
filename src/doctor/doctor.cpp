#include <viba/doctor.h>

#include <algorithm>
#include <iterator>

#include "doctor/checks.h"
#include "doctor/fix.h"

namespace viba {

namespace {

/// Where PipeWire carries the camera, it works without the kernel's, though not for every program.
void make_do_with_session(Check& check) {
  const bool of_loopback = check.id == "loopback" || check.id == "secure-boot" || check.id.starts_with("module-");
  if (!of_loopback || check.state != CheckState::kFailed) return;
  check.state = CheckState::kWarning;
  check.finding += " Programs that do not ask PipeWire, such as Zoom, will not see ViBa.";
}

}  // namespace

std::vector<Check> examine(const System& system) {
  const ModuleFacts module = module_facts(system);
  const std::vector<Device> devices = system.devices();
  const auto session = system.session();
  std::vector<Check> all;
  for (auto& checks : {module_checks(system, module), device_checks(system, module, devices, session),
                       session_checks(system, session), engine_checks(system), program_checks(system, session)})
    std::ranges::copy(checks, std::back_inserter(all));
  if (carries_cameras(session)) std::ranges::for_each(all, make_do_with_session);
  return all;
}

std::vector<Check> examine(const Options& options) { return examine(this_system(options)); }

bool camera_would_be_seen(std::span<const Check> checks) {
  return std::ranges::none_of(checks, [](const Check& check) { return check.state == CheckState::kFailed; });
}

Result<std::vector<FixStep>> plan_fix(const Log& log) { return plan_fix(this_system({}), log); }

}  // namespace viba
