// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: parsing and ICMP-only reassembly.
 *
 * ip_rcv() and ip6_rcv_core() have seen that the IP header is there and
 * linear, and that the packet is as long as it says; nothing more is assumed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kmod.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/netfilter_bridge.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#if IS_ENABLED(CONFIG_IPV6)
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#endif
#include "chain.h"
#include "packet.h"
#include "trail.h"
#include "types.h"

/*
 * A packet of the smallest fragments that any link makes has no more: those of
 * 65535 octets at the 576 that RFC 791 wants every host to take.
 */
#define FRAGMENTS_MAX	128

/*
 * Fragments are gathered beside connection tracking's, as for the last of its
 * zones: a queue whose time runs out on a router then sends no ICMP, as RFC
 * 792 wants it. Somebody who uses that zone shares queues, and nothing worse.
 */
#define ZONE		USHRT_MAX

/**
 * icmpguard_packet_type_paged() - the first two octets of an ICMP message
 * @skb: the packet
 * @offset: where the message begins, in a page perhaps
 *
 * Context: any. Return: as icmpguard_packet_type().
 */
int icmpguard_packet_type_paged(const struct sk_buff *skb, unsigned int offset)
{
	u8 buffer[ICMPGUARD_ICMP_HEADER];
	const u8 *icmp = skb_header_pointer(skb, offset, sizeof(buffer), buffer);

	return icmp ? icmp[0] | icmp[1] << 8 : -ENODATA;
}

/**
 * icmpguard_packet_parse_chain() - parse an IPv6 packet that may have extension headers
 * @skb: the packet
 * @packet: filled in
 *
 * A later fragment is an ICMPv6 message's if its fragment header says so. One
 * that announces another extension header could be anything's: only its
 * message's first fragment tells (RFC 7112), see trail.h.
 *
 * A fragment within a fragment, or two fragment headers of which each is whole
 * (RFC 6946), is nothing that RFC 8200 4.1 lets a node send, and neither are
 * hop-by-hop options in one. What can be seen through them to be ICMPv6 is
 * refused: put together at its destination, the one would be a message that
 * nobody has looked at; put together here, the other would become a legal one.
 *
 * Context: any. Changes nothing of @skb. Walks no more than
 * ICMPGUARD_CHAIN_MAX extension headers. Return: enum icmpguard_parsed.
 */
enum icmpguard_parsed icmpguard_packet_parse_chain(const struct sk_buff *skb,
						   struct icmpguard_packet *packet)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	unsigned int start = skb_network_offset(skb) + sizeof(*ip);
	unsigned int end = start + ntohs(ip->payload_len);
	struct icmpguard_chain chain = {
		.protocol = ip->nexthdr,
		.offset = start,
	};
	bool later;

	icmpguard_packet_begin6(skb, packet);
	/* A jumbogram says 0; its length was checked with its option. */
	if (!ip->payload_len && ip->nexthdr == NEXTHDR_HOP)
		end = skb->len;
	if (!icmpguard_chain_walk(skb, &chain))
		return ICMPGUARD_PARSED_CHAIN;
	/* A fragment within a fragment is nothing that is gathered. */
	later = chain.frag_off & IP6_OFFSET && !chain.nested &&
		chain.frag_next != NEXTHDR_FRAGMENT &&
		icmpguard_chain_is_extension(chain.frag_next);
	if (chain.protocol != NEXTHDR_ICMP && !later)
		return ICMPGUARD_PARSED_OTHER;
	if (chain.offset > end || chain.nested)
		return ICMPGUARD_PARSED_CHAIN;

	packet->fragmented = chain.frag_offset;
	packet->fragment = chain.frag_off & (IP6_MF | IP6_OFFSET);
	packet->last = !(chain.frag_off & IP6_MF);
	packet->start = chain.frag_off & IP6_OFFSET;
	packet->size = packet->start + end - chain.offset;
	if (packet->fragment) {
		/* RFC 8200 4.5: the payload length counts what comes before. */
		packet->head = chain.frag_offset - sizeof(struct frag_hdr) - start;
		packet->inner = chain.offset - chain.frag_offset;
		packet->id = chain.frag_id;
		if (packet->inner > ICMPGUARD_INNER_MAX)
			return ICMPGUARD_PARSED_CHAIN;
		if (packet->start) {
			packet->tid = ICMPGUARD_TID6_FRAGMENT;
			return later ? ICMPGUARD_PARSED_LATER : ICMPGUARD_PARSED;
		}
		/*
		 * Reassembly takes the place of the header in front of the first
		 * fragment's fragment header for an octet, and writes there.
		 */
		if (chain.frag_before > skb_network_offset(skb) + U8_MAX)
			return ICMPGUARD_PARSED_CHAIN;
	}
	return icmpguard_packet_parse_icmp(skb, chain.offset, packet);
}

/*
 * What a fragment that waits is counted as. What is to be bounded is memory,
 * and a fragment of a jumbo frame takes many times that of a small one.
 */
static unsigned int weight_of(unsigned int truesize)
{
	return min(1 + (truesize >> 12), ICMPGUARD_WEIGHT_MAX);
}

/**
 * icmpguard_packet_weight() - what a fragment counts as
 * @skb: the fragment
 *
 * Context: any. Return: 1 for each 4 KiB of memory it takes, begun or whole,
 * at most ICMPGUARD_WEIGHT_MAX.
 */
unsigned int icmpguard_packet_weight(const struct sk_buff *skb)
{
	return weight_of(skb->truesize);
}

/**
 * icmpguard_packet_weights() - what the fragments of a packet counted as
 * @skb: the packet, put together
 *
 * Context: any. Looks at no more than FRAGMENTS_MAX fragments. Return: the sum;
 * less than that for a packet of more.
 */
unsigned int icmpguard_packet_weights(const struct sk_buff *skb)
{
	unsigned int n = 0, sum = 0, rest = skb->truesize;
	const struct sk_buff *fragment;

	skb_walk_frags(skb, fragment) {
		if (++n >= FRAGMENTS_MAX)
			return sum + 1;
		sum += weight_of(fragment->truesize);
		/* The first one's includes all of them. */
		rest -= min(rest, fragment->truesize);
	}
	return sum + weight_of(rest);
}

/**
 * icmpguard_packet_parse_fragment4() - parse a fragment of an ICMP packet
 * @skb: an IPv4 packet of protocol ICMP
 * @packet: filled in; of a later fragment the type is FRAGMENT
 *
 * Context: any. Changes nothing of @skb. Return: enum icmpguard_parsed.
 */
enum icmpguard_parsed icmpguard_packet_parse_fragment4(const struct sk_buff *skb,
						       struct icmpguard_packet *packet)
{
	const struct iphdr *ip = ip_hdr(skb);
	u16 frag_off = ntohs(ip->frag_off);

	icmpguard_packet_begin4(skb, packet);
	packet->start = (frag_off & IP_OFFSET) * 8;
	packet->size += packet->start;
	packet->head = ip->ihl * 4;
	packet->fragment = true;
	packet->fragmented = true;
	packet->last = !(frag_off & IP_MF);
	if (packet->start) {
		packet->tid = ICMPGUARD_TID4_FRAGMENT;
		return ICMPGUARD_PARSED;
	}
	return icmpguard_packet_parse_icmp(skb, skb_network_offset(skb) + packet->head, packet);
}

/**
 * icmpguard_packet_gather4() - put an ICMP packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success
 *
 * Context: bottom halves off. Return: 0 when @skb is whole; else it is no
 * longer the caller's.
 */
int icmpguard_packet_gather4(struct net *net, struct sk_buff *skb)
{
	u32 user = nf_bridge_in_prerouting(skb) ? IP_DEFRAG_CONNTRACK_BRIDGE_IN :
						  IP_DEFRAG_CONNTRACK_IN;
	int err = ip_defrag(net, skb, user + ZONE);

	/* Forwarding may cut it up again, to the sender's sizes at most. */
	if (!err)
		skb->ignore_df = 1;
	return err;
}

/**
 * icmpguard_packet_keep_df() - have forwarding respect "don't fragment"
 * @skb: an IPv4 packet that was put together and goes on
 *
 * Where the sender's largest fragment had DF (RFC 791) set, those that forwarding
 * makes are to have it as well. The kernel sets it on fragments that it cuts, not
 * on those that it only takes out of the list again that they were put into; so
 * there must be no list. Without memory for that they go on without DF.
 *
 * Context: bottom halves off.
 */
void icmpguard_packet_keep_df(struct sk_buff *skb)
{
	if (IPCB(skb)->flags & IPSKB_FRAG_PMTU)
		skb_linearize(skb);
}

#if IS_ENABLED(CONFIG_IPV6)

static int (*frag6_gather)(struct net *net, struct sk_buff *skb, u32 user);

/*
 * Gathering leaves the transport header behind the fragment header that was
 * there. Where the packet is delivered, the headers before that one are still
 * to be read, and are looked for from where ip6_rcv_core() left off: at the
 * first, or behind hop-by-hop options.
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
 * icmpguard_packet_gather6() - put an ICMPv6 packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success, unless it was none that can
 *	be put together
 *
 * Context: bottom halves off. Return: 0; -EINPROGRESS when @skb waits for the
 * others and is no longer the caller's; another error when it is to be dropped.
 */
int icmpguard_packet_gather6(struct net *net, struct sk_buff *skb)
{
	u32 user = nf_bridge_in_prerouting(skb) ? IP6_DEFRAG_CONNTRACK_BRIDGE_IN :
						  IP6_DEFRAG_CONNTRACK_IN;
	int err = frag6_gather(net, skb, user + ZONE);

	if (!err)
		reset_transport(skb);
	return err;
}

/**
 * icmpguard_packet_init() - find IPv6 reassembly
 *
 * It lives in a module that plain insmod doesn't load with this one, so it is
 * asked for by name.
 *
 * Context: process. Return: 0, -ENOENT without nf_defrag_ipv6.
 */
int icmpguard_packet_init(void)
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
 * icmpguard_packet_exit() - let IPv6 reassembly go
 *
 * Context: process, when no hook is left.
 */
void icmpguard_packet_exit(void)
{
	symbol_put(nf_ct_frag6_gather);
}

MODULE_SOFTDEP("pre: nf_defrag_ipv6");

#else

int icmpguard_packet_gather6(struct net *net, struct sk_buff *skb)
{
	return 0;
}

int icmpguard_packet_init(void)
{
	return 0;
}

void icmpguard_packet_exit(void)
{
}

#endif
