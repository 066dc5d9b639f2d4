#include "doctor/fix.h"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/file_error.h"
#include "doctor/checks.h"
#include "doctor/distribution.h"
#include "media/part_file.h"
#include "media/v4l2_device.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

constexpr int kNumber = 20;
constexpr const char* kLabel = "ViBa";
constexpr const char* kOptionsFile = "/etc/modprobe.d/viba.conf";
constexpr const char* kLoadFile = "/etc/modules-load.d/viba.conf";

Result<void> make_folder_of(const fs::path& file) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return tl::unexpected(cannot_write(file.string(), error.value()));
  return {};
}

/// A name that nothing has and that modprobe and systemd do not read.
fs::path aside(const fs::path& file) {
  for (int count = 1;; ++count) {
    fs::path name = file;
    name += count == 1 ? ".saved" : fmt::format(".saved-{}", count);
    if (std::error_code error; !fs::exists(fs::symlink_status(name, error))) return name;
  }
}

/// A second name for the same file, or a copy where the file system has no such thing: there is no moment without it.
Result<void> keep(const fs::path& file) {
  if (!is_there(file)) return {};
  const fs::path kept = aside(file);
  std::error_code no_link, no_copy;
  fs::create_hard_link(file, kept, no_link);
  if (no_link) fs::copy_file(file, kept, no_copy);
  if (no_link && no_copy) return tl::unexpected(cannot_write(kept.string(), no_copy.value()));
  return {};
}

Result<void> replace(const fs::path& file, const std::string& content) {
  return make_folder_of(file)
      .and_then([&] { return keep(file); })
      .and_then([&] { return PartFile::create(file.string()); })
      .and_then([&](PartFile&& part) {
        // The mask of root's shell may hide files from others, and modprobe's files are everybody's to read.
        std::error_code error;
        fs::permissions(part.part_path(), fs::perms(0644), error);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
        return write_and_commit(std::move(part), {bytes, content.size()});
      });
}

void add_file(std::vector<FixStep>& steps, const System& system, const std::string& path, const std::string& line) {
  const fs::path file = system.at(path);
  if (whole_text(file) == line + "\n") return;
  std::string what = fmt::format("write {}: {}", path, line);
  if (is_there(file)) what += fmt::format(" (what is in it now is kept as {})", aside(path).string());
  steps.push_back({std::move(what), [file, line] { return replace(file, line + "\n"); }});
}

/// Options of one module add up over all files, and of two for one parameter the last one counts.
void warn_of_other_options(const System& system, const Log& log) {
  for (const auto& file : entries_of(system.at("/etc/modprobe.d")))
    if (file.extension() == ".conf" && file.filename() != "viba.conf" &&
        has_line(file, [](const std::string& line) { return line.starts_with("options v4l2loopback "); }))
      log.warning(
          fmt::format("{} has options of v4l2loopback, too, which count at the next start: look whether it is "
                      "still needed.",
                      file.string()));
}

/// The first number from 20 on that no device has.
int free_number(const std::vector<Device>& devices) {
  for (int number = kNumber;; ++number)
    if (std::ranges::find(devices, fmt::format("/dev/video{}", number), &Device::path) == devices.end()) return number;
}

FixStep run_step(const System& system, std::string what, std::vector<std::string> words) {
  what += fmt::format(": {}", fmt::join(words, " "));
  return {std::move(what), [run = system.run, words = std::move(words)] { return run(words); }};
}

/// The options of other files in /etc/modprobe.d count, too; those on the command line count more.
FixStep load_step(const System& system, int number) {
  return run_step(system, "load the module",
                  {"modprobe", "v4l2loopback", fmt::format("video_nr={}", number), fmt::format("card_label={}", kLabel),
                   "exclusive_caps=1"});
}

FixStep add_step(const System& system, int number) {
  return {fmt::format("add /dev/video{} to the module, which stays loaded", number),
          [add = system.add_loopback, number] { return add(number, kLabel); }};
}

std::vector<DeviceHolder> users_of(const std::vector<Device>& devices) {
  std::vector<DeviceHolder> users;
  for (const auto& device : devices)
    if (device.kind == DeviceKind::kLoopback) users.insert(users.end(), device.holders.begin(), device.holders.end());
  return users;
}

Result<void> add_reload(std::vector<FixStep>& steps, const System& system, const std::vector<Device>& devices) {
  if (const auto users = users_of(devices); !users.empty())
    return fail(
        ErrorCode::kBusy,
        fmt::format("This version of v4l2loopback has to be loaded anew to get a device with exclusive_caps, and "
                    "{} {} its devices: close {} first.",
                    describe(users), users.size() == 1 ? "uses" : "use", users.size() == 1 ? "it" : "them"));
  std::vector<Device> others = devices;
  std::erase_if(others, [](const Device& device) { return device.kind == DeviceKind::kLoopback; });
  steps.push_back(run_step(system, "unload the module, which nobody uses", {"modprobe", "-r", "v4l2loopback"}));
  steps.push_back(load_step(system, free_number(others)));
  return {};
}

Error not_loadable(const System& system) {
  for (const auto& check : module_checks(system, module_facts(system)))
    if (check.state == CheckState::kFailed)
      return {ErrorCode::kNotFound,
              fmt::format("Nothing can be loaded yet: {} {}{}{}", check.finding, check.advice,
                          check.advice.empty() || check.commands.empty() ? "" : " ",
                          check.commands.empty() ? "" : fmt::format("Run `{}`.", fmt::join(check.commands, " && ")))};
  return {ErrorCode::kNotFound, "v4l2loopback is not built for this kernel."};
}

/// What stands in the way of loading, other than that nobody has done it.
bool loadable(const System& system, const ModuleFacts& module) {
  return std::ranges::none_of(module_checks(system, module), [](const Check& check) {
    return check.state == CheckState::kFailed && check.id != "module-loaded";
  });
}

}  // namespace

Result<std::vector<FixStep>> plan_fix(const System& system, const Log& log) {
  if (system.user.id != 0)
    return fail(ErrorCode::kPermission,
                fmt::format("Loading a kernel module needs root's rights: run `{}`.", kFixCommand));
  const ModuleFacts module = module_facts(system);
  if (!loadable(system, module)) return tl::unexpected(not_loadable(system));
  warn_of_other_options(system, log);
  const auto devices = system.devices();
  std::vector<FixStep> steps;
  add_file(steps, system, kOptionsFile,
           fmt::format("options v4l2loopback video_nr={} card_label=\"{}\" exclusive_caps=1", kNumber, kLabel));
  add_file(steps, system, kLoadFile, "v4l2loopback");
  if (!module.loaded) {
    steps.push_back(load_step(system, free_number(devices)));
  } else if (std::ranges::none_of(devices, usable_loopback)) {
    if (module.control_device)
      steps.push_back(add_step(system, free_number(devices)));
    else if (const auto done = add_reload(steps, system, devices); !done)
      return tl::unexpected(done.error());
  }
  return steps;
}

}  // namespace viba
