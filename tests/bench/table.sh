#!/usr/bin/env bash
# Runs every benchmark and prints one table, with the machine and the commit above it.
#   tests/bench/table.sh [--keep] [BUILD]     BUILD: build/test, as tests/run.sh leaves it
# --keep writes it to tests/bench/log/DATE-COMMIT too. Figures of one run: the machine is noisy, ratios less so.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
keep=
if [ "${1:-}" = --keep ]; then keep=1; shift; fi
bench=${1:-$top/build/test}/tests/bench
[ -x "$bench/bench_evaluate" ] || { echo "no benchmarks in $bench: run tests/run.sh first" >&2; exit 1; }
commit=$(git -C "$top" describe --always --dirty)

table() {
  echo "commit     $commit"
  echo "date       $(date -u +%Y-%m-%d)"
  echo "cores      $(nproc)"
  echo "load       $(cut -d ' ' -f 1-3 /proc/loadavg)"
  echo; echo "## decode and evaluate, shipped rules, one core"
  "$bench/bench_evaluate"
  echo; echo "## the same, every alert rendered: 10 % of the events, then the 42 % of the recorded ones"
  "$bench/bench_evaluate" --render --alerting 10 | tail -n 3
  "$bench/bench_evaluate" --render | tail -n 2
  echo; echo "## instructions"
  "$here/instructions.sh" "$bench/bench_evaluate" || [ $? = 77 ]
  echo; echo "## measuring what each rule costs"
  "$bench/bench_costs" | tail -n +2
  echo; echo "## growth with the rules"
  "$bench/bench_rules" --rounds 15 | tail -n +2
  echo; echo "## redaction"
  "$bench/bench_redact" | tail -n +2
  echo; echo "## the webhook over loopback, beside a bare parse"
  "$bench/bench_webhook" | tail -n +3
  echo; echo "## the largest legal inputs"
  "$bench/bench_largest" | tail -n +2
  echo; echo "## replay of a file"
  "$bench/bench_replay" | tail -n +2
  echo; echo "## the daemon over loopback"
  "$bench/bench_daemon"
  echo; echo "## start to listening"
  "$bench/bench_start"
  echo; echo "## memory"
  "$bench/bench_memory" --soak 15
  echo; echo "## latency of a batch"
  "$bench/bench_latency"
  echo; echo "## a neighbour's fdatasync"
  "$bench/bench_neighbour"
}

if [ -n "$keep" ]; then
  table | tee "$here/log/$(date -u +%Y-%m-%d)-$commit"
else
  table
fi
