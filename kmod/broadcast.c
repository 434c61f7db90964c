// SPDX-License-Identifier: GPL-2.0-only
/*
 * Broadcasts: which addresses are worth a look, and the look.
 */
#include <linux/netdevice.h>
#include <net/route.h>
#include "broadcast.h"

/* The two that fib_add_ifaddr() makes routes for */
static u64 bits_of(const struct in_ifaddr *ifa)
{
	return icmpguard_broadcast_bit(ntohl(ifa->ifa_broadcast)) |
	       icmpguard_broadcast_bit(ntohl(ifa->ifa_address | ~ifa->ifa_mask));
}

/**
 * icmpguard_broadcast_add() - know the broadcast addresses of a new address
 * @policy: the policy, in force or not yet
 * @ifa: the address
 *
 * Those of one that goes stay known, which costs a look each now and then; the
 * next policy knows better.
 *
 * Context: process, the namespace's lock held.
 */
void icmpguard_broadcast_add(struct icmpguard_policy *policy, const struct in_ifaddr *ifa)
{
	WRITE_ONCE(policy->broadcasts, policy->broadcasts | bits_of(ifa));
}

/**
 * icmpguard_broadcast_resolve() - know those of all addresses there are
 * @net: the namespace
 * @policy: a policy that isn't in force yet
 *
 * Context: process, the namespace's lock held.
 */
void icmpguard_broadcast_resolve(struct net *net, struct icmpguard_policy *policy)
{
	const struct in_ifaddr *ifa;
	struct net_device *dev;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		const struct in_device *in_dev = __in_dev_get_rcu(dev);

		if (!in_dev)
			continue;
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			icmpguard_broadcast_add(policy, ifa);
	}
	rcu_read_unlock();
}

/**
 * icmpguard_broadcast_is() - whether an address is a network's broadcast address
 * @policy: the policy
 * @in: where the packet that has it came in
 * @addr: the address in host byte order
 *
 * Context: any; RCU. Return: also true for 255.255.255.255.
 */
bool icmpguard_broadcast_is(const struct icmpguard_policy *policy, const struct net_device *in,
			    u32 addr)
{
	if (addr == INADDR_BROADCAST)
		return true;
	if (!(READ_ONCE(policy->broadcasts) & icmpguard_broadcast_bit(addr)))
		return false;
	return inet_addr_type_dev_table(dev_net(in), in, htonl(addr)) == RTN_BROADCAST;
}
