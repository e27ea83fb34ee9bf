#!/usr/bin/env bash
# Installs the Debian package in a bare Debian 12, runs the daemon from it as its unit would, posts
# a batch and reads the alert; upgrades over an edited conffile; removes; purges.
#   deb_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "a chroot needs root"
need debootstrap unshare chroot cpack dpkg-deb curl
# Mounts of the root vanish with this process's own mount namespace.
if [ "${TIERCEL_OWN_MOUNTS:-}" != yes ]; then
  unshare --mount true 2>/dev/null || skip "no mount namespace can be made"
  TIERCEL_OWN_MOUNTS=yes exec unshare --mount "$0" "$@"
fi

work=$(mktemp -d)
root=$work/root
daemon=
end() {
  if [ -n "$daemon" ]; then kill -KILL "$daemon" 2>/dev/null || true; fi
  umount "$root/proc" "$root/dev" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap end EXIT

say "building the package"
cpack --config "$build/CPackConfig.cmake" -B "$work/deb" >"$work/cpack.log" 2>&1 ||
  { cat "$work/cpack.log"; fail "cpack"; }
first=$(ls "$work"/deb/*.deb)
if command -v lintian >/dev/null; then
  say "lintian"
  lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs "$first"
else
  say "no lintian here: not run"
fi

say "making a bare Debian 12 root"
debian_root "$root" "$build/tests/packaging/debian-root.tar"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "$*"; }; }

say "installing it with what it depends on"
cp "$first" "$root/tmp/first.deb"
inside apt-get update --error-on=any >"$work/log" 2>&1 || skip "the mirror cannot be reached: $(tail -n 1 "$work/log")"
quietly inside apt-get install -y --no-install-recommends /tmp/first.deb
[ "$(inside stat -c %U:%G:%a /var/log/tiercel)" = tiercel:adm:750 ] || fail "owner or mode of /var/log/tiercel"
[ "$(inside stat -c %U:%G:%a /var/lib/tiercel)" = tiercel:adm:700 ] || fail "owner or mode of /var/lib/tiercel"
[ -L "$root/etc/systemd/system/multi-user.target.wants/tiercel.service" ] || fail "the unit is not enabled"
inside tiercel --version
inside tiercel check -c /etc/tiercel/tiercel.yaml

# The daemon as the unit starts it, on a free port.
start() {
  start_daemon "$work/daemon.log" chroot --userspec=tiercel:adm "$root" /usr/bin/env -i \
    /usr/bin/tiercel run -c /etc/tiercel/tiercel.yaml
}

say "running it, and posting a batch"
start
post_batch "$top"
wait_for 10 test -s "$root/var/log/tiercel/alerts.log" || fail "no alert in alerts.log"
head -n 1 "$root/var/log/tiercel/alerts.log"
[ "$(inside stat -c %U:%G:%a /var/log/tiercel/alerts.log)" = tiercel:adm:640 ] || fail "mode of alerts.log"
say "disabling a rule in it, as the package has it"
rule=$(sed -n 's/^- rule: //p' "$root/etc/tiercel/k8s_audit_rules.yaml" | head -n 1)
inside tiercel rules disable "$rule" --for 1m | grep -q "disabled until" || fail "rules disable '$rule'"
stop_daemon "$work/daemon.log"
stored=$(inside tiercel alerts --json | wc -l)
[ "$stored" -gt 0 ] || fail "no alert in the store"
say "$stored alerts in the store"

say "checking its configuration, good and with a mistake"
inside tiercel check | grep -q '^/etc/tiercel/tiercel.yaml: [0-9]* rules loaded' || fail "tiercel check"
cp -p "$root/etc/tiercel/tiercel.yaml" "$work/tiercel.yaml"
echo 'priority: loud' >>"$root/etc/tiercel/tiercel.yaml"
if inside tiercel check >"$work/check.log" 2>&1; then fail "tiercel check saw no mistake"; fi
grep -q 'etc/tiercel/tiercel.yaml' "$work/check.log" || fail "tiercel check names no file"
cp -p "$work/tiercel.yaml" "$root/etc/tiercel/tiercel.yaml"

say "upgrading over an edited configuration"
sed -i 's/^priority: debug$/priority: notice  # the administrator was here/' "$root/etc/tiercel/tiercel.yaml"
grep -q 'administrator was here' "$root/etc/tiercel/tiercel.yaml" || fail "the edit did not take"
printf -- '- list: allowed_k8s_users\n  items: [alice]\n  override: {items: append}\n' \
  >"$root/etc/tiercel/rules.d/local.yaml"
dpkg-deb -R "$first" "$work/next"
sed -i 's/^Version: .*/Version: 99.0.0-1/' "$work/next/DEBIAN/control"
echo '# of the next version' >>"$work/next/etc/tiercel/tiercel.yaml"
echo '# of the next version' >>"$work/next/etc/tiercel/k8s_audit_rules.yaml"
quietly dpkg-deb --root-owner-group -b "$work/next" "$root/tmp/next.deb"
quietly inside apt-get install -y -o Dpkg::Options::=--force-confold /tmp/next.deb
[ "$(inside dpkg-query -W -f '${Version}' tiercel)" = 99.0.0-1 ] || fail "not upgraded"
grep -q 'administrator was here' "$root/etc/tiercel/tiercel.yaml" || fail "the edited conffile was replaced"
grep -q 'of the next version' "$root/etc/tiercel/tiercel.yaml.dpkg-dist" || fail "no .dpkg-dist beside it"
grep -q 'of the next version' "$root/etc/tiercel/k8s_audit_rules.yaml" || fail "the untouched conffile was not renewed"
[ -e "$root/etc/tiercel/rules.d/local.yaml" ] || fail "rules.d lost a file"
[ "$(inside tiercel alerts --json | wc -l)" -eq "$stored" ] || fail "the store lost alerts"
start
stop_daemon "$work/daemon.log"

say "removing: configuration and alerts stay"
quietly inside apt-get remove -y tiercel
[ ! -e "$root/usr/bin/tiercel" ] || fail "the binary is still there"
grep -q 'administrator was here' "$root/etc/tiercel/tiercel.yaml" || fail "remove took the configuration"
[ -s "$root/var/log/tiercel/alerts.log" ] || fail "remove took the alerts"

say "purging: nothing stays"
quietly inside apt-get purge -y tiercel
# The package manager's own logs and caches may remember it.
left=$(find "$root" -xdev \( -path "$root/proc" -o -path "$root/dev" \) -prune -o -iname '*tiercel*' -print)
[ -z "$left" ] || fail "left behind: $left"
for file in passwd group shadow gshadow; do
  if grep -q tiercel "$root/etc/$file"; then fail "/etc/$file still knows tiercel"; fi
done
say "passed"
