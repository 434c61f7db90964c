# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Sourced by what measures scenes in a guest, with $here and $checkout set.

# in_guest NAME KERNEL SECONDS WORD...: runs NAME.sh --guest WORD... in a guest of that
# kernel, within that time. The lines of JSON that it leaves in $RESULTS/NAME become
# build/bench/NAME.json.
in_guest() {
	local name=$1 kernel=$2 seconds=$3 built KO
	shift 3
	"$checkout/selftests/setup.sh" build tool uml tests || return
	"$checkout/selftests/vm/kernel.sh" source-6.1 >/dev/null || return # has the kselftest headers
	make -s -C "$checkout/userspace" && make -s -C "$checkout/selftests" >/dev/null || return
	built=$("$here/../vm/build.sh" "$kernel" 2>/dev/null) || return
	eval "$built"
	export ICMPGUARD_KO=$KO VM_EXPORT=ICMPGUARD_KO RESULTS=$checkout/build/bench
	mkdir -p "$RESULTS"
	rm -f "$RESULTS/$name"
	"$here/../vm/run.sh" -k "$kernel" -t "$seconds" "$here/$name.sh" --guest "$@" || return
	jq -s . "$RESULTS/$name" >"$RESULTS/$name.json"
}
