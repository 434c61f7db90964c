#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the Debian packages: what "make deb" calls. dpkg wants debian/ at the top
# of a tree, so they are built in a copy that has it there.
#
# usage: make.sh DIRECTORY	where to, and what is in it goes

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

# What is in the repository; without one, whatever wasn't built
sources() {
	if git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -co --exclude-standard -z
	else
		find . -path ./build -prune -o -type f ! -name '*.o' ! -name '*.ko' ! -name '*.mod*' \
			! -name '.*.cmd' ! -name Module.symvers ! -name modules.order \
			! -path ./userspace/icmpguardctl ! -path ./userspace/icmpguard-import -print0
	fi
}

tree=$1/icmpguard-$version
rm -rf "$1"
mkdir -p "$tree" || exit
sources | rsync -a --from0 --files-from=- --ignore-missing-args ./ "$tree/" &&
	mv "$tree/userspace/debian" "$tree/debian" || exit
# Neither of these files has room for a comment.
sed -i '/^# SPDX/d' "$tree/debian/changelog" || exit
mkdir "$tree/debian/source" && echo "3.0 (native)" >"$tree/debian/source/format" || exit
cd "$tree" || exit
# No compiler but Debian's own, whatever else the caller's PATH has
PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg-buildpackage --no-sign
