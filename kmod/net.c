// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network namespace's life.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/netns/generic.h>
#include "broadcast.h"
#include "hook.h"
#include "net.h"
#include "proc.h"
#include "scope.h"

static unsigned int net_id;

static char *new_netns = "off";
module_param(new_netns, charp, 0444);
MODULE_PARM_DESC(new_netns, "mode other network namespaces begin with: off, monitor or enforce (off)");

static u8 new_mode;

/**
 * icmpguard_net() - what is kept for a namespace
 * @net: the namespace
 *
 * Context: any.
 */
struct icmpguard_net *icmpguard_net(const struct net *net)
{
	return net_generic(net, net_id);
}

/**
 * icmpguard_net_prepare() - make what a namespace needs that is configured
 * @ign: the namespace
 *
 * Context: process, @ign->lock held. Return: 0, -ENOMEM.
 */
int icmpguard_net_prepare(struct icmpguard_net *ign)
{
	if (!ign->stats)
		ign->stats = icmpguard_stats_alloc();
	if (!ign->base)
		ign->base = kzalloc(sizeof(*ign->base), GFP_KERNEL_ACCOUNT);
	if (!ign->offenders)
		ign->offenders = icmpguard_offenders_alloc();
	if (!ign->totals)
		ign->totals = kvcalloc(ICMPGUARD_TOTALS, sizeof(*ign->totals), GFP_KERNEL_ACCOUNT);
	if (!ign->trails)
		ign->trails = icmpguard_trails_alloc();
	return ign->stats && ign->base && ign->offenders && ign->totals && ign->trails ?
	       0 : -ENOMEM;
}

/**
 * icmpguard_net_config() - the running configuration
 * @ign: the namespace
 * @config: filled in; icmpguard_config_release() it
 *
 * Context: process, @ign->lock held. Return: its generation, 0 for a
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
 * Context: process, @ign->lock held. Return: false where there is no table.
 */
bool icmpguard_net_usage(struct icmpguard_net *ign, struct icmpguard_usage *usage)
{
	struct icmpguard_policy *policy = icmpguard_net_policy(ign);

	if (!policy || !policy->table)
		return false;
	icmpguard_usage_read(policy->table, icmpguard_clock_now(&policy->clock), usage);
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
	icmpguard_policy_drain(policy);
	if (policy->table)
		icmpguard_table_forget(policy->table, now);
	for (i = 0; i < ICMPGUARD_TOTALS; i++)
		icmpguard_total_forget(&ign->totals[i], now);
	icmpguard_offenders_forget(ign->offenders);
}

static void sweep(struct work_struct *work)
{
	struct icmpguard_net *ign = container_of(to_delayed_work(work), struct icmpguard_net,
						 sweep);
	struct icmpguard_policy *policy;
	unsigned int i;
	u64 now;

	mutex_lock(&ign->lock);
	policy = icmpguard_net_policy(ign);
	if (policy && policy->table) {
		now = icmpguard_clock_now(&policy->clock);
		icmpguard_table_sweep(policy->table, now);
		for (i = 0; i < ICMPGUARD_TOTALS; i++)
			icmpguard_total_sweep(&ign->totals[i], now);
		icmpguard_offenders_sweep(ign->offenders);
		queue_delayed_work(system_power_efficient_wq, &ign->sweep,
				   ICMPGUARD_SWEEP_PERIOD);
	}
	mutex_unlock(&ign->lock);
}

static void drain(struct work_struct *work)
{
	struct icmpguard_net *ign = container_of(to_delayed_work(work), struct icmpguard_net,
						 drain);

	mutex_lock(&ign->lock);
	icmpguard_policy_drain(icmpguard_net_policy(ign));
	mutex_unlock(&ign->lock);
}

static int switch_on(struct icmpguard_net *ign, u8 mode)
{
	struct icmpguard_config *config;
	int err;

	config = kvzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	icmpguard_config_default(config, mode);
	mutex_lock(&ign->lock);
	err = icmpguard_policy_apply(ign, config, NULL);
	mutex_unlock(&ign->lock);
	kvfree(config);
	return err;
}

static void free_net(struct icmpguard_net *ign)
{
	struct icmpguard_policy *policy = rcu_dereference_raw(ign->policy);

	if (policy) {
		icmpguard_policy_drain(policy);
		icmpguard_table_free(policy->table);
		icmpguard_policy_destroy(policy);
	}
	free_percpu(ign->stats);
	kfree(ign->base);
	icmpguard_offenders_free(ign->offenders);
	kvfree(ign->totals);
	icmpguard_trails_free(ign->trails);
}

static int __net_init init_net_ns(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);
	u8 mode = net_eq(net, &init_net) ? ICMPGUARD_MODE_ENFORCE : new_mode;
	int err;

	ign->net = net;
	mutex_init(&ign->lock);
	INIT_DELAYED_WORK(&ign->sweep, sweep);
	INIT_DELAYED_WORK(&ign->drain, drain);
	icmpguard_events_init(ign);
	get_random_bytes(&ign->secret, sizeof(ign->secret));
	err = icmpguard_proc_init(net);
	if (err)
		return err;
	if (mode == ICMPGUARD_MODE_OFF)
		return 0;
	err = switch_on(ign, mode);
	if (err) {
		icmpguard_proc_exit(net);
		free_net(ign);
	}
	return err;
}

static void __net_exit pre_exit_net_ns(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);

	icmpguard_proc_exit(net);
	icmpguard_hook_unregister(ign);
}

static void __net_exit exit_net_ns(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);

	cancel_delayed_work_sync(&ign->sweep);
	cancel_delayed_work_sync(&ign->drain);
	icmpguard_events_stop(ign);
	free_net(ign);
}

/* Interfaces are configured by name, and packets know their number. */
static int device_event(struct notifier_block *block, unsigned long event, void *info)
{
	struct net *net = dev_net(netdev_notifier_info_to_dev(info));
	struct icmpguard_net *ign = icmpguard_net(net);
	struct icmpguard_policy *policy;

	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGENAME:
		mutex_lock(&ign->lock);
		policy = icmpguard_net_policy(ign);
		if (policy)
			icmpguard_scope_resolve(net, policy);
		mutex_unlock(&ign->lock);
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

static int address_event(struct notifier_block *block, unsigned long event, void *info)
{
	const struct in_ifaddr *ifa = info;
	struct icmpguard_net *ign = icmpguard_net(dev_net(ifa->ifa_dev->dev));
	struct icmpguard_policy *policy;

	if (event != NETDEV_UP)
		return NOTIFY_DONE;
	mutex_lock(&ign->lock);
	policy = icmpguard_net_policy(ign);
	if (policy)
		icmpguard_broadcast_add(policy, ifa);
	mutex_unlock(&ign->lock);
	return NOTIFY_DONE;
}

static struct notifier_block address_notifier = {
	.notifier_call = address_event,
};

static struct pernet_operations net_ops = {
	.init = init_net_ns,
	.pre_exit = pre_exit_net_ns,
	.exit = exit_net_ns,
	.id = &net_id,
	.size = sizeof(struct icmpguard_net),
};

/**
 * icmpguard_net_init() - begin with every namespace there is and will be
 *
 * The initial one enforces the defaults from here on.
 *
 * Context: process. Return: 0; -EINVAL for a parameter that is no mode;
 * -ENOMEM; what netfilter says.
 */
int icmpguard_net_init(void)
{
	static const char * const modes[] = { "off", "monitor", "enforce" };
	int mode = match_string(modes, ARRAY_SIZE(modes), new_netns);
	int err;

	if (mode < 0) {
		pr_err("new_netns=%s is none of off, monitor, enforce\n", new_netns);
		return -EINVAL;
	}
	new_mode = mode;
	err = register_pernet_subsys(&net_ops);
	if (err)
		return err;
	err = register_netdevice_notifier(&device_notifier);
	if (err)
		goto pernet_exit;
	err = register_inetaddr_notifier(&address_notifier);
	if (err)
		goto device_exit;
	return 0;

device_exit:
	unregister_netdevice_notifier(&device_notifier);
pernet_exit:
	unregister_pernet_subsys(&net_ops);
	return err;
}

/**
 * icmpguard_net_exit() - end with every namespace
 *
 * Context: process. When it returns no packet is in the module.
 */
void icmpguard_net_exit(void)
{
	unregister_inetaddr_notifier(&address_notifier);
	unregister_netdevice_notifier(&device_notifier);
	unregister_pernet_subsys(&net_ops);
	/* Policies and tables that were replaced are freed by callbacks. */
	rcu_barrier();
}
