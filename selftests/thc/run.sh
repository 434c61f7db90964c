#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# THC's attacks on IPv6 implementations and fragment filters, through a router
# without icmpguard and with it, in a machine of their own: see compare.sh.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
paths=$("$here/../vm/build.sh" "${KERNEL:-uml-6.1}" W=1 2>/dev/null) || {
	echo "Bail out! the module was not built"
	exit 1
}
eval "$paths"
make -s -C "$here/../../userspace" >/dev/null || {
	echo "Bail out! the tool was not built"
	exit 1
}
ICMPGUARD_KO=$KO VM_EXPORT=ICMPGUARD_KO exec "$here/../vm/run.sh" -k "${KERNEL:-uml-6.1}" \
	-t 3000 "$here/compare.sh"
