# shellcheck shell=bash
# To be sourced: where the kernel of the device tests lies. A folder of one holds
#   prebuilt/linux                         the User-Mode Linux kernel
#   prebuilt/tree/lib/modules/RELEASE/     its modules, vivid among them
#   loopback-versions/uml-VERSION.ko       v4l2loopback, a file for each version
# 0.12.7, which cannot be asked for its version, may lie among the kernel's modules as updates/v4l2loopback.ko.

uml_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
uml_cache=${XDG_CACHE_HOME:-$HOME/.cache}/viba/uml

# The folder to use: that of VIBA_UML, else what build_kernel.sh made, else the one beside the checkout.
uml_folder() {
  local folder
  if [[ -n ${VIBA_UML:-} ]]; then
    echo "$VIBA_UML"
    return
  fi
  for folder in "$uml_cache" "$uml_root/../shared/uml"; do
    if [[ -x $folder/prebuilt/linux ]]; then
      realpath "$folder"
      return
    fi
  done
}

# uml_loopback FOLDER VERSION: the module of that version, or nothing.
uml_loopback() {
  local module=$1/loopback-versions/uml-$2.ko
  if [[ ! -f $module && $2 == 0.12.7 ]]; then module=$(echo "$1"/prebuilt/tree/lib/modules/*/updates/v4l2loopback.ko); fi
  [[ ! -f $module ]] || echo "$module"
}
