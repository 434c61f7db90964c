// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scope: interfaces by name, and packets for this host.
 */
#include <linux/bits.h>
#include <linux/if_vlan.h>
#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <net/addrconf.h>
#include <net/dst_metadata.h>
#include <net/if_inet6.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/xfrm.h>
#include "compat.h"
#include "policy.h"
#include "scope.h"

/*
 * The groups of an interface are a list, and this many of them are looked at.
 * Where there are more, all groups count as joined.
 */
#define GROUPS_MAX	64

static bool has_joined4(const struct net_device *dev, __be32 group)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct ip_mc_list *joined;
	unsigned int n = 0;

	if (!in_dev)
		return false;
	for (joined = rcu_dereference(in_dev->mc_list); joined;
	     joined = rcu_dereference(joined->next_rcu))
		if (joined->multiaddr == group || ++n > GROUPS_MAX)
			return true;
	return false;
}

static bool is_local4(struct net *net, const struct net_device *in, const struct iphdr *ip)
{
	const struct net_device *master;

	switch (inet_addr_type_dev_table(net, in, ip->daddr)) {
	case RTN_LOCAL:
	case RTN_BROADCAST:
		return true;
	case RTN_MULTICAST:
		/* A group can be joined in a VRF as a whole. */
		master = l3mdev_master_dev_rcu(in);
		return has_joined4(in, ip->daddr) || (master && has_joined4(master, ip->daddr));
	default:
		return false;
	}
}

#if IS_ENABLED(CONFIG_IPV6)

static bool has_joined6(const struct net_device *dev, const struct in6_addr *group)
{
	struct inet6_dev *in_dev = __in6_dev_get(dev);
	const struct ifmcaddr6 *joined;
	unsigned int n = 0;

	if (!in_dev)
		return false;
	icmpguard_groups_lock(in_dev);
	for (joined = rcu_dereference(in_dev->mc_list); joined;
	     joined = rcu_dereference(joined->next))
		if (ipv6_addr_equal(&joined->mca_addr, group) || ++n > GROUPS_MAX)
			break;
	icmpguard_groups_unlock(in_dev);
	return joined;
}

/*
 * A multicast router takes the listeners' messages to any group. They have a
 * router alert, and so a hop-by-hop header, which hardly anything else has.
 */
static bool is_for_router(const struct net *net, const struct ipv6hdr *ip)
{
#ifdef CONFIG_IPV6_MROUTE
	return ip->nexthdr == NEXTHDR_HOP &&
	       icmpguard_mc_forwarding(net->ipv6.devconf_all);
#else
	return false;
#endif
}

/* Anycast addresses, a router's of each of its links among them, and local routes */
static bool is_routed_here(struct net *net, const struct net_device *in,
			   const struct sk_buff *skb, const struct in6_addr *addr, bool on_link)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	struct fib6_result result = {};
	struct flowi6 flow = {
		.flowi6_iif = in->ifindex,
		.flowi6_mark = skb->mark,
		.flowi6_proto = ip->nexthdr,
		.daddr = *addr,
		.saddr = ip->saddr,
	};
	int strict = on_link ? RT6_LOOKUP_F_IFACE : 0;

	if (icmpguard_fib6_lookup(net, in->ifindex, &flow, &result, strict))
		return false;
	return result.fib6_type == RTN_LOCAL || result.fib6_type == RTN_ANYCAST;
}

static bool is_local6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	bool on_link;

	if (ipv6_addr_is_multicast(&ip->daddr))
		return has_joined6(in, &ip->daddr) || is_for_router(net, ip);
	on_link = ipv6_addr_type(&ip->daddr) & IPV6_ADDR_LINKLOCAL;
	return ipv6_chk_addr_and_flags(net, &ip->daddr, in, !on_link, 0, IFA_F_TENTATIVE) ||
	       is_routed_here(net, in, skb, &ip->daddr, on_link);
}

/* A host that has no address yet sends from none. */
static bool is_from_here6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	const struct in6_addr *addr = &ipv6_hdr(skb)->saddr;

	return ipv6_addr_any(addr) || ipv6_chk_addr_and_flags(net, addr, in, true, 0, 0) ||
	       is_routed_here(net, in, skb, addr, false);
}

#else

static bool is_local6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	return false;
}

static bool is_from_here6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	return false;
}

#endif

static bool is_from_here4(struct net *net, const struct net_device *in, __be32 addr)
{
	return !addr || inet_addr_type_dev_table(net, in, addr) == RTN_LOCAL;
}

/**
 * icmpguard_scope_has() - whether a packet is for this host
 * @net: the namespace
 * @in: where it came in
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * Context: any; RCU. Looks up one route at most, and at no more than
 * GROUPS_MAX groups of an interface.
 * Return: true for this host's addresses,
 * anycast ones and local routes among them, for broadcast, and for the
 * multicast groups that were joined where the packet came in.
 */
bool icmpguard_scope_has(struct net *net, const struct net_device *in, const struct sk_buff *skb,
			 bool v6)
{
	return v6 ? is_local6(net, in, skb) : is_local4(net, in, ip_hdr(skb));
}

/**
 * icmpguard_scope_is_here() - whether a packet is for this host and no other
 * @net: the namespace
 * @in: where it came in
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * What is for many may be forwarded as well.
 *
 * Context: any; RCU. Looks up one route at most.
 * Return: true for this host's addresses, anycast ones and local routes among them.
 */
bool icmpguard_scope_is_here(struct net *net, const struct net_device *in,
			     const struct sk_buff *skb, bool v6)
{
	if (v6)
		return !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr) && is_local6(net, in, skb);
	return inet_addr_type_dev_table(net, in, ip_hdr(skb)->daddr) == RTN_LOCAL;
}

/**
 * icmpguard_scope_is_own() - whether the machine sent itself a packet
 * @in: where it comes in: the loopback, or where a packet that was sent is heard
 * @skb: an IP packet
 * @v6: of IPv6; of IPv4 otherwise
 *
 * A label or a redirection brings packets from outside to the loopback, but those
 * have no route yet. A VRF and ipvlan give what they are to send a route here as if
 * the machine had sent it; then its source is another's.
 *
 * Context: any; RCU. Looks up one route at most.
 * Return: true for a packet that needs no judging: the machine made it.
 */
bool icmpguard_scope_is_own(const struct net_device *in, const struct sk_buff *skb, bool v6)
{
	struct net *net = dev_net(in);

	if (!skb_valid_dst(skb))
		return false;
	return v6 ? is_from_here6(net, in, skb) : is_from_here4(net, in, ip_hdr(skb)->saddr);
}

/*
 * In the flags of the control block, which IP clears whenever a packet enters it
 * and whenever it takes one out of another. The kernel has no use for these two:
 * Linux 6.1 and 6.12 use the lowest 10 of IPv4's and 11 of IPv6's, later ones another
 * one of each. selftests/vm/build.sh looks in the headers of each kernel it builds for.
 * The second is for what has a route already: IPsec's transport mode turns a packet
 * into another where it is.
 */
enum {
	SEEN		= BIT(15),
	SEEN_ROUTED	= BIT(14),
};

#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)

/* br_netfilter has shown it as the bridge's, and the VRF shows it again. */
static bool left_bridge(const struct net_device *in)
{
	const struct net_device *bridge = is_vlan_dev(in) ? vlan_dev_real_dev(in) : in;

	return netif_is_l3_slave(in) && netif_is_bridge_master(bridge) &&
	       net_eq(dev_net(bridge), dev_net(in));
}

#endif

/**
 * icmpguard_scope_was_seen() - whether a VRF shows a packet once more
 * @in: where it comes in: a VRF's master, or a member
 * @skb: an IP packet; it is marked as seen
 * @v6: of IPv6; of IPv4 otherwise
 *
 * A packet enters at a member, and then once more at the master; neighbour
 * discovery keeps the member as its device there. What IPsec and SRv6 unwrap
 * enters at the master and is new. A bridge's packets that br_netfilter has shown
 * already don't come again, but for those of a bridge that is a member.
 *
 * Context: any.
 * Return: true when it has been judged already.
 */
bool icmpguard_scope_was_seen(const struct net_device *in, struct sk_buff *skb, bool v6)
{
	u16 *flags = v6 ? &IP6CB(skb)->flags : &IPCB(skb)->flags;
	u16 mark = skb->dev == in && skb_valid_dst(skb) ? SEEN_ROUTED : SEEN;
	bool seen = *flags & mark;

#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	if (nf_bridge_info_exists(skb)) {
		/* The control block is the bridge's. */
		if (nf_bridge_in_prerouting(skb))
			return false;
		seen |= left_bridge(in);
	}
#endif
	*flags |= mark;
	return seen;
}

/**
 * icmpguard_scope_was_authenticated() - whether the last that IPsec did was to verify a packet
 * @skb: an IPv6 packet
 *
 * The message after an authentication header is in clear, and was judged when the packet
 * came in. What ESP, IPComp or tunnel mode unwrap is new.
 *
 * Context: any.
 * Return: true when it has been judged already.
 */
bool icmpguard_scope_was_authenticated(const struct sk_buff *skb)
{
	const struct sec_path *path = skb_sec_path(skb);
	const struct xfrm_state *last;

	if (!path || !path->len)
		return false;
	last = path->xvec[path->len - 1];
	return last->id.proto == IPPROTO_AH && last->props.mode == XFRM_MODE_TRANSPORT;
}

/**
 * icmpguard_scope_interface() - what is done with an interface's packets
 * @policy: the policy; it names interfaces
 * @in: where they come in
 *
 * Context: any. Looks at no more than ICMPGUARD_INTERFACES_MAX.
 * Return: enum
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

/* The number of the interface that has a name; no interface has the number 0. */
static int find_interface(struct net *net, const char *name)
{
	const struct net_device *dev = dev_get_by_name_rcu(net, name);

	/* There is no event when an alternative name comes or goes. */
	return dev && !strcmp(dev->name, name) ? dev->ifindex : 0;
}

/**
 * icmpguard_scope_resolve() - find the interfaces that a policy names
 * @net: the namespace
 * @policy: the policy, in force or not yet
 *
 * Called again whenever an interface comes, goes or is renamed. An interface
 * has one name; alternative ones don't count, as with nft's iifname.
 *
 * Context: process, @resolving of the namespace held, and so in bounded time.
 */
void icmpguard_scope_resolve(struct net *net, struct icmpguard_policy *policy)
{
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < policy->config.interfaces; i++)
		WRITE_ONCE(policy->ifindex[i],
			   find_interface(net, policy->config.interface[i].name));
	for (i = 0; i < policy->bounds; i++)
		WRITE_ONCE(policy->bound[i], find_interface(net, policy->rules->bound[i].name));
	rcu_read_unlock();
}

/**
 * icmpguard_broadcast_bits() - the bits of an address's broadcast addresses
 * @ifa: the address
 *
 * Context: any.
 * Return: those of the two that fib_add_ifaddr() makes routes for.
 */
u64 icmpguard_broadcast_bits(const struct in_ifaddr *ifa)
{
	return icmpguard_broadcast_bit(ntohl(ifa->ifa_broadcast)) |
	       icmpguard_broadcast_bit(ntohl(ifa->ifa_address | ~ifa->ifa_mask));
}

/**
 * icmpguard_broadcast_find() - the bits of all addresses there are
 * @net: the namespace
 *
 * Those of an address that comes are added. Those of one that goes stay known, which
 * costs a look each now and then; the next policy knows better.
 *
 * Context: process.
 * Return: the bits.
 */
u64 icmpguard_broadcast_find(struct net *net)
{
	const struct in_ifaddr *ifa;
	struct net_device *dev;
	u64 bits = 0;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		const struct in_device *in_dev = __in_dev_get_rcu(dev);

		if (!in_dev)
			continue;
		in_dev_for_each_ifa_rcu(ifa, in_dev)
			bits |= icmpguard_broadcast_bits(ifa);
	}
	rcu_read_unlock();
	return bits;
}

/**
 * icmpguard_broadcast_is() - whether an address is a network's broadcast address
 * @policy: the policy
 * @in: where the packet that has it came in
 * @addr: the address in host byte order
 *
 * Context: any; RCU.
 * Return: also true for 255.255.255.255.
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
