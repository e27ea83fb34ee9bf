#!/usr/bin/env bash
# What takes too long for every change: static analysis, the sanitizers, the fuzzers, a second build to compare.
#   tests/assure.sh [cppcheck] [tidy] [asan] [tsan] [arm64] [fuzz] [reproducible]     none: all of them, in this order
# TIERCEL_FUZZ_SECONDS (600) is what each fuzzer runs for, as many at a time as there are cores. What is not installed is
# named and counts as failed. Each ends with one line; 1 where one of them found something.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
jobs=${TIERCEL_JOBS:-$(nproc)}
seconds=${TIERCEL_FUZZ_SECONDS:-600}
cd "$top"

needs() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || {
      case $tool in
        clang++) tool=clang ;;
        aarch64-linux-gnu-g++) tool=g++-aarch64-linux-gnu ;;
        qemu-aarch64-static) tool=qemu-user-static ;;
      esac
      echo "a tool is not here: apt-get install $tool"
      return 1
    }
  done
}

run_cppcheck() {
  needs cppcheck || return 1
  local rooms=() room
  for room in src/*/; do rooms+=(-I "$room"); done
  cppcheck --enable=warning,performance,portability --std=c++20 --language=c++ -q -j "$jobs" \
    --error-exitcode=1 -I include "${rooms[@]}" --suppressions-list=tests/support/cppcheck.supp \
    --suppress=missingIncludeSystem --suppress=unknownMacro src include
}

run_tidy() {
  needs clang++ clang-tidy || return 1
  cmake --preset tidy -DTIERCEL_BUILD_TESTS=OFF -DCMAKE_CXX_CLANG_TIDY="clang-tidy;-quiet;--warnings-as-errors=*" >/dev/null &&
    cmake --build --preset tidy -j "$jobs" -- -k 0
}

run_preset() {
  cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -j "$jobs" && ctest --preset "$1"
}

run_asan() { run_preset asan; }
run_tsan() { run_preset tsan; }

# Compiled for arm64 here, by Debian's cross compiler against Debian's arm64 packages; the tests that start no other
# program run under qemu, and the Debian package is made.
run_arm64() {
  needs aarch64-linux-gnu-g++ qemu-aarch64-static || return 1
  [ -d build/sysroot-arm64 ] || packaging/sysroot.sh arm64 build/sysroot-arm64 || return 1
  run_preset arm64 && cpack --config build/arm64/CPackConfig.cmake -B build/arm64/package
}

run_fuzz() {
  needs clang++ || return 1
  cmake --preset fuzz >/dev/null && cmake --build --preset fuzz -j "$jobs" || return 1
  local found
  found=$(mktemp -d)
  # Inputs that a run finds stay in that folder, and what broke a promise beside them.
  printf '%s\n' tests/fuzz/fuzz_*.cpp | sed 's|.*/fuzz_||; s|\.cpp$||' |
    xargs -P "$jobs" -I NAME sh -c '
      name=$1 found=$2 seconds=$3
      dictionary=tests/fuzz/dictionaries/$name.dict
      mkdir -p "$found/$name"
      build/fuzz/tests/fuzz/fuzz_$name -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=20 \
        $([ -f "$dictionary" ] && echo "-dict=$dictionary") -artifact_prefix="$found/$name-" \
        "$found/$name" tests/fuzz/corpus/$name >"$found/$name.log" 2>&1 ||
        { echo "$name: found something, see $found/$name.log"; exit 1; }
      echo "$name: $(tail -n 1 "$found/$name.log")"' sh NAME "$found" "$seconds"
}

# Two builds of the daemon in two folders, the second without a compiler cache.
run_reproducible() {
  cmake -S . -B build/reproducible -G Ninja -DCMAKE_BUILD_TYPE=Release -DTIERCEL_BUILD_TESTS=OFF -DTIERCEL_BUILD_BENCH=OFF >/dev/null &&
    cmake --build build/reproducible -j "$jobs" &&
    TIERCEL_REBUILD=yes TIERCEL_JOBS=$jobs tests/packaging/rebuild_test.sh build/reproducible "$top"
}

tasks=("$@")
if [ ${#tasks[@]} = 0 ]; then tasks=(cppcheck tidy asan tsan arm64 fuzz reproducible); fi
failed=0
for task in "${tasks[@]}"; do
  case $task in
    cppcheck | tidy | asan | tsan | arm64 | fuzz | reproducible) ;;
    *) echo "unknown: $task; one of cppcheck tidy asan tsan arm64 fuzz reproducible" >&2; exit 2 ;;
  esac
  if "run_$task"; then echo "$task: nothing found"; else echo "$task: FAILED"; failed=1; fi
done
exit $failed
