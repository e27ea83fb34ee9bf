#!/usr/bin/env bash
# Copies an installed tiercel with every library it loads, the C library and its loader among them,
# so that it runs where there is nothing else.
#   packaging/bundle.sh root FOLDER      a root file system: the image's
#   packaging/bundle.sh tree FOLDER      a folder that may stand anywhere: the tarball's
# TIERCEL_BINARY names the binary (/usr/bin/tiercel); TIERCEL_SYSROOT as for libraries.sh.
set -euo pipefail
form=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
binary=${TIERCEL_BINARY:-/usr/bin/tiercel}
root=${TIERCEL_SYSROOT:-}
. "$here/owners.sh"

libraries=$("$here/libraries.sh" "$binary")
loader=$(grep -o '/[^ ]*/ld-linux[^ ]*' <<<"$libraries")
[ -n "$loader" ] || { echo "bundle: $binary names no loader" >&2; exit 1; }

# licenses FOLDER: what Debian says of the copyright of each library's package, and the licenses
# that it refers to, ours among them.
licenses() {
  local package
  mkdir -p "$1"
  cp -RL /usr/share/common-licenses "$1/../"
  for library in $libraries; do names_of "$library"; done | sort -u | owners_of_files | sed 's/:.*//' | sort -u |
    while read -r package; do
      install -D -m 0644 "$root/usr/share/doc/$package/copyright" "$1/$package/copyright"
    done
}

if [ "$form" = root ]; then
  install -D -m 0755 "$binary" "$out/usr/bin/tiercel"
  for library in $libraries; do install -D -m 0755 "$root$library" "$out$library"; done
  licenses "$out/usr/share/doc"
  exit 0
fi

install -D -m 0755 "$binary" "$out/libexec/tiercel"
for library in $libraries; do install -D -m 0755 "$root$library" "$out/lib/${library##*/}"; done
install -d "$out/bin"
sed "s#@LOADER@#${loader##*/}#" "$here/tarball/tiercel.sh" >"$out/bin/tiercel"
chmod 0755 "$out/bin/tiercel"
licenses "$out/share/doc"
