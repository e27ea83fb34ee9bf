#!/usr/bin/env bash
# The units are sound, and how exposed the service is: under 1.5, and under 2.0 with the drop-in
# that lets it read an audit log of root's alone.
#   unit_test.sh BINARY CHECKOUT
set -euo pipefail
binary=$1 top=$2
. "$(dirname "$0")/lib.sh"
need systemd-analyze

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
units=$work/usr/lib/systemd/system
dropin=$work/etc/systemd/system/tiercel.service.d
mkdir -p "$units" "$dropin" "$work/verify"

say "systemd-analyze verify"
# The binary stands at its place only once it is installed.
for unit in "$top"/packaging/systemd/*.service "$top"/packaging/systemd/*.socket; do
  [ -e "$unit" ] || continue
  sed "s#/usr/bin/tiercel#$binary#" "$unit" >"$work/verify/${unit##*/}"
  cp "$unit" "$units"
done
found=$(systemd-analyze verify --man=no "$work"/verify/* 2>&1) || fail "verify: $found"
[ -z "$found" ] || fail "verify: $found"

# exposure: the figure of systemd-analyze, in tenths.
exposure() {
  systemd-analyze security --offline=true --root="$work" tiercel.service 2>&1 |
    sed -n 's/.*Overall exposure level for tiercel.service: \([0-9]*\)\.\([0-9]\).*/\1\2/p'
}
plain=$(exposure)
[ -n "$plain" ] || fail "systemd-analyze security printed no figure"
say "exposure in tenths: $plain (less than 15)"
[ "$((10#$plain))" -lt 15 ] || fail "the unit is exposed more than it must be"
cp "$top/packaging/systemd/read-root-only-log.conf" "$dropin"
wide=$(exposure)
say "with the drop-in: $wide (less than 20)"
[ "$((10#$wide))" -lt 20 ] || fail "the drop-in exposes more than it must"
[ "$((10#$wide))" -gt "$((10#$plain))" ] || fail "the drop-in was not looked at"
