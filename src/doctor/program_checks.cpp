#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "doctor/checks.h"

namespace viba {
namespace {

/// A call program, and how it is told apart when it comes as a package, a snap or a flatpak.
struct Program {
  const char* id;
  const char* title;
  std::vector<const char*> files;  ///< any of them
  const char* snap;                ///< empty: there is none
  const char* flatpak;             ///< empty: there is none
  const char* hint;
  const char* in_session;  ///< how it sees the camera in PipeWire
};

const std::array kPrograms{
    Program{"chrome",
            "Chrome and Chromium",
            {"/usr/bin/google-chrome", "/usr/bin/google-chrome-stable", "/usr/bin/chromium",
             "/usr/bin/chromium-browser", "/usr/bin/brave-browser", "/usr/bin/microsoft-edge"},
            "chromium",
            "com.google.Chrome",
            "lists a fake camera with exclusive_caps while ViBa runs; start ViBa before the call, or reload the page.",
            "It lists the camera in PipeWire once chrome://flags/#enable-webrtc-pipewire-camera is enabled."},
    Program{
        "firefox",
        "Firefox",
        {"/usr/bin/firefox", "/usr/bin/firefox-esr"},
        "firefox",
        "org.mozilla.firefox",
        "lists the fake camera while ViBa runs; when it was opened before, reload the page.",
        "It lists the camera in PipeWire, and then no fake one, where media.webrtc.camera.allow-pipewire is true in "
        "about:config, as it is on Fedora."},
    Program{"zoom",
            "Zoom",
            {"/usr/bin/zoom", "/opt/zoom/zoom"},
            "zoom-client",
            "us.zoom.Zoom",
            "lists the fake camera while ViBa runs; choose it in Settings, Video.",
            "It does not know the camera in PipeWire."},
    Program{"obs",
            "OBS Studio",
            {"/usr/bin/obs"},
            "obs-studio",
            "com.obsproject.Studio",
            "takes the fake camera as Video Capture Device (V4L2).",
            "It takes the camera in PipeWire as Video Capture Device (PipeWire)."},
    Program{"snapshot",
            "GNOME Camera",
            {"/usr/bin/snapshot"},
            "",
            "org.gnome.Snapshot",
            "knows cameras in PipeWire only.",
            "It lists ViBa's."},
};

bool has_snap(const System& system, const Program& program) {
  if (*program.snap == '\0') return false;
  return std::ranges::any_of(std::array{"/snap/", "/var/lib/snapd/snap/"}, [&](const char* folder) {
    return is_there(system.at(std::string(folder) + program.snap + "/current"));
  });
}

bool has_package(const System& system, const Program& program) {
  return std::ranges::any_of(program.files, [&](const char* file) {
    // Ubuntu's /usr/bin/firefox is a script that starts the snap; a snap is spoken of as such.
    return is_there(system.at(file)) && !has_snap(system, program);
  });
}

bool may_use_devices(const std::string& metadata) {
  const auto line = metadata.find("\ndevices=");
  return line != std::string::npos &&
         metadata.substr(line, metadata.find('\n', line + 1) - line).find("all;") != std::string::npos;
}

/// A flatpak sees cameras only with the right to all devices, which its own file or the user's override gives.
bool flatpak_sees_devices(const System& system, const std::string& id) {
  const auto metadata = whole_text(system.at("/var/lib/flatpak/app/" + id + "/current/active/metadata"));
  return metadata.empty() || may_use_devices(metadata) ||
         may_use_devices(whole_text(system.at("/var/lib/flatpak/overrides/" + id)));
}

Check of_program(const Program& program, bool session, const char* kind, const char* id_tail) {
  Check check{.id = std::string(program.id) + id_tail, .title = fmt::format("{}{}", program.title, kind)};
  check.state = CheckState::kInformation;
  check.finding = program.hint;
  if (session) check.advice = program.in_session;
  return check;
}

void add_program(const System& system, const Program& program, bool session, std::vector<Check>& checks) {
  if (has_package(system, program)) checks.push_back(of_program(program, session, "", ""));
  if (has_snap(system, program)) {
    Check& check = checks.emplace_back(of_program(program, session, " (snap)", "-snap"));
    check.advice += check.advice.empty() ? "" : " ";
    check.advice += "When it lists no camera at all, it lacks the right to cameras:";
    check.commands = {fmt::format("sudo snap connect {}:camera", program.snap)};
  }
  if (!is_there(system.at(std::string("/var/lib/flatpak/app/") + program.flatpak))) return;
  Check& check = checks.emplace_back(of_program(program, session, " (flatpak)", "-flatpak"));
  if (flatpak_sees_devices(system, program.flatpak)) return;
  check.state = CheckState::kWarning;
  check.finding = "it has no right to cameras.";
  check.commands = {fmt::format("sudo flatpak override --device=all {}", program.flatpak)};
}

}  // namespace

std::vector<Check> program_checks(const System& system, const Result<PipewireSession>& session) {
  std::vector<Check> checks;
  for (const Program& program : kPrograms) add_program(system, program, carries_cameras(session), checks);
  return checks;
}

}  // namespace viba
