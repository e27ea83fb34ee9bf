#!/usr/bin/env bash
# From a bare Debian 12 to alerts: installs what is missing, builds a release, starts the
# daemon with the shipped configuration and rules on 127.0.0.1:8765, posts a batch that a real
# kube-apiserver sent, shows the alerts, and leaves the daemon running. Ctrl-C ends it.
#   packaging/quickstart.sh [--exit]     --exit ends the daemon after the alerts were shown
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
build=${TIERCEL_BUILD_DIR:-$top/build/release}
port=${TIERCEL_PORT:-8765}

say() { printf '\n==> %s\n' "$*" >&2; }

say "installing what is missing"
"$top/packaging/install-dependencies.sh" build

say "building (the first time takes some minutes)"
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DTIERCEL_BUILD_TESTS=OFF -DTIERCEL_BUILD_BENCH=OFF >/dev/null
cmake --build "$build" --target tiercel

work=$(mktemp -d)
daemon=
end() {
  if [ -n "$daemon" ]; then
    kill -TERM "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap end EXIT
trap 'exit 0' INT TERM

# The shipped configuration, with the paths that a root installation would use moved into a
# temporary folder.
say "starting tiercel on 127.0.0.1:$port (log below, alerts in $work/alerts.log)"
"$build/src/tiercel" run -c "$top/config/tiercel.yaml" \
  -r "$top/rules/k8s_audit_rules.yaml" \
  -o webserver.listen_port="$port" \
  -o admin="{socket: $work/admin.sock, listen_address: []}" \
  -o file_output.filename="$work/alerts.log" \
  -o quarantine.path="$work/quarantine" \
  -o store.path="$work/store" -o store.min_free=0 -o store.min_free_percent=0 \
  -o stdout_output.enabled=false &
daemon=$!

healthy() { exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3 && grep -q ok <&3; }
for _ in $(seq 100); do
  if ! kill -0 "$daemon" 2>/dev/null; then
    echo "tiercel did not start; its message stands above" >&2
    daemon=
    exit 1
  fi
  if (healthy) 2>/dev/null; then break; fi
  sleep 0.1
done

batch="$top/tests/data/quickstart-batch.json"
say "posting a batch of $(grep -o '"auditID"' "$batch" | wc -l) events that a kube-apiserver recorded"
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /k8s_audit?timeout=30s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' \
  "$(stat -c %s "$batch")" >&3
cat "$batch" >&3
head -n 1 <&3 >&2
exec 3<&-

# The answer says that the alerts are in the store; the file's output follows in a moment.
for _ in $(seq 100); do
  if [ -s "$work/alerts.log" ]; then break; fi
  sleep 0.05
done
say "the alerts, as they stand in the file"
cat "$work/alerts.log"
say "the same from the store: tiercel alerts"
"$build/src/tiercel" alerts --store "$work/store"

if [ "${1:-}" = --exit ]; then exit 0; fi
say "tiercel goes on listening; point kube-apiserver at http://127.0.0.1:$port/k8s_audit (README.md). Ctrl-C ends it"
wait "$daemon"
