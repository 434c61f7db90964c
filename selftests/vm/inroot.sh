#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Run a program of another Debian on this machine's files: in that Debian's root,
# with the named directories of this machine mounted at the same paths.
#
# usage: inroot.sh ROOT [DIRECTORY...] -- PROGRAM [ARG...]

set -u
[ $# -ge 3 ] || { sed -n '/^# usage/s/^# //p' "$0" >&2; exit 2; }

# The mounts are this process's own and end with it.
if [ -z "${INROOT-}" ]; then
	INROOT=1 exec unshare --mount --propagation private "$0" "$@"
fi
unset INROOT

root=$1
shift
mount --bind "$root" "$root" && cd "$root" || exit
for directory in /proc /dev "$@"; do
	[ "$directory" = -- ] && break
	mkdir -p ".$directory" && mount --bind "$directory" ".$directory" || exit
done
while [ "$1" != -- ]; do
	shift
done
shift
# That Debian may lack the caller's locale.
PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C LC_ALL=C exec chroot . "$@"
