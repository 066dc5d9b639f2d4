#!/usr/bin/env bash
# The library never prints, aborts or reads the environment: its objects may not even ask the linker
# for what does. Argument: the archive of all its objects.
set -euo pipefail
forbidden='printf|vprintf|fprintf|puts|fputs|putchar|perror|abort|exit|_exit|getenv|secure_getenv|setenv|std::cout|std::cerr|std::clog|fmt::v[0-9]+::print|fmt::v[0-9]+::vprint'
found=$(nm -C --undefined-only "$1" 2>/dev/null | sed 's/^ *U //' | grep -E "^($forbidden)(@.*|\(.*)?$" | sort | uniq -c || true)
if [ -n "$found" ]; then
  echo "the library asks for: $found" >&2
  exit 1
fi
[ "$(nm --undefined-only "$1" 2>/dev/null | wc -l)" -gt 100 ] || { echo "nm saw no library in $1" >&2; exit 1; }
