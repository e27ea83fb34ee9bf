#!/usr/bin/env bash
# Prints the Depends of a binary of another architecture, which dpkg-shlibdeps cannot make in a sysroot: for each library
# that it names, what the shlibs file of the library's package says, or else the package.
#   packaging/cross-depends.sh BINARY         TIERCEL_SYSROOT as for libraries.sh
set -euo pipefail
export LC_ALL=C
binary=$1 root=${TIERCEL_SYSROOT:-}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/owners.sh"
libraries=$("$here/libraries.sh" "$binary")
for name in $(readelf -dW "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
  library=$(grep "/$name\$" <<<"$libraries" | head -n 1)
  package=$(owner_of "$library")
  [ -n "$package" ] || { echo "cross-depends: no Debian package owns $library" >&2; exit 1; }
  # libssl.so.3 is `libssl 3` there, libsystemd-shared-252.so `libsystemd-shared 252`.
  key=$(sed 's/^\(.*\)\.so\.\(.*\)$/\1 \2/; t; s/^\(.*\)-\([0-9][^-]*\)\.so$/\1 \2/' <<<"$name")
  file=$root/var/lib/dpkg/info/$package.shlibs
  [ -e "$file" ] || file=$root/var/lib/dpkg/info/${package%%:*}.shlibs
  depends=$(awk -v key="$key " 'index($0, key) == 1 {print substr($0, length(key) + 1); exit}' "$file" 2>/dev/null || true)
  echo "${depends:-${package%%:*}}"
done | sort -u | paste -sd , | sed 's/,\([^ ]\)/, \1/g'
