// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains: walking IPv6 extension headers.
 */
#include <linux/ipv6.h>
#include <net/ipv6.h>
#include "chain.h"

/**
 * icmpguard_chain_walk() - pass over extension headers
 * @skb: the packet
 * @chain: its protocol and offset are those of the first header; filled in
 *
 * Context: any. Changes nothing of @skb. Walks no more than ICMPGUARD_CHAIN_MAX
 * headers. Return: false for a chain that is longer, or that ends past the
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
			/* The first two octets of all of them are alike. */
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
