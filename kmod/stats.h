/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: by reason and by type, a set of them for each processor.
 */
#ifndef _ICMPGUARD_STATS_H
#define _ICMPGUARD_STATS_H

#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include "reason_names.h"
#include "types.h"

/*
 * enum icmpguard_reason - why a packet was accepted or dropped, and notes
 *
 * Notes are counted beside verdicts and are in no sum. Those of checks, of
 * which each has a reason and a note, are in the order of enum icmpguard_check.
 */
enum icmpguard_reason {
#define X(id, ...) ICMPGUARD_REASON_##id,
	ICMPGUARD_REASONS_ACCEPT(X)
	ICMPGUARD_REASONS_DROP(X)
	ICMPGUARD_NOTES(X)
#undef X
#define X(id, ...) ICMPGUARD_REASON_NOTED_##id,
	ICMPGUARD_CHECKS(X)
#undef X
	ICMPGUARD_REASONS,
	ICMPGUARD_REASON_DROP_FIRST = ICMPGUARD_REASON_POLICY_DROP,
	ICMPGUARD_REASON_CHECK_FIRST = ICMPGUARD_REASON_MTU_ZERO,
	ICMPGUARD_REASON_NOTED_FIRST = ICMPGUARD_REASON_NOTED_MTU_ZERO,
	ICMPGUARD_REASON_NOTE_FIRST = ICMPGUARD_REASON_FRAGMENTS,
};

/* The columns of a type's counters */
enum icmpguard_column {
	ICMPGUARD_COLUMN_ACCEPTED,	/* MONITORED ones among them */
	ICMPGUARD_COLUMN_LIMITED,
	ICMPGUARD_COLUMN_DROPPED,
	ICMPGUARD_COLUMN_MONITORED,
	ICMPGUARD_COLUMNS
};

/*
 * Which drops are recorded with their source, and which are only counted: each
 * processor records so many in a jiffy, and below that every one. Those between
 * two records are counted for the source of the second, so that the sum stays
 * right and the heaviest stay visible.
 */
#define ICMPGUARD_SAMPLES_A_TICK	64

/**
 * struct icmpguard_sampler - one processor's
 * @tick: jiffies when @left was last filled
 * @left: drops to be recorded within it
 * @skipped: drops since the last record
 */
struct icmpguard_sampler {
	unsigned long tick;
	u32 left;
	u32 skipped;
};

/**
 * icmpguard_sampler_skips() - whether a drop is only counted; it then was
 * @sampler: of this processor
 *
 * Context: bottom halves off.
 * Return: false where icmpguard_sampler_takes() is
 * to be asked.
 */
static __always_inline bool icmpguard_sampler_skips(struct icmpguard_sampler *sampler)
{
	unsigned long tick = jiffies;

	if (sampler->left || sampler->tick != tick)
		return false;
	sampler->skipped++;
	return true;
}

/**
 * icmpguard_sampler_takes() - whether a drop is to be recorded
 * @sampler: of this processor
 *
 * Context: bottom halves off.
 * Return: true for one that is recorded with all that were skipped before it.
 */
static inline bool icmpguard_sampler_takes(struct icmpguard_sampler *sampler)
{
	unsigned long tick = jiffies;

	if (sampler->tick != tick) {
		sampler->tick = tick;
		sampler->left = ICMPGUARD_SAMPLES_A_TICK;
	}
	if (!sampler->left) {
		sampler->skipped++;
		return false;
	}
	sampler->left--;
	return true;
}

/**
 * struct icmpguard_stats - one processor's counters
 * @types: packets by type and column
 * @reasons: packets by reason
 * @monitored: packets accepted in monitor mode, by the reason to drop them
 * @sampler: which drops are recorded with their source
 * @sync: lets 32-bit machines read 64-bit counters whole
 */
struct icmpguard_stats {
	u64_stats_t types[ICMPGUARD_TIDS][ICMPGUARD_COLUMNS];
	u64_stats_t reasons[ICMPGUARD_REASONS];
	u64_stats_t monitored[ICMPGUARD_REASONS];
	struct icmpguard_sampler sampler;
	struct u64_stats_sync sync;
};

/**
 * struct icmpguard_sums - all processors' counters, added up
 * @types: see struct icmpguard_stats
 * @reasons: likewise
 * @monitored: likewise
 */
struct icmpguard_sums {
	u64 types[ICMPGUARD_TIDS][ICMPGUARD_COLUMNS];
	u64 reasons[ICMPGUARD_REASONS];
	u64 monitored[ICMPGUARD_REASONS];
};

struct icmpguard_stats __percpu *icmpguard_stats_alloc(void);
void icmpguard_stats_sum(const struct icmpguard_stats __percpu *stats,
			 struct icmpguard_sums *sums);
void icmpguard_sums_subtract(const struct icmpguard_sums *later,
			     const struct icmpguard_sums *earlier,
			     struct icmpguard_sums *difference);
u64 icmpguard_sums_accepted(const struct icmpguard_sums *sums);
u64 icmpguard_sums_dropped(const struct icmpguard_sums *sums);
const char *icmpguard_reason_name(unsigned int reason);
u32 icmpguard_reason_class(unsigned int reason);

/**
 * icmpguard_reason_column() - the column of a packet that is dropped
 * @reason: why
 *
 * Context: any.
 * Return: enum icmpguard_column.
 */
static __always_inline enum icmpguard_column icmpguard_reason_column(enum icmpguard_reason reason)
{
	switch (reason) {
	case ICMPGUARD_REASON_SOURCE_LIMIT:
	case ICMPGUARD_REASON_PENALTY:
	case ICMPGUARD_REASON_TOTAL_LIMIT:
	case ICMPGUARD_REASON_FRAGMENT_LIMIT:
		return ICMPGUARD_COLUMN_LIMITED;
	default:
		return ICMPGUARD_COLUMN_DROPPED;
	}
}

/**
 * icmpguard_stats_verdict() - count a packet
 * @stats: of this processor
 * @tid: its type
 * @column: what became of it
 * @reason: and why
 *
 * Context: bottom halves off.
 */
static inline void icmpguard_stats_verdict(struct icmpguard_stats *stats, unsigned int tid,
					   enum icmpguard_column column,
					   enum icmpguard_reason reason)
{
	u64_stats_update_begin(&stats->sync);
	u64_stats_inc(&stats->types[tid][column]);
	u64_stats_inc(&stats->reasons[reason]);
	u64_stats_update_end(&stats->sync);
}

/**
 * icmpguard_stats_monitored() - count a packet that is let pass nevertheless
 * @stats: of this processor
 * @tid: its type
 * @reason: why it would have been dropped
 *
 * Context: bottom halves off.
 */
static inline void icmpguard_stats_monitored(struct icmpguard_stats *stats, unsigned int tid,
					     enum icmpguard_reason reason)
{
	u64_stats_update_begin(&stats->sync);
	u64_stats_inc(&stats->types[tid][ICMPGUARD_COLUMN_ACCEPTED]);
	u64_stats_inc(&stats->types[tid][ICMPGUARD_COLUMN_MONITORED]);
	u64_stats_inc(&stats->reasons[ICMPGUARD_REASON_MONITOR]);
	u64_stats_inc(&stats->monitored[reason]);
	u64_stats_update_end(&stats->sync);
}

/**
 * icmpguard_stats_note() - count something beside the verdicts
 * @stats: of this processor
 * @note: what
 *
 * Context: bottom halves off.
 */
static inline void icmpguard_stats_note(struct icmpguard_stats *stats,
					enum icmpguard_reason note)
{
	u64_stats_update_begin(&stats->sync);
	u64_stats_inc(&stats->reasons[note]);
	u64_stats_update_end(&stats->sync);
}

#endif /* _ICMPGUARD_STATS_H */
