// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one source can have waiting in reassembly: fragments are charged, and given back
 * when their message is whole. Completing messages, late or soon, gets it no more.
 */
#include "sim.h"
#include "record_kernel.h"
#include "../../kmod/record.c"

/* No allocation fails here. */
unsigned int fuzz_refuse;

/* Of type fragment, by default */
static const struct sim_limit limit = { 12, 1, 50, 0 };

#define PIECES_OF_ONE	40
#define FRAG_TIME	(30 * SIM_SEC)
#define SECONDS		300
/* In which the rate has room for one more */
#define LAST_MS		100
/* One source's, while it has that much: the burst, and the rate for as long as one waits */
#define MOST		(50 + 12 * 30)

/**
 * struct piece - a fragment that was taken
 * @at: when its message began
 * @message: of which, 0: of one of its own that is never whole
 */
struct piece {
	u64 at;
	unsigned int message;
};

static struct piece pieces[1 << 16];
static unsigned int taken, message;
static struct icmpguard_table *table;
static struct icmpguard_records *records;
static struct icmpguard_gcra gcra;

static u64 hash_of(unsigned int which)
{
	return (u64)which << 40 | which;
}

static bool take(unsigned int which, u64 begun)
{
	const struct icmpguard_charged charged = { .charges = 1, .memory = 4 };

	if (icmpguard_table_charge_slow(table, sim_hash(0, 1), &gcra, 0, &sim_no_aggregate,
					sim_now(false)) != ICMPGUARD_CHARGE_PASS)
		return false;
	/* A message that nothing follows needs no record. */
	if (which)
		icmpguard_record_charge(records, hash_of(which), false, &charged);
	pieces[taken++] = (struct piece) { begun, which };
	return true;
}

/* The last fragment of a message: nothing of it waits any more. */
static void complete(unsigned int which, u64 begun)
{
	struct icmpguard_charged charged;
	unsigned int i, kept = 0;

	if (!take(which, begun))
		return;
	for (i = 0; i < taken; i++)
		if (pieces[i].message != which)
			pieces[kept++] = pieces[i];
	taken = kept;
	charged = icmpguard_record_end(records, hash_of(which), false);
	icmpguard_table_refund(table, sim_hash(0, 1), &gcra, 0, NULL, charged.charges,
			       charged.age * ICMPGUARD_JIFFY, sim_now(false));
}

static unsigned int waiting(void)
{
	unsigned int i, n = 0, kept = 0;

	for (i = 0; i < taken; i++) {
		if (sim_time() - pieces[i].at >= FRAG_TIME)
			continue;
		pieces[kept++] = pieces[i];
		n++;
	}
	taken = kept;
	return n;
}

/*
 * Pieces of nothing as fast as they pass. Every @period_ms a message is begun with as
 * many as there is room for, after @later_ms it is completed, and @evicts what is
 * remembered of it is overwritten before.
 */
static unsigned int course(unsigned int period_ms, unsigned int later_ms, bool evicts)
{
	unsigned int ms, n, i, most = 0, open[64] = {};
	u64 begun[64] = {};

	sim_time_set(SIM_DAY);
	table = sim_table_for(ICMPGUARD_WAYS, false, &limit);
	gcra = sim_gcra(&limit, 1);
	records = icmpguard_records_alloc();
	taken = 0;
	for (ms = 0; ms < SECONDS * 1000; ms += 20) {
		sim_time_set(SIM_DAY + ms * SIM_MSEC);
		if (period_ms && ms % period_ms == 0) {
			i = ms / period_ms % ARRAY_SIZE(open);
			open[i] = ++message;
			begun[i] = sim_time();
			for (n = 0; n < PIECES_OF_ONE && take(message, begun[i]); n++)
				;
		}
		/* Only the last piece finds room: pieces of nothing had what there was before. */
		if (period_ms && ms + LAST_MS >= later_ms &&
		    (ms + LAST_MS - later_ms) % period_ms == 0)
			while (take(0, sim_time()))
				;
		if (period_ms && ms >= later_ms && (ms - later_ms) % period_ms == 0) {
			i = (ms - later_ms) / period_ms % ARRAY_SIZE(open);
			if (evicts)
				atomic64_set(&records->record[hash_of(open[i]) % RECORDS], 0);
			complete(open[i], begun[i]);
		}
		if (!period_ms || later_ms < 1000)
			while (take(0, sim_time()))
				;
		if (waiting() > most)
			most = waiting();
	}
	icmpguard_records_free(records);
	icmpguard_table_free(table);
	return most;
}

int main(void)
{
	static const unsigned int later[] = { 100, 500, 1000, 1900, 3000, 5000, 10000, 29000 };
	unsigned int i, evicts, period, most, worst;

	sim_begin("waiting");
	most = course(0, 0, false);
	sim_result(most <= MOST && most > MOST * 95 / 100,
		   "pieces that nothing follows: %u wait, %u may", most, MOST);
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		worst = 0;
		for (period = 100; period <= 30000; period = period * 2)
			for (evicts = 0; evicts < 2; evicts++) {
				most = course(period, later[i], evicts);
				if (most > worst)
					worst = most;
			}
		sim_result(worst <= MOST, "messages completed after %u ms: %u wait at most", later[i],
			   worst);
	}
	return sim_end();
}
