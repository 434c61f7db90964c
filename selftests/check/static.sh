#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Compilers and checkers other than gcc and sparse, on the module. KTAP.
#
# usage: static.sh [CHECK...]	clang cocci

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
	local dir=$cache/clang-6.1 key
	key=$(fragment debug-6.1 | sha256sum)
	[ "$(cat "$dir/KEY" 2>/dev/null)" != "$key" ] || return 0
	rm -rf "$dir"
	mkdir -p "$dir" && fragment debug-6.1 >"$dir/fragment" || return
	KCONFIG_ALLCONFIG=$dir/fragment make -s -C "$source" "O=$dir" CC=clang allnoconfig &&
		make -s -C "$source" "O=$dir" CC=clang -j2 modules_prepare && echo "$key" >"$dir/KEY"
}

clang_builds() {
	module_sources "$top" "$work/clang" || return
	once clang prepare_clang >"$work/clang.txt" 2>&1 &&
		make -C "$cache/clang-6.1" CC=clang M="$work/clang" KBUILD_MODPOST_WARN=1 W=1 -j2 \
			modules >>"$work/clang.txt" 2>&1
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
	clang)	clang_builds
		rc=$?
		[ $rc -eq 0 ] || tail -n 20 "$work/clang.txt" | sed 's/^/# /'
		result $rc "$(clang --version | head -n 1) builds the module"
		# Nothing resolves the symbols: there is no kernel.
		! grep -n -E 'warning:|error:' "$work/clang.txt" | grep -v 'modpost' | sed 's/^/# /' | grep .
		result $? "without a warning" ;;
	cocci)	out=$(cocci_says)
		[ -z "$out" ] || printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
		[ -z "$out" ] && [ -s "$work/rules" ]
		result $? "coccicheck: $(wc -l <"$work/rules") semantic patches" ;;
	*)	echo "Bail out! no check is called '$check'"; exit 2 ;;
	esac
done
ktap_end
