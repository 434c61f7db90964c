// SPDX-License-Identifier: GPL-2.0-only
/*
 * The aggregate limit, in a flood from random addresses: hosts that pinged before
 * keep their replies, and the limit holds.
 */
#include "sim.h"

#define HOSTS	50

static const struct sim_limit ten = { 10, 1, 20 };

struct course {
	u64 sent, passed;		/* the hosts' */
	u64 flood, through;
	double passed_all;		/* in rates */
	unsigned int known;
};

/*
 * Hosts at one packet a second for a minute, then the flood on top of them.
 * @addresses: 0 for ever new ones; else as many, again and again
 */
static struct course run(const struct sim_limit *limit, bool fine, double times, u64 addresses,
			 unsigned int seconds)
{
	struct icmpguard_aggregate_bucket bucket;
	struct icmpguard_aggregate aggregate = sim_aggregate(limit, &bucket);
	struct icmpguard_gcra gcra = sim_gcra(&ten, 1);
	struct icmpguard_table *table;
	struct course course = {};
	/* Hosts that use up to a twentieth of the total */
	unsigned int hosts = limit->packets / 20 < HOSTS ? limit->packets / 20 : HOSTS;
	u64 host[HOSTS], salt = sim_random(), step = fine ? SIM_SEC / 10000 : SIM_SEC / HZ, i;
	double due = 0, next = 0;
	unsigned int who = 0;
	u64 at;

	sim_time_set(SIM_DAY);
	table = sim_table(131072, sim_now(fine), &gcra, 1);
	icmpguard_aggregate_forget(&bucket, sim_now(fine));
	for (i = 0; i < hosts; i++)
		host[i] = sim_random();
	for (at = 0; at < (60 + seconds) * SIM_SEC; at += step) {
		bool flooding = at >= 60 * SIM_SEC;
		u64 now;

		sim_time_set(SIM_DAY + at);
		now = sim_now(fine);
		/* Hosts before, among and after the flood's packets */
		due += flooding ? times * limit->packets * step / SIM_SEC : 0;
		for (i = 0; i < (u64)due + 1; i++) {
			if (flooding && i < (u64)due) {
				u64 hash = addresses ? (sim_below(addresses) ^ salt) * 0x9e3779b97f4a7c15ULL :
					   sim_random();

				if (addresses)
					hash ^= hash >> 29;
				course.flood++;
				course.through += icmpguard_table_charge(table, hash, &gcra, 0, &aggregate,
									 now) == ICMPGUARD_CHARGE_PASS;
			}
			while (next <= at + (double)i / ((u64)due + 1) * step) {
				bool pass = icmpguard_table_charge(table, host[who], &gcra, 0, &aggregate,
								   now) == ICMPGUARD_CHARGE_PASS;

				who = (who + 1) % hosts;
				next += (double)SIM_SEC / hosts * (0.5 + sim_below(1000) / 1000.0);
				if (flooding) {
					course.sent++;
					course.passed += pass;
				}
			}
		}
		due -= (u64)due;
	}
	for (i = 0; i < hosts; i++)
		course.known += icmpguard_table_debt(table, host[i], gcra.group, sim_now(fine)).standing > 0;
	course.passed_all = (double)(course.passed + course.through) / seconds / limit->packets;
	icmpguard_table_free(table);
	return course;
}

static void random_flood(const struct sim_limit *limit, bool fine, double times)
{
	unsigned int seconds = SIM_SHORT ? 10 : limit->packets > 10000 ? 20 : 60;
	struct course course = run(limit, fine, times, 0, seconds);
	double share = 100.0 * course.passed / course.sent;

	/* What is left of the burst at the start passes on top of the rate. */
	sim_result(share >= 99, "total %u/second burst %u, %s, flood of %.0f times: known hosts keep %.2f%%",
		   limit->packets, sim_burst(limit), fine ? "nanoseconds" : "jiffies", times, share);
	sim_result(course.passed_all <= 1.05 + (double)sim_burst(limit) / limit->packets / seconds &&
		   course.passed_all >= 0.95,
		   "total %u/second burst %u, %s, flood of %.0f times: the total lets %.3f of its rate pass",
		   limit->packets, sim_burst(limit), fine ? "nanoseconds" : "jiffies", times,
		   course.passed_all);
}

/* How much an attacker gains by returning with a fixed set of addresses */
static void owned(u64 addresses)
{
	const struct sim_limit limit = { 1000, 1, 100 };
	struct course course = run(&limit, false, 100, addresses, 60);

	sim_note("total 1000/second, flood of 100 times from %llu addresses that come back: known hosts keep %.2f%%",
		 addresses, 100.0 * course.passed / course.sent);
	sim_result(course.passed_all <= 1.05, "from %llu addresses: the total lets %.3f of its rate pass",
		   addresses, course.passed_all);
}

/* Probing for the jittered limit reveals nothing useful. */
static void jitter(void)
{
	const struct sim_limit limit = { 1000, 1, 100 };
	struct icmpguard_aggregate_bucket bucket;
	struct icmpguard_aggregate aggregate = sim_aggregate(&limit, &bucket);
	unsigned int least = ~0U, most = 0, n, i;

	for (n = 0; n < 1000; n++) {
		unsigned int passed = 0;

		sim_time_set(SIM_DAY + n * SIM_SEC);
		icmpguard_aggregate_forget(&bucket, sim_now(false));
		for (i = 0; i < 200; i++)
			passed += icmpguard_aggregate_charge(&aggregate, 0, sim_now(false)) ==
				  ICMPGUARD_CHARGE_PASS;
		if (passed < least)
			least = passed;
		if (passed > most)
			most = passed;
	}
	sim_result(most <= 100 && most >= 99 && least <= 90 && least >= 87,
		   "a burst of 100 ends after %u to %u packets, by chance", least, most);
}

int main(void)
{
	sim_begin("total");
	random_flood(&(struct sim_limit) { 1000, 1, 100 }, false, 100);
	random_flood(&(struct sim_limit) { 1000, 1, 100 }, true, 100);
	random_flood(&(struct sim_limit) { 1000, 1, 1000 }, false, 100);
	random_flood(&(struct sim_limit) { 1000, 1, 100 }, false, 2);
	random_flood(&(struct sim_limit) { 20000, 1, 2000 }, false, SIM_SHORT ? 10 : 100);
	random_flood(&(struct sim_limit) { 200, 1, 20 }, false, 100);
	random_flood(&(struct sim_limit) { 200, 1, 0 }, false, 100);
	random_flood(&(struct sim_limit) { 100, 1, 5 }, false, 100);
	if (!SIM_SHORT) {
		owned(10000000);
		owned(1000000);
		owned(100000);
	}
	jitter();
	return sim_end();
}
