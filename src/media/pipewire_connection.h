#pragma once

#include <functional>
#include <memory>

#include <viba/result.h>

#include "base/fd.h"

struct pw_context;
struct pw_core;
struct pw_thread_loop;

namespace viba {

/// One connection to a PipeWire server, with a thread of its own on which all events arrive. It has one life: when the
/// server goes it is lost, and another has to be made.
/// Thread-safety: members may be called from any thread, the destructor and `sync` not from its own; what PipeWire does
/// with its objects needs a `Lock`, but on its own thread.
class PipewireConnection {
 public:
  /// A socket that leads to the user's session, on which nothing was said yet. Errors: kNotFound when there is none.
  [[nodiscard]] static Result<Fd> connect();

  /// To the user's session, or to what `remote` leads to (of `connect`, or which a portal gave). `lost` is called once,
  /// from the connection's thread, when the server has gone. Errors: kNotFound when there is none.
  [[nodiscard]] static Result<std::unique_ptr<PipewireConnection>> open(std::function<void()> lost, Fd remote = Fd());
  PipewireConnection(const PipewireConnection&) = delete;
  PipewireConnection& operator=(const PipewireConnection&) = delete;
  ~PipewireConnection();

  class [[nodiscard]] Lock {
   public:
    explicit Lock(const PipewireConnection& connection);
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();

   private:
    pw_thread_loop* loop_;
  };

  [[nodiscard]] pw_thread_loop* loop() const;
  [[nodiscard]] pw_core* core() const;

  /// Waits until the server has answered all that it was asked, without a `Lock`. Errors: kIo when it went, or takes
  /// longer than two seconds.
  [[nodiscard]] Result<void> sync();

 private:
  class Impl;
  explicit PipewireConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace viba
