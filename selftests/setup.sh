#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Install the Debian packages that the named groups need and that are missing.
#
# usage: setup.sh GROUP...	exit 0: all there, 4: missing and not root
#        setup.sh -p GROUP...	only print the groups' packages, one a line

set -u

# The packages of each group.
packages() {
	case $1 in
	build)	echo "gcc libc6-dev make bc bison flex perl libelf-dev libelf1 libssl3 rsync kmod xz-utils patch" ;;
	tool)	echo "gcc libc6-dev make pkg-config libmnl-dev libnftables-dev libjansson-dev libbpf-dev" ;;
	xdp)	echo "libxdp-dev clang" ;;
	vm)	echo "qemu-system-x86 cpio kmod xz-utils" ;;
	uml)	echo "gcc libc6-dev make bc bison flex perl kmod xz-utils" ;;
	tests)	echo "gcc libc6-dev make rsync libmnl-dev iproute2 iputils-ping iputils-tracepath iputils-arping" \
		     "iputils-clockdiff fping nmap traceroute mtr-tiny ndisc6 hping3 tcpdump ethtool nftables iptables conntrack ipvsadm libteam-utils socat jq" \
		     "procps psmisc linux-perf dropwatch bpftrace xdp-tools" \
		     "libcap2-bin python3 python3-scapy python3-yaml tmux zsh" ;;
	static)	echo "sparse perl python3 python3-yaml python3-jsonschema shellcheck mandoc groff-base" ;;
	checkers) echo "clang coccinelle rsync" ;;
	newclang) echo "clang-19" ;;
	i386)	echo "gcc-12-i686-linux-gnu gcc-i686-linux-gnu libc6-dev-i386-cross qemu-system-x86 rsync cpio" ;;
	s390x)	echo "gcc-12-s390x-linux-gnu gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-system-misc rsync cpio" ;;
	arm64)	echo "gcc-12-aarch64-linux-gnu gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm rsync cpio" ;;
	armhf)	echo "gcc-12-arm-linux-gnueabihf gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-system-arm rsync cpio" ;;
	series)	echo "git perl python3 python3-yaml" ;;
	sim)	echo "gcc libc6-dev spin" ;;
	fuzz)	echo "clang libclang-rt-14-dev python3" ;;
	fleet)	echo "prometheus prometheus-node-exporter exabgp gobgpd ansible-core ansible-lint systemd" \
		     "python3 python3-prometheus-client curl jq hping3 iproute2 procps" ;;
	bench)	echo "iproute2 iptables nftables python3 gnuplot-nox" ;;
	deb)	echo "build-essential dpkg-dev debhelper dh-dkms libmnl-dev pkg-config libnftables-dev libjansson-dev libbpf-dev rsync" ;;
	package) packages deb && echo "mmdebstrap lintian qemu-system-x86" ;;
	demo)	echo "iproute2 iputils-ping hping3 python3 python3-scapy jq procps" ;;
	thc)	echo "thc-ipv6" ;;
	*)	echo "setup.sh: no group is called '$1'" >&2
		return 2 ;;
	esac
}

wanted() {
	for group in "$@"; do
		packages "$group" || return
	done | tr ' ' '\n' | sort -u
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

print=
if [ "${1-}" = -p ]; then
	print=1
	shift
fi
[ $# -gt 0 ] || { echo "usage: setup.sh [-p] GROUP..." >&2; exit 2; }

for group in "$@"; do
	packages "$group" >/dev/null || exit 2
done
list=$(wanted "$@")
if [ -n "$print" ]; then
	echo "$list"
	exit 0
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "setup.sh: this isn't a Debian system; install the counterparts of:" $list "" >&2
	exit 4
fi

missing=
for package in $list; do
	installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "Missing packages, and only root can install them: apt-get install$missing" >&2
	exit 4
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
echo "Installing:$missing" >&2

# A service or a bare chroot may have none.
[ -n "${HOME-}" ] || { HOME=$(getent passwd "$(id -u)" | cut -d: -f6); export HOME; }
# One lock for all callers, which may run in parallel.
cache=${ICMPGUARD_CACHE:-$HOME/.cache/icmpguard}
mkdir -p "$cache" && exec 9>"$cache/setup.lock" && flock 9 || exit 1
# Daemons are installed for the tests; the packages mustn't start them.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$log" "$policy"' EXIT
	trap 'exit 143' INT TERM HUP
	printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit 1
fi
apt() {
	apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold \
		--no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}
# shellcheck disable=SC2086 # words, on purpose
if ! { apt update && apt install $missing; }; then
	tail -n 20 "$log" >&2
	echo "setup.sh: apt-get could not install:$missing" >&2
	exit 1
fi
