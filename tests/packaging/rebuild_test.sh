#!/usr/bin/env bash
# The daemon, compiled anew without a compiler cache in another folder, is the same binary, and its package the same bytes.
# That takes both cores some twenty minutes: only where TIERCEL_REBUILD=yes asks for it, as `tests/assure.sh reproducible` does.
#   rebuild_test.sh BUILD_DIR CHECKOUT
set -euo pipefail
build=$1 top=$2
. "$(dirname "$0")/lib.sh"
[ "${TIERCEL_REBUILD:-}" = yes ] || skip "the daemon was not built anew: TIERCEL_REBUILD=yes asks for it"
need cpack cmake ninja
export SOURCE_DATE_EPOCH=1700000000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/an/other/depth/of/folder
mkdir -p "$copy"
tar -C "$top" --exclude=./build --exclude=./.git -cf - . | tar -C "$copy" -xf -
# A cache would hand back what the first build has made, and nothing would be compared.
unset CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER
export CCACHE_DISABLE=1
cmake -S "$copy" -B "$copy/out" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTIERCEL_BUILD_TESTS=OFF \
  -DTIERCEL_BUILD_BENCH=OFF >"$work/build.log"
cmake --build "$copy/out" -j "${TIERCEL_JOBS:-$(nproc)}" >>"$work/build.log" || { tail "$work/build.log"; fail "the build"; }
if names_folder "$copy/out/src/tiercel" "$copy"; then fail "the binary built anew names its folder"; fi
cmp "$build/src/tiercel" "$copy/out/src/tiercel" || fail "two builds differ"
make_package "$build" "$work/first"
make_package "$copy/out" "$work/rebuilt"
cmp "$work"/first/*.deb "$work"/rebuilt/*.deb || fail "packages of two builds differ"
say "built in two folders: the same binary and the same package: $(sha256sum "$work"/rebuilt/*.deb | cut -c 1-16)"
