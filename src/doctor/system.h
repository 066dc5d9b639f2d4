#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <viba/devices.h>
#include <viba/options.h>
#include <viba/result.h>

#include "media/camera_portal.h"
#include "media/pipewire_node.h"

namespace viba {

struct SystemUser {
  uid_t id = 0;
  std::vector<gid_t> groups;  ///< of this process, which has them since the login
};

/// Who may open a node, by its mode.
struct NodeRights {
  bool may_open = false;  ///< this user
  gid_t group = 0;
  bool group_may = false;
};

struct ModelState {
  std::string name;
  std::string file;  ///< empty: it is not installed
  bool fetchable = false;
  std::string advice;  ///< how it comes here, when ViBa does not fetch it
};

/// The machine as the doctor sees it. Tests replace any part of it.
struct System {
  std::filesystem::path root = "/";  ///< /etc, /lib, /proc, /sys, … are looked for below it
  std::string kernel_release;        ///< as `uname -r` tells it
  SystemUser user;
  std::string real_camera;  ///< what the user names as camera; empty: the first one
  std::function<Result<std::string>(const std::string& where)>
      find_camera;  ///< /dev/videoN of what the user names, or a camera's name in PipeWire
  std::function<std::vector<Device>()> devices;
  std::function<std::optional<NodeRights>(const std::string& node)> rights;
  std::function<Result<std::string>()> runtime;  ///< "1.29.0, /usr/lib/…/libonnxruntime.so.1"
  std::function<Result<std::string>()> gpu;      ///< the one that would be used: "the GPU …"
  std::function<Result<ModelState>()> model;
  std::function<Result<PipewireSession>()> session;
  std::function<CameraPortalState()> portal;
  std::function<Result<void>(const std::vector<std::string>& words)> run;  ///< another program, to its end
  /// Through the module's control device (0.13 and later), with exclusive_caps.
  std::function<Result<void>(int number, const std::string& label)> add_loopback;

  /// `path`, which begins with a slash, below the root.
  [[nodiscard]] std::filesystem::path at(const std::string& path) const { return root / path.substr(1); }
};

/// The one this process runs on. Takes from `options` what `examine` does.
[[nodiscard]] System this_system(const Options& options);

/// Helpers for its files. What cannot be read is as good as not there.
[[nodiscard]] bool is_there(const std::filesystem::path& path);
[[nodiscard]] std::string first_line(const std::filesystem::path& file);
[[nodiscard]] std::string whole_text(const std::filesystem::path& file);
/// Whether a line of a configuration file is wanted: comments, empty lines and the spaces around are passed over.
[[nodiscard]] bool has_line(const std::filesystem::path& file, const std::function<bool(const std::string&)>& wanted);
/// By name. Empty when there is no such folder.
[[nodiscard]] std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

}  // namespace viba
