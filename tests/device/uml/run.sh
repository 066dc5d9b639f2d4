#!/usr/bin/env bash
# Runs a command under a User-Mode Linux kernel that has cameras: vivid, the kernel's simulated webcam,
# and v4l2loopback. The guest sees the host's files; what it writes is lost, but for the share.
# Usage: run.sh GUEST [OPTION...] -- COMMAND...
#   GUEST                           the program built from guest.cpp
#   --vivid PARAMETERS              of the module vivid, which is loaded only then
#   --loopback VERSION PARAMETERS   of v4l2loopback, loaded only then
#   --setup COMMAND                 a shell command in the guest once the modules are loaded; any number
#   --share FOLDER                  stays writable, at the same path (default: none but a throw-away one)
#   --env NAME=VALUE                for the command, which has PATH, HOME and LANG besides
#   --timeout SECONDS               of the command (120)
#   --memory MEGABYTES              of the guest (1024)
# The command finds the share's path in VIBA_SHARE. Exit status: the command's, 124 when its time was over,
# 125 when the guest could not be prepared, 77 (skipped, for CTest) when no guest can run here.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=find_kernel.sh
source "$(dirname "${BASH_SOURCE[0]}")/find_kernel.sh"

skip() { echo "skipped: $*"; exit 77; }
die() { echo "run.sh: $*" >&2; exit 125; }

guest=$(realpath "$1") version='' share='' timeout=120 memory=1024 modules=() setup=() environment=()
shift
while (($#)); do
  case $1 in
    --vivid) modules+=("vivid $2"); shift 2 ;;
    --loopback) version=$2; modules+=("v4l2loopback $3"); shift 3 ;;
    --setup) setup+=("$2"); shift 2 ;;
    --share) share=$(realpath "$2"); shift 2 ;;
    --env) environment+=("$2"); shift 2 ;;
    --timeout) timeout=$2; shift 2 ;;
    --memory) memory=$2; shift 2 ;;
    --) shift; break ;;
    *) die "unknown option $1" ;;
  esac
done
(($#)) || die "there is no command to run"

# modprobe and its kin lie where users' paths do not lead.
PATH=$PATH:/usr/sbin:/sbin
[[ $(uname -sm) == "Linux x86_64" ]] || skip "User-Mode Linux runs on Linux on x86-64 only"
for tool in modprobe:kmod depmod:kmod v4l2-ctl:v4l-utils; do
  command -v "${tool%:*}" >/dev/null || skip "${tool%:*} is missing: install ${tool#*:} (scripts/setup.sh --devices does)"
done
folder=$(uml_folder)
linux=$folder/prebuilt/linux
[[ -x $linux ]] || skip "no kernel for the device tests in ${folder:-$uml_cache}: scripts/test --devices builds one," \
  "or name a folder that has one in VIBA_UML"
tree=$(realpath "$folder/prebuilt/tree/lib/modules")
[[ $tree != *[,:\\]* ]] || skip "an overlay takes no path with a comma, colon or backslash, as $tree has"
loopback=''
if [[ -n $version ]]; then
  loopback=$(uml_loopback "$folder" "$version")
  [[ -n $loopback ]] || skip "$folder has no module of v4l2loopback $version"
fi
free=$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)
((${free:-0} >= memory)) || skip "/dev/shm, which holds a guest's memory, has not the $memory MB of one free"

# The kernel splits its command line at spaces, which the paths of the checkout and TMPDIR may hold.
orders=$(mktemp -d /tmp/viba-uml-XXXXXX)
kernel='' pipes=()
trap 'rm -rf "$orders"' EXIT
trap '[[ -z $kernel ]] || kill "$kernel" 2>/dev/null; exit 143' INT TERM HUP
mkdir "$orders/scratch"
cp "$guest" "$orders/guest"
share=${share:-$orders/scratch}
echo "$share" >"$orders/share"
echo "$timeout" >"$orders/timeout"
echo "$tree" >"$orders/modules"
head -c 64 /dev/urandom >"$orders/seed"
# shellcheck disable=SC2016  # the guest's shell expands these
{
  printf 'set -e\nexport PATH=%q HOME=%q\n' "$PATH" "$HOME"
  # The modules lie in an overlay, so that every modprobe of a test finds the version asked for.
  if [[ -n $loopback ]]; then
    printf 'updates="/lib/modules/$(uname -r)/updates"\nmkdir -p "$updates"\n'
    printf 'cp %q "$updates/v4l2loopback.ko"\ndepmod\n' "$loopback"
  fi
  for module in "${modules[@]}"; do echo "modprobe $module"; done
  for command in "${setup[@]}"; do echo "$command"; done
} >"$orders/prepare.sh"
{
  printf 'export PATH=%q HOME=%q LANG=%q VIBA_SHARE=%q\n' "$PATH" "$HOME" "${LANG:-C.UTF-8}" "$share"
  for variable in "${environment[@]}"; do printf 'export %q\n' "$variable"; done
  printf 'cd %q\nexec' "$PWD"
  printf ' %q' "$@"
} >"$orders/command.sh"

# The kernel changes how its ends of the serial lines behave, so it gets pipes and not what we were given.
exec 3> >(exec cat) && pipes+=($!)
exec 4> >(exec cat >&2) && pipes+=($!)
# The limit is one for a guest that hangs. A group of processes of its own makes all of the kernel end with it.
timeout --kill-after=5 $((timeout + 90)) "$linux" mem="${memory}M" umid=guest uml_dir="$orders" \
  root=/dev/root rootfstype=hostfs rootflags=/ ro init="$orders/guest" VIBA_ORDERS="$orders" \
  con=null con0=null,fd:1 ssl=null ssl0=null,fd:3 ssl1=null,fd:4 loglevel=7 panic=-1 \
  </dev/null >"$orders/console" 2>&1 &
kernel=$!
ended=0
wait "$kernel" 2>/dev/null || ended=$?
kernel=''
exec 3>&- 4>&-
wait "${pipes[@]}" || true
if [[ -s $orders/status ]]; then exit "$(<"$orders/status")"; fi
if ! grep -q 'Run .* as init process' "$orders/console"; then
  skip "User-Mode Linux does not start here: $(grep -v '^$' "$orders/console" | tail -n 1)"
fi
tail -n 25 "$orders/console" >&2
((ended != 124)) || { echo "run.sh: the guest hung" >&2; exit 124; }
die "the guest ended before its command did"
