// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: adding up and naming.
 */
#include <linux/gfp.h>
#include <linux/string.h>
#include "stats.h"

static const char * const names[ICMPGUARD_REASONS] = {
#define X(id, name, ...) [ICMPGUARD_REASON_##id] = name,
	ICMPGUARD_REASONS_ACCEPT(X)
	ICMPGUARD_REASONS_DROP(X)
	ICMPGUARD_NOTES(X)
#undef X
#define X(id, name, ...) [ICMPGUARD_REASON_NOTED_##id] = "noted-" name,
	ICMPGUARD_CHECKS(X)
#undef X
};

/**
 * icmpguard_stats_alloc() - make counters
 *
 * Context: process.
 * Return: counters at zero, NULL without memory.
 */
struct icmpguard_stats __percpu *icmpguard_stats_alloc(void)
{
	struct icmpguard_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct icmpguard_stats, GFP_KERNEL_ACCOUNT);
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	return stats;
}

static u64 read_counter(const struct icmpguard_stats *stats, const u64_stats_t *counter)
{
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(&stats->sync);
		value = u64_stats_read(counter);
	} while (u64_stats_fetch_retry(&stats->sync, start));
	return value;
}

static void add_processor(const struct icmpguard_stats *stats, struct icmpguard_sums *sums)
{
	int i, j;

	for (i = 0; i < ICMPGUARD_TIDS; i++)
		for (j = 0; j < ICMPGUARD_COLUMNS; j++)
			sums->types[i][j] += read_counter(stats, &stats->types[i][j]);
	for (i = 0; i < ICMPGUARD_REASONS; i++) {
		sums->reasons[i] += read_counter(stats, &stats->reasons[i]);
		sums->monitored[i] += read_counter(stats, &stats->monitored[i]);
	}
}

/**
 * icmpguard_stats_sum() - add up all processors' counters
 * @stats: the counters; NULL: none were made yet
 * @sums: filled in
 *
 * Context: process.
 */
void icmpguard_stats_sum(const struct icmpguard_stats __percpu *stats,
			 struct icmpguard_sums *sums)
{
	int cpu;

	memset(sums, 0, sizeof(*sums));
	if (!stats)
		return;
	for_each_possible_cpu(cpu)
		add_processor(per_cpu_ptr(stats, cpu), sums);
}

/**
 * icmpguard_sums_subtract() - what was counted between two readings
 * @later: a reading
 * @earlier: one before it
 * @difference: filled in; may be either
 *
 * Context: any.
 */
void icmpguard_sums_subtract(const struct icmpguard_sums *later,
			     const struct icmpguard_sums *earlier,
			     struct icmpguard_sums *difference)
{
	int i, j;

	for (i = 0; i < ICMPGUARD_TIDS; i++)
		for (j = 0; j < ICMPGUARD_COLUMNS; j++)
			difference->types[i][j] = later->types[i][j] - earlier->types[i][j];
	for (i = 0; i < ICMPGUARD_REASONS; i++) {
		difference->reasons[i] = later->reasons[i] - earlier->reasons[i];
		difference->monitored[i] = later->monitored[i] - earlier->monitored[i];
	}
}

static u64 add_class(const struct icmpguard_sums *sums, u32 class)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < ICMPGUARD_REASONS; i++)
		if (icmpguard_reason_class(i) == class)
			sum += sums->reasons[i];
	return sum;
}

/**
 * icmpguard_sums_accepted() - packets accepted, for whatever reason
 * @sums: the counters
 *
 * Context: any.
 * Return: packets.
 */
u64 icmpguard_sums_accepted(const struct icmpguard_sums *sums)
{
	return add_class(sums, ICMPGUARD_COUNTER_ACCEPT);
}

/**
 * icmpguard_sums_dropped() - packets dropped, for whatever reason
 * @sums: the counters
 *
 * Context: any.
 * Return: packets.
 */
u64 icmpguard_sums_dropped(const struct icmpguard_sums *sums)
{
	return add_class(sums, ICMPGUARD_COUNTER_DROP);
}

/**
 * icmpguard_reason_name() - the name of a counter
 * @reason: enum icmpguard_reason
 *
 * Context: any.
 * Return: a constant string; names are never changed.
 */
const char *icmpguard_reason_name(unsigned int reason)
{
	return names[reason];
}

/**
 * icmpguard_reason_class() - what a counter adds up to
 * @reason: enum icmpguard_reason
 *
 * Context: any.
 * Return: enum icmpguard_counter_class.
 */
u32 icmpguard_reason_class(unsigned int reason)
{
	if (reason < ICMPGUARD_REASON_DROP_FIRST)
		return ICMPGUARD_COUNTER_ACCEPT;
	if (reason < ICMPGUARD_REASON_NOTE_FIRST)
		return ICMPGUARD_COUNTER_DROP;
	return ICMPGUARD_COUNTER_NOTE;
}
