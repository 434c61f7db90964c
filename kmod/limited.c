// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offenders: recording and listing.
 *
 * What is recorded is bounded by sampler.h, so that a flood doesn't bounce the
 * table between processors. A full set gives way by Space-Saving: the newcomer
 * takes the place of the smallest, whose count is remembered as its error.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include "limited.h"
#include "types.h"

#define WAYS		8
#define SETS		(ICMPGUARD_OFFENDERS_MAX / WAYS)

/* After this long without a drop a source is no longer being limited. */
#define CALM		(60 * HZ)

/* After this long without a drop it is told to have been released. */
#define RELEASED	(5 * HZ)

struct entry {
	struct icmpguard_addr addr;
	u64 count;		/* what it is ranked by */
	u64 error;		/* of @count, what may have been others' */
	u64 before;		/* of @count, what was before @since */
	unsigned long last;	/* jiffies */
	unsigned long since;	/* jiffies: when drops began after a pause */
	u32 told;		/* the watch in which its limiting was told; 0: none */
	u8 len;
	u8 tid;
	bool used;
	bool untold;		/* nobody was told since @since, and somebody watches */
};

struct set {
	spinlock_t lock;	/* of the entries */
	u32 lost;		/* what was to be told of sources that had to go */
	struct entry entry[WAYS];
};

struct icmpguard_offenders {
	struct icmpguard_sip sip;
	u32 watch;		/* the number of the watch that goes on, or was the last */
	bool watched;
	struct set set[SETS];
};

static bool is_calm(const struct entry *entry)
{
	return !entry->used || time_after(jiffies, entry->last + CALM);
}

static bool is_same(const struct entry *entry, const struct icmpguard_addr *addr, u8 len, u8 tid)
{
	return entry->used && entry->addr.hi == addr->hi && entry->addr.lo == addr->lo &&
	       entry->len == len &&
	       icmpguard_tid_is_v6(entry->tid) == icmpguard_tid_is_v6(tid);
}

static bool is_quiet(const struct entry *entry)
{
	return time_after(jiffies, entry->last + RELEASED);
}

/* Whether those who watch know that this source is being limited */
static bool is_told(const struct icmpguard_offenders *offenders, const struct entry *entry)
{
	return READ_ONCE(offenders->watched) && entry->told == READ_ONCE(offenders->watch);
}

/* Whether there is something of this source that they will now not be told */
static bool is_owed(const struct icmpguard_offenders *offenders, const struct entry *entry)
{
	return entry->used && (entry->untold || is_told(offenders, entry));
}

/* Drops begin: what is told of them is counted from here. */
static void begin(const struct icmpguard_offenders *offenders, struct entry *entry)
{
	entry->since = jiffies;
	entry->before = entry->count;
	entry->untold = READ_ONCE(offenders->watched);
}

/* The source's entry, or else the one to take: a calm one, or the smallest. */
static struct entry *find(struct set *set, const struct icmpguard_addr *addr, u8 len, u8 tid)
{
	struct entry *least = &set->entry[0];
	u64 least_rank = U64_MAX;
	int i;

	for (i = 0; i < WAYS; i++) {
		struct entry *entry = &set->entry[i];
		u64 rank = is_calm(entry) ? 0 : entry->count;

		if (is_same(entry, addr, len, tid))
			return entry;
		if (rank < least_rank) {
			least_rank = rank;
			least = entry;
		}
	}
	return least;
}

/**
 * icmpguard_offenders_record() - note a drop
 * @offenders: the table
 * @prefix: the source
 * @len: bits of it
 * @tid: the type that was dropped
 * @drops: how many drops this stands for
 *
 * Context: bottom halves off.
 */
void icmpguard_offenders_record(struct icmpguard_offenders *offenders,
				const struct icmpguard_addr *prefix, u8 len, u8 tid, u32 drops)
{
	u64 hash = icmpguard_hash_2u64(prefix->hi, prefix->lo, 0, &offenders->sip);
	struct set *set = &offenders->set[hash % SETS];
	struct entry *entry;

	spin_lock(&set->lock);
	entry = find(set, prefix, len, tid);
	if (is_calm(entry)) {
		entry->count = 0;
		entry->error = 0;
		entry->before = 0;
	} else if (!is_same(entry, prefix, len, tid)) {
		entry->error = entry->count;
	}
	if (!is_same(entry, prefix, len, tid)) {
		set->lost += is_owed(offenders, entry);
		entry->told = 0;
		begin(offenders, entry);
	} else if (is_quiet(entry) && !is_told(offenders, entry)) {
		begin(offenders, entry);
	}
	entry->addr = *prefix;
	entry->len = len;
	entry->tid = tid;
	entry->used = true;
	entry->count += drops;
	entry->last = jiffies;
	spin_unlock(&set->lock);
}

static int heavier(const void *pa, const void *pb)
{
	const struct icmpguard_offender *a = pa, *b = pb;

	return a->drops == b->drops ? 0 : a->drops < b->drops ? 1 : -1;
}

static int worse(const void *pa, const void *pb)
{
	const struct icmpguard_offense *a = pa, *b = pb;

	return heavier(&a->offender, &b->offender);
}

/**
 * icmpguard_offenders_list() - who is being limited, heaviest first
 * @offenders: the table; NULL: an empty one
 * @list: filled in; room for ICMPGUARD_OFFENDERS_MAX
 *
 * Context: process. Return: how many.
 */
unsigned int icmpguard_offenders_list(struct icmpguard_offenders *offenders,
				      struct icmpguard_offender *list)
{
	unsigned int n = 0;
	int i, j;

	if (!offenders)
		return 0;
	for (i = 0; i < SETS; i++) {
		struct set *set = &offenders->set[i];

		spin_lock_bh(&set->lock);
		for (j = 0; j < WAYS; j++) {
			const struct entry *entry = &set->entry[j];

			if (is_calm(entry))
				continue;
			list[n++] = (struct icmpguard_offender) {
				.addr = entry->addr,
				.len = entry->len,
				.tid = entry->tid,
				.drops = entry->count - entry->error,
				.age = jiffies_to_msecs(jiffies - entry->last),
			};
		}
		spin_unlock_bh(&set->lock);
	}
	sort(list, n, sizeof(*list), heavier, NULL);
	return n;
}

/**
 * icmpguard_offenders_watch() - begin or end to follow who is being limited
 * @offenders: the table; NULL is nothing
 * @on: begin: what was told before is told again
 *
 * Context: process, calls one at a time.
 */
void icmpguard_offenders_watch(struct icmpguard_offenders *offenders, bool on)
{
	if (!offenders)
		return;
	if (on)
		WRITE_ONCE(offenders->watch, offenders->watch + 1 ?: 1);
	WRITE_ONCE(offenders->watched, on);
}

static struct icmpguard_offense offense_of(const struct entry *entry, unsigned int at)
{
	return (struct icmpguard_offense) {
		.offender = {
			.addr = entry->addr,
			.len = entry->len,
			.tid = entry->tid,
			.drops = entry->count - max(entry->before, entry->error),
			.age = jiffies_to_msecs(jiffies - entry->last),
		},
		.lasted = jiffies_to_msecs(entry->last - entry->since),
		.released = is_quiet(entry),
		.at = at,
	};
}

/**
 * icmpguard_offenders_news() - what there is to tell
 * @offenders: the table, being watched
 * @list: filled in, heaviest first; room for ICMPGUARD_OFFENDERS_MAX
 * @lost: increased by what can no longer be told
 *
 * What is in @list stays to be told until icmpguard_offenders_told().
 *
 * Context: process, calls one at a time. Return: how many.
 */
unsigned int icmpguard_offenders_news(struct icmpguard_offenders *offenders,
				      struct icmpguard_offense *list, u32 *lost)
{
	unsigned int n = 0, i, j;

	for (i = 0; i < SETS; i++) {
		struct set *set = &offenders->set[i];

		spin_lock_bh(&set->lock);
		*lost += set->lost;
		set->lost = 0;
		for (j = 0; j < WAYS; j++) {
			struct entry *entry = &set->entry[j];
			bool told = is_told(offenders, entry);

			if (!entry->used)
				continue;
			if (!told && is_quiet(entry)) {
				*lost += entry->untold;
				entry->untold = false;
			} else if (told == is_quiet(entry)) {
				list[n++] = offense_of(entry, i * WAYS + j);
			}
		}
		spin_unlock_bh(&set->lock);
	}
	sort(list, n, sizeof(*list), worse, NULL);
	return n;
}

/**
 * icmpguard_offenders_told() - note that somebody was told
 * @offenders: the table, being watched
 * @offense: of what
 *
 * Context: process, calls one at a time.
 */
void icmpguard_offenders_told(struct icmpguard_offenders *offenders,
			      const struct icmpguard_offense *offense)
{
	const struct icmpguard_offender *offender = &offense->offender;
	struct set *set = &offenders->set[offense->at / WAYS];
	struct entry *entry = &set->entry[offense->at % WAYS];

	spin_lock_bh(&set->lock);
	if (is_same(entry, &offender->addr, offender->len, offender->tid)) {
		entry->untold = false;
		entry->told = offense->released ? 0 : offenders->watch;
		/* It may have begun anew just now. */
		if (offense->released && !is_quiet(entry))
			begin(offenders, entry);
	}
	spin_unlock_bh(&set->lock);
}

/* What those who watch were still to be told of an entry is counted as lost. */
static void give_up(struct icmpguard_offenders *offenders, bool all)
{
	int i, j;

	if (!offenders)
		return;
	for (i = 0; i < SETS; i++) {
		struct set *set = &offenders->set[i];

		spin_lock_bh(&set->lock);
		for (j = 0; j < WAYS; j++) {
			struct entry *entry = &set->entry[j];

			if (!all && !is_calm(entry))
				continue;
			set->lost += is_owed(offenders, entry);
			entry->used = false;
		}
		spin_unlock_bh(&set->lock);
	}
}

/**
 * icmpguard_offenders_forget() - empty the table
 * @offenders: the table; NULL is nothing
 *
 * Context: process; drops may be recorded meanwhile.
 */
void icmpguard_offenders_forget(struct icmpguard_offenders *offenders)
{
	give_up(offenders, true);
}

/**
 * icmpguard_offenders_sweep() - give up entries of long ago
 * @offenders: the table; NULL is nothing
 *
 * Their jiffies would come round again.
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; drops may be recorded
 * meanwhile.
 */
void icmpguard_offenders_sweep(struct icmpguard_offenders *offenders)
{
	give_up(offenders, false);
}

/**
 * icmpguard_offenders_alloc() - make an empty table
 *
 * Context: process. Return: the table, NULL without memory.
 */
struct icmpguard_offenders *icmpguard_offenders_alloc(void)
{
	struct icmpguard_offenders *offenders;
	siphash_key_t key;
	int i;

	offenders = kvzalloc(sizeof(*offenders), GFP_KERNEL_ACCOUNT);
	if (!offenders)
		return NULL;
	get_random_bytes(&key, sizeof(key));
	icmpguard_sip_init(&offenders->sip, &key);
	for (i = 0; i < SETS; i++)
		spin_lock_init(&offenders->set[i].lock);
	return offenders;
}

/**
 * icmpguard_offenders_free() - free a table that no packet can see
 * @offenders: the table; NULL is nothing
 *
 * Context: process.
 */
void icmpguard_offenders_free(struct icmpguard_offenders *offenders)
{
	kvfree(offenders);
}
