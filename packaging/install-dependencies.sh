#!/usr/bin/env bash
# Installs the Debian packages that are missing. `install-dependencies.sh build` leaves
# out what only the tests need; without a word it installs all.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
what=${1:-all}

missing=()
while read -r package kind; do
  case "$package" in '' | '#'*) continue ;; esac
  if [ "$what" = build ] && [ "${kind:-}" = test ]; then continue; fi
  if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
    missing+=("$package")
  fi
done <"$here/dependencies.txt"
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "tiercel: these packages are missing and I am not root: ${missing[*]}" >&2
    echo "tiercel: run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "tiercel: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq

# Another Boost's -dev packages conflict with ours: say so before anything is removed.
removed=$(apt-get install -s --no-install-recommends "${missing[@]}" 2>/dev/null | awk '/^Remv/ {print $2}' | tr '\n' ' ')
if [ -n "$removed" ]; then
  echo "tiercel: apt-get would remove: $removed" >&2
  if [ -t 0 ]; then
    read -r -p "Go on? [y/N] " answer
    case "$answer" in y | Y | yes) ;; *) exit 1 ;; esac
  elif [ "${TIERCEL_ALLOW_REMOVALS:-}" != yes ]; then
    echo "tiercel: set TIERCEL_ALLOW_REMOVALS=yes to allow it" >&2
    exit 1
  fi
fi
# Packages of peers that the tests talk to (rsyslog, alertmanager, nats) would start services
# of their own on this machine: nothing is started while they are installed.
policy=/usr/sbin/policy-rc.d
if [ "$what" != build ] && [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
