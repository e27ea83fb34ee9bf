#!/usr/bin/env bash
# The one capability of the drop-in is enough for an audit log that only root may read, and needed.
#   root_only_log_test.sh BINARY CHECKOUT
set -euo pipefail
binary=$1 top=$2
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "another user's capabilities need root"
need setpriv
capability=$(sed -n 's/^AmbientCapabilities=CAP_//p' "$top/packaging/systemd/read-root-only-log.conf" | tr '[:upper:]' '[:lower:]')
setpriv --reuid=65534 --clear-groups --inh-caps="+$capability" --ambient-caps="+$capability" true 2>/dev/null ||
  skip "this root may not give $capability away"

work=$(mktemp -d)
daemon=
end() {
  if [ -n "$daemon" ]; then kill -KILL "$daemon" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT
chmod 0755 "$work"
install -d -m 0700 "$work/audit"
install -m 0600 /dev/null "$work/audit/audit.log"
install -d -o 65534 -m 0700 "$work/state"
install -m 0755 "$binary" "$work/tiercel"
install -m 0644 "$top/rules/k8s_audit_rules.yaml" "$work"
echo "rules_files: $work/k8s_audit_rules.yaml" >"$work/tiercel.yaml"

# said TEXT ARGUMENTS OF SETPRIV...: the daemon says it, without privilege but for those.
said() {
  local text=$1
  shift
  setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@" "$work/tiercel" run \
    -c "$work/tiercel.yaml" -o store.path="$work/state" -o quarantine.path="$work/state/quarantine" \
    -o store.min_free=0 -o store.min_free_percent=0 -o webserver.enabled=false -o admin.enabled=false -o file_source.enabled=true \
    -o file_source.paths="$work/audit/audit.log" -o stdout_output.enabled=true >"$work/log" 2>&1 &
  daemon=$!
  wait_for 20 grep -q "$text" "$work/log" || { cat "$work/log"; fail "the daemon did not say: $text"; }
  stop_daemon "$work/log"
}
said 'may not look into' --bounding-set=-all
said "following $work/audit/audit.log" --inh-caps="+$capability" --ambient-caps="+$capability" \
  --bounding-set="-all,+$capability"
say "passed"
