// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks that misbehave: one that is stuck, one that jumps, one that lags a little
 * on another processor, one that is replaced by another.
 */
#include "sim.h"

static const struct sim_limit ten = { 10, 1, 20 };

static unsigned int send(struct icmpguard_table *table, const struct sim_limit *limit, u64 now,
			 unsigned int packets)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);
	unsigned int passed = 0;

	while (packets--)
		passed += icmpguard_table_charge(table, sim_hash(0, 1), &gcra, 0, &sim_no_aggregate,
						 now) == ICMPGUARD_CHARGE_PASS;
	return passed;
}

static void stuck(void)
{
	struct icmpguard_table *table;
	unsigned int first, second;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &ten);
	first = send(table, &ten, sim_now(false), 100000);
	sim_time_set(SIM_DAY + SIM_SEC);
	second = send(table, &ten, sim_now(false), 100000);
	sim_result(first == 20 && second == 10,
		   "a clock that is stuck gives out one burst, and %u packets for the second it catches up",
		   second);
	icmpguard_table_free(table);
}

static void ahead(u64 by, const char *name)
{
	struct icmpguard_table *table;
	unsigned int first, second;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &ten);
	first = send(table, &ten, sim_now(false), 100);
	sim_time_set(SIM_DAY + by);
	second = send(table, &ten, sim_now(false), 100);
	sim_result(first == 20 && second == 20, "after a jump of %s: one burst, %u packets", name,
		   second);
	icmpguard_table_free(table);
}

/*
 * Two processors, one of which sees each tick of the clock late: it reads the time
 * and is interrupted then. Together they may pass no more than one processor could,
 * plus one packet each.
 */
static void lagging(const struct sim_limit *limit, u64 by, const char *what)
{
	const u64 seconds = 10;
	u64 passed = 0, bound = sim_burst(limit) + limit->packets * seconds + 2, jiffy;
	struct icmpguard_table *table;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, limit);
	for (jiffy = 0; jiffy < seconds * HZ; jiffy++) {
		u64 now;

		sim_time_set(SIM_DAY + jiffy * SIM_SEC / HZ);
		now = sim_now(false);
		passed += send(table, limit, now, 2 * limit->packets / HZ + 2);
		passed += send(table, limit, now - by, 1);
		passed += send(table, limit, now, 2 * limit->packets / HZ + 2);
	}
	sim_result(passed <= bound,
		   "%u a second, two processors, one packet a tick, lag %s: %llu passed of %llu",
		   limit->packets, what, passed, bound);
	icmpguard_table_free(table);
}

/* A penalty isn't ended by a processor that sees its beginning too early. */
static void lagging_penalty(u64 by, const char *what)
{
	const struct sim_limit limit = { 10, 1, 20, 60 };
	struct icmpguard_gcra gcra = sim_gcra(&limit, 1);
	unsigned int passed = 0, tick, i;
	struct icmpguard_table *table;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &limit);
	for (tick = 0; tick < 10 * HZ; tick++) {
		sim_time_set(SIM_DAY + tick * SIM_SEC / HZ);
		for (i = 0; i < 100; i++)
			passed += icmpguard_table_charge(table, sim_hash(0, 1), &gcra, sim_block(&limit),
							 &sim_no_aggregate,
							 sim_now(false) - (i % 4 == 3 ? by : 0)) ==
				  ICMPGUARD_CHARGE_PASS;
	}
	sim_result(passed <= 20 && passed >= 19,
		   "a penalty, and every fourth packet with lag %s: %u of 20 passed", what, passed);
	icmpguard_table_free(table);
}

/* From jiffies to nanoseconds and back, as a change of configuration does it */
static void exchange(void)
{
	struct icmpguard_clock clock = {};
	struct icmpguard_table *table;
	unsigned int passed = 0, ms;

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &ten);
	for (ms = 0; ms < 60000; ms++) {
		sim_time_set(SIM_DAY + ms * SIM_MSEC);
		if (ms % 777 == 0) {
			bool fine = !clock.fine;

			clock = (struct icmpguard_clock) {
				.offset = icmpguard_clock_now(&clock) - icmpguard_clock_raw(fine),
				.fine = fine,
			};
		}
		passed += send(table, &ten, icmpguard_clock_now(&clock), 1);
	}
	sim_result(passed >= 614 && passed <= 621,
		   "changes from one clock to the other, 77 of them: %u of 620 passed", passed);
	icmpguard_table_free(table);
}

int main(void)
{
	sim_begin("clock");
	stuck();
	ahead(2 * SIM_SEC, "2 seconds");
	ahead(SIM_HOUR, "an hour");
	ahead(SIM_DAY, "a day");
	ahead(20 * SIM_DAY, "20 days");
	lagging(&ten, ICMPGUARD_JIFFY, "one tick");
	lagging(&(struct sim_limit) { 1000, 1, 100 }, ICMPGUARD_JIFFY, "one tick");
	lagging(&(struct sim_limit) { 100000, 1, 10000 }, ICMPGUARD_JIFFY, "one tick");
	lagging(&ten, 20 * ICMPGUARD_JIFFY, "20 ticks");
	lagging(&(struct sim_limit) { 1000, 1, 100 }, 20 * ICMPGUARD_JIFFY, "20 ticks");
	lagging(&(struct sim_limit) { 1000, 1, 100 }, 20 * ICMPGUARD_TIME_UNIT, "a microsecond");
	lagging_penalty(ICMPGUARD_JIFFY, "a tick");
	lagging_penalty(20 * ICMPGUARD_JIFFY, "20 ticks");
	exchange();
	return sim_end();
}
