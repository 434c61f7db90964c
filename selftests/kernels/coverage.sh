#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How many of the module's lines the last "run.sh uml-kasan-6.1" reached, KUnit
# suites included. KTAP.
#
# usage: coverage.sh [-v]

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
cd "$here/../.." || exit
# shellcheck disable=SC2046 # directories of ours, without spaces
exec /usr/bin/python3 "$here/coverage.py" "$@" 80 build/uml-kasan-6.1-coverage \
	$(ls -d build/kernels/uml-kasan-6.1/*/gcov)
