#!/bin/sh
# get-debian.sh FOLDER: makes an empty system of this machine's own release (Debian or Ubuntu), with systemd and what the Debian package of Hostwire
# depends on, and prints the path of its tarball, FOLDER/RELEASE.tar. What is there already is not made again. For the tests that install the package.
# Needs root, mmdebstrap, and the packages' mirror that this machine's apt uses.
set -eu
folder=$1
. /etc/os-release
release=${VERSION_CODENAME:?This system does not name its release in /etc/os-release: it is neither Debian nor Ubuntu.}
tarball=$folder/$release.tar
[ -e "$tarball" ] && { printf '%s\n' "$tarball"; exit 0; }
[ "$(id -u)" -eq 0 ] || { echo "An empty $release can be made by root only." >&2; exit 1; }

# The sources of this release; others on this machine (of tools, say) are none of its business.
set --
for sources in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  if [ -e "$sources" ] && grep -Eq "^[^#]*[[:space:]]$release([[:space:]]|\$)" "$sources"; then set -- "$@" "$sources"; fi
done
[ $# -gt 0 ] || { echo "No file of apt's sources names $release." >&2; exit 1; }

# The library has another name since the releases of 2024.
libssl=libssl3
if apt-cache show libssl3t64 >/dev/null 2>&1; then libssl=libssl3t64; fi

mkdir -p "$folder"
part=$folder/.$release.$$.tar
trap 'rm -f "$part"' EXIT
trap 'exit 1' INT TERM HUP
# The options for dpkg leave out what only people read, and are taken away again: what the tests install is whole.
mmdebstrap --quiet --variant=essential --include=systemd,adduser,"$libssl" \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --customize-hook='rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap; echo "127.0.0.1 localhost" > "$1/etc/hosts"' \
  "$release" "$part" "$@" >&2
mv "$part" "$tarball"
printf '%s\n' "$tarball"
