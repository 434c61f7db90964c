#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make a Debian root as a fresh server has it, with its own kernel and nothing of
# the developers' on it, or with some packages more, and describe it. It is kept in
# the cache; nobody writes to it.
#
# usage: root.sh [SUITE [PACKAGE...]]	without arguments: Debian 12 as DKMS needs it
#
# Prints shell assignments:
#   ROOT=     the root
#   RELEASE=  its kernel

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"

packages="systemd-sysv udev dbus kmod procps iproute2 iputils-ping ca-certificates
	bash-completion linux-image-amd64"

[ $# -gt 0 ] || set -- bookworm dkms linux-headers-amd64
suite=$1
shift
packages="$packages $*"
setup package
dir=$cache/package-$suite
[ $# -eq 0 ] || dir=$dir-$(echo "$*" | tr ' ' '+')
key=$(echo "$packages" | cat - "$0" | sha256sum | cut -c1-16)

mkdir -p "$cache" || die "cannot make $cache"
exec 8>"$dir.lock"
flock 8 || die "cannot lock $dir.lock"
if [ "$(cat "$dir/KEY" 2>/dev/null)" != "$key" ]; then
	[ "$(id -u)" -eq 0 ] || die "only root can make $dir"
	say "making a root of $suite in $dir (about a minute)"
	rm -rf "$dir"
	mkdir -p "$dir" || die "cannot make $dir"
	mirror=http://deb.debian.org/debian
	sources="deb $mirror $suite main
deb $mirror $suite-updates main
deb $mirror-security $suite-security main"
	# The machine that boots it brings an initramfs, and has hardly any device:
	# an emulated processor would take minutes to look through drivers with depmod.
	# Its filter is of the Python that Debian has.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin INITRD=No mmdebstrap --quiet --mode=root --variant=minbase \
		--include="$(echo $packages | tr ' ' ',')" \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=*/modules/*/kernel/drivers/*' \
		--dpkgopt='path-exclude=*/modules/*/kernel/sound/*' \
		--dpkgopt='path-exclude=*/modules/*/kernel/arch/x86/kvm/*' \
		--dpkgopt='path-include=*/kernel/drivers/virtio/*' \
		--dpkgopt='path-include=*/kernel/drivers/char/*' \
		--dpkgopt='path-include=*/kernel/drivers/net/veth.ko*' \
		--skip=cleanup/apt/lists \
		--customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' \
		"$suite" "$dir/root" "$sources" >"$dir/log" 2>&1 </dev/null ||
		{ tail -n 20 "$dir/log" >&2; die "mmdebstrap failed"; }
	echo "$key" >"$dir/KEY"
fi
release=$(printf '%s\n' "$dir"/root/boot/vmlinuz-* | sort -V | tail -n 1)
echo "ROOT=$(word "$dir/root")"
echo "RELEASE=$(word "${release##*/vmlinuz-}")"
