#!/usr/bin/env bash
# What ViBa costs while nobody watches: the sample as a camera, published in a PipeWire session of its own.
# Prints the processor time of the program and its guard in percent of a core.
# Usage: bench/idle_cost.sh VIBA [SECONDS]
set -euo pipefail

viba=$(realpath "$1")
seconds=${2:-60}

if [[ -z ${VIBA_IDLE_SESSION:-} ]]; then
  for tool in dbus-run-session pipewire wireplumber; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed; nothing is measured." >&2; exit 1; }
  done
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  VIBA_IDLE_SESSION=$folder XDG_RUNTIME_DIR=$folder PIPEWIRE_RUNTIME_DIR=$folder HOME=$folder XDG_CONFIG_HOME=$folder \
    XDG_STATE_HOME=$folder dbus-run-session -- "${BASH_SOURCE[0]}" "$viba" "$seconds" 2> >(grep -v '^dbus-daemon' >&2)
  exit
fi

log=$VIBA_IDLE_SESSION/log
pipewire >"$log" 2>&1 &
sleep 1
wireplumber >"$log" 2>&1 &
sleep 2
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

"$viba" --real-cam-device sample --fake-cam-device pipewire >"$VIBA_IDLE_SESSION/program" 2>&1 &
program=$!

# Nanoseconds of processor time so far, of all threads of the program and its children.
used() {
  local process task sum=0 ran
  for process in "$program" $(pgrep -P "$program"); do
    for task in /proc/"$process"/task/*/schedstat; do
      read -r ran _ <"$task"
      sum=$((sum + ran))
    done
  done
  echo "$sum"
}

for ((i = 0; i < 100; i++)); do
  grep -q 'is off until' "$VIBA_IDLE_SESSION/program" && break
  sleep 0.2
done
grep -q 'is off until' "$VIBA_IDLE_SESSION/program" || { echo "ViBa did not come to rest." >&2; exit 1; }
sleep 2
before=$(used)
sleep "$seconds"
awk -v ns="$(($(used) - before))" -v s="$seconds" 'BEGIN { printf "%.3f\n", ns / s / 1e7 }'
