// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter: sources, rates, penalties, totals, refunds, tables replaced, in
 * any order and with any delays, compared with a bucket for each source alone.
 *
 * As long as a set has had no more sources than buckets, a source without a
 * penalty is refused exactly when its own bucket refuses it. However many come,
 * a set lets no more pass than its eight buckets allow, and a total no more than
 * its limit. A source rises in standing by one at a time, with a full bucket,
 * and not while a total is pressed.
 *
 * A case is: the table's size, up to four rates, then what happens.
 */
#include "fuzz.h"
#include "../../kmod/limiter/limiter.h"

#define RATES		4
#define SOURCES		24
#define SETS		32

typedef unsigned __int128 u128;

unsigned int fuzz_refuse;
unsigned long jiffies;

u64 ktime_get_mono_fast_ns(void)
{
	return 0;
}

/**
 * struct limit - a rate, as a policy has it
 * @gcra: the source's
 * @block: its penalty
 * @aggregate: all sources' limit
 * @total: their bucket
 * @passed: time charged to it by what it let pass
 * @given: time given back to it
 * @since: when it was full
 * @pressed: when a packet last passed that found it pressed
 */
struct limit {
	struct icmpguard_gcra gcra;
	u64 block;
	struct icmpguard_aggregate aggregate;
	struct icmpguard_aggregate_bucket total;
	u128 passed, given, since, pressed;
};

/**
 * struct owner - a source of a limit, next to the table
 * @tat: of the bucket it would have for itself
 * @met: seen in this table
 */
struct owner {
	u128 tat;
	bool met;
};

/**
 * struct ledger - what a set let pass
 * @passed: time charged for it
 * @given: time given back
 * @sources: how many it has seen
 */
struct ledger {
	u128 passed, given;
	unsigned int sources;
};

static struct limit limits[RATES];
static unsigned int rates;
static struct owner owners[RATES][SOURCES];
static struct ledger ledgers[SETS];
static struct icmpguard_table *table;
static unsigned int older;
/* Tables may have lost a debt, so buckets and their models no longer agree. */
static bool forgotten;
static u128 time128, since;
static u32 state;

/* The lower bits are a source's own in any table; the upper ones are its tag. */
static u64 hash_of(unsigned int rate, u32 source)
{
	u64 key = (u64)source * 0x9e3779b97f4a7c15ULL;

	return (u64)(1 + rate * 0x4000 + source) << (64 - ICMPGUARD_TAG_BITS) |
	       (key >> 40 & 0xffff) << 31 | (source % 7 < 5 ? 1 : source & 0xff);
}

static u64 now(void)
{
	return (u64)time128;
}

static struct ledger *ledger_of(unsigned int rate, u64 hash)
{
	struct icmpguard_set *set = icmpguard_table_set(table, hash, limits[rate].gcra.group);
	size_t index = set - table->sets;

	PROMISE(index < SETS && index < icmpguard_table_sources(table) / ICMPGUARD_WAYS,
		"set %zu of %u", index, icmpguard_table_sources(table) / ICMPGUARD_WAYS);
	return &ledgers[index];
}

static void begin_table(void)
{
	unsigned int i, j;

	memset(ledgers, 0, sizeof(ledgers));
	since = time128;
	for (i = 0; i < rates; i++)
		for (j = 0; j < SOURCES; j++)
			owners[i][j].met = false;
}

static u64 longest_edge(void)
{
	u64 longest = 0;
	unsigned int i;

	for (i = 0; i < rates; i++)
		longest = max(longest, icmpguard_table_edge(table, limits[i].gcra.group) +
				       limits[i].gcra.cost);
	return longest;
}

/* What its eight buckets allow since the table was made */
static void look_at_set(const struct ledger *ledger)
{
	u128 most = ICMPGUARD_WAYS * (time128 - since + 2 * (u128)longest_edge()) + ledger->given;

	PROMISE(ledger->passed <= most, "a set let %.3f s pass, %.3f s may",
		(double)ledger->passed / ICMPGUARD_SECOND, (double)most / ICMPGUARD_SECOND);
}

static void look_at_total(const struct limit *limit)
{
	u128 most = time128 - limit->since + limit->aggregate.rate.tolerance + limit->aggregate.rate.cost +
		    limit->given;

	PROMISE(limit->passed <= most, "a total let %.3f s pass, %.3f s may",
		(double)limit->passed / ICMPGUARD_SECOND, (double)most / ICMPGUARD_SECOND);
}

static bool is_pressed(const struct limit *limit)
{
	return limit->aggregate.bucket &&
	       icmpguard_gcra_debt(atomic64_read(&limit->total.tat), now()) >
		       limit->aggregate.edge[ICMPGUARD_NEWCOMER] / 4 * 3;
}

static enum icmpguard_charge charge(unsigned int rate, u64 hash, struct owner *owner)
{
	struct limit *limit = &limits[rate];
	struct icmpguard_debt before = icmpguard_table_debt(table, hash, limit->gcra.group, now());
	struct ledger *ledger = ledger_of(rate, hash);
	bool pressed = is_pressed(limit);
	enum icmpguard_charge charge;
	unsigned int standing;
	u128 owed = 0;

	if (!owner || !owner->met)
		ledger->sources++;
	if (owner) {
		owner->met = true;
		owed = owner->tat > time128 ? owner->tat - time128 : 0;
	}
	charge = icmpguard_table_charge(table, hash, &limit->gcra, limit->block, &limit->aggregate,
					now());
	PROMISE(limit->block || charge != ICMPGUARD_CHARGE_PENALTY, "a penalty");
	PROMISE(limit->aggregate.bucket || charge != ICMPGUARD_CHARGE_AGGREGATE, "a total");
	if (owner && !limit->block && !forgotten && ledger->sources <= ICMPGUARD_WAYS)
		PROMISE((owed > limit->gcra.tolerance) == (charge == ICMPGUARD_CHARGE_SOURCE),
			"by itself it is in debt by %.6f s of %.6f, but %u", (double)owed / ICMPGUARD_SECOND,
			(double)limit->gcra.tolerance / ICMPGUARD_SECOND, charge);
	standing = icmpguard_table_debt(table, hash, limit->gcra.group, now()).standing;
	if (standing > before.standing)
		PROMISE(standing == before.standing + 1 && charge == ICMPGUARD_CHARGE_PASS &&
			!before.debt && !pressed &&
			(!limit->pressed || time128 - limit->pressed >= ICMPGUARD_PRESSED_TIME),
			"standing %u after %u, %.6f s of debt", standing, before.standing,
			(double)before.debt / ICMPGUARD_SECOND);
	if (charge != ICMPGUARD_CHARGE_PASS)
		return charge;
	if (pressed)
		limit->pressed = time128;
	if (owner)
		owner->tat = time128 + owed + limit->gcra.cost;
	ledger->passed += limit->gcra.cost;
	look_at_set(ledger);
	if (limit->aggregate.bucket) {
		limit->passed += limit->aggregate.rate.cost;
		look_at_total(limit);
	}
	return charge;
}

static void refund(unsigned int rate, unsigned int source, unsigned int packets)
{
	struct limit *limit = &limits[rate];
	struct owner *owner = &owners[rate][source];
	u64 hash = hash_of(rate, source);
	u128 back = (u128)limit->gcra.cost * packets;
	u128 owed = owner->tat > time128 ? owner->tat - time128 : 0;
	u64 before = icmpguard_table_debt(table, hash, limit->gcra.group, now()).debt, after;

	icmpguard_table_refund(table, hash, &limit->gcra, limit->block, &limit->aggregate, packets,
			       0, now());
	after = icmpguard_table_debt(table, hash, limit->gcra.group, now()).debt;
	PROMISE(after <= before && before - after <= back, "%.6f s given back, of %.6f",
		((double)before - after) / ICMPGUARD_SECOND, (double)back / ICMPGUARD_SECOND);
	/* A bucket that is still in an older table gets no refund. */
	if (owner->met)
		owner->tat -= owed < back ? owed : back;
	ledger_of(rate, hash)->given += back;
	limit->given += (u128)limit->aggregate.rate.cost * packets;
}

/* New sources, some packets of each */
static void flood(unsigned int rate, unsigned int sources, unsigned int packets)
{
	while (sources--) {
		unsigned int n = packets;

		state = state * 1664525 + 1013904223;
		while (n--)
			charge(rate, hash_of(rate, SOURCES + (state >> 8) % 16000), NULL);
	}
}

static void sweep(void)
{
	struct icmpguard_table *each;
	unsigned int i;

	for (each = table; each; each = each->older)
		icmpguard_table_sweep(each, now());
	for (i = 0; i < rates; i++)
		icmpguard_aggregate_sweep(&limits[i].total, now());
}

/* Any number of ticks, seconds or sweep intervals */
static void wait(struct input *input)
{
	static const u64 unit[] = { ICMPGUARD_TIME_UNIT, ICMPGUARD_JIFFY, ICMPGUARD_SECOND,
				    ICMPGUARD_SWEEP_PERIOD * ICMPGUARD_JIFFY / 255 };
	u8 what = take(input);

	time128 += (u128)take(input) * unit[what % 4];
	time128 &= ~(u128)(ICMPGUARD_TIME_UNIT - 1);
	if (what % 4 == 3 || what & 128)
		sweep();
}

static struct icmpguard_table *make_table(u32 sources)
{
	struct icmpguard_table *made = icmpguard_table_alloc(sources, now());
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS) = {};
	unsigned int i;

	if (!made)
		return NULL;
	for (i = 0; i < rates; i++)
		__set_bit(limits[i].gcra.group, groups);
	icmpguard_table_divide(made, groups);
	for (i = 0; i < rates; i++)
		icmpguard_table_set_edge(made, limits[i].gcra.group,
					 limits[i].gcra.tolerance + limits[i].gcra.cost);
	return made;
}

/* As a new configuration does: only a few older ones are kept. */
static void replace(u8 size, bool refuse)
{
	struct icmpguard_table *made, **last;

	fuzz_refuse = refuse ? 1 + size % 2 : 0;
	made = make_table(ICMPGUARD_WAYS << size % 5);
	PROMISE(!made == refuse, "memory that isn't there");
	fuzz_refuse = 0;
	if (!made)
		return;
	made->older = table;
	table = made;
	for (older = 0, last = &table->older; *last; last = &(*last)->older, older++)
		if (older == ICMPGUARD_OLDER_MAX) {
			icmpguard_table_free(*last);
			*last = NULL;
			break;
		}
	/* A set with more sources than buckets may have lost some. */
	forgotten = true;
	begin_table();
}

static void forget(void)
{
	unsigned int i, j;

	for (i = 0; i < rates; i++) {
		icmpguard_aggregate_forget(&limits[i].total, now());
		limits[i].since = time128;
		limits[i].passed = limits[i].given = limits[i].pressed = 0;
		for (j = 0; j < SOURCES; j++)
			owners[i][j].tat = 0;
	}
	icmpguard_table_forget(table, now());
	while (table->older) {
		struct icmpguard_table *next = table->older->older;

		icmpguard_table_free(table->older);
		table->older = next;
	}
	forgotten = false;
	begin_table();
}

/* A source and the prefixes that contain it */
static void ladder(unsigned int source)
{
	struct icmpguard_gcra step[RATES];
	u64 hash[RATES];
	enum icmpguard_charge charge;
	unsigned int i;

	for (i = 0; i < rates; i++) {
		step[i] = limits[i].gcra;
		hash[i] = hash_of(i, source);
	}
	charge = icmpguard_table_charge_ladder(table, hash, step, rates, limits[0].block,
					       &limits[0].aggregate, now());
	for (i = 0; i < rates; i++) {
		struct owner *owner = &owners[i][source];
		struct ledger *ledger = ledger_of(i, hash[i]);
		u128 owed = owner->tat > time128 ? owner->tat - time128 : 0;

		/* A step that was refused may have moved to the new table. */
		if (!owner->met)
			ledger->sources++;
		owner->met = true;
		if (charge != ICMPGUARD_CHARGE_PASS)
			continue;
		owner->tat = time128 + owed + step[i].cost;
		ledger->passed += step[i].cost;
		look_at_set(ledger);
	}
	if (charge == ICMPGUARD_CHARGE_PASS && limits[0].aggregate.bucket) {
		limits[0].passed += limits[0].aggregate.rate.cost;
		look_at_total(&limits[0]);
	}
}

/* Return: whether a configuration may have it */
static bool take_limit(struct limit *limit, struct input *input)
{
	static const u32 periods[] = { 1, 60, 3600, 86400 };
	struct icmpguard_rate rate;
	u8 what = take(input);

	*limit = (struct limit) {};
	rate.period = periods[what & 3];
	rate.packets = 1 + (what & 4 ? take16(input) : take(input));
	rate.burst = 1 + (what & 8 ? take16(input) : take(input));
	limit->block = what & 16 ? (u64)(1 + take16(input)) * ICMPGUARD_SECOND : 0;
	if (icmpguard_gcra_compile(&limit->gcra, &rate, ICMPGUARD_SOURCE_UNIT))
		return false;
	if (limit->block > ICMPGUARD_BURST_MAX - min(limit->gcra.tolerance, ICMPGUARD_BURST_MAX))
		return false;
	if (what & 32) {
		rate.packets = 1 + take16(input);
		rate.burst = 1 + take16(input);
		if (icmpguard_gcra_compile(&limit->aggregate.rate, &rate, 1))
			return false;
		limit->aggregate.bucket = &limit->total;
		icmpguard_aggregate_divide(&limit->aggregate);
	}
	return true;
}

static void step(struct input *input)
{
	u8 what = take(input);
	unsigned int rate = (what >> 4) % rates, source, n;

	switch (what & 7) {
	case 0:
		wait(input);
		return;
	case 1:
	case 2:
		source = take(input) % SOURCES;
		for (n = what & 1 ? 1 : take(input); n--;)
			charge(rate, hash_of(rate, source), &owners[rate][source]);
		return;
	case 3:
		refund(rate, take(input) % SOURCES, 1 + take(input));
		return;
	case 4:
		n = take(input);
		flood(rate, n, 1 + take(input) % 32);
		return;
	case 5:
		if (rates > 1)
			ladder(take(input) % SOURCES);
		return;
	case 6:
		replace(take(input), (what & 0xc0) == 0xc0);
		return;
	default:
		forget();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	unsigned int wanted;
	u8 size;

	memset(owners, 0, sizeof(owners));
	fuzz_refuse = 0;
	state = 1;
	/* A time that wraps soon, or one that doesn't */
	size = take(&input);
	time128 = (u128)(size & 128 ? 0xffffULL << 48 : 1ULL << 40) + ((u128)1 << 64);
	wanted = 1 + take(&input) % RATES;
	for (rates = 0; rates < wanted && input.left;)
		rates += take_limit(&limits[rates], &input);
	if (!rates)
		return 0;
	table = make_table(ICMPGUARD_WAYS << size % 5);
	forget();
	while (input.left)
		step(&input);
	forget();
	icmpguard_table_free(table);
	return 0;
}
