#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with a sanitizer kernel and no module yet: allocations that fail
# while the module is being loaded, or, with PARAMETERs, after it was loaded.
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
	# What insmod's module depends on, once
	modprobe -q nf_defrag_ipv6
fi
echo "# selftests: fault_test $*"
./fault_test 2>&1 | sed 's/^/# /'
result "${PIPESTATUS[0]}" "fault_test $*"
ktap_end
