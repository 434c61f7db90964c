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
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "apply.h"
#include "hook.h"
#include "net.h"
#include "netlink/events.h"
#include "netns.h"
#include "proc.h"
#include "scope.h"

static char *new_netns = "off";
module_param(new_netns, charp, 0444);
MODULE_PARM_DESC(new_netns,
		 "mode other network namespaces begin with: off, monitor or enforce (off)");

static u8 new_mode;

static void netns_sweep(struct work_struct *work)
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
		for (i = 0; i < ICMPGUARD_AGGREGATES; i++)
			icmpguard_aggregate_sweep(&ign->aggregates[i], now);
		icmpguard_limited_sweep(ign->limited);
		queue_delayed_work(system_power_efficient_wq, &ign->sweep,
				   ICMPGUARD_SWEEP_PERIOD);
	}
	mutex_unlock(&ign->lock);
}

static void netns_drain(struct work_struct *work)
{
	struct icmpguard_net *ign = container_of(to_delayed_work(work), struct icmpguard_net,
						 drain);

	mutex_lock(&ign->lock);
	icmpguard_table_drain(icmpguard_net_policy(ign)->table);
	mutex_unlock(&ign->lock);
}

static int netns_switch_on(struct icmpguard_net *ign, u8 mode)
{
	struct icmpguard_config *config;
	int err;

	config = kvzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	icmpguard_config_default(config, mode);
	mutex_lock(&ign->lock);
	err = icmpguard_apply(ign, config, NULL);
	if (!err)
		icmpguard_events_start(ign);
	mutex_unlock(&ign->lock);
	kvfree(config);
	return err;
}

static int __net_init netns_begin(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);
	u8 mode = net_eq(net, &init_net) ? ICMPGUARD_MODE_ENFORCE : new_mode;
	int err;

	ign->net = net;
	mutex_init(&ign->lock);
	spin_lock_init(&ign->resolving);
	INIT_DELAYED_WORK(&ign->sweep, netns_sweep);
	INIT_DELAYED_WORK(&ign->drain, netns_drain);
	icmpguard_events_init(ign);
	get_random_bytes(&ign->secret, sizeof(ign->secret));
	err = icmpguard_proc_init(net);
	if (err)
		return err;
	if (mode == ICMPGUARD_MODE_OFF)
		return 0;
	err = netns_switch_on(ign, mode);
	if (err) {
		icmpguard_proc_exit(net);
		icmpguard_net_free(ign);
	}
	return err;
}

static void __net_exit netns_pre_end(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);

	icmpguard_proc_exit(net);
	icmpguard_hook_unregister(ign);
}

static void __net_exit netns_end(struct net *net)
{
	struct icmpguard_net *ign = icmpguard_net(net);

	cancel_delayed_work_sync(&ign->sweep);
	cancel_delayed_work_sync(&ign->drain);
	icmpguard_events_stop(ign);
	icmpguard_net_free(ign);
}

/* For those who hold RTNL, and must not wait for the namespace's mutex */
static struct icmpguard_policy *policy_resolving(const struct icmpguard_net *ign)
{
	return rcu_dereference_protected(ign->policy, lockdep_is_held(&ign->resolving));
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
		spin_lock(&ign->resolving);
		policy = policy_resolving(ign);
		if (policy)
			icmpguard_scope_resolve(net, policy);
		spin_unlock(&ign->resolving);
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
	spin_lock(&ign->resolving);
	ign->added |= icmpguard_broadcast_bits(ifa);
	policy = policy_resolving(ign);
	if (policy)
		WRITE_ONCE(policy->broadcasts, policy->broadcasts | ign->added);
	spin_unlock(&ign->resolving);
	return NOTIFY_DONE;
}

static struct notifier_block address_notifier = {
	.notifier_call = address_event,
};

static struct pernet_operations net_ops = {
	.init = netns_begin,
	.pre_exit = netns_pre_end,
	.exit = netns_end,
	.id = &icmpguard_net_id,
	.size = sizeof(struct icmpguard_net),
};

/**
 * icmpguard_netns_init() - begin with every namespace there is and will be
 *
 * The initial one enforces the defaults from here on.
 *
 * Context: process.
 * Return: 0; -EINVAL for a parameter that is no mode;
 * -ENOMEM; what netfilter says.
 */
int icmpguard_netns_init(void)
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
 * icmpguard_netns_exit() - end with every namespace
 *
 * Context: process. When it returns no packet is in the module.
 */
void icmpguard_netns_exit(void)
{
	unregister_inetaddr_notifier(&address_notifier);
	unregister_netdevice_notifier(&device_notifier);
	unregister_pernet_subsys(&net_ops);
	/* Policies and tables that were replaced are freed by callbacks. */
	rcu_barrier();
}
