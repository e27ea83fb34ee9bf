#!/usr/bin/env bash
# Makes tiercel-VERSION-linux-ARCHITECTURE.tar.gz of a build: the daemon with all its libraries,
# configuration, rules and unit, for hosts that are no Debian 12 (RKE2, OpenShift, others).
#   packaging/tarball/make.sh BUILD_DIR [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 out=$(cd "${2:-.}" && pwd)
# cached NAME: what the build was configured with.
cached() { sed -n "s/^$1:.*=//p" "$build/CMakeCache.txt"; }
version=$(cached CMAKE_PROJECT_VERSION)
name=tiercel-$version-linux-$(cached TIERCEL_PROCESSOR)
TIERCEL_SYSROOT=$(cached TIERCEL_SYSROOT)
export TIERCEL_SYSROOT

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/$name
DESTDIR=$work/stage cmake --install "$build" --prefix /usr --strip >/dev/null
TIERCEL_BINARY=$work/stage/usr/bin/tiercel "$here/../bundle.sh" tree "$tree"
cp -R "$work/stage/etc" "$work/stage/usr/share" "$tree/"
"$here/../sbom.sh" "$work/stage/usr/bin/tiercel" "$version" >"$tree/share/doc/tiercel/sbom.spdx.json"
install -d "$tree/systemd"
for file in "$work"/stage/usr/lib/systemd/system/*; do
  sed 's#/usr/bin/tiercel#/opt/tiercel/bin/tiercel#' "$file" >"$tree/systemd/${file##*/}"
done
cp "$work/stage/usr/lib/sysusers.d/tiercel.conf" "$tree/systemd/sysusers.conf"
cp "$work/stage/usr/lib/tmpfiles.d/tiercel.conf" "$tree/systemd/tmpfiles.conf"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner \
  --mtime="@${SOURCE_DATE_EPOCH:-$(date +%s)}" -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
echo "$out/$name.tar.gz"
