// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reassembly: of ICMP alone, and by the kernel.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/minmax.h>
#ifndef ICMPGUARD_IN_TREE
#include <linux/kmod.h>
#include <linux/module.h>
#endif
#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#if IS_ENABLED(CONFIG_IPV6)
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#endif
#include "reassembly.h"
#include "record.h"

/*
 * IPv6's fragments are gathered beside connection tracking's, as for the last of its
 * zones. Who uses that zone shares queues, and nothing worse. IPv4's are gathered
 * where IP itself would gather them for this host: those that don't come this way, by
 * an interface that isn't judged for one, find the others.
 */
#define ZONE		USHRT_MAX

/**
 * icmpguard_reassembly_weight() - what a fragment counts as
 * @skb: the fragment
 *
 * What is bounded is memory, and a fragment of a jumbo frame takes many times that of a
 * small one.
 *
 * Context: any.
 * Return: 1 for each 4 KiB of memory it takes, begun or whole, at most
 * ICMPGUARD_WEIGHT_MAX.
 */
unsigned int icmpguard_reassembly_weight(const struct sk_buff *skb)
{
	return min(1 + (skb->truesize >> 12), ICMPGUARD_WEIGHT_MAX);
}

/**
 * icmpguard_reassembly_memory() - the memory that a fragment waits in
 * @skb: the fragment
 *
 * As the kernel counts it, each fragment with a queue of its own.
 *
 * Context: any.
 * Return: ICMPGUARD_MEMORY_UNIT, begun or whole.
 */
unsigned int icmpguard_reassembly_memory(const struct sk_buff *skb)
{
	return DIV_ROUND_UP(skb->truesize + sizeof(struct inet_frag_queue), ICMPGUARD_MEMORY_UNIT);
}

/**
 * icmpguard_reassembly_plenty() - how much may wait before it is short of memory
 * @net: the namespace
 * @v6: of ICMPv6; of ICMP otherwise
 *
 * Three quarters of what the kernel has for it. What is left is for hosts that are
 * known, and in IPv4 for UDP and TCP. Where IPv6's has another size than it is made
 * with can't be known here.
 *
 * Context: any.
 * Return: ICMPGUARD_MEMORY_UNIT.
 */
unsigned long icmpguard_reassembly_plenty(const struct net *net, bool v6)
{
	unsigned long most = v6 ? IPV6_FRAG_HIGH_THRESH : READ_ONCE(net->ipv4.fqdir->high_thresh);

	return most / ICMPGUARD_MEMORY_UNIT / 4 * 3;
}

/**
 * icmpguard_reassembly_gather4() - put an ICMP packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success
 *
 * Context: bottom halves off.
 * Return: 0 when @skb is whole; else it is no
 * longer the caller's.
 */
int icmpguard_reassembly_gather4(struct net *net, struct sk_buff *skb)
{
	int err = ip_defrag(net, skb, IP_DEFRAG_LOCAL_DELIVER);

	/* Translated, it may be cut up again, to the sender's sizes at most. */
	if (!err)
		skb->ignore_df = 1;
	return err;
}

#if IS_ENABLED(CONFIG_IPV6)

#ifndef ICMPGUARD_IN_TREE
static int (*frag6_gather)(struct net *net, struct sk_buff *skb, u32 user);
#endif

/*
 * Gathering leaves the transport header after the fragment header that was
 * there. Where the packet is delivered, the headers before that one are still
 * to be read, and are looked for from where ip6_rcv_core() left off: at the
 * first, or after hop-by-hop options.
 */
static void reset_transport(struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	struct ipv6_opt_hdr buffer;
	const struct ipv6_opt_hdr *option;

	if (ipv6_hdr(skb)->nexthdr == NEXTHDR_HOP) {
		option = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (option)
			offset += ipv6_optlen(option);
	}
	skb_set_transport_header(skb, offset);
}

/**
 * icmpguard_reassembly_gather6() - put an ICMPv6 packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success, unless it was none that can
 *	be put together
 *
 * Context: bottom halves off.
 * Return: 0; -EINPROGRESS when @skb waits for the
 * others and is no longer the caller's; another error when it is to be dropped.
 */
int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb)
{
	u32 user = nf_bridge_in_prerouting(skb) ? IP6_DEFRAG_CONNTRACK_BRIDGE_IN :
						  IP6_DEFRAG_CONNTRACK_IN;
	int err = frag6_gather(net, skb, user + ZONE);

	if (!err)
		reset_transport(skb);
	return err;
}

#else

int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb)
{
	return 0;
}

#endif

/*
 * A kernel's own tree has none of this: there the module is linked with what it needs, and
 * modprobe loads that.
 */
#ifndef ICMPGUARD_IN_TREE
#if IS_ENABLED(CONFIG_IPV6)

/**
 * icmpguard_reassembly_init() - find IPv6 reassembly
 *
 * It lives in a module that plain insmod doesn't load with this one, so it is
 * asked for by name.
 *
 * Context: process.
 * Return: 0, -ENOENT without nf_defrag_ipv6.
 */
int icmpguard_reassembly_init(void)
{
	frag6_gather = symbol_get(nf_ct_frag6_gather);
	if (!frag6_gather) {
		request_module("nf_defrag_ipv6");
		frag6_gather = symbol_get(nf_ct_frag6_gather);
	}
	if (!frag6_gather) {
		pr_err("needs nf_defrag_ipv6, which can't be loaded\n");
		return -ENOENT;
	}
	return 0;
}

/**
 * icmpguard_reassembly_exit() - let IPv6 reassembly go
 *
 * Context: process, when no hook is left.
 */
void icmpguard_reassembly_exit(void)
{
	symbol_put(nf_ct_frag6_gather);
}

MODULE_SOFTDEP("pre: nf_defrag_ipv6");

#else

int icmpguard_reassembly_init(void)
{
	return 0;
}

void icmpguard_reassembly_exit(void)
{
}

#endif
#endif /* !ICMPGUARD_IN_TREE */
