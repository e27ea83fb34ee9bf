# shellcheck shell=bash
# What the tests of manifests and of the chart share. They set $top, $work and $cache, and have sourced lib.sh.

# Debian's own, which has Debian's modules, where another one comes first.
if [ -x /usr/bin/python3 ]; then python3() { /usr/bin/python3 "$@"; }; fi

# fetched PACKAGE VERSION: the archive of an npm package, kept in the cache; its path.
fetched() {
  local kept="$cache/${1//[^a-z0-9]/-}-$2.tgz" archive
  if [ ! -e "$kept" ]; then
    command -v npm >/dev/null || return 1
    mkdir -p "$cache"
    archive=$(cd "$work" && npm pack --silent "$1@$2" 2>/dev/null) || return 1
    mv "$work/$archive" "$kept.$$" && mv "$kept.$$" "$kept"
  fi
  echo "$kept"
}

# make_schemas: sets schemas to the schemas of Kubernetes 1.30 and 1.32, and unchecked to why there are none.
make_schemas() {
  local client archive
  schemas=() unchecked=
  if ! command -v npm >/dev/null; then
    unchecked="there is no npm, which gives Kubernetes' schemas (apt-get install npm; nodejs of other vendors brings it)"
  elif ! python3 -c 'import jsonschema, yaml' 2>/dev/null; then
    unchecked="python3 has no jsonschema or no yaml"
  fi
  [ -z "$unchecked" ] || return 0
  for client in 30:1.0.0-rc7 32:1.0.0; do
    archive=$(fetched @kubernetes/client-node "${client#*:}") || {
      unchecked="npm does not give the client of Kubernetes 1.${client%:*}"
      return 0
    }
    python3 "$top/tests/packaging/kubernetes_schema.py" "$archive" >"$work/1.${client%:*}.json" ||
      fail "the schema of Kubernetes 1.${client%:*}"
    grep -q "\"version\": \"1\.${client%:*}\." "$work/1.${client%:*}.json" || fail "a schema of another version"
    schemas+=("$work/1.${client%:*}.json")
  done
}

# valid FILE: under all schemas.
valid() { python3 "$top/tests/packaging/kubernetes_valid.py" "${schemas[@]}" <"$1"; }
