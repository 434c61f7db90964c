# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a machine gave a run of the tests, and whether that was too little to blame
# the run for what it left out. Sourced by run.sh.

# A machine is crowded when others have taken this many percent of its processors'
# time: programs that aren't the run's, and the machines beside a virtual one.
crowd_taken=25
# Not every host of virtual machines admits what it takes. A piece of work that is
# always the same costs more processors' time then: so many milliseconds it should
# cost, and a machine where it costs so many percent of that is called slow, which
# counts as crowded. Measured on an AMD EPYC: 500 by itself, 600 to 700 beside a build on
# all processors; 2,400 to 3,000 on a host that was crowded.
crowd_work_ms=600
crowd_slow=150

# crowd_work: prints what that work costs here, in milliseconds: half of it starts
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
# worked and those the host had them for others: "WORKED STOLEN"
crowd_stat() {
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8, $9 + 0 }' "$1"
}

# crowd_own FILE: the seconds that the shell and its children had of the processors, of
# what its "times" says
crowd_own() {
	awk '{ for (i = 1; i <= NF; i++) { split($i, t, "[ms]"); sum += t[1] * 60 + t[2] } }
		END { printf "%d\n", sum }' "$1"
}

# crowd_begin: from here on it is counted
crowd_begin() {
	crowd_seconds=$SECONDS
	crowd_began=$(crowd_stat /proc/stat)
	crowd_cost=0
	crowd_sample
}

# crowd_sample: what the piece of work costs now; the dearest counts
crowd_sample() {
	local cost
	cost=$(crowd_work)
	[ "$cost" -le "$crowd_cost" ] || crowd_cost=$cost
}

# crowd_says SECONDS PROCESSORS OWN WORKED STOLEN COST LOAD: says what a run of so many
# seconds got; succeeds when the machine was crowded. OWN are the seconds that the run
# had of its processors, WORKED those in which they worked for anyone, STOLEN those in
# which the host had them for others; COST is crowd_work's.
crowd_says() {
	awk -v seconds="$1" -v processors="$2" -v own="$3" -v worked="$4" -v stolen="$5" -v cost="$6" \
	    -v load="$7" -v most_taken=$crowd_taken -v most_cost=$((crowd_work_ms * crowd_slow / 100)) \
	    -v usual=$crowd_work_ms '
	BEGIN {
		all = seconds * processors
		others = worked > own ? worked - own : 0
		taken = all > 0 ? 100 * (others + stolen) / all : 0
		printf "It took %d s; the machine gave this run %d of %d processor seconds, ", seconds, own, all
		printf "and others %d (%d of them another machine), load %s.\n", others + stolen, stolen, load
		printf "A fixed piece of work cost %.1f s of a processor, where %.1f s is usual.\n", cost / 1000, usual / 1000
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

# crowd_end FILE: says what the machine gave since crowd_begin, and succeeds when it was
# crowded; FILE is one to write to. Not in a subshell, which has no children's times.
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
