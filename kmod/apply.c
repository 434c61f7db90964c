// SPDX-License-Identifier: GPL-2.0-only
/*
 * Applying: how a configuration comes into force. All that can fail is done
 * before anything changes.
 */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include "apply.h"
#include "hook.h"
#include "net.h"
#include "policy.h"
#include "scope.h"

/* They aren't swept while a namespace is off. */
static void forget_aggregates(struct icmpguard_net *ign, const struct icmpguard_policy *policy)
{
	u64 now = icmpguard_clock_now(&policy->clock);
	unsigned int i;

	for (i = 0; i < ICMPGUARD_AGGREGATES; i++)
		icmpguard_aggregate_forget(&ign->aggregates[i], now);
}

static void clamp_aggregate(const struct icmpguard_aggregate *aggregate, u64 now)
{
	if (aggregate->bucket)
		icmpguard_aggregate_clamp(aggregate->bucket, &aggregate->rate, now);
}

static void clamp_aggregates(const struct icmpguard_policy *policy)
{
	u64 now = icmpguard_clock_now(&policy->clock);
	unsigned int i;

	for (i = 0; i < ICMPGUARD_TIDS; i++)
		clamp_aggregate(&policy->plans[i].aggregate, now);
	for (i = 0; i < policy->config.codes; i++)
		clamp_aggregate(&policy->codes[i].aggregate, now);
}

/*
 * The table for a policy: the old one if it will do, or else a new one that
 * knows the old one until the debts in it have run out.
 */
static int take_table(struct icmpguard_policy *policy, const struct icmpguard_policy *old,
		      struct netlink_ext_ack *extack)
{
	struct icmpguard_table *table = old ? old->table : NULL;
	u32 size = policy->config.table_size;

	if (policy->mode == ICMPGUARD_MODE_OFF)
		return 0;
	if (table && icmpguard_table_sources(table) == size &&
	    icmpguard_table_suits(table, policy->groups)) {
		policy->table = table;
		return 0;
	}
	policy->table = icmpguard_table_alloc(size, icmpguard_clock_now(&policy->clock));
	if (!policy->table) {
		NL_SET_ERR_MSG(extack, "not enough memory for a table of that size");
		return -ENOMEM;
	}
	icmpguard_table_divide(policy->table, policy->groups);
	rcu_assign_pointer(policy->table->older, table);
	return 0;
}

static void set_edges(struct icmpguard_policy *policy)
{
	unsigned int group;

	for_each_set_bit(group, policy->groups, ICMPGUARD_GROUPS)
		icmpguard_table_set_edge(policy->table, group, policy->edge[group]);
}

/* Jiffies until all that a policy's packets leave in a table is over */
static unsigned long drain_time(const struct icmpguard_policy *policy)
{
	return max(policy->longest, ICMPGUARD_KEPT_TIME) / ICMPGUARD_JIFFY + 1;
}

/*
 * Interfaces and addresses may come, go or be renamed all the while. What changes them
 * has done so before it waits for the lock: either it is found here, or the event finds
 * the new policy, or, of an address, leaves its bits.
 */
static void publish(struct icmpguard_net *ign, struct icmpguard_policy *policy)
{
	spin_lock(&ign->resolving);
	ign->added = 0;
	spin_unlock(&ign->resolving);
	policy->broadcasts = icmpguard_broadcast_find(ign->net);
	spin_lock(&ign->resolving);
	policy->broadcasts |= ign->added;
	icmpguard_scope_resolve(ign->net, policy);
	rcu_assign_pointer(ign->policy, policy);
	spin_unlock(&ign->resolving);
}

/**
 * icmpguard_apply() - put a configuration into force
 * @ign: the namespace
 * @config: the configuration; what it holds goes to the policy on success
 * @extack: says what was wrong; NULL is allowed
 *
 * Everything that can fail is done before anything changes.
 *
 * Context: process, @ign->lock held.
 * Return: 0; -ERANGE or -EINVAL for a rate
 * the arithmetic can't hold; -ENOMEM.
 */
int icmpguard_apply(struct icmpguard_net *ign, struct icmpguard_config *config,
		    struct netlink_ext_ack *extack)
{
	struct icmpguard_policy *old, *policy;
	bool on = config->mode != ICMPGUARD_MODE_OFF;
	int err;

	old = icmpguard_net_policy(ign);
	err = icmpguard_net_prepare(ign);
	if (err)
		return err;
	policy = icmpguard_policy_make(config, old, &ign->secret, ign->aggregates, extack);
	if (IS_ERR(policy))
		return PTR_ERR(policy);
	err = take_table(policy, old, extack);
	if (err)
		goto free_policy;
	if (on && !ign->hooked) {
		forget_aggregates(ign, policy);
		err = icmpguard_hook_register(ign);
		if (err) {
			NL_SET_ERR_MSG(extack, "netfilter refused the hooks");
			goto free_table;
		}
	}

	clamp_aggregates(policy);
	if (on)
		set_edges(policy);
	publish(ign, policy);
	if (!on && ign->hooked)
		icmpguard_hook_unregister(ign);
	if (on)
		queue_delayed_work(system_power_efficient_wq, &ign->sweep,
				   ICMPGUARD_SWEEP_PERIOD);
	icmpguard_table_limit_older(policy->table);
	if (old) {
		if (!on)
			icmpguard_table_free_all(old->table);
		else if (old->table && old->table != policy->table)
			mod_delayed_work(system_power_efficient_wq, &ign->drain,
					 max(drain_time(old), drain_time(policy)));
		icmpguard_policy_destroy_rcu(old);
	}
	return 0;

free_table:
	if (!old || old->table != policy->table)
		icmpguard_table_free(policy->table);
free_policy:
	kvfree(policy);
	return err;
}
