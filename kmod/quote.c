// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quotes: reading them, and what RFC 1122, RFC 4443 and RFC 5927 say of them.
 *
 * An error quotes as much as its sender liked: every header may be cut short,
 * and everything in it may be forged. Offsets are the skb's; none is followed
 * past the end of the quote.
 */
#include <linux/bits.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include "quote.h"

/* The smallest quote that may be followed by an extension: RFC 4884 4 */
#define PADDED		128

/* More objects than any extension needs: RFC 5837 and RFC 4950 know four kinds */
#define OBJECTS_MAX	16

#define EXTENSION_VERSION	2

/* Bytes of a redirect before its options, and of options that are walked */
#define REDIRECT_HEADER	40
#define REDIRECT_OPTIONS_MAX	8

/* The last protocol number that IANA has assigned, but for 253 and 254 */
#define ASSIGNED_LAST	147

/* The last ICMPv6 type of an error: RFC 4443 2.1 */
#define ERROR6_LAST	127

#define FOUND(id)	BIT(ICMPGUARD_CHECK_##id)

/**
 * struct extent - where a quote is
 * @begin: its first byte
 * @end: the byte after its last
 */
struct extent {
	unsigned int begin;
	unsigned int end;
};

static bool read_byte(const struct sk_buff *skb, unsigned int offset, u8 *byte)
{
	u8 buffer;
	const u8 *there = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);

	if (!there)
		return false;
	*byte = *there;
	return true;
}

/*
 * The objects after a padded quote. The checksum isn't verified: that would
 * mean to read all of it. Return: whether it is as RFC 4884 7 and 8 have it.
 */
static bool is_whole_extension(const struct sk_buff *skb, unsigned int offset, unsigned int end)
{
	u8 version;
	int i;

	if (end - offset < 4 || !read_byte(skb, offset, &version) ||
	    version >> 4 != EXTENSION_VERSION)
		return false;
	offset += 4;
	for (i = 0; i < OBJECTS_MAX && offset < end; i++) {
		u8 buffer[2];
		const u8 *bytes;
		unsigned int length;

		if (end - offset < 4)
			return false;
		/* At any place: the object before may have been of any length. */
		bytes = skb_header_pointer(skb, offset, sizeof(buffer), buffer);
		if (!bytes)
			return false;
		length = bytes[0] << 8 | bytes[1];
		if (length < 4 || length > end - offset)
			return false;
		offset += length;
	}
	return offset == end;
}

/* Where RFC 4884 put the length of the quote: its place, and its unit in bytes */
static unsigned int length_of(const struct sk_buff *skb,
			      const struct icmpguard_packet *packet, unsigned int message)
{
	u8 length = 0;

	switch (packet->tid) {
	case ICMPGUARD_TID4_DEST_UNREACH:
	case ICMPGUARD_TID4_TIME_EXCEEDED:
	case ICMPGUARD_TID4_PARAM_PROBLEM:
		read_byte(skb, message + 5, &length);
		return length * 4;
	case ICMPGUARD_TID6_DEST_UNREACH:
	case ICMPGUARD_TID6_TIME_EXCEEDED:
		read_byte(skb, message + 4, &length);
		return length * 8;
	default:
		return 0;
	}
}

/* A redirect has its quote in an option, or none: RFC 4861 4.5, 4.6.3 */
static bool find_redirected(const struct sk_buff *skb, struct extent *extent)
{
	unsigned int offset = extent->begin - ICMPGUARD_ICMP_HEADER + REDIRECT_HEADER;
	int i;

	for (i = 0; i < REDIRECT_OPTIONS_MAX && offset < extent->end; i++) {
		struct nd_opt_hdr buffer;
		const struct nd_opt_hdr *option;
		unsigned int bytes;

		option = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!option || !option->nd_opt_len)
			return false;
		bytes = option->nd_opt_len * 8;
		if (bytes > extent->end - offset)
			return false;
		if (option->nd_opt_type == ND_OPT_REDIRECT_HDR) {
			extent->begin = offset + 8;
			extent->end = offset + bytes;
			return true;
		}
		offset += bytes;
	}
	return false;
}

/* Return: false where nothing is quoted. */
static bool find_extent(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			struct icmpguard_quote *quote, struct extent *extent)
{
	unsigned int message = skb_network_offset(skb) + packet->offset, length;

	extent->begin = message + ICMPGUARD_ICMP_HEADER;
	extent->end = message + packet->size;
	if (packet->tid == ICMPGUARD_TID6_ND_REDIRECT)
		return find_redirected(skb, extent);
	length = length_of(skb, packet, message);
	if (length > extent->end - extent->begin) {
		quote->bad_extension = true;
	} else if (length && length < extent->end - extent->begin) {
		unsigned int end = extent->begin + length;

		quote->bad_extension = length < PADDED ||
				       !is_whole_extension(skb, end, extent->end);
		extent->end = end;
	}
	return true;
}

/* The bytes that must follow IP's headers: all, where the packet had fewer */
static unsigned int least(unsigned int length, unsigned int headers)
{
	/* Some quote a length that they have changed. */
	if (length < headers)
		return ICMPGUARD_QUOTE_TRANSPORT;
	return min(length - headers, 1U * ICMPGUARD_QUOTE_TRANSPORT);
}

static void read_transport(const struct sk_buff *skb, struct icmpguard_quote *quote,
			   unsigned int offset, unsigned int end, unsigned int wanted)
{
	if (end - offset < wanted)
		quote->cut = true;
	if (!quote->fragment && offset < end)
		quote->has_inner = read_byte(skb, offset, &quote->inner);
}

static void read4(const struct sk_buff *skb, struct icmpguard_quote *quote,
		  const struct extent *extent)
{
	unsigned int bytes = extent->end - extent->begin, headers;
	struct iphdr buffer;
	const struct iphdr *ip;

	ip = skb_header_pointer(skb, extent->begin, sizeof(buffer), &buffer);
	if (!ip || bytes < sizeof(*ip) || ip->version != 4 || ip->ihl < 5) {
		quote->cut = true;
		return;
	}
	quote->src.lo = ntohl(ip->saddr);
	quote->dst.lo = ntohl(ip->daddr);
	quote->protocol = ip->protocol;
	quote->fragment = !!(ip->frag_off & htons(IP_OFFSET));
	quote->read = true;
	quote->has_protocol = true;
	headers = ip->ihl * 4;
	if (headers > bytes) {
		quote->cut = true;
		return;
	}
	read_transport(skb, quote, extent->begin + headers, extent->end,
		       least(ntohs(ip->tot_len), headers));
}

static void read6(const struct sk_buff *skb, struct icmpguard_quote *quote,
		  const struct extent *extent)
{
	unsigned int bytes = extent->end - extent->begin, wanted = ICMPGUARD_QUOTE_TRANSPORT;
	struct icmpguard_chain chain = {};
	struct ipv6hdr buffer;
	const struct ipv6hdr *ip;

	ip = skb_header_pointer(skb, extent->begin, sizeof(buffer), &buffer);
	if (!ip || bytes < sizeof(*ip) || ip->version != 6) {
		quote->cut = true;
		return;
	}
	quote->src = icmpguard_addr_from_in6(&ip->saddr);
	quote->dst = icmpguard_addr_from_in6(&ip->daddr);
	quote->read = true;
	chain.protocol = ip->nexthdr;
	chain.offset = extent->begin + sizeof(*ip);
	if (!icmpguard_chain_walk(skb, &chain) || chain.offset > extent->end) {
		quote->cut = true;
		return;
	}
	quote->fragment = chain.frag_off & IP6_OFFSET;
	if (quote->fragment)
		return;
	quote->protocol = chain.protocol;
	quote->has_protocol = true;
	if (chain.protocol == NEXTHDR_NONE)
		wanted = 0;
	else if (ip->payload_len)
		wanted = least(ntohs(ip->payload_len) + sizeof(*ip), chain.offset - extent->begin);
	read_transport(skb, quote, chain.offset, extent->end, wanted);
}

/**
 * icmpguard_quote_read() - read the packet that an error quotes
 * @skb: the error, whole
 * @packet: the same, parsed
 * @quote: filled in
 *
 * Context: any. Changes nothing of @skb. Reads no more than
 * ICMPGUARD_CHAIN_MAX extension headers, and a bounded number of options and
 * of RFC 4884's objects.
 */
void icmpguard_quote_read(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			  struct icmpguard_quote *quote)
{
	struct extent extent;

	*quote = (struct icmpguard_quote) {};
	if (!find_extent(skb, packet, quote, &extent))
		return;
	if (packet->v6)
		read6(skb, quote, &extent);
	else
		read4(skb, quote, &extent);
}

static bool is_error(const struct icmpguard_quote *quote, bool v6)
{
	if (!quote->has_protocol || !quote->has_inner)
		return false;
	if (v6)
		return quote->protocol == IPPROTO_ICMPV6 &&
		       (quote->inner <= ERROR6_LAST || quote->inner == NDISC_REDIRECT);
	if (quote->protocol != IPPROTO_ICMP)
		return false;
	switch (quote->inner) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return true;
	default:
		return false;
	}
}

static bool is_multicast4(const struct icmpguard_quote *quote)
{
	__be32 src = htonl(quote->src.lo);

	/* Sources that aren't a single host's: RFC 1122 3.2.2 */
	return ipv4_is_multicast(htonl(quote->dst.lo)) || ipv4_is_multicast(src) ||
	       ipv4_is_zeronet(src) || ipv4_is_loopback(src) || quote->src.lo >> 28 == 0xf;
}

/*
 * RFC 4443 2.4(e): a packet to many may be too big for a link, or have an option
 * that asks for an error.
 */
static bool is_multicast6(const struct icmpguard_quote *quote,
			  const struct icmpguard_packet *packet)
{
	if (icmpguard_quote_is_multicast6(&quote->src) || !(quote->src.hi | quote->src.lo))
		return true;
	if (!icmpguard_quote_is_multicast6(&quote->dst))
		return false;
	return packet->tid != ICMPGUARD_TID6_PACKET_TOO_BIG &&
	       !(packet->tid == ICMPGUARD_TID6_PARAM_PROBLEM &&
		 packet->code == ICMPV6_UNK_OPTION);
}

/* Next headers are of the same registry. */
static bool is_assigned(u8 protocol)
{
	return protocol <= ASSIGNED_LAST || protocol == 253 || protocol == 254;
}

/**
 * icmpguard_quote_find() - what is wrong with a quoted packet
 * @quote: the packet, read
 * @packet: the error that quotes it
 * @dst: whom the error is for
 *
 * Context: any.
 * Return: bits by enum icmpguard_check.
 */
u32 icmpguard_quote_find(const struct icmpguard_quote *quote,
			 const struct icmpguard_packet *packet, const struct icmpguard_addr *dst)
{
	u32 found = 0;

	if (quote->cut)
		found |= FOUND(QUOTED_HEADER);
	if (quote->bad_extension)
		found |= FOUND(QUOTED_EXTENSION);
	if (!quote->read)
		return found;
	if (quote->has_protocol && !is_assigned(quote->protocol))
		found |= FOUND(QUOTED_PROTOCOL);
	if (quote->src.hi != dst->hi || quote->src.lo != dst->lo)
		found |= FOUND(QUOTED_SOURCE);
	if (is_error(quote, packet->v6))
		found |= FOUND(QUOTED_ERROR);
	/* Of IPv6, RFC 4443 says nothing of the kind. */
	if (quote->fragment && !packet->v6)
		found |= FOUND(QUOTED_FRAGMENT);
	if (packet->v6 ? is_multicast6(quote, packet) : is_multicast4(quote))
		found |= FOUND(QUOTED_MULTICAST);
	return found;
}
