// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time wraps. Over several wraps, with a sweep at least every
 * ICMPGUARD_SWEEP_PERIOD, each verdict must be that of a bucket whose time
 * doesn't wrap.
 */
#include <math.h>
#include "sim.h"

#define SOURCES		40
#define SETS		8

/* The whole range of time, in nanoseconds: weeks */
static u64 range_ns(void)
{
	return ((unsigned __int128)1 << 64) / ICMPGUARD_SECOND * SIM_SEC;
}

static u64 sweep_ns(void)
{
	return ICMPGUARD_SWEEP_PERIOD * SIM_SEC / HZ;
}

/* Time without a wrap, for the bucket to compare with */
static unsigned __int128 straight(u64 ns, bool fine)
{
	u64 jiffy = (unsigned __int128)ns * HZ / SIM_SEC;

	if (fine)
		return (unsigned __int128)ns * ICMPGUARD_PER_NSEC >> 32 >> ICMPGUARD_TIME_SHIFT
		       << ICMPGUARD_TIME_SHIFT;
	return (unsigned __int128)jiffy * ICMPGUARD_JIFFY;
}

/*
 * Sources spread over the sets so that none is ever full of busy buckets.
 * Each sleeps for anything from nothing to a fifth of the range; some are
 * silent for wraps, and most of the table is never touched.
 */
static void random_sleeps(const struct sim_limit *limit, bool fine, u64 late, u64 wraps)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	u64 block = sim_block(limit);
	u64 end = SIM_DAY + wraps * range_ns(), swept = SIM_DAY, at = SIM_DAY;
	unsigned int packets = 0, wrong = 0, passed = 0;
	struct sim_bucket bucket[SOURCES] = {};
	struct icmpguard_table *table;

	sim_time_set(at);
	table = sim_table_for(SETS * ICMPGUARD_WAYS, fine, limit);
	while (at < end) {
		u64 source = sim_below(SOURCES), next;
		unsigned int burst = 1 + sim_below(2 * sim_burst(limit));

		/* Evenly over the orders of magnitude: from milliseconds to days */
		next = at + (u64)(exp2(sim_below(1000) / 1000.0 * 30) * SIM_MSEC * 0.4);
		if (source < 5 && sim_below(20))
			continue;
		for (; burst; burst--) {
			bool pass = icmpguard_table_charge(table, sim_hash(source % SETS, 1 + source),
							   &gcra, block, &sim_no_aggregate, sim_now(fine)) ==
				    ICMPGUARD_CHARGE_PASS;

			passed += pass;
			packets++;
			wrong += pass != sim_bucket_charge(&bucket[source], &gcra,
							   straight(at, fine));
		}
		while (next - swept > sweep_ns() + late) {
			swept += sweep_ns() + late;
			sim_time_set(swept);
			icmpguard_table_sweep(table, sim_now(fine));
		}
		sim_time_set(at = next);
	}
	sim_result(!wrong && passed > packets / 4 && passed < packets,
		   "%u in %u s, burst %u, %s, %llu wraps in %llu days, sweeps%s: %u verdicts of %u differ",
		   limit->packets, limit->period ? limit->period : 1, sim_burst(limit),
		   fine ? "nanoseconds" : "jiffies", wraps, (end - SIM_DAY) / SIM_DAY,
		   late ? " days late" : "", wrong, packets);
	icmpguard_table_free(table);
}

/* A source that sends continuously, through all wraps */
static void busy(const struct sim_limit *limit, u64 wraps)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	double seconds = wraps * range_ns() / SIM_SEC;
	double due = seconds * limit->packets / limit->period + sim_burst(limit);
	u64 end = SIM_DAY + wraps * range_ns(), at, swept = SIM_DAY, passed = 0;
	struct icmpguard_table *table;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, limit);
	for (at = SIM_DAY; at < end; at += limit->period * SIM_SEC / limit->packets / 3) {
		sim_time_set(at);
		passed += icmpguard_table_charge(table, sim_hash(0, 1), &gcra, 0, &sim_no_aggregate,
						 sim_now(false)) == ICMPGUARD_CHARGE_PASS;
		if (at - swept > sweep_ns()) {
			swept = at;
			icmpguard_table_sweep(table, sim_now(false));
		}
	}
	sim_result(passed <= due + 1 && passed >= due * 0.99 - 1,
		   "%u in %u s, never resting: %llu of %.0f pass in %llu wraps", limit->packets,
		   limit->period, passed, due, wraps);
	icmpguard_table_free(table);
}

/* Why there is a sweep: without it, at some age an idle bucket looks busy. */
static void unswept(void)
{
	const struct sim_limit limit = { 1, 3600, 50 };
	struct icmpguard_gcra gcra = sim_gcra(&limit, 1);
	struct icmpguard_table *table;
	bool first;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &limit);
	icmpguard_table_charge(table, sim_hash(0, 1), &gcra, 0, &sim_no_aggregate, sim_now(false));
	sim_time_set(SIM_DAY + range_ns() - 97 * SIM_HOUR / 2);
	first = icmpguard_table_charge(table, sim_hash(0, 1), &gcra, 0, &sim_no_aggregate,
				       sim_now(false)) == ICMPGUARD_CHARGE_PASS;
	sim_result(!first, "without a sweep a source idle for nearly a wrap would be refused");
	icmpguard_table_free(table);
}

/* Whole tables: newcomers after days of silence, at any phase of the wrap */
static void newcomers(void)
{
	const struct sim_limit limit = { 10, 1, 20 };
	struct icmpguard_gcra gcra = sim_gcra(&limit, 1);
	u64 at = SIM_DAY, end = SIM_DAY + 3 * range_ns();
	struct icmpguard_table *table;
	unsigned int refused = 0, n = 0;
	u64 tag = 1;

	sim_time_set(at);
	table = sim_table_for(ICMPGUARD_WAYS, false, &limit);
	for (; at < end; at += sweep_ns()) {
		unsigned int i;

		sim_time_set(at);
		icmpguard_table_sweep(table, sim_now(false));
		sim_time_set(at + sim_below(sweep_ns()));
		for (i = 0; i < 8; i++, n++)
			refused += icmpguard_table_charge(table, sim_hash(0, tag++ & 0xffff), &gcra, 0,
							  &sim_no_aggregate, sim_now(false)) !=
				   ICMPGUARD_CHARGE_PASS;
	}
	sim_result(!refused, "newcomers at any time of three wraps: %u of %u refused", refused, n);
	icmpguard_table_free(table);
}

/* The same for a total, which is swept separately */
static void total(void)
{
	const struct sim_limit limit = { 1, 60, 50 };
	struct icmpguard_aggregate_bucket bucket;
	struct icmpguard_aggregate aggregate = sim_aggregate(&limit, &bucket);
	u64 at = SIM_DAY, end = SIM_DAY + 3 * range_ns(), swept = SIM_DAY;
	unsigned int wrong = 0, n = 0, i;

	sim_time_set(at);
	icmpguard_aggregate_forget(&bucket, sim_now(false));
	while (at < end) {
		u64 next = at + SIM_HOUR + sim_below(range_ns() / 5);
		unsigned int passed = 0;

		for (i = 0; i < 100; i++)
			passed += icmpguard_aggregate_charge(&aggregate, 0, sim_now(false)) ==
				  ICMPGUARD_CHARGE_PASS;
		/* The limit is jittered by an eighth. */
		wrong += passed > 50 || passed < 50 - 7;
		n++;
		for (; next - swept > sweep_ns(); ) {
			swept += sweep_ns();
			sim_time_set(swept);
			icmpguard_aggregate_sweep(&bucket, sim_now(false));
		}
		sim_time_set(at = next);
	}
	sim_result(!wrong, "a total after each of %u silences in three wraps: %u wrong", n, wrong);
}

/*
 * The largest debt, exceeded by what other processors charge to a total between
 * its check and a charge
 */
static void longest(void)
{
	struct icmpguard_rate rate = { .packets = 1 };
	struct icmpguard_aggregate aggregate = {};
	struct icmpguard_gcra gcra = {};
	struct icmpguard_aggregate_bucket bucket;
	unsigned int again = 0, i;
	u64 now;

	sim_time_set(SIM_DAY);
	now = sim_now(false);
	/* A rate whose burst ends just below it */
	for (rate.period = 900; rate.period <= 86400; rate.period++) {
		for (rate.burst = 1; rate.burst < 2000; rate.burst++)
			if (icmpguard_gcra_compile(&gcra, &rate, 1))
				break;
		rate.burst--;
		icmpguard_gcra_compile(&gcra, &rate, 1);
		if (ICMPGUARD_DEBT_MAX - gcra.cost - gcra.tolerance < 2 * gcra.cost)
			break;
	}
	aggregate.bucket = &bucket;
	aggregate.rate = gcra;
	aggregate.edge[ICMPGUARD_SENIOR] = gcra.tolerance;
	icmpguard_aggregate_forget(&bucket, now);
	for (i = 0; i < rate.burst; i++)
		icmpguard_aggregate_charge(&aggregate, 0, now);
	/* Two more of processors that looked before the last was charged */
	atomic64_add(2 * gcra.cost, &bucket.tat);
	for (again = 0, i = 0; i < 10; i++)
		again += icmpguard_aggregate_charge(&aggregate, 0, now) == ICMPGUARD_CHARGE_PASS;
	sim_result(!again, "total of 1 in %u s, burst %u, exceeded by two: %u more pass", rate.period,
		   rate.burst, again);
}

int main(void)
{
	sim_begin("wrap");
	sim_note("the range of time is %.1f days, a sweep is due every %.1f days",
		 range_ns() / 8.64e13, sweep_ns() / 8.64e13);
	random_sleeps(&(struct sim_limit) { 10, 1, 20 }, false, 0, 5);
	random_sleeps(&(struct sim_limit) { 1, 3600, 50 }, false, 0, 5);
	random_sleeps(&(struct sim_limit) { 1, 3600, 50 }, true, 0, 5);
	random_sleeps(&(struct sim_limit) { 1, 86400, 5 }, false, 0, 5);
	random_sleeps(&(struct sim_limit) { 1, 3600, 50 }, false, 2 * sweep_ns(), 5);
	busy(&(struct sim_limit) { 1, 3600, 5 }, 4);
	unswept();
	newcomers();
	total();
	longest();
	return sim_end();
}
