#!/usr/bin/env bash
# Lays out what a cross compiler needs of another architecture's Debian: its packages of dependencies.txt,
# unpacked, not installed.
#   packaging/sysroot.sh ARCHITECTURE FOLDER     arm64, say; FOLDER is made and must not hold anything
# Needs no root. Uses the sources of packages of this machine, which is a Debian 12.
set -euo pipefail
architecture=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
if [ -n "$(ls -A "$out" 2>/dev/null)" ]; then
  echo "sysroot: $out holds something already" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/status"

apt() {
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o APT::Sandbox::User= \
    -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" "$@"
}
# The libraries and their headers; the tools are this machine's own.
libraries=$(sed 's/#.*//' "$here/dependencies.txt" | awk '$1 ~ /-dev$/ {print $1}')
apt update
# shellcheck disable=SC2086
apt install --download-only -y --no-install-recommends libc6-dev libstdc++-12-dev $libraries >/dev/null

# What dpkg would know of them, had it installed them: packages that are made of a build name their dependencies by it.
info=$out/var/lib/dpkg/info
mkdir -p "$info" "$out/var/lib/dpkg/updates"
echo 1 >"$info/format"
echo "$architecture" >"$out/var/lib/dpkg/arch"
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$out"
  name=$(dpkg-deb -f "$package" Package)
  if [ "$(dpkg-deb -f "$package" Multi-Arch)" = same ]; then name=$name:$architecture; fi
  { dpkg-deb -f "$package"; printf 'Status: install ok installed\n\n'; } >>"$out/var/lib/dpkg/status"
  dpkg-deb --fsys-tarfile "$package" | tar -t | sed 's#^\./$#/.#; s#^\.##; s#\(.\)/$#\1#' >"$info/$name.list"
  dpkg-deb -I "$package" shlibs >"$info/$name.shlibs" 2>/dev/null || rm -f "$info/$name.shlibs"
done

# A link that names a path from the root would lead to this machine's own.
find "$out" -type l -lname '/*' | while read -r link; do
  ln -sfnr "$out$(readlink "$link")" "$link"
done
