# shellcheck shell=bash
# What the packaging tests share. A test that cannot run here ends with status 77, which CTest
# reports as skipped, and says what is missing.
skip() {
  echo "SKIPPED: $*"
  exit 77
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "there is no $tool"
  done
}
say() { printf '==> %s\n' "$*"; }

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.1
  done
}

# debian_root DIR: unpacks a bare Debian 12 into DIR, made once by debootstrap from the mirror
# that this machine's own apt uses (or TIERCEL_DEBIAN_MIRROR), and kept in CACHE.
debian_root() {
  local dir=$1 cache=$2 mirror=${TIERCEL_DEBIAN_MIRROR:-}
  if [ -z "$mirror" ]; then
    mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "bookworm" {print $2; exit}')
  fi
  [ -n "$mirror" ] || skip "apt has no mirror of Debian 12 (set TIERCEL_DEBIAN_MIRROR)"
  if [ ! -e "$cache" ]; then
    local made="$cache.$$"
    if ! debootstrap --variant=minbase bookworm "$made" "$mirror" >"$made.log" 2>&1; then
      tail -n 5 "$made.log" >&2
      rm -rf --one-file-system "$made"
      skip "debootstrap could not make a Debian 12 root from the mirror of this machine's apt"
    fi
    tar -C "$made" -cf "$cache.part" . && mv "$cache.part" "$cache"
    rm -rf --one-file-system "$made" "$made.log"
  fi
  mkdir -p "$dir"
  tar -C "$dir" -xf "$cache"
  cp /etc/resolv.conf "$dir/etc/resolv.conf"
}

# start_daemon LOG COMMAND...: sets $daemon and $port once it listens. COMMAND ends with options of
# `tiercel run`; the system chooses both ports, since tests run beside each other.
start_daemon() {
  local log=$1
  shift
  "$@" -o webserver.listen_port=0 -o admin.listen_port=0 >"$log" 2>&1 &
  daemon=$!
  wait_for 20 grep -q 'listening for audit batches' "$log" || { cat "$log"; fail "the daemon did not start"; }
  port=$(sed -n 's/.*listening for audit batches on [^ ]*:\([0-9]*\).*/\1/p' "$log" | head -n 1)
}

# stop_daemon LOG: it ends well.
stop_daemon() {
  kill -TERM "$daemon"
  local status=0
  wait "$daemon" || status=$?
  daemon=
  [ "$status" -eq 0 ] || { cat "$1"; fail "the daemon ended with $status"; }
}

# post_batch CHECKOUT: a recorded batch is answered 200.
post_batch() {
  local status
  status=$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
    --data-binary @"$1/tests/data/quickstart-batch.json" "http://127.0.0.1:$port/k8s_audit?timeout=30s")
  [ "$status" = 200 ] || fail "the batch was answered $status"
}

# make_package BUILD_DIR FOLDER: the Debian package of a build into the folder.
make_package() {
  cpack --config "$1/CPackConfig.cmake" -B "$2" >"$2.log" 2>&1 || { cat "$2.log"; fail "cpack"; }
}

# names_folder BINARY FOLDER: the binary holds paths of the folder it was compiled in. A compiler cache may have made them
# relative, which another build would not.
names_folder() {
  grep -aoE "($2|(\.\./)+(src|include))/[[:print:]]*" "$1" | sort -u | head | grep .
}
