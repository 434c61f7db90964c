#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh itself: every way a guest can fail must be reported as a failure.
#
# usage: run_test.sh KERNEL [clock]	with that word, only the test of a program that succeeds

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
cd "$here" || exit
# shellcheck source=../check/ktap.sh
. ../check/ktap.sh

tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# A program for the guest, from standard input
program() {
	{ echo '#!/bin/bash'; cat; } >"$tmp/$1"
	chmod +x "$tmp/$1"
}

# expect STATUS NAME ARGUMENT-OF-RUN...: also leaves $tmp/out and $tmp/err
expect() {
	local wanted=$1 name=$2 rc
	shift 2
	./run.sh -k "$kernel" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	if [ "$rc" -ne "$wanted" ]; then
		echo "# expected status $wanted, got $rc"
		sed 's/^/# /' "$tmp/err"
	fi
	[ "$rc" -eq "$wanted" ]
	result $? "$kernel: $name"
}

# says FILE PATTERN NAME
says() {
	grep -q -- "$2" "$tmp/$1"
	local rc=$?
	[ $rc -eq 0 ] || sed 's/^/# /' "$tmp/$1" | head -n 20
	result $rc "$kernel: $3"
}

program good <<'END'
[ "$(id -u)" -eq 0 ] || exit 1
[ "$PWD" = "$1" ] || exit 2
[ -d /lib/modules/$(uname -r)/kernel ] || exit 3
touch "$1/written-by-a-guest" || exit 4
seq 1 100000
echo "to stderr" >&2
echo "again" >/dev/stdout
cat /proc/self/mountinfo >"$RESULTS/mounts"
for moment in 1 2; do
	before=$EPOCHREALTIME
	echo >"$RESULTS/moment$moment"
	echo "$before $EPOCHREALTIME"
	[ $moment -eq 2 ] || sleep 5
done >"$RESULTS/clock"
exit 42
END
# Output just before a panic; the rest may still be in one of the guest's pipes.
program panic <<'END'
echo "before"
sleep 3
echo c >/proc/sysrq-trigger
sleep 30
END
program silent <<'END'
echo o >/proc/sysrq-trigger
sleep 30
END
program hang <<'END'
echo "before"
sleep 3600
END
program complaint <<'END'
echo "BUG: KASAN: slab-out-of-bounds in a_test+0x1/0x2" >/dev/kmsg
END

top=$(cd ../.. && pwd)
kernel=${1:?}
mkdir -p "$tmp/results"
RESULTS=$tmp/results expect 42 "the exit status comes back" -t 300 "$tmp/good" "$top"
{ seq 1 100000; echo "to stderr"; echo again; } | cmp - "$tmp/out"
result $? "$kernel: all of the output comes back"
[ -s "$tmp/results/mounts" ]
result $? "$kernel: results come back"
# As much time must pass in the guest as on the host. However long a write took, the
# host's timestamp of it lies between the guest's times before and after. A wrong clock
# is wrong by much; on a crowded host one may stall for a moment. A guest sees no more of
# that timestamp than its seconds.
stat -c %.6Y "$tmp/results/moment1" "$tmp/results/moment2" |
	paste -d " " "$tmp/results/clock" - >"$tmp/results/both"
awk 'NR == 1 { before = $1; after = $2; host = $3 }
	NR == 2 {
		took = $3 - host; least = $1 - after; most = $2 - before
		printf "# %.3f s of the host were %.3f to %.3f s of the guest\n", took, least, most
		exit !(took > 1 && least <= took * 1.1 && most >= took * 0.9)
	}
	END { if (NR != 2) exit 1 }' "$tmp/results/both"
result $? "$kernel: its clock runs as the host's"
[ ! -e "$top/written-by-a-guest" ]
result $? "$kernel: a guest writes nothing to the checkout"
rm -rf "$tmp/results"
[ "${2-}" != clock ] || ktap_end

expect 125 "a panic is a failure" -t 300 "$tmp/panic"
says err "Kernel panic" "a panic is shown"
says out "^before$" "the output before it is kept"
expect 125 "a complaint in the kernel's log is a failure" -t 300 "$tmp/complaint"
says err "BUG: KASAN" "the complaint is shown"
expect 125 "ending without a report is a failure" -t 300 "$tmp/silent"
says err "without reporting" "the silence is named"
# Skipped where booting takes long; the code is the same.
case $kernel in
uml*)
	# A crowded machine may take longer until the program begins.
	for seconds in 20 60 180; do
		./run.sh -k "$kernel" -t $seconds "$tmp/hang" >"$tmp/out" 2>"$tmp/err" </dev/null
		rc=$?
		! grep -q "^before$" "$tmp/out" || break
	done
	[ $rc -eq 124 ]
	result $? "$kernel: a hang is a failure"
	says err "still running after $seconds s" "the hang is named"
	says out "^before$" "the output before it is kept" ;;
*)
	expect 124 "a kernel that gets nowhere is a failure" -t 16 \
		-a "rdinit=/none root=/dev/none rootwait" "$tmp/good" "$top"
	says err "booting it once more" "but not at once" ;;
esac
ktap_end
