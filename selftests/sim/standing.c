// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value of standing: hosts that pinged before a flood, against forged sources
 * that return, either from a list that first appears in the flood, or from one that
 * was prepared by pinging like hosts before.
 */
#include "sim.h"

#define FRIENDS		3	/* of each kind */
#define PACE		16	/* seconds between two packets of a prepared forged source */

static const struct sim_limit total = { 100, 1, 100 }, fifty = { 50, 1, 100 };

/**
 * struct kind - how a host pings
 * @name: for people
 * @every: nanoseconds between
 * @burst: so many at once
 */
struct kind {
	const char *name;
	u64 every;
	unsigned int burst;
};

static const struct kind kinds[] = {
	{ "1/second", SIM_SEC, 1 }, { "5/second", SIM_SEC / 5, 1 }, { "20 in 5 min", 5 * SIM_MINUTE, 20 },
};

/**
 * struct friend - a host
 * @hash: its hash
 * @next: when it pings
 */
struct friend {
	u64 hash, next;
};

/**
 * struct flood - packets from forged sources
 * @addresses: number of returning sources; 0: ever new ones
 * @times: rate, as a multiple of the total's
 * @seconds: how long it lasts
 * @seen: seconds for which hosts pinged before
 * @prepared: seconds for which each of them pinged every PACE seconds before
 */
struct flood {
	u64 addresses;
	unsigned int times, seconds, seen, prepared;
};

struct course {
	unsigned int sent[ARRAY_SIZE(kinds)], passed[ARRAY_SIZE(kinds)];
	u64 through;
};

static struct icmpguard_table *table;
static struct icmpguard_gcra gcra;
static struct icmpguard_aggregate aggregate;

static bool charge(u64 hash)
{
	return icmpguard_table_charge(table, hash, &gcra, 0, &aggregate, sim_now(false)) ==
	       ICMPGUARD_CHARGE_PASS;
}

/* The friends' due packets, mixed with the flood's packets of the same tick */
static void befriend(struct friend friend[][FRIENDS], u64 at, bool flooded, struct course *course)
{
	unsigned int kind, i, n;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (i = 0; i < FRIENDS; i++) {
			struct friend *one = &friend[kind][i];

			if (one->next > at)
				continue;
			one->next += kinds[kind].every;
			for (n = 0; n < kinds[kind].burst; n++) {
				bool pass = charge(one->hash);

				course->sent[kind] += flooded;
				course->passed[kind] += flooded && pass;
			}
		}
}

static u64 forged(const struct flood *flood, u64 salt, u64 n)
{
	u64 hash = (n % flood->addresses ^ salt) * 0x9e3779b97f4a7c15ULL;

	return (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9ULL;
}

static struct course play(const struct flood *flood)
{
	unsigned int begin = max(flood->prepared, flood->seen), kind, i;
	struct icmpguard_aggregate_bucket bucket;
	struct friend friend[ARRAY_SIZE(kinds)][FRIENDS];
	u64 salt = sim_random(), at, n = 0, prepared = 0;
	u64 from = (begin - flood->prepared) * SIM_SEC;
	struct course course = {};
	double due = 0;

	sim_time_set(SIM_DAY);
	aggregate = sim_aggregate(&total, &bucket);
	gcra = sim_gcra(&fifty, 1);
	table = sim_table(131072, sim_now(false), &gcra, 1);
	icmpguard_aggregate_forget(&bucket, sim_now(false));
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		for (i = 0; i < FRIENDS; i++)
			friend[kind][i] = (struct friend) {
				sim_random(), (begin - flood->seen) * SIM_SEC + sim_below(kinds[kind].every),
			};
	for (at = 0; at < (begin + flood->seconds) * SIM_SEC; at += SIM_SEC / HZ) {
		bool flooded = at >= begin * SIM_SEC;
		u64 when;

		sim_time_set(SIM_DAY + at);
		for (; !flooded && flood->prepared && at >= from &&
		       prepared * PACE * SIM_SEC <= (at - from) * flood->addresses; prepared++)
			charge(forged(flood, salt, prepared));
		due += flooded ? (double)flood->times * total.packets / HZ : 0;
		for (when = sim_below((u64)due + 1); due >= 1; due--, when--) {
			if (!when)
				befriend(friend, at, flooded, &course);
			course.through += charge(flood->addresses ? forged(flood, salt, n++) :
						 sim_random());
		}
		if (!when)
			befriend(friend, at, flooded, &course);
	}
	icmpguard_table_free(table);
	return course;
}

static double share(const struct course *course, unsigned int kind)
{
	return 100.0 * course->passed[kind] / course->sent[kind];
}

static double passed(const struct course *course, const struct flood *flood)
{
	unsigned int kind;
	u64 all = course->through;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++)
		all += course->passed[kind];
	return (double)all / (flood->seconds * total.packets + sim_burst(&total));
}

/* Sources without preparation */
static void sweep(unsigned int seconds)
{
	static const u64 list[] = { 0, 300, 3000, 30000, 300000 };
	struct flood flood = { .seconds = seconds, .seen = 600 };
	char name[32];
	unsigned int i;

	sim_row("Hosts seen for 10 minutes, then forged sources for %u:", seconds / 60);
	sim_row("%-14s %8s %10s %10s %12s %10s", "sources", "times", kinds[0].name, kinds[1].name,
		kinds[2].name, "the total");
	for (flood.times = 10; flood.times <= 100; flood.times *= 10)
		for (i = 0; i < ARRAY_SIZE(list); i++) {
			struct course course;
			bool kept;

			flood.addresses = list[i];
			course = play(&flood);
			snprintf(name, sizeof(name), list[i] ? "%llu" : "ever new", list[i]);
			sim_row("%-14s %8u %9.2f%% %9.2f%% %11.2f%% %9.1f%%", name, flood.times,
				share(&course, 0), share(&course, 1), share(&course, 2),
				100 * passed(&course, &flood));
			kept = share(&course, 0) >= 99 && share(&course, 1) >= 99 &&
			       share(&course, 2) >= 99;
			sim_result(kept && passed(&course, &flood) <= 1.05,
				   "%s sources, %u times the total: hosts keep their replies", name,
				   flood.times);
		}
}

/* Sources that pinged regularly before, as hosts do */
static void prepared(void)
{
	static const unsigned int seen[] = { 10, 80 }, before[] = { 1, 10, 80 };
	static const u64 list[] = { 1, 2, 30, 300 };
	struct flood flood = { .times = 100, .seconds = 300 };
	unsigned int i, j, k;

	sim_row("Forged sources that came every %u seconds before, then 100 times the total:", PACE);
	sim_row("%-10s %10s %8s %10s %10s %12s", "hosts seen", "sources", "for", kinds[0].name,
		kinds[1].name, kinds[2].name);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		for (j = 0; j < ARRAY_SIZE(before); j++)
			for (k = 0; k < ARRAY_SIZE(list); k++) {
				struct course course;

				flood.seen = 60 * seen[i];
				flood.prepared = 60 * before[j];
				flood.addresses = list[k];
				course = play(&flood);
				sim_row("%3u min    %10llu %4u min %9.2f%% %9.2f%% %11.2f%%", seen[i],
					list[k], before[j], share(&course, 0), share(&course, 1),
					share(&course, 2));
				sim_result(passed(&course, &flood) <= 1.05,
					   "%llu sources prepared for %u minutes: the total holds",
					   list[k], before[j]);
			}
}

int main(int argc, char **argv)
{
	sim_begin("standing");
	sim_rows_begin(argc > 1 ? argv[1] : NULL);
	sweep(SIM_SHORT ? 360 : 1800);
	prepared();
	return sim_end();
}
