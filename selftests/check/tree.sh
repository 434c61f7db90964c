#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks of the sources that don't run them. KTAP.
#
# usage: tree.sh [CHECK...]	spdx versions circles rows style doc sparse spec shell man

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
cd "$top" || exit
"$top/selftests/setup.sh" build static uml || exit
. "$here/ktap.sh"

files() {
	# Also where another user owns the checkout
	if [ -e .git ] && git -c safe.directory='*' rev-parse --git-dir >/dev/null 2>&1; then
		git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | while IFS= read -r file; do
			[ -f "$file" ] && echo "$file"
		done
	else
		find . \( -path ./build -o -path ./.git -o -name __pycache__ \) -prune -o -type f -print | sed 's,^\./,,'
	fi
}

# silent NAME COMMAND...: passes if the command prints nothing
silent() {
	local name=$1 out
	shift
	out=$("$@" 2>&1)
	[ -z "$out" ] || printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
	[ -z "$out" ]
	result $? "$name"
}

no_spdx() {
	# A kselftest's settings are assignments and nothing else.
	files | grep -v -E '(^|/)LICENSE$|^selftests/(config|settings)$' | while IFS= read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || echo "$file"
	done
}

version_checks() {
	grep -rnE 'LINUX_VERSION_CODE|KERNEL_VERSION|RHEL_RELEASE|UTS_RELEASE' kmod \
		--include='*.c' --include='*.h'
}

style() {
	local source
	source=$(selftests/vm/kernel.sh source-6.1 2>/dev/null | sed -n "s/^SOURCE='\(.*\)'$/\1/p")
	[ -n "$source" ] || { echo "the kernel's source could not be had"; return; }
	# Tables made by X macros look like mistakes to it.
	# A tracepoint is laid out as the kernel's own are.
	files kmod | grep '^kmod/.*\.[ch]$' | grep -v '_event\.h$' | xargs "$source/scripts/checkpatch.pl" --no-tree --terse \
		--no-summary --show-types --strict --ignore COMPLEX_MACRO,MACRO_ARG_REUSE,BRACKET_SPACE -f
	# Programs use the C library's types and macros.
	files userspace | grep '^userspace/.*\.[ch]$' |
		xargs -r "$source/scripts/checkpatch.pl" --no-tree --terse --no-summary --show-types \
		--ignore ARRAY_SIZE,PREFER_DEFINED_ATTRIBUTE_MACRO,COMPLEX_MACRO,TRAILING_SEMICOLON,BRACKET_SPACE,USE_NEGATIVE_ERRNO -f
}

# Linux 6.1's takes the description of a function without parameters for a mistake. The
# generated header is as the kernel's generator makes it.
kernel_doc() {
	local source
	source=$(selftests/vm/kernel.sh source-6.1 2>/dev/null | sed -n "s/^SOURCE='\(.*\)'$/\1/p")
	[ -n "$source" ] || { echo "the kernel's source could not be had"; return; }
	files kmod userspace | grep '\.[ch]$' | grep -v '^kmod/uapi/' |
		xargs "$source/scripts/kernel-doc" -none -v 2>&1 | grep warning: |
		grep -v 'contents before sections$'
}

sparse_says() {
	selftests/vm/build.sh debian-6.1 C=2 W=1 2>&1 >/dev/null | grep -E '(warning|error):'
}

spec() {
	local source
	source=$(selftests/vm/kernel.sh ynl-6.12 2>/dev/null | sed -n "s/^SOURCE='\(.*\)'$/\1/p")
	[ -n "$source" ] || { echo "the kernel's schema could not be had"; return; }
	/usr/bin/python3 "$here/spec.py" Documentation/netlink/specs/icmpguard.yaml \
		"$source/Documentation/netlink/genetlink-c.yaml"
}

shell() {
	files | while IFS= read -r file; do
		case $(head -n 1 "$file") in
		'#!/bin/sh'*|'#!/bin/bash'*) echo "$file" ;;
		esac
	done | xargs shellcheck --severity=warning --external-sources --format=gcc --exclude=SC1087,SC1090,SC1091,SC2034,SC2053,SC2154
}

# Whether other pages are installed here isn't a matter of style.
man() {
	files userspace | grep '\.[1-8]$' | while IFS= read -r page; do
		mandoc -Tlint -W style "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'outdated mandoc.db'
		LC_ALL=C.UTF-8 groff -ww -mdoc -Tutf8 -z "$page" 2>&1
	done
}

[ $# -gt 0 ] || set -- spdx versions circles rows style doc sparse spec shell man
for check; do
	case $check in
	spdx)	silent "every file names its licence" no_spdx ;;
	versions) silent "no code asks for the kernel's version" version_checks ;;
	circles) silent "no circle of files, by includes and by calls" "$here/circles.py" kmod userspace ;;
	rows)	silent "the documents have the rows of types, checks and counters" "$here/rows.py" -n ;;
	style)	silent "checkpatch: kmod --strict, programs" style ;;
	doc)	silent "kernel-doc has nothing to miss" kernel_doc ;;
	sparse)	silent "sparse" sparse_says ;;
	spec)	silent "the netlink specification fits the kernel's schema" spec
		silent "the netlink header is what the kernel's generator makes of the specification" "$here/uapi.sh" -n ;;
	shell)	silent "shellcheck" shell ;;
	man)	silent "the manual pages" man ;;
	*)	echo "Bail out! no check is called '$check'"; exit 2 ;;
	esac
done
ktap_end
