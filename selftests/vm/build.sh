#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the module for one of kernel.sh's kernels, in a directory of its own,
# so that one checkout serves many kernels. Prints KO= (and KO_TEST=, the KUnit
# suites, where that kernel has KUnit); all else goes to stderr.
#
# usage: build.sh KERNEL [MAKE-ARGUMENT...]
#
# VARIANT is added to the directory's name, for a build with further arguments.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
# shellcheck source=lib.sh
. "$here/lib.sh"

[ $# -ge 1 ] || { echo "usage: build.sh KERNEL [MAKE-ARGUMENT...]" >&2; exit 2; }
name=$1
shift
setup build
description=$("$here/kernel.sh" "$name") || exit
eval "$description"

checkout=$(cd "$here/../.." && pwd) || exit
dir=$checkout/build/$name${VARIANT-}
mkdir -p "$dir" || exit
exec 9>"$dir.lock"
flock 9 || die "cannot lock $dir.lock"
module_sources "$checkout" "$dir" || die "cannot copy the sources to $dir"
program=(make)
[ -z "${TOOLS-}" ] || program=("$here/inroot.sh" "$TOOLS" "$cache" "$checkout" -- make)
# shellcheck disable=SC2086 # words, on purpose
"${program[@]}" -C "$KDIR" $MAKEARGS ICMPGUARD_KUNIT=y VMLINUZ="$IMAGE" M="$dir" -j2 "$@" modules >&2 9>&- || exit

# header FILE: one of the kernel's, wherever its tree keeps it
header() {
	local each
	for each in "$KDIR" "$KDIR/source" "${KDIR%-*}-common"; do
		[ ! -f "$each/include/$1" ] || { echo "$each/include/$1"; return; }
	done
	return 1
}

# The flags of IP's control blocks that scope.c takes for itself are free in this kernel.
ip4=$(header net/ip.h) && ip6=$(header linux/ipv6.h) || die "the headers of $name aren't there"
awk -v least="$(sed -n 's/^\tSEEN.*= BIT(\([0-9]*\)),$/\1/p' "$checkout/kmod/scope.c" | sort -n | head -n 1)" '
	/^#define[ \t]+IP6?SKB_/ {
		flags++
		value = $3 ~ /^BIT\([0-9]+\)$/ ? 2 ^ substr($3, 5) : $3 + 0
		if (value < 1 || value >= 2 ^ least) { print FILENAME ": " $0; taken = 1 }
	}
	END { exit taken || least == "" || flags < 15 }' "$ip4" "$ip6" >&2 ||
	die "kmod/scope.c uses flags of IP's control blocks that $name has a use for"

echo "KO=$(word "$dir/icmpguard.ko")"
if [ -f "$dir/icmpguard_test.ko" ]; then
	echo "KO_TEST=$(word "$dir/icmpguard_test.ko")"
fi
