#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "doctor/checks.h"
#include "media/v4l2_device.h"
#include "output/loopback_device.h"

namespace viba {
namespace {

constexpr const char* kReloadCommand = "sudo modprobe -r v4l2loopback";

bool is_viba(const DeviceHolder& holder) { return holder.name == "viba"; }

/// The name that /etc/group gives it, and its members there.
struct Group {
  std::string name;
  std::vector<std::string> members;
};

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) c == at ? (void)parts.emplace_back() : parts.back().push_back(c);
  return parts;
}

/// Of the line whose number in the third place is `id`: group(5) and passwd(5) agree on that.
std::optional<std::vector<std::string>> entry_of(const std::filesystem::path& file, unsigned id) {
  for (const auto& line : split(whole_text(file), '\n'))
    if (auto fields = split(line, ':'); fields.size() >= 4 && fields[2] == std::to_string(id)) return fields;
  return {};
}

Group group_of(const System& system, gid_t id) {
  const auto fields = entry_of(system.at("/etc/group"), id);
  return fields ? Group{(*fields)[0], split((*fields)[3], ',')} : Group{std::to_string(id), {}};
}

std::string user_name(const System& system) {
  const auto fields = entry_of(system.at("/etc/passwd"), system.user.id);
  return fields ? (*fields)[0] : "$USER";
}

Check denied(Check check, const System& system, const std::string& node, const NodeRights& rights) {
  check.state = CheckState::kFailed;
  const std::string user = user_name(system);
  if (rights.group == 0 || !rights.group_may) {
    check.finding = fmt::format("{} may be opened by root only.", node);
    check.commands = {fmt::format("sudo chgrp video {}", node), fmt::format("sudo chmod 660 {}", node),
                      fmt::format("sudo usermod -aG video {}", user)};
    check.advice = "Then log out and in again.";
    return check;
  }
  const Group group = group_of(system, rights.group);
  check.finding = fmt::format("{} may be opened by the group '{}' only, ", node, group.name);
  if (std::ranges::find(group.members, user) != group.members.end()) {
    check.finding += fmt::format("in which {} is since the last login.", user);
    check.advice = "Log out and in again (or restart), so that it counts.";
    return check;
  }
  check.finding += fmt::format("in which {} is not.", user);
  check.commands = {fmt::format("sudo usermod -aG {} {}", group.name, user)};
  check.advice = "Then log out and in again.";
  return check;
}

Check permissions(const System& system, const std::vector<Device>& devices) {
  Check check{.id = "permissions", .title = "Right to open them"};
  for (const auto& device : devices)
    if (const auto rights = system.rights(device.path); rights && !rights->may_open)
      return denied(std::move(check), system, device.path, *rights);
  check.state = devices.empty() ? CheckState::kNotApplicable : CheckState::kGood;
  check.finding = devices.empty() ? "there is no device to open." : "yes, all of them.";
  return check;
}

bool is_loopback(const Device& device) { return device.kind == DeviceKind::kLoopback; }
bool is_camera(const Device& device) { return device.kind == DeviceKind::kCamera; }

bool fed_by_stranger(const Device& device) {
  return device.loopback->fed && std::ranges::none_of(device.holders, is_viba);
}

std::string named(const Device& device) { return fmt::format("{} ({})", device.path, device.name); }

void reload(Check& check, const Device& device) {
  if (!device.holders.empty()) check.advice = fmt::format("Close {} first.", describe(device.holders));
  check.commands = {kReloadCommand, std::string(kLoadLoopback)};
}

void why_not(Check& check, const Device& device, const ModuleFacts& module) {
  if (fed_by_stranger(device)) {
    const auto who = device.holders.empty() ? "another program" : describe(device.holders);
    check.finding = fmt::format("{} is fed by {}.", named(device), who);
    check.advice = fmt::format("Close {}{}", who, module.control_device ? ", or make another device:" : ".");
    if (module.control_device) check.commands = {kFixCommand};
    return;
  }
  check.finding =
      fmt::format("{} was made without exclusive_caps, and so Chrome and others do not list it.", named(device));
  if (!module.control_device) return reload(check, device);
  check.advice = "Another device can be made beside it:";
  check.commands = {kFixCommand};
}

std::string state_of_usable(const LoopbackState& state) {
  if (state.stuck) return "was left behind useless to other programs; ViBa mends it when it starts";
  return state.fed ? "is fed by ViBa: call programs see it now" : "is free";
}

Check of_usable(Check check, const Device& loopback, bool first) {
  if (loopback.loopback->stuck) check.state = CheckState::kWarning;
  check.finding = fmt::format("{} {}.", named(loopback), state_of_usable(*loopback.loopback));
  if (loopback.loopback->fed || first) return check;
  check.advice = "Name it when you start ViBa, because there are others that will not do:";
  check.commands = {fmt::format("viba --fake-cam-device {}", loopback.path)};
  return check;
}

Check free_loopback(const ModuleFacts& module, const std::vector<Device>& devices) {
  Check check{.id = "loopback", .title = "Fake camera"};
  const auto any = std::ranges::find_if(devices, is_loopback);
  if (const auto usable = std::ranges::find_if(devices, usable_loopback); usable != devices.end())
    return of_usable(std::move(check), *usable, usable == any);
  if (!module.loaded || (any == devices.end() && std::ranges::any_of(devices, [](const Device& device) {
                           return device.kind == DeviceKind::kUnknown;
                         }))) {
    check.state = CheckState::kNotApplicable;
    check.finding =
        module.loaded ? "it cannot be told before the devices may be opened." : "there is none without the module.";
    return check;
  }
  check.state = CheckState::kFailed;
  if (any != devices.end()) {
    why_not(check, *any, module);
    return check;
  }
  check.finding = "the module is loaded, but has no device.";
  check.commands = {kReloadCommand, std::string(kLoadLoopback)};
  if (module.control_device) check.commands = {kFixCommand};
  return check;
}

Check no_camera(Check check, const System& system, const std::vector<Device>& devices) {
  if (std::ranges::find(devices, DeviceKind::kUnknown, &Device::kind) != devices.end()) {
    check.state = CheckState::kNotApplicable;
    check.finding = "it cannot be told before the devices may be opened.";
    return check;
  }
  check.state = CheckState::kFailed;
  check.finding = system.real_camera.empty() ? "there is none; ViBa would show its bundled sample instead of you."
                                             : fmt::format("{} is none.", system.real_camera);
  check.advice = "Plug it in, or switch it on: many laptops have a key or a slider for that.";
  check.commands = {"viba devices"};
  return check;
}

Check of_cameras(Check check, const std::vector<const Device*>& cameras) {
  const auto free = std::ranges::find_if(cameras, [](const Device* device) { return strangers(*device).empty(); });
  if (free != cameras.end()) {
    const bool in_use = !(*free)->holders.empty();
    check.finding = fmt::format("{} is {}.", named(**free), in_use ? "in use by ViBa" : "free");
    return check;
  }
  const auto who = describe(strangers(*cameras.front()));
  check.state = CheckState::kFailed;
  check.finding = fmt::format("{} is in use by {}.", named(*cameras.front()), who);
  check.advice = fmt::format("Close it in {}; until then ViBa can only show a placeholder.", who);
  return check;
}

/// One that PipeWire alone gives, as those of libcamera are.
const PipewireNode* session_camera(const PipewireSession& session) {
  const auto found = std::ranges::find_if(
      session.cameras, [](const PipewireNode& node) { return !is_published_by_viba(node) && v4l2_path(node).empty(); });
  return found == session.cameras.end() ? nullptr : &*found;
}

Check camera(const System& system, const std::vector<Device>& devices, const Result<PipewireSession>& session) {
  Check check{.id = "camera", .title = "Camera"};
  std::string path;
  if (!system.real_camera.empty()) {
    if (std::error_code error;
        system.real_camera == "sample" || std::filesystem::is_regular_file(system.real_camera, error)) {
      check.finding = fmt::format("{} is none, but will do.", system.real_camera);
      return check;
    }
    const auto found = system.find_camera(system.real_camera);
    if (!found) {
      check.state = CheckState::kFailed;
      check.finding = found.error().message;
      check.commands = {"viba devices"};
      return check;
    }
    if (parse_pipewire(system.real_camera)) {
      check.finding = fmt::format("{} is there.", *found);
      return check;
    }
    path = *found;
  }
  std::vector<const Device*> cameras;
  for (const auto& device : devices)
    if (is_camera(device) && (path.empty() || device.path == path)) cameras.push_back(&device);
  if (!cameras.empty()) return of_cameras(std::move(check), cameras);
  if (const auto* found = session ? session_camera(*session) : nullptr; found != nullptr && path.empty()) {
    check.finding = fmt::format("{} is in the PipeWire session.", found->description);
    return check;
  }
  return no_camera(std::move(check), system, devices);
}

}  // namespace

std::vector<DeviceHolder> strangers(const Device& device) {
  std::vector<DeviceHolder> others = device.holders;
  // PipeWire's watchers keep cameras open to hear of their controls, which does not hinder others.
  std::erase_if(others, [](const DeviceHolder& holder) {
    return is_viba(holder) || holder.name == "wireplumber" || holder.name == "pipewire";
  });
  return others;
}

bool usable_loopback(const Device& device) {
  if (!is_loopback(device) || fed_by_stranger(device)) return false;
  return device.loopback->exclusive_caps.value_or(true);
}

std::vector<Check> device_checks(const System& system, const ModuleFacts& module, const std::vector<Device>& devices,
                                 const Result<PipewireSession>& session) {
  return {permissions(system, devices), free_loopback(module, devices), camera(system, devices, session)};
}

}  // namespace viba
