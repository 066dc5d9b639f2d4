#include "wrapped_text.h"

#include <algorithm>

namespace viba::app {

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t start) {
  std::string out;
  std::size_t column = start;
  bool first = true;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    if (!first && column + 1 + space > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    first = false;
    out += text.substr(0, space);
    column += space;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

}  // namespace viba::app
