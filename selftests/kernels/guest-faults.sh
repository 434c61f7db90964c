#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with a sanitizer kernel, nothing loaded yet: allocations that fail
# while the module is loaded, or, with its parameters named, while it is there.
#
# usage: guest-faults.sh [PARAMETER...]

set -u
cd "$(dirname "$0")/.." || exit
. check/ktap.sh

cp "${ICMPGUARD_KO:?}" /run/icmpguard.ko || exit
export ICMPGUARD_KO=/run/icmpguard.ko
if [ $# -gt 0 ]; then
	insmod "$ICMPGUARD_KO" "$@"
	result $? "insmod $*"
else
	# What plain insmod asks for, once
	modprobe -q nf_defrag_ipv6
fi
echo "# selftests: fault_test $*"
./fault_test 2>&1 | sed 's/^/# /'
result "${PIPESTATUS[0]}" "fault_test $*"
ktap_end
