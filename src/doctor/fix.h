#pragma once

#include <viba/doctor.h>

#include "doctor/system.h"

namespace viba {

/// `plan_fix` of the public header, on any machine. The steps keep a copy of `system`.
[[nodiscard]] Result<std::vector<FixStep>> plan_fix(const System& system, const Log& log);

}  // namespace viba
