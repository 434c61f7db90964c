#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Pictures for the documentation, from real terminal output: `top` during a flood,
# and the end of the demo. Made in a virtual machine.
#
# usage: picture.sh [top] [demo]	writes Documentation/top.svg, demo.svg
#
# Environment: KERNEL (uml-6.1), one of selftests/vm/kernel.sh's.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
checkout=$(cd "$here/../.." && pwd) || exit
vm=$checkout/selftests/vm
kernel=${KERNEL:-uml-6.1}

"$checkout/selftests/setup.sh" build tool vm uml tests demo || exit
module=$("$vm/build.sh" "$kernel") || exit
eval "$module"
make -s -C "$checkout/userspace" icmpguardctl || exit

export RESULTS
RESULTS=$(mktemp -d) || exit
trap 'rm -rf "$RESULTS"' EXIT
[ $# -gt 0 ] || set -- top demo
for picture; do
	case $picture in
	top|demo) ;;
	*)	echo "usage: picture.sh [top] [demo]" >&2; exit 2 ;;
	esac
	"$vm/run.sh" -k "$kernel" -t 300 "$here/picture_guest.sh" "$picture" "${KO:?}" \
		"$checkout/userspace/icmpguardctl" || exit
	/usr/bin/python3 "$here/svg.py" "$RESULTS/$picture" >"$RESULTS/$picture.svg" || exit
	cp "$RESULTS/$picture.svg" "$checkout/Documentation/$picture.svg"
	echo "Documentation/$picture.svg"
done
