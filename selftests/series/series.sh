#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Make the patches that put icmpguard into the tree of Linux 7.3, as git format-patch
# writes them, with a cover letter.
#
# usage: series.sh DIRECTORY	which is made anew
#
# A patch is a file N-NAME here: its message and, after a line "---", its files. They
# come from this checkout and are changed as file_to() says; Makefiles, Kconfig and
# what the tree has already are written below. SERIES_FROM="NAME <ADDRESS>" is who sends
# and signs off the patches (default: the packages' maintainer).

set -u
here=$(cd "$(dirname "$0")/../vm" && pwd) || exit
# shellcheck source=../vm/lib.sh
. "$here/lib.sh"
series=$(cd "$here/../series" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit

[ $# -eq 1 ] || { sed -n '/^# usage/,/^#$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
"$here/../setup.sh" build series || exit
description=$("$here/kernel.sh" source-7.3) && eval "$description" || exit
rm -rf "$1"
mkdir -p "$1" || exit
out=$(cd "$1" && pwd) || exit
cd "$top" || exit

from=${SERIES_FROM:-$(sed -n 's/^Maintainer: //p' userspace/debian/control)}
export GIT_AUTHOR_NAME=${from% <*} GIT_AUTHOR_EMAIL=${from#*<}
GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL%>}
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
tree=$work/tree
module=net/netfilter/icmpguard
tests=tools/testing/selftests/net/icmpguard
docs=Documentation/networking/icmpguard

gcc -O2 -w -o "$work/unifdef" "$SOURCE/scripts/unifdef.c" || die "unifdef didn't compile"
# What is there for kernels that others build: compat.h, and looking for IPv6's reassembly
defines=(-DICMPGUARD_IN_TREE)
names=()
while read -r name plain; do
	defines+=("-D$name")
	names+=(-e "s/\\<$name\\>/$plain/g")
done < <(grep -v '^#' "$series/names")

# source_to FILE TO: C of the module
source_to() {
	"$work/unifdef" "${defines[@]}" "$1" >"$2.new"
	[ $? -le 1 ] || die "unifdef: $1"
	sed "${names[@]}" -e '/^#include "\(\.\.\/\)*compat\.h"$/d' \
		-e 's,^#include "\(\.\./\)*uapi/icmpguard\.h"$,#include <linux/icmpguard.h>,' \
		-e 's/\<\(kv\?[mz]alloc\)(sizeof(\(\*[a-z]*\)), /\1_obj(\2, /' "$2.new" | cat -s >"$2"
	rm "$2.new"
}

# programs PATTERN: of those in selftests/Makefile that test the module and not the tool
programs() {
	make -s --no-print-directory -C selftests print-tests | grep "$@" |
		grep -v -x -F -e docs.sh -e manual.sh -e metrics.sh -e output.sh -e recipes.sh -e terminal.sh
}

# file_to FILE: it, as it has to be in the tree
file_to() {
	local to
	case $1 in
	kmod/uapi/*) to=include/uapi/linux/${1##*/} ;;
	kmod/*)	to=$module/${1#kmod/} ;;
	selftests/series/tests.Kconfig) to=$module/tests/Kconfig ;;
	selftests/series/*) to=$docs/${1##*/} ;;
	selftests/*) to=$tests/${1#selftests/} ;;
	Documentation/netlink/*) to=$1 ;;
	Documentation/*) to=$docs/${1##*/} ;;
	esac
	to=$tree/$to
	mkdir -p "${to%/*}"
	case $1 in
	kmod/uapi/*)
		sed 's,selftests/check/uapi\.sh,tools/net/ynl/ynl-regen.sh,' "$1" >"$to" ;;
	kmod/main.c)
		source_to "$1" "$to"
		# Before there are namespaces, a module that does nothing
		[ -f "$tree/$module/netlink/netlink.c" ] ||
			sed -i -e :a -e '/^$/{N;/^\n$/D}' -e '/^static int __init/,/^module_exit/d; /^#define pr_fmt/,/^$/d; /"\(netlink\|netns\|reassembly\)/d' "$to" ;;
	kmod/*)	source_to "$1" "$to" ;;
	*.rst)	sed "s,kmod/,$module/,g" "$1" >"$to" ;;
	selftests/config)
		{ cat "$1"; echo CONFIG_NETFILTER_ICMPGUARD=m; } >"$to" ;;
	selftests/lib.sh)
		# The module and the tool are installed.
		sed -e 's,\${ICMPGUARD_KO:-.*},${ICMPGUARD_KO-},' -e "/^\ttool=\\\$here/d" \
			-e 's,\[ -x "\$tool" \] || \(tool=.* ||\),\1,' \
			-e 's/; else the checkout.s, else/; else/' "$1" >"$to" ;;
	selftests/netlink_fixture.h) # The headers are where they belong.
		sed '/^#if __has_include/d; /^#else$/,/^#endif$/d' "$1" >"$to" ;;
	*)	cp "$1" "$to" ;;
	esac
	! [ -x "$1" ] || chmod +x "$to"
}

# objects VARIABLE: an object list of Kbuild's, as far as its sources are there
objects() {
	sed -n "/^$1 := /,/[^\\\\]\$/s,^\tkmod/\(.*\)\.o.*,\1,p" Kbuild | while IFS= read -r object; do
		[ ! -f "$tree/$module/$object.c" ] || printf ' \\\n\t%s.o' "$object"
	done
}

makefile() {
	local list
	echo "# SPDX-License-Identifier: GPL-2.0-only"
	printf 'obj-$(CONFIG_NETFILTER_ICMPGUARD) += icmpguard.o\n\nicmpguard-y :=%s\n' "$(objects icmpguard-y)"
	if [ -f "$tree/$module/verdict_event.h" ]; then
		printf '\n# <trace/define_trace.h> includes verdict_event.h by its name.\n'
		# shellcheck disable=SC2016 # make's
		echo 'CFLAGS_verdict.o := -I$(src)'
	fi
	list=$(objects icmpguard_test-y)
	[ -z "$list" ] ||
		printf '\nobj-$(CONFIG_NETFILTER_ICMPGUARD_KUNIT_TEST) += icmpguard_test.o\n\nicmpguard_test-y :=%s\n' "$list"
}

tests_makefile() {
	local variable list
	printf '# SPDX-License-Identifier: GPL-2.0-only\n\n'
	printf 'TEST_PROGS :=%s\n\n' "$(programs '\.sh$' | sed 's/.*/ \\\n\t&/')"
	sed -n '/^TEST_FILES/p; /^TEST_GEN/p' selftests/Makefile
	# shellcheck disable=SC2016 # make's
	printf '\n%s\n\n%s\n\n%s\n' 'CFLAGS += -pthread -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -O2 $(KHDR_INCLUDES)' \
		'LOCAL_HDRS += netlink_fixture.h tun.h' 'include ../../lib.mk'
}

# before FILE LINE TEXT: put the text in front of the first line that is it
before() {
	awk -v line="$2" -v text="$3" '
		!done && $0 == line { printf "%s", text; done = 1 }
		{ print }
		END { exit !done }' "$tree/$1" >"$work/new" || die "$1 has no line '$2'"
	cp "$work/new" "$tree/$1"
}

# What a patch changes besides its files
change() {
	case $1 in
	1-limiter)
		cp "$series/Kconfig" "$tree/$module/"
		before net/netfilter/Kconfig 'source "net/netfilter/ipset/Kconfig"' \
			$'source "net/netfilter/icmpguard/Kconfig"\n\n'
		before net/netfilter/Makefile '# ipset' \
			$'# icmpguard\nobj-$(CONFIG_NETFILTER_ICMPGUARD) += icmpguard/\n\n'
		before MAINTAINERS 'IDEAPAD LAPTOP EXTRAS DRIVER' \
			"$(sed "/^#/d; s/@FROM@/$from/" "$series/MAINTAINERS")"$'\n\n' ;;
	7-kunit)
		printf '\nsource "net/netfilter/icmpguard/tests/Kconfig"\n' >>"$tree/$module/Kconfig" ;;
	8-documentation)
		before Documentation/networking/index.rst '   ila' $'   icmpguard/index\n' ;;
	9-selftests)
		before tools/testing/selftests/Makefile 'TARGETS += net/mptcp' $'TARGETS += net/icmpguard\n'
		for program in $(programs '\.sh$'); do
			file_to "selftests/$program"
		done
		tests_makefile >"$tree/$tests/Makefile"
		{ programs -v '\.sh$'; echo flood; } >"$tree/$tests/.gitignore" ;;
	esac
	makefile >"$tree/$module/Makefile"
}

commit() {
	git -C "$tree" add -A && git -C "$tree" commit -q "$@" || die "git commit failed"
}

git init -q -b series "$tree" || exit
for file in MAINTAINERS Documentation/networking/index.rst net/netfilter/{Kconfig,Makefile} \
		tools/testing/selftests/Makefile; do
	install -D -m 644 "$SOURCE/$file" "$tree/$file" || exit
done
commit -m "Linux 7.3"
for patch in "$series"/[0-9]-*; do
	sed -n '/^---$/,$p' "$patch" | tail -n +2 >"$work/files"
	while IFS= read -r pattern; do
		# shellcheck disable=SC2086 # a pattern
		for file in $pattern; do
			file_to "$file" || die "$file: it can't be put into the tree"
		done
	done <"$work/files"
	change "${patch##*/}"
	sed '/^#/d; /^---$/,$d' "$patch" >"$work/message"
	commit -s -F "$work/message"
done
git -C "$tree" config branch.series.description "$(sed '/^#/d' "$series/cover")"
git -C "$tree" format-patch -q --cover-letter --cover-from-description=subject \
	-o "$out" "$(git -C "$tree" rev-list --max-parents=0 HEAD)" || exit
echo "$out"
