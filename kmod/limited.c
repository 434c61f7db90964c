// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limited sources: recording and listing.
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
#define SETS		(ICMPGUARD_LIMITED_MAX / WAYS)

/* After this long without a drop a source is no longer being limited. */
#define CALM		(60 * HZ)

/* After this long without a drop it is reported as released. */
#define RELEASED	(5 * HZ)

struct entry {
	struct icmpguard_addr addr;
	u64 count;		/* what it is ranked by */
	u64 error;		/* of @count, what may have been others' */
	u64 before;		/* of @count, what was before @since */
	u64 monitored;		/* of @count, what was let pass nevertheless */
	u64 monitored_before;	/* of @monitored, what was before @since */
	unsigned long last;	/* jiffies */
	unsigned long since;	/* jiffies: when drops began after a pause */
	u32 reported;		/* the watch in which its limiting was reported; 0: none */
	u8 len;
	u8 tid;
	bool used;
	bool unreported;		/* being watched, and not reported since @since */
};

struct set {
	spinlock_t lock;	/* of the entries */
	u32 lost;		/* unreported events of sources that had to go */
	struct entry entry[WAYS];
};

struct icmpguard_limited {
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

/* Whether it was reported to the listeners that this source is limited */
static bool is_reported(const struct icmpguard_limited *limited, const struct entry *entry)
{
	return READ_ONCE(limited->watched) && entry->reported == READ_ONCE(limited->watch);
}

/* Whether an event of this source is still to be reported */
static bool is_owed(const struct icmpguard_limited *limited, const struct entry *entry)
{
	return entry->used && (entry->unreported || is_reported(limited, entry));
}

/* Drops begin: those that are reported are counted from here. */
static void begin_limiting(const struct icmpguard_limited *limited, struct entry *entry)
{
	entry->since = jiffies;
	entry->before = entry->count;
	entry->monitored_before = entry->monitored;
	entry->unreported = READ_ONCE(limited->watched);
}

/* The source's entry, or else the one to take: a calm one, or the smallest. */
static struct entry *find_entry(struct set *set, const struct icmpguard_addr *addr, u8 len, u8 tid)
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
 * icmpguard_limited_record() - note a drop
 * @limited: the table
 * @prefix: the source
 * @len: bits of it
 * @tid: the type that was dropped
 * @drops: how many drops this stands for
 * @monitored: they were let pass nevertheless
 *
 * Context: bottom halves off.
 */
void icmpguard_limited_record(struct icmpguard_limited *limited,
			      const struct icmpguard_addr *prefix, u8 len, u8 tid, u32 drops,
			      bool monitored)
{
	u64 hash = icmpguard_hash_2u64(prefix->hi, prefix->lo, 0, &limited->sip);
	struct set *set = &limited->set[hash % SETS];
	struct entry *entry;

	spin_lock(&set->lock);
	entry = find_entry(set, prefix, len, tid);
	if (is_calm(entry)) {
		entry->count = 0;
		entry->error = 0;
		entry->before = 0;
		entry->monitored = 0;
		entry->monitored_before = 0;
	} else if (!is_same(entry, prefix, len, tid)) {
		entry->error = entry->count;
		entry->monitored = 0;
	}
	if (!is_same(entry, prefix, len, tid)) {
		set->lost += is_owed(limited, entry);
		entry->reported = 0;
		begin_limiting(limited, entry);
	} else if (is_quiet(entry) && !is_reported(limited, entry)) {
		begin_limiting(limited, entry);
	}
	entry->addr = *prefix;
	entry->len = len;
	entry->tid = tid;
	entry->used = true;
	entry->count += drops;
	entry->monitored += monitored ? drops : 0;
	entry->last = jiffies;
	spin_unlock(&set->lock);
}

static int heavier(const void *pa, const void *pb)
{
	const struct icmpguard_limited_source *a = pa, *b = pb;
	u64 x = a->drops + a->monitored, y = b->drops + b->monitored;

	return x == y ? 0 : x < y ? 1 : -1;
}

static int worse(const void *pa, const void *pb)
{
	const struct icmpguard_limiting *a = pa, *b = pb;

	return heavier(&a->source, &b->source);
}

/**
 * icmpguard_limited_list() - the limited sources, heaviest first
 * @limited: the table; NULL: an empty one
 * @list: filled in; room for ICMPGUARD_LIMITED_MAX
 *
 * Context: process.
 * Return: how many.
 */
unsigned int icmpguard_limited_list(struct icmpguard_limited *limited,
				    struct icmpguard_limited_source *list)
{
	unsigned int n = 0;
	int i, j;

	if (!limited)
		return 0;
	for (i = 0; i < SETS; i++) {
		struct set *set = &limited->set[i];

		spin_lock_bh(&set->lock);
		for (j = 0; j < WAYS; j++) {
			const struct entry *entry = &set->entry[j];

			if (is_calm(entry))
				continue;
			list[n++] = (struct icmpguard_limited_source) {
				.addr = entry->addr,
				.len = entry->len,
				.tid = entry->tid,
				.drops = entry->count - entry->error - entry->monitored,
				.monitored = entry->monitored,
				.age = jiffies_to_msecs(jiffies - entry->last),
			};
		}
		spin_unlock_bh(&set->lock);
	}
	sort(list, n, sizeof(*list), heavier, NULL);
	return n;
}

/**
 * icmpguard_limited_watch() - begin or end to follow the limited sources
 * @limited: the table; NULL is nothing
 * @on: begin: what was reported before is reported again
 *
 * Context: process, calls one at a time.
 */
void icmpguard_limited_watch(struct icmpguard_limited *limited, bool on)
{
	if (!limited)
		return;
	if (on)
		WRITE_ONCE(limited->watch, limited->watch + 1 ?: 1);
	WRITE_ONCE(limited->watched, on);
}

static struct icmpguard_limiting limiting_of(const struct entry *entry, unsigned int at)
{
	u64 monitored = entry->monitored - entry->monitored_before;

	return (struct icmpguard_limiting) {
		.source = {
			.addr = entry->addr,
			.len = entry->len,
			.tid = entry->tid,
			.drops = entry->count - max(entry->before, entry->error) - monitored,
			.monitored = monitored,
			.age = jiffies_to_msecs(jiffies - entry->last),
		},
		.lasted = jiffies_to_msecs(entry->last - entry->since),
		.released = is_quiet(entry),
		.at = at,
	};
}

/**
 * icmpguard_limited_news() - what there is to report
 * @limited: the table, being watched
 * @list: filled in, heaviest first; room for ICMPGUARD_LIMITED_MAX
 * @lost: increased by what can no longer be reported
 *
 * An entry of @list is returned again until icmpguard_limited_told() is called for it.
 *
 * Context: process, calls one at a time.
 * Return: how many.
 */
unsigned int icmpguard_limited_news(struct icmpguard_limited *limited,
				    struct icmpguard_limiting *list, u32 *lost)
{
	unsigned int n = 0, i, j;

	for (i = 0; i < SETS; i++) {
		struct set *set = &limited->set[i];

		spin_lock_bh(&set->lock);
		*lost += set->lost;
		set->lost = 0;
		for (j = 0; j < WAYS; j++) {
			struct entry *entry = &set->entry[j];
			bool reported = is_reported(limited, entry);

			if (!entry->used)
				continue;
			if (!reported && is_quiet(entry)) {
				*lost += entry->unreported;
				entry->unreported = false;
			} else if (reported == is_quiet(entry)) {
				list[n++] = limiting_of(entry, i * WAYS + j);
			}
		}
		spin_unlock_bh(&set->lock);
	}
	sort(list, n, sizeof(*list), worse, NULL);
	return n;
}

/**
 * icmpguard_limited_told() - note that it was reported
 * @limited: the table, being watched
 * @limiting: of what
 *
 * Context: process, calls one at a time.
 */
void icmpguard_limited_told(struct icmpguard_limited *limited,
			    const struct icmpguard_limiting *limiting)
{
	const struct icmpguard_limited_source *source = &limiting->source;
	struct set *set = &limited->set[limiting->at / WAYS];
	struct entry *entry = &set->entry[limiting->at % WAYS];

	spin_lock_bh(&set->lock);
	if (is_same(entry, &source->addr, source->len, source->tid)) {
		entry->unreported = false;
		entry->reported = limiting->released ? 0 : limited->watch;
		/* It may have begun again just now. */
		if (limiting->released && !is_quiet(entry))
			begin_limiting(limited, entry);
	}
	spin_unlock_bh(&set->lock);
}

/* Events still to be reported of an entry are counted as lost. */
static void give_up(struct icmpguard_limited *limited, bool all)
{
	int i, j;

	if (!limited)
		return;
	for (i = 0; i < SETS; i++) {
		struct set *set = &limited->set[i];

		spin_lock_bh(&set->lock);
		for (j = 0; j < WAYS; j++) {
			struct entry *entry = &set->entry[j];

			if (!all && !is_calm(entry))
				continue;
			set->lost += is_owed(limited, entry);
			entry->used = false;
		}
		spin_unlock_bh(&set->lock);
	}
}

/**
 * icmpguard_limited_forget() - empty the table
 * @limited: the table; NULL is nothing
 *
 * Context: process; drops may be recorded meanwhile.
 */
void icmpguard_limited_forget(struct icmpguard_limited *limited)
{
	give_up(limited, true);
}

/**
 * icmpguard_limited_sweep() - give up entries of long ago
 * @limited: the table; NULL is nothing
 *
 * Their jiffies would come round again.
 *
 * Context: process, at least every ICMPGUARD_SWEEP_PERIOD; drops may be recorded
 * meanwhile.
 */
void icmpguard_limited_sweep(struct icmpguard_limited *limited)
{
	give_up(limited, false);
}

/**
 * icmpguard_limited_alloc() - make an empty table
 *
 * Context: process.
 * Return: the table, NULL without memory.
 */
struct icmpguard_limited *icmpguard_limited_alloc(void)
{
	struct icmpguard_limited *limited;
	siphash_key_t key;
	int i;

	limited = kvzalloc(sizeof(*limited), GFP_KERNEL_ACCOUNT);
	if (!limited)
		return NULL;
	get_random_bytes(&key, sizeof(key));
	icmpguard_sip_init(&limited->sip, &key);
	for (i = 0; i < SETS; i++)
		spin_lock_init(&limited->set[i].lock);
	return limited;
}

/**
 * icmpguard_limited_free() - free a table that no packet can see
 * @limited: the table; NULL is nothing
 *
 * Context: process.
 */
void icmpguard_limited_free(struct icmpguard_limited *limited)
{
	kvfree(limited);
}
