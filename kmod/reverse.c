// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reverse path: what rp_filter=1 would say, before anything is charged.
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_bridge.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/xfrm.h>
#include "compat.h"
#include "reverse.h"

/* As fib_validate_source() has it, which no module may call */
static bool leads_back4(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(in);
	const struct iphdr *ip = ip_hdr(skb);
	struct fib_result result = {};
	struct flowi4 flow = {
		ICMPGUARD_FLOW_OF(flowi4, l3mdev_master_ifindex_rcu(in)),
		.flowi4_scope = RT_SCOPE_UNIVERSE,
		.daddr = ip->saddr,
	};

	if (!in_dev || !ip->saddr || ipv4_is_multicast(ip->saddr))
		return true;
	if (!ipv4_is_multicast(ip->daddr) && !ipv4_is_lbcast(ip->daddr))
		flow.saddr = ip->daddr;
	if (IN_DEV_SRC_VMARK(in_dev))
		flow.flowi4_mark = skb->mark;
	if (fib_lookup(net, &flow, &result, 0))
		return false;
	if (result.type != RTN_UNICAST &&
	    (result.type != RTN_LOCAL || !IN_DEV_ACCEPT_LOCAL(in_dev)))
		return false;
	return fib_info_nh_uses_dev(result.fi, in);
}

#if IS_ENABLED(CONFIG_IPV6)

/* Of several routes to one prefix the lookup prefers that by @in. */
static bool leads_back6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	struct fib6_result result = {};
	struct flowi6 flow = {
		ICMPGUARD_FLOW_OF(flowi6, l3mdev_master_ifindex_rcu(in)),
		.daddr = ip->saddr,
	};
	const struct net_device *out;
	int flags = 0;

	/* Every link has the prefix of link-local addresses. */
	if (ipv6_addr_any(&ip->saddr) ||
	    ipv6_addr_type(&ip->saddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL))
		return true;
	if (!ipv6_addr_is_multicast(&ip->daddr)) {
		flow.saddr = ip->daddr;
		flags = RT6_LOOKUP_F_HAS_SADDR;
	}
	if (icmpguard_fib6_lookup(net, in->ifindex, &flow, &result, flags) ||
	    result.fib6_type != RTN_UNICAST)
		return false;
	out = result.nh->fib_nh_dev;
	return out == in || l3mdev_master_ifindex_rcu(out) == in->ifindex;
}

#else

static bool leads_back6(struct net *net, const struct net_device *in, const struct sk_buff *skb)
{
	return true;
}

#endif

/* What br_netfilter shows on its way through a bridge has no route. */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	return nf_bridge_info_exists(skb) &&
	       !ether_addr_equal(eth_hdr(skb)->h_dest, skb->dev->dev_addr);
#else
	return false;
#endif
}

/**
 * icmpguard_reverse_path_is() - whether a packet came in where its source is routed to
 * @skb: an IP packet, at the device where it came in
 * @v6: of IPv6; of IPv4 otherwise
 *
 * The route is that of the same VRF, by policy routing, for this host's own packets.
 * Any of several next hops will do. As with rp_filter a packet that IPsec unwrapped is
 * left alone, and this host's own addresses are no one else's, if accept_local isn't
 * set. So are sources that have no route: unspecified, multicast and IPv6's link-local
 * ones.
 *
 * Context: any; RCU. Looks up one route.
 * Return: true when it did, or where no route is looked for.
 */
bool icmpguard_reverse_path_is(const struct sk_buff *skb, bool v6)
{
	const struct net_device *in = skb->dev;

	if (secpath_exists(skb) || is_bridged(skb))
		return true;
	return v6 ? leads_back6(dev_net(in), in, skb) : leads_back4(dev_net(in), in, skb);
}
