#!/usr/bin/env bash
# Instructions to decode and evaluate an event of the recorded traffic, counted by callgrind with
# simdjson's westmere kernel: a figure that depends on neither the machine's speed nor its mood.
#   tests/bench/instructions.sh BENCH_EVALUATE            fails 10 % over tests/bench/log/instructions
#   tests/bench/instructions.sh BENCH_EVALUATE --record   writes the figure there
# Ends with 77 (skipped) where valgrind or the kernel is missing.
set -euo pipefail
bench=$1
recorded=$(dirname "$0")/log/instructions
command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 77; }
grep -qw sse4_2 /proc/cpuinfo || { echo "this processor has no westmere kernel"; exit 77; }

out=$(mktemp)
trap 'rm -f "$out"' EXIT
SIMDJSON_FORCE_IMPLEMENTATION=westmere valgrind --tool=callgrind --callgrind-out-file=/dev/null \
  --toggle-collect='*::evaluate_bodies(*' "$bench" --rounds 1 >"$out" 2>&1 ||
  { cat "$out"; exit 1; }
events=$(awk '$1 == "input" {print $2}' "$out")
total=$(awk '/Collected/ {print $NF}' "$out")
now=$((total / events))
echo "$now instructions per event ($events events)"
if [ "${2:-}" = --record ]; then
  echo "$now" >"$recorded"
  exit
fi
if [ "$now" -lt $(($(cat "$recorded") / 2)) ]; then
  echo "less than half of what was recorded: is what is measured still called as --toggle-collect says?" \
    "Record a true saving with --record."
  exit 1
fi
allowed=$(($(cat "$recorded") * 110 / 100))
if [ "$now" -gt "$allowed" ]; then
  echo "more than $allowed, which is 10 % over the $(cat "$recorded") of $recorded." \
    "Find what grew (callgrind_annotate), or record the new figure with --record and say why."
  exit 1
fi
