// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops before there is an skb: an XDP program asks whether PRE_ROUTING would refuse
 * a frame.
 *
 * A packet that is refused changes nothing but counters, so it can be told from what is
 * read alone, and by the judge that PRE_ROUTING has. What can't be decided so, or would
 * write more, is passed up as if nothing had been before. See Documentation/xdp.rst.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <net/dsa.h>
#include <net/ipv6.h>
#include "judge.h"
#include "net.h"
#include "packet.h"
#include "policy.h"
#include "scope.h"
#include "verdict.h"
#include "xdp.h"
#include "xdp_kernel.h"

/*
 * Whether what comes in at a device is judged there, as it is on the wire: what a bridge, a
 * bond or macvlan takes is another device's, and so is what a switch's driver takes.
 * userspace/xdp/device.c has names for these conditions.
 */
static bool is_judged_at(const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && dev->flags & IFF_UP && !(dev->flags & IFF_LOOPBACK) &&
	       !rcu_access_pointer(dev->rx_handler) && !netdev_uses_dsa(dev);
}

/* Among how many devices on top of one a VLAN's is looked for */
#define UPPERS	8

/*
 * A tag that the device took off is in no frame: it may be another device's. Where the
 * kernel knows VLANs, a device that filters them has vlan_info for the number 0 alone, so
 * that a device on top is what counts.
 */
static bool hides_tags(const struct net_device *dev)
{
#if IS_ENABLED(CONFIG_VLAN_8021Q)
	struct list_head *next;
	struct net_device *upper;
	unsigned int looked = 0;

	if (likely(!rcu_access_pointer(dev->vlan_info)) ||
	    !(dev->features & (NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_STAG_RX)))
		return false;
	netdev_for_each_upper_dev_rcu((struct net_device *)dev, upper, next)
		if (is_vlan_dev(upper) || ++looked == UPPERS)
			return true;
#endif
	return false;
}

/*
 * Options, fragments, and lengths and checksums that aren't right are ip_rcv()'s and
 * PRE_ROUTING's to deal with.
 */
static __always_inline bool is_plain4(const struct iphdr *ip, unsigned int length)
{
	return ip->version == 4 && ip->ihl == sizeof(*ip) / 4 && !ip_is_fragment(ip) &&
	       ntohs(ip->tot_len) >= sizeof(*ip) + ICMPGUARD_ICMP_HEADER &&
	       ntohs(ip->tot_len) <= length && !ip_fast_csum(ip, sizeof(*ip) / 4);
}

/* Likewise, and addresses that ipv6_rcv() may refuse */
static __always_inline bool is_plain6(const struct ipv6hdr *ip, unsigned int length)
{
	return ip->version == 6 && ntohs(ip->payload_len) >= ICMPGUARD_ICMP_HEADER &&
	       ntohs(ip->payload_len) + sizeof(*ip) <= length &&
	       !ipv6_addr_is_multicast(&ip->saddr) && !ipv6_addr_loopback(&ip->saddr) &&
	       !ipv6_addr_is_multicast(&ip->daddr) && !ipv6_addr_loopback(&ip->daddr);
}

/* The device where a frame is judged, its own or its VLAN's; NULL: not here */
static __always_inline const struct net_device *judged_at(const struct net_device *dev,
							  const struct ethhdr *eth)
{
	const struct vlan_hdr *tag = (const struct vlan_hdr *)(eth + 1);
	u16 vid;

	if (!is_judged_at(dev) || hides_tags(dev))
		return NULL;
	if (likely(!eth_type_vlan(eth->h_proto)))
		return dev;
	vid = ntohs(tag->h_vlan_TCI) & VLAN_VID_MASK;
	if (!vid)
		return dev;
	dev = __vlan_find_dev_deep_rcu((struct net_device *)dev, eth->h_proto, vid);
	return dev && is_judged_at(dev) ? dev : NULL;
}

/* The early path of ICMP; counts what it refuses. Return: whether it does. */
static __always_inline bool early_path(const struct net_device *dev, const struct ethhdr *eth,
				       const u8 *header, unsigned int length, const bool v6)
{
	const struct net_device *in = judged_at(dev, eth);
	const struct icmpguard_policy *policy;
	const struct icmpguard_plan *plan;
	struct icmpguard_packet packet = {};
	const struct icmpguard_net *ign;
	enum icmpguard_reason reason;
	struct icmpguard_stats *stats;

	if (!in || !ether_addr_equal(eth->h_dest, in->dev_addr) ||
	    !(v6 ? is_plain6((const struct ipv6hdr *)header, length) :
		   is_plain4((const struct iphdr *)header, length)))
		return false;
	/* Neither is there for a namespace that is off, or ends. */
	ign = icmpguard_net(dev_net(in));
	policy = READ_ONCE(ign->hooked) ? rcu_dereference_check(ign->policy, true) : NULL;
	if (!policy || policy->local || trace_icmpguard_verdict_enabled() ||
	    trace_kfree_skb_enabled())
		return false;
	if ((policy->interfaces ? icmpguard_scope_interface(policy, in) : policy->mode) !=
	    ICMPGUARD_MODE_ENFORCE)
		return false;
	icmpguard_packet_begin(header, v6, &packet);
	packet.offset = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	if (icmpguard_packet_parse_icmp(header, length, &packet) != ICMPGUARD_PARSED)
		return false;
	plan = icmpguard_judge_plan(ICMPGUARD_PATH_EARLY, policy, &packet);
	if (plan->monitor)
		return false;
	reason = icmpguard_judge(ICMPGUARD_PATH_EARLY, ign, policy, in, NULL, header, length,
				 &packet, plan);
	if (reason < ICMPGUARD_REASON_DROP_FIRST || reason == ICMPGUARD_UNDECIDED)
		return false;
	stats = icmpguard_net_stats(ign);
	icmpguard_verdict_refuse(ign, policy, stats, &packet, reason);
	icmpguard_stats_note(stats, ICMPGUARD_REASON_EARLY);
	return true;
}

/* Functions of their own, so that what isn't ICMP needs no stack */
static noinline bool early_path4(const struct net_device *dev, const struct ethhdr *eth,
				 const u8 *header, unsigned int length)
{
	return early_path(dev, eth, header, length, false);
}

static noinline bool early_path6(const struct net_device *dev, const struct ethhdr *eth,
				 const u8 *header, unsigned int length)
{
	return early_path(dev, eth, header, length, true);
}

/**
 * icmpguard_xdp_judge() - whether a frame is refused before there is an skb
 * @dev: where it came in
 * @frame: its Ethernet header
 * @end: where its linear part ends
 *
 * Context: bottom halves off; RCU. Writes nothing but counters.
 * Return: true for one that PRE_ROUTING would refuse, and that is counted; false for
 * one that has to go on.
 */
bool icmpguard_xdp_judge(const struct net_device *dev, const u8 *frame, const u8 *end)
{
	const struct ethhdr *eth = (const struct ethhdr *)frame;
	const u8 *header = frame + sizeof(*eth);
	unsigned int length;
	__be16 proto;

	/* The shorter header; and so there is room for a tag */
	if (unlikely(header + sizeof(struct iphdr) + ICMPGUARD_ICMP_HEADER > end))
		return false;
	proto = eth->h_proto;
	if (unlikely(eth_type_vlan(proto))) {
		proto = ((const struct vlan_hdr *)header)->h_vlan_encapsulated_proto;
		header += sizeof(struct vlan_hdr);
	}
	/* A driver that makes skbs aligns what is in them, and not what is in frames. */
	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	    !IS_ALIGNED((unsigned long)header, 4))
		return false;
	length = end - header;
	if (proto == htons(ETH_P_IP)) {
		if (likely(((const struct iphdr *)header)->protocol != IPPROTO_ICMP) ||
		    unlikely(length < sizeof(struct iphdr) + ICMPGUARD_ICMP_HEADER))
			return false;
		return early_path4(dev, eth, header, length);
	}
	if (proto != htons(ETH_P_IPV6) ||
	    likely(((const struct ipv6hdr *)header)->nexthdr != IPPROTO_ICMPV6) ||
	    unlikely(length < sizeof(struct ipv6hdr) + ICMPGUARD_ICMP_HEADER))
		return false;
	return early_path6(dev, eth, header, length);
}

#ifdef ICMPGUARD_BENCH
EXPORT_SYMBOL_GPL(icmpguard_xdp_judge);
#endif

#ifdef ICMPGUARD_XDP

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <net/xdp.h>

#ifndef __bpf_kfunc
#define __bpf_kfunc	__used noinline
#endif

/**
 * icmpguard_xdp_refuses() - a kfunc for XDP programs: whether to drop a frame
 * @ctx: the frame
 *
 * A frame of several buffers is judged by its first.
 *
 * Context: that of XDP programs: bottom halves off; RCU.
 * Return: XDP_DROP, and it is counted; XDP_PASS.
 */
__bpf_kfunc int icmpguard_xdp_refuses(struct xdp_md *ctx)
{
	const struct xdp_buff *xdp = (const struct xdp_buff *)ctx;

	return icmpguard_xdp_judge(xdp->rxq->dev, xdp->data, xdp->data_end) ? XDP_DROP : XDP_PASS;
}

#if defined(ICMPGUARD_BTF_BASE) || defined(ICMPGUARD_BTF_TYPES)
#include "xdp_btf.h"
static struct btf_id_set8 kfuncs = {
	.cnt = 1,
#ifdef BTF_SET8_KFUNCS
	.flags = BTF_SET8_KFUNCS,
#endif
	.pairs = { { .id = ICMPGUARD_BTF_ID } },
};
#elif defined(BTF_KFUNCS_START)
BTF_KFUNCS_START(kfuncs)
BTF_ID_FLAGS(func, icmpguard_xdp_refuses)
BTF_KFUNCS_END(kfuncs)
#else
BTF_SET8_START(kfuncs)
BTF_ID_FLAGS(func, icmpguard_xdp_refuses)
BTF_SET8_END(kfuncs)
#endif

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &kfuncs,
};

/**
 * icmpguard_xdp_init() - let XDP programs ask
 *
 * A program that asks holds the module, so there is nothing to undo. Where the kernel
 * doesn't know the function, everything else works as it does elsewhere.
 *
 * Context: process.
 */
void icmpguard_xdp_init(void)
{
	int err = register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &kfunc_set);

	if (err)
		pr_warn("no drops by XDP: the kernel refuses the function's type: %d\n", err);
}

#else

void icmpguard_xdp_init(void)
{
	pr_info("no drops by XDP: built without the kernel's type information (BTF)\n");
}

#endif
