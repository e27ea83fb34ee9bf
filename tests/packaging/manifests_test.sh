#!/usr/bin/env bash
# Manifests are valid under Kubernetes 1.30 and 1.32, and what is wrong in one is found.
#   manifests_test.sh CHECKOUT CACHE
set -euo pipefail
top=$1 cache=$2
. "$(dirname "$0")/lib.sh"
need python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/kubernetes.sh"
make_schemas
[ -z "$unchecked" ] || skip "$unchecked"
say "checked as Kubernetes' OpenAPI says: kinds, names of members, types, whole numbers and their width, base64, times,"
say "what is required, and that nothing else stands in an object; not what it says in words alone (ranges, choices)"

for file in "$top"/packaging/kubernetes/*.yaml; do
  echo "${file##*/}"
  valid "$file" || fail "$file"
done

# wrong FILE SED WANTED: with the mistake it is refused, and the message has the text.
wrong() {
  sed "$2" "$1" >"$work/wrong.yaml"
  ! cmp -s "$1" "$work/wrong.yaml" || fail "the mistake $2 changes nothing"
  if valid "$work/wrong.yaml" >"$work/log" 2>&1; then fail "a mistake was not found: $2"; fi
  grep -qF -- "$3" "$work/log" || { cat "$work/log"; fail "$2: no word of $3"; }
}
pod=$top/packaging/kubernetes/static-pod.yaml
set_of_pods=$top/packaging/kubernetes/daemonset.yaml
wrong "$pod" 's/hostNetwork: true/hostNetwork: "yes"/' "'yes' is not of type 'boolean'"
wrong "$pod" 's/readOnlyRootFilesystem/readonlyRootFilesystem/' "'readonlyRootFilesystem' was unexpected"
wrong "$pod" 's/mountPath:/mount:/' "'mountPath' is a required property"
wrong "$pod" 's/^kind: Pod/kind: Pot/' 'there is no such kind'
wrong "$pod" 's/containerPort: 8765/containerPort: 8765.5/' "8765.5 is not of type 'integer'"
wrong "$pod" 's/periodSeconds: 10/periodSeconds: 10000000000/' 'greater than the maximum of 2147483647'
wrong "$pod" 's/hostPort: 8765/&\n          hostIp: 127.0.0.1/' "'hostIp' was unexpected"
wrong "$pod" 's/^  name: tiercel/&\n  creationTimestamp: 2026-13-01T00:00:00Z/' "is not a 'date-time'"
wrong "$pod" 's/^  hostNetwork: true/&\n&/' 'twice in one map: hostNetwork'
wrong "$set_of_pods" 's/^apiVersion: apps\/v1/apiVersion: v1/' 'v1 DaemonSet: there is no such kind'
printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {token: aGVsbG8=}\n' >"$work/secret.yaml"
valid "$work/secret.yaml" >/dev/null || fail "a Secret"
wrong "$work/secret.yaml" 's/aGVsbG8=/hello/' "'hello' is not a 'byte'"
say "passed"
