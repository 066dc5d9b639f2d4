#include <fmt/format.h>

#include "doctor/checks.h"

namespace viba {
namespace {

/// A sentence of the library as the end of ours.
Check failed(Check check, const Error& error) {
  check.state = CheckState::kFailed;
  check.finding = error.message;
  return check;
}

Check runtime(const Result<std::string>& found) {
  Check check{.id = "runtime", .title = "ONNX Runtime"};
  if (!found) return failed(std::move(check), found.error());
  check.finding = fmt::format("{}.", *found);
  return check;
}

Check model(const Result<ModelState>& found) {
  Check check{.id = "model", .title = "Model"};
  if (!found) return failed(std::move(check), found.error());
  if (!found->file.empty()) {
    check.finding = fmt::format("{}.", found->file);
    return check;
  }
  check.state = found->fetchable ? CheckState::kWarning : CheckState::kFailed;
  check.finding =
      fmt::format("{} is not here{}.", found->name, found->fetchable ? "; ViBa will fetch it at its first use" : "");
  check.advice = found->advice;
  if (found->fetchable) check.commands = {"viba models fetch " + found->name};
  return check;
}

Check gpu(const System& system, bool has_runtime) {
  Check check{.id = "gpu", .title = "GPU (optional)"};
  check.state = CheckState::kNotApplicable;
  check.finding = "without ONNX Runtime it cannot be told.";
  if (!has_runtime) return check;
  const auto found = system.gpu();
  check.state = CheckState::kInformation;
  check.finding = found ? fmt::format("--use-gpu would take {}.", *found)
                        : "none that ViBa can use; the CPU is enough for the small models.";
  return check;
}

}  // namespace

std::vector<Check> engine_checks(const System& system) {
  const auto found = system.runtime();
  return {runtime(found), model(system.model()), gpu(system, found.has_value())};
}

}  // namespace viba
