#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest with a sanitizer kernel: the self-tests as everywhere, and then, if
# the module was built to count its lines, the counts into $RESULTS.
#
# usage: guest.sh PROGRAM...
#        guest.sh -k MODULE	the KUnit suites

set -u
cd "$(dirname "$0")/.." || exit

if [ "${1-}" = -k ]; then
	vm/guest-kunit.sh "$2"
else
	vm/guest-tests.sh "$@"
fi
rc=$?

kernels/counts.sh
exit $rc
