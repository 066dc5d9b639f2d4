#!/usr/bin/env bash
# Installs the build into a fresh prefix and uses it from outside: find_package, pkg-config, the
# example, the program. Arguments: build folder, source folder, a folder to work in.
set -euo pipefail
build=$1 source=$2 work=$3
rm -rf "$work" && mkdir -p "$work" && cd "$work"
prefix=$work/prefix
cmake --install "$build" --prefix "$prefix" >install.log

fail() { echo "installed_package_test: $*" >&2; exit 1; }
check_frames() {
  local frames
  frames=$(ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 "$1" | tr -d ,)
  [ "$frames" = "$2" ] || fail "$1 has '$frames' frames instead of $2"
}
"$prefix/bin/viba" --version | grep -q '^viba [0-9]' || fail "the installed program does not tell its version"
ffmpeg -v error -f lavfi -i testsrc=size=320x240:rate=10 -frames:v 7 clip.mkv

cmake -S "$source/examples" -B example -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release >configure.log
cmake --build example >build.log
example/embed_minimal clip.mkv cmake.mp4 || fail "the example does not run"
check_frames cmake.mp4 7

libdir=$(dirname "$(find "$prefix" -name viba.pc)")
# shellcheck disable=SC2046  # pkg-config's answer is meant to be split
PKG_CONFIG_PATH=$libdir c++ -std=c++20 "$source/examples/embed_minimal.cpp" -o embedded \
  $(PKG_CONFIG_PATH=$libdir pkg-config --cflags --libs viba) -Wl,-rpath,"$(dirname "$libdir")"
./embedded clip.mkv pkgconfig.mp4 || fail "the example built with pkg-config does not run"
check_frames pkgconfig.mp4 7

"$prefix/bin/viba" --real-cam-device clip.mkv --fake-cam-device program.mp4 || fail "the installed program does not run"
check_frames program.mp4 7
