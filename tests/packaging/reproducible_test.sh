#!/usr/bin/env bash
# Two packages of one build are the same bytes, two tarballs too. With TIERCEL_REBUILD=yes the daemon is also built
# anew, without a compiler cache, in another folder, and gives the same binary and package.
#   reproducible_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
need cpack cmake
export SOURCE_DATE_EPOCH=1700000000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# package BUILD_DIR FOLDER
package() {
  cpack --config "$1/CPackConfig.cmake" -B "$2" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; fail "cpack"; }
}
package "$build" "$work/first"
sleep 1.1 # a package that remembered when it was made would differ
package "$build" "$work/second-place"
cmp "$work"/first/*.deb "$work"/second-place/*.deb || fail "two packages of one build differ"
say "two packages of one build are the same: $(sha256sum "$work"/first/*.deb | cut -c 1-16)"
for place in first second-place; do "$top/packaging/tarball/make.sh" "$build" "$work/$place" >/dev/null; done
cmp "$work"/first/*.tar.gz "$work"/second-place/*.tar.gz || fail "two tarballs of one build differ"
# names_folder BINARY FOLDER: a compiler cache may have made the folder relative, which another build would not.
names_folder() {
  grep -aoE "($2|(\.\./)+(src|include))/[[:print:]]*" "$1" | sort -u | head | grep .
}
if names_folder "$build/src/tiercel" "$top"; then fail "the binary names the folder it was built in"; fi

if [ "${TIERCEL_REBUILD:-}" != yes ]; then
  say "the daemon was not built anew (TIERCEL_REBUILD=yes): that part is not checked"
  exit 0
fi
need ninja
copy=$work/an/other/depth/of/folder
mkdir -p "$copy"
tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
export CCACHE_DISABLE=1
cmake -S "$copy" -B "$copy/out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTIERCEL_BUILD_TESTS=OFF \
  -DTIERCEL_BUILD_BENCH=OFF >"$work/build.log"
cmake --build "$copy/out" --target tiercel >>"$work/build.log" || { tail "$work/build.log"; fail "the build"; }
if names_folder "$copy/out/src/tiercel" "$copy"; then fail "the binary built anew names its folder"; fi
cmp "$build/src/tiercel" "$copy/out/src/tiercel" || fail "two builds differ"
package "$copy/out" "$work/rebuilt"
cmp "$work"/first/*.deb "$work"/rebuilt/*.deb || fail "packages of two builds differ"
say "built in two folders: the same binary and the same package"
