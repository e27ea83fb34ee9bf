#!/usr/bin/env bash
# Builds the image with buildah on a bare Debian 12 made here, runs what it holds as its user says
# over a root that cannot be written, and sends it a batch.
#   image_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "mounts need root"
need buildah debootstrap unshare chroot cpack curl
if [ "${TIERCEL_OWN_MOUNTS:-}" != yes ]; then
  unshare --mount true 2>/dev/null || skip "no mount namespace can be made"
  TIERCEL_OWN_MOUNTS=yes exec unshare --mount "$0" "$@"
fi

work=$(mktemp -d)
daemon=
storage=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
image() { buildah "${storage[@]}" "$@"; }
end() {
  if [ -n "$daemon" ]; then kill -KILL "$daemon" 2>/dev/null || true; fi
  umount "$work"/root/{var/lib,var/log,run}/tiercel "$work/root" 2>/dev/null || true
  image rm --all >/dev/null 2>&1 || true
  rm -rf --one-file-system "$work"
}
trap end EXIT

say "a base image of a bare Debian 12"
debian_root "$work/base" "$build/tests/packaging/debian-root.tar"
base=$(image from scratch) || skip "buildah cannot make a container here"
image add -q "$base" "$work/base" / >/dev/null
image commit -q "$base" localhost/debian:12 >/dev/null
rm -rf "$work/base"

say "building the package and the image"
mkdir "$work/context"
cpack --config "$build/CPackConfig.cmake" -B "$work/context" >"$work/log" 2>&1 || { cat "$work/log"; fail "cpack"; }
image bud --isolation chroot --pull-never --build-arg BASE=localhost/debian:12 \
  -f "$top/packaging/docker/Containerfile" -t tiercel "$work/context" >"$work/log" 2>&1 ||
  { tail -n 30 "$work/log"; fail "the image was not built"; }
image inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' tiercel |
  tee "$work/config"
echo
grep -qx '65532:65532 \[/usr/bin/tiercel\] \[run -c /etc/tiercel/tiercel.yaml\]' "$work/config" || fail "user or command"

say "running it: not root, nothing to be written but its two folders"
container=$(image from --pull-never tiercel)
mounted=$(image mount "$container")
[ ! -e "$mounted/bin/sh" ] && [ ! -e "$mounted/usr/bin/dpkg" ] || fail "the image holds a shell or dpkg"
for file in sbom.spdx.json ../libc6/copyright ../../common-licenses/Apache-2.0; do
  [ -s "$mounted/usr/share/doc/tiercel/$file" ] || fail "the image lacks $file"
done
du -sh "$mounted" | cut -f 1
mkdir "$work/root"
mount --bind "$mounted" "$work/root"
mount -o remount,bind,ro "$work/root"
if touch "$work/root/etc/probe" 2>/dev/null; then fail "the root can be written"; fi
for folder in lib log; do
  mount -t tmpfs -o uid=65532,gid=65532,mode=0750 tmpfs "$work/root/var/$folder/tiercel"
done
mount -t tmpfs -o uid=65532,gid=65532,mode=0750 tmpfs "$work/root/run/tiercel"
start_daemon "$work/log" chroot --userspec=65532:65532 --groups= "$work/root" /usr/bin/tiercel \
  run -c /etc/tiercel/tiercel.yaml
post_batch "$top"
wait_for 10 test -s "$work/root/var/log/tiercel/alerts.log" || fail "no alert in alerts.log"
head -n 1 "$work/root/var/log/tiercel/alerts.log" | cut -c 1-200
stop_daemon "$work/log"
say "passed"
