#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The user's path, on a Debian without any development files: the commands of README.md
# and install.rst are typed there verbatim, the packages are built, installed, upgraded
# and purged, and it boots with them. KTAP.
#
# usage: package.sh [SUITE [unbooted]]
#   SUITE     bookworm (the default) or trixie
#   unbooted  leave out the boot, which takes most of the time

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
vm=$top/selftests/vm
suite=${1:-bookworm} unbooted=${2-}
case $suite-$unbooted in
bookworm-|trixie-|bookworm-unbooted|trixie-unbooted) ;;
*)	sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

# The mounts are this process's own and end with it.
if [ -z "${PACKAGE_TEST-}" ]; then
	"$top/selftests/setup.sh" package || exit
	PACKAGE_TEST=1 exec unshare --mount --propagation private "$0" "$@"
fi
description=$("$here/root.sh" "$suite") || exit
eval "$description"
. "$here/../check/ktap.sh"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/icmpguard-package.XXXXXX") || exit
mounted=()
cleanup() {
	local layer
	trap '' INT TERM HUP
	for layer in "${mounted[@]}"; do
		umount -R -l "$layer" 2>/dev/null
	done
	rm -rf --one-file-system "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shows NAME COMMAND...: one result; the output is shown when it failed
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

# refused COMMAND...: it fails; its output is in $tmp/said
refused() {
	if "$@" >"$tmp/said" 2>&1; then
		echo "it succeeded: $*"
		return 1
	fi
	cat "$tmp/said"
}

### Roots #####################################################################

# layer NAME [UNDER]: go on in a layer of its own over the bare root, or over another
# layer, which is left: $at
layer() {
	at=$tmp/$1
	mkdir -p "$at" "$at.upper" "$at.work" || exit
	[ $# -eq 1 ] || ! mountpoint -q "$tmp/$2" || umount -R "$tmp/$2" || exit
	mount -t overlay -o "lowerdir=${2+$tmp/$2.upper:}$ROOT,upperdir=$at.upper,workdir=$at.work" overlay "$at" &&
		mount -t proc proc "$at/proc" && mount --rbind /dev "$at/dev" &&
		mount -t tmpfs tmpfs "$at/tmp" && mount -t tmpfs tmpfs "$at/run" || exit
	mounted+=("$at")
	cp /etc/resolv.conf "$at/etc/resolv.conf"
	echo 'APT::Get::Assume-Yes "true";' >"$at/etc/apt/apt.conf.d/90package-test"
	: >"$at.ran"
}

# in_root COMMAND...: as root has it after logging in; uname would name the machine's
# kernel. A leak sanitizer looks for its own process in /proc.
in_root() {
	unshare --pid --fork --kill-child --mount-proc="$at/proc" env -i LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin KVER="$RELEASE" chroot "$at" "$@"
}

# as_user COMMAND: in the user's clone, as the user
user=builder
clone=/home/$user/icmpguard
as_user() {
	in_root runuser -l "$user" -c "cd '$clone' && $1"
}

### What the documents say ####################################################

# Lines of blocks that can't be run here, and why
elsewhere() {
	cat <<-'END'
	make demo	it boots a machine of its own
	make check	it is what this test is part of
	make check-all	the same
	apt install openssl mokutil	there is no firmware with Secure Boot
	mokutil --import /var/lib/dkms/mok.pub	the same
	mok_signing_key=/root/keys/modules.key	it is a line of a file, for a key of one's own
	mok_certificate=/root/keys/modules.pub	the same
	/usr/src/linux-headers-$(uname -r)/scripts/sign-file sha256 modules.key modules.pub icmpguard.ko	the same
	END
}

# lines DOCUMENT [SECTION]: its blocks' lines, without those that can't be run
lines() {
	awk -f "$here/commands.awk" "$top/$1" |
		awk -F '\t' -v only="${2-}" 'only == "" || $1 == only { print $2 }' |
		grep -v -x -F -f <(elsewhere | cut -f1)
}

# Programs' output begins with their names.
is_output() {
	[[ $1 == icmpguard*:\ * ]]
}

# typed DOCUMENT SECTION: type the commands of its blocks, one after the other, into
# root's shell in the clone, except for those that were typed in the same root before
typed() {
	local line
	while IFS= read -r line <&5; do
		is_output "$line" || grep -q -x -F -e "$line" "$at.ran" && continue
		case $line in
		systemctl*) continue ;; # where there is systemd
		"make deb") shows "without build dependencies, make reports what is missing" bare_user ;;
		"make install") files >"$tmp/before" ;;
		esac
		echo "$line" >>"$at.ran"
		shows "$1: $line" in_root bash -c "cd $clone && $line" || return
	done 5< <(lines "$1" "$2")
}

# Every line was typed, or was looked for where it is printed.
all_typed() {
	local document rc=0
	for document in README.md Documentation/install.rst; do
		lines "$document" | sort -u | grep -v -x -F -f <(cat "$tmp"/*.ran) |
			sed "s,^,$document has what isn't run here: ," | grep . && rc=1
	done
	cut -f1 < <(elsewhere) | grep -v -x -F -f <(for document in README.md Documentation/install.rst; do
		awk -f "$here/commands.awk" "$top/$document" | cut -f2
	done) | sed 's/^/no longer in a document, and listed here: /' | grep . && rc=1
	return $rc
}

### A clone and a tarball #####################################################

version=$(sed -n 's/^.define ICMPGUARD_VERSION "\(.*\)"/\1/p' "$top/kmod/version.h")
later_version=$version+later
arch=$(dpkg --print-architecture)

# A repository of what the checkout has, to clone, and a tarball of a later version
sources() {
	local tree=$tmp/tree
	mkdir "$tree" && (cd "$top" && if [ -e .git ]; then
		git -c safe.directory='*' ls-files -co --exclude-standard -z
	else
		find . -path ./build -prune -o -type f -print0
	fi) | rsync -a --from0 --files-from=- --ignore-missing-args "$top/" "$tree/" || return
	git -C "$tree" init -q -b main && git -C "$tree" add . &&
		git -C "$tree" -c user.name=test -c user.email=test@localhost commit -q -m test &&
		git -C "$tree" bundle create -q "$tmp/icmpguard.bundle" main || return
	rm -rf "$tree/.git"
	sed -i "s/\(ICMPGUARD_VERSION \"\)[^\"]*/\1$later_version/" "$tree/kmod/version.h" &&
		sed -i "2s/(.*)/($later_version)/" "$tree/userspace/debian/changelog"
}

cloned() {
	in_root useradd -m -s /bin/bash "$user" && in_root apt-get -q update &&
		in_root apt-get -q install git && cp "$tmp/icmpguard.bundle" "$at/tmp/" &&
		in_root runuser -l "$user" -c "git clone -q -b main /tmp/icmpguard.bundle icmpguard"
}

# Without the build dependencies: missing ones are reported, targets without any work.
bare_user() {
	as_user "make help" && as_user "make clean" || return
	refused as_user "make deb" && grep 'apt-get install.* debhelper' "$tmp/said" || return
	refused as_user "make tool" && grep 'selftests/setup.sh tool' "$tmp/said" || return
	refused as_user "make style" && grep 'apt-get install.* shellcheck' "$tmp/said" || return
	same "files" "" "$(as_user "git status --porcelain --ignored")"
}

# With them, nothing else is needed: no HOME, no cache, no path without a space.
plain_user() {
	local clone="/home/$user/my clone"
	in_root runuser -l "$user" -c "git clone -q icmpguard 'my clone'" &&
		as_user "env -u HOME make -s tool" &&
		as_user "make -s install-tool install-service install-fleet DESTDIR=\$HOME/dest" &&
		as_user "\$HOME/dest/usr/local/sbin/icmpguardctl check \$HOME/dest/etc/icmpguard/icmpguard.conf" &&
		as_user "make -s uninstall uninstall-fleet DESTDIR=\$HOME/dest" &&
		same "files" "" "$(as_user "find \$HOME/dest ! -type d")" &&
		refused as_user "make modules" && grep space "$tmp/said" &&
		as_user "env -u HOME make -s clean" &&
		same "files" "" "$(as_user "git status --porcelain --ignored")" &&
		same "caches" "" "$(as_user "ls -d ~/.cache 2>/dev/null")"
}

# debs DIRECTORY VERSION: sets debs, which have to be there
debs() {
	debs=("$1/icmpguard_$2_$arch.deb" "$1/icmpguard-dkms_$2_all.deb" "$1/icmpguard-fleet_$2_all.deb")
	ls "${debs[@]}"
}

built() {
	debs "$at$clone/build/deb" "$version"
}

# A tarball of a later version, in a directory whose name has a space, without git
build_later() {
	local directory="/root/a release"
	cp -r "$tmp/tree" "$at$directory" &&
		mv "$at/usr/bin/git" "$at/usr/bin/git.away" || return
	in_root env -u HOME DEB_BUILD_OPTIONS="nocheck noautodbgsym" make -s -C "$directory" deb
	local rc=$?
	mv "$at/usr/bin/git.away" "$at/usr/bin/git"
	[ $rc -eq 0 ] && debs "$at$directory/build/deb" "$later_version" || return
	mkdir "$tmp/later" && mv "${debs[@]}" "$tmp/later/" && rm -r "$at$directory"
}

lint() {
	lintian --allow-root --fail-on error,warning --show-overrides --tag-display-limit 0 \
		"$at$clone/build/deb/icmpguard_${version}_$arch.changes" >"$tmp/said" 2>&1
	cat "$tmp/said"
	! grep '^[EW]: ' "$tmp/said"
}

### Installed #################################################################

# built_for KERNEL VERSION: DKMS has built it, and only that version
built_for() {
	local ko
	ko=$(echo "$at/lib/modules/$1/updates/dkms/icmpguard".ko*)
	same "DKMS for $1" "icmpguard/$2, $1, x86_64: installed" \
		"$(in_root dkms status -m icmpguard -k "$1")" &&
		same "version" "$2" "$(modinfo -F version "$ko")" &&
		same "kernel" "$1" "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" &&
		same "signer" "DKMS module signing key" "$(modinfo -F signer "$ko")" &&
		[ -s "$at/var/lib/dkms/mok.pub" ]
}

tool_runs() {
	in_root icmpguardctl check /etc/icmpguard/icmpguard.conf || return
	in_root icmpguardctl help | grep -q '^ *show ' || { echo "no help"; return 1; }
	refused in_root icmpguardctl show && grep "isn't loaded" "$tmp/said" || return
	in_root /usr/libexec/icmpguard-flowspec --help | grep -q -e --destination
}

has_pages() {
	local page
	for page in icmpguardctl.8 icmpguard.conf.5 icmpguard.4 icmpguard-flowspec.8; do
		[ -s "$at/usr/share/man/man${page##*.}/$page.gz" ] || { echo "no $page"; return 1; }
	done
	[ -s "$at/usr/share/zsh/vendor-completions/_icmpguardctl" ] || { echo "no zsh completion"; return 1; }
	in_root bash -c '. /usr/share/bash-completion/bash_completion
		type _comp_load >/dev/null 2>&1 && { _comp_load icmpguardctl; complete -p icmpguardctl; exit; }
		_completion_loader icmpguardctl; [ $? -eq 124 ] && complete -p icmpguardctl'
}

# enabled UNIT...: what systemctl is-enabled says of each
enabled() {
	in_root systemctl is-enabled "$@" | tr '\n' ' '
}

fleet_units="icmpguard-events.service icmpguard-metrics-http.socket icmpguard-metrics.timer"
units() {
	same "the service" "enabled " "$(enabled icmpguard.service)" &&
		same "the fleet's" "disabled disabled disabled " "$(enabled $fleet_units)" || return
	in_root systemd-analyze --man=no verify icmpguard.service $fleet_units >"$tmp/said" 2>&1
	local rc=$?
	cat "$tmp/said"
	[ $rc -eq 0 ] && ! grep icmpguard "$tmp/said"
}

# "make install-fleet" puts the same files below its PREFIX.
same_fleet() {
	in_root make -s -C "$clone" install-fleet DESTDIR=/tmp/fleet PREFIX=/usr UNITDIR=/usr/lib/systemd/system &&
		diff <(cd "$at/tmp/fleet" && find . -type f | sed -e 's,^\./usr/lib/,./lib/,' -e 's/\.8$/&.gz/' | sort) \
			<(in_root dpkg -L icmpguard-fleet | sed -n -e 's,^/usr/lib/,/lib/,' -e 's,^,.,p' | sort | while read -r file; do
				case $file in
				./usr/share/doc/*) ;;
				*)	[ -d "$at/$file" ] || echo "$file" ;;
				esac
			done) || return
	in_root make -s -C "$clone" uninstall-fleet DESTDIR=/tmp/fleet PREFIX=/usr UNITDIR=/usr/lib/systemd/system &&
		same "files" "" "$(find "$at/tmp/fleet" -type f)"
}

# In a layer that is discarded: DKMS builds for a later kernel, and a later version. The
# builds are kept, because an emulated processor is slow at it.
upgraded() {
	local later
	in_root apt-get -q install --no-install-recommends linux-headers-cloud-amd64 || return
	later=$(basename "$(echo "$at"/lib/modules/*-cloud-amd64)")
	built_for "$later" "$version" || return
	cp "$tmp"/later/*.deb "$at/tmp/" && in_root sh -c 'apt-get -q install /tmp/*.deb' &&
		built_for "$RELEASE" "$later_version" &&
		same "changed files" "/etc/icmpguard/icmpguard.conf" \
			"$(in_root dpkg --verify icmpguard icmpguard-dkms icmpguard-fleet | awk '{ print $NF }')" &&
		in_root dkms mktarball "icmpguard/$later_version" -k "$RELEASE" --archive /tmp/later.tar.gz &&
		cp "$at/tmp/later.tar.gz" "$tmp/later/icmpguard-$later_version.dkms.tar.gz"
}

### make install ##############################################################

# All files, except logs and caches
files() {
	(cd "$at" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run \
		-o -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \
		-o -path ./root -o -path ./home -o -path './var/lib/dkms/mok.*' \) -prune -o -printf '%y %p %l\n' |
		grep -v '^d' | sort)
}

nothing_new() {
	files >"$tmp/after"
	diff "$tmp/before" "$tmp/after"
}

made() {
	built_for "$RELEASE" "$version" &&
		in_root /usr/local/sbin/icmpguardctl check /etc/icmpguard/icmpguard.conf &&
		in_root systemctl enable icmpguard.service || return
	# A second time the operator's files stay.
	echo "# mine" >>"$at/etc/modprobe.d/icmpguard.conf"
	in_root make -s -C "$clone" install-tool install-service &&
		same "the operator's line" "# mine" "$(tail -n 1 "$at/etc/modprobe.d/icmpguard.conf")"
}

unmade() {
	in_root make -s -C "$clone" uninstall >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
	# Only files that belong to the operator remain, and it reports them.
	grep '/etc/modprobe.d/icmpguard.conf was changed' "$tmp/said" || { cat "$tmp/said"; return 1; }
	rm "$at/etc/modprobe.d/icmpguard.conf"
	nothing_new
}

# Into a directory, without touching anything else, and removed from it
made_into() {
	in_root make -s -C "$clone" install DESTDIR=/tmp/dest PREFIX=/usr || return
	nothing_new || return
	local file
	for file in usr/sbin/icmpguardctl etc/icmpguard/icmpguard.conf usr/src/icmpguard-$version/dkms.conf \
			usr/lib/systemd/system/icmpguard.service; do
		[ -s "$at/tmp/dest/$file" ] || { echo "no $file"; return 1; }
	done
	in_root make -s -C "$clone" uninstall DESTDIR=/tmp/dest PREFIX=/usr || return
	! find "$at/tmp/dest" ! -type d | grep .
}

# Nothing is started here.
prometheus() {
	printf '#!/bin/sh\nexit 101\n' >"$at/usr/sbin/policy-rc.d" && chmod 755 "$at/usr/sbin/policy-rc.d" || return
	in_root apt-get -q install --no-install-recommends prometheus prometheus-node-exporter
	local rc=$?
	rm "$at/usr/sbin/policy-rc.d"
	return $rc
}

### Booted ####################################################################

# What the guest needs: the commands to type, and a later version
provided() {
	local dir=$at/opt/package-test
	# Rebuilding the index of manual pages would be most of dpkg's work there.
	rm -f "$at/var/lib/man-db/auto-update"
	mkdir -p "$dir" "$at/etc/prometheus" && cp "$tmp"/later/* "$dir/" || return
	{ lines README.md "Configure it"; lines README.md Counters; } >"$dir/commands"
	{ lines README.md; lines Documentation/install.rst; } | grep -E '^icmpguard(ctl)?: ' >"$dir/printed"
	{ lines README.md; lines Documentation/install.rst; } | grep '^systemctl ' >"$dir/services"
	echo "$version $later_version" >"$dir/versions"
	cat >"$at/etc/prometheus/prometheus.yml" <<-END
	global: {scrape_interval: 10s}
	rule_files: [/usr/share/icmpguard/prometheus/icmpguard.rules.yml]
	scrape_configs:
	  - job_name: icmpguard
	    static_configs: [{targets: ["127.0.0.1:9116"]}]
	  - job_name: node
	    static_configs: [{targets: ["127.0.0.1:9100"]}]
	END
}

boot() {
	mkdir -p "$tmp/results" && provided && umount -R "$at/dev" && umount "$at/proc" "$at/tmp" "$at/run" || return
	RESULTS=$tmp/results "$vm/run.sh" -t 3600 -m 1536 -l "$tmp/klog" -r "$at" "$here/booted.sh" 2>&1 </dev/null
}

booted() {
	layer booted router
	echo "# selftests: a Debian that boots with the packages"
	boot | sed 's/^/# /'
	result "${PIPESTATUS[0]}" "it boots with them, and its kernel logs no complaint"
	cp "$tmp/results/ran" "$tmp/booted.ran"
}

### All of it #################################################################

all() {
	shows "a clone and a tarball can be made of it" sources || ktap_end

	layer router
	shows "a user clones it" cloned || ktap_end
	typed README.md "Install it on a router" || ktap_end
	shows "these are the packages" built
	typed Documentation/install.rst "With Debian's packages"
	typed Documentation/fleet.rst "Many machines"
	shows "DKMS has built and signed the module for its kernel" built_for "$RELEASE" "$version"
	shows "the programs run" tool_runs
	shows "manual pages and completion are where they are looked for" has_pages
	shows "the service is enabled, the fleet's services aren't, and all are sound" units
	shows "make install-fleet installs what the package has" same_fleet
	shows "a user builds the tool without HOME, and cleans up" plain_user
	shows "make deb works in a tarball, without git, in a path with a space" build_later || ktap_end
	[ "$suite" != bookworm ] || shows "lintian has nothing to say" lint

	shows "Prometheus and node_exporter are there" prometheus
	# The operator's change
	sed -i 's/^max-echo-size .*/max-echo-size 1400/' "$at/etc/icmpguard/icmpguard.conf"
	layer upgraded router
	shows "DKMS builds for a later kernel and a later version, and the operator's file stays" upgraded

	umount -R "$at"
	[ -n "$unbooted" ] || booted

	layer maker
	cloned >/dev/null 2>&1
	typed Documentation/install.rst "Without packages"
	shows "make install works, twice" made
	shows "make uninstall leaves nothing" unmade
	shows "DESTDIR is honoured both ways" made_into
	[ -n "$unbooted" ] ||
		shows "every command in README.md and install.rst is run, or listed with a reason" all_typed
	ktap_end
}

# Everything is parsed before anything is run: the checkout may change meanwhile.
all
