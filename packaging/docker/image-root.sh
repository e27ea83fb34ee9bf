#!/bin/sh
# Makes the image's root file system of the installed package.
#   image-root.sh FOLDER
set -e
out=$1
bash /usr/share/tiercel/bundle.sh root "$out"
mkdir -p "$out/etc/ssl/certs" "$out/var/lib/tiercel" "$out/var/log/tiercel" "$out/run/tiercel" \
  "$out/tmp" "$out/usr/share/doc"
cp -R /etc/tiercel "$out/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$out/etc/ssl/certs/"
cp -R /usr/share/doc/tiercel "$out/usr/share/doc/"
echo 'tiercel:x:65532:65532:tiercel:/var/lib/tiercel:/nonexistent' >"$out/etc/passwd"
echo 'tiercel:x:65532:' >"$out/etc/group"
echo 'hosts: files dns' >"$out/etc/nsswitch.conf"
chown 65532:65532 "$out/var/lib/tiercel" "$out/var/log/tiercel" "$out/run/tiercel"
chmod 0700 "$out/var/lib/tiercel" && chmod 0750 "$out/var/log/tiercel" "$out/run/tiercel"
chmod 1777 "$out/tmp"
