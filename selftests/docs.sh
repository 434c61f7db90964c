#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The documents against the module: counters, types, and the examples in them.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

docs=$here/../Documentation
readme=$here/../README.md
kmod=$here/../kmod
if [ ! -d "$docs" ] || [ ! -d "$kmod" ]; then
	skip_all "this isn't a whole checkout"
fi

# A protocol's rows: what the module says of each type, in its order
type_rows() {
	local ns=$1 protocol=$2
	# NUMBER, NAME, BYTES and checks, from the source
	"$here/check/rows.py" types "$protocol" >"$tmp/facts" || fail "rows.py"
	# Exceptions for codes are in the configuration only.
	in_ns "$ns" cat /proc/net/icmpguard/config |
		sed -n "s/^type $protocol \([^ ]*\) code \([0-9]*\) \(.*\)/\1 \2 \3/p" >"$tmp/codes"
	in_ns "$ns" cat /proc/net/icmpguard/types |
	awk -v protocol="$protocol" -v facts="$tmp/facts" -v codes="$tmp/codes" '
	function row(number, name, treatment, bytes, check) {
		printf "%-6s  %-32s  %-32s  %-6s  %s\n", number, name, treatment, bytes, check
	}
	BEGIN {
		while ((getline line <facts) > 0) {
			split(line, f, " ")
			number[f[2]] = f[1] == "-" ? "\\-" : f[1]
			bytes[f[2]] = f[3] == 0 ? "\\-" : f[3]
			sub(/^[^ ]+ [^ ]+ [^ ]+ ?/, "", line)
			check[f[2]] = line
		}
		while ((getline line <codes) > 0) {
			split(line, f, " ")
			sub(/^[^ ]+ [^ ]+ /, "", line)
			codes_of[f[1]] = codes_of[f[1]] " " f[2]
			exception[f[1] "/" f[2]] = line
		}
		rule = "======  ================================  "
		rule = rule "================================  ======  =============="
		print rule
		row("number", "name", "default", "bytes", "checks")
		print rule
	}
	$1 == protocol {
		name = $2
		treatment = $0
		for (i = 1; i <= 6; i++)
			sub(/^[^ ]+ /, "", treatment)
		total = ""
		if (match(treatment, / total /)) {
			total = substr(treatment, RSTART + 1)
			treatment = substr(treatment, 1, RSTART - 1)
		}
		row(number[name], name, treatment, bytes[name],
		    check[name] == "" ? "\\-" : check[name])
		# A line without a number goes on with the row above.
		if (total != "")
			row("", "", total, "", "")
		n = split(codes_of[name], code, " ")
		for (i = 1; i <= n; i++) {
			treatment = exception[name "/" code[i]]
			total = ""
			if (match(treatment, / total /)) {
				total = substr(treatment, RSTART + 1)
				treatment = substr(treatment, 1, RSTART - 1)
			}
			row(number[name] "/" code[i], name " code " code[i], treatment,
			    bytes[name], check[name] == "" ? "\\-" : check[name])
			if (total != "")
				row("", "", total, "", "")
		}
	}
	END { print rule }' | sed 's/[ \t]*$//'
}

# The tables of Documentation/types.rst, made from the module
types_made() {
	local ns
	ns_add ns docs
	must ctl "$ns" set mode enforce
	echo "ICMP"
	echo "===="
	echo
	type_rows "$ns" icmp
	echo
	echo "ICMPv6"
	echo "======"
	echo
	type_rows "$ns" icmpv6
}

types_written() {
	sed -n '/^ICMP$/,/^\.\. end of tables/p' "$docs/types.rst" | sed '/^\.\. end of tables/d'
}

types() {
	types_made >"$tmp/made"
	types_written | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$tmp/written"
	diff "$tmp/made" "$tmp/written" >"$tmp/diff" ||
		fail "Documentation/types.rst differs from the module: $(cat "$tmp/diff")"
}

# Entries of counters.rst below one heading; all, without a heading
entries() {
	awk -v heading="${1-}" '
	/^====*$/ { section = last }
	/^``[a-z-]+`` : / && (heading == "" || section == heading) {
		gsub(/`/, ""); print $1
	}
	{ last = $0 }' "$docs/counters.rst"
}

counters() {
	ns_add ns docs
	must ctl "$ns" set mode enforce
	in_ns "$ns" cat /proc/net/icmpguard/stats | cut -d' ' -f1 >"$tmp/stats"
	is "counters of /proc/net/icmpguard/stats, and entries of counters.rst" \
		"$(grep -v -E '^(monitored|noted)-' "$tmp/stats")" "$(entries)"
	is "monitored- counters, and reasons to drop" \
		"$(sed -n 's/^monitored-//p' "$tmp/stats")" "$(entries "Reasons to drop")"
	# The checks with a setting are the last of them, and each has a note.
	ctl "$ns" help checks | cut -d' ' -f1 >"$tmp/checks"
	is "checks, and the last reasons to drop" "$(cat "$tmp/checks")" \
		"$(entries "Reasons to drop" | tail -n "$(wc -l <"$tmp/checks")")"
	is "noted- counters, and checks" "$(sed -n 's/^noted-//p' "$tmp/stats")" \
		"$(cat "$tmp/checks")"
	is "settings, and checks" \
		"$(in_ns "$ns" sed -n 's/^check \(.*\) .*/\1/p' /proc/net/icmpguard/config)" \
		"$(cat "$tmp/checks")"
	ctl "$ns" -j stats >"$tmp/json"
	is "notes" "$(jq -r '.counters[] | select(.class == "note").name |
			select(startswith("noted-") | not)' "$tmp/json" | sort)" \
		"$(entries Notes | sort)"
	is "reasons" "$(jq -r '.counters[] | select(.class != "note").name' "$tmp/json" | sort)" \
		"$({ entries "Reasons to accept"; entries "Reasons to drop"; } | sort)"
}

# The table in README.md names counters that exist, and all reasons and notes.
readme_counters() {
	sed -n '/^## .*ounters/,/^## /p' "$readme" | sed -n 's/^| `\([a-z-]*\)`.*/\1/p' >"$tmp/short"
	is "counters in README.md" "$(entries)" "$(cat "$tmp/short")"
}

# Every example that README.md gives is taken by the tool.
examples() {
	local n=0 line
	ns_add ns docs
	while IFS= read -r line; do
		n=$((n + 1))
		eval "set -- ${line#icmpguardctl }"
		must ctl "$ns" "$@"
	done < <(sed -n '/^```/,/^```/{ />/d; /^icmpguardctl /p; }' "$readme")
	[ "$n" -ge 5 ] || fail "README.md has $n examples"
}

# Nothing that helps is wider than a terminal.
widths() {
	local each
	is "wide lines of help" "" "$("$tool" help | awk 'length > 80')"
	for each in $("$tool" help | sed -n 's/^  \([a-z]*\) .*/\1/p') types checks; do
		is "wide lines of help $each" "" "$("$tool" help "$each" | awk 'length > 80')"
	done
}

need_all
run_tests \
	"counters Documentation/counters.rst has every counter, in order and class" \
	"readme_counters README.md's table has them too" \
	"types Documentation/types.rst has every type as the module treats it" \
	"examples every icmpguardctl command in README.md is taken" \
	"widths help fits into 80 columns"
