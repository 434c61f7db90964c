#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An invalid command is refused in one sentence that names the offending word, and
# the running configuration stays as it was.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need setpriv unshare jq
ns_add ns one
configure "$ns" "set max-echo-size 4321" "type echo-request limit 7/second burst 9" \
	"rule add 192.0.2.0/24 exempt"
running=$(ctl "$ns" show)

# refused STATUS OFFENCE COMMAND...: with that exit status and OFFENCE in the message
refused() {
	local status=$1 offence=$2 out rc
	shift 2
	out=$("$@" 2>"$tmp/err")
	rc=$?
	local err
	err=$(<"$tmp/err")
	[[ "$rc" == $status ]] || fail "$*: exit status $rc, not $status: $err"
	[ -z "$out" ] || fail "$*: said on stdout: $out"
	[ "$(wc -l <"$tmp/err")" = 1 ] || fail "$*: more or less than one line: '$err'"
	[[ "$err" == *"$offence"* ]] || fail "$*: '$err' doesn't name '$offence'"
	unchanged "$*"
}

# unchanged WHAT: the running configuration is as it was, as /proc has it
unchanged() {
	local now
	now=$(<"/proc/${holder[$ns]}/net/icmpguard/config")
	if [ "$now" != "$running" ]; then
		fail "changed by $1: $(diff <(echo "$running") <(echo "$now"))"
		running=$now
	fi
}

# The same as the tool shows it
same_in_proc() {
	is "what the tool shows" "$(<"/proc/${holder[$ns]}/net/icmpguard/config")" \
		"$(ctl "$ns" show)"
}

# no OFFENCE WORD...: the tool refuses the words
no() {
	local offence=$1
	shift
	refused "[12]" "$offence" ctl "$ns" "$@"
}

type_names() {
	no no-such-type type no-such-type accept
	no ecko-request type icmp ecko-request drop
	no packet-too-big type icmp packet-too-big drop
	no redirect type icmpv6 redirect accept
	no 256 type icmp 256 drop
	no 300 type 300 accept
	no 77 type icmp 77 drop
	no 7 type icmpv6 7 drop
	no -1 type icmp -1 drop
	no 99999999999 type icmp 99999999999 drop
	no icmpv5 type icmpv5 echo-request drop
}

type_actions() {
	no explode type echo-request explode
	refused "[12]" type ctl "$ns" type
	refused "[12]" echo-request ctl "$ns" type echo-request
	no 256 type icmp echo-request code 256 drop
	no x type icmp echo-request code x drop
	no again type echo-request drop again
	no twice type echo-request limit 10/second burst 20 twice
	no code type icmp other code 1 drop
	no "code" type icmp echo-request code 3 default
}

rates() {
	no 0/second type echo-request limit 0/second
	no 0 type echo-request limit 10/second burst 0
	no 0/minute type echo-request limit 10/second total 0/minute
	no 99999999999/second type echo-request limit 99999999999/second
	no 4294967296/second type echo-request limit 4294967296/second
	no 10000000 type echo-request limit 10000000/second
	no 99999999999 type echo-request limit 10/second burst 99999999999
	no burst type echo-request limit 1/week burst 4294967295
	no burst type echo-request limit 1/second burst 4 total 1/week burst 4294967295
	no 10/fortnight type echo-request limit 10/fortnight
	no ten/second type echo-request limit ten/second
	no -1/second type echo-request limit -1/second
	no 1/week type echo-request limit 1/week
	no 10 type echo-request limit 10
	no 10/ type echo-request limit 10/
	no limit type echo-request limit
	no burst type echo-request limit 10/second burst
	no 1e3/second type echo-request limit 1e3/second
	no 0x10/second type echo-request limit 0x10/second
	no " 5/second" type echo-request limit " 5/second"
	no soon type echo-request limit 10/second block soon
	no 99999999999s type echo-request limit 10/second block 99999999999s
}

prefixes() {
	no 200 set prefix ipv4 200
	no 200 set prefix ipv6 200
	no 33 set prefix ipv4 33
	no 129 set prefix ipv6 129
	no -1 set prefix ipv6 -1
	no sixty set prefix ipv6 sixty
	no ipv5 set prefix ipv5 32
	no prefix set prefix
	no 192.0.2.0/200 rule add 192.0.2.0/200 exempt
	no 192.0.2.0/33 rule add 192.0.2.0/33 block
	no 2001:db8::/200 rule add 2001:db8::/200 exempt
	no 2001:db8::/129 rule add 2001:db8::/129 exempt
	no 192.0.2.256 rule add 192.0.2.256 exempt
	no 192.0.2.1/24 rule add 192.0.2.1/24 exempt
	no nowhere rule add nowhere exempt
	no forgive rule add 192.0.2.0/24 forgive
	no 0/second rule add 192.0.2.0/24 limit 0/second
	no 198.51.100.0/24 rule del 198.51.100.0/24
}

settings() {
	no sideways set mode sideways
	no mode set mode
	no now set mode enforce now
	no 65508 set max-echo-size 65508
	no -1 set max-echo-size -1
	no 99999999999 set max-echo-size 99999999999
	no 4294967297 set max-echo-size 4294967297
	no many set max-echo-size many
	no "" set max-echo-size ""
	no 0 set table-size 0
	no 4000000000 set table-size 4000000000
	no 99999999999 set table-size 99999999999
	no everywhere set scope everywhere
	no colour set colour green
	no set set
}

words() {
	no frobnicate frobnicate
	no everything flush everything
	no flush flush
	no extra show extra
	no 192.0.2.300 source 192.0.2.300
	no source source
	no -5 sources --top -5
	no x sources --top x
	no --frob stats --frob
	refused "[12]" no-such-namespace "$tool" -n no-such-namespace show
	refused "[12]" no-such-namespace "$tool" -n no-such-namespace version
	refused "[12]" -Q "$tool" -n "$ns" -Q show
	refused "[12]" -Q "$tool" -n "$ns" -Qj show
	refused "[12]" --frob "$tool" -n "$ns" --frob show
	no "U+FEFF" set $'\xef\xbb\xbfmode' enforce
	no "U+200B" set mode $'enforce\xe2\x80\x8b'
	no "eth 0" set interface "eth 0" off
}

# Common variants in spelling are accepted where they are unambiguous.
spellings() {
	local json
	json=$(ctl "$ns" -j show)
	is "show -j" "$json" "$(ctl "$ns" show -j)"
	is "show --json" "$json" "$("$tool" show --json --netns="$ns")"
	is "stats --help" "$("$tool" help stats)" "$("$tool" stats --help)"
	is "-h after a command's words" "$("$tool" help rule)" "$("$tool" rule add 10.0.0.0/8 -h)"
	is "--top=5" "$(ctl "$ns" sources --top 5)" "$(ctl "$ns" sources --top=5)"
	is "rule show" "$(ctl "$ns" rule list)" "$(ctl "$ns" rule show)"
	must ctl "$ns" type redirect limit 10/s burst 7 total 600/min block 5min
	is "10/s, 600/min, 5min" "type icmp redirect limit 10/second burst 7 total 600/minute burst 5 block 300s" \
		"$(ctl "$ns" show | grep ' redirect ')"
	must ctl "$ns" rule add 198.51.100.0/24 block comment -j
	is "a comment that looks like an option" \
		'rule add 198.51.100.0/24 block comment "-j"' "$(ctl "$ns" rule list | grep 198)"
	must ctl "$ns" rule delete 198.51.100.0/24
	is "rule delete" "" "$(ctl "$ns" rule list | grep 198)"
	running=$(<"/proc/${holder[$ns]}/net/icmpguard/config")
}

# A usage error is 2, a refused request 1.
statuses() {
	refused 2 frobnicate ctl "$ns" frobnicate
	refused 2 no-such-type ctl "$ns" type no-such-type accept
	refused 1 198.51.100.0/24 ctl "$ns" rule del 198.51.100.0/24
	refused 1 CAP_NET_ADMIN in_ns "$ns" setpriv --bounding-set -net_admin "$tool" set mode off
}

without_capability() {
	local each
	for each in "set mode off" "type echo-request drop" "flush all" "flush sources" \
		    "stats --reset" "rule list" "sources" "source 192.0.2.1" "rule add 10.0.0.0/8 block"; do
		# shellcheck disable=SC2086 # words, on purpose
		refused 1 CAP_NET_ADMIN in_ns "$ns" setpriv --bounding-set -net_admin "$tool" $each
	done
	# An unprivileged user may read the configuration, but not its rules: the output
	# says so, in the tool and in /proc, and can't be applied as if it were complete.
	is "what an unprivileged user sees" "$(echo "# the rules need CAP_NET_ADMIN and are not shown"
		echo "rules hidden"; grep -v '^rule ' <<<"$running")" \
		"$(in_ns "$ns" setpriv --bounding-set -net_admin "$tool" show 2>&1 | tee "$tmp/shown")"
	is "in /proc" "$(<"$tmp/shown")" \
		"$(in_ns "$ns" setpriv --bounding-set -net_admin cat /proc/net/icmpguard/config)"
	install -m 755 "$tool" "$tmp/tool"
	chmod 755 "$tmp"
	is "what an ordinary user sees" "$(<"$tmp/shown")" \
		"$(in_ns "$ns" setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/tool" show 2>&1)"
	is "its rules in JSON" null "$(in_ns "$ns" setpriv --bounding-set -net_admin "$tool" -j show | jq .rules)"
	refused 1 hidden ctl "$ns" apply "$tmp/shown"
	in_ns "$ns" setpriv --bounding-set -net_admin "$tool" stats >/dev/null ||
		fail "stats needs a capability"
}

# Root of a user namespace, in a network namespace of its own, isn't root here.
user_namespace() {
	if ! unshare -Urn true 2>/dev/null; then
		skip "no user namespaces here"
		return
	fi
	refused 1 CAP_NET_ADMIN in_ns "$ns" unshare -Ur "$tool" set mode off
	refused 1 CAP_NET_ADMIN unshare -Urn "$tool" set mode enforce
	refused 1 CAP_NET_ADMIN unshare -Urn "$tool" sources
	in_ns "$ns" unshare -Ur cat /proc/net/icmpguard/sources >/dev/null 2>&1 &&
		fail "root of a user namespace reads the sources"
	in_ns "$ns" unshare -Ur cat /proc/net/icmpguard/stats >/dev/null ||
		fail "root of a user namespace can't read the counters"
}

# /proc is for reading.
proc_read_only() {
	local each
	for each in stats types sources config; do
		if in_ns "$ns" sh -c "echo x >/proc/net/icmpguard/$each" 2>/dev/null; then
			fail "$each was written"
		fi
	done
	is "mode of sources" 400 "$(in_ns "$ns" stat -c %a /proc/net/icmpguard/sources)"
	is "mode of stats" 444 "$(in_ns "$ns" stat -c %a /proc/net/icmpguard/stats)"
}

run_tests \
	"same_in_proc the tool and /proc show the same configuration" \
	"type_names invalid type names and numbers" \
	"type_actions invalid actions" \
	"rates invalid rates and bursts" \
	"prefixes invalid prefixes" \
	"settings invalid settings" \
	"words unknown words" \
	"spellings variants in spelling" \
	"statuses exit statuses" \
	"without_capability without CAP_NET_ADMIN" \
	"user_namespace from a user namespace" \
	"proc_read_only writing to /proc" \
	"same_in_proc the tool and /proc still show the same configuration"
