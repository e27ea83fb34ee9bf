#!/bin/sh
# Starts tiercel with the libraries beside it, whatever the host has.
here=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$here/lib/@LOADER@" --argv0 tiercel --library-path "$here/lib" "$here/libexec/tiercel" "$@"
