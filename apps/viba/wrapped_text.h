#pragma once

#include <string>
#include <string_view>

namespace viba::app {

/// Words of `text` in lines of at most `width` columns, of which those after the first begin with `indent` spaces. The
/// first is taken to be `start` columns long already. Longer words stay whole.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0,
                                  std::size_t start = 0);

}  // namespace viba::app
