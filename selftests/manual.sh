#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The installed documents and configuration file, against the module: every example of
# the manual pages and of Documentation/netlink.rst is run, and the configuration file
# has the defaults.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

top=$(readlink -f "$here/..")
pages=$top/userspace/man
conf=$top/userspace/systemd/icmpguard.conf
ynl=${ICMPGUARD_CACHE:-$HOME/.cache/icmpguard}/ynl-6.12/tools/net/ynl
if [ ! -d "$pages" ]; then
	skip_all "this isn't a whole checkout"
fi

# The commands in a page: lines after a prompt
commands() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/s/^\.Dl [#$] //p' "$1" | sed 's/\\(dq/"/g; s/\\e/\\/g'
}

# page_files PAGE DIRECTORY: the files in a page, each into one of its own
page_files() {
	awk -v dir="$2" '
	/^\.Sh EXAMPLES/ { on = 1 }
	/^\.Bd -literal/ && on { file = dir "/" ++n; next }
	/^\.Ed/ { file = ""; next }
	file { print >file }' "$1"
}

# Replacements: the tool runs in the namespace, and modprobe only checks that its
# parameters are the module's, as other tests use the loaded module.
stand_ins() {
	mkdir -p "$tmp/bin"
	cat >"$tmp/bin/icmpguardctl" <<-END
		#!/bin/sh
		exec $tool -n $1 "\$@"
	END
	cat >"$tmp/bin/modprobe" <<-'END'
		#!/bin/sh
		[ "$1" != -r ] || shift
		[ "$1" = icmpguard ] || exit
		shift
		for word; do
			[ -e "/sys/module/icmpguard/parameters/${word%=*}" ] || exit
			case ${word#*=} in
			off|monitor|enforce) ;;
			*)	exit 1 ;;
			esac
		done
	END
	chmod +x "$tmp/bin/icmpguardctl" "$tmp/bin/modprobe"
}

# run_page PAGE LEAST: its commands, one after the other; there must be at least LEAST
run_page() {
	local ns line out n=0
	ns_add ns manual
	must ctl "$ns" set mode enforce
	stand_ins "$ns"
	mkdir -p "$tmp/here"
	while IFS= read -r line; do
		n=$((n + 1))
		out=$(cd "$tmp/here" && PATH="$tmp/bin:$PATH" in_ns "$ns" timeout 300 bash -e -c "$line" 2>&1 </dev/null) ||
			fail "$line: $out"
	done < <(commands "$pages/$1")
	[ "$n" -ge "$2" ] || fail "$1 has $n examples"
	ns_del "$ns"
}

tool_page() {
	run_page icmpguardctl.8 6
}

module_page() {
	run_page icmpguard.4 4
}

conf_page() {
	local ns n=0
	ns_add ns manual
	mkdir -p "$tmp/files" "$tmp/here"
	page_files "$pages/icmpguard.conf.5" "$tmp/files"
	for file in "$tmp"/files/*; do
		n=$((n + 1))
		must "$tool" check "$file"
		must ctl "$ns" apply "$file"
		# Each of its statements is then in force, as show prints it
		ctl "$ns" show >"$tmp/shown"
		while read -r line; do
			grep -q -F -- "$line" "$tmp/shown" || fail "'$line' doesn't show after it was applied"
		done < <(grep -v '^type' "$file")
		cp "$file" "$tmp/here/icmpguard.conf"
	done
	[ "$n" -ge 3 ] || fail "icmpguard.conf.5 has $n files"
	run_page icmpguard.conf.5 2
}

# The page describes exactly the statements that exist.
conf_statements() {
	local ns
	ns_add ns manual
	must ctl "$ns" apply - <<-'END'
		interface eth0 off
		rule add 192.0.2.0/24 exempt
	END
	# What is attached is shown only where there is something.
	is "statements" "$({ ctl "$ns" show; echo xdp; } | cut -d' ' -f1 | sort -u)" \
		"$(sed -n '/^\.Ss Statements/,/^\.Sh/{s/^\.It Cm \([a-z-]*\).*/\1/p; s/^\.Cm type$/type/p}' \
			"$pages/icmpguard.conf.5" | sort -u)"
}

# The table's default size depends on the machine's memory.
statements() {
	grep -v '^table-size '
}

# The installed file
conf_is_default() {
	local ns
	ns_add ns manual
	must ctl "$ns" set mode enforce
	is "$conf" "$(ctl "$ns" show | statements)" \
		"$(sed -e '/^#/d' -e '/^$/d' "$conf" | statements)"
	must ctl "$ns" apply "$conf"
	ctl "$ns" show >"$tmp/shown"
	must ctl "$ns" flush all
	is "the same, applied" "$(ctl "$ns" show)" "$(cat "$tmp/shown")"
	# Every setting is in the file, if only as a comment.
	while read -r word; do
		grep -q "^#\?$word " "$conf" || fail "$conf has no '$word'"
	done < <({ cut -d' ' -f1 "$tmp/shown"; echo interface; echo rule; } | sort -u)
}

# The lines of netlink.rst, verbatim
python_lines() {
	local ns out
	[ -d "$ynl" ] || { skip "no tools/net/ynl of the kernel: selftests/vm/kernel.sh ynl-6.12"; return; }
	ns_add ns manual
	must ctl "$ns" set mode enforce
	sed -n '/^In Python/,/^In a shell/s/^        //p' "$top/Documentation/netlink.rst" >"$tmp/lines.py"
	is "lines" 6 "$(wc -l <"$tmp/lines.py")"
	out=$(cd "$top" && PYTHONPATH=$ynl PYTHONDONTWRITEBYTECODE=1 \
		in_ns "$ns" /usr/bin/python3 "$tmp/lines.py" 2>&1) || fail "$out"
	is "types printed" "$(ctl "$ns" -j show | jq '.types | length')" \
		"$(grep -o "('icmp[v6]*', '[a-z0-9-]*', '[a-z]*')" <<<"$out" | wc -l)"
	is "what was set" '{"packets":20,"period":"second","burst":60}' \
		"$(ctl "$ns" -j show | jq -c '.types[] | select(.proto == "icmp" and .name == "echo-request") | .limit')"
}

shell_lines() {
	local ns line out n=0
	[ -d "$ynl" ] || { skip "no tools/net/ynl of the kernel: selftests/vm/kernel.sh ynl-6.12"; return; }
	ns_add ns manual
	must ctl "$ns" set mode enforce
	# The python3 that Debian's packages of Python are for
	mkdir -p "$tmp/bin"
	ln -sf /usr/bin/python3 "$tmp/bin/python3"
	# As on the page, except for the contract's path
	while IFS= read -r line; do
		n=$((n + 1))
		line=${line/icmpguard.yaml/$top/Documentation/netlink/specs/icmpguard.yaml}
		out=$(cd "$ynl" && PATH="$tmp/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 \
			in_ns "$ns" bash -c "$line" 2>&1) || fail "$line: $out"
	done < <(sed -n '/^In a shell/,/^In C/s/^        \(.\/\)/\1/p' "$top/Documentation/netlink.rst")
	is "commands" 2 "$n"
	is "what was set" "max-echo-size 1472" "$(ctl "$ns" show | grep max-echo-size)"
}

need_all
run_tests \
	"tool_page every example of icmpguardctl(8) works" \
	"module_page every example of icmpguard(4) works" \
	"conf_page every file of icmpguard.conf(5) can be applied" \
	"conf_statements icmpguard.conf(5) has every statement" \
	"conf_is_default the installed icmpguard.conf has the defaults" \
	"python_lines the Python lines of Documentation/netlink.rst work" \
	"shell_lines its command lines work"
