#pragma once

#include <exception>
#include <string>

#include <viba/result.h>

namespace viba {

/// Runs a stage that may be a stranger's: what it throws becomes an error like any other.
template <class Work>
auto guarded(const char* what, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& e) {
    return fail(ErrorCode::kInternal, std::string(what) + " failed: " + e.what());
  } catch (...) {
    return fail(ErrorCode::kInternal, std::string(what) + " failed for an unknown reason.");
  }
}

}  // namespace viba
