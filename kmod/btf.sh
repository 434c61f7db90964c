#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# How kmod/xdp.c describes its kfunc to a kernel: a header, without definitions where
# it can't. Kbuild calls it.
#
# usage: btf.sh SOURCE BUILD RELEASE BTF	a kernel's source, where it was built, its
#						name, and y where its build adds BTF
#
# Before Linux 6.11 it has to be known how many types and bytes of strings the kernel's
# own BTF has. They are read from the kernel that will be booted: VMLINUZ, its image in
# /boot, vmlinux where it was built; or the kernel that runs, if it is the same.

source=$1 build=$2 release=$3 btf=$4

echo "/* SPDX-License-Identifier: GPL-2.0-only */"
if [ "$btf" = y ] && [ -f "$build/vmlinux" ]; then
	echo "#define ICMPGUARD_XDP"
	exit
fi
if grep -qs btf_base_data "$source/include/linux/module.h"; then
	printf '#define ICMPGUARD_XDP\n#define ICMPGUARD_BTF_BASE\n'
	exit
fi

# BTF that begins within what is read: its magic number and the length of its header
from_header() {
	file=$1
	for at in $(LC_ALL=C grep -a -b -o -P '\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00' "$file" |
		    cut -d: -f1); do
		tail -c +$((at + 1)) "$file" | count && return
	done
	return 1
}

# The numbers of a BTF on standard input: types, with void, and bytes of strings
count() {
	od -An -v -tu4 -w4 | awk '
		# What follows a type of each kind, in words: for all, and for each member
		BEGIN {
			split("1 0 3 0 0 0 0 0 0 0 0 0 0 1 0 0 1 0 0", more)
			split("0 0 0 3 3 2 0 0 0 0 0 0 2 0 3 0 0 0 3", each)
			next_type = end = -1
			types = 1
		}
		NR == 2 { header = $1 }
		NR == 3 { first = $1 }
		NR == 4 { size = $1 }
		NR == 5 && $1 != size { exit }
		NR == 6 { strings = $1; next_type = (header + first) / 4 + 1; end = next_type + size / 4 }
		NR == end { found = 1; exit }
		NR == next_type + 1 {
			kind = int($1 / 16777216) % 32
			if (kind < 1 || kind > 19)
				exit
			next_type += 3 + more[kind] + each[kind] * ($1 % 65536)
			types++
		}
		END {
			if (!found || next_type != end)
				exit 1
			print "#define ICMPGUARD_XDP"
			print "#define ICMPGUARD_BTF_TYPES " types
			print "#define ICMPGUARD_BTF_STRINGS " strings
		}'
}

# unpacked IMAGE FILE: likewise of what is compressed in an image, with FILE for it. A few
# bytes may look like the beginning of something compressed and be none.
unpacked() {
	while read -r magic program; do
		command -v "${program%% *}" >/dev/null || continue
		for at in $(LC_ALL=C grep -a -b -o -P "$magic" "$1" | head -n 16 | cut -d: -f1); do
			# The program complains of what comes after it.
			tail -c +$((at + 1)) "$1" | $program >"$2" 2>/dev/null
			from_header "$2" && return
		done
	done <<'END'
\xfd7zXZ\x00 xz -dc
\x28\xb5\x2f\xfd zstd -dc
\x1f\x8b\x08 gzip -dc
\x02\x21\x4c\x18 lz4 -dc
\x5d\x00\x00 lzma -dc
END
	return 1
}

for image in "${VMLINUZ-}" "/boot/vmlinuz-$release" "$build/vmlinux"; do
	[ -r "$image" ] || continue
	from_header "$image" && exit
	temporary=$(mktemp) || exit
	trap 'rm -f "$temporary"' EXIT
	unpacked "$image" "$temporary" && exit
done
[ "$(uname -r)" != "$release" ] || [ ! -r /sys/kernel/btf/vmlinux ] || count </sys/kernel/btf/vmlinux
exit 0
