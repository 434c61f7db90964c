#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The limiter in simulated time, and its slot protocol in every interleaving.
# KTAP; needs no root once its packages are there, and no kernel.
#
# usage: run.sh [all|short|PART...]	short: all but sanitize and model
#   accuracy clock takeover wrap ladder penalty resize total standing
#   goodput capacity waiting
#   interleave   the module's code, two and three processors on one set
#   sanitize     all of these with the address and undefined behaviour sanitizers
#   model        slot.pml
#
# Environment:
#   SIM_SEED   begins the random numbers (default 1)
#   SIM_COST   nanoseconds that a packet of a flood costs, for capacity
#
# The tables of standing, goodput and capacity are also written to build/sim/NAME.txt.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
out=$top/build/sim
"$top/selftests/setup.sh" sim || exit
mkdir -p "$out" || exit
. "$top/selftests/check/ktap.sh"

warnings="-Wall -Wextra -Wno-missing-field-initializers -Werror"

# build OUTPUT SOURCE FLAG...
build() {
	local output=$1 source=$2
	shift 2
	# shellcheck disable=SC2086 # words, on purpose
	gcc -std=gnu11 -O2 $warnings "$@" -I"$here/include" -o "$output" "$here/$source" "$here/sim.c" \
		"$top"/kmod/limiter/{limiter,table}.c -lm
}

# A program's results, one level down
nested() {
	"$@" 2>&1 | sed 's/^/    /'
	nested_rc=${PIPESTATUS[0]}
}

# program NAME HZ FLAG...
program() {
	local name=$1 hz=$2 flags=() args=() binary
	shift 2
	binary=$out/$name-$hz
	case $name in
	interleave)	flags=(-DSIM_INTERLEAVE -Wno-clobbered) ;;
	waiting)	flags=(-I"$top/selftests/fuzz/include" -Wno-unused-parameter
			-Wno-sign-compare) ;;
	standing|goodput|capacity) [ $# -gt 0 ] || args=("$out/$name.txt") ;;
	esac
	[ $# -eq 0 ] || binary=$binary-sanitize
	if ! build "$binary" "$name.c" -DHZ="$hz" "${flags[@]}" "$@" 2>"$binary.log"; then
		sed 's/^/# /' "$binary.log"
		result 1 "$name, HZ $hz: builds"
		return
	fi
	nested "$binary" "${args[@]}"
	result "$nested_rc" "$name, HZ $hz${1:+, with sanitizers}"
}

parts="accuracy clock takeover wrap ladder penalty resize total standing goodput capacity waiting"

sanitize() {
	local name
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	for name in $parts; do
		program "$name" 250 -g -fsanitize=address,undefined -fno-sanitize-recover=all
	done
}

# verify NAME FLAG...: every state of the model with these, or a way to a false assertion
verify() {
	local name=$1 dir log
	shift
	dir=$(mktemp -d) || return
	log=$out/model.log
	if (cd "$dir" && cp "$here/slot.pml" . && spin -a "$@" slot.pml &&
	    gcc -O2 -w -DSAFETY -DCOLLAPSE -DVECTORSZ=1024 -DMEMLIM=1800 -o pan pan.c &&
	    timeout 300 ./pan -m100000 -n) >"$log" 2>&1 &&
	   grep -q 'errors: 0$' "$log" && ! grep -q -i 'max search depth too small\|out of memory' "$log"
	then
		sed -n 's/^ *\([0-9]*\) states, stored.*/# \1 states/p' "$log"
		result 0 "model: $name"
	else
		tail -n 20 "$log" | sed 's/^/# /'
		result 1 "model: $name"
	fi
	rm -rf "$dir"
}

model() {
	if ! command -v spin >/dev/null 2>&1; then
		result 4 "model" "spin isn't installed"
		return
	fi
	verify "a source with a bucket, 2 processors, 3 packets each" -DCPUS=2 -DPACKETS=3
	verify "a new source, 2 processors, 3 packets each" -DCPUS=2 -DPACKETS=3 -DNEW
	verify "a source with a bucket, 2 processors, 2 packets each, and another source" \
		-DCPUS=2 -DPACKETS=2 -DOTHER
	verify "a new source, 2 processors, 2 packets each, and another source" \
		-DCPUS=2 -DPACKETS=2 -DNEW -DOTHER
	verify "a source with a bucket, 2 processors, 2 packets each, and 2 given back" \
		-DCPUS=2 -DPACKETS=2 -DREFUND=2 -DTOLERANCE=1
	verify "a new source, 2 processors, 2 packets each, and 2 given back" \
		-DCPUS=2 -DPACKETS=2 -DNEW -DREFUND=2 -DTOLERANCE=1
	verify "a source whose bucket may be taken, 2 processors, a packet each, and 1 given back" \
		-DCPUS=2 -DPACKETS=1 -DTAKER -DREFUND=1 -DTOLERANCE=1
	verify "a source with a bucket, 3 processors, 2 packets each" -DCPUS=3 -DPACKETS=2 -DTOLERANCE=1
	verify "a new source, 3 processors, 2 packets each" -DCPUS=3 -DPACKETS=2 -DNEW -DTOLERANCE=1
}

# shellcheck disable=SC2086 # words, on purpose
case ${1-all} in
all)	set -- $parts interleave sanitize model ;;
short)	set -- $parts interleave ;;
esac
for part; do
	case $part in
	accuracy|clock|wrap)
		for hz in 100 250 1000; do
			program "$part" "$hz"
		done ;;
	takeover|ladder|penalty|resize|total|standing|goodput|capacity|waiting|interleave)
		program "$part" 250 ;;
	sanitize|model)
		"$part" ;;
	*)	echo "Bail out! no part is called '$part'"
		exit 2 ;;
	esac
done
ktap_end
