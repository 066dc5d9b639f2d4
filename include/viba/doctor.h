#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <viba/export.h>
#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

/// Why call programs see the fake camera, or what is in the way, and how to do away with that.
/// Thread-safety: all functions may be called from any thread.
namespace viba {

enum class CheckState {
  kGood,
  kInformation,    ///< worth knowing; nothing depends on it
  kWarning,        ///< it works, but not as well as it could, or not after the next start
  kFailed,         ///< call programs will not see the camera, or not you
  kNotApplicable,  ///< there is nothing of that kind here, or an earlier check has failed
};

struct Check {
  std::string id;     ///< for programs: "module-built"
  std::string title;  ///< for people: "Module for this kernel"
  CheckState state = CheckState::kGood;
  std::string finding;                ///< what was found, a sentence
  std::string advice;                 ///< what to do about it, a sentence; may be empty
  std::vector<std::string> commands;  ///< for a shell, to be given in this order; may be empty
};

/// Looks at kernel module, devices, rights, runtime, model, GPU, PipeWire and call programs, and changes nothing.
/// The checks come in the order in which things have to be put right. Takes from `options`: gpu, threads, ort_library,
/// model_name, model_dir, data_dirs, real_cam_device.
[[nodiscard]] VIBA_EXPORT std::vector<Check> examine(const Options& options);

/// Whether a call program would see the camera once ViBa runs: no check has failed.
[[nodiscard]] VIBA_EXPORT bool camera_would_be_seen(std::span<const Check> checks);

struct FixStep {
  std::string what;  ///< for people, before it is done: "write /etc/modprobe.d/viba.conf: …"
  std::function<Result<void>()> apply;
};

/// What makes a fake camera that is also there after the next start: two files in /etc, and the module loaded, or one
/// more device where it is loaded already. Empty when there is nothing to do. Files of that name with other content
/// are kept under another name; `log` hears of other files with options of the module. Reads only; each step is done by
/// its `apply`, in this order, with root's rights. Errors: kPermission (not root), kNotFound (the module is not
/// installed, or not for this kernel), kBusy (somebody uses the devices, and this version of the module cannot add one
/// without being loaded anew).
[[nodiscard]] VIBA_EXPORT Result<std::vector<FixStep>> plan_fix(const Log& log);

}  // namespace viba
