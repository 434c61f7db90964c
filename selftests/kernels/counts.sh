#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In a guest: how often the lines of a module were reached that was built to count
# them (GCOV_PROFILE=y), into $RESULTS/gcov. Of any other there is nothing.

counts=/sys/kernel/debug/gcov
[ -d "$counts" ] || exit 0
mkdir -p "${RESULTS:?}/gcov" || exit
find "$counts" -name '*.gcda' | while IFS= read -r file; do
	# What is read isn't as long as the file says.
	cat "$file" >"$RESULTS/gcov/${file##*/}"
done
