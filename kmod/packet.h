/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets: from an skb to the little that a verdict depends on.
 */
#ifndef _ICMPGUARD_PACKET_H
#define _ICMPGUARD_PACKET_H

#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "limiter/source.h"
#include "types.h"

/* The most that may stand between fragment header and message: octets */
#define ICMPGUARD_INNER_MAX	(255 * 8)

/**
 * struct icmpguard_packet - an ICMP message or a fragment of one, parsed
 * @src: source address
 * @size: octets of the ICMP message, its header included; of a fragment, the
 *	octet of the message behind its last
 * @start: of a fragment, its first octet's place in the message
 * @tid: enum icmpguard_tid
 * @code: the code
 * @hop_limit: the packet's TTL or hop limit
 * @v6: ICMPv6; ICMP otherwise
 * @fragment: a fragment whose message isn't whole
 * @last: the message's last fragment
 * @fragmented: came in fragments, also if there was only one
 * @head: octets of the packet before what was fragmented that its reassembled
 *	length would count too
 * @inner: octets of extension headers between fragment header and message
 * @id: the fragment header's identification
 * @offset: where the message begins, counted from the IP header; not of a
 *	fragment other than the first
 */
struct icmpguard_packet {
	struct icmpguard_addr src;
	u32 size;
	u32 start;
	u8 tid;
	u8 code;
	u8 hop_limit;
	bool v6;
	bool fragment;
	bool last;
	bool fragmented;
	u16 head;
	u16 offset;
	u32 inner;
	__be32 id;
};

/**
 * enum icmpguard_parsed - what came of parsing
 * @ICMPGUARD_PARSED: an ICMP message or a fragment of one
 * @ICMPGUARD_PARSED_OTHER: not ICMP, or nobody can tell
 * @ICMPGUARD_PARSED_SHORT: a first fragment too short for the ICMP header
 * @ICMPGUARD_PARSED_TRUNCATED: an ICMP message shorter than its header
 * @ICMPGUARD_PARSED_CHAIN: IPv6: headers that go on for too long or past the
 *	end, or a fragment within a fragment
 * @ICMPGUARD_PARSED_LATER: IPv6: a later fragment that may be an ICMP message's
 *
 * Where it isn't one of PARSED, OTHER and LATER, the packet's source, type OTHER
 * and what else could be learnt are filled in.
 */
enum icmpguard_parsed {
	ICMPGUARD_PARSED,
	ICMPGUARD_PARSED_OTHER,
	ICMPGUARD_PARSED_SHORT,
	ICMPGUARD_PARSED_TRUNCATED,
	ICMPGUARD_PARSED_CHAIN,
	ICMPGUARD_PARSED_LATER,
};

/*
 * Several times what any packet needs: RFC 8200 4.1 knows seven headers, once
 * each, RFC 8504 5.3 lets a host stop at eight, and Linux 7.3 does at twelve. What
 * isn't ICMPv6 has to be told from it nevertheless, and nobody can where the
 * walk ends, so the bound is where walking would begin to cost.
 */
#define ICMPGUARD_CHAIN_MAX	32

/**
 * struct icmpguard_chain - where the extension headers of an IPv6 packet lead
 * @protocol: of the first header that is no extension header
 * @offset: where that header is
 * @frag_off: the fragment header's, 0 without one
 * @frag_next: protocol behind the fragment header
 * @frag_before: where the extension header in front of the fragment header begins,
 *	0 without one
 * @frag_offset: where what was fragmented begins, 0 without fragment header
 * @frag_id: the fragment header's identification
 * @nested: behind the fragment header is another, whose contents are told here,
 *	or hop-by-hop options, which come first or not at all
 */
struct icmpguard_chain {
	u8 protocol;
	unsigned int offset;
	u16 frag_off;
	u8 frag_next;
	unsigned int frag_before;
	unsigned int frag_offset;
	__be32 frag_id;
	bool nested;
};

/**
 * icmpguard_chain_is_extension() - whether a protocol is an extension header
 * @protocol: a next header
 *
 * Context: any. Return: true for those behind which an ICMPv6 message may be.
 */
static inline bool icmpguard_chain_is_extension(u8 protocol)
{
	switch (protocol) {
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_FRAGMENT:
	case NEXTHDR_AUTH:
	case NEXTHDR_DEST:
		return true;
	default:
		return false;
	}
}

bool icmpguard_chain_walk(const struct sk_buff *skb, struct icmpguard_chain *chain);
enum icmpguard_parsed icmpguard_packet_parse_chain(const struct sk_buff *skb,
						   struct icmpguard_packet *packet);
int icmpguard_packet_type_paged(const struct sk_buff *skb, unsigned int offset);
enum icmpguard_parsed icmpguard_packet_parse_fragment4(const struct sk_buff *skb,
						       struct icmpguard_packet *packet);

/**
 * icmpguard_packet_type() - the first two octets of an ICMP message
 * @skb: the packet
 * @offset: where the message begins
 *
 * The buffer that skb_header_pointer() needs is in a function of its own: on
 * the stack of the hook it would cost every packet a check of the stack.
 *
 * Context: any. Return: the type, and the code in the second octet; -ENODATA
 * where the message has no whole header.
 */
static __always_inline int icmpguard_packet_type(const struct sk_buff *skb, unsigned int offset)
{
	const u8 *icmp = skb->data + offset;

	if (unlikely(offset + ICMPGUARD_ICMP_HEADER > skb_headlen(skb)))
		return icmpguard_packet_type_paged(skb, offset);
	return icmp[0] | icmp[1] << 8;
}

/**
 * icmpguard_packet_parse_icmp() - parse an ICMP header
 * @skb: the packet
 * @offset: where the header is
 * @packet: the type and code are filled in; the rest already is
 *
 * Context: any. Changes nothing of @skb. Return: enum icmpguard_parsed.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse_icmp(const struct sk_buff *skb, unsigned int offset,
			    struct icmpguard_packet *packet)
{
	int type = icmpguard_packet_type(skb, offset);

	packet->offset = offset - skb_network_offset(skb);
	if (unlikely(packet->size < ICMPGUARD_ICMP_HEADER || type < 0))
		return packet->fragment ? ICMPGUARD_PARSED_SHORT : ICMPGUARD_PARSED_TRUNCATED;
	packet->tid = packet->v6 ? icmpguard_tid6(type) : icmpguard_tid4(type);
	packet->code = type >> 8;
	return ICMPGUARD_PARSED;
}

/**
 * icmpguard_packet_begin4() - what an IPv4 header says
 * @skb: an IPv4 packet
 * @packet: filled in: of an unknown type, as long as the payload
 *
 * Context: any.
 */
static __always_inline void icmpguard_packet_begin4(const struct sk_buff *skb,
						    struct icmpguard_packet *packet)
{
	const struct iphdr *ip = ip_hdr(skb);

	*packet = (struct icmpguard_packet) {
		.src.lo = ntohl(ip->saddr),
		.size = ntohs(ip->tot_len) - ip->ihl * 4,
		.tid = ICMPGUARD_TID4_OTHER,
		.hop_limit = ip->ttl,
	};
}

/**
 * icmpguard_packet_parse4() - parse an ICMP packet that is no fragment
 * @skb: an IPv4 packet of protocol ICMP
 * @packet: filled in
 *
 * Context: any. Changes nothing of @skb. Return: enum icmpguard_parsed.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse4(const struct sk_buff *skb, struct icmpguard_packet *packet)
{
	icmpguard_packet_begin4(skb, packet);
	return icmpguard_packet_parse_icmp(skb, skb_network_offset(skb) + ip_hdr(skb)->ihl * 4,
					   packet);
}

/**
 * icmpguard_packet_begin6() - what an IPv6 header says
 * @skb: an IPv6 packet
 * @packet: filled in: of an unknown type, as long as the payload
 *
 * Context: any.
 */
static __always_inline void icmpguard_packet_begin6(const struct sk_buff *skb,
						    struct icmpguard_packet *packet)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	*packet = (struct icmpguard_packet) {
		.src = icmpguard_addr_from_in6(&ip->saddr),
		.size = ntohs(ip->payload_len),
		.tid = ICMPGUARD_TID6_OTHER,
		.hop_limit = ip->hop_limit,
		.v6 = true,
	};
}

/**
 * icmpguard_packet_parse6() - parse an ICMPv6 packet without extension headers
 * @skb: an IPv6 packet whose next header is ICMPv6
 * @packet: filled in
 *
 * Context: any. Changes nothing of @skb. Return: enum icmpguard_parsed.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse6(const struct sk_buff *skb, struct icmpguard_packet *packet)
{
	icmpguard_packet_begin6(skb, packet);
	return icmpguard_packet_parse_icmp(skb, skb_network_offset(skb) + sizeof(struct ipv6hdr),
					   packet);
}

#endif /* _ICMPGUARD_PACKET_H */
