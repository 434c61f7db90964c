#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool in a real terminal: top, which follows the terminal's size and restores it,
# completion in bash and zsh, an error, and colour unless disabled.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

need_all
need tmux setpriv
export LC_ALL=C.UTF-8 TERM=screen
topology
configure "$router" "type echo-request limit 1/minute burst 5"
link_tool() {
	mkdir "$tmp/bin"
	ln -s "$(readlink -f "$tool")" "$tmp/bin/icmpguardctl"
}
link_tool
# Each terminal has a tmux server of its own, as the end of one can't be waited for.
server=0
mux() {
	tmux -S "$tmp/tmux.$server" -f /dev/null "$@"
}
close_shell() {
	mux kill-server 2>/dev/null
	server=$((server + 1))
}
defer close_shell

# open SHELL...: a terminal of 80 by 24 with a shell in the router, ready
open_shell() {
	close_shell
	mux new-session -d -x 80 -y 24 "env PATH=$tmp/bin:$PATH PS1='ready> ' ${nocolour:+NO_COLOR=1} \
		nsenter --net=/run/netns/$router -- $*" || skip_all "no pseudo-terminal"
	shows 'ready>' || fail "no shell: $(screen)"
}

bash_shell() {
	open_shell "bash --norc --noprofile -i"
}

lines_are() {
	[ "$(screen | grep -c .)" -eq "$1" ]
}

screen() {
	mux capture-pane -p
}

coloured() {
	mux capture-pane -p -e
}

keys() {
	mux send-keys "$@"
}

on_screen() {
	screen | grep -q -e "$1"
}

# shows PATTERN: within some seconds
shows() {
	busywait 15000 on_screen "$1"
}

hides() {
	gone() {
		! on_screen "$1"
	}
	busywait 15000 gone "$1"
}

# At its own pace: where replies come, -f would be through before it was seen.
flood() {
	start in_ns "$attacker" ping -q -i 0.01 -c 100000 -I $attacker4 $host4 >/dev/null
	flood_pid=$!
	start in_ns "$attacker" ping -q -i 0.2 -c 100000 -I $same64 $host6 >/dev/null
	flood6_pid=$!
}

settings() {
	mux run-shell "stty -a <$(mux display -p '#{pane_tty}') >$tmp/stty.$1"
}

top_live() {
	local before width
	flood
	bash_shell
	settings before
	keys "icmpguardctl top" Enter
	shows "^$attacker4/32 .*icmp echo-request" || fail "no source: $(screen)"
	shows "^2001:db8:a::/64 .*icmpv6 echo-request" || fail "no IPv6 source: $(screen)"
	shows "^icmp echo-request  *[0-9]*  *[0-9]*  *[█▒]" || fail "no bar: $(screen)"
	on_screen "mode enforce .*q quits" || fail "no heading: $(screen)"
	is "the heaviest is first" $attacker4/32 \
		"$(screen | sed -n '/^source/{n;s/ .*//p}')"
	coloured | grep -q $'\e\[31m' || fail "no colour on a terminal"
	# It keeps counting.
	before=$(screen)
	changed() {
		[ "$(screen)" != "$before" ]
	}
	busywait 5000 changed || fail "it doesn't move"
	# A smaller terminal, a larger one
	mux resize-window -x 60 -y 10
	# Columns, not bytes: a bar's character has three bytes.
	columns() {
		screen | LC_ALL=C.UTF-8 wc -L
	}
	fits() {
		local lines
		lines=$(screen | grep -c .)
		[ "$(columns)" -le "$1" ] && [ "$lines" -ge 5 ] && [ "$lines" -le "$2" ] &&
			on_screen "q quits"
	}
	busywait 5000 fits 60 10 || fail "60 columns, 10 lines: $(screen)"
	mux resize-window -x 120 -y 40
	wide() {
		[ "$(screen | awk '{ gsub(/ *$/, "") } length > w { w = length } END { print w }')" -gt 100 ]
	}
	busywait 5000 wide || fail "120 columns: $(screen)"
	# Narrow ones: no value is cut.
	for width in 40 20; do
		mux resize-window -x $width -y 24
		narrow() {
			[ "$(columns)" -le "$width" ] &&
				on_screen "^$attacker4/32\( \|$\)" && on_screen "^icmp echo-re[a-z]*+\?  *[0-9]"
		}
		busywait 5000 narrow || fail "$width columns: $(screen)"
		is "clocks cut at $width columns" "" "$(screen | grep -E '[0-9]:' |
			grep -vE '(^| )[0-9]{2}:[0-9]{2}:[0-9]{2}( |$)|/64')"
	done
	on_screen " [0-9][0-9]*$" || fail "no numbers: $(screen)"
	mux resize-window -x 1 -y 1
	tiny() {
		[ "$(mux display -p "#{pane_width}")" -eq 1 ]
	}
	busywait 5000 tiny || fail "no terminal of one column"
	mux resize-window -x 80 -y 24
	busywait 5000 fits 80 24 || fail "80 columns again: $(screen)"
	keys q
	shows "^ready>" || fail "q doesn't quit: $(screen)"
	on_screen "dropped/s" && fail "its screen is still there: $(screen)"
	mux resize-window -x 80 -y 24
	settings after
	is "the terminal's settings" "$(<"$tmp/stty.before")" "$(<"$tmp/stty.after")"
	is "the cursor" 1 "$(mux display -p '#{cursor_flag}')"
	is "the other screen" 0 "$(mux display -p '#{alternate_on}')"
	keys 'echo "status $?"' Enter
	shows "^status 0" || fail "exit status: $(screen)"
}

# However it ends, the terminal is restored, and the shell sees the cause.
top_signals() {
	local signal pid each
	for each in INT:130 TERM:143 HUP:129; do
		signal=${each%:*}
		bash_shell
		settings before
		keys "icmpguardctl top; echo ended \$?" Enter
		shows "q quits" || fail "not begun: $(screen)"
		if [ "$signal" = INT ]; then
			keys C-c
		else
			pid=$(pgrep -f "^icmpguardctl top$" | head -n 1)
			kill -"$signal" "$pid"
		fi
		if [ "$signal" = INT ]; then
			# An interactive shell gives up the whole line.
			shows "^ready> *$" || fail "$signal: $(screen)"
		else
			shows "^ended ${each#*:}" || fail "$signal: $(screen)"
		fi
		settings after
		is "settings after $signal" "$(<"$tmp/stty.before")" "$(<"$tmp/stty.after")"
		is "the cursor after $signal" 1 "$(mux display -p '#{cursor_flag}')"
		is "the other screen after $signal" 0 "$(mux display -p '#{alternate_on}')"
	done
}

top_suspended() {
	bash_shell
	keys "icmpguardctl top" Enter
	shows "q quits" || fail "not begun: $(screen)"
	keys C-z
	shows "Stopped" || fail "not stopped: $(screen)"
	is "the other screen" 0 "$(mux display -p '#{alternate_on}')"
	keys "fg" Enter
	shows "q quits" || fail "not back: $(screen)"
	keys q
	shows "^ready>" || fail "q doesn't quit: $(screen)"
}

# No terminal, no codes
top_plain() {
	local out
	out=$(ctl "$router" top --count 2 | cat -v)
	[[ "$out" != *"^["* ]] || fail "codes without a terminal: $out"
	[[ "$out" == *"$attacker4/32"* ]] || fail "no source: $out"
	is "times" 2 "$(grep -c '^icmpguard ' <<<"$out")"
	is "lines of more than 80 columns" "" "$(awk 'length > 80' <<<"$out")"
	out=$(ctl "$router" -j top --count 2)
	is "objects" 2 "$(wc -l <<<"$out")"
	within "drops a second" 1 1000000 "$(tail -n 1 <<<"$out" | jq '."dropped-rate"')"
	is "the heaviest" $attacker4 "$(tail -n 1 <<<"$out" | jq -r '.sources[0].address')"
	is "the types" "icmp echo-request" \
		"$(tail -n 1 <<<"$out" | jq -r '.types[0] | "\(.proto) \(.name)"')"
}

# In monitor mode nothing is dropped, and the output doesn't claim that it was.
top_monitor() {
	local out
	must ctl "$router" set mode monitor
	must ctl "$router" flush sources
	all_monitored() {
		out=$(ctl "$router" -j top --count 1)
		jq -e '."monitored-rate" > 0 and ."dropped-rate" == 0 and (.sources | length) > 0' \
			<<<"$out" >/dev/null
	}
	busywait 20000 all_monitored || fail "nothing is monitored: $out"
	is "sources that lost something" "" "$(jq -c '.sources[] | select(.drops != 0)' <<<"$out")"
	within "monitored, of the heaviest" 1 100000 "$(jq '.sources[0].monitored' <<<"$out")"
	is "types that lost something" "" "$(jq -c '.types[] | select(."dropped-rate" != 0)' <<<"$out")"
	bash_shell
	keys "icmpguardctl top" Enter
	shows "^$attacker4/32" || fail "no source: $(screen)"
	shows "^seen .*dropped 0/s  monitored [1-9]" || fail "no word of monitoring: $(screen)"
	on_screen "^type .*accepted/s dropped/s monitored/s$" || fail "no column: $(screen)"
	coloured | grep -q $'\e\[33m' || fail "no colour of its own"
	keys q
	shows "^ready>" || fail "q doesn't quit: $(screen)"
	must ctl "$router" set mode enforce
}

no_colour() {
	local nocolour=1
	bash_shell
	keys "icmpguardctl top" Enter
	shows "^$attacker4/32" || fail "no source: $(screen)"
	coloured | grep -q $'\e\[3[0-9]m' && fail "colour in spite of NO_COLOR"
	keys q
	shows "^ready>" || fail "q doesn't quit: $(screen)"
	stop "$flood_pid"
	stop "$flood6_pid"
}

completion() {
	keys "icmpguardctl mon" Tab
	shows "icmpguardctl monitor" || fail "$1: mon: $(screen)"
	keys C-u "icmpguardctl type icmp redi" Tab "dr" Tab
	shows "icmpguardctl type icmp redirect drop" || fail "$1: type: $(screen)"
	keys C-u "icmpguardctl set sco" Tab "lo" Tab
	shows "icmpguardctl set scope local" || fail "$1: set: $(screen)"
	ctl "$router" rule add 203.0.113.0/24 exempt
	keys C-u "icmpguardctl rule del 203" Tab
	shows "icmpguardctl rule del 203.0.113.0/24" || fail "$1: rule: $(screen)"
	keys C-u "icmpguardctl flush " Tab Tab
	shows "rules.*sources.*stats\|sources.*rules\|all.*rules" || fail "$1: flush: $(screen)"
	keys C-u "icmpguardctl -n ig-" Tab Tab
	shows "$router" || fail "$1: -n: $(screen)"
	keys C-u C-c
}

in_bash() {
	bash_shell
	keys "bind 'set bell-style none'; source $(readlink -f "$here/../userspace/completion/icmpguardctl.bash"); clear" Enter
	busywait 10000 lines_are 1 || fail "not clear: $(screen)"
	completion bash
}

in_zsh() {
	if ! command -v zsh >/dev/null; then
		skip "zsh isn't installed"
		return
	fi
	mkdir -p "$tmp/zsh"
	cp "$here/../userspace/completion/_icmpguardctl" "$tmp/zsh/"
	open_shell "zsh -f -i"
	# Without the completions of other commands, which take a slow machine minutes
	keys "fpath=($tmp/zsh \${(M)fpath:#*/Completion(/Base|)})" Enter
	keys "autoload -U compinit; compinit -u -D; clear" Enter
	busywait 60000 lines_are 1 || fail "not clear: $(screen)"
	completion zsh
}

# A long file shows its progress, only on a terminal, and leaves one line.
progress() {
	awk 'BEGIN { for (i = 0; i < 30000; i++) printf "add 10.%d.%d.0/24 block\n", i / 256, i % 256 }' \
		>"$tmp/rules"
	bash_shell
	mux pipe-pane "cat >$tmp/raw"
	keys "icmpguardctl rule load $tmp/rules" Enter
	shows "^30000 rules added$" || fail "$(screen)"
	shows "^ready> *$" || fail "$(screen)"
	busywait 5000 grep -q "20000 rules, [0-9]*%" "$tmp/raw" ||
		fail "no progress: $(cat -v "$tmp/raw")"
	mux pipe-pane
	on_screen "%" && fail "progress is left over: $(screen)"
	is "elsewhere" "30000 rules added" "$(ctl "$router" rule load "$tmp/rules" 2>&1)"
	must ctl "$router" flush rules
}

# An error is a line by itself, and the prompt comes after it.
error() {
	bash_shell
	keys "icmpguardctl type ecko-request drop" Enter
	shows "^icmpguardctl: unknown type 'ecko-request'; did you mean 'echo-request'?$" ||
		fail "$(screen)"
	keys 'echo "status $?"' Enter
	shows "^status 2" || fail "$(screen)"
}

run_tests \
	"top_live top shows, follows the size, and goes" \
	"top_signals the terminal is restored after every signal" \
	"top_suspended Ctrl-Z and back" \
	"top_plain without a terminal the output is plain text" \
	"top_monitor in monitor mode nothing is dropped" \
	"no_colour NO_COLOR" \
	"in_bash completion in bash" \
	"in_zsh completion in zsh" \
	"progress a long file shows its progress" \
	"error an error"
