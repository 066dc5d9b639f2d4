#pragma once

#include <string>

namespace viba::app {

/// viba(1) in roff, made from the table of options.
[[nodiscard]] std::string man_page();

}  // namespace viba::app
