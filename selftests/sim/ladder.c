// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix ladders: how much a source gains from owning many addresses.
 */
#include "sim.h"

static const struct sim_limit ten = { 10, 1, 20 };
static struct icmpguard_sip sip;

struct ladder {
	unsigned int steps;
	u8 len[4];
	u32 factor[4];
};

static struct icmpguard_table *big_table(const struct ladder *ladder)
{
	struct icmpguard_gcra step[4];
	unsigned int i;

	sim_time_set(SIM_DAY);
	for (i = 0; i < ladder->steps; i++)
		step[i] = sim_gcra(&ten, ladder->factor[i]);
	return sim_table(131072, sim_now(false), step, ladder->steps);
}

/* @top: the first 64 bits of an IPv6 address, or an IPv4 one in the upper half */
static bool send(struct icmpguard_table *table, const struct ladder *ladder, u64 top)
{
	struct icmpguard_gcra step[4];
	u64 hash[4];
	unsigned int i;

	for (i = 0; i < ladder->steps; i++) {
		step[i] = sim_gcra(&ten, ladder->factor[i]);
		hash[i] = icmpguard_hash_u64(top & ~0ULL << (64 - ladder->len[i]), i, &sip);
	}
	if (ladder->steps == 1)
		return icmpguard_table_charge(table, hash[0], step, 0, &sim_no_aggregate,
					      sim_now(false)) == ICMPGUARD_CHARGE_PASS;
	return icmpguard_table_charge_ladder(table, hash, step, ladder->steps, 0, &sim_no_aggregate,
					     sim_now(false)) == ICMPGUARD_CHARGE_PASS;
}

/*
 * @hosts sources in one prefix at @rate packets a second together for 20 s,
 * and one that has nothing to do with them, at 5 a second
 */
static void crowd(const struct ladder *ladder, u64 prefix, unsigned int bits, unsigned int rate,
		  double most, const char *name)
{
	struct icmpguard_table *table = big_table(ladder);
	unsigned int n, passed = 0, others = 0, sent = 0, least = ~0U, best = 0;
	static unsigned int each[65536];

	memset(each, 0, sizeof(each));
	for (n = 0; n < 20 * rate; n++) {
		u64 host = sim_below(1 << bits);
		bool pass;

		sim_time_set(SIM_DAY + (u64)n * SIM_SEC / rate);
		pass = send(table, ladder, prefix | host << (bits == 8 ? 32 : 0));
		passed += pass;
		each[host] += pass;
		if (n % (rate / 5) == 0) {
			sent++;
			others += send(table, ladder, ~prefix);
		}
	}
	for (n = 0; n < 1U << bits; n++) {
		if (each[n] < least)
			least = each[n];
		if (each[n] > best)
			best = each[n];
	}
	sim_result(passed <= most && passed >= most * 0.99 && others == sent,
		   "%s: %u passed in 20 s (a source by itself: 220), a host got %u to %u; a stranger got %u of %u",
		   name, passed, least, best, others, sent);
	icmpguard_table_free(table);
}

/* A step that refuses leaves the others unchanged. */
static void free_of_charge(void)
{
	const struct ladder ladder = { 2, { 64, 48 }, { 1, 2 } };
	struct icmpguard_table *table = big_table(&ladder);
	unsigned int i, n;
	u64 hash;

	/* Two sources use up the /48; a third one is refused a thousand times. */
	for (i = 1; i <= 2; i++)
		for (n = 0; n < 20; n++)
			send(table, &ladder, 0x20010db800010000ULL | i);
	for (n = 0; n < 1000; n++)
		send(table, &ladder, 0x20010db800010000ULL | 3);
	hash = icmpguard_hash_u64(0x20010db800010000ULL | 3, 0, &sip);
	sim_result(!icmpguard_table_debt(table, hash, sim_gcra(&ten, 1).group, sim_now(false)).debt,
		   "a packet refused for its /48 isn't charged to its /64");

	/* And the other way round. */
	for (n = 0; n < 1000; n++)
		send(table, &ladder, 0x20010db800020001ULL);
	hash = icmpguard_hash_u64(0x20010db800020000ULL, 1, &sip);
	sim_result(icmpguard_table_debt(table, hash, sim_gcra(&ten, 1).group, sim_now(false)).debt ==
		   20 * sim_gcra(&ten, 2).cost,
		   "a packet refused for its /64 isn't charged to its /48");
	icmpguard_table_free(table);
}

int main(void)
{
	const siphash_key_t key = { { 0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL } };

	icmpguard_sip_init(&sip, &key);
	sim_begin("ladder");
	crowd(&(struct ladder) { 1, { 64 }, { 1 } }, 0x20010db800010000ULL, 16, 100000,
	      100000 * 20, "a /48 of 65536 /64s, no ladder");
	crowd(&(struct ladder) { 2, { 64, 48 }, { 1, 16 } }, 0x20010db800010000ULL, 16, 100000,
	      16 * 220 + 1, "a /48 of 65536 /64s, 48:16");
	crowd(&(struct ladder) { 3, { 64, 56, 48 }, { 1, 4, 16 } }, 0x20010db800010000ULL, 16, 100000,
	      16 * 220 + 1, "a /48 of 65536 /64s, 56:4 48:16");
	crowd(&(struct ladder) { 3, { 64, 56, 48 }, { 1, 4, 16 } }, 0x20010db800010000ULL, 8, 20000,
	      16 * 220 + 1, "256 /56s of a /48, 56:4 48:16");
	crowd(&(struct ladder) { 1, { 32 }, { 1 } }, 0xc000020000000000ULL, 8, 20000,
	      256 * 220 + 1, "a botnet in one IPv4 /24, no ladder");
	crowd(&(struct ladder) { 2, { 32, 24 }, { 1, 8 } }, 0xc000020000000000ULL, 8, 20000,
	      8 * 220 + 1, "a botnet in one IPv4 /24, 24:8");
	free_of_charge();
	return sim_end();
}
