# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# SOAK=hours: what goes on for so long, and does more of everything meanwhile.
# Sourced by fuzz/run.sh, fuzz/kernel.sh and kernels/run.sh. Without it, nothing.

# soak_seconds [PARTS]: for each of them
soak_seconds() {
	awk "BEGIN { print int(${SOAK:-0} * 3600 / ${1:-1}) }"
}

# What a self-test does once it does in its whole number.
if [ -n "${SOAK-}" ]; then
	export CHURN_SECONDS="${CHURN_SECONDS:-60}" CHURN_NAMESPACES="${CHURN_NAMESPACES:-10000}"
	export RELOADS="${RELOADS:-1000}"
fi
