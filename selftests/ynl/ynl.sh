#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Clients that know only icmpguard's YAML contract: the kernel's own (tools/net/ynl,
# 6.12) does every command, validated against the kernel's schema; and one in C from
# the kernel's generator. KTAP, in a guest.
#
# usage: ynl.sh
#
# Environment:
#   YNL_KERNEL	one of vm/kernel.sh's (default uml-6.1)

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
top=$(cd "$here/../.." && pwd) || exit
kernel=${YNL_KERNEL:-uml-6.1}

# client DIR: make the client in C there, as netlink.rst says
client() {
	local specs=Documentation/netlink/specs gen=$SOURCE/tools/net/ynl/ynl-gen-c.py
	rm -rf "$1" && mkdir -p "$1/$specs" "$1/linux" || return
	cp "$SOURCE"/Documentation/netlink/*.yaml "$1/Documentation/netlink/" &&
		cp "$top/$specs/icmpguard.yaml" "$1/$specs/" && : >"$1/MAINTAINERS" &&
		cp "$top/kmod/uapi/icmpguard.h" "$1/linux/" || return
	local -x PYTHONDONTWRITEBYTECODE=1
	/usr/bin/python3 "$gen" --mode user --header --spec "$1/$specs/icmpguard.yaml" -o "$1/icmpguard-user.h" &&
		/usr/bin/python3 "$gen" --mode user --source --spec "$1/$specs/icmpguard.yaml" -o "$1/icmpguard-user.c" &&
		gcc -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-format-truncation -Werror "-I$1" "-I$SOURCE/tools/net/ynl/lib" \
			-o "$1/client" "$top/selftests/ynl/client.c" "$1/icmpguard-user.c" "$SOURCE/tools/net/ynl/lib/ynl.c"
}

if [ "${1-}" != guest ]; then
	"$top/selftests/setup.sh" build tool tests static || exit
	source=$("$top/selftests/vm/kernel.sh" ynl-6.12) && eval "$source" || exit
	make -s -C "$top/userspace" >&2 || exit
	client "$top/build/ynl" >&2 || exit
	built=$("$top/selftests/vm/build.sh" "$kernel" 2>/dev/null) && eval "$built" || exit
	ICMPGUARD_KO=$KO YNL=$SOURCE VM_EXPORT="ICMPGUARD_KO YNL" \
		exec "$top/selftests/vm/run.sh" -k "$kernel" -t 1800 "$0" guest
fi

. "$top/selftests/lib.sh"
need_all
need jq
spec=$top/Documentation/netlink/specs/icmpguard.yaml
tried=" "

# ynl do|dump COMMAND [JSON]: its answer as JSON in $answer. Where the kernel keeps
# numbers of 64 bits at multiples of eight bytes (x86-64 has no need to), the 6.12
# client takes the padding for an unknown attribute, with every family.
ynl() {
	case $tried in
	*" $1-$2 "*) ;;
	*)	tried="$tried$1-$2 " ;;
	esac
	if ! answer=$(in_ns "$ns" /usr/bin/python3 "$YNL/tools/net/ynl/cli.py" --spec "$spec" \
			--schema "$YNL/Documentation/netlink/genetlink-c.yaml" --output-json \
			--process-unknown "--$1" "$2" ${3:+--json "$3"} 2>"$tmp/err"); then
		fail "ynl $*: $(tail -n 3 "$tmp/err")"
		answer=null
	fi
}

ynl_do() {
	ynl "do" "$@"
}

ynl_dump() {
	ynl dump "$@"
}

# says JQ-EXPRESSION: true of the answer
says() {
	jq -e "$1" >/dev/null 2>&1 <<<"$answer" || fail "it isn't so that $1: ${answer:0:600}"
}

configuration() {
	ynl_do config-set '{
		"mode": "enforce", "max-echo-size": 1234, "table-size": 1000, "scope": "local",
		"prefix": [{"proto": "icmpv6", "len": 64, "factor": 1}, {"proto": "icmpv6", "len": 48, "factor": 16}],
		"interface": [{"name": "eth7", "mode": "monitor"}],
		"type": [
			{"proto": "icmp", "number": 8, "action": "limit", "block": 60, "monitor": 1,
			 "limit": {"packets": 7, "period": 60, "burst": 3}, "total": {"packets": 99, "period": 1}},
			{"proto": "icmp", "number": 3, "code": 9, "action": "drop"}],
		"rule": [
			{"address": "c0000200", "prefix-len": 24, "action": "exempt", "comment": "monitoring"},
			{"address": "20010db8000000000000000000000000", "prefix-len": 32, "action": "limit",
			 "limit": {"packets": 5, "period": 1, "burst": 6}}]}'
	ynl_do config-get
	says '.mode == "enforce" and ."max-echo-size" == 1234 and ."table-size" == 1024'
	says '.scope == "local" and .version and .generation == 1 and ."table-bytes" == 8192'
	says '.prefix == [{"proto": "icmp", "len": 32, "factor": 1},
		{"proto": "icmpv6", "len": 64, "factor": 1}, {"proto": "icmpv6", "len": 48, "factor": 16}]'
	says '.interface == [{"name": "eth7", "mode": "monitor"}]'
}

types() {
	ynl_dump type-get
	says 'length > 70'
	says '.[] | select(.proto == "icmp" and .number == 8 and .code == null) |
		.name == "echo-request" and .action == "limit" and .block == 60 and .monitor == 1 and
		.limit == {"packets": 7, "period": 60, "burst": 3} and .total.packets == 99 and
		.accepted == 0 and .limited == 0 and .dropped == 0 and .monitored == 0'
	says '[.[] | select(.proto == "icmp" and .number == 3 and .code == 9)] | length == 1 and
		.[0].action == "drop"'
	ynl_do config-set '{"type": [{"proto": "icmp", "number": 3, "code": 9, "remove": true}]}'
	ynl_dump type-get
	says '[.[] | select(.code == 9)] == []'
}

rules() {
	ynl_dump rule-get
	says 'length == 2'
	says '.[0] == {"address": "c0000200", "prefix-len": 24, "action": "exempt", "comment": "monitoring"}'
	says '.[1].address == "20010db8000000000000000000000000" and .[1].limit.packets == 5'
	ynl_do config-set '{"rule": [{"address": "c0000200", "prefix-len": 24, "remove": true}]}'
	ynl_dump rule-get
	says 'length == 1'
}

checks() {
	ynl_do config-get
	says '(.check | length) > 0 and all(.check[]; .id and .name and .action)'
	ynl_do config-set '{"check": [{"id": "quoted-source", "action": "drop"}]}'
	ynl_do config-get
	says '.check[] | select(.id == "quoted-source") | .action == "drop"'
}

counters() {
	in_ns "$ns" ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null
	ynl_do stats-get
	says '.seen == .accepted + .dropped and (.counter | length) > 15'
	says 'all(.counter[]; .name and .class and (.value | type) == "number")'
	ynl_do stats-reset
	says '.seen == .accepted + .dropped'
	ynl_do stats-get
	says '.seen == 0'
}

sources() {
	ynl_do source-get '{"address": "c6336402"}'
	says '.address == "c6336402" and ."prefix-len" == 32'
	says '.bucket[] | select(.number == 8) | .left == 3 and .burst == 3 and ."full-in" == 0'
	ynl_dump source-get
	says '. == []'
}

flushes() {
	ynl_do flush '{"what": ["rules", "stats", "sources"]}'
	ynl_dump rule-get
	says '. == []'
	ynl_do flush '{"what": ["config"]}'
	ynl_do config-get
	says '."max-echo-size" == 9216 and .mode == "enforce"'
	ynl_do config-set '{"replace": true, "mode": "off"}'
	ynl_do config-get
	says '.mode == "off"'
}

# The refusal's text comes along too.
refusal() {
	in_ns "$ns" /usr/bin/python3 "$YNL/tools/net/ynl/cli.py" --spec "$spec" --no-schema "--do" config-set \
		--json '{"type": [{"proto": "icmp", "number": 77, "action": "drop"}]}' >"$tmp/out" 2>&1 &&
		fail "an unknown type was taken"
	grep -q 'no type has this number' "$tmp/out" || fail "$(cat "$tmp/out")"
}

generated() {
	local printed
	ynl_do config-set '{"mode": "enforce"}'
	printed=$(in_ns "$ns" "$top/build/ynl/client" 2>&1) || fail "client: $?"
	ynl_do config-get
	is "what the client in C prints" "mode enforce, max-echo-size 1300, $(jq '.check | length' <<<"$answer") checks
echo-request limit 7/60s
config-changed $(jq .generation <<<"$answer")
Kernel error: 'rate is zero' (bad attribute: .type.limit.packets)" "$printed"
}

# Every command of the contract was tried above
complete() {
	local each
	for each in $(/usr/bin/python3 - "$spec" <<-'END'
		import sys, yaml
		for each in yaml.safe_load(open(sys.argv[1]))["operations"]["list"]:
		    for kind in ("do", "dump"):
		        if kind in each:
		            print(kind + "-" + each["name"])
		END
	); do
		case $tried in
		*" $each "*) ;;
		*)	fail "$each wasn't tried" ;;
		esac
	done
}

ns_add ns ynl
run_tests \
	"configuration the configuration is set and read" \
	"types types and exceptions for codes" \
	"rules prefix rules" \
	"checks checks" \
	"counters counters, and their reset" \
	"sources sources" \
	"flushes flush, and from-defaults" \
	"refusal a refusal has a reason" \
	"generated a client in C, generated from the contract" \
	"complete every command of the contract was done"
