# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# SOAK=hours: run for that long, with more of everything. Does nothing without it.
# Sourced by fuzz/run.sh, fuzz/kernel.sh and kernels/run.sh.

# soak_seconds [PARTS]: the time for each part
soak_seconds() {
	awk "BEGIN { print int(${SOAK:-0} * 3600 / ${1:-1}) }"
}

# A test that is reduced by default runs its full number.
if [ -n "${SOAK-}" ]; then
	export CHURN_SECONDS="${CHURN_SECONDS:-60}" CHURN_NAMESPACES="${CHURN_NAMESPACES:-10000}"
	export RELOADS="${RELOADS:-1000}"
fi
