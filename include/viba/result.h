#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace viba {

enum class ErrorCode {
  kUsage,        ///< an option or argument is wrong; programs exit with status 2
  kNotFound,     ///< no such file or device
  kPermission,   ///< the user may not open it
  kBusy,         ///< another process holds it
  kUnsupported,  ///< it is there, but it is not of a kind that ViBa can use
  kBadData,      ///< it is of the right kind, but damaged or out of bounds
  kIo,           ///< reading or writing failed
  kInference,    ///< the network failed on a frame
  kNotYet,       ///< it is still being made; wait and see
  kAskedAway,    ///< the picture has to be empty for a moment, so that the room can be learnt
  kClosed,       ///< the other side ended on purpose, e.g. the preview window was closed
  kInternal,
};

/// A failure in one sentence that a person can act on: what, where, and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace viba
