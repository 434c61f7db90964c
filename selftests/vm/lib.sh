# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Functions of the machines' scripts. Sourced, with $here set to selftests/vm.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# A service or a bare chroot may have none.
[ -n "${HOME-}" ] || { HOME=$(getent passwd "$(id -u)" | cut -d: -f6); export HOME; }
cache=${ICMPGUARD_CACHE:-$HOME/.cache/icmpguard}

die() {
	echo "${0##*/}: $*" >&2
	exit 126
}

say() {
	echo "${0##*/}: $*" >&2
}

setup() {
	env -u APT_CONFIG "$here/../setup.sh" "$@" || exit
}

# A value as one shell word
word() {
	printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

# module_sources CHECKOUT DIR: a copy of what the module is built from. By content: a file
# that hasn't changed keeps its time, and its object.
module_sources() {
	mkdir -p "$2" && rsync -rc --delete --exclude=xdp_kernel.h --include=/Kbuild --include='/kmod/' \
		--include='/kmod/**/' --include='/kmod/**.c' --include='/kmod/**.h' --include='/kmod/*.sh' \
		--exclude='*.mod.c' --exclude='*' "$1/" "$2/"
}

# Run a command that queries apt's lists; if it finds nothing, update the lists
# (which only root can) and repeat it.
with_lists() {
	with_lists_out=$("$@") && [ -n "$with_lists_out" ] && { printf '%s\n' "$with_lists_out"; return 0; }
	[ "$(id -u)" -eq 0 ] || return 1
	apt-get -q update >&2 || return 1
	with_lists_out=$("$@") && [ -n "$with_lists_out" ] && printf '%s\n' "$with_lists_out"
}

# newest_package REGEX: the highest version among the package names that match
newest_package() {
	apt-cache search --names-only "$1" | cut -d' ' -f1 | sort -V | tail -n 1 | grep .
}

# unpack_packages DIR PACKAGE...: the packages' files into DIR, nothing installed
unpack_packages() {
	up_dir=$1
	shift
	up_tmp=$(mktemp -d "$cache/deb.XXXXXX") || return 1
	if ! (cd "$up_tmp" && apt-get -q download "$@") >"$up_tmp/log" 2>&1; then
		# The lists may name a version that the archive has replaced since.
		if [ "$(id -u)" -ne 0 ] ||
		   ! { apt-get -q update && cd "$up_tmp" && apt-get -q download "$@"; } >"$up_tmp/log" 2>&1; then
			tail -n 5 "$up_tmp/log" >&2
			rm -rf "$up_tmp"
			return 1
		fi
	fi
	mkdir -p "$up_dir" || return 1
	for up_deb in "$up_tmp"/*.deb; do
		dpkg-deb -x "$up_deb" "$up_dir" || return 1
	done
	rm -rf "$up_tmp"
}

# once LOCK COMMAND...: run it while holding that lock
once() {
	once_lock=$cache/unpack-$1.lock
	shift
	mkdir -p "$cache" || return 1
	(
		flock 6 || exit 1
		"$@" 6>&-
	) 6>"$once_lock"
}

# unpack_source VERSION DIR [MEMBER...]: Debian's kernel source of that series
unpack_source() {
	us_version=$1
	us_dir=$2
	shift 2
	[ ! -d "$us_dir" ] || return 0
	setup uml
	us_tmp=$(mktemp -d "$cache/source.XXXXXX") || return 1
	say "unpacking ${us_dir##*/}"
	unpack_packages "$us_tmp/deb" "linux-source-$us_version" &&
		mkdir "$us_tmp/tree" &&
		tar -C "$us_tmp/tree" --strip-components=1 --wildcards \
			-xJf "$us_tmp/deb/usr/src/linux-source-$us_version.tar.xz" "$@" &&
		mv -T "$us_tmp/tree" "$us_dir"
	us_rc=$?
	rm -rf "$us_tmp"
	return $us_rc
}

# fragment NAME: the configuration of a kernel that is built here
fragment() {
	cat "$here/base.config"
	# Saves a sixth of compile time where nothing is measured: system calls dominate
	# the cost there.
	case $1 in
	uml-5.10|uml-6.1|uml-short-*|uml-kasan-*) echo CONFIG_CC_OPTIMIZE_FOR_SIZE=y ;;
	*)	echo CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y ;;
	esac
	case $1 in
	smp-*|*-short-*) cat "$here/short.config" ;;
	*)	cat "$here/network.config" ;;
	esac
	case $1 in
	uml-*)	cat "$here/uml.config" ;;
	*)	cat "$here/qemu.config" ;;
	esac
	case $1 in
	uml-kasan-*|debug-*) cat "$here/locks.config" "$here/sanitize.config" ;;
	smp-*)	cat "$here/locks.config" "$here/kcsan.config" ;;
	uml-short-*) ;;
	kcsan-*) cat "$here/kcsan.config" ;;
	*)	cat "$here/witness.config" ;;
	esac
	[ ! -f "$here/$1.config" ] || cat "$here/$1.config"
}

# source_tree VERSION: the path of the whole source
source_tree() {
	once "source-$1" unpack_source "$1" "$cache/linux-source-$1" || return
	echo "$cache/linux-source-$1"
}

# ynl_tree VERSION: only its parts for netlink specifications
ynl_tree() {
	once "ynl-$1" unpack_source "$1" "$cache/ynl-$1" '*/Documentation/netlink' '*/tools/net/ynl' || return
	echo "$cache/ynl-$1"
}

# The path of a busybox for guests. Unpacked, not installed: the static package
# conflicts with the other one.
unpack_busybox() {
	[ -x "$cache/busybox/bin/busybox" ] || unpack_packages "$cache/busybox" busybox-static
}

busybox() {
	once busybox unpack_busybox || return
	echo "$cache/busybox/bin/busybox"
}
