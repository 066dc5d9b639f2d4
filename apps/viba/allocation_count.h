#pragma once

#include <cstdint>

namespace viba::app {

/// Counts the calls of operator new, in the whole program and on all threads; null where this program does not count
/// them. What C libraries take from malloc is not seen: to stand in for malloc itself is nothing for a program that
/// people use, because every libc has ways of its own around it.
[[nodiscard]] std::uint64_t (*allocation_counter())();

}  // namespace viba::app
