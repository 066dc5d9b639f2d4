#!/usr/bin/env bash
# What publishing through PipeWire costs: the program shows the sample at its pace (1280x720, 30 a second), with a
# camera in a PipeWire session of its own that somebody watches, and without. Runs take turns; compare those of one
# call.
# Prints the processor time of the whole program, and of the thread that fills consumers' buffers, in percent of a core.
# Rounds in which the machine was too busy for 30 a second do not count: less was done in them.
# Usage: bench/pipewire_cost.sh VIBA [ROUNDS [SECONDS]]
set -euo pipefail

viba=$(realpath "$1")
rounds=${2:-5}
seconds=${3:-20}
warm_up=4 # seconds

if [[ -z ${VIBA_COST_SESSION:-} ]]; then
  for tool in dbus-run-session pipewire wireplumber gst-launch-1.0; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed; nothing is measured." >&2; exit 1; }
  done
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  VIBA_COST_SESSION=$folder XDG_RUNTIME_DIR=$folder PIPEWIRE_RUNTIME_DIR=$folder HOME=$folder XDG_CONFIG_HOME=$folder \
    XDG_STATE_HOME=$folder dbus-run-session -- "${BASH_SOURCE[0]}" "$viba" "$rounds" "$seconds" \
    2> >(grep -v '^dbus-daemon' >&2)
  exit
fi

log=$VIBA_COST_SESSION/log
pipewire >"$log" 2>&1 &
sleep 1
wireplumber >"$log" 2>&1 &
sleep 2
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

# Nanoseconds of processor time so far: of a process's threads with a name that matches.
time_of() {
  local task sum=0 ran
  for task in /proc/"$1"/task/*; do
    if [[ $(<"$task/comm") =~ $2 ]]; then
      read -r ran _ <"$task/schedstat"
      sum=$((sum + ran))
    fi
  done
  echo "$sum"
}

# The preview, into the void, keeps both kinds of run at the sample's pace. Threads of the network that wait for one
# another would count as well, by chance, and a small network leaves the machine room.
measure() {
  local program consumer='' before after publishing='^viba-pipewire' rate
  SDL_VIDEODRIVER=dummy "$viba" --preview --threads 1 --model-name selfie-landscape --real-cam-device sample \
    "$@" >"$VIBA_COST_SESSION/program" 2>&1 &
  program=$!
  if [[ $* == *pipewire* ]]; then
    sleep 1
    gst-launch-1.0 -q pipewiresrc target-object=viba-camera-ViBa ! video/x-raw,format=I420 ! fakesink >"$log" 2>&1 &
    consumer=$!
  fi
  sleep "$warm_up"
  before=("$(time_of "$program" .)" "$(time_of "$program" "$publishing")")
  sleep "$seconds"
  after=("$(time_of "$program" .)" "$(time_of "$program" "$publishing")")
  kill -INT "$program"
  wait "$program" || true
  [[ -z $consumer ]] || kill "$consumer"
  rate=$(sed -nE 's/.* frames, ([0-9.]+) a second.*/\1/p' "$VIBA_COST_SESSION/program" | tail -n 1)
  awk -v rate="${rate:-0}" -v all=$((after[0] - before[0])) -v own=$((after[1] - before[1])) -v s="$seconds" \
    'BEGIN { printf "%.2f %.2f %d\n", all / s / 1e7, own / s / 1e7, (rate > 29.5) }'
}

median() { sort -g | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }

echo "without   with   difference   its thread   (percent of a core)"
for ((round = 0; round < rounds; ++round)); do
  if ((round % 2)); then
    with=$(measure --fake-cam-device null --fake-cam-device pipewire)
    without=$(measure --fake-cam-device null)
  else
    without=$(measure --fake-cam-device null)
    with=$(measure --fake-cam-device null --fake-cam-device pipewire)
  fi
  read -r all_without _ good_without <<<"$without"
  read -r all_with own good_with <<<"$with"
  if ((good_without && good_with)); then
    echo "$all_without $all_with $own" | awk '{ printf "%7.2f %6.2f %12.2f %14.2f\n", $1, $2, $2 - $1, $3 }' |
      tee -a "$log.rows"
  else
    echo "   (the machine was too busy)"
  fi
done
[[ -e $log.rows ]] || exit 1
echo "medians: difference $(awk '{ print $3 }' "$log.rows" | median), its thread $(awk '{ print $4 }' "$log.rows" | median)"
