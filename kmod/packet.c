// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: parsing, and walking the extension headers of IPv6.
 *
 * ip_rcv() and ip6_rcv_core() have seen that the IP header is there and
 * linear, and that the packet is as long as it says; nothing more is assumed.
 */
#include <linux/errno.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "packet.h"

/**
 * icmpguard_packet_type_paged() - the first two bytes of an ICMP message
 * @skb: the packet
 * @offset: where the message begins, in a page perhaps
 * @size: its bytes, ICMPGUARD_ICMP_COMMON at least
 *
 * Context: any.
 * Return: the type, and the code in the second byte; -ENODATA where the packet has
 * less of the header than @size says.
 */
int icmpguard_packet_type_paged(const struct sk_buff *skb, unsigned int offset, u32 size)
{
	u8 buffer[ICMPGUARD_ICMP_HEADER];
	const u8 *icmp = skb_header_pointer(skb, offset, min_t(u32, size, sizeof(buffer)), buffer);

	return icmp ? icmp[0] | icmp[1] << 8 : -ENODATA;
}

/**
 * icmpguard_chain_walk() - pass over extension headers
 * @skb: the packet
 * @chain: its protocol and offset are those of the first header; filled in
 *
 * Context: any. Changes nothing of @skb. Walks no more than ICMPGUARD_CHAIN_MAX
 * headers.
 * Return: false for a chain that is longer, or that ends past the
 * packet; else true, also where a fragment other than the first has no more
 * headers.
 */
bool icmpguard_chain_walk(const struct sk_buff *skb, struct icmpguard_chain *chain)
{
	unsigned int before = 0;
	int i;

	for (i = 0; i < ICMPGUARD_CHAIN_MAX; i++) {
		struct frag_hdr buffer;
		const struct frag_hdr *fragment;
		const struct ipv6_opt_hdr *option;

		switch (chain->protocol) {
		case NEXTHDR_FRAGMENT:
			fragment = skb_header_pointer(skb, chain->offset, sizeof(buffer), &buffer);
			if (!fragment)
				return false;
			if (chain->frag_offset)
				chain->nested = true;
			chain->frag_before = before;
			chain->offset += sizeof(buffer);
			chain->protocol = fragment->nexthdr;
			chain->frag_next = fragment->nexthdr;
			chain->frag_off = ntohs(fragment->frag_off);
			chain->frag_offset = chain->offset;
			chain->frag_id = fragment->identification;
			/* What follows in a later fragment is no header. */
			if (chain->frag_off & IP6_OFFSET)
				return true;
			continue;
		case NEXTHDR_HOP:
		case NEXTHDR_ROUTING:
		case NEXTHDR_DEST:
		case NEXTHDR_AUTH:
			/* The first two bytes of all of them are alike. */
			option = skb_header_pointer(skb, chain->offset, sizeof(*option), &buffer);
			if (!option)
				return false;
			if (chain->protocol == NEXTHDR_HOP && chain->frag_offset)
				chain->nested = true;
			before = chain->offset;
			if (chain->protocol == NEXTHDR_AUTH)
				chain->offset += ipv6_authlen(option);
			else
				chain->offset += ipv6_optlen(option);
			chain->protocol = option->nexthdr;
			continue;
		default:
			return true;
		}
	}
	return !icmpguard_chain_is_extension(chain->protocol);
}

/**
 * icmpguard_packet_parse_chain() - parse an IPv6 packet that may have extension headers
 * @skb: the packet
 * @packet: filled in
 *
 * A later fragment is an ICMPv6 message's if its fragment header says so. One
 * that announces another extension header could be anything's: only its
 * message's first fragment shows (RFC 7112), see record.h.
 *
 * A fragment within a fragment, or two fragment headers of which each is whole
 * (RFC 6946), is nothing that RFC 8200 4.1 lets a node send, and neither are
 * hop-by-hop options in one. What can be seen through them to be ICMPv6 is
 * refused: put together at its destination, the one would be a message that
 * was never judged; put together here, the other would become a legal one.
 *
 * Context: any. Changes nothing of @skb. Walks no more than
 * ICMPGUARD_CHAIN_MAX extension headers.
 * Return: enum icmpguard_parsed.
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

	icmpguard_packet_begin(ip, true, packet);
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
		 * fragment's fragment header for a byte, and writes there.
		 */
		if (chain.frag_before > skb_network_offset(skb) + U8_MAX)
			return ICMPGUARD_PARSED_CHAIN;
	}
	packet->offset = chain.offset - skb_network_offset(skb);
	return icmpguard_packet_parse_icmp_skb(skb, packet);
}

/**
 * icmpguard_packet_parse_fragment4() - parse a fragment of an ICMP packet
 * @skb: an IPv4 packet of protocol ICMP
 * @packet: filled in; of a later fragment the type is FRAGMENT
 *
 * Context: any. Changes nothing of @skb.
 * Return: enum icmpguard_parsed.
 */
enum icmpguard_parsed icmpguard_packet_parse_fragment4(const struct sk_buff *skb,
						       struct icmpguard_packet *packet)
{
	const struct iphdr *ip = ip_hdr(skb);
	u16 frag_off = ntohs(ip->frag_off);

	icmpguard_packet_begin(ip, false, packet);
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
	packet->offset = packet->head;
	return icmpguard_packet_parse_icmp_skb(skb, packet);
}
