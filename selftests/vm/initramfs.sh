#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make the initramfs for one of kernel.sh's QEMU kernels, or an installed one, and print its path.
#
# usage: initramfs.sh NAME

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
# shellcheck source=lib.sh
. "$here/lib.sh"

modules="virtio_pci virtio_console virtio_rng 9pnet_virtio 9p overlay"

[ $# -eq 1 ] || { echo "usage: initramfs.sh NAME" >&2; exit 2; }
description=$("$here/kernel.sh" "$1") || exit
eval "$description"

dir=$cache/$1
case $1 in
/*)	dir=$cache/installed-$RELEASE
	mkdir -p "$dir" || exit ;;
esac
key=$(cat "$here/initramfs-init" "$0" | sha256sum | cut -c1-16)
image=$dir/initramfs-$RELEASE-$key.cpio

exec 8>"$dir.lock"
flock 8 || die "cannot lock $dir.lock"
if [ ! -f "$image" ]; then
	setup vm
	busybox=$(busybox) || die "busybox-static could not be had"
	rm -f "$dir"/initramfs-*
	tmp=$(mktemp -d "$cache/initramfs.XXXXXX") || exit
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp/bin" "$tmp/modules"
	cp "$busybox" "$tmp/bin/busybox" &&
		cp "$here/initramfs-init" "$tmp/init" || exit
	: >"$tmp/modules/order"
	for module in $modules; do
		# Built in, perhaps: then there is nothing to load.
		modprobe -d "${MODULES%/lib/modules}" -S "$RELEASE" --show-depends "$module" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$tmp/list"
	while read -r file; do
		base=${file##*/}
		case $base in
		*.ko.xz)	base=${base%.xz}; xz -dc "$file" >"$tmp/modules/$base" ;;
		*.ko)		cp "$file" "$tmp/modules/" ;;
		*)		die "cannot unpack $file" ;;
		esac || exit
		echo "$base" >>"$tmp/modules/order"
	done <"$tmp/list"
	rm "$tmp/list"
	(cd "$tmp" && find . | cpio -o -H newc --quiet -R 0:0) >"$image.new" || die "cpio failed"
	mv "$image.new" "$image" || exit
fi
echo "$image"
