// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network namespace's state: making, reading, resetting and freeing it.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "net.h"

unsigned int icmpguard_net_id;

/**
 * icmpguard_net() - what is kept for a namespace
 * @net: the namespace
 *
 * Context: any.
 * Return: the state.
 */
struct icmpguard_net *icmpguard_net(const struct net *net)
{
	return net_generic(net, icmpguard_net_id);
}

/**
 * icmpguard_net_prepare() - make what a namespace needs that is configured
 * @ign: the namespace
 *
 * Context: process, @ign->lock held.
 * Return: 0, -ENOMEM.
 */
int icmpguard_net_prepare(struct icmpguard_net *ign)
{
	if (!ign->stats)
		ign->stats = icmpguard_stats_alloc();
	if (!ign->base)
		ign->base = kzalloc(sizeof(*ign->base), GFP_KERNEL_ACCOUNT);
	if (!ign->limited)
		ign->limited = icmpguard_limited_alloc();
	if (!ign->aggregates)
		ign->aggregates = kvcalloc(ICMPGUARD_AGGREGATES, sizeof(*ign->aggregates),
					   GFP_KERNEL_ACCOUNT);
	if (!ign->records)
		ign->records = icmpguard_records_alloc();
	return ign->stats && ign->base && ign->limited && ign->aggregates && ign->records ?
	       0 : -ENOMEM;
}

/**
 * icmpguard_net_config() - the running configuration
 * @ign: the namespace
 * @config: filled in; icmpguard_config_release() it
 *
 * Context: process, @ign->lock held.
 * Return: its generation, 0 for a
 * namespace that was never configured.
 */
int icmpguard_net_config(struct icmpguard_net *ign, struct icmpguard_config *config)
{
	const struct icmpguard_policy *policy = icmpguard_net_policy(ign);

	if (!policy) {
		icmpguard_config_default(config, ICMPGUARD_MODE_OFF);
		return 0;
	}
	icmpguard_config_copy(config, &policy->config);
	return policy->generation;
}

/**
 * icmpguard_net_sums() - what was counted since the last reset
 * @ign: the namespace
 * @sums: filled in
 *
 * Context: process, @ign->lock held.
 */
void icmpguard_net_sums(struct icmpguard_net *ign, struct icmpguard_sums *sums)
{
	icmpguard_stats_sum(ign->stats, sums);
	if (ign->base)
		icmpguard_sums_subtract(sums, ign->base, sums);
}

/**
 * icmpguard_net_reset() - count from zero
 * @ign: the namespace
 * @sums: filled in with what was counted until now; NULL: not asked for
 *
 * No packet is lost between the two: counters only go up, and what they are
 * now is what later readings are counted from.
 *
 * Context: process, @ign->lock held.
 */
void icmpguard_net_reset(struct icmpguard_net *ign, struct icmpguard_sums *sums)
{
	struct icmpguard_sums *base = ign->base;

	if (sums)
		memset(sums, 0, sizeof(*sums));
	if (!base)
		return;
	if (sums)
		*sums = *base;
	icmpguard_stats_sum(ign->stats, base);
	if (sums)
		icmpguard_sums_subtract(base, sums, sums);
}

/**
 * icmpguard_net_usage() - how full the table is
 * @ign: the namespace
 * @usage: filled in
 *
 * Context: process, @ign->lock held.
 * Return: false where there is no table.
 */
bool icmpguard_net_usage(struct icmpguard_net *ign, struct icmpguard_usage *usage)
{
	struct icmpguard_policy *policy = icmpguard_net_policy(ign);

	if (!policy || !policy->table)
		return false;
	icmpguard_table_usage(policy->table, icmpguard_clock_now(&policy->clock), usage);
	return true;
}

/**
 * icmpguard_net_forget_sources() - fill every bucket
 * @ign: the namespace
 *
 * Context: process, @ign->lock held.
 */
void icmpguard_net_forget_sources(struct icmpguard_net *ign)
{
	struct icmpguard_policy *policy = icmpguard_net_policy(ign);
	unsigned int i;
	u64 now;

	if (!policy)
		return;
	now = icmpguard_clock_now(&policy->clock);
	icmpguard_table_drain(policy->table);
	if (policy->table)
		icmpguard_table_forget(policy->table, now);
	for (i = 0; i < ICMPGUARD_AGGREGATES; i++)
		icmpguard_aggregate_forget(&ign->aggregates[i], now);
	icmpguard_limited_forget(ign->limited);
}

/**
 * icmpguard_net_free() - free what a namespace has
 * @ign: the namespace; nothing can reach it
 *
 * Context: process.
 */
void icmpguard_net_free(struct icmpguard_net *ign)
{
	struct icmpguard_policy *policy = rcu_dereference_raw(ign->policy);

	if (policy) {
		icmpguard_table_drain(policy->table);
		icmpguard_table_free(policy->table);
		icmpguard_policy_destroy(policy);
	}
	free_percpu(ign->stats);
	kfree(ign->base);
	icmpguard_limited_free(ign->limited);
	kvfree(ign->aggregates);
	icmpguard_records_free(ign->records);
}
