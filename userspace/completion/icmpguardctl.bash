# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of icmpguardctl's words for bash. What the tool's
# help names comes from there, names of namespaces and interfaces from where they are.

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

# By the lines that help begins with: TOOL WORD...
_icmpguardctl_usage() {
	local tool=$1 each
	shift
	"$tool" help "$1" 2>/dev/null | awk -v words="$*" '
	function parts(field) { gsub(/[][]/, "", field); return split(field, part, "|") }
	function fits(field, word,    i) {
		for (i = parts(field); i; i--)
			if (part[i] == word || part[i] ~ /^[A-Z]/)
				return 1
	}
	BEGIN { n = split(words, word, " ") }
	!NF { exit }
	{
		sub(/^(usage:)? *icmpguardctl /, "")
		for (i = 2; i <= n; i++)
			if (!fits($i, word[i]))
				next
		do
			for (j = parts($i); j; j--)
				print part[j]
		while ($i ~ /^\[.*\]$/ && ++i <= NF)
	}' | while IFS= read -r each; do
		case ${2-}:$each in
		check:NAME)	_icmpguardctl_checks "$tool" ;;
		interface:NAME|attach:NAME|detach:NAME) ls /sys/class/net 2>/dev/null ;;
		*:COMMAND)	_icmpguardctl_commands "$tool" ;;
		*:[[:upper:]]*|*:...|*:-) ;;
		*)		echo "$each" ;;
		esac
	done
}

_icmpguardctl_rule() {
	case ${*: -1} in
	rule)		echo add del list load; return ;;
	del|delete)	"$1" rule list 2>/dev/null | cut -d ' ' -f 3; return ;;
	limit)		echo 10/second 300/minute; return ;;
	exempt|block)	echo interface comment; return ;;
	source-length)	echo 32 64 128; return ;;
	interface)	ls /sys/class/net 2>/dev/null; return ;;
	add|burst|comment) return ;;
	esac
	case " $* " in
	*" list "*|*" show "*|*" comment "*) ;;
	*" interface "*) [[ " $* " == *" del"* ]] || echo comment ;;
	*" del "*|*" delete "*) echo interface ;;
	*" source-length "*) echo interface comment ;;
	*" burst "*)	echo interface comment source-length ;;
	*" limit "*)	echo burst interface comment source-length ;;
	*)		echo exempt block limit source-length ;;
	esac
}

_icmpguardctl_words() {
	case $2 in
	type|rule)	"_icmpguardctl_$2" "$@" ;;
	*)		_icmpguardctl_usage "$@" ;;
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
	" apply "|" check "|" import "|" rule load "|" xdp sync ")
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
