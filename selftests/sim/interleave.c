// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limiter's own code, in every interleaving of two and three processors
 * that charge one set concurrently.
 *
 * What a processor does between two accesses to shared memory follows from the
 * values it has read, so the list of these is its state. A step replays a packet's
 * code with that list, lets it make one more access, and stops it there. All
 * orders of steps are tried, each state only once.
 *
 * The claims of Documentation/design.rst are checked here: a packet that passes is
 * charged to exactly one bucket, whatever the interleaving. When several processors
 * enter a source into a set concurrently, it may get a bucket from each of them, of
 * which only one is found from then on. A total may be exceeded by one packet for
 * each processor but one, and so may the number of sources of standing in a set. A
 * refund lowers the debt of its source, by no more than was charged, and never
 * another source's.
 */
#include <setjmp.h>
#include "sim.h"

#define CPUS		3
#define PACKETS		4
#define ACCESSES	96
#define SEEN_BITS	25

/**
 * struct cpu - a running processor
 * @packet: the current one; past the last one it is done
 * @passed: packets that passed
 * @given: packets refunded to a bucket
 * @values: the results of its accesses for this packet
 * @accesses: how many
 */
struct cpu {
	unsigned int packet;
	unsigned int passed;
	unsigned int given;
	u64 values[ACCESSES];
	unsigned int accesses;
};

/**
 * struct scene - a test case
 * @name: for the output
 * @cpus: processors
 * @packets: packets of each
 * @tag: their sources; the bucket at @i is that of source 1 + @i. BACK(source):
 *	no packet, but a refund of one of the source's
 * @lag: ticks by which the processor's clock is late
 * @debt: of each bucket, in packets; 0: idle
 * @known: bit for each bucket whose source returned
 * @total: packets left in a total; 0: none
 * @pass: packets that pass when the processors run one after the other
 * @most: packets that pass in the worst interleaving
 * @fewest: packets that pass in the strictest interleaving; 0: @pass
 * @race: a source may get a bucket from each processor
 * @known_most: sources of standing at the end
 */
struct scene {
	const char *name;
	unsigned int cpus;
	unsigned int packets;
	u64 tag[CPUS][PACKETS];
	unsigned int lag[CPUS];
	unsigned int debt[ICMPGUARD_WAYS];
	unsigned int known;
	unsigned int total;
	unsigned int pass;
	unsigned int most;
	unsigned int fewest;
	bool race;
	unsigned int known_most;
};

#define BACK(x)	((x) | 1ULL << 32)
#define ALL4(x)	{ x, x, x, x }
#define ALL8(x)	{ x, x, x, x, x, x, x, x }

static const struct sim_limit three = { 1, 1, 3 };

#define BUSY	{ 3, 2, 1, 2, 3, 2, 2, 3 }

static const struct scene scenes[] = {
	{
		"a source with a bucket", 2, 4, { ALL4(1), ALL4(1) },
		.debt = { 0, 1, 1, 1, 1, 1, 1, 1 }, .pass = 3, .most = 3, .known_most = 1,
	}, {
		"a source with a bucket", 3, 2, { ALL4(1), ALL4(1), ALL4(1) },
		.debt = { 0, 1, 1, 1, 1, 1, 1, 1 }, .pass = 3, .most = 3, .known_most = 1,
	}, {
		"a new source, idle buckets", 2, 4, { ALL4(100), ALL4(100) },
		.pass = 3, .most = 2 * 3, .race = true,
	}, {
		"a new source, idle buckets", 3, 2, { ALL4(100), ALL4(100), ALL4(100) },
		.pass = 3, .most = 3 * 3, .race = true,
	}, {
		"a new source, busy buckets", 2, 4, { ALL4(100), ALL4(100) },
		.debt = BUSY, .pass = 2, .most = 2 + 1, .race = true,
	}, {
		"a new source, busy buckets", 3, 3, { ALL4(100), ALL4(100), ALL4(100) },
		.debt = BUSY, .pass = 2, .most = 2 + 1 + 1, .race = true,
	}, {
		"a new source, buckets all alike", 2, 4, { ALL4(100), ALL4(100) },
		.debt = ALL8(1), .pass = 2, .most = 2 + 2, .race = true,
	}, {
		"a new source, buckets all alike", 3, 2, { ALL4(107), ALL4(107), ALL4(107) },
		.debt = ALL8(1), .pass = 2, .most = 2 + 2 + 2, .race = true,
	}, {
		"two new sources, busy buckets", 2, 3, { { 100, 101, 100 }, { 101, 100, 101 } },
		.debt = BUSY, .pass = 3, .most = 4, .race = true,
	}, {
		"two new sources, busy buckets", 3, 2, { { 100, 101 }, { 101, 100 }, { 100, 101 } },
		.debt = BUSY, .pass = 3, .most = 6, .race = true,
	}, {
		"three new sources, busy buckets", 3, 1, { { 100 }, { 101 }, { 102 } },
		.debt = BUSY, .pass = 3, .most = 3, .race = true,
	}, {
		"a new source, and one whose bucket it takes", 3, 2,
		{ ALL4(100), ALL4(3), ALL4(100) }, .debt = BUSY, .pass = 3, .most = 6, .race = true,
	}, {
		"a full set", 3, 2, { ALL4(100), ALL4(3), ALL4(101) },
		.debt = ALL8(4), .pass = 0, .most = 0,
	}, {
		"a total of two", 2, 3, { { 1, 2, 1 }, { 3, 4, 3 } },
		.total = 2, .pass = 2, .most = 2 + 1, .known_most = 4,
	}, {
		"a total of two", 3, 2, { { 1, 2 }, { 3, 4 }, { 5, 6 } },
		.total = 2, .pass = 2, .most = 2 + 2, .known_most = 4,
	}, {
		"sources that return", 2, 1, { { 1 }, { 2 } }, .known = 0xe0,
		.pass = 2, .most = 2, .known_most = ICMPGUARD_KNOWN_MAX + 1,
	}, {
		"sources that return", 3, 1, { { 1 }, { 2 }, { 3 } }, .known = 0xe0,
		.pass = 3, .most = 3, .known_most = ICMPGUARD_KNOWN_MAX + 2,
	}, {
		"a clock that lags by one tick", 2, 3, { ALL4(1), ALL4(1) },
		.lag = { 0, 1 }, .debt = { 2, 3, 3, 3, 3, 3, 3, 3 }, .pass = 1, .most = 1,
	}, {
		"a full bucket, and one given back", 2, 3, { { 1, 1, 1 }, { BACK(1), 1, 1 } },
		.debt = ALL8(3), .pass = 1, .most = 1,
	}, {
		"a full bucket, and two given back", 3, 2, { { 1, 1 }, { BACK(1), 1 }, { BACK(1), 1 } },
		.debt = ALL8(3), .pass = 2, .most = 2, .fewest = 1,
	}, {
		"a refund larger than the debt", 3, 2, { { 1, 1 }, { BACK(1), BACK(1) }, { 1, 1 } },
		.debt = { 1, 3, 3, 3, 3, 3, 3, 3 }, .pass = 4, .most = 4, .fewest = 2, .known_most = 1,
	}, {
		"a refund to a source whose bucket is taken", 3, 2,
		{ { 100, 101 }, { BACK(2), 2 }, { BACK(2), 3 } }, .debt = { 4, 3, 4, 4, 4, 4, 4, 4 },
		.pass = 1, .most = 3, .race = true,
	}, {
		"a total of two, and one given back", 2, 3, { { 1, 2, 1 }, { BACK(3), 4, 5 } },
		.total = 2, .pass = 3, .most = 3 + 1, .known_most = 4, .fewest = 2,
	}, {
		"a total of two, and two given back", 3, 2, { { 1, 2 }, { BACK(1), 4 }, { BACK(2), 6 } },
		.total = 2, .pass = 4, .most = 4 + 2, .known_most = 4, .fewest = 2,
	},
};

/* The memory that the processors share */
static struct {
	struct icmpguard_set set;
	struct icmpguard_aggregate_bucket total;
} memory;

static struct icmpguard_table table = { .sets = &memory.set, .regions = 1 };
static struct cpu cpu[CPUS];
static const struct scene *scene;
static struct icmpguard_gcra gcra;
static struct icmpguard_aggregate aggregate;
static u64 now;

/* The running processor; NULL: accesses aren't recorded */
static struct cpu *running;
static unsigned int replayed;
static jmp_buf stop;

/* The hash of the source that is being refunded; 0: none */
static u64 giving;
static unsigned int misgiven;

static u64 *seen;
static u64 states, ends;
static struct {
	unsigned int passed, fewest, doubles, known, uncharged, risen;
} worst;

/* The value of an access that was made before; otherwise makes it and stops the processor. */
static bool replay(u64 *value)
{
	if (!running)
		return false;
	if (replayed == running->accesses)
		return false;
	*value = running->values[replayed++];
	return true;
}

static void record(u64 value)
{
	if (!running)
		return;
	if (running->accesses == ACCESSES) {
		printf("Bail out! more than %d accesses for a packet\n", ACCESSES);
		exit(1);
	}
	running->values[running->accesses++] = value;
	longjmp(stop, 1);
}

s64 atomic64_read(const atomic64_t *v)
{
	u64 value;

	if (replay(&value))
		return value;
	record(v->counter);
	return v->counter;
}

void atomic64_set(atomic64_t *v, s64 i)
{
	u64 value;

	if (replay(&value))
		return;
	v->counter = i;
	record(0);
}

void atomic64_add(s64 i, atomic64_t *v)
{
	u64 value;

	if (replay(&value))
		return;
	v->counter += i;
	record(0);
}

/* A refund changes one bucket: the source's, or the total's. */
static void watch_giving(const atomic64_t *v, u64 new)
{
	u64 old = v->counter, owed, owes;

	if (v == &memory.total.tat) {
		owed = icmpguard_gcra_debt(old, now);
		owes = icmpguard_gcra_debt(new, now);
		if (owes > owed || owed - owes > aggregate.rate.cost || (!owed && new != old))
			misgiven++;
		return;
	}
	owed = icmpguard_gcra_debt(icmpguard_slot_time(old), now);
	owes = icmpguard_gcra_debt(icmpguard_slot_time(new), now);
	if (!icmpguard_slot_is_own(old, giving) || !icmpguard_slot_is_own(new, giving) ||
	    owes > owed || owed - owes > gcra.cost || (!owed && new != old))
		misgiven++;
	running->given += (owed - owes) / gcra.cost;
}

bool atomic64_try_cmpxchg(atomic64_t *v, s64 *old, s64 new)
{
	u64 found;
	bool same;

	if (replay(&found)) {
		same = found == (u64)*old;
		*old = found;
		return same;
	}
	found = v->counter;
	same = found == (u64)*old;
	if (same && giving)
		watch_giving(v, new);
	if (same)
		v->counter = new;
	*old = found;
	record(found);
	return same;
}

/* Run to the next access, or the packet's verdict; returns whether there was an access */
static bool step(unsigned int i)
{
	u64 tag = scene->tag[i][cpu[i].packet], hash = sim_hash(0, (u32)tag);
	u64 time = now - scene->lag[i] * ICMPGUARD_JIFFY;

	running = &cpu[i];
	replayed = 0;
	giving = tag >> 32 ? hash : 0;
	if (setjmp(stop)) {
		running = NULL;
		return true;
	}
	if (giving)
		icmpguard_table_refund(&table, hash, &gcra, 0, &aggregate, 1, 0, time);
	else if (icmpguard_table_charge(&table, hash, &gcra, 0, &aggregate, time) ==
		 ICMPGUARD_CHARGE_PASS)
		running->passed++;
	/* The state doesn't depend on how it was reached: forget the values. */
	running->packet++;
	running->accesses = 0;
	running = NULL;
	return false;
}

static u64 mix(u64 hash, u64 word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
	return hash ^ hash >> 32;
}

/* Whether a state is new. States are identified by 63 bits of a hash. */
static bool is_new(void)
{
	u64 hash = 1, at;
	unsigned int i, j;

	for (i = 0; i < ICMPGUARD_WAYS; i++)
		hash = mix(hash, memory.set.way[i].counter);
	hash = mix(hash, memory.total.tat.counter);
	hash = mix(hash, memory.total.pressed.counter);
	for (i = 0; i < scene->cpus; i++) {
		hash = mix(hash, cpu[i].packet << 24 | cpu[i].given << 16 | cpu[i].passed << 8 |
			   cpu[i].accesses);
		for (j = 0; j < cpu[i].accesses; j++)
			hash = mix(hash, cpu[i].values[j]);
	}
	hash |= 1;
	for (at = hash >> (64 - SEEN_BITS); seen[at]; at = (at + 1) & ((1ULL << SEEN_BITS) - 1))
		if (seen[at] == hash)
			return false;
	seen[at] = hash;
	if (++states > 3ULL << (SEEN_BITS - 2)) {
		printf("Bail out! more states than there is room for\n");
		exit(1);
	}
	return true;
}

/* All processors are done: check the result. */
static void judge(void)
{
	unsigned int passed = 0, given = 0, charged = 0, doubles = 0, known = 0, i, j;

	ends++;
	for (i = 0; i < scene->cpus; i++) {
		passed += cpu[i].passed;
		given += cpu[i].given;
	}
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 word = memory.set.way[i].counter;
		unsigned int same = 0;

		charged += icmpguard_gcra_debt(word & ICMPGUARD_TIME_MASK, now) / gcra.cost;
		charged -= scene->debt[i];
		known += !!icmpguard_slot_standing(word);
		/* By one step at a time, even if others charge the bucket */
		worst.risen += icmpguard_slot_standing(word) > ICMPGUARD_RETURNED + (scene->known >> i & 1);
		for (j = 0; j < ICMPGUARD_WAYS; j++)
			same += !((memory.set.way[j].counter ^ word) & ICMPGUARD_TAG_MASK);
		if (same > doubles)
			doubles = same;
	}
	if (passed > worst.passed)
		worst.passed = passed;
	if (passed < worst.fewest)
		worst.fewest = passed;
	if (doubles > worst.doubles)
		worst.doubles = doubles;
	if (known > worst.known)
		worst.known = known;
	worst.uncharged += charged + given != passed;
}

static void explore(void)
{
	unsigned int i, under_way = 0;

	if (!is_new())
		return;
	for (i = 0; i < scene->cpus; i++) {
		__typeof__(memory) before = memory;
		struct cpu saved = cpu[i];

		if (cpu[i].packet == scene->packets)
			continue;
		under_way++;
		/* A verdict isn't an access: go on to the next one, or to the end. */
		while (cpu[i].packet < scene->packets && !step(i))
			;
		explore();
		memory = before;
		cpu[i] = saved;
	}
	if (!under_way)
		judge();
}

static void prepare(void)
{
	unsigned int i;

	memset(cpu, 0, sizeof(cpu));
	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		/* Idle for an epoch, each a little longer than the next */
		u64 tat = scene->debt[i] ? now + scene->debt[i] * gcra.cost :
			  now - BIT_ULL(ICMPGUARD_EPOCH_SHIFT) - (8 - i) * ICMPGUARD_JIFFY;

		memory.set.way[i].counter = tat | (1 + i) |
					    (scene->known >> i & 1) << ICMPGUARD_STANDING_SHIFT;
	}
	icmpguard_aggregate_forget(&memory.total, now);
	aggregate = (struct icmpguard_aggregate) {};
	if (scene->total)
		aggregate = sim_aggregate(&(struct sim_limit) { 1, 1, scene->total }, &memory.total);
	for (i = 0; i < ICMPGUARD_STANDINGS; i++)
		aggregate.edge[i] = aggregate.rate.tolerance;
	aggregate.jitter = 0;
}

/* How many pass when the processors run one after the other */
static unsigned int in_order(void)
{
	unsigned int passed = 0, i;

	prepare();
	for (i = 0; i < scene->cpus; i++) {
		while (cpu[i].packet < scene->packets)
			step(i);
		passed += cpu[i].passed;
	}
	return passed;
}

static void play(void)
{
	unsigned int expected = in_order(), fewest = scene->fewest ?: expected;

	misgiven = 0;
	prepare();
	memset(seen, 0, sizeof(*seen) << SEEN_BITS);
	memset(&worst, 0, sizeof(worst));
	worst.fewest = ~0U;
	states = ends = 0;
	explore();
	sim_note("%llu states, %llu ends; %u pass in order, else %u to %u; at most %u buckets of one source, %u of standing, %u ends not as charged, %u risen by two, %u amiss given back",
		 states, ends, expected, worst.fewest, worst.passed, worst.doubles, worst.known,
		 worst.uncharged, worst.risen, misgiven);
	sim_result(expected == scene->pass && worst.fewest >= fewest &&
		   worst.passed <= scene->most &&
		   worst.doubles <= (scene->race ? scene->cpus : 1) &&
		   worst.known <= scene->known_most && !worst.uncharged && !worst.risen &&
		   !misgiven,
		   "%s, %u processors, %u packets each: %u pass, never less than %u or more than %u",
		   scene->name, scene->cpus, scene->packets, scene->pass, fewest, scene->most);
}

int main(void)
{
	unsigned int i;

	sim_begin("interleave");
	seen = calloc(1ULL << SEEN_BITS, sizeof(*seen));
	if (!seen)
		return 1;
	sim_time_set(SIM_DAY);
	now = sim_now(false);
	gcra = sim_gcra(&three, 1);
	icmpguard_table_set_edge(&table, gcra.group, gcra.tolerance + gcra.cost);
	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		scene = &scenes[i];
		play();
	}
	free(seen);
	return sim_end();
}
