#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Everything that parses untrusted input, with the address and undefined behaviour
# sanitizers: the tool's parsers, and the module's files that need no kernel.
# KTAP; needs neither root, once its packages are installed, nor a kernel.
#
# usage: run.sh replay [TARGET...]	the kept cases, with gcc
#        run.sh fuzz [TARGET...]	libFuzzer, for a bounded time
#        run.sh grow TARGET...		print the kept cases and what fuzz found beside
#
# A target is TARGET_fuzz.c, here or in userspace/fuzz; its cases are TARGET.cases
# beside it. A case that fails is printed as the line to add there.
#
# Environment:
#   FUZZ_SECONDS  for each target (default 12)
#   SOAK          hours for all of them together, instead
#   FUZZ_SEED     begins the random numbers (default 1)

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
out=$top/build/fuzz
cd "$top" || exit

targets="value text reply tool rules packet limiter record"
mode=${1-}
[ $# -gt 0 ] && shift
# shellcheck disable=SC2086 # words, on purpose
[ $# -gt 0 ] || [ "$mode" = grow ] || set -- $targets
case $mode in
replay)	"$top/selftests/setup.sh" tool build || exit ;;
fuzz|grow) "$top/selftests/setup.sh" tool build fuzz || exit ;;
*)	sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2
	exit 2 ;;
esac
mkdir -p "$out" || exit

# shellcheck source=../check/soak.sh
. "$top/selftests/check/soak.sh"
seconds=${FUZZ_SECONDS:-12}
[ -z "${SOAK-}" ] || seconds=$(soak_seconds $#)
export UBSAN_OPTIONS=print_stacktrace=1

folder() {
	case $1 in
	value|text|reply|tool) echo userspace/fuzz ;;
	*)	echo selftests/fuzz ;;
	esac
}

# The longest case, in bytes
longest() {
	case $1 in
	value)	echo 80 ;;
	packet)	echo 512 ;;
	reply)	echo 1024 ;;
	*)	echo 4096 ;;
	esac
}

# What is compiled with the target, and how
needs() {
	local mnl
	mnl="-D_GNU_SOURCE -Iuserspace -Ikmod $(pkg-config --cflags --libs libmnl jansson)"
	case $1 in
	value|text|reply)
		# What the tool's unit tests are linked with
		make -s --no-print-directory -C userspace --eval='pure: ; @printf "userspace/%s " $(PURE:.o=.c)' pure
		echo "$mnl" ;;
	tool)	printf '%s ' userspace/*.c | sed 's,userspace/main\.c,,'
		echo "$mnl"
		sed -n 's/^[a-z].*__wrap_\([a-z0-9_]*\)(.*/-Wl,--wrap=\1/p' userspace/fuzz/tool_fuzz.c ;;
	rules)	echo kmod/rules.c -Iselftests/fuzz/include -Iselftests/sim/include ;;
	limiter) echo kmod/limiter/{limiter,table}.c -Iselftests/fuzz/include -Iselftests/sim/include ;;
	packet)	echo kmod/{types,quote}.c -Iselftests/fuzz/include -Iselftests/sim/include ;;
	record)	echo -Iselftests/fuzz/include -Iselftests/sim/include ;;
	esac
}

# build TARGET OUTPUT COMPILER FLAG...: its remarks go to OUTPUT.log
build() {
	local target=$1 output=$2
	shift 2
	# shellcheck disable=SC2046 # words, on purpose
	"$@" -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -Wall -Wextra -Werror \
		-Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare \
		"$(folder "$target")/${target}_fuzz.c" $(needs "$target") -o "$output" >"$output.log" 2>&1
}

remarks() {
	head -n 60 "$1" | sed 's/^/# /'
}

replay() {
	local target=$1 program=$out/$1-replay cases rc
	if ! build "$target" "$program" gcc -fsanitize=address,undefined selftests/fuzz/replay.c; then
		remarks "$program.log"
		result 1 "$target: builds"
		return
	fi
	cases=$("$program" "$(folder "$target")/$target.cases" 2>"$program.log")
	rc=$?
	[ $rc -eq 0 ] || remarks "$program.log"
	result $rc "$target: ${cases:-the} kept cases"
}

# Words that random mutation would rarely produce
dictionary() {
	case $1 in
	value|text|tool)
		cat userspace/*.c kmod/type_names.h | grep -oE '"[a-z][a-z0-9-]+"' | sort -u ;;
	esac
}

fuzz() {
	local target=$1 program=$out/$1-fuzz dir=$out/$1 rc ran
	if ! build "$target" "$program" clang -fsanitize=fuzzer,address,undefined; then
		remarks "$program.log"
		result 1 "$target: builds"
		return
	fi
	rm -rf "$dir"
	mkdir -p "$dir/new" "$dir/failed"
	"$here/cases.py" unpack "$(folder "$target")/$target.cases" "$dir/kept"
	# libFuzzer refuses an empty dictionary.
	{ echo "\"icmpguard\""; dictionary "$target"; } >"$dir/words"
	"$program" -seed="${FUZZ_SEED:-1}" -max_len="$(longest "$target")" -max_total_time="$seconds" \
		-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$dir/failed/" \
		-dict="$dir/words" "$dir/new" "$dir/kept" >"$program.log" 2>&1
	rc=$?
	ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log")
	if [ $rc -ne 0 ]; then
		grep -v -E '^(#[0-9]+|INFO)' "$program.log" >"$dir/log"
		remarks "$dir/log"
		echo "# the case, for $(folder "$target")/$target.cases:"
		"$here/cases.py" pack "$dir/failed" | sed 's/^/# /'
	fi
	result $rc "$target: ${ran:-some} cases in $seconds s, $(find "$dir/new" -type f | wc -l) that reached new code"
}

# libFuzzer keeps the shortest that together reach as much.
grow() {
	local target=$1 program=$out/$1-fuzz dir=$out/$1
	rm -rf "$dir/merged"
	mkdir "$dir/merged"
	"$program" -merge=1 "$dir/merged" "$dir/kept" "$dir/new" >"$program.log" 2>&1 || return
	"$here/cases.py" pack "$dir/merged"
}

if [ "$mode" = grow ]; then
	for target; do
		grow "$target" || exit
	done
	exit
fi
. "$top/selftests/check/ktap.sh"
for target; do
	"$mode" "$target"
done
ktap_end
