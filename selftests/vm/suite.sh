# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages of a Debian newer than the machine's, for kernels and the compiler
# they are built with: unpacked into the cache, nothing installed. Sourced
# after lib.sh.

suite=trixie

# From here on apt's programs know that Debian and its backports, and no other
# package as installed. What they keep is in the cache.
newer_suite() {
	ns_dir=$cache/apt-$suite
	ns_key=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$ns_key" ] || die "no $ns_key to verify the packages of $suite with"
	mkdir -p "$ns_dir/lists/partial" "$ns_dir/archives/partial" || return
	: >"$ns_dir/status"
	printf "deb [signed-by=$ns_key] http://deb.debian.org/debian %s main\n" \
		"$suite" "$suite-backports" >"$ns_dir/sources.list"
	cat >"$ns_dir/apt.conf" <<-END || return
		Dir::State::status "$ns_dir/status";
		Dir::State::lists "$ns_dir/lists";
		Dir::Cache "$ns_dir";
		Dir::Etc::sourcelist "$ns_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "amd64";
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
	export APT_CONFIG=$ns_dir/apt.conf
}

# unpack_closure DIR PACKAGE...: the packages and all they depend on, into DIR
unpack_closure() {
	uc_dir=$1
	shift
	uc_tmp=$(mktemp -d "$cache/deb.XXXXXX") || return
	mkdir "$uc_tmp/partial"
	if ! apt-get -q -y --download-only -o "Dir::Cache::archives=$uc_tmp" install "$@" \
			>"$uc_tmp/log" 2>&1 </dev/null; then
		tail -n 5 "$uc_tmp/log" >&2
		rm -rf "$uc_tmp"
		return 1
	fi
	mkdir -p "$uc_dir" || return
	for uc_deb in "$uc_tmp"/*.deb; do
		dpkg-deb -x "$uc_deb" "$uc_dir" || return
	done
	rm -rf "$uc_tmp"
}

# unpack_tools DIR PACKAGE...: into DIR what a module is built with, as a root
# for inroot.sh; the packages name the compiler by depending on it
unpack_tools() {
	ut_dir=$1
	# base-files first: it says what /bin is.
	unpack_closure "$@" base-files bash binutils coreutils dash diffutils findutils grep make mawk \
		perl-base sed xz-utils || return
	# As awk's maintainer script would
	ln -sf mawk "$ut_dir/usr/bin/awk"
}
