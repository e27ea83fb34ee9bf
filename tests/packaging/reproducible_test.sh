#!/usr/bin/env bash
# Two packages of one build are the same bytes, two tarballs too, and the binary does not name the folder it was built in.
# That two builds are the same is rebuild_test.sh's.
#   reproducible_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
need cpack cmake
export SOURCE_DATE_EPOCH=1700000000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_package "$build" "$work/first"
sleep 1.1 # a package that remembered when it was made would differ
make_package "$build" "$work/second-place"
cmp "$work"/first/*.deb "$work"/second-place/*.deb || fail "two packages of one build differ"
say "two packages of one build are the same: $(sha256sum "$work"/first/*.deb | cut -c 1-16)"
for place in first second-place; do "$top/packaging/tarball/make.sh" "$build" "$work/$place" >/dev/null; done
cmp "$work"/first/*.tar.gz "$work"/second-place/*.tar.gz || fail "two tarballs of one build differ"
if names_folder "$build/src/tiercel" "$top"; then fail "the binary names the folder it was built in"; fi
say "passed"
