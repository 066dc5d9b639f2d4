#!/usr/bin/env bash
# Builds the kernel of the device tests from Debian's linux-source-6.1 (or the newest one offered) with
# kernel.config, and v4l2loopback from loopback_sources, into the cache (see find_kernel.sh). Takes about ten minutes
# on two cores, once. Does nothing where a kernel is at hand already.
# Usage: build_kernel.sh [--again]
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=find_kernel.sh
source "$(dirname "${BASH_SOURCE[0]}")/find_kernel.sh"
here=$uml_root/tests/device/uml
log=$uml_cache/build.log
PATH=$PATH:/usr/sbin:/sbin

say() { echo "ViBa: $*" >&2; }
die() { say "no kernel for the device tests: $*"; exit 1; }

# Runs a long command quietly; what it said is kept, and shown only when it failed.
logged() { "$@" >>"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; return 1; }; }

kernel_package() {
  if apt-cache show linux-source-6.1 >/dev/null 2>&1; then
    echo linux-source-6.1
  else
    apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1
  fi
}

unpack_kernel() {
  local package
  command -v apt-get >/dev/null || die "its source comes from Debian's packages, and this machine has no apt-get;" \
    "name a folder that has a kernel in VIBA_UML."
  package=$(kernel_package)
  if [[ -z $package ]] && ((EUID == 0)); then
    logged apt-get update || true
    package=$(kernel_package)
  fi
  [[ -n $package ]] || die "no package linux-source-* is offered here; run apt-get update, or set VIBA_UML."
  say "fetching and unpacking $package …"
  (cd "$work" && logged apt-get download "$package") || die "$package could not be fetched; is the network up?"
  dpkg-deb -x "$work/$package"_*.deb "$work/package"
  mkdir "$work/linux"
  tar -xf "$(find "$work/package/usr/src" -name 'linux-source-*.tar.*' | head -n 1)" -C "$work/linux" --strip-components=1
  rm -r "$work/package" "$work"/*.deb
}

kernel_make() { nice make -C "$work/linux" -s -j "$(nproc)" ARCH=um "$@"; }

build_kernel() {
  local option release tree=$new/prebuilt/tree
  logged kernel_make KCONFIG_ALLCONFIG="$here/kernel.config" allnoconfig || die "its configuration failed."
  while read -r option; do
    grep -qxF -- "$option" "$work/linux/.config" || say "this kernel does not know $option."
  done < <(grep '^CONFIG_' "$here/kernel.config")
  say "building it (some minutes; log: $log) …"
  logged kernel_make linux modules || die "it did not build; its last lines stand above."
  release=$(kernel_make kernelrelease)
  mkdir -p "$tree"
  logged kernel_make INSTALL_MOD_PATH="$tree" modules_install || die "its modules could not be installed."
  rm -f "$tree/lib/modules/$release/"{build,source}
  strip -o "$new/prebuilt/linux" "$work/linux/linux"
}

# download ADDRESS FILE SHA256: through apt where there is one, because it knows its proxies.
download() {
  if [[ -x /usr/lib/apt/apt-helper ]]; then
    logged /usr/lib/apt/apt-helper download-file "$1" "$2" "SHA256:$3"
  else
    logged curl --fail --silent --show-error --location --output "$2" "$1"
  fi 2>/dev/null && echo "$3  $2" | sha256sum --quiet -c >>"$log" 2>&1
}

# unpack_loopback VERSION FOLDER
unpack_loopback() {
  local version sum address given=$uml_cache/sources/v4l2loopback-$1.tar.gz
  mkdir -p "$2"
  if [[ -f $given ]]; then
    tar -xf "$given" -C "$2"
    return
  fi
  while read -r version sum address; do
    if [[ $version != "$1" ]] || ! download "$address" "$work/archive" "$sum"; then continue; fi
    case $address in
      *.deb) dpkg-deb -x "$work/archive" "$2" ;;
      *) tar -xf "$work/archive" -C "$2" ;;
    esac
    return
  done < <(grep -v '^#' "$here/loopback_sources")
  return 1
}

build_loopback() {
  local source=$work/v4l2loopback-$1 code
  if ! unpack_loopback "$1" "$source"; then
    say "the source of v4l2loopback $1 cannot be fetched here: its tests are skipped, unless it is put into" \
      "$uml_cache/sources/v4l2loopback-$1.tar.gz and this is run with --again."
    return
  fi
  code=$(dirname "$(find "$source" -name v4l2loopback.c | head -n 1)")
  if logged kernel_make M="$code" modules; then
    cp "$code/v4l2loopback.ko" "$new/loopback-versions/uml-$1.ko"
  else
    say "v4l2loopback $1 does not build for this kernel: its tests are skipped."
  fi
}

main() {
  mkdir -p "$uml_cache"
  exec 9>"$uml_cache/lock"
  flock 9
  if [[ ${1:-} != --again && -n $(uml_folder) ]]; then exit 0; fi
  [[ $(uname -sm) == "Linux x86_64" ]] || die "User-Mode Linux runs on Linux on x86-64 only."
  for tool in gcc make flex bison bc xz depmod; do
    command -v "$tool" >/dev/null || die "$tool is missing; scripts/setup.sh --devices installs it."
  done
  [[ $uml_cache != *[[:space:]:]* ]] || die "no kernel can be built in a path with spaces or colons ($uml_cache)."
  work=$(mktemp -d "$uml_cache/build-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  new=$work/new
  mkdir -p "$new/prebuilt" "$new/loopback-versions"
  : >"$log"
  unpack_kernel
  build_kernel
  for version in 0.12.7 0.13.2 0.15.0; do build_loopback "$version"; done
  rm -rf "${uml_cache:?}/prebuilt" "$uml_cache/loopback-versions"
  mv "$new/loopback-versions" "$new/prebuilt" "$uml_cache"
  say "the kernel of the device tests lies in $uml_cache."
  exit
}

main "$@"
