#!/usr/bin/env bash
# The tarball runs where there is nothing but itself and a kernel: unpacked into an empty root, as a
# user without privilege, it starts, takes a batch and makes the alert.
#   tarball_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "a chroot needs root"
need chroot curl ldd dpkg-query

work=$(mktemp -d)
daemon=
end() {
  if [ -n "$daemon" ]; then kill -KILL "$daemon" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT
say "making the tarball"
archive=$("$top/packaging/tarball/make.sh" "$build" "$work")
root=$work/root
mkdir -p "$root/opt" "$root/tmp" "$root/var/lib/tiercel" "$root/var/log/tiercel" "$root/run/tiercel"
tar -C "$root/opt" -xzf "$archive"
mv "$root"/opt/tiercel-* "$root/opt/tiercel"
mv "$root/opt/tiercel/etc" "$root/etc"
chown 12345:12345 "$root"/var/*/tiercel "$root/run/tiercel"

# bin/tiercel is a script, and an empty root has no shell: what it runs is run here.
command=$(sed -n 's#^exec "$here/\(lib/[^"]*\)".*#/opt/tiercel/\1#p' "$root/opt/tiercel/bin/tiercel")
say "starting it in an empty root"
start_daemon "$work/log" chroot --userspec=12345:12345 --groups= "$root" "$command" \
  --argv0 tiercel --library-path /opt/tiercel/lib /opt/tiercel/libexec/tiercel \
  run -c /etc/tiercel/tiercel.yaml
post_batch "$top"
wait_for 10 test -s "$root/var/log/tiercel/alerts.log" || fail "no alert in alerts.log"
head -n 1 "$root/var/log/tiercel/alerts.log" | cut -c 1-200
stop_daemon "$work/log"

say "bin/tiercel finds its libraries from wherever it is called"
ln -s "$root/opt/tiercel/bin/tiercel" "$work/called"
(cd / && "$work/called" --version) | head -n 1 | grep -q 'tiercel version' || fail "bin/tiercel"
grep -q 'ExecStart=/opt/tiercel/bin/tiercel ' "$root/opt/tiercel/systemd/tiercel.service" || fail "the unit"
[ -s "$root/opt/tiercel/share/doc/libc6/copyright" ] && [ -s "$root/opt/tiercel/share/common-licenses/Apache-2.0" ] || fail "no copyright of the libraries"
say "passed"
