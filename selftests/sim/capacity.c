// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large a table has to be, and how much of a processor a flood at line rate
 * takes: Documentation/capacity.rst is made from this output, which also goes to
 * the file named on the command line.
 *
 * SIM_COST is what a packet of a random flood costs, in nanoseconds, as "make
 * bench" measured it (row echo4:2^32).
 */
#include "sim.h"
#include "../../kmod/limiter/table.h"

#define HOSTS	200
#define SECONDS	20

/**
 * struct hosts - honest sources
 * @hash: theirs
 * @sent: packets of all
 * @passed: of all
 */
struct hosts {
	u64 hash[HOSTS];
	u64 sent, passed;
};

/**
 * struct scene - a flood over a table
 * @sources: the table's
 * @limit: a source's
 * @total: all sources'; no packets: none
 * @load: packets a second from ever new addresses, in capacities of the table
 * @flood: likewise, in packets a second, where @load is 0
 */
struct scene {
	u32 sources;
	struct sim_limit limit;
	struct sim_limit total;
	double load;
	double flood;
};

struct outcome {
	double known, newcomers, busy, passed;
};

static void send_as(struct hosts *hosts, unsigned int who, struct icmpguard_table *table,
		    const struct icmpguard_gcra *gcra, const struct icmpguard_aggregate *aggregate, u64 now)
{
	hosts->sent++;
	hosts->passed += icmpguard_table_charge(table, hosts->hash[who], gcra, 0, aggregate, now) ==
			 ICMPGUARD_CHARGE_PASS;
}

/*
 * Known hosts have pinged once a second before the flood and go on; newcomers start
 * during it, one packet each, then replaced by others.
 */
static struct outcome play(const struct scene *scene)
{
	struct icmpguard_aggregate_bucket total = { { 0 } };
	struct icmpguard_gcra gcra = sim_gcra(&scene->limit, 1);
	struct icmpguard_aggregate aggregate = sim_no_aggregate;
	struct hosts known = { .sent = 0 }, newcomers = { .sent = 0 };
	double rate = scene->flood, t = 0, passed = 0;
	struct icmpguard_usage usage = { 0 };
	struct icmpguard_table *table;
	u64 tick, busy = 0, ticks = 0;
	unsigned int i;

	sim_time_set(SIM_DAY);
	table = sim_table(scene->sources, sim_now(false), &gcra, 1);
	if (scene->total.packets) {
		aggregate = sim_aggregate(&scene->total, &total);
		icmpguard_aggregate_forget(&total, sim_now(false));
	}
	if (!rate)
		rate = scene->load * scene->sources * scene->limit.packets / scene->limit.period;
	for (i = 0; i < HOSTS; i++)
		known.hash[i] = sim_random();

	for (tick = 0; tick < (u64)(SECONDS + 25) * HZ; tick++) {
		bool flooded = tick >= 20 * HZ, counted = tick >= 25 * HZ;
		u64 now, n, j;

		sim_time_set(SIM_DAY + tick * SIM_SEC / HZ);
		now = sim_now(false);
		if (tick == 25 * HZ)
			known.sent = known.passed = 0;
		t += flooded ? rate / HZ : 0;
		n = t;
		t -= n;
		for (j = 0; j < n; j++) {
			bool pass = icmpguard_table_charge(table, sim_random(), &gcra, 0, &aggregate, now) ==
				    ICMPGUARD_CHARGE_PASS;

			passed += counted && pass;
			/* Honest packets come at random places among the others. */
			if (j == n / 2)
				for (i = tick % HZ; i < HOSTS; i += HZ)
					send_as(&known, i, table, &gcra, &aggregate, now);
		}
		if (!n)
			for (i = tick % HZ; i < HOSTS; i += HZ)
				send_as(&known, i, table, &gcra, &aggregate, now);
		if (counted) {
			newcomers.hash[0] = sim_random();
			send_as(&newcomers, 0, table, &gcra, &aggregate, now);
		}
		if (counted && !(tick % (HZ / 2))) {
			icmpguard_table_usage(table, now, &usage);
			busy += usage.busy;
			ticks++;
		}
	}
	icmpguard_table_free(table);
	return (struct outcome) {
		.known = 100.0 * known.passed / known.sent,
		.newcomers = 100.0 * newcomers.passed / newcomers.sent,
		.busy = 100.0 * busy / ticks / scene->sources,
		.passed = passed / SECONDS,
	};
}

static void loads(void)
{
	static const double load[] = { 0.125, 0.25, 0.5, 0.75, 1, 2, 4 };
	const u32 sources = SIM_SHORT ? 4096 : 16384;
	unsigned int i;

	sim_row("A flood from ever new addresses over a table of N buckets; limit 10/second burst 20, no total");
	sim_row("%-22s %12s %12s %12s", "flood / (N x limit)", "table busy", "known keep", "new pass");
	for (i = 0; i < ARRAY_SIZE(load); i++) {
		const struct scene scene = { sources, { 10, 1, 20 }, { 0 }, load[i], 0 };
		struct outcome outcome = play(&scene);

		sim_row("%-22.3f %11.1f%% %11.2f%% %11.2f%%", load[i], outcome.busy, outcome.known,
		    outcome.newcomers);
		if (load[i] <= 0.5)
			sim_result(outcome.known >= 99.9 && outcome.newcomers >= 99.5,
				   "load %.3f: known hosts keep %.2f%%, newcomers %.2f%%", load[i],
				   outcome.known, outcome.newcomers);
		/* A bucket is busy for as long as its packets cost; never more of them than there are. */
		sim_result(outcome.busy <= 100 * load[i] + 1 && outcome.busy >= 60 * min(load[i], 1.0),
			   "load %.3f: %.1f%% of the table is busy", load[i], outcome.busy);
	}
}

static void totals(void)
{
	/* The module's default, on tables of other sizes */
	static const u32 sources[] = { 1024, 4096, 16384 };
	static const double flood[] = { 100000, 1000000 };
	unsigned int i, j;

	sim_row("With a total: limit 50/second burst 100 total 20000/second");
	sim_row("%-10s %12s %12s %12s %12s", "buckets", "flood", "passes", "table busy", "known keep");
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		for (j = 0; j < (SIM_SHORT ? 1 : ARRAY_SIZE(flood)); j++) {
			const struct scene scene = {
				sources[i], { 50, 1, 100 }, { 20000, 1, 2000 }, 0, flood[j]
			};
			struct outcome outcome = play(&scene);

			sim_row("%-10u %10.0f/s %10.0f/s %11.1f%% %11.2f%%", sources[i], flood[j],
			    outcome.passed, outcome.busy, outcome.known);
			/* Known sources may fill half of a set, and in a small table some sets have more. */
			sim_result(outcome.known >= (sources[i] >= 16 * HOSTS ? 99.9 : 95), "%u buckets, %.0f/s: known hosts keep %.2f%%",
				   sources[i], flood[j], outcome.known);
			sim_result(outcome.passed <= 20000 * 1.01,
				   "%u buckets, %.0f/s: %.0f/s of the flood pass", sources[i], flood[j],
				   outcome.passed);
			sim_result(outcome.busy <= 100.0 * 20000 / 50 / sources[i] + 1,
				   "%u buckets, %.0f/s: %.1f%% of the table is busy", sources[i], flood[j],
				   outcome.busy);
		}
	}
}

/*
 * Routers that balance traffic by source and destination, as ECMP does: how much a
 * source at 1000 packets a second gets with a limit of 10 a second.
 */
static double spread(unsigned int routers, unsigned int destinations)
{
	const struct sim_limit limit = { 10, 1, 20 };
	struct icmpguard_gcra gcra = sim_gcra(&limit, 1);
	struct icmpguard_table *table[16];
	unsigned int i, next[16], n = 0;
	u64 hash = sim_random(), tick, passed = 0;

	sim_time_set(SIM_DAY);
	for (i = 0; i < routers; i++)
		table[i] = sim_table(1024, sim_now(false), &gcra, 1);
	for (i = 0; i < destinations; i++)
		next[i] = i < routers ? i : sim_below(routers);
	for (tick = 0; tick < (u64)30 * HZ; tick++) {
		sim_time_set(SIM_DAY + tick * SIM_SEC / HZ);
		for (i = 0; i < 1000 / HZ; i++)
			passed += icmpguard_table_charge(table[next[n++ % destinations]], hash, &gcra, 0,
							 &sim_no_aggregate, sim_now(false)) ==
				  ICMPGUARD_CHARGE_PASS && tick >= 10 * HZ;
	}
	for (i = 0; i < routers; i++)
		icmpguard_table_free(table[i]);
	return passed / 20.0;
}

static void routers(void)
{
	static const unsigned int n[] = { 1, 2, 4, 8 };
	unsigned int i;

	sim_row("Packets a second that a source gets through N routers, of a limit of 10/second on each");
	sim_row("%-10s %16s %18s", "routers", "1 destination", "16 destinations");
	for (i = 0; i < ARRAY_SIZE(n); i++) {
		double one = spread(n[i], 1), many = spread(n[i], 16);

		sim_row("%-10u %16.1f %18.1f", n[i], one, many);
		sim_result(one >= 9.9 && one <= 10.1 && many >= 9.9 * n[i] && many <= 10.1 * n[i],
			   "%u routers: %.1f to one destination, %.1f to many", n[i], one, many);
	}
}

/* Arithmetic: 84 bytes of a line for the smallest frame, its preamble and gap */
static void lines(void)
{
	static const unsigned int gbit[] = { 1, 10, 25, 100 };
	const char *text = getenv("SIM_COST");
	double cost = text ? atof(text) : 30;
	unsigned int i;

	sim_row("A line full of the smallest packets; a packet costs the hook %.0f ns (SIM_COST)", cost);
	sim_row("%-10s %14s %18s", "line", "packets/s", "of a processor");
	for (i = 0; i < ARRAY_SIZE(gbit); i++) {
		double packets = gbit[i] * 1e9 / 8 / 84, share = packets * cost / 1e9;

		sim_row("%3u Gbit/s %14.0f %17.0f%%", gbit[i], packets, 100 * share);
	}
}

int main(int argc, char **argv)
{
	sim_begin("capacity");
	sim_rows_begin(argc > 1 ? argv[1] : NULL);
	loads();
	totals();
	routers();
	lines();
	return sim_end();
}
