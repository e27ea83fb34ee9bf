#!/usr/bin/env bash
# Copies an installed tiercel with every library it loads, the C library and its loader among them,
# so that it runs where there is nothing else.
#   packaging/bundle.sh root FOLDER      a root file system: the image's
#   packaging/bundle.sh tree FOLDER      a folder that may stand anywhere: the tarball's
# TIERCEL_BINARY names the binary (/usr/bin/tiercel).
set -euo pipefail
form=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
binary=${TIERCEL_BINARY:-/usr/bin/tiercel}

libraries=$(ldd "$binary" | sed -n 's/^\t\(.* => \)\?\(\/[^ ]*\) (0x.*/\2/p')
loader=$(grep -o '/[^ ]*/ld-linux[^ ]*' <<<"$libraries")
[ -n "$loader" ] || { echo "bundle: ldd names no loader of $binary" >&2; exit 1; }

# licenses FOLDER: what Debian says of the copyright of each library's package, and the licenses
# that it refers to, ours among them.
licenses() {
  local package
  mkdir -p "$1"
  cp -RL /usr/share/common-licenses "$1/../"
  # Each by both of its names, of which dpkg knows one.
  for library in $libraries; do
    readlink -f "$library"
    readlink -f "$library" | sed 's#^/usr##'
  done | { xargs dpkg-query -S 2>/dev/null || true; } | sed 's/:.*//' | sort -u | while read -r package; do
    install -D -m 0644 "/usr/share/doc/$package/copyright" "$1/$package/copyright"
  done
}

if [ "$form" = root ]; then
  install -D -m 0755 "$binary" "$out/usr/bin/tiercel"
  for library in $libraries; do install -D -m 0755 "$library" "$out$library"; done
  licenses "$out/usr/share/doc"
  exit 0
fi

install -D -m 0755 "$binary" "$out/libexec/tiercel"
for library in $libraries; do install -D -m 0755 "$library" "$out/lib/${library##*/}"; done
install -d "$out/bin"
sed "s#@LOADER@#${loader##*/}#" "$here/tarball/tiercel.sh" >"$out/bin/tiercel"
chmod 0755 "$out/bin/tiercel"
licenses "$out/share/doc"
