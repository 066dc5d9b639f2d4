#include <viba/doctor.h>

#include <algorithm>
#include <iterator>

#include "doctor/checks.h"
#include "doctor/fix.h"

namespace viba {

std::vector<Check> examine(const System& system) {
  const ModuleFacts module = module_facts(system);
  const std::vector<Device> devices = system.devices();
  std::vector<Check> all;
  for (auto& checks : {module_checks(system, module), device_checks(system, module, devices), engine_checks(system),
                       desktop_checks(system)})
    std::ranges::copy(checks, std::back_inserter(all));
  return all;
}

std::vector<Check> examine(const Options& options) { return examine(this_system(options)); }

bool camera_would_be_seen(std::span<const Check> checks) {
  return std::ranges::none_of(checks, [](const Check& check) { return check.state == CheckState::kFailed; });
}

Result<std::vector<FixStep>> plan_fix(const Log& log) { return plan_fix(this_system({}), log); }

}  // namespace viba
