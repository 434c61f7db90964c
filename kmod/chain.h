/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chains: the extension headers of an IPv6 packet, or of one that is quoted.
 */
#ifndef _ICMPGUARD_CHAIN_H
#define _ICMPGUARD_CHAIN_H

#include <linux/skbuff.h>
#include <linux/types.h>

/* More extension headers than any packet needs; RFC 8504 5.3 allows a bound */
#define ICMPGUARD_CHAIN_MAX	8

/**
 * struct icmpguard_chain - where the extension headers of an IPv6 packet lead
 * @protocol: of the first header that is no extension header
 * @offset: where that header is
 * @frag_off: the fragment header's, 0 without one
 * @frag_next: protocol behind the fragment header
 * @frag_offset: where what was fragmented begins, 0 without fragment header
 */
struct icmpguard_chain {
	u8 protocol;
	unsigned int offset;
	u16 frag_off;
	u8 frag_next;
	unsigned int frag_offset;
};

bool icmpguard_chain_walk(const struct sk_buff *skb, struct icmpguard_chain *chain);

#endif /* _ICMPGUARD_CHAIN_H */
