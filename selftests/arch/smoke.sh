#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Other processors: the module built for Debian's kernel of each, and run there
# in QEMU with the tests that are one program each. KTAP.
#
# usage: smoke.sh [ARCHITECTURE...]
#   i386	32 bits: no native 64-bit compare-and-exchange on all of it
#   s390x	big-endian
#   arm64	weakly ordered
#   armhf	32 bits, weakly ordered

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"
# shellcheck source=../vm/packages.sh
. "$here/packages.sh"
top=$(cd "$here/../.." && pwd) || exit
cd "$top" || exit

"$here/../setup.sh" build tool vm || exit
# shellcheck source=../check/ktap.sh
. "$here/../check/ktap.sh"
selftests=$("$here/kernel.sh" source-6.1 | sed -n "s/^SOURCE='\(.*\)'$/\1/p")/tools/testing/selftests

# describe ARCHITECTURE: what Debian, the compiler, the kernel and QEMU call it
describe() {
	case $1 in
	i386)	flavour=686-pae tuple=i686-linux-gnu kernel_arch=x86
		qemu=(qemu-system-i386 -machine q35 -cpu max -append "console=ttyS0 no_timer_check $words") ;;
	s390x)	flavour=s390x tuple=s390x-linux-gnu kernel_arch=s390
		qemu=(qemu-system-s390x -machine s390-ccw-virtio -cpu max -append "$words") ;;
	arm64)	flavour=arm64 tuple=aarch64-linux-gnu kernel_arch=arm64
		qemu=(qemu-system-aarch64 -machine virt -cpu cortex-a72 -append "console=ttyAMA0 $words") ;;
	armhf)	flavour=armmp tuple=arm-linux-gnueabihf kernel_arch=arm
		qemu=(qemu-system-arm -machine virt -cpu cortex-a15 -append "console=ttyAMA0 $words") ;;
	*)	die "no architecture is called '$1'" ;;
	esac
}
words="panic=-1 oops=panic loglevel=7 random.trust_cpu=on"

# fetch ARCHITECTURE DIR: its kernel, headers and busybox, below DIR/root
fetch() {
	local arch=$1 dir=$2 image release own
	[ ! -f "$dir/RELEASE" ] || return 0
	apt_world "$arch" "$arch" bookworm || return
	image=$(with_lists newest_package "^linux-image-6\\.1\\.0-[0-9]+-$flavour\$") || return
	release=${image#linux-image-}
	say "unpacking $image and its headers"
	rm -rf "$dir/root"
	unpack_packages "$dir/root" "$image" "linux-headers-$release" busybox-static \
		"linux-headers-${release%"-$flavour"}-common" || return
	# The programs of the build are this machine's.
	unset APT_CONFIG
	own=$(with_lists newest_package '^linux-kbuild-6\.1$') && unpack_packages "$dir/root" "$own" || return
	sed -i -E "s,^(include |KBUILD_OUTPUT=)/usr/src/,\\1$dir/root/usr/src/," \
		"$dir/root/usr/src/linux-headers-$release/Makefile" || return
	depmod -b "$dir/root" "$release" 2>/dev/null || return
	echo "$release" >"$dir/RELEASE"
}

# build ARCHITECTURE DIR: icmpguard.ko and the programs, into DIR
build() {
	local out=$2 release
	release=$(cat "$cache/arch-$1/RELEASE")
	module_sources "$top" "$out/module" || return
	make -C "$cache/arch-$1/root/usr/src/linux-headers-$release" "ARCH=$kernel_arch" \
		"CROSS_COMPILE=$tuple-" CONFIG_DEBUG_INFO_BTF_MODULES= M="$out/module" -j2 W=1 modules ||
		return
	for program in $programs; do
		"$tuple-gcc" -static -pthread -Wall -O2 -Ikmod/uapi -isystem "$selftests" \
			-o "$out/$program" "selftests/$program.c" || return
	done
}
programs="netlink_test churn_test"

# initramfs ARCHITECTURE DIR: DIR/initramfs
initramfs() {
	local root=$cache/arch-$1/root release tree=$2/tree name file
	release=$(cat "$cache/arch-$1/RELEASE")
	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/modules" || return
	cp "$root/bin/busybox" "$tree/bin/" || return
	for program in $programs; do
		cp "$2/$program" "$tree/bin/" || return
	done
	cp "$top/selftests/arch/smoke-init" "$tree/init" || return
	for name in nf_defrag_ipv6 veth tun; do
		modprobe -d "$root" -S "$release" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$2/list"
	grep -q tun "$2/list" || return
	while read -r file; do
		cp "$file" "$tree/modules/" && echo "${file##*/}" >>"$tree/modules/order" || return
	done <"$2/list"
	cp "$2/module/icmpguard.ko" "$tree/modules/" && echo icmpguard.ko >>"$tree/modules/order" || return
	(cd "$tree" && find . | cpio -o -H newc --quiet -R 0:0) >"$2/initramfs"
}

guest=
trap '[ -z "$guest" ] || kill -9 $guest 2>/dev/null' EXIT

# boot ARCHITECTURE DIR: until the guest has reported its results in DIR/console
boot() {
	local release until=$((SECONDS + 1800))
	release=$(cat "$cache/arch-$1/RELEASE")
	: >"$2/console"
	"${qemu[@]}" -accel tcg,thread=multi -smp 2 -m 768 -nodefaults -display none -no-reboot \
		-kernel "$cache/arch-$1/root/boot/vmlinuz-$release" -initrd "$2/initramfs" \
		-serial "file:$2/console" </dev/null >"$2/qemu" 2>&1 &
	guest=$!
	while [ $SECONDS -lt $until ] && kill -0 $guest 2>/dev/null; do
		grep -q '^icmpguard-smoke: end' "$2/console" && break
		sleep 0.5
	done
	kill -9 $guest 2>/dev/null
	wait $guest 2>/dev/null
	guest=
	tr -d '\r' <"$2/console" >"$2/console.txt"
}

# said NAME STATUS: what a command of the guest ended with
said() {
	grep -q "^icmpguard-smoke: $1 $2\$" "$out/console.txt"
}

[ $# -gt 0 ] || set -- i386 s390x arm64 armhf
for arch; do
	describe "$arch"
	"$here/../setup.sh" "$arch" || exit
	dir=$cache/arch-$arch
	out=$top/build/arch-$arch
	mkdir -p "$dir" "$out" || exit
	(exec 8>"$dir.lock" && flock 8 && fetch "$arch" "$dir")
	rc=$?
	result $rc "$arch: Debian's kernel is there"
	[ $rc -eq 0 ] || continue
	build "$arch" "$out" >"$out/build.txt" 2>&1
	rc=$?
	[ $rc -eq 0 ] || tail -n 20 "$out/build.txt" | sed 's/^/# /'
	result $rc "$arch: module and programs build"
	[ $rc -eq 0 ] || continue
	! grep -n -i -E 'warning:|error:|undefined!' "$out/build.txt" | head -n 20 | sed 's/^/# /' | grep .
	result $? "$arch: without a warning"
	initramfs "$arch" "$out" && boot "$arch" "$out"
	said insmod 0
	rc=$?
	[ $rc -eq 0 ] || tail -n 30 "$out/console.txt" "$out/qemu" | sed 's/^/# /'
	result $rc "$arch: insmod on Linux $(cat "$dir/RELEASE")"
	for program in $programs; do
		said "$program" 0
		rc=$?
		if [ $rc -eq 0 ]; then
			sed -n "/^icmpguard-smoke: begin $program/,/^icmpguard-smoke: $program/p" \
				"$out/console.txt" | grep -E '^(# PASSED|# Totals|# .*(packets|namespaces))'
		else
			grep -E 'not ok|expected|Expected|^# ' "$out/console.txt" | tail -n 40 | sed 's/^/# /'
		fi
		result $rc "$arch: $program"
	done
	said rmmod 0
	result $? "$arch: rmmod"
	awk -f "$here/klog.awk" "$out/console.txt" | sed 's/^/# /' | grep .
	[ $? -ne 0 ]
	result $? "$arch: the kernel has no complaint"
done
ktap_end
