// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table that replaces another: a source's debt and standing move with it, also
 * through several tables, to smaller and to larger ones.
 */
#include "sim.h"

#define HOSTS	500

static const struct sim_limit ten = { 10, 1, 20 };

static enum icmpguard_charge send(struct icmpguard_table *table, u64 hash,
				  const struct sim_limit *limit)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);

	return icmpguard_table_charge(table, hash, &gcra, sim_block(limit), &sim_no_aggregate,
				      sim_now(false));
}

static struct icmpguard_debt debt_of(const struct icmpguard_table *table, u64 hash)
{
	return icmpguard_table_debt(table, hash, sim_gcra(&ten, 1).group, sim_now(false));
}

static struct icmpguard_table *replace(struct icmpguard_table *old, u32 sources)
{
	struct icmpguard_table *table = sim_table_for(sources, false, &ten);

	table->older = old;
	return table;
}

static void free_all(struct icmpguard_table *table)
{
	while (table) {
		struct icmpguard_table *older = table->older;

		icmpguard_table_free(table);
		table = older;
	}
}

/* Hosts at twice the rate through @sizes: none may get more than without a change. */
static void debts(const u32 *sizes, unsigned int changes, const char *name)
{
	static u64 hash[HOSTS];
	static unsigned int passed[HOSTS];
	struct icmpguard_table *table;
	unsigned int n, i, most = 0, least = ~0U, change = 0;

	sim_time_set(SIM_DAY);
	table = replace(NULL, sizes[0]);
	for (i = 0; i < HOSTS; i++) {
		hash[i] = sim_random();
		passed[i] = 0;
	}
	for (n = 0; n < 20 * 20; n++) {
		sim_time_set(SIM_DAY + n * 50 * SIM_MSEC);
		if (n >= 100 && n % 40 == 3 && change + 1 < changes)
			table = replace(table, sizes[++change]);
		for (i = 0; i < HOSTS; i++)
			passed[i] += send(table, hash[i], &ten) == ICMPGUARD_CHARGE_PASS;
	}
	for (i = 0; i < HOSTS; i++) {
		if (passed[i] > most)
			most = passed[i];
		if (passed[i] < least)
			least = passed[i];
	}
	sim_result(most <= 221 && least >= 218,
		   "%s: hosts at twice the rate get %u to %u of 220 packets", name, least, most);
	free_all(table);
}

/* A limit of another class is added, and the table is divided again. */
static void divided(void)
{
	static u64 hash[HOSTS];
	struct icmpguard_gcra gcra[] = {
		sim_gcra(&ten, 1), sim_gcra(&(struct sim_limit) { 1, 3600, 5 }, 1),
	};
	struct icmpguard_table *table, *old;
	unsigned int i, passed = 0;

	sim_time_set(SIM_DAY);
	old = replace(NULL, 16384);
	for (i = 0; i < HOSTS; i++) {
		hash[i] = sim_random();
		while (send(old, hash[i], &ten) == ICMPGUARD_CHARGE_PASS)
			;
	}
	table = sim_table(16384, sim_now(false), gcra, 2);
	table->older = old;
	for (i = 0; i < HOSTS; i++)
		passed += send(table, hash[i], &ten) == ICMPGUARD_CHARGE_PASS;
	sim_result(!passed, "a table divided again: %u of %u hosts without a packet left pass one", passed,
		   HOSTS);
	free_all(table);
}

static void known(u32 from, u32 to)
{
	static u64 hash[HOSTS];
	struct icmpguard_table *table;
	unsigned int n, i, before = 0, after = 0;

	sim_time_set(SIM_DAY);
	table = replace(NULL, from);
	for (i = 0; i < HOSTS; i++)
		hash[i] = sim_random();
	for (n = 0; n < 4; n++) {
		for (i = 0; i < HOSTS; i++)
			send(table, hash[i], &ten);
		sim_time_set(sim_time() + 17 * SIM_SEC);
	}
	for (i = 0; i < HOSTS; i++)
		before += debt_of(table, hash[i]).standing > 0;
	table = replace(table, to);
	for (i = 0; i < HOSTS; i++)
		send(table, hash[i], &ten);
	sim_time_set(sim_time() + SIM_SEC);
	for (i = 0; i < HOSTS; i++)
		after += debt_of(table, hash[i]).standing > 0;
	sim_result(before >= HOSTS * 0.99 && after >= before * 0.99,
		   "from %u to %u: %u of %u hosts were known, %u are", from, to, before, HOSTS, after);
	free_all(table);
}

/* The same for a source that is in debt at the moment of the change */
static void known_in_debt(void)
{
	struct icmpguard_table *table;
	u64 hash = sim_random();
	bool before, after;

	sim_time_set(SIM_DAY);
	table = replace(NULL, 1024);
	send(table, hash, &ten);
	sim_time_set(sim_time() + 17 * SIM_SEC);
	send(table, hash, &ten);
	before = debt_of(table, hash).standing > 0;
	table = replace(table, 4096);
	send(table, hash, &ten);
	sim_time_set(sim_time() + SIM_SEC);
	after = debt_of(table, hash).standing > 0;
	sim_result(before && after,
		   "a source in debt: %sknown before the change, %sknown after", before ? "" : "un",
		   after ? "" : "un");
	free_all(table);
}

static void penalty(void)
{
	const struct sim_limit limit = { 10, 1, 20, 60 };
	struct icmpguard_table *table;
	u64 hash = sim_random();
	unsigned int n, passed = 0;

	sim_time_set(SIM_DAY);
	table = replace(NULL, 1024);
	for (n = 0; n < 100; n++)
		send(table, hash, &limit);
	sim_time_set(sim_time() + SIM_SEC);
	table = replace(table, 4096);
	for (n = 0; n < 30; n++) {
		passed += send(table, hash, &limit) == ICMPGUARD_CHARGE_PASS;
		sim_time_set(sim_time() + SIM_SEC);
	}
	sim_result(!passed, "a penalty outlives a change: %u packets passed in its next 30 s", passed);
	free_all(table);
}

/* More tables in quick succession than are kept, with packets between them */
static void flooded(void)
{
	struct icmpguard_table *table;
	u64 hash = sim_random();
	unsigned int n, i, passed = 0;

	sim_time_set(SIM_DAY);
	table = replace(NULL, 1024);
	for (n = 0; n < 100; n++) {
		struct icmpguard_table *old = table;

		for (i = 0; i < 30; i++)
			passed += send(table, hash, &ten) == ICMPGUARD_CHARGE_PASS;
		if (old->older) {
			free_all(old->older);
			old->older = NULL;
		}
		table = replace(old, 1024 << n % 3);
	}
	sim_result(passed == 20, "100 tables in a moment: a flood of 3000 packets passes %u", passed);
	free_all(table);
}

int main(void)
{
	static const u32 grow[] = { 4096, 65536 }, shrink[] = { 65536, 4096 };
	static const u32 often[] = { 16384, 4096, 65536, 8192 };

	sim_begin("resize");
	debts(grow, 2, "from 4096 to 65536");
	debts(shrink, 2, "from 65536 to 4096");
	debts(often, 4, "three changes in seconds");
	divided();
	known(4096, 65536);
	known(65536, 4096);
	known_in_debt();
	penalty();
	flooded();
	return sim_end();
}
