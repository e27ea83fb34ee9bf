#!/usr/bin/env bash
# Prints the software bill of materials of a binary, SPDX 2.3 as JSON: the Debian packages of every
# library it loads, as dpkg knows them, and of the headers that were compiled into it.
#   packaging/sbom.sh BINARY VERSION          TIERCEL_SYSROOT as for libraries.sh
set -euo pipefail
export LC_ALL=C
binary=$1 version=$2 root=${TIERCEL_SYSROOT:-}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/owners.sh"
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
hash=$(sha256sum "$binary" | cut -d ' ' -f 1)
form='${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\n'

listed=$("$here/libraries.sh" "$binary")
mapfile -t libraries <<<"$listed"
# All at once: dpkg reads its whole database for each question.
declare -A owner=()
while IFS= read -r line; do owner[${line##*: }]=${line%%: *}; done < <(
  for library in "${libraries[@]}"; do names_of "$library"; done | sort -u | owners_of_files)
loaded=()
for library in "${libraries[@]}"; do
  package=
  while read -r name; do package=${package:-${owner[$name]:-}}; done < <(names_of "$library")
  [ -n "$package" ] || { echo "sbom: no Debian package owns $library" >&2; exit 1; }
  loaded+=("$package")
done
architecture=$(query -W -f '${Architecture}\n' "${loaded[@]}" | grep -vx all | head -n 1)
mapfile -t headers < <(awk '$1 ~ /-dev$/ && $2 != "test" {print $1}' "$here/dependencies.txt")

packages="" relations=""
# entry RELATION NAME VERSION ARCHITECTURE SOURCE: adds a package and what it is to the binary.
entry() {
  local name=$2 ver=$3 arch=$4 source=$5 id url
  id="SPDXRef-${name//[^A-Za-z0-9.-]/-}"
  url="pkg:deb/debian/${name%%:*}@$ver"
  url="${url//+/%2B}?arch=$arch"
  packages+=",
    {\"SPDXID\": \"$id\", \"name\": \"${name%%:*}\", \"versionInfo\": \"$ver\",
     \"supplier\": \"Organization: Debian\", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false,
     \"sourceInfo\": \"source package $source\", \"licenseConcluded\": \"NOASSERTION\",
     \"licenseDeclared\": \"NOASSERTION\", \"copyrightText\": \"NOASSERTION\",
     \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\",
                       \"referenceLocator\": \"$url\"}]}"
  if [ "$1" = DYNAMIC_LINK ]; then
    relations+=",
    {\"spdxElementId\": \"SPDXRef-tiercel\", \"relationshipType\": \"$1\", \"relatedSpdxElement\": \"$id\"}"
  else
    relations+=",
    {\"spdxElementId\": \"$id\", \"relationshipType\": \"$1\", \"relatedSpdxElement\": \"SPDXRef-tiercel\"}"
  fi
}
# entries RELATION PACKAGE...: those that are installed, for the binary's architecture.
entries() {
  local relation=$1 name ver arch source
  shift
  while IFS=$'\t' read -r name ver arch source; do
    case $arch in all | "$architecture") ;; *) continue ;; esac
    if [ -n "$ver" ]; then entry "$relation" "$name" "$ver" "$arch" "$source"; fi
  done < <(query -W -f "$form" "$@" 2>/dev/null | sort -u)
}
entries DYNAMIC_LINK "${loaded[@]}"
entries BUILD_DEPENDENCY_OF "${headers[@]}"

cat <<END
{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
 "name": "tiercel-$version", "documentNamespace": "https://tiercel.example/spdx/tiercel-$version-$hash",
 "creationInfo": {"created": "$created", "creators": ["Tool: tiercel-sbom"]},
 "packages": [
    {"SPDXID": "SPDXRef-tiercel", "name": "tiercel", "versionInfo": "$version",
     "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "primaryPackagePurpose": "APPLICATION",
     "checksums": [{"algorithm": "SHA256", "checksumValue": "$hash"}],
     "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "The tiercel authors"}$packages],
 "relationships": [
    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-tiercel"}$relations]}
END
