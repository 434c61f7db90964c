#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with a kernel that icmpguard is part of: KUnit's suites if it is a module, and
# self-tests that were installed from the kernel's tree. KTAP.
#
# usage: guest.sh PROGRAM...

cd build/series/kselftest || exit
rc=0
if modinfo -F name icmpguard_test >/dev/null 2>&1 && [ ! -d /sys/module/icmpguard ]; then
	"$OLDPWD/selftests/vm/guest-kunit.sh" "$(modinfo -n icmpguard_test)" || rc=1
fi
PATH=$(dirname "$ICMPGUARDCTL"):$PATH
unset ICMPGUARDCTL
programs=()
for program; do
	programs+=(-t "net/icmpguard:$program")
done
./run_kselftest.sh "${programs[@]}" || rc=1
exit $rc
