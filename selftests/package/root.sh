#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make a clean Debian root with a kernel, its headers and what the packages'
# test runs there, and describe it. It is kept in the cache; nobody writes to it.
#
# usage: root.sh
#
# Prints shell assignments:
#   ROOT=     the root
#   RELEASE=  its kernel, with headers; the same as kernel.sh's debian-6.1
#   LATER=    a kernel whose headers aren't installed: their package is in DEBS
#   DEBS=     a directory of packages

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"

suite=bookworm
# What an operator's router has, and what "make install" builds with
packages="systemd-sysv dkms kmod iproute2 iputils-ping procps jq bash-completion openssl
	gcc libc6-dev make pkg-config libmnl-dev libjansson-dev"

setup package
description=$("$here/kernel.sh" debian-6.1) || exit 126
RELEASE=$(eval "$description"; echo "$RELEASE")
LATER=${RELEASE%-amd64}-cloud-amd64
dir=$cache/package-root
key=$(echo "$RELEASE $packages" | cat - "$0" | sha256sum | cut -c1-16)

mkdir -p "$cache" || die "cannot make $cache"
exec 8>"$dir.lock"
flock 8 || die "cannot lock $dir.lock"
if [ "$(cat "$dir/KEY" 2>/dev/null)" != "$key" ]; then
	[ "$(id -u)" -eq 0 ] || die "only root can make $dir"
	say "making a root of $suite in $dir (about a minute)"
	rm -rf "$dir"
	mkdir -p "$dir/debs" || die "cannot make $dir"
	list=$(echo $packages "linux-image-$RELEASE" "linux-headers-$RELEASE" | tr ' ' ',')
	mirror=http://deb.debian.org/debian
	signed="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
	# The machine that boots it brings an initramfs of its own.
	INITRD=No mmdebstrap --quiet --mode=root --variant=minbase --include="$list" \
		--dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "false"' \
		--customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' \
		"$suite" "$dir/root" \
		"deb $signed $mirror $suite main" "deb $signed $mirror $suite-updates main" \
		"deb $signed ${mirror}-security $suite-security main" \
		>"$dir/log" 2>&1 </dev/null || { tail -n 20 "$dir/log" >&2; die "mmdebstrap failed"; }
	(cd "$dir/debs" && apt-get -q download "linux-headers-$LATER") >>"$dir/log" 2>&1 ||
		{ tail -n 5 "$dir/log" >&2; die "the headers of $LATER could not be had"; }
	echo "$key" >"$dir/KEY"
fi
echo "ROOT=$(word "$dir/root")"
echo "RELEASE=$(word "$RELEASE")"
echo "LATER=$(word "$LATER")"
echo "DEBS=$(word "$dir/debs")"
