// SPDX-License-Identifier: GPL-2.0-only
/*
 * Penalties: when one begins, what prolongs it, when it ends, and which sources never get one.
 */
#include "sim.h"

static const struct sim_limit limit = { 10, 1, 20, 60 };

static struct icmpguard_table *table;
static struct icmpguard_gcra gcra;
static u64 block;

static void begin(void)
{
	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &limit);
	gcra = sim_gcra(&limit, 1);
	block = sim_block(&limit);
}

static enum icmpguard_charge send(u64 tag)
{
	return icmpguard_table_charge(table, sim_hash(0, tag), &gcra, block, &sim_no_aggregate,
				      sim_now(false));
}

static double debt_s(u64 tag)
{
	return (double)icmpguard_table_debt(table, sim_hash(0, tag), gcra.group, sim_now(false)).debt /
	       ICMPGUARD_SECOND;
}

/* @gap_ms between packets for @seconds; what happened, and when the penalty ended */
struct course {
	unsigned int passed, begun, served;
	double ended;
};

static struct course run(u64 tag, unsigned int gap_ms, unsigned int seconds)
{
	struct course course = { .ended = -1 };
	u64 from = sim_time(), ms;
	bool serving = false;

	for (ms = gap_ms; ms <= seconds * 1000ULL; ms += gap_ms) {
		sim_time_set(from + ms * SIM_MSEC);
		switch (send(tag)) {
		case ICMPGUARD_CHARGE_PASS:
			course.passed++;
			if (serving || course.ended < 0)
				course.ended = ms / 1000.0;
			serving = false;
			break;
		case ICMPGUARD_CHARGE_SOURCE:
			course.begun++;
			serving = true;
			break;
		case ICMPGUARD_CHARGE_PENALTY:
			course.served++;
			serving = true;
			break;
		default:
			break;
		}
	}
	return course;
}

static void begins(void)
{
	enum icmpguard_charge first, second;
	unsigned int n;

	begin();
	for (n = 0; n < 20 && send(1) == ICMPGUARD_CHARGE_PASS; n++)
		;
	first = send(1);
	second = send(1);
	sim_result(n == 20 && first == ICMPGUARD_CHARGE_SOURCE && second == ICMPGUARD_CHARGE_PENALTY &&
		   debt_s(1) > 61.8 && debt_s(1) < 62,
		   "the packet after the burst begins a penalty of 60 s, once");
	icmpguard_table_free(table);
}

static void calm(unsigned int gap_ms, double from, double to)
{
	struct course course;

	begin();
	while (send(1) != ICMPGUARD_CHARGE_SOURCE)
		;
	course = run(1, gap_ms, 1200);
	sim_result(!course.begun && course.ended >= from && course.ended <= to &&
		   course.passed + course.served == 1200000 / gap_ms,
		   "a source that slows down to one packet in %u ms: it ends once, after %.1f s",
		   gap_ms, course.ended);
	icmpguard_table_free(table);
}

/* It lasts as long as the flood does. */
static void kept(unsigned int gap_ms)
{
	struct course course;
	double end;

	begin();
	course = run(1, gap_ms, 600);
	end = sim_time() / 1e9;
	while (send(1) != ICMPGUARD_CHARGE_PASS)
		sim_time_set(sim_time() + SIM_SEC);
	end = sim_time() / 1e9 - end;
	sim_result(course.begun == 1 && course.passed <= 1000 / gap_ms * 20 && end >= 55 && end <= 70,
		   "a packet in %u ms keeps it for ten minutes: %u passed; it ends %.0f s after the flood",
		   gap_ms, course.passed, end);
	icmpguard_table_free(table);
}

/* Many packets between two ticks of the clock */
static void bunches(void)
{
	unsigned int passed = 0, begun = 0, n, i;

	begin();
	for (n = 0; n < 60 * HZ; n++) {
		sim_time_set(SIM_DAY + n * SIM_SEC / HZ);
		for (i = 0; i < 100; i++) {
			enum icmpguard_charge charge = send(1);

			passed += charge == ICMPGUARD_CHARGE_PASS;
			begun += charge == ICMPGUARD_CHARGE_SOURCE;
		}
	}
	sim_result(passed == 20 && begun == 1,
		   "100 packets a tick: it begins once (%u), after the burst (%u passed)", begun, passed);
	icmpguard_table_free(table);
}

/* The steady state of a flood writes nothing. */
static void quiet(void)
{
	struct icmpguard_set before;
	unsigned int n;

	begin();
	for (n = 0; n < 1000; n++)
		send(1);
	before = table->sets[0];
	for (n = 0; n < 1000; n++)
		send(1);
	sim_result(!memcmp(&before, &table->sets[0], sizeof(before)),
		   "at the longest penalty a refused packet writes nothing");
	icmpguard_table_free(table);
}

/* A penalty belongs to a source that had a bucket of its own. */
static void newcomer(void)
{
	unsigned int passed = 0, n;
	double most = 0;
	u64 tag;

	begin();
	for (tag = 1; tag <= 8; tag++)
		for (n = 0; n < 20; n++)
			send(tag);
	/* One packet of each, until there is no room for newcomers either */
	for (tag = 9; tag < 100; tag++)
		send(tag);
	for (n = 0; n < 100; n++)
		send(100);
	for (tag = 1; tag <= 100; tag++)
		if (debt_s(tag) > most)
			most = debt_s(tag);
	sim_result(debt_s(100) == 0 && most < 2.2,
		   "a newcomer refused for others' debt begins no penalty, its own or theirs");
	sim_time_set(sim_time() + 3 * SIM_SEC);
	for (n = 0; n < 20; n++)
		passed += send(100) == ICMPGUARD_CHARGE_PASS;
	sim_result(passed == 20, "and has its burst when they have paid");
	icmpguard_table_free(table);
}

/*
 * A flood of sources that stop as soon as their penalty has begun: a set still passes
 * no more than its eight buckets allow.
 */
static void passers_by(unsigned int packets)
{
	const unsigned int seconds = 60, bound = ICMPGUARD_WAYS * (20 + 10 * seconds);
	unsigned int passed = 0, others = 0, ms, n;

	begin();
	for (ms = 0; ms < 1000 * seconds; ms++) {
		u64 tag = 1 + sim_below(100000);

		sim_time_set(SIM_DAY + ms * SIM_MSEC);
		for (n = 0; n < packets; n++)
			passed += send(tag) == ICMPGUARD_CHARGE_PASS;
		/* And a harmless source, once a second */
		if (ms % 1000 == 999)
			others += send(100001 + ms / 1000) == ICMPGUARD_CHARGE_PASS;
	}
	sim_result(passed <= bound, "60 seconds of 1000 sources with %u packets each: %u passed, %u may",
		   packets, passed, bound);
	sim_note("of 60 others with one packet each %u passed", others);
	icmpguard_table_free(table);
}

int main(void)
{
	sim_begin("penalty");
	begins();
	calm(1000, 60, 70);
	calm(200, 110, 125);
	calm(5000, 60, 66);
	kept(10);
	kept(90);
	kept(1);
	bunches();
	quiet();
	newcomer();
	passers_by(1);
	passers_by(2);
	passers_by(3);
	passers_by(25);
	return sim_end();
}
