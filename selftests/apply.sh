#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A whole configuration in one step: applying what `show` prints changes nothing,
# a file with an error is refused with line and column, and a hundred thousand
# rules are replaced while packets pass, none of them judged by half of a
# configuration.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
topology

many=100000

# many_rules FILE SEED: a mixture of rules, not in order
many_rules() {
	awk -v n=$many -v seed="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			# Every number below a power of two once: the step is odd.
			j = (i * 40503 + seed) % 131072
			if (i % 10 == 9) {
				printf "rule add 2001:db8:%x:%x::/64 block\n", int(j / 65536) + 4096, j % 65536
			} else if (i % 10 == 8) {
				k = int(i / 10)
				printf "rule add 10.%d.%d.0/24 limit %d/second burst %d comment \"number %d\"\n",
					k / 256, k % 256, 1 + (i + seed) % 50, 5 + i % 7, i
			} else {
				printf "rule add 11.%d.%d.%d exempt\n", j / 65536, j / 256 % 256, j % 256
			}
		}
	}' >"$1"
}

generation() {
	ctl "$router" -j show | jq .generation
}

# A configuration that uses every kind of statement
everything() {
	cat <<-'END'
	# comments, and lines that are not in order

	rule add 2001:db8:1::/48 limit 100/second comment "a \ and a # in it"
	rule add 192.0.2.7 block   comment    "spaces  inside"
	rule add 192.0.2.0/24 exempt comment "monitoring"
	interface rh0 off
	interface nosuch monitor
	prefix ipv6 64 56:4 48:16
	prefix ipv4 32 24:8
	scope local
	max-echo-size 1472
	mode monitor
	table-size 5000
	type icmp destination-unreachable code 4 limit 500/minute burst 30
	type icmp destination-unreachable code 13 drop
	type icmp destination-unreachable limit 40/second
	type echo-request limit 20/second burst 60 total 20000/second block 90s
	type icmp redirect drop monitor
	type nd-redirect drop
	type icmp other limit unlimited total 7/hour burst 3
	END
}

round_trip() {
	local before
	everything >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	ctl "$router" show >"$tmp/first"
	before=$(generation)
	must ctl "$router" apply "$tmp/first"
	is "the generation" $((before + 1)) "$(generation)"
	is "shown, applied and shown again" "$(<"$tmp/first")" "$(ctl "$router" show)"
	is "as /proc has it" "$(<"$tmp/first")" "$(<"/proc/${holder[$router]}/net/icmpguard/config")"
	must ctl "$router" apply - <"$tmp/file"
	is "the file applied once more" "$(<"$tmp/first")" "$(ctl "$router" show)"
	grep -qx 'rule add 192.0.2.7/32 block comment "spaces  inside"' "$tmp/first" ||
		fail "a comment came back changed: $(grep 192.0.2.7 "$tmp/first")"
	# Settings that aren't in the file return to their defaults.
	must ctl "$router" apply - <<<"mode enforce"
	must ctl "$router" flush all
	ctl "$router" show >"$tmp/default"
	must ctl "$router" apply "$tmp/file"
	must ctl "$router" apply - <<<"mode enforce"
	is "an almost empty file means the defaults" "$(<"$tmp/default")" "$(ctl "$router" show)"
}

# refused LINE:COLUMN WORD TEXT: as a file's only error
refused() {
	local where=$1 word=$2 err
	printf '%b' "$3" >"$tmp/bad"
	ctl "$router" apply "$tmp/bad" 2>"$tmp/err"
	is "exit status of $3" 1 $?
	err=$(<"$tmp/err")
	[[ "$err" == "icmpguardctl: $tmp/bad:$where: "* ]] || fail "not at $where: $err"
	[[ "$err" == *"'$word'"* ]] || fail "doesn't name '$word': $err"
	is "lines" 1 "$(wc -l <"$tmp/err")"
	is "what is in force" "$running" "$(ctl "$router" show)"
	# `check` finds it without the kernel, and reports it in the same words.
	is "said by check" "$err" "$("$tool" check "$tmp/bad" 2>&1)"
}

errors() {
	local running
	everything >"$tmp/file"
	must ctl "$router" apply "$tmp/file"
	running=$(ctl "$router" show)
	refused 1:6 sideways 'mode sideways\n'
	refused 2:25 0/second 'mode off\ntype echo-request limit 0/second\n'
	refused 2:10 10.0.0.1/8 'mode off\nrule add 10.0.0.1/8 exempt\n'
	refused 4:10 10.0.0.0/8 'mode off\nrule add 10.0.0.0/8 exempt\n# x\nrule add 10.0.0.0/8 block\n'
	refused 2:6 ecko-request 'mode off\ntype ecko-request drop'
	refused 3:1 frob 'mode off\n  \nfrob\n'
	refused 2:6 del 'mode off\nrule del 10.0.0.0/8\n'
	refused 1:12 4000000000 'table-size 4000000000\n'
	refused 2:43 4294967295 'mode off\ntype icmp echo-request limit 1/week burst 4294967295\n'
	refused 1:11 'eth 0' 'interface "eth 0" off\n'
	refused 1:25 3 'type icmp redirect code 3 default\n'
	refused 33:11 if33 "$(printf 'interface if%u off\\n' {1..33})"
	refused 64:29 63 "$(printf 'type icmp echo-request code %u drop\\n' {0..63})"
	refused 2:25 1000000/second 'prefix ipv4 32 24:4295\ntype echo-request limit 1000000/second\n'
	refused 2:25 1/week 'prefix ipv4 32 24:2\ntype echo-request limit 1/week burst 1\n'
	refused 2:7 hidden 'mode off\nrules hidden\n'
}

# The largest configuration: `check` passes it, and so does the kernel.
most() {
	{
		printf '%s\n' "table-size 8" "max-echo-size 65507" "prefix ipv4 32 24:65536" \
			"type redirect limit 65535/second burst 65535" \
			"type timestamp-reply limit 1/day total 1/day burst 5" \
			"type mld-listener-query limit 1000000/second burst 4294967295" \
			"type nd-redirect limit 1/hour burst 97 block 1d" \
			"type rpl-control limit 1/week burst 1 block 1d"
		printf 'type icmp echo-request code %u drop\n' {0..62}
		printf 'interface if%u off\n' {1..32}
		echo "rule add 10.0.0.0/8 limit 1/week burst 1"
		printf 'rule add 10.0.0.0/8 block interface if%u\n' {1..32}
	} >"$tmp/most"
	must "$tool" check "$tmp/most"
	must ctl "$router" apply "$tmp/most"
	is "interfaces and exceptions" "32 64" \
		"$(ctl "$router" show | awk '/^interface/ { i++ } / code / { c++ } END { print i, c }')"
	# One more of each: refused by the kernel, which alone knows what is in force.
	is "one more" "icmpguardctl: '63': too many exceptions for codes" \
		"$(ctl "$router" type icmp echo-request code 63 drop 2>&1)"
	[[ $(ctl "$router" set interface if33 off 2>&1) == *"at most 32 interfaces"* ]] ||
		fail "a 33rd interface"
	[[ $(ctl "$router" type echo-request limit 65537/second burst 5 2>&1) == *"factor is too large"* ]] ||
		fail "a rate times a factor that doesn't fit"
	must ctl "$router" flush all
}

# A suspicious setting is applied with one warning, the same from check and apply.
warnings() {
	local warning
	printf '%s\n' "mode off" "type nd-neighbor-solicit drop" "prefix ipv4 0" >"$tmp/file"
	warning=$(ctl "$router" apply "$tmp/file" 2>&1) || fail "a warning is no refusal"
	is "warnings" "icmpguardctl: warning: $tmp/file:2:6: 'nd-neighbor-solicit':
icmpguardctl: warning: $tmp/file:3:13: '0':" "$(sed "s/': .*/':/" <<<"$warning")"
	is "said by check" "$warning" "$("$tool" check "$tmp/file" 2>&1)"
	is "in force" "prefix ipv4 0" "$(ctl "$router" show | grep 'prefix ipv4')"
	warning=$(ctl "$router" set prefix ipv6 0 2>&1) || fail "a warning is no refusal"
	[[ "$warning" == "icmpguardctl: warning: '0': all of IPv6"* ]] || fail "not warned: $warning"
	must ctl "$router" flush all
	must ctl "$router" set mode enforce
}

hundred_thousand() {
	local best=999999 ms i
	many_rules "$tmp/many" 1
	{ echo "mode enforce"; cat "$tmp/many"; } >"$tmp/conf"
	must ctl "$router" apply "$tmp/conf"
	# The machine may be shared, so the shortest run counts.
	for i in 1 2 3; do
		ms=$(now)
		must ctl "$router" apply "$tmp/conf"
		ms=$(($(now) - ms))
		[ $ms -ge "$best" ] || best=$ms
	done
	echo "# $(wc -l <"$tmp/many") rules in $best ms"
	is "rules in force" "$(wc -l <"$tmp/many")" "$(ctl "$router" rule list | wc -l)"
	ctl "$router" show >"$tmp/first"
	must ctl "$router" apply "$tmp/first"
	ctl "$router" show | cmp - "$tmp/first" || fail "applying what show prints changed it"
	# The order of lines makes no difference.
	{ tac "$tmp/many"; echo "mode enforce"; } >"$tmp/conf"
	must ctl "$router" apply "$tmp/conf"
	ctl "$router" show | cmp - "$tmp/first" || fail "the order of a file matters"
}

# Packets pass while one hundred thousand rules replace others, repeatedly: what
# both files exempt is never lost, what both block never passes.
meanwhile() {
	local each changes=0 begun gap
	for each in 1 2; do
		many_rules "$tmp/many" $each
		{
			echo "mode enforce"
			echo "type echo-request drop"
			echo "rule add $attacker4 exempt"
			echo "rule add 2001:db8:a::/64 exempt"
			cat "$tmp/many"
			echo "rule add $other4 block"
		} >"$tmp/conf$each"
	done
	begun=$(now)
	must ctl "$router" apply "$tmp/conf1"
	# 1,500 packets last as long as four changes, and three seconds at least.
	gap=$(awk -v ms=$(($(now) - begun)) 'BEGIN { print (ms > 750 ? ms : 750) * 4 / 1500 / 1000 }')
	must ctl "$router" flush stats
	start in_ns "$attacker" ping -q -i "$gap" -c 1500 -W 2 -I $attacker4 $host4 >"$tmp/exempt4"
	local exempt4=$!
	start in_ns "$attacker" ping -q -i "$gap" -c 1500 -W 2 -I $attacker6 $host6 >"$tmp/exempt6"
	local exempt6=$!
	start in_ns "$attacker" ping -q -i "$gap" -c 1500 -W 1 -I $other4 $host4 >"$tmp/block"
	local block=$!
	while kill -0 "$exempt4" 2>/dev/null || kill -0 $block 2>/dev/null; do
		must ctl "$router" apply "$tmp/conf$((changes % 2 + 1))"
		changes=$((changes + 1))
	done
	wait $exempt4 $exempt6 $block
	within "changes meanwhile" 3 100000 $changes
	settled "$router"
	for each in exempt4 exempt6; do
		read_ping <"$tmp/$each"
		is "$each: answered" "$ping_sent" "$ping_received"
		is "$each: sent" 1500 "$ping_sent"
	done
	read_ping <"$tmp/block"
	is "blocked: answered" 0 "$ping_received"
	read_counters "$router"
	is "exempt echoes" "1500 1500" \
		"${counter[icmp/echo-request/accepted]} ${counter[icmpv6/echo-request/accepted]}"
	is "blocked" 1500 "${counter[blocked]}"
	is "dropped" 1500 "${counter[dropped]}"
	sums_hold
}

load_rules() {
	must ctl "$router" flush all
	must ctl "$router" rule add 203.0.113.0/24 exempt comment "stays"
	printf '%s\n' "10.0.0.0/8 block" >"$tmp/rules"
	ctl "$router" rule load "$tmp/rules" 2>/dev/null && fail "a line without a verb was taken"
	printf '%s\n' "add 10.0.0.0/8 block" "rule add 2001:db8:7::/48 limit 5/second burst 5" >"$tmp/rules"
	is "what load says" "2 rules added" "$(ctl "$router" rule load "$tmp/rules" 2>&1)"
	is "rules" 3 "$(ctl "$router" rule list | wc -l)"
	ctl "$router" rule list >"$tmp/list"
	is "and in JSON" '{"added":3,"removed":0}' "$(ctl "$router" -j rule load "$tmp/list")"
	is "loaded again it is the same" "$(<"$tmp/list")" "$(ctl "$router" rule list)"
	printf '%s\n' "add 11.0.0.0/8 block" "del 12.0.0.0/8" >"$tmp/rules"
	local err
	err=$(ctl "$router" rule load "$tmp/rules" 2>&1) && fail "a rule that isn't there was removed"
	[[ "$err" == *"rules:2:5: '12.0.0.0/8'"* ]] || fail "$err"
	is "none of it was done" "$(<"$tmp/list")" "$(ctl "$router" rule list)"
	printf '%s\n' "add 11.0.0.0/8 block" "del 10.0.0.0/8" >"$tmp/rules"
	is "adding and removing" "1 rules added, 1 removed" "$(ctl "$router" rule load "$tmp/rules")"
	must ctl "$router" flush all
}

run_tests \
	"round_trip applying what show prints changes nothing" \
	"errors an error has a line and a column, and changes nothing" \
	"most the largest configuration is accepted, and nothing larger" \
	"warnings a suspicious setting is applied with a warning" \
	"hundred_thousand $many rules at once" \
	"meanwhile no packet is lost or misjudged while rules are replaced" \
	"load_rules rules from a file, all or none"
