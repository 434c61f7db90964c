// SPDX-License-Identifier: GPL-2.0-only
/*
 * More sources than buckets: how much a newcomer gets, how much a set passes in
 * total, which sources lose a bucket and which keep one.
 */
#include "sim.h"

static const struct sim_limit ten = { 10, 1, 20 };

static struct icmpguard_table *one_set(void)
{
	sim_time_set(SIM_DAY);
	return sim_table_for(ICMPGUARD_WAYS, false, &ten);
}

static bool send(struct icmpguard_table *table, u64 tag, const struct sim_limit *limit)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);

	return icmpguard_table_charge(table, sim_hash(0, tag), &gcra, sim_block(limit),
				      &sim_no_aggregate, sim_now(false)) == ICMPGUARD_CHARGE_PASS;
}

static unsigned int send_all(struct icmpguard_table *table, u64 tag, const struct sim_limit *limit,
			     unsigned int most)
{
	unsigned int passed = 0;

	while (most-- && send(table, tag, limit))
		passed++;
	return passed;
}

static void sleep_ms(u64 ms)
{
	sim_time_set(sim_time() + ms * SIM_MSEC);
}

static unsigned int count_tags(const struct icmpguard_table *table, u64 first, u64 last)
{
	unsigned int way, n = 0;

	for (way = 0; way < ICMPGUARD_WAYS; way++) {
		u64 tag = atomic64_read(&table->sets[0].way[way]) & ICMPGUARD_TAG_MASK;

		n += tag >= first && tag <= last;
	}
	return n;
}

static unsigned int standing_of(const struct icmpguard_table *table, u64 tag)
{
	unsigned int way;

	for (way = 0; way < ICMPGUARD_WAYS; way++) {
		u64 word = atomic64_read(&table->sets[0].way[way]);

		if ((word & ICMPGUARD_TAG_MASK) == tag)
			return icmpguard_slot_standing(word);
	}
	return ICMPGUARD_NEWCOMER;
}

static void size(void)
{
	struct icmpguard_table *table = icmpguard_table_alloc(131072, 0);

	sim_result(sizeof(*table->sets) == 64 && (table->mask + 1) * sizeof(*table->sets) == 1 << 20 &&
		   icmpguard_table_sources(table) == 131072 && !((uintptr_t)table->sets % 64),
		   "131072 sources are a mebibyte of cache lines");
	icmpguard_table_free(table);
}

/* However many classes of rates there are, the whole table is used, and nothing outside it. */
static void divide(void)
{
	unsigned int n, wrong = 0, i;
	u32 sources;

	sim_time_set(SIM_DAY);
	for (n = 1; n <= 20; n++)
		for (sources = ICMPGUARD_TABLE_MIN; sources <= 4096; sources *= 2) {
			struct icmpguard_gcra gcra[20];
			struct icmpguard_table *table;

			for (i = 0; i < n; i++)
				gcra[i] = sim_gcra(&(struct sim_limit) { 1, 1 + i * i, 1 + i % 7 }, 1);
			table = sim_table(sources, sim_now(false), gcra, n);
			wrong += icmpguard_table_sources(table) != sources;
			for (i = 0; i < 100 * n; i++)
				wrong += icmpguard_table_charge(table, sim_random(), &gcra[i % n], 0,
								&sim_no_aggregate, sim_now(false)) !=
					 ICMPGUARD_CHARGE_PASS && sources > 100 * n * 16;
			icmpguard_table_free(table);
		}
	sim_result(!wrong, "up to 20 kinds of limits in tables of 8 to 4096 sources");
}

/* An idle bucket is full, so losing it costs nothing. */
static void idle(void)
{
	struct icmpguard_table *table = one_set();
	unsigned int wrong = 0, n;
	u64 tag;

	for (n = 0; n < 5000; n++) {
		tag = 1 + sim_below(1000);
		wrong += send_all(table, tag, &ten, 25) != 20;
		sleep_ms(2100);
	}
	sim_result(!wrong, "1000 sources taking turns in 8 buckets: each has its burst every time");
	icmpguard_table_free(table);
}

static void inherit(void)
{
	struct icmpguard_table *table = one_set();
	unsigned int got;
	u64 tag;

	/* Buckets with 2, 4 ... 16 packets taken from them */
	for (tag = 1; tag <= 8; tag++)
		send_all(table, tag, &ten, 2 * tag);
	got = send_all(table, 100, &ten, 100);
	sim_result(got == 18 && count_tags(table, 1, 1) == 0 && count_tags(table, 2, 8) == 7,
		   "a newcomer among eight busy ones gets what the least indebted had left: %u of 18",
		   got);
	icmpguard_table_free(table);
}

static void heavy(void)
{
	struct icmpguard_table *table = one_set();
	unsigned int n, passed = 0;
	u64 tag = 1000;

	/* One at ten times the rate; newcomers at three quarters of the others' capacity */
	for (n = 0; n < 60000; n++) {
		sim_time_set(SIM_DAY + n * SIM_MSEC);
		if (n % 10 == 0)
			passed += send(table, 1, &ten);
		if (n % 19 == 0)
			send(table, tag++, &ten);
	}
	sim_result(passed <= 20 + 600 + 1 && passed >= 610 && count_tags(table, 1, 1) == 1,
		   "a source at ten times the rate keeps its bucket: %u of 620 pass in 60 s", passed);
	icmpguard_table_free(table);
}

/* A set passes what eight buckets allow, whichever sources send. */
static void strict(unsigned int sources, bool fresh)
{
	struct icmpguard_table *table = one_set();
	unsigned int n, passed = 0, bound = 8 * (20 + 10 * 60);
	u64 tag = 1;

	for (n = 0; n < 60 * 4000; n++) {
		sim_time_set(SIM_DAY + n * SIM_SEC / 4000);
		passed += send(table, fresh ? tag++ & ICMPGUARD_TAG_MASK : 1 + sim_below(sources),
			       &ten);
	}
	sim_result(passed <= bound && passed >= bound * 0.99,
		   "%s flood one set at 4000 a second: %u of %u pass in 60 s",
		   fresh ? "ever new sources" : sources == 9 ? "9 sources" : "1000 sources", passed,
		   bound);
	icmpguard_table_free(table);
}

/* Debts on another scale, in the same set or in a slow limit's part */
static void others(const struct sim_limit *other, const char *what, unsigned int least)
{
	struct icmpguard_gcra gcra[] = { sim_gcra(&ten, 1), sim_gcra(other, 1) };
	struct icmpguard_table *table;
	unsigned int n, passed = 0, early;
	u64 tag;

	sim_time_set(SIM_DAY);
	table = sim_table(2 * ICMPGUARD_WAYS, sim_now(false), gcra, 2);
	for (tag = 1; tag <= 8; tag++)
		send_all(table, tag, other, 1000);
	early = send_all(table, 100, &ten, 1000);
	for (n = 0; n < 6000; n++) {
		sleep_ms(10);
		passed += send(table, 100, &ten);
	}
	sim_result(early >= least && passed <= 601 && passed >= 599,
		   "eight %s don't keep a source out: %u at once, then %u of 600 in 60 s", what,
		   early, passed);
	icmpguard_table_free(table);
}

static void quiet(void)
{
	struct icmpguard_table *table = one_set();
	struct icmpguard_set before;
	unsigned int n, wrong = 0;
	u64 tag;

	/* Until neither the sources nor newcomers have anything left */
	for (tag = 1; tag <= 100; tag++)
		send_all(table, tag, &ten, 1000);
	before = table->sets[0];
	for (n = 0; n < 1000; n++)
		wrong += send(table, 1 + n, &ten);
	sim_result(!wrong && !memcmp(&before, &table->sets[0], sizeof(before)),
		   "a refused packet writes nothing, whether its source has a bucket or not");
	icmpguard_table_free(table);
}

/* A host that pings every second, in a set that is flooded by ever new sources */
static void known(void)
{
	struct icmpguard_table *table = one_set();
	unsigned int n, passed = 0, sent = 0;
	u64 tag = 1000;

	send(table, 1, &ten);
	sim_result(!standing_of(table, 1), "a source has no standing by its first packet");
	sleep_ms(50);
	send(table, 1, &ten);
	sim_result(!standing_of(table, 1), "nor by coming back before its bucket is full");
	sleep_ms(17000);
	send(table, 1, &ten);
	sim_result(standing_of(table, 1) == ICMPGUARD_RETURNED, "but by coming back at its own pace");

	for (n = 0; n < 60000; n++) {
		sleep_ms(1);
		if (n % 1000 == 0) {
			passed += send(table, 1, &ten);
			sent++;
		}
		send(table, 1000 + (tag++ & 0xffff), &ten);
	}
	sim_result(passed == sent && standing_of(table, 1),
		   "a known source keeps its bucket in a flood of newcomers: %u of %u", passed, sent);
	icmpguard_table_free(table);

	table = one_set();
	for (n = 0; n < 2; n++) {
		send(table, 1, &ten);
		sleep_ms(17000);
	}
	sleep_ms(8 * 60 * 1000);
	for (tag = 2; tag < 2000; tag++)
		send(table, tag, &ten);
	sim_result(count_tags(table, 1, 1) == 1, "eight minutes later it still has it");
	sleep_ms(60 * 1000);
	for (tag = 2; tag < 2000; tag++)
		send(table, tag, &ten);
	sim_result(count_tags(table, 1, 1) == 0, "nine minutes later it has been forgotten");
	icmpguard_table_free(table);
}

/* More known sources than may be: what is left for newcomers */
static void known_half(unsigned int gap_ms, unsigned int apart_ms, const char *how)
{
	struct icmpguard_table *table = one_set();
	unsigned int n, most = 0, passed = 0;
	u64 tag;

	for (n = 0; n < 60000; n++) {
		unsigned int is = 0;

		sleep_ms(1);
		for (tag = 1; tag <= 8; tag++)
			if ((n + tag * apart_ms) % gap_ms == 0)
				send(table, tag, &ten);
		for (tag = 1; tag <= 8; tag++)
			is += !!standing_of(table, tag);
		if (is > most)
			most = is;
	}
	for (n = 0; n < 60000; n++) {
		sleep_ms(1);
		for (tag = 1; tag <= 8; tag++)
			if ((n + tag * apart_ms) % gap_ms == 0)
				send(table, tag, &ten);
		passed += send(table, 1000 + n % 60000, &ten);
	}
	sim_result(most <= ICMPGUARD_KNOWN_MAX && passed >= 10 * 60 * ICMPGUARD_KNOWN_MAX - 600,
		   "of eight hosts, each %s, %u become known; newcomers get %u packets in 60 s",
		   how, most, passed);
	icmpguard_table_free(table);
}

int main(void)
{
	sim_begin("takeover");
	size();
	divide();
	idle();
	inherit();
	heavy();
	strict(9, false);
	strict(1000, false);
	strict(0, true);
	others(&(struct sim_limit) { 1, 3600, 5 }, "sources of a slow limit", 20);
	others(&(struct sim_limit) { 10, 1, 20, 3600 }, "sources with a penalty", 1);
	quiet();
	known();
	known_half(5000, 600, "at one packet in 5 s");
	known_half(5000, 7, "at one packet in 5 s and all at once");
	known_half(103, 13, "in debt nearly all the time");
	return sim_end();
}
