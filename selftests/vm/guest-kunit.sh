#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest whose kernel has KUnit: load the suites and print their KTAP,
# which the kernel has written to its log.
#
# usage: guest-kunit.sh MODULE

set -u
# Nothing to do where KUnit is built in
modprobe -q kunit
dmesg -C
insmod "${1:?}" || exit
dmesg --notime >/run/kunit || exit
rmmod icmpguard_test || exit
# For a module's suites Linux 6.1 doesn't print the KTAP header.
grep -q '^KTAP version ' /run/kunit || echo "KTAP version 1"
cat /run/kunit
# The module loads even if its suites fail.
grep -q '^ok ' /run/kunit && ! grep -q '^ *not ok ' /run/kunit
