#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace viba {

/// Of the first processor, as the kernel names it; else the kind of machine.
[[nodiscard]] std::string cpu_name();

/// Processors that this process may run on.
[[nodiscard]] int usable_cores();

/// CPU time of all threads of this process, or of the calling thread.
[[nodiscard]] std::chrono::nanoseconds process_cpu_time();
[[nodiscard]] std::chrono::nanoseconds thread_cpu_time();

/// Since the kernel started this process, whose resolution is that of its clock tick. Nothing where it does not tell.
[[nodiscard]] std::optional<std::chrono::nanoseconds> process_age();

/// The largest resident memory that this process had, in 10^6 bytes; 0 where the kernel does not tell.
[[nodiscard]] double peak_resident_mb();
/// Gives back what is free and counts the peak from now on. Where the kernel cannot, the old peak stays.
void forget_peak_resident();

}  // namespace viba
