# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Packages of another Debian than the machine's, or of another architecture, for
# kernels and the compiler they are built with: unpacked into the cache, nothing
# installed. Sourced after lib.sh.

# apt_world NAME ARCHITECTURE SUITE...: from here on apt's programs use these suites,
# with no package installed. Their state is in the cache, by that name.
apt_world() {
	aw_dir=$cache/apt-$1 aw_arch=$2
	aw_key=/usr/share/keyrings/debian-archive-keyring.gpg
	shift 2
	[ -f "$aw_key" ] || die "no $aw_key to verify Debian's packages with"
	mkdir -p "$aw_dir/lists/partial" "$aw_dir/archives/partial" || return
	: >"$aw_dir/status"
	for aw_suite in "$@"; do
		case $aw_suite in
		*-security) aw_archive=debian-security ;;
		*)	aw_archive=debian ;;
		esac
		echo "deb [signed-by=$aw_key] http://deb.debian.org/$aw_archive $aw_suite main"
	done >"$aw_dir/sources.list"
	cat >"$aw_dir/apt.conf" <<-END || return
		Dir::State::status "$aw_dir/status";
		Dir::State::lists "$aw_dir/lists";
		Dir::Cache "$aw_dir";
		Dir::Etc::sourcelist "$aw_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "$aw_arch";
		APT::Architectures { "$aw_arch"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
	export APT_CONFIG=$aw_dir/apt.conf
}

# suite_of SERIES: apt's programs use the Debian, called $suite, that has that kernel, where
# the machine's hasn't
suite_of() {
	suite=
	case $1 in
	5.10)	suite=bullseye && apt_world $suite amd64 $suite $suite-security ;;
	7.*)	suite=trixie && apt_world $suite amd64 $suite $suite-backports ;;
	esac
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

# unpack_tools DIR PACKAGE...: a root for inroot.sh in DIR with the tools to build a
# module; the packages depend on the right compiler
unpack_tools() {
	ut_dir=$1
	# base-files first: it makes /bin a link.
	unpack_closure "$@" base-files bash binutils coreutils dash diffutils findutils grep make mawk \
		perl-base sed xz-utils || return
	# As awk's maintainer script would
	ln -sf mawk "$ut_dir/usr/bin/awk"
}
