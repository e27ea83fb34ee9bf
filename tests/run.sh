#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test.
#   tests/run.sh [--quick]     --quick leaves out the tests labelled slow
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
build=${TIERCEL_BUILD_DIR:-$top/build/test}
jobs=${TIERCEL_JOBS:-$(nproc)}

"$top/packaging/install-dependencies.sh"
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DTIERCEL_WARNINGS_AS_ERRORS=ON -DTIERCEL_BUILD_TESTS=ON -DTIERCEL_BUILD_BENCH=ON
cmake --build "$build" -j "$jobs"
exclude=()
if [ "${1:-}" = --quick ]; then exclude=(-LE slow); fi
ctest --test-dir "$build" --output-on-failure -j "$jobs" "${exclude[@]}"
