#pragma once

#include <memory>
#include <string>
#include <vector>

#include <viba/result.h>

#include <gtest/gtest.h>

#include "pipewire/process.h"

namespace viba::pipewire_test {

/// A PipeWire server with its session manager and D-Bus daemon, for this process and its children alone: no settings,
/// devices or programs of the user are seen in it. It ends with this object, or with the process, however that ends.
/// Start it before anything speaks PipeWire or D-Bus: it sets this process's environment.
/// Thread-safety: none; the thread that starts it or restarts parts has to outlive it.
class PipewireSession {
 public:
  PipewireSession() = default;
  PipewireSession(const PipewireSession&) = delete;
  PipewireSession& operator=(const PipewireSession&) = delete;
  ~PipewireSession();

  /// What this machine lacks, for people; empty when a session can be started.
  [[nodiscard]] static std::string missing();
  /// What it lacks for `start_portal`.
  [[nodiscard]] static std::string missing_for_portal();

  /// Returns when streams can be connected. Errors: kIo with the daemon that does not come up.
  [[nodiscard]] Result<void> start();

  /// Ends server and session manager at once, without a word to anybody.
  void kill_pipewire();
  /// Starts them again, where they were. Errors: as of `start`.
  [[nodiscard]] Result<void> restart_pipewire();

  /// The desktop's portal with what it needs, a display above all, to which DISPLAY is set. Its user allows programs
  /// the camera, or does not: nobody is asked. Errors: as of `start`.
  [[nodiscard]] Result<void> start_portal(bool granted);

  /// The folder that holds all of it: XDG_RUNTIME_DIR and, in `home`, HOME; logs as NAME.log.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  /// All that the daemons wrote so far.
  [[nodiscard]] std::string logs() const;

 private:
  [[nodiscard]] Result<void> make_folder();
  void set_environment() const;
  [[nodiscard]] Result<void> start_dbus();
  [[nodiscard]] Result<void> start_pipewire();
  [[nodiscard]] Result<void> start_display();
  [[nodiscard]] Result<void> start_service(const std::string& program, const std::string& bus_name);
  [[nodiscard]] Result<void> set_permission(bool granted) const;
  std::unique_ptr<Process> run(const std::string& name, const std::vector<std::string>& command) const;

  std::string folder_;
  int keeper_ = -1;  ///< to the program that removes the folder; closes with this process
  std::unique_ptr<Process> dbus_;
  std::unique_ptr<Process> pipewire_;
  std::unique_ptr<Process> manager_;
  std::vector<std::unique_ptr<Process>> portal_;
};

/// Tests in a session of their own. They are skipped where PipeWire is not installed.
class PipewireTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  PipewireSession session_;
};

/// The programs beside the tests, with further options; see there. They are ready, or have failed, on return.
[[nodiscard]] std::unique_ptr<Process> start_camera(const std::string& name, const std::vector<std::string>& more = {},
                                                    int given = -1);
[[nodiscard]] std::unique_ptr<Process> start_viewer(const std::vector<std::string>& options = {});

}  // namespace viba::pipewire_test
