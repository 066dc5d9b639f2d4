#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "media/pipewire_node.h"

struct pw_registry;

namespace viba {

class PipewireConnection;

/// What flows from one node to another.
struct PipewireLink {
  std::uint32_t output_node = 0;
  std::uint32_t input_node = 0;
};

/// The nodes and links of a server, kept up to date by the connection's thread. Events come in the order in which
/// things happen, so that a link is known here before the first buffer that comes through it.
/// Thread-safety: `nodes` and `links` need a `Lock` of the connection, but on its own thread.
class PipewireGraph {
 public:
  /// `changed` is called from the connection's thread after each change. The connection outlives this.
  explicit PipewireGraph(PipewireConnection& connection, std::function<void()> changed = {});
  PipewireGraph(const PipewireGraph&) = delete;
  PipewireGraph& operator=(const PipewireGraph&) = delete;
  ~PipewireGraph();

  /// By id. Complete after a `sync` of the connection.
  [[nodiscard]] const std::map<std::uint32_t, PipewireNode>& nodes() const;
  [[nodiscard]] const std::map<std::uint32_t, PipewireLink>& links() const;
  /// Whether a session manager is there, which links what programs ask for.
  [[nodiscard]] bool managed() const;
  /// For binding what it shows; null when there was none to get.
  [[nodiscard]] pw_registry* registry() const;

  /// Asks the server to destroy an object, e.g. another program's node. Without a `Lock`.
  void destroy(std::uint32_t id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace viba
