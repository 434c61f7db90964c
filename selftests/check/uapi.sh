#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make kmod/uapi/icmpguard.h from the netlink specification, with the generator of
# Linux 6.12 (tools/net/ynl/ynl-gen-c.py).
#
# usage: uapi.sh [-n]	-n: write nothing; print how the header differs, and fail if it does

set -u
top=$(cd "$(dirname "$0")/../.." && pwd) || exit
spec=Documentation/netlink/specs/icmpguard.yaml
header=$top/kmod/uapi/icmpguard.h

case $*:$# in
:0)	write=1 ;;
-n:1)	write= ;;
*)	sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
"$top/selftests/setup.sh" static || exit
source=$("$top/selftests/vm/kernel.sh" ynl-6.12) && eval "$source" || exit

# The generator looks for its schemas next to the specification, and recognises the top
# of the tree by the file MAINTAINERS.
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
trap 'exit 143' INT TERM HUP
mkdir -p "$tmp/${spec%/*}" && cp "$SOURCE"/Documentation/netlink/*.yaml "$tmp/Documentation/netlink/" &&
	cp "$top/$spec" "$tmp/$spec" && : >"$tmp/MAINTAINERS" || exit
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$SOURCE/tools/net/ynl/ynl-gen-c.py" \
	--mode uapi --header --spec "$tmp/$spec" -o "$tmp/generated.h" || exit
sed '/YNL-GEN uapi/a /* To regenerate run: selftests/check/uapi.sh */' "$tmp/generated.h" >"$tmp/icmpguard.h" || exit

if cmp -s "$tmp/icmpguard.h" "$header"; then
	exit 0
elif [ -n "$write" ]; then
	cp "$tmp/icmpguard.h" "$header"
else
	echo "kmod/uapi/icmpguard.h isn't what selftests/check/uapi.sh makes of $spec:"
	diff -u --label committed "$header" --label generated "$tmp/icmpguard.h"
	exit 1
fi
