#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kmod/btf.sh, with an image that holds the BTF of two types and seven bytes of strings:
# it finds their numbers however the image is packed. KTAP.

set -u
cd "$(dirname "$0")" || exit
# shellcheck source=ktap.sh
. ./ktap.sh
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# word NUMBER...: of 32 bits, the lowest byte first
word() {
	local each
	for each; do
		# shellcheck disable=SC2059 # the bytes are the format
		printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((each & 255)) \
			$((each >> 8 & 255)) $((each >> 16 & 255)) $((each >> 24 & 255)))"
	done
}

# found NAME: of the types, void is one more
found() {
	VMLINUZ=$tmp/image ../../kmod/btf.sh "$tmp" "$tmp/none" no-such-release "" >"$tmp/out"
	grep -qx "#define ICMPGUARD_BTF_TYPES 3" "$tmp/out" &&
		grep -qx "#define ICMPGUARD_BTF_STRINGS 7" "$tmp/out"
	result $? "$1"
}

{
	printf 'something else..'
	word 0x0001eb9f 24 0 28 28 7
	word 1 0x01000000 4 0x01000020
	word 5 0x02000000 1
	printf '\0int\0p\0and the rest'
} >"$tmp/vmlinux"

cp "$tmp/vmlinux" "$tmp/image"
found "not packed"
for pack in xz gzip zstd lz4; do
	command -v $pack >/dev/null || continue
	# What looks like each of them, and isn't
	{ printf 'stub \xfd7zXZ\0 \x28\xb5\x2f\xfd \x1f\x8b\x08 \x02\x21\x4c\x18 stub'
	  case $pack in
	  lz4)	lz4 -lc <"$tmp/vmlinux" ;;
	  *)	$pack -c <"$tmp/vmlinux" ;;
	  esac
	  printf 'a signature'; } >"$tmp/image"
	found "packed by $pack"
done
echo "nothing of the kind" >"$tmp/image"
VMLINUZ=$tmp/image ../../kmod/btf.sh "$tmp" "$tmp/none" no-such-release "" >"$tmp/out" &&
	! grep -q define "$tmp/out"
result $? "none: no definition, and no failure"
ktap_end
