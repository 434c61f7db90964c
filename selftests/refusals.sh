#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every refusal of refusals.tsv: one sentence on stderr that names the offending
# word, the exit status, nothing on stdout, and nothing changed.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
ns_add ns one
configure "$ns" "set max-echo-size 4321" "type echo-request limit 7/second burst 9" \
	"rule add 192.0.2.0/24 exempt"
table=$here/refusals.tsv
running=$(<"/proc/${holder[$ns]}/net/icmpguard/config")

# names_a_word SENTENCE WORD...: it has one of the words, in quotes
names_a_word() {
	local sentence=$1 each
	shift
	for each in "$@"; do
		[[ "$sentence" != *"'$each'"* && "$sentence" != "$each: "* ]] || return 0
	done
	return 1
}

# refusal STATUS COMMAND SENTENCE
refusal() {
	local status=$1 command=$2 sentence=$3 out rc said now
	local -a words
	read -ra words <<<"$command"
	out=$(ctl "$ns" "${words[@]}" 2>"$tmp/err" </dev/null)
	rc=$?
	said=$(<"$tmp/err")
	is "exit status of '$command'" "$status" $rc
	is "stdout of '$command'" "" "$out"
	is "'$command'" "icmpguardctl: $sentence" "$said"
	names_a_word "$sentence" "${words[@]}" "${command##*=}" || fail "'$command': no word of it in '$sentence'"
	now=$(<"/proc/${holder[$ns]}/net/icmpguard/config")
	is "in force after '$command'" "$running" "$now"
	running=$now
}

# of STATUS: all lines that begin with it
of() {
	local status command sentence n=0
	while IFS=$'\t' read -r status command sentence; do
		[ "$status" = "$1" ] || continue
		refusal "$status" "$command" "$sentence"
		n=$((n + 1))
	done <"$table"
	cases=$((cases + n))
	[ $n -ge "$2" ] || fail "only $n cases"
	echo "# $n refusals"
}

cases=0

meaningless() {
	of 2 120
}

impossible() {
	of 1 7
}

# A file can't say it either: `check` refuses it without the module, with the same
# message as `apply`.
as_files() {
	local status command sentence line checked n=0
	while IFS=$'\t' read -r status command sentence; do
		case $command in
		set\ *)	line=${command#set } ;;
		type*|rule*) line=$command ;;
		*)	continue ;;
		esac
		printf 'scope local\n%s\n' "$line" >"$tmp/file"
		checked=$("$tool" check "$tmp/file" 2>&1)
		is "exit status of check: $line" 1 $?
		is "apply: $line" "$checked" "$(ctl "$ns" apply "$tmp/file" 2>&1)"
		[[ "$checked" == "icmpguardctl: $tmp/file:2:"* ]] || fail "check: $line: $checked"
		n=$((n + 1))
	done < <(grep '^[12]' "$table")
	is "in force" "$running" "$(<"/proc/${holder[$ns]}/net/icmpguard/config")"
	[ $n -ge 100 ] || fail "only $n lines"
	echo "# $n files"
}

all() {
	is "lines of the table" "$(grep -c '^[^#]' "$table")" $cases
}

run_tests \
	"meaningless commands that are invalid" \
	"impossible commands that fail" \
	"as_files the same in a file, by check and by apply" \
	"all every line of the table was tried"
