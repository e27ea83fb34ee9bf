#!/usr/bin/env bash
# What the compiler and the linker were told shows in the binary: position-independent, relocations
# read-only and bound at once, no executable stack, stack protector, fortified calls.
#   hardening_test.sh BINARY
set -euo pipefail
binary=$1
. "$(dirname "$0")/lib.sh"
need readelf

header=$(readelf -hW "$binary")
segments=$(readelf -lW "$binary")
dynamic=$(readelf -dW "$binary")
symbols=$(readelf --dyn-syms -W "$binary")
grep -q 'Type:.*DYN' <<<"$header" || fail "not position-independent"
grep -q 'FLAGS_1.*PIE' <<<"$dynamic" || fail "not a PIE"
grep -q GNU_RELRO <<<"$segments" || fail "no RELRO"
grep -q 'FLAGS.*NOW' <<<"$dynamic" || fail "relocations are not bound at once"
grep -Eq 'GNU_STACK.* RW +0x' <<<"$segments" || fail "the stack is executable"
grep -q __stack_chk_fail <<<"$symbols" || fail "no stack protector"
grep -Eq '__[a-z]+_chk@' <<<"$symbols" || fail "no fortified call (_FORTIFY_SOURCE)"
if grep -Eq 'R(UN)?PATH' <<<"$dynamic"; then fail "libraries are searched in a folder of the build"; fi
say "passed"
