# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The demo's screen: headings, sentences, a line of live counters. Sourced.
# On a terminal the line is redrawn in place; elsewhere one is added every
# two seconds.

live=''
bold='' red='' green='' plain=''
if [ -t 1 ]; then
	live=1
	if [ -z "${NO_COLOR-}" ]; then
		bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
	fi
fi

heading() {
	local rule
	printf -v rule '%*s' $((76 - ${#1})) ''
	printf '\n%s-- %s %s%s\n' "$bold" "$1" "${rule// /-}" "$plain"
}

say() {
	printf '%s\n' "$@"
}

# typed TEXT: a command, as it looks when typed
typed() {
	printf '\n%s# %s%s\n' "$bold" "$1" "$plain"
}

# run COMMAND...: show it and do it
run() {
	typed "$*"
	"$@"
}

last_line=0
# line TEXT: the live counters
line() {
	if [ -n "$live" ]; then
		printf '\r\e[K%s' "$1"
		return
	fi
	[ $((SECONDS - last_line)) -ge 2 ] || return
	last_line=$SECONDS
	printf '%s\n' "$1"
}

# line_end TEXT: the counters' final state
line_end() {
	[ -z "$live" ] || printf '\r\e[K'
	printf '%s\n' "$1"
}

failed=0
# check RESULT TEXT: one expectation; RESULT 0: it was met
check() {
	if [ "$1" -eq 0 ]; then
		printf '  %syes%s  %s\n' "$green" "$plain" "$2"
	else
		printf '  %sNO%s   %s\n' "$red" "$plain" "$2"
		failed=$((failed + 1))
	fi
}
