#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian packages, and "make install", in a clean Debian: they are built and
# checked, installed, upgraded and purged in it, and it boots with them. KTAP.
#
# usage: package.sh

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
vm=$top/selftests/vm
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

# The mounts are this process's own and end with it.
if [ -z "${PACKAGE_TEST-}" ]; then
	"$top/selftests/setup.sh" package || exit
	PACKAGE_TEST=1 exec unshare --mount --propagation private "$0" "$@"
fi
description=$("$here/root.sh") || exit
eval "$description"
. "$here/../check/ktap.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icmpguard-package.XXXXXX") || exit
cleanup() {
	trap '' INT TERM HUP
	umount -R "$tmp/root" 2>/dev/null
	umount -R "$tmp/built" 2>/dev/null
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shows NAME COMMAND...: one result; what it said is shown when it failed
shows() {
	local name=$1 rc begin=$SECONDS
	shift
	"$@" >"$tmp/out" 2>&1 </dev/null
	rc=$?
	echo "# $((SECONDS - begin)) s: $name"
	[ $rc -eq 0 ] || tail -n 40 "$tmp/out" | sed 's/^/# /'
	result $rc "$name"
	return $rc
}

# same WHAT EXPECTED ACTUAL
same() {
	[ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'"; return 1; }
}

# root DIRECTORY: the clean root, under a layer of its own
root() {
	mkdir -p "$1" "$1.upper" "$1.work" &&
		mount -t overlay -o "lowerdir=$ROOT,upperdir=$1.upper,workdir=$1.work" overlay "$1" &&
		mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
		mount -t tmpfs tmpfs "$1/tmp" && mount -t tmpfs tmpfs "$1/run"
}

# in_root COMMAND...: without a network, so that nothing is fetched
in_root() {
	unshare --net --pid --fork --kill-child env -i LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		chroot "$tmp/root" "$@"
}

version=$(sed -n 's/^.define ICMPGUARD_VERSION "\(.*\)"/\1/p' "$top/kmod/version.h")
later_version=$version+later
arch=$(dpkg --print-architecture)

# debs DIRECTORY VERSION: sets debs, which have to be there
debs() {
	debs=("$1/icmpguard_$2_$arch.deb" "$1/icmpguard-dkms_$2_all.deb")
	ls "${debs[@]}"
}

### The packages ##############################################################

build() {
	make -s --no-print-directory -C "$top" deb && debs "$top/build/deb" "$version"
}

# A higher version, from the source package: it has to be whole.
build_later() {
	local tree=$tmp/later/icmpguard
	mkdir "$tmp/later" && dpkg-source -x "$top/build/deb/icmpguard_$version.dsc" "$tree" || return
	sed -i "s/\(ICMPGUARD_VERSION \"\)[^\"]*/\1$later_version/" "$tree/kmod/version.h" &&
		sed -i "1s/(.*)/($later_version)/" "$tree/debian/changelog" || return
	(cd "$tree" && PATH=/usr/sbin:/usr/bin:/sbin:/bin DEB_BUILD_OPTIONS="nocheck noautodbgsym" \
		dpkg-buildpackage --no-sign -b) && debs "$tmp/later" "$later_version"
}

lint() {
	local out
	out=$(lintian --allow-root --fail-on error,warning --show-overrides \
		"$top/build/deb/icmpguard_${version}_$arch.changes" 2>&1)
	echo "$out"
	! grep '^[EW]: ' <<<"$out"
}

### Installing ################################################################

# Everything there is, but for what keeps a record of what was done, DKMS's own key,
# and depmod's lists for the later kernel
files() {
	(cd "$tmp/root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run \
		-o -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \
		-o -path ./root -o -path './var/lib/dkms/mok.*' -o -path "./usr/lib/modules/$LATER/modules.*" \) -prune -o -printf '%y %p %l\n' | grep -v '^d' | sort)
}

# nothing_new BEFORE: that the root has the files it had
nothing_new() {
	files >"$tmp/after"
	diff "$1" "$tmp/after"
}

install_debs() {
	debs "$1" "$2" && cp "${debs[@]}" "$tmp/root/tmp/" &&
		in_root sh -c 'exec apt-get -q -y --no-install-recommends install /tmp/*.deb' &&
		rm "$tmp/root"/tmp/*.deb
}

# built_for KERNEL VERSION: by DKMS, and only that version
built_for() {
	local ko=$tmp/root/lib/modules/$1/updates/dkms/icmpguard.ko
	same "DKMS for $1" "icmpguard/$2, $1, x86_64: installed" \
		"$(in_root dkms status -m icmpguard -k "$1")" &&
		same "version" "$2" "$(modinfo -F version "$ko")" &&
		same "kernel" "$1" "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)"
}

signed() {
	local ko=/lib/modules/$RELEASE/updates/dkms/icmpguard.ko
	same "signer" "DKMS module signing key" "$(in_root modinfo -F signer $ko)" &&
		in_root test -s /var/lib/dkms/mok.pub -a -s /var/lib/dkms/mok.key
}

tool_runs() {
	in_root icmpguardctl check /etc/icmpguard/icmpguard.conf || return
	in_root icmpguardctl help | grep -q '^ *show ' || { echo "no help"; return 1; }
	in_root icmpguardctl show >"$tmp/said" 2>&1
	same "status of show" 1 $? || return
	grep "isn't loaded" "$tmp/said" || { cat "$tmp/said"; return 1; }
	# And again, with no library amiss
	! in_root ldd /usr/sbin/icmpguardctl | grep 'not found'
}

has_pages() {
	local page
	for page in icmpguardctl.8 icmpguard.conf.5 icmpguard.4; do
		[ -s "$tmp/root/usr/share/man/man${page##*.}/$page.gz" ] || { echo "no $page"; return 1; }
	done
	# The shells' completion, as far as the tree has it
	set -- "$top"/userspace/completion/*zsh* "$top"/userspace/completion/_*
	[ -e "$1" ] || [ -e "${2-}" ] || set --
	[ $# -eq 0 ] || [ -s "$tmp/root/usr/share/zsh/vendor-completions/_icmpguardctl" ] ||
		{ echo "no zsh completion"; return 1; }
	in_root bash -c '. /usr/share/bash-completion/bash_completion &&
		_completion_loader icmpguardctl; [ $? -eq 124 ] && complete -p icmpguardctl'
}

unit() {
	same "the service" enabled "$(in_root systemctl is-enabled icmpguard.service)" &&
		in_root systemd-analyze --man=no verify icmpguard.service >"$tmp/verify" 2>&1
	local rc=$?
	cat "$tmp/verify"
	[ $rc -eq 0 ] && ! grep icmpguard "$tmp/verify"
}

later_kernel() {
	cp "$DEBS/linux-headers-$LATER"_*.deb "$tmp/root/tmp/" &&
		in_root sh -c 'dpkg -i /tmp/*.deb' && rm "$tmp/root"/tmp/*.deb &&
		built_for "$LATER" "$version"
}

# The operator's changes are kept, and asked about by nobody.
upgraded() {
	sed -i 's/^max-echo-size .*/max-echo-size 1400/' "$tmp/root/etc/icmpguard/icmpguard.conf" &&
		install_debs "$tmp/later" "$later_version" &&
		grep -qx 'max-echo-size 1400' "$tmp/root/etc/icmpguard/icmpguard.conf" &&
		built_for "$RELEASE" "$later_version" && built_for "$LATER" "$later_version" &&
		same "changed files" "/etc/icmpguard/icmpguard.conf" \
			"$(in_root dpkg --verify icmpguard icmpguard-dkms | awk '{ print $NF }')"
}

removed() {
	in_root apt-get -q -y remove icmpguard icmpguard-dkms || return
	[ -s "$tmp/root/etc/icmpguard/icmpguard.conf" ] || { echo "the configuration is gone"; return 1; }
	same "DKMS" "" "$(in_root dkms status -m icmpguard)" &&
		in_root apt-get -q -y purge icmpguard icmpguard-dkms "linux-headers-$LATER" || return
	[ ! -e "$tmp/root/etc/icmpguard" ] || { echo "/etc/icmpguard is still there"; return 1; }
	nothing_new "$tmp/before"
}

### make install ##############################################################

made() {
	in_root make -s -C /tmp/icmpguard install "KVER=$RELEASE" || return
	built_for "$RELEASE" "$version" &&
		in_root /usr/local/sbin/icmpguardctl check /etc/icmpguard/icmpguard.conf &&
		in_root systemctl enable icmpguard.service || return
	# A second time the operator's files stay.
	echo "# mine" >>"$tmp/root/etc/modprobe.d/icmpguard.conf"
	in_root make -s -C /tmp/icmpguard install-tool install-service &&
		same "the operator's line" "# mine" "$(tail -n 1 "$tmp/root/etc/modprobe.d/icmpguard.conf")"
}

unmade() {
	in_root make -s -C /tmp/icmpguard uninstall "KVER=$RELEASE" >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
	# Only what isn't ours to remove, and it says so.
	grep '/etc/modprobe.d/icmpguard.conf was changed' "$tmp/said" || { cat "$tmp/said"; return 1; }
	rm "$tmp/root/etc/modprobe.d/icmpguard.conf"
	nothing_new "$tmp/before"
}

# Into a directory, without touching anything else, and out of it
made_into() {
	in_root make -s -C /tmp/icmpguard install "KVER=$RELEASE" DESTDIR=/tmp/dest PREFIX=/usr || return
	nothing_new "$tmp/before" || return
	local file
	for file in usr/sbin/icmpguardctl etc/icmpguard/icmpguard.conf usr/src/icmpguard-$version/dkms.conf \
			usr/lib/systemd/system/icmpguard.service; do
		[ -s "$tmp/root/tmp/dest/$file" ] || { echo "no $file"; return 1; }
	done
	in_root make -s -C /tmp/icmpguard uninstall "KVER=$RELEASE" DESTDIR=/tmp/dest PREFIX=/usr || return
	! find "$tmp/root/tmp/dest" ! -type d | grep .
}

### All of it #################################################################

all() {
	if ! shows "make deb builds the packages" build; then
		ktap_end
	fi
	shows "a later version builds from the source package" build_later
	shows "lintian has nothing to say" lint

	root "$tmp/root" || exit
	files >"$tmp/before"
	shows "they install in a clean Debian" install_debs "$top/build/deb" "$version"
	shows "DKMS has built the module for its kernel" built_for "$RELEASE" "$version"
	shows "and signed it with a key to be enrolled" signed
	shows "the tool runs" tool_runs
	shows "manual pages and completion are where they are looked for" has_pages
	shows "the service is sound, and enabled" unit
	shows "DKMS builds it for a kernel that comes later" later_kernel
	shows "an upgrade keeps the operator's changes, and builds it for both" upgraded

	# It boots as it is now, with a layer of the guest's own over it.
	mkdir -p "$tmp/root/opt" && debs "$tmp/later" "$later_version" >/dev/null &&
		cp "${debs[0]}" "$tmp/root/opt/icmpguard.deb" || exit
	umount -R "$tmp/root/dev" "$tmp/root/proc" "$tmp/root/tmp" "$tmp/root/run"
	echo "# selftests: a Debian that boots with the packages"
	"$vm/run.sh" -t 900 -l "$tmp/klog" -r "$tmp/root" "$here/booted.sh" 2>&1 </dev/null |
		sed 's/^/# /'
	result "${PIPESTATUS[0]}" "it boots with them, and its kernel has nothing to complain of"

	rm "$tmp/root/opt/icmpguard.deb"
	mount -t proc proc "$tmp/root/proc" && mount --rbind /dev "$tmp/root/dev" &&
		mount -t tmpfs tmpfs "$tmp/root/tmp" && mount -t tmpfs tmpfs "$tmp/root/run" || exit
	shows "purged, they leave nothing" removed

	cp -a "$top/build/deb/icmpguard-$version" "$tmp/root/tmp/icmpguard" || exit
	in_root make -s -C /tmp/icmpguard clean >/dev/null 2>&1
	shows "make install works in a clean Debian, twice" made
	shows "make uninstall leaves nothing" unmade
	shows "DESTDIR is honoured both ways" made_into
	ktap_end
}

# Read to its end before anything is run: a checkout may change meanwhile.
all
