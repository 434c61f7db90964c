#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compilers and checkers other than gcc and sparse, on the module. KTAP.
#
# usage: static.sh [CHECK...]	clang clang-all cocci		(default: clang cocci)
#   clang      with Linux 6.1
#   clang-all  with Linux 5.10, 6.12, and 7.3, which needs a newer compiler
#   cocci      the kernel's semantic patches

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"
top=$(cd "$here/../.." && pwd) || exit
cd "$top" || exit
"$here/../setup.sh" build uml checkers || exit
# shellcheck source=ktap.sh
. "$here/../check/ktap.sh"
source=$(source_tree 6.1) || die "linux-source-6.1 could not be had"
work=$top/build/static
mkdir -p "$work" || exit

# A kernel's build directory without a kernel: enough to compile and link a
# module, not to resolve its symbols.
prepare_clang() {
	local series=$1 compiler=$2 dir=$cache/clang-$1 description SOURCE key
	description=$("$here/kernel.sh" "source-$series") && eval "$description" || return
	mkdir -p "$dir" && fragment "debug-$series" >"$dir/fragment" || return
	key=$("$compiler" --version; make -s -C "$SOURCE" kernelversion; sha256sum <"$dir/fragment")
	[ "$(cat "$dir/KEY" 2>/dev/null)" != "$key" ] || return 0
	find "$dir" -mindepth 1 ! -name fragment -delete
	KCONFIG_ALLCONFIG=$dir/fragment make -s -C "$SOURCE" "O=$dir" "CC=$compiler" allnoconfig &&
		make -s -C "$SOURCE" "O=$dir" "CC=$compiler" -j2 modules_prepare && echo "$key" >"$dir/KEY"
}

clang_builds() {
	module_sources "$top" "$work/clang-$1" || return
	once "clang-$1" prepare_clang "$@" >"$work/clang-$1.txt" 2>&1 &&
		make -C "$cache/clang-$1" "CC=$2" M="$work/clang-$1" KBUILD_MODPOST_WARN=1 W=1 -j2 \
			modules >>"$work/clang-$1.txt" 2>&1
}

# builds_with SERIES COMPILER
builds_with() {
	local rc log=$work/clang-$1.txt
	clang_builds "$@"
	rc=$?
	[ $rc -eq 0 ] || tail -n 20 "$log" | sed 's/^/# /'
	result $rc "$("$2" --version | head -n 1) builds the module for Linux $1"
	# Nothing resolves the symbols: there is no kernel.
	! grep -n -E 'warning:|error:' "$log" | grep -v 'modpost' | sed 's/^/# /' | grep .
	result $? "without a warning"
}

# The kernel's own semantic patches; those that need an OCaml compiler are left out.
cocci_says() {
	find "$source/scripts/coccinelle" -name '*.cocci' | sort | while IFS= read -r rule; do
		grep -q '@initialize:ocaml@\|@script:ocaml' "$rule" && continue
		echo "$rule" >&4
		timeout 120 spatch --very-quiet -D report --cocci-file "$rule" --no-includes \
			--include-headers --dir kmod 2>&1 | grep -v '^warning: line [0-9]*: should '
	done 4>"$work/rules"
}

[ $# -gt 0 ] || set -- clang cocci
for check; do
	case $check in
	clang)	builds_with 6.1 clang ;;
	clang-all)
		"$here/../setup.sh" newclang || exit
		builds_with 5.10 clang
		builds_with 6.12 clang
		builds_with 7.3 clang-19 ;;
	cocci)	out=$(cocci_says)
		[ -z "$out" ] || printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
		[ -z "$out" ] && [ -s "$work/rules" ]
		result $? "coccicheck: $(wc -l <"$work/rules") semantic patches" ;;
	*)	echo "Bail out! no check is called '$check'"; exit 2 ;;
	esac
done
ktap_end
