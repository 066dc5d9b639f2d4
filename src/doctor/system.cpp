#include "doctor/system.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <viba/models.h>

#include "capture/camera_finder.h"
#include "capture/pipewire_finder.h"
#include "doctor/loopback_control.h"
#include "doctor/run_program.h"
#include "segment/engine.h"
#include "segment/model_store.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

std::string running_kernel() {
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

SystemUser this_user() {
  SystemUser user;
  user.id = geteuid();
  user.groups.resize(std::size_t(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(user.groups.size()), user.groups.data());
  user.groups.resize(std::size_t(std::max(0, count)));
  user.groups.push_back(getegid());
  return user;
}

std::optional<NodeRights> rights_to(const std::string& node) {
  struct stat facts {};
  if (stat(node.c_str(), &facts) != 0) return {};
  constexpr mode_t kGroupMay = S_IRGRP | S_IWGRP;
  return NodeRights{access(node.c_str(), R_OK | W_OK) == 0, facts.st_gid, (facts.st_mode & kGroupMay) == kGroupMay};
}

Result<std::string> node_of_camera(const std::string& where) {
  if (const auto which = parse_pipewire(where))
    return find_pipewire_camera(*which).map([](const PipewireNode& node) { return name_of(node); });
  return find_camera(where).map([](const std::string& path) {
    std::error_code error;
    const auto node = fs::canonical(path, error);  // names below /dev/v4l are links
    return error ? path : node.string();
  });
}

Result<std::string> loaded_runtime(const Options& options) {
  const auto runtime = options.ort_library.empty() ? OnnxRuntime::load(onnx_runtime_candidates())
                                                   : OnnxRuntime::load_file(options.ort_library);
  return runtime.map([](const auto& loaded) { return fmt::format("{}, {}", loaded->version(), loaded->path()); });
}

Result<std::string> usable_gpu(Options options) {
  if (options.gpu == Gpu::kOff || options.gpu == Gpu::kAuto) options.gpu = Gpu::kAny;
  return make_engine(options, Log{}).map([](const Engine& engine) { return engine.device; });
}

Result<ModelState> state_of_model(const Options& options) {
  const ModelInfo* known = find_model(options.model_name);
  std::error_code error;
  if (known == nullptr && fs::exists(options.model_name, error))
    return ModelState{options.model_name, options.model_name, false, ""};
  if (known == nullptr)
    return fail(ErrorCode::kNotFound, fmt::format("There is no model and no file {}: {}.", options.model_name,
                                                  known_names(options.model_name)));
  return ModelState{known->name, installed_file(*known, options).value_or(""),
                    known->source.find("://") != std::string::npos && known->how_to_get.empty(), known->how_to_get};
}

}  // namespace

System this_system(const Options& options) {
  System system;
  system.kernel_release = running_kernel();
  system.user = this_user();
  system.real_camera = options.real_cam_device;
  system.find_camera = node_of_camera;
  system.devices = list_devices;
  system.rights = rights_to;
  system.runtime = [options] { return loaded_runtime(options); };
  system.gpu = [options] { return usable_gpu(options); };
  system.model = [options] { return state_of_model(options); };
  system.session = ask_pipewire;
  system.portal = camera_portal_state;
  system.run = run_program;
  system.add_loopback = add_loopback_device;
  return system;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string first_line(const fs::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

std::string whole_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has_line(const fs::path& file, const std::function<bool(const std::string&)>& wanted) {
  std::istringstream lines(whole_text(file));
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == '#') continue;
    if (wanted(line.substr(first, line.find_last_not_of(" \t\r") + 1 - first))) return true;
  }
  return false;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    found.push_back(it->path());
  std::ranges::sort(found);
  return found;
}

}  // namespace viba
