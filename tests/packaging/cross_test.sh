#!/usr/bin/env bash
# Packages for arm64 are made on another machine: of a small program in the daemon's place, linked in a Debian of that
# architecture that is made here too. The package names architecture and libraries, the bill of materials their packages, the
# tarball holds them. And libraries.sh says of the daemon itself without ldd what it says with it.
#   cross_test.sh BINARY CHECKOUT
set -euo pipefail
binary=$1 top=$2
. "$(dirname "$0")/lib.sh"
need readelf ldd cmake cpack ninja dpkg-deb dpkg-query
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "libraries by ldd, and as they name each other"
"$top/packaging/libraries.sh" "$binary" | sort >"$work/by-ldd"
TIERCEL_SYSROOT=/ "$top/packaging/libraries.sh" "$binary" | sort >"$work/by-readelf"
[ "$(wc -l <"$work/by-ldd")" -gt 10 ] || fail "ldd names next to nothing"
diff "$work/by-ldd" "$work/by-readelf" || fail "the two differ"

need aarch64-linux-gnu-gcc aarch64-linux-gnu-strip
cross=/usr/aarch64-linux-gnu
[ -e "$cross/lib/libc.so.6" ] || skip "there is no C library for arm64 in $cross"

say "a Debian for arm64, with a library that needs another"
root=$work/root triplet=aarch64-linux-gnu
info=$root/var/lib/dpkg/info
mkdir -p "$root/lib/$triplet" "$root/usr/lib/$triplet" "$info" "$root/var/lib/dpkg/updates"
cp "$cross/lib/libc.so.6" "$root/lib/$triplet/"
cp "$cross/lib/ld-linux-aarch64.so.1" "$root/lib/"
echo 'int deep(void) { return 1; }' >"$work/deep.c"
echo 'int deep(void); int greet(void) { return deep(); }' >"$work/greet.c"
echo 'int greet(void); int main(void) { return greet(); }' >"$work/main.c"
aarch64-linux-gnu-gcc -shared -fPIC -Wl,-soname,libdeep-1.5.so -o "$root/usr/lib/$triplet/libdeep-1.5.so" "$work/deep.c"
aarch64-linux-gnu-gcc -shared -fPIC -Wl,-soname,libgreet.so.3 -o "$root/usr/lib/$triplet/libgreet.so.3.0" "$work/greet.c" \
  "$root/usr/lib/$triplet/libdeep-1.5.so"
ln -s libgreet.so.3.0 "$root/usr/lib/$triplet/libgreet.so.3"
# package NAME VERSION FILE...: as installed there.
package() {
  local name=$1 version=$2
  shift 2
  printf 'Package: %s\nStatus: install ok installed\nArchitecture: arm64\nMulti-Arch: same\nVersion: %s\nMaintainer: Nobody <nobody@tiercel.example>\nDescription: of a test\n\n' \
    "$name" "$version" >>"$root/var/lib/dpkg/status"
  mkdir -p "$root/usr/share/doc/$name"
  echo "$name" >"$root/usr/share/doc/$name/copyright"
  printf '%s\n' "$@" "/usr/share/doc/$name/copyright" >"$info/$name:arm64.list"
}
echo 1 >"$info/format"
echo arm64 >"$root/var/lib/dpkg/arch"
package libc6 2.36-1 "/lib/$triplet/libc.so.6" /lib/ld-linux-aarch64.so.1
package libgreet3 3.0-7 "/usr/lib/$triplet/libgreet.so.3.0" "/usr/lib/$triplet/libgreet.so.3"
package libdeep 1.5-2 "/usr/lib/$triplet/libdeep-1.5.so"
echo 'libgreet 3 libgreet3 (>= 3.0)' >"$info/libgreet3:arm64.shlibs"
printf 'udeb: libc 6 libc6-udeb (>= 2.36)\nlibc 6 libc6 (>= 2.36)\n' >"$info/libc6:arm64.shlibs"

say "the package"
mkdir "$work/source"
for name in config rules packaging README.md SECURITY.md CHANGELOG.md; do ln -s "$top/$name" "$work/source/$name"; done
cat >"$work/source/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(tiercel VERSION 0.1.0 LANGUAGES C)
list(APPEND CMAKE_MODULE_PATH $top/packaging/cmake)
include(GNUInstallDirs)
add_executable(tiercel $work/main.c)
target_link_libraries(tiercel PRIVATE $root/usr/lib/$triplet/libgreet.so.3)
target_link_options(tiercel PRIVATE -Wl,--allow-shlib-undefined)
include(Install)
include(Packaging)
END
cat >"$work/toolchain.cmake" <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_C_COMPILER_WORKS ON)
set(CMAKE_SYSROOT $root)
set(CMAKE_C_FLAGS_INIT --sysroot=/)
END
cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$work/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release \
  >"$work/log" 2>&1 && cmake --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log"; fail "the build"; }
readelf -hW "$work/build/tiercel" | grep -q AArch64 || fail "the program is not for arm64"
export SOURCE_DATE_EPOCH=1700000000
make_package "$work/build" "$work/packed"
deb=$work/packed/tiercel_0.1.0-1_arm64.deb
[ -e "$deb" ] || { ls "$work/packed"; fail "the package's name is another"; }
[ "$(dpkg-deb -f "$deb" Architecture)" = arm64 ] || fail "the package's architecture"
depends=$(dpkg-deb -f "$deb" Depends)
[[ $depends = "libc6 (>= 2.36), libgreet3 (>= 3.0), systemd | "* ]] || fail "it depends on $depends"
dpkg-deb -x "$deb" "$work/unpacked"
bill=$work/unpacked/usr/share/doc/tiercel/sbom.spdx.json
for wanted in 'deb/debian/libc6@2.36-1?arch=arm64' 'deb/debian/libgreet3@3.0-7?arch=arm64' 'deb/debian/libdeep@1.5-2?arch=arm64'; do
  grep -qF "$wanted" "$bill" || { cat "$bill"; fail "no $wanted in the bill of materials"; }
done
if grep -q 'arch=amd64' "$bill"; then fail "packages of this machine are in the bill of materials"; fi

say "the tarball"
archive=$("$top/packaging/tarball/make.sh" "$work/build" "$work")
[ "${archive##*/}" = tiercel-0.1.0-linux-aarch64.tar.gz ] || fail "it is called $archive"
tar -C "$work" -xzf "$archive"
tree=$work/tiercel-0.1.0-linux-aarch64
for name in ld-linux-aarch64.so.1 libc.so.6 libgreet.so.3 libdeep-1.5.so; do
  readelf -hW "$tree/lib/$name" | grep -q AArch64 || fail "$name is not in it, or not for arm64"
done
grep -q 'lib/ld-linux-aarch64.so.1"' "$tree/bin/tiercel" || fail "bin/tiercel calls another loader"
[ -s "$tree/share/doc/libgreet3/copyright" ] || fail "no copyright of the libraries"

say "a library of no package"
mv "$info/libdeep:arm64.list" "$work/"
if TIERCEL_SYSROOT=$root "$top/packaging/sbom.sh" "$work/build/tiercel" 1 >"$work/log" 2>&1; then fail "it was left out"; fi
grep -q 'no Debian package owns .*/libdeep-1.5.so' "$work/log" || { cat "$work/log"; fail "it was not named"; }
say "passed"
