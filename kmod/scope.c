// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scope: interfaces by name, and packets for this host.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/route.h>
#include "policy.h"
#include "scope.h"

/*
 * Every multicast group counts as this host's: which ones it has joined is
 * nothing that a module can ask for IPv6.
 */
static bool is_local4(struct net *net, const struct net_device *in, const struct iphdr *ip)
{
	switch (inet_addr_type_dev_table(net, in, ip->daddr)) {
	case RTN_LOCAL:
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return true;
	default:
		return false;
	}
}

static bool is_local6(struct net *net, const struct net_device *in, const struct ipv6hdr *ip)
{
	bool on_link = ipv6_addr_type(&ip->daddr) & IPV6_ADDR_LINKLOCAL;

	return ipv6_addr_is_multicast(&ip->daddr) ||
	       ipv6_chk_addr(net, &ip->daddr, on_link ? in : NULL, 0);
}

/**
 * icmpguard_scope_has() - whether a packet is for this host
 * @net: the namespace
 * @in: where it came in
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * Context: any; RCU. Return: true for its addresses, broadcast and multicast.
 */
bool icmpguard_scope_has(struct net *net, const struct net_device *in, const struct sk_buff *skb,
			 bool v6)
{
	if (!v6)
		return is_local4(net, in, ip_hdr(skb));
	return IS_ENABLED(CONFIG_IPV6) && is_local6(net, in, ipv6_hdr(skb));
}

/**
 * icmpguard_scope_interface() - what is done with an interface's packets
 * @policy: the policy; it names interfaces
 * @in: where they come in
 *
 * Context: any. Looks at no more than ICMPGUARD_INTERFACES_MAX. Return: enum
 * icmpguard_mode, no more than the namespace's.
 */
u8 icmpguard_scope_interface(const struct icmpguard_policy *policy, const struct net_device *in)
{
	unsigned int i;

	for (i = 0; i < policy->interfaces; i++)
		if (READ_ONCE(policy->ifindex[i]) == in->ifindex)
			return min(policy->mode, policy->config.interface[i].mode);
	return policy->mode;
}

/**
 * icmpguard_scope_resolve() - find the interfaces that a policy names
 * @net: the namespace
 * @policy: the policy, in force or not yet
 *
 * Called again whenever an interface comes, goes or is renamed.
 *
 * Context: process, the namespace's lock held.
 */
void icmpguard_scope_resolve(struct net *net, struct icmpguard_policy *policy)
{
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < policy->config.interfaces; i++) {
		const struct net_device *dev;

		dev = dev_get_by_name_rcu(net, policy->config.interface[i].name);
		/* No interface has the index 0. */
		WRITE_ONCE(policy->ifindex[i], dev ? dev->ifindex : 0);
	}
	rcu_read_unlock();
}
