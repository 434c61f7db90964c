# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# KTAP for the programs here: report each case, then finish with ktap_end.

ktap_cases=0
ktap_failed=0
echo "KTAP version 1"

# result STATUS NAME: 0 passed, 4 skipped, anything else failed
result() {
	ktap_cases=$((ktap_cases + 1))
	case $1 in
	0)	echo "ok $ktap_cases $2" ;;
	4)	echo "ok $ktap_cases $2 # SKIP ${3-}" ;;
	*)	echo "not ok $ktap_cases $2"
		ktap_failed=$((ktap_failed + 1)) ;;
	esac
}

ktap_end() {
	echo "1..$ktap_cases"
	[ "$ktap_failed" -eq 0 ]
	exit
}
