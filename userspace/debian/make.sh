#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the Debian packages, for "make deb". dpkg wants debian/ at the top of a tree,
# so they are built in a copy that has it there.
#
# usage: make.sh DIRECTORY	where to put them; its contents are deleted

set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit
cd "$top" || exit
[ $# -eq 1 ] || { echo "usage: make.sh DIRECTORY" >&2; exit 2; }

version=$(sed -n 's/^.define ICMPGUARD_VERSION "\(.*\)"/\1/p' kmod/version.h)
written=$(sed -n '/^icmpguard (/{s/^icmpguard (\([^)]*\)).*/\1/p;q}' userspace/debian/changelog)
if [ "$version" != "$written" ]; then
	echo "kmod/version.h says $version, and userspace/debian/changelog $written" >&2
	exit 1
fi

# The files of the repository; without one, or without git, all files, and
# dpkg-buildpackage cleans them first
sources() {
	if [ -e .git ] && git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -co --exclude-standard -z
	else
		find . \( -path ./build -o -path ./.git -o -name __pycache__ \) -prune -o -type f -print0
	fi
}

# The compiler's flags contain the directory, which mustn't have a space.
work=$PWD/$1
case $work in
*[[:space:]]*)
	work=$(mktemp -d) || exit
	trap 'rm -rf "$work"' EXIT ;;
esac
tree=$work/icmpguard-$version
rm -rf "$1"
mkdir -p "$tree" || exit
sources | rsync -a --from0 --files-from=- --ignore-missing-args ./ "$tree/" &&
	mv "$tree/userspace/debian" "$tree/debian" || exit
# Neither of these files has room for a comment.
sed -i '/^# SPDX/d' "$tree/debian/changelog" || exit
mkdir "$tree/debian/source" && echo "3.0 (native)" >"$tree/debian/source/format" || exit
# No compiler but Debian's own, whatever else the caller's PATH has
(cd "$tree" && PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg-buildpackage --no-sign) || exit
if [ "$work" != "$PWD/$1" ]; then
	mkdir -p "$1" && mv "$work"/* "$1/"
fi
