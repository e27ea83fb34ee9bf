# shellcheck shell=bash
# Which Debian packages libraries are of, by dpkg's database: that of $root, the folder of another Debian, where it is not empty.

# query ARGUMENTS...: dpkg-query of that Debian.
query() { dpkg-query ${root:+--admindir="$root/var/lib/dpkg"} "$@"; }

# names_of LIBRARY: by which dpkg may know it: by its real name, or without /usr, from before the folders merged.
names_of() {
  local real base=
  [ -z "$root" ] || base=$(readlink -f "$root")
  real=$(readlink -f "$root$1")
  real=${real#"${base%/}"}
  printf '%s\n' "$real" "${real#/usr}" "$1"
}

# owners_of_files: lines `package: path` for the paths on standard input that dpkg knows; `package:architecture: path` where
# a package may be installed for several.
owners_of_files() {
  local paths
  mapfile -t paths
  { query -S "${paths[@]}" 2> >(grep -v 'no path found' >&2) || true; } | sed '/^diversion by /d'
}

# owner_of LIBRARY: the package; nothing where there is none.
owner_of() { names_of "$1" | sort -u | owners_of_files | sed 's/: \/.*//' | head -n 1; }
