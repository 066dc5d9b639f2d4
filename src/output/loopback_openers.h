#pragma once

#include <string>
#include <vector>

#include <sys/types.h>
#include <viba/result.h>

namespace viba {

/// PipeWire or one of its session managers, which may hold the nodes of cameras open for as long as
/// the session lasts and never read them.
struct SessionDaemon {
  pid_t process;
  bool maps = false;  ///< `may_map`
};

/// What other processes have a v4l2loopback node open.
struct Openers {
  std::vector<SessionDaemon> daemons;  ///< those that /proc shows
  bool others = false;                 ///< any but those
};

/// What counts is the module's own reference count, one for each open file of all its nodes, less
/// those of this process and of session daemons: so holders of other users, whom /proc hides, count as
/// well, and copies of our own descriptors do not. All of /proc is looked through only where there are
/// several nodes, to tell of which one the holders are; a holder that cannot be told may be of this one.
/// Errors: kIo when neither source can be read.
[[nodiscard]] Result<Openers> openers_of(const std::string& node);

/// Whether one of them may read the node: a daemon only while it maps it.
[[nodiscard]] bool may_read(const Openers& openers);

/// Whether a process has the node's buffers mapped, as most readers have, or does not let us look.
[[nodiscard]] bool may_map(pid_t process, const std::string& node);

[[nodiscard]] bool is_session_daemon(const std::string& process_name);

}  // namespace viba
