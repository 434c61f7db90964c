#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the machine: run something in a terminal and save its screen.
#
# usage: picture_guest.sh top|demo MODULE TOOL	writes $RESULTS/NAME

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit
[ -e /run/vm/job/job ] || { echo "picture_guest.sh: run picture.sh" >&2; exit 2; }
picture=$1
module=$2
tool=$3
export LC_ALL=C.UTF-8 TERM=screen
mux() {
	tmux -f /dev/null "$@"
}

# until COMMAND...: it succeeds, in half a minute at most
until_so() {
	local i
	for ((i = 0; i < 300; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

screen_has() {
	mux capture-pane -p | grep -q -e "$1"
}

# A router, and three senders
network() {
	local i
	ip netns add router
	ip netns add out
	ip link add name r0 netns router type veth peer name o0 netns out
	ip -n router link set r0 up
	ip -n out link set o0 up
	ip -n router addr add 192.0.2.1/24 dev r0
	ip -n router addr add 2001:db8::1/48 dev r0 nodad
	for i in 66 77 80; do
		ip -n out addr add "192.0.2.$i/24" dev o0
	done
	ip -n out addr add 2001:db8:0:bad::66/48 dev o0 nodad
	until_so ip netns exec out ping -q -c 1 -W 1 192.0.2.1 >/dev/null
	until_so ip netns exec out ping -q -c 1 -W 1 2001:db8::1 >/dev/null
}

send() {
	ip netns exec out timeout 300 "$@" >/dev/null 2>&1 &
}

show_top() {
	insmod "$module" || exit
	network
	ip netns exec router "$tool" set mode enforce
	send ping -f -I 192.0.2.66 192.0.2.1
	send ping -i 0.008 -I 192.0.2.77 192.0.2.1
	send ping -i 0.2 -I 192.0.2.80 192.0.2.1
	send ping -i 0.004 -I 2001:db8:0:bad::66 2001:db8::1
	send hping3 -q -n --icmp -C 13 -i u20000 192.0.2.1
	mux new-session -d -x 80 -y 20 ip netns exec router "$tool" top
	until_so screen_has '^192.0.2.77/32' || exit 1
	sleep 4
	mux capture-pane -e -p >"$RESULTS/top"
	mux send-keys q
	# shellcheck disable=SC2046 # numbers
	kill $(jobs -p)
}

show_demo() {
	mux new-session -d -x 80 -y 50 "$here/show.sh" "$module" "$tool"
	mux set-option remain-on-exit on
	until_so screen_has 'Was it as it should be' ||
		until_so screen_has 'Was it as it should be' ||
		until_so screen_has 'Was it as it should be' || exit 1
	sleep 2
	mux capture-pane -e -p -S -2000 |
		sed -n '/-- Before and after/,$p' | sed '/^[^[:print:]]*Pane is dead/d' >"$RESULTS/demo"
}

export DEMO_SECONDS=24
"show_$picture"
[ -s "$RESULTS/$picture" ]
