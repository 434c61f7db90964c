/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chains: the extension headers of an IPv6 packet, or of one that is quoted.
 */
#ifndef _ICMPGUARD_CHAIN_H
#define _ICMPGUARD_CHAIN_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/ipv6.h>

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

#endif /* _ICMPGUARD_CHAIN_H */
