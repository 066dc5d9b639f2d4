#!/usr/bin/env bash
# Configures (when something changed) and builds one CMake preset, showing progress but no noise.
# Usage: scripts/build.sh PRESET [TARGET]
set -euo pipefail

preset=$1
target=${2:-all}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build/$preset
log=$folder.log

fail() {
  grep -E -A 6 'error:|Error|FAILED' "$log" | tail -n 40 >&2 || tail -n 40 "$log" >&2
  echo "ViBa: $1 failed; the whole story is in $PWD/$log." >&2
  exit 1
}

# ninja repeats the configuration by itself, except when the presets or the fetched files changed.
if [[ ! -e $folder/build.ninja || CMakePresets.json -nt $folder/build.ninja || build/deps -nt $folder/build.ninja ]]; then
  echo "ViBa: configuring ($preset) …" >&2
  cmake --preset "$preset" >"$log" 2>&1 || fail "configuring"
  touch "$folder/build.ninja"
fi

# Only steps that compile or link are progress; a build with nothing to do stays silent.
show_progress() {
  local line end='\n' shown=false
  [[ ! -t 2 ]] || end='\033[K\r'
  while IFS= read -r line; do
    if [[ $line =~ ^\[[0-9]+/[0-9]+\]\ (Building|Linking|Generating) ]]; then
      printf "ViBa: building %s$end" "${line:0:90}" >&2
      shown=true
    fi
  done
  if $shown && [[ -t 2 ]]; then printf '\033[K' >&2; fi
}

cmake --build "$folder" --target "$target" 2>&1 | tee "$log" | show_progress || fail "building"
