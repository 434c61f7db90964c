// SPDX-License-Identifier: GPL-2.0-only
/*
 * One source that always has packets to send: how many pass, against rate x time +
 * burst, over minutes and over any window; with jiffies and with the nanosecond
 * clock. And many sources at once, as if each had a bucket of its own.
 */
#include "sim.h"

static const struct sim_limit limits[] = {
	{ 1, 3600 }, { 10, 3600 }, { 100, 3600 }, { 1, 60 }, { 10, 60 },
	{ 1 }, { 3 }, { 10, 1, 20 }, { 50, 1, 100 }, { 100 }, { 1000 }, { 1234 },
	{ 7777, 1, 3000 }, { 10000 }, { 50000 }, { 100000 },
};

static double expected(const struct sim_limit *limit, double seconds)
{
	return (double)limit->packets / (limit->period ? limit->period : 1) * seconds +
	       sim_burst(limit);
}

/*
 * A source that sends as fast as allowed, tried every @step: if the bucket can't
 * overflow between two tries, everything that the rate allows must pass.
 */
static u64 greedy(struct icmpguard_table *table, const struct icmpguard_gcra *gcra, bool fine,
		  u64 begin, u64 length, u64 step)
{
	u64 hash = sim_random(), passed = 0, at;

	for (at = begin; at < begin + length; at += step) {
		sim_time_set(at);
		while (icmpguard_table_charge(table, hash, gcra, 0, &sim_no_aggregate,
					      sim_now(fine)) == ICMPGUARD_CHARGE_PASS)
			passed++;
	}
	return passed;
}

/* Packets at random moments, too many of them */
static u64 crowd(struct icmpguard_table *table, const struct icmpguard_gcra *gcra, bool fine,
		 u64 begin, u64 length, double mean)
{
	u64 hash = sim_random(), passed = 0;
	double at;

	for (at = 0; at < length; at += sim_wait(mean)) {
		sim_time_set(begin + (u64)at);
		passed += icmpguard_table_charge(table, hash, gcra, 0, &sim_no_aggregate,
						 sim_now(fine)) == ICMPGUARD_CHARGE_PASS;
	}
	return passed;
}

static void minute(const struct sim_limit *limit, bool fine)
{
	struct icmpguard_table *table;
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	double bound = expected(limit, 60);
	u64 step = SIM_SEC / HZ / 2, begin = SIM_DAY + sim_below(SIM_SEC);
	double period = (limit->period ? limit->period : 1) * 1e9 / limit->packets;
	u64 passed, crowded;

	if (fine) {
		/* Four tries while the bucket fills by one packet, no more than every 0.1 ms */
		step = period / 4 < 100000 ? 100000 : period / 4;
		if (step > SIM_SEC)
			step = SIM_SEC;
	}
	sim_time_set(SIM_DAY);
	table = sim_table_for(1024, fine, limit);
	passed = greedy(table, &gcra, fine, begin, SIM_MINUTE, step);
	crowded = crowd(table, &gcra, fine, begin + SIM_HOUR, SIM_MINUTE,
			period > SIM_SEC ? SIM_SEC / 3 : period / 3);
	/* A packet that the rate has only partly paid for isn't due yet. */
	sim_result(passed <= bound + 1 && passed >= bound * 0.99 - 1 && crowded <= bound + 1 &&
		   crowded >= bound * 0.99 - 1,
		   "%u in %u s, burst %u, %s: %llu and %llu of %.1f passed in 60 s",
		   limit->packets, limit->period ? limit->period : 1, sim_burst(limit),
		   fine ? "nanoseconds" : "jiffies", passed, crowded, bound);
	icmpguard_table_free(table);
}

/* The same, for long enough for the slowest rate */
static void day(const struct sim_limit *limit)
{
	struct icmpguard_table *table;
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	double bound = expected(limit, 86400);
	u64 passed;

	sim_time_set(SIM_DAY);
	table = sim_table_for(1024, false, limit);
	passed = greedy(table, &gcra, false, SIM_DAY, SIM_DAY, SIM_SEC);
	sim_result(passed <= bound + 1 && passed >= bound * 0.99 - 1,
		   "%u in %u s, burst %u: %llu of %.1f passed in a day", limit->packets,
		   limit->period, sim_burst(limit), passed, bound);
	icmpguard_table_free(table);
}

/*
 * Any window of time, with random traffic: never more than rate x time +
 * burst. A window's length is known to a tick of the clock.
 */
static void windows(const struct sim_limit *limit, bool fine)
{
	enum { PACKETS = 4096 };
	static u64 when[PACKETS];
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	double cost = (double)(limit->period ? limit->period : 1) / limit->packets;
	double tick = fine ? (double)ICMPGUARD_SOURCE_UNIT / ICMPGUARD_SECOND : 1.0 / HZ, worst = 0;
	double at = SIM_DAY;
	struct icmpguard_table *table;
	u64 hash = sim_random();
	unsigned int n = 0, i, j;

	sim_time_set(SIM_DAY);
	table = sim_table_for(1024, fine, limit);
	while (n < PACKETS) {
		/* Pauses and bursts */
		at += sim_below(100) ? sim_wait(cost * 5e8) : sim_wait(cost * 3e10);
		sim_time_set(at);
		if (icmpguard_table_charge(table, hash, &gcra, 0, &sim_no_aggregate,
					   sim_now(fine)) == ICMPGUARD_CHARGE_PASS)
			when[n++] = at;
	}
	for (i = 0; i < n; i++)
		for (j = i; j < n; j++) {
			double over = (double)(j - i + 1) - sim_burst(limit) -
				      ((when[j] - when[i]) * 1e-9 + tick) / cost;

			if (over > worst)
				worst = over;
		}
	sim_result(worst <= 0.001,
		   "%u in %u s, burst %u, %s: no window holds more than rate x time + burst",
		   limit->packets, limit->period ? limit->period : 1, sim_burst(limit),
		   fine ? "nanoseconds" : "jiffies");
	icmpguard_table_free(table);
}

/* As long as no set is full, each verdict is that of a bucket of the source's own. */
static void alone(const struct sim_limit *limit, bool fine)
{
	enum { SOURCES = 2000 };
	static struct sim_bucket bucket[SOURCES];
	static u64 hash[SOURCES];
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	double mean = (limit->period ? limit->period : 1) * 1e9 / limit->packets / SOURCES / 1.5;
	struct icmpguard_table *table;
	unsigned int wrong = 0, passed = 0, i;
	double at = SIM_DAY;
	u64 begin;

	sim_time_set(SIM_DAY);
	begin = sim_now(fine);
	table = sim_table(1 << 15, begin, &gcra, 1);
	memset(bucket, 0, sizeof(bucket));
	for (i = 0; i < SOURCES; i++)
		hash[i] = sim_random();
	for (i = 0; i < 400000; i++) {
		u64 source = sim_below(SOURCES);
		bool pass;

		sim_time_set(at);
		pass = icmpguard_table_charge(table, hash[source], &gcra, 0, &sim_no_aggregate,
					      sim_now(fine)) == ICMPGUARD_CHARGE_PASS;
		passed += pass;
		wrong += pass != sim_bucket_charge(&bucket[source], &gcra,
						   sim_now(fine) - begin + ICMPGUARD_SECOND);
		at += sim_wait(mean);
	}
	sim_result(!wrong && passed > i / 4 && passed < i,
		   "%u in %u s, burst %u, %s: 2000 sources, each as if alone: %u verdicts of %u differ",
		   limit->packets, limit->period ? limit->period : 1, sim_burst(limit),
		   fine ? "nanoseconds" : "jiffies", wrong, i);
	icmpguard_table_free(table);
}

int main(void)
{
	unsigned int i;

	sim_begin("accuracy");
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		struct icmpguard_gcra gcra = sim_gcra(&limits[i], 1);

		if (!icmpguard_gcra_is_fine(&gcra))
			minute(&limits[i], false);
		minute(&limits[i], true);
	}
	for (i = 0; i < 4; i++)
		day(&limits[i]);

	windows(&(struct sim_limit) { 10, 1, 20 }, false);
	windows(&(struct sim_limit) { 1, 60, 5 }, false);
	windows(&(struct sim_limit) { 1000, 1, 100 }, false);
	windows(&(struct sim_limit) { 10, 1, 20 }, true);
	windows(&(struct sim_limit) { 100000, 1, 1 }, true);

	alone(&(struct sim_limit) { 10, 1, 20 }, false);
	alone(&(struct sim_limit) { 1, 60, 3 }, false);
	alone(&(struct sim_limit) { 1000, 1, 7 }, true);
	return sim_end();
}
