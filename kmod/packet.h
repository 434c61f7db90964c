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

/* The most that may stand between fragment header and message: bytes */
#define ICMPGUARD_INNER_MAX	(255 * 8)

/**
 * struct icmpguard_packet - an ICMP message or a fragment of one, parsed
 * @src: source address
 * @size: bytes of the ICMP message, its header included; of a fragment, the
 *	byte of the message after its last
 * @start: of a fragment, its first byte's place in the message
 * @tid: enum icmpguard_tid
 * @code: the code
 * @hop_limit: the packet's TTL or hop limit
 * @v6: ICMPv6; ICMP otherwise
 * @fragment: a fragment whose message isn't whole
 * @last: the message's last fragment
 * @fragmented: came in fragments, also if there was only one
 * @head: bytes of the packet before what was fragmented that its reassembled
 *	length would count too
 * @inner: bytes of extension headers between fragment header and message
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
 * @ICMPGUARD_PARSED_OTHER: not ICMP, or unknown
 * @ICMPGUARD_PARSED_SHORT: a first fragment too short for the ICMP header
 * @ICMPGUARD_PARSED_TINY: an ICMP message shorter than ICMPGUARD_ICMP_HEADER, as few
 *	types' may be
 * @ICMPGUARD_PARSED_CHAIN: IPv6: headers that go on for too long or past the
 *	end, or a fragment within a fragment
 * @ICMPGUARD_PARSED_LATER: IPv6: a later fragment that may be an ICMP message's
 *
 * Where it isn't one of PARSED, OTHER and LATER, the packet's source and what else
 * could be learnt are filled in; the type is OTHER where it couldn't.
 */
enum icmpguard_parsed {
	ICMPGUARD_PARSED,
	ICMPGUARD_PARSED_OTHER,
	ICMPGUARD_PARSED_SHORT,
	ICMPGUARD_PARSED_TINY,
	ICMPGUARD_PARSED_CHAIN,
	ICMPGUARD_PARSED_LATER,
};

/*
 * Several times what any packet needs: RFC 8200 4.1 knows seven headers, once
 * each, RFC 8504 5.3 lets a host stop at eight, and Linux 7.3 does at twelve. What
 * isn't ICMPv6 must still be recognised, which is impossible past the end of the
 * walk, so the bound is where walking would begin to cost.
 */
#define ICMPGUARD_CHAIN_MAX	32

/**
 * struct icmpguard_chain - where the extension headers of an IPv6 packet lead
 * @protocol: of the first header that is no extension header
 * @offset: where that header is
 * @frag_off: the fragment header's, 0 without one
 * @frag_next: protocol after the fragment header
 * @frag_before: where the extension header in front of the fragment header begins,
 *	0 without one
 * @frag_offset: where what was fragmented begins, 0 without fragment header
 * @frag_id: the fragment header's identification
 * @nested: after the fragment header is another, whose contents are described here,
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
 * Context: any.
 * Return: true for those after which an ICMPv6 message may be.
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
int icmpguard_packet_type_paged(const struct sk_buff *skb, unsigned int offset, u32 size);
enum icmpguard_parsed icmpguard_packet_parse_fragment4(const struct sk_buff *skb,
						       struct icmpguard_packet *packet);

/**
 * icmpguard_packet_linear() - how much of a packet may be read without copying
 * @skb: an IP packet
 *
 * Context: any.
 * Return: bytes, from the IP header.
 */
static __always_inline unsigned int icmpguard_packet_linear(const struct sk_buff *skb)
{
	return skb_headlen(skb) - skb_network_offset(skb);
}

/**
 * icmpguard_packet_begin() - what an IP header says
 * @header: the header, whole
 * @v6: of IPv6; of IPv4 otherwise
 * @packet: filled in: of an unknown type, as long as the payload
 *
 * Context: any.
 */
static __always_inline void icmpguard_packet_begin(const void *header, bool v6,
						   struct icmpguard_packet *packet)
{
	const struct ipv6hdr *ip6 = header;
	const struct iphdr *ip4 = header;

	if (v6)
		*packet = (struct icmpguard_packet) {
			.src = icmpguard_addr_from_in6(&ip6->saddr),
			.size = ntohs(ip6->payload_len),
			.tid = ICMPGUARD_TID6_OTHER,
			.hop_limit = ip6->hop_limit,
			.v6 = true,
		};
	else
		*packet = (struct icmpguard_packet) {
			.src.lo = ntohl(ip4->saddr),
			.size = ntohs(ip4->tot_len) - ip4->ihl * 4,
			.tid = ICMPGUARD_TID4_OTHER,
			.hop_limit = ip4->ttl,
		};
}

static __always_inline enum icmpguard_parsed
icmpguard_packet_set_type(struct icmpguard_packet *packet, u8 type, u8 code)
{
	packet->tid = packet->v6 ? icmpguard_tid6(type) : icmpguard_tid4(type);
	packet->code = code;
	return ICMPGUARD_PARSED;
}

/**
 * icmpguard_packet_parse_icmp() - parse an ICMP header
 * @header: the IP header
 * @length: bytes from there that may be read
 * @packet: the type and code are filled in; the rest already is
 *
 * Context: any. Needs no skb.
 * Return: enum icmpguard_parsed; TINY or, of a fragment, SHORT also where the ICMP
 * header is further away than @length.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse_icmp(const u8 *header, unsigned int length, struct icmpguard_packet *packet)
{
	if (unlikely(packet->size < ICMPGUARD_ICMP_HEADER ||
		     packet->offset + ICMPGUARD_ICMP_HEADER > length))
		return packet->fragment ? ICMPGUARD_PARSED_SHORT : ICMPGUARD_PARSED_TINY;
	return icmpguard_packet_set_type(packet, header[packet->offset],
					 header[packet->offset + 1]);
}

/**
 * icmpguard_packet_parse_icmp_skb() - likewise, wherever the ICMP header is
 * @skb: the packet
 * @packet: the type and code are filled in; the rest already is
 *
 * The buffer that skb_header_pointer() needs is in a function of its own: on
 * the stack of the hook it would cost every packet a check of the stack.
 *
 * Context: any. Changes nothing of @skb.
 * Return: enum icmpguard_parsed.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse_icmp_skb(const struct sk_buff *skb, struct icmpguard_packet *packet)
{
	unsigned int network = skb_network_offset(skb);
	enum icmpguard_parsed parsed;
	int type;

	parsed = icmpguard_packet_parse_icmp(skb->data + network, icmpguard_packet_linear(skb),
					     packet);
	if (likely(parsed == ICMPGUARD_PARSED) || packet->size < ICMPGUARD_ICMP_COMMON ||
	    (packet->fragment && packet->size < ICMPGUARD_ICMP_HEADER))
		return parsed;
	type = icmpguard_packet_type_paged(skb, network + packet->offset, packet->size);
	if (type < 0)
		return parsed;
	icmpguard_packet_set_type(packet, type, type >> 8);
	return packet->size < ICMPGUARD_ICMP_HEADER ? parsed : ICMPGUARD_PARSED;
}

/**
 * icmpguard_packet_parse() - parse a packet that is an ICMP message and nothing else
 * @skb: an IPv4 packet of protocol ICMP that is no fragment, or an IPv6 packet whose
 *	first next header is ICMPv6
 * @v6: of IPv6; of IPv4 otherwise
 * @packet: filled in
 *
 * Context: any. Changes nothing of @skb.
 * Return: enum icmpguard_parsed.
 */
static __always_inline enum icmpguard_parsed
icmpguard_packet_parse(const struct sk_buff *skb, bool v6, struct icmpguard_packet *packet)
{
	icmpguard_packet_begin(skb_network_header(skb), v6, packet);
	packet->offset = v6 ? sizeof(struct ipv6hdr) : ip_hdr(skb)->ihl * 4;
	return icmpguard_packet_parse_icmp_skb(skb, packet);
}

#endif /* _ICMPGUARD_PACKET_H */
