# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of icmpguardctl's words for bash. The names of commands and types
# come from the tool, those of namespaces and interfaces from where they are.

_icmpguardctl_commands() {
	"$1" help 2>/dev/null | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# TOOL [icmp|icmpv6]
_icmpguardctl_types() {
	"$1" help types 2>/dev/null | awk -v family="${2-}" '!family || $1 == family { print $3 }' |
		sort -u
}

_icmpguardctl_checks() {
	"$1" help checks 2>/dev/null | awk '{ print $1 }'
}

# What may follow the words of a command: TOOL WORD...; the last one is what
# has been written before.

_icmpguardctl_type() {
	local tool=$1 last=${*: -1} words=" $* "
	case $last in
	type)		echo icmp icmpv6; _icmpguardctl_types "$tool"; return ;;
	icmp|icmpv6)	_icmpguardctl_types "$tool" "$last"; return ;;
	limit|total)	echo 10/second 300/minute unlimited; return ;;
	block)		echo 60s 5m 1h; return ;;
	accept|drop)	echo monitor; return ;;
	burst|code|monitor|default) return ;;
	esac
	case $words in
	*" block "*)	echo monitor ;;
	*" total "*)	echo burst block monitor ;;
	*" limit "*)	echo burst total block monitor ;;
	*" code "*)	echo accept drop limit monitor default ;;
	*)		echo accept drop limit monitor code ;;
	esac
}

_icmpguardctl_set() {
	case ${*: -1} in
	set)		echo mode max-echo-size prefix table-size scope interface check ;;
	mode)		echo enforce monitor off ;;
	prefix)		echo ipv4 ipv6 ;;
	scope)		echo all local ;;
	interface)	ls /sys/class/net 2>/dev/null ;;
	check)		_icmpguardctl_checks "$1" ;;
	*)		[ $# -eq 4 ] || return
			case $3 in
			interface)	echo on monitor off ;;
			check)		echo drop count off ;;
			esac ;;
	esac
}

_icmpguardctl_rule() {
	case ${*: -1} in
	rule)		echo add del list load; return ;;
	del|delete)	"$1" rule list 2>/dev/null | cut -d ' ' -f 3; return ;;
	limit)		echo 10/second 300/minute; return ;;
	exempt|block)	echo comment; return ;;
	add|burst|comment) return ;;
	esac
	case " $* " in
	*" del "*|*" delete "*|*" list "*|*" show "*|*" comment "*) ;;
	*" limit "*)	echo burst comment ;;
	*)		echo exempt block limit ;;
	esac
}

_icmpguardctl_words() {
	local tool=$1
	case $2 in
	type|set|rule)	"_icmpguardctl_$2" "$@"; return ;;
	esac
	[ $# -eq 2 ] || return
	case $2 in
	flush)		echo sources rules stats all ;;
	stats)		echo --reset ;;
	sources)	echo --top ;;
	top)		echo --count ;;
	monitor)	echo --journal ;;
	metrics)	echo --openmetrics --textfile --http ;;
	help)		echo types checks; _icmpguardctl_commands "$tool" ;;
	esac
}

_icmpguardctl() {
	local tool=$1 current=$2 previous=$3 first=1 list
	# Options come before the command.
	while [ "$first" -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[first]} in
		-n|--netns)	first=$((first + 2)) ;;
		-*)		first=$((first + 1)) ;;
		*)		break ;;
		esac
	done
	case " ${COMP_WORDS[*]:first:COMP_CWORD - first} " in
	" apply "|" check "|" import "|" rule load ")
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return ;;
	esac
	if [ "$previous" = -n ] || [ "$previous" = --netns ]; then
		list=$(ls /run/netns 2>/dev/null)
	elif [ "$first" -ge "$COMP_CWORD" ]; then
		list="$(_icmpguardctl_commands "$tool") -j --json -n --netns"
	else
		list=$(_icmpguardctl_words "$tool" "${COMP_WORDS[@]:first:COMP_CWORD - first}")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$list" -- "$current")
}
complete -F _icmpguardctl icmpguardctl
