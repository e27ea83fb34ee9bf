#!/usr/bin/env bash
# The bill of materials is sound SPDX: every id is defined once and used, every library that the
# binary loads is of a package in it, and the same input gives the same bytes.
#   sbom_test.sh BINARY CHECKOUT
set -euo pipefail
binary=$1 top=$2
. "$(dirname "$0")/lib.sh"
need dpkg-query python3 ldd

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000
"$top/packaging/sbom.sh" "$binary" 1.2.3 >"$work/first.json"
"$top/packaging/sbom.sh" "$binary" 1.2.3 >"$work/second.json"
cmp "$work/first.json" "$work/second.json" || fail "two runs differ"
ldd "$binary" | awk '/=> \// {print $3}' | xargs -n 1 readlink -f >"$work/libraries"
sha256sum "$binary" | cut -d ' ' -f 1 >"$work/hash"
python3 - "$work" <<'END' || fail "the document is not sound"
import json, subprocess, sys
work = sys.argv[1]
document = json.load(open(work + "/first.json"))
assert document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0"
assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
packages = document["packages"]
ids = [package["SPDXID"] for package in packages]
assert len(ids) == len(set(ids)), "an id is defined twice"
related = {r[k] for r in document["relationships"] for k in ("spdxElementId", "relatedSpdxElement")}
assert related == set(ids) | {"SPDXRef-DOCUMENT"}, "relations and packages do not fit"
assert packages[0]["checksums"][0]["checksumValue"] == open(work + "/hash").read().strip()
names = {package["name"] for package in packages}
libraries = open(work + "/libraries").read().split()
paths = [path for library in libraries for path in (library, library.removeprefix("/usr"))]
found = subprocess.run(["dpkg-query", "-S"] + paths, capture_output=True, text=True).stdout
owners = {line.split(": ")[1]: line.split(":")[0] for line in found.splitlines()}
for library in libraries:
    owner = owners.get(library, owners.get(library.removeprefix("/usr")))
    assert owner in names, f"{library} of {owner} is not in it"
print(f"==> {len(packages)} packages")
END
