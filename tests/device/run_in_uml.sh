#!/bin/sh
# run_in_uml.sh DEVICES RUNNER COMMAND...
# Runs COMMAND under a User-Mode Linux kernel with the V4L2 devices that DEVICES names:
#   loopback-VERSION        vivid's camera is /dev/video0 and its output /dev/video1, v4l2loopback /dev/video20
#   two-loopbacks-VERSION   and a second v4l2loopback, /dev/video21
# RUNNER starts that kernel; VIBA_UML_RUNNER overrides it. Modules of v4l2loopback other than the
# kernel's own lie beside it. Exits with 77, which CTest takes as skipped, where that is missing.
set -eu
devices=$1
runner=${VIBA_UML_RUNNER:-$2}
shift 2
builtin_version=0.12.7

skip() {
  echo "skipped: $*"
  exit 77
}

[ -x "$runner" ] || skip "there is no $runner to start a kernel with V4L2 devices; name one in VIBA_UML_RUNNER"
[ -x "$1" ] || skip "$1 is not built"

vivid='n_devs=1 node_types=0x101 num_inputs=1 input_types=0x0 num_outputs=1 output_types=0x1 vid_cap_nr=0 vid_out_nr=1'
one='devices=1 video_nr=20 card_label=viba_cam exclusive_caps=1'
two='devices=2 video_nr=20,21 exclusive_caps=1,1'

case $devices in
  loopback-$builtin_version) exec "$runner" --timeout 120 --vivid "$vivid" --loopback "$one" -- "$@" ;;
  loopback-*) version=${devices#loopback-} parameters=$one ;;
  two-loopbacks-*) version=${devices#two-loopbacks-} parameters=$two ;;
  *) echo "unknown devices: $devices" >&2; exit 2 ;;
esac

module=$(dirname "$runner")/loopback-versions/uml-$version.ko
[ -f "$module" ] || skip "there is no $module"
# shellcheck disable=SC2016  # the inner shell expands these
exec "$runner" --timeout 120 --vivid "$vivid" --no-loopback -- \
  sh -c 'insmod "$1" $2 && shift 2 && exec "$@"' sh "$module" "$parameters" "$@"
