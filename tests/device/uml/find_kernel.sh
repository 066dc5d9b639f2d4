# shellcheck shell=bash
# To be sourced: where the kernel of the device tests lies. A folder of one holds
#   prebuilt/linux                         the User-Mode Linux kernel
#   prebuilt/tree/lib/modules/RELEASE/     its modules, vivid among them
#   loopback-versions/uml-VERSION.ko       v4l2loopback, a file for each version
# 0.12.7, which cannot be asked for its version, may lie among the kernel's modules as updates/v4l2loopback.ko.

uml_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
uml_cache=${XDG_CACHE_HOME:-$HOME/.cache}/viba/uml

# Those that have a kernel: that of VIBA_UML alone, else what build_kernel.sh made, then the one beside the checkout.
uml_folders() {
  local folder
  if [[ -n ${VIBA_UML:-} ]]; then
    echo "$VIBA_UML"
    return
  fi
  for folder in "$uml_cache" "$uml_root/../shared/uml"; do
    if [[ -x $folder/prebuilt/linux ]]; then realpath "$folder"; fi
  done
}

# The folder to use.
uml_folder() { uml_folders | sed -n 1p; }

# uml_release FOLDER: that of its kernel.
uml_release() { ls "$1/prebuilt/tree/lib/modules" 2>/dev/null || true; }

# uml_loopback FOLDER VERSION: the module of that version, or nothing. What the folder lacks may come from another
# whose kernel is of the same release.
uml_loopback() {
  local folder module release
  release=$(uml_release "$1")
  while read -r folder; do
    [[ $(uml_release "$folder") == "$release" ]] || continue
    module=$folder/loopback-versions/uml-$2.ko
    if [[ ! -f $module && $2 == 0.12.7 ]]; then
      module=$folder/prebuilt/tree/lib/modules/$release/updates/v4l2loopback.ko
    fi
    if [[ -f $module ]]; then
      echo "$module"
      return
    fi
  done < <(echo "$1" && uml_folders)
}
