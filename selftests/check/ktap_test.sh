#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# ktap.awk against streams with known sums.

set -u
cd "$(dirname "$0")" || exit
. ./ktap.sh

# sums NAME "PASSED FAILED SKIPPED" <stream
sums() {
	got=$(awk -f ktap.awk | tail -n 1)
	[ "$got" = "$2" ]
	rc=$?
	[ $rc -eq 0 ] || echo "# $1: expected $2, got $got"
	result $rc "$1"
}

sums "an empty stream" "0 0 0" </dev/null

sums "plain results" "2 1 1" <<'END'
TAP version 13
1..4
ok 1 one
not ok 2 two
ok 3 three # SKIP no such device
ok 4 four
END

sums "the plan at the end" "2 0 0" <<'END'
KTAP version 1
ok 1 one
ok 2 two
1..2
END

sums "a further stream, its plan at the end" "3 0 0" <<'END'
KTAP version 1
1..1
ok 1 one
KTAP version 1
    KTAP version 1
    1..2
    ok 1 one
    ok 2 two
ok 1 program
1..1
END

sums "a further stream after one cut short" "1 1 0" <<'END'
KTAP version 1
1..2
KTAP version 1
1..1
ok 1 one
END

sums "a result short of the plan" "1 1 0" <<'END'
1..2
ok 1 one
END

sums "nested by the kselftest runner, counted once" "3 0 1" <<'END'
TAP version 13
1..2
# selftests: net/icmpguard: a.sh
# TAP version 13
# 1..2
# ok 1 one
# ok 2 two # SKIP without root
ok 1 selftests: net/icmpguard: a.sh
# selftests: net/icmpguard: b.sh
# # a remark
# TAP version 13
# 1..2
# ok 1 one
# ok 2 two
ok 2 selftests: net/icmpguard: b.sh
END

sums "nested by KUnit, two levels, with the log's times" "3 0 0" <<'END'
[    1.000000] KTAP version 1
[    1.000000] 1..1
[    1.000000]     KTAP version 1
[    1.000000]     # Subtest: gcra
[    1.000000]     1..2
[    1.000000]         KTAP version 1
[    1.000000]         # Subtest: rates
[    1.000000]         ok 1 ten
[    1.000000]         ok 2 twenty
[    1.000000]     # rates: pass:2 fail:0 skip:0 total:2
[    1.000000]     ok 1 rates
[    1.000000]     ok 2 wrap
[    1.000000] # gcra: pass:2 fail:0 skip:0 total:2
[    1.000000] ok 1 gcra
END

sums "a nested failure, counted once" "1 1 0" <<'END'
1..1
# 1..2
# ok 1 one
# not ok 2 two
not ok 1 a.sh # exit=1
END

sums "a program that failed with all its results fine" "1 1 0" <<'END'
1..1
# 1..1
# ok 1 one
not ok 1 a.sh # exit=139
END

sums "a program without results of its own" "1 1 1" <<'END'
1..3
ok 1 a.sh
not ok 2 b.sh # TIMEOUT 45 seconds
ok 3 c.sh # SKIP
END

sums "a nested plan cut short" "1 1 0" <<'END'
1..1
# 1..3
# ok 1 one
not ok 1 a.sh # exit=137
END

sums "a stream that breaks off inside a program" "2 2 0" <<'END'
1..2
# 1..2
# ok 1 one
# ok 2 two
END

sums "a whole program skipped by its plan" "0 0 1" <<'END'
1..1
# 1..0 # SKIP not root
ok 1 a.sh # SKIP
END

sums "expected failures" "1 0 0" <<'END'
1..1
not ok 1 one # XFAIL known
END

sums "bail out" "1 2 0" <<'END'
1..2
ok 1 one
Bail out! no memory
END

sums "a failure after a program that failed" "1 2 1" <<'END'
1..3
# 1..1
# not ok 1 one
not ok 1 a.sh
# 1..1
# ok 1 one
not ok 2 b.sh # exit=1
ok 3 c.sh # SKIP
END

ktap_end
