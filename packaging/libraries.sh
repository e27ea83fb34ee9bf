#!/usr/bin/env bash
# Prints the path of every library that a binary loads, its loader among them: as ldd says; for a binary of another
# architecture, which ldd cannot load, as the binary and its libraries name each other.
#   packaging/libraries.sh BINARY
# TIERCEL_SYSROOT is the folder that holds the other architecture's Debian; paths are those inside of it. Without it that
# Debian's libraries stand beside this one's (multiarch).
set -euo pipefail
export LC_ALL=C
binary=$1 root=${TIERCEL_SYSROOT:-}
if [ -z "$root" ] && known=$(ldd "$binary" 2>/dev/null); then
  sed -n 's/^\t\(.* => \)\?\(\/[^ ]*\) (0x.*/\2/p' <<<"$known"
  exit 0
fi

command -v readelf >/dev/null || { echo "libraries: there is no readelf (apt-get install binutils)" >&2; exit 1; }
loader=$(readelf -lW "$binary" | sed -n 's/.*Requesting program interpreter: \(.*\)\]$/\1/p')
[ -n "$loader" ] || { echo "libraries: $binary names no loader" >&2; exit 1; }
machine=$(readelf -hW "$binary" | sed -n 's/^ *Machine: *//p')
case $machine in
  AArch64) triplet=aarch64-linux-gnu ;;
  *X86-64) triplet=x86_64-linux-gnu ;;
  *) echo "libraries: where libraries for $machine stand is not known" >&2; exit 1 ;;
esac

declare -A seen=([${loader##*/}]=1)
echo "$loader"
waiting=("$binary")
while [ ${#waiting[@]} -gt 0 ]; do
  needed=$(readelf -dW "${waiting[0]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
  waiting=("${waiting[@]:1}")
  for name in $needed; do
    [ -z "${seen[$name]:-}" ] || continue
    seen[$name]=1 found=
    for folder in /lib/$triplet /usr/lib/$triplet /lib /usr/lib; do
      if [ -e "$root$folder/$name" ]; then found=$folder/$name && break; fi
    done
    [ -n "$found" ] || { echo "libraries: there is no $name for $machine in ${root:-/}" >&2; exit 1; }
    echo "$found"
    waiting+=("$root$found")
  done
done
