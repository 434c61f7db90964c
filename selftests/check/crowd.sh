# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How much processor time the machine gave a run of the tests, and whether that was
# too little to fail the run for skipped steps. Sourced by run.sh.

# A machine is crowded when others used this share of its processors' time, in percent:
# programs outside this run, and other guests of the same host (steal time).
crowd_taken=25
# Not every hypervisor reports steal time. Then a fixed piece of work takes longer than
# the milliseconds below; where it takes this many percent of them, the machine is slow,
# which counts as crowded. Measured on an AMD EPYC: 500 when idle, 600 to 700 during a
# build on all processors; 2,400 to 3,000 on a crowded host.
crowd_work_ms=600
crowd_slow=150

# crowd_work: prints the cost of that work in milliseconds: half of it starts
# programs, half counts
crowd_work() {
	local i TIMEFORMAT='%U %S'
	{ time {
		for ((i = 0; i < 250; i++)); do
			/bin/true
		done
		awk 'BEGIN { for (i = 0; i < 4000000; i++) n += i % 7 }'
	}; } 2>&1 | awk '{ printf "%d\n", ($1 + $2) * 1000 }'
}

# crowd_stat FILE: of /proc/stat, the hundredths of seconds in which processors
# worked and those that the host took: "WORKED STOLEN"
crowd_stat() {
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8, $9 + 0 }' "$1"
}

# crowd_own FILE: the processor seconds of the shell and its children, from the output
# of "times"
crowd_own() {
	awk '{ for (i = 1; i <= NF; i++) { split($i, t, "[ms]"); sum += t[1] * 60 + t[2] } }
		END { printf "%d\n", sum }' "$1"
}

# crowd_begin: start counting
crowd_begin() {
	crowd_seconds=$SECONDS
	crowd_began=$(crowd_stat /proc/stat)
	crowd_cost=0
	crowd_sample
}

# crowd_sample: measure the fixed piece of work; the highest cost counts
crowd_sample() {
	local cost
	cost=$(crowd_work)
	[ "$cost" -le "$crowd_cost" ] || crowd_cost=$cost
}

# crowd_says SECONDS PROCESSORS OWN WORKED STOLEN COST LOAD: reports what a run of that
# many seconds got; succeeds when the machine was crowded. OWN are the processor seconds
# of the run, WORKED those of all programs, STOLEN those that the host took; COST is
# crowd_work's.
crowd_says() {
	awk -v seconds="$1" -v processors="$2" -v own="$3" -v worked="$4" -v stolen="$5" -v cost="$6" \
	    -v load="$7" -v most_taken=$crowd_taken -v most_cost=$((crowd_work_ms * crowd_slow / 100)) \
	    -v expected=$crowd_work_ms '
	BEGIN {
		all = seconds * processors
		others = worked > own ? worked - own : 0
		taken = all > 0 ? 100 * (others + stolen) / all : 0
		printf "It took %d s; the machine gave this run %d of %d processor seconds, ", seconds, own, all
		printf "and others %d (%d of them another machine), load %s.\n", others + stolen, stolen, load
		printf "A fixed piece of work cost %.1f s of a processor, where %.1f s is expected.\n", cost / 1000, expected / 1000
		if (taken >= most_taken) {
			printf "That is a crowded machine: others had %d %%.\n", taken
			exit 0
		}
		if (cost >= most_cost) {
			print "That is a slow machine, or one whose host is crowded."
			exit 0
		}
		exit 1
	}'
}

# crowd_end FILE: reports what the machine gave since crowd_begin, and succeeds when it
# was crowded; FILE is for temporary data. Not in a subshell, which has no children's times.
crowd_end() {
	local began worked stolen
	times >"$1"
	crowd_sample
	read -r -a began <<<"$crowd_began"
	read -r worked stolen < <(crowd_stat /proc/stat)
	crowd_says $((SECONDS - crowd_seconds)) "$(nproc)" "$(crowd_own "$1")" \
		$(((worked - began[0]) / 100)) $(((stolen - began[1]) / 100)) \
		"$crowd_cost" "$(cut -d' ' -f1-3 /proc/loadavg)"
}
