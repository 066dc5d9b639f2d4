#pragma once

#include <string>
#include <string_view>

/// What people read on standard error: lines, and below them one that changes while something lasts.
/// Thread-safety: all functions may be called from any thread.
namespace viba::app {

/// Whether somebody sees a line that changes.
[[nodiscard]] bool has_terminal();
/// Writes a line. That nobody reads any more is no reason to end a call.
void write_line(std::string_view line);
/// Shows `text`, cut to the terminal's width, as the line that changes, in place of what it was; empty: none any more.
/// Nothing without a terminal.
void show_status(std::string_view text);

/// "[########            ]  40 %"
[[nodiscard]] std::string progress_bar(int percent);

}  // namespace viba::app
