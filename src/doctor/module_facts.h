#pragma once

#include <optional>
#include <string>

#include "doctor/system.h"

namespace viba {

/// Whether the module's file carries a signature. Compressed files do not tell.
enum class Signature { kYes, kNo, kUnknown };

/// All about v4l2loopback that the file systems tell.
struct ModuleFacts {
  bool kernel_has_modules = false;  ///< /lib/modules/RELEASE is there; it goes when the kernel is upgraded
  bool headers = false;             ///< what modules are built with
  std::string file;                 ///< the module for the running kernel; empty: there is none
  Signature signature = Signature::kUnknown;
  std::string source_version;  ///< of the sources that DKMS builds, "0.12.7"; empty: they are not there
  bool akmod = false;          ///< the sources lie here as an akmod package
  std::string build_log;       ///< of DKMS's last try that ended without a module
  bool loaded = false;
  std::string loaded_version;   ///< as the module tells it; empty before 0.13
  bool control_device = false;  ///< it can add devices without being loaded anew

  [[nodiscard]] bool installed() const { return loaded || !file.empty() || !source_version.empty() || akmod; }
};

[[nodiscard]] ModuleFacts module_facts(const System& system);

/// "0.13.2", or "0.12.7 or so" when only the sources tell, or "before 0.13".
[[nodiscard]] std::string version_in_words(const ModuleFacts& module);

/// Whether the firmware lets only signed code run. Nothing when the machine has no such firmware.
[[nodiscard]] std::optional<bool> secure_boot(const System& system);

/// The public key that DKMS or akmods sign modules with; empty when there is none.
[[nodiscard]] std::string signing_key(const System& system);

/// Whether the firmware's list of the owner's keys has that one. Nothing when the list cannot be read.
[[nodiscard]] std::optional<bool> enrolled(const System& system, const std::string& key);

/// Whether files in /etc load the module at each start, with exclusive_caps.
[[nodiscard]] bool loaded_at_start(const System& system);

}  // namespace viba
