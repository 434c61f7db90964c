#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make a kernel ready to boot and to build modules for, and describe it.
#
# usage: kernel.sh NAME
#   debian-5.10, -6.1, -6.12, -7.3   Debian's own kernel of that series, for QEMU
#   uml-5.10, -6.1, -7.3      User Mode Linux from that linux-source and base.config,
#                             network.config, uml.config, witness.config, and
#                             uml-5.10.config or uml-7.3.config
#   uml-bench-6.1             the same as uml-6.1, compiled for speed, to measure in
#   uml-short-6.1, -7.3       the same with little of the network (short.config)
#   debug-6.1, uml-kasan-6.1  with KASAN, lockdep, kmemleak and more (sanitize.config,
#                             locks.config), for QEMU (base.config, network.config,
#                             qemu.config, debug-6.1.config) and as User Mode Linux
#   uml-kasan-short-6.1       the same with little of the network (short.config)
#   kcsan-6.1                 with KCSAN (kcsan.config), for QEMU likewise
#   smp-6.1                   with KCSAN, lockdep, kmemleak and more, for QEMU, with little
#                             of the network
#   source-6.1                only the unpacked source: prints SOURCE=
#   ynl-6.12                  only that source's netlink schemas and tools: the same
#   /DIRECTORY                the newest kernel that is installed in that root, to boot;
#                             or what its file READY describes, as this script does
#
# Prints shell assignments:
#   KIND=qemu|uml  RELEASE=  IMAGE=  MODULES= (for /lib/modules)
#   KDIR= and MAKEARGS= (for make -C $KDIR $MAKEARGS M=...)
#   TOOLS= (where that make and its compiler are; empty: they are the machine's)

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=packages.sh
. "$here/packages.sh"

describe() {
	local name
	for name in KIND RELEASE IMAGE MODULES KDIR MAKEARGS TOOLS; do
		printf '%s=%s\n' "$name" "$(word "${!name}")"
	done
}

# The headers expect to be in /usr; here they are below $1.
relocate_headers() {
	local root=$1 makefile
	for makefile in "$root"/usr/src/linux-headers-*/Makefile; do
		sed -i -E "s,^(include |KBUILD_OUTPUT=)/usr/src/,\\1$root/usr/src/," "$makefile" || return
	done
}

debian() {
	local series=$1 dir=$2 pattern image headers depends extra
	case $series in
	5.10|6.1) pattern="^linux-image-${series//./\\.}\.0-[0-9]+-amd64\$" ;;
	*)	pattern="^linux-image-${series//./\\.}\.[0-9]+(\+deb[0-9]+)?-amd64\$" ;;
	esac
	setup vm build
	image=$(with_lists newest_package "$pattern") || die "apt knows no kernel $series"
	RELEASE=${image#linux-image-}
	headers=linux-headers-$RELEASE
	# Newer kernels are of several packages too.
	depends=$(apt-cache show "$headers" "$image" | sed -n 's/^Depends: //p' |
		  tr ',|' '\n\n' | awk '$1 ~ /^linux-(headers|kbuild|base|binary|modules)-[0-9]/ { print $1 }' | sort -u)
	[ -n "$depends" ] || die "apt knows no $headers"
	say "unpacking $image and its headers"
	rm -rf "$dir/root"
	# shellcheck disable=SC2086 # words, on purpose
	unpack_packages "$dir/root" "$image" "$headers" $depends || die "$image could not be unpacked"
	if [ -n "$suite" ]; then
		say "unpacking the compiler of $suite"
		TOOLS=$dir/root
		unpack_tools "$TOOLS" "$headers" || die "the compiler of $suite could not be unpacked"
	fi
	relocate_headers "$dir/root" || die "the headers of $RELEASE could not be relocated"

	KIND=qemu
	KDIR=$dir/root/usr/src/$headers
	# The headers of 6.12 bring a vmlinux, for which the build wants pahole.
	MAKEARGS=CONFIG_DEBUG_INFO_BTF_MODULES=
	# What the headers of newer kernels would ask dpkg for
	! grep -qs dpkg "$KDIR/.kernelvariables" || MAKEARGS="$MAKEARGS DEB_BUILD_ARCH=amd64"
	IMAGE=$dir/root/boot/vmlinuz-$RELEASE
	MODULES=$dir/root/lib/modules
	[ -d "$MODULES/$RELEASE/kernel" ] || MODULES=$dir/root/usr/lib/modules
	[ -f "$IMAGE" ] || IMAGE=$MODULES/$RELEASE/vmlinuz
	[ -f "$IMAGE" ] || die "$image holds no kernel"
	depmod -b "${MODULES%/lib/modules}" "$RELEASE" 2>/dev/null || die "depmod failed for $RELEASE"
	# A compiler that the headers name and the machine lacks
	extra=$(sed -n 's/^CC = .*)\(gcc-[0-9]*\)$/\1/p' "$KDIR/.kernelvariables")
	if [ -z "$TOOLS" ] && [ -n "$extra" ] && ! command -v "$extra" >/dev/null; then
		MAKEARGS="$MAKEARGS CC=gcc"
	fi
}

# Every line of the fragment must have survived Kconfig; of several for one symbol, the
# last.
config_holds() {
	local line name rc=0
	local -A wanted=()
	while IFS= read -r line; do
		case $line in
		CONFIG_*) wanted[${line%%=*}]=$line ;;
		'# CONFIG_'*' is not set') name=${line#'# '} wanted[${name%% *}]= ;;
		esac
	done <"$1"
	for name in "${!wanted[@]}"; do
		line=$(grep "^$name=" "$2")
		[ "$line" = "${wanted[$name]}" ] ||
			{ say "Kconfig refused: ${wanted[$name]:-no $name}"; rc=1; }
	done
	return $rc
}

# Linux 6.1 has room for the registers of AVX-512 but not of AMX, so on a processor
# with AMX no program would run.
registers() {
	local file=$1/arch/x86/um/user-offsets.c
	! grep -qs 'HOST_FP_SIZE, 2696' "$file" || sed -i 's/HOST_FP_SIZE, 2696/HOST_FP_SIZE, 12288/' "$file"
}

# When it frees a module's memory, Linux 6.1 remaps all of its own memory page by page,
# including its current stack: a signal at that moment finds no stack and repeats
# forever. Only mappings after that memory ever change.
own_stack() {
	local file=$1/arch/um/kernel/tlb.c
	! grep -qsx '	flush_tlb_kernel_range_common(start, end);' "$file" ||
		sed -i 's/^	flush_tlb_kernel_range_common(start, end);/	flush_tlb_kernel_range_common(max(start, start_vm), end);/' "$file"
}

# built NAME DIR: build it from Debian's source, unless that was done
built() {
	local name=$1 series=${1##*-} dir=$2 fragment=$2/fragment key source log=$2/build.log start
	local arch=um image=linux
	KIND=uml
	case $name in
	debug-*|kcsan-*|smp-*) KIND=qemu arch=x86_64 image=arch/x86/boot/bzImage ;;
	esac
	setup uml
	[ $KIND = uml ] || setup vm build
	fragment "$name" >"$fragment" || die "cannot write $fragment"
	source=$(source_tree "$series") || die "linux-source-$series could not be had"
	registers "$source"
	own_stack "$source"
	key=$(make -s -C "$source" kernelversion)-$(sha256sum <"$fragment" | cut -c1-16)
	if [ -f "$dir/READY" ] && [ "$(cat "$dir/KEY" 2>/dev/null)" = "$key" ]; then
		return 1
	fi
	say "building $name from $source (a few minutes; log in $log)"
	start=$SECONDS
	rm -rf "$dir/READY" "$dir/build" "$dir/root"
	mkdir -p "$dir/build"
	local make=(make -s -C "$source" "ARCH=$arch" "O=$dir/build") nice=nice
	# The tests of check and check-all wait for these, and few or none for the others.
	case $name in
	uml-6.1|uml-short-*|uml-kasan-short-*) nice="" ;;
	esac
	{
		KCONFIG_ALLCONFIG=$fragment "${make[@]}" allnoconfig &&
		config_holds "$fragment" "$dir/build/.config" &&
		$nice "${make[@]}" -j2 &&
		"${make[@]}" modules_install "INSTALL_MOD_PATH=$dir/root"
	} >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; die "$name did not build"; }
	KDIR=$dir/build
	MAKEARGS=ARCH=$arch
	IMAGE=$dir/build/$image
	MODULES=$dir/root/lib/modules
	RELEASE=$(cat "$dir/build/include/config/kernel.release")
	echo "$key" >"$dir/KEY"
	say "built $name, Linux $RELEASE, in $((SECONDS - start)) s"
}

TOOLS=
[ $# -eq 1 ] || { sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
name=$1
dir=$cache/$name
case $name in
/*)	;;
*)	suite_of "${name##*-}" || die "apt cannot be set up for $suite" ;;
esac
case $name in
/*)
	[ ! -f "$name/READY" ] || exec cat "$name/READY"
	IMAGE=$(printf '%s\n' "$name"/boot/vmlinuz-* | sort -V | tail -n 1)
	[ -f "$IMAGE" ] || die "no kernel is installed in $name"
	KIND=qemu RELEASE=${IMAGE##*/vmlinuz-} MODULES=$name/lib/modules KDIR='' MAKEARGS=''
	describe
	exit ;;
source-*)
	tree=$(source_tree "${name#source-}") || die "linux-$name could not be had"
	echo "SOURCE=$(word "$tree")"
	exit ;;
ynl-*)
	tree=$(ynl_tree "${name#ynl-}") || die "linux-source-${name#ynl-} could not be had"
	echo "SOURCE=$(word "$tree")"
	exit ;;
debian-5.10|debian-6.1|debian-6.12|debian-7.3|uml-5.10|uml-6.1|uml-bench-6.1|uml-short-6.1|uml-7.3|uml-short-7.3) ;;
debug-6.1|uml-kasan-6.1|uml-kasan-short-6.1|kcsan-6.1|smp-6.1) ;;
*)	die "no kernel is called '$name'" ;;
esac

# A second caller waits for the first and finds the kernel built.
mkdir -p "$dir" || die "cannot make $dir"
exec 8>"$dir.lock"
flock 8 || die "cannot lock $dir.lock"
case $name in
debian-*)
	if [ ! -f "$dir/READY" ]; then
		debian "${name#debian-}" "$dir"
		describe >"$dir/READY.new" && mv "$dir/READY.new" "$dir/READY"
	fi ;;
*)
	if built "$name" "$dir"; then
		describe >"$dir/READY.new" && mv "$dir/READY.new" "$dir/READY"
	fi ;;
esac
cat "$dir/READY"
