#!/usr/bin/env bash
# The daemon reads what a ConfigMap's volume looks like, and each file once: links into a folder whose name begins with dots.
#   configmap_test.sh BINARY CHECKOUT
set -euo pipefail
binary=$1 top=$2
. "$(dirname "$0")/lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# loaded FOLDER: how many rules there are with those of the folder.
loaded() {
  "$binary" check -r "$top/rules/k8s_audit_rules.yaml" -r "$1" >"$work/log" 2>&1 || { cat "$work/log"; fail "check"; }
  sed -n 's/^\([0-9]*\) rules loaded.*/\1/p' "$work/log"
}
mkdir -p "$work/none" "$work/rules.d/..2026_11_28"
cat >"$work/rules.d/..2026_11_28/local.yaml" <<'END'
- rule: Ours
  desc: of the ConfigMap
  condition: ka.verb=create
  output: created (user=%ka.user.name)
  priority: NOTICE
  source: k8s_audit
END
ln -s ..2026_11_28 "$work/rules.d/..data"
ln -s ..data/local.yaml "$work/rules.d/local.yaml"
shipped=$(loaded "$work/none")
with_ours=$(loaded "$work/rules.d")
[ "$with_ours" = $((shipped + 1)) ] || fail "$shipped rules became $with_ours, not one more"
say "$shipped rules, and the one of the folder: passed"
