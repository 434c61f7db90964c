// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floods from ever new addresses: how much honest hosts get, how much a dishonest
 * host gets, and how much of the flood passes. Prints one table, also into the file
 * named on the command line.
 */
#include "sim.h"

#define HOSTS	200
#define HEAVIES	20

static const struct sim_limit ten = { 10, 1, 20 };

/**
 * struct party - sources that send at one pace
 * @hash: theirs
 * @n: how many
 * @rate: packets a second, of each
 * @limit: what they are held to
 * @sent: packets of all
 * @passed: of all
 * @each: passed, of each
 * @next: moment of the next packet of any, in seconds
 * @turn: which source sends it
 */
struct party {
	u64 hash[HOSTS];
	unsigned int n;
	double rate;
	struct icmpguard_gcra gcra;
	u64 sent, passed;
	unsigned int each[HOSTS];
	double next;
	unsigned int turn;
};

static void party_begin(struct party *party, unsigned int n, double rate,
			const struct sim_limit *limit)
{
	unsigned int i;

	memset(party, 0, sizeof(*party));
	party->n = n;
	party->rate = rate;
	party->gcra = sim_gcra(limit, 1);
	for (i = 0; i < n; i++)
		party->hash[i] = sim_random();
}

static void party_count_anew(struct party *party)
{
	party->sent = party->passed = 0;
	memset(party->each, 0, sizeof(party->each));
}

static unsigned int party_least(const struct party *party)
{
	unsigned int least = ~0U, i;

	for (i = 0; i < party->n; i++)
		if (party->each[i] < least)
			least = party->each[i];
	return least;
}

static unsigned int party_most(const struct party *party)
{
	unsigned int most = 0, i;

	for (i = 0; i < party->n; i++)
		if (party->each[i] > most)
			most = party->each[i];
	return most;
}

static void party_until(struct party *party, struct icmpguard_table *table, double t, u64 now)
{
	while (party->n && party->next <= t) {
		unsigned int who = party->turn++ % party->n;

		/* Each keeps its pace but for some milliseconds, as it does over a network. */
		party->next += (0.5 + sim_below(1 << 20) * 0x1p-20) / (party->rate * party->n);
		party->sent++;
		if (icmpguard_table_charge(table, party->hash[who], &party->gcra, 0, &sim_no_aggregate,
					   now) == ICMPGUARD_CHARGE_PASS) {
			party->passed++;
			party->each[who]++;
		}
	}
}

/**
 * struct flood - packets from new addresses
 * @limits: of the types they are of, taken in turn
 * @types: how many
 * @load: all of them, in capacities of the table
 * @sent: packets
 * @passed: packets
 * @spent: bucket time of those that passed, in seconds
 */
struct flood {
	struct sim_limit limits[2];
	unsigned int types;
	double load;
	u64 sent, passed;
	double spent;
};

/* Packets a second that make the load, each costing its type's share of a bucket's time */
static double flood_rate(const struct flood *flood, u32 sources)
{
	double cost = 0;
	unsigned int i;

	for (i = 0; i < flood->types; i++)
		cost += 1.0 / flood->limits[i].packets / flood->types;
	return flood->load * sources / cost;
}

static void run(struct icmpguard_table *table, struct flood *flood, struct party *hosts,
		struct party *heavies, double from, double to)
{
	double rate = flood_rate(flood, icmpguard_table_sources(table)), t;
	struct icmpguard_gcra gcra[2];
	u64 tick, n, i;

	for (i = 0; i < flood->types; i++)
		gcra[i] = sim_gcra(&flood->limits[i], 1);
	for (tick = from * HZ; tick < (u64)(to * HZ); tick++) {
		u64 now;

		sim_time_set(SIM_DAY + tick * SIM_SEC / HZ);
		now = sim_now(false);
		n = rate / HZ;
		for (i = 0; i < n; i++) {
			unsigned int type = i % flood->types;

			t = (tick + (double)i / n) / HZ;
			party_until(hosts, table, t, now);
			party_until(heavies, table, t, now);
			flood->sent++;
			if (icmpguard_table_charge(table, sim_random(), &gcra[type], 0, &sim_no_aggregate,
						   now) == ICMPGUARD_CHARGE_PASS) {
				flood->passed++;
				flood->spent += 1.0 / flood->limits[type].packets;
			}
		}
	}
}

/**
 * struct goal - what a row must show
 * @hosts: least share of the hosts' packets that pass
 * @passed: most that the flood may pass, in capacities
 */
struct goal {
	double hosts;
	double passed;
};

static void flood_row(const char *name, u32 sources, struct flood flood, const struct goal *goal)
{
	const double warm = 5, seconds = 20;
	struct party hosts, heavies;
	struct icmpguard_gcra gcra[3];
	unsigned int i;
	struct icmpguard_table *table;
	double share, capacity;

	sim_time_set(SIM_DAY);
	for (i = 0; i < flood.types; i++)
		gcra[i] = sim_gcra(&flood.limits[i], 1);
	gcra[i] = sim_gcra(&ten, 1);
	table = sim_table(sources, sim_now(false), gcra, flood.types + 1);
	party_begin(&hosts, HOSTS, 3, &ten);
	party_begin(&heavies, HEAVIES, 100, &ten);
	run(table, &flood, &hosts, &heavies, 0, warm);
	party_count_anew(&hosts);
	party_count_anew(&heavies);
	flood.sent = flood.passed = 0;
	flood.spent = 0;
	run(table, &flood, &hosts, &heavies, warm, warm + seconds);

	share = 100.0 * hosts.passed / hosts.sent;
	capacity = flood.spent / (sources * seconds);
	sim_row("%-46s %11.0f %9.2f%% %6u of 60 %8.2f %11.2f%% %9.2f", name,
	    flood.sent / seconds, share, (unsigned int)(party_least(&hosts) * 20 / seconds),
	    party_most(&heavies) / seconds, 100.0 * flood.passed / flood.sent, capacity);
	sim_result(share >= 100 * goal->hosts && party_least(&hosts) > 0,
		   "%s: hosts keep %.2f%% of their packets, the worst off %u", name, share,
		   party_least(&hosts));
	/* Taking over a bucket may give a source what another left, but not a second rate. */
	sim_result(party_most(&heavies) <= 10 * seconds + 2,
		   "%s: a source at 100 a second gets %.2f a second", name,
		   party_most(&heavies) / seconds);
	sim_result(capacity <= goal->passed, "%s: of the flood %.2f of the capacity pass", name,
		   capacity);
	icmpguard_table_free(table);
}

int main(int argc, char **argv)
{
	/* Less for what needs many packets to fill a table */
	const u32 small = 8192, mebibyte = SIM_SHORT ? small : 131072;

	sim_begin("goodput");
	sim_rows_begin(argc > 1 ? argv[1] : NULL);
	sim_row("hosts: 200, each 3 packets a second; limit 10/second burst 20; capacity: buckets x rate");
	sim_row("%-46s %11s %10s %12s %8s %12s %9s", "flood from new addresses", "packets/s", "hosts keep",
	    "worst off", "100/s", "flood passes", "capacity");
	flood_row("none", mebibyte, (struct flood) { { ten }, 1, 0.01 }, &(struct goal) { 1, 1 });
	flood_row("0.75 of capacity", mebibyte, (struct flood) { { ten }, 1, 0.75 },
		  &(struct goal) { 0.995, 0.76 });
	flood_row("4 times capacity", mebibyte,
		  (struct flood) { { ten }, 1, 4 }, &(struct goal) { 0.1, 1 });
	/* Types of other limits in the same table */
	flood_row("4 times, of a type 1/second burst 5, 64 KiB", small,
		  (struct flood) { { { 1, 1, 5 } }, 1, 4 }, &(struct goal) { 0.1, 1 });
	flood_row("4 times, of a type 50/second burst 100, 64 KiB", small,
		  (struct flood) { { { 50, 1, 100 } }, 1, 4 }, &(struct goal) { 0.1, 1 });
	flood_row("4 times, 10/second and 50/second in turn", small,
		  (struct flood) { { ten, { 50, 1, 100 } }, 2, 4 }, &(struct goal) { 0.1, 1 });
	flood_row("4 times, 10/second and 1/second in turn", small,
		  (struct flood) { { ten, { 1, 1, 5 } }, 2, 4 }, &(struct goal) { 0.1, 2 });
	return sim_end();
}
