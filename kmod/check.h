/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks: what is looked at in a message beyond its first bytes.
 *
 * Only types that have such a check pay for it, and echo requests only where
 * their destination may be more than one host. A check of the route back is
 * everybody's to pay for.
 */
#ifndef _ICMPGUARD_CHECK_H
#define _ICMPGUARD_CHECK_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include "packet.h"
#include "policy.h"
#include "quote.h"
#include "reverse.h"
#include "scope.h"

/* IPv4 addresses from here on are multicast, reserved or broadcast ones. */
#define ICMPGUARD_CLASS_D	0xe0000000U

u32 icmpguard_check_find(const struct icmpguard_policy *policy, const struct sk_buff *skb,
			 const struct icmpguard_packet *packet, u16 types);

/**
 * icmpguard_check_may_be_many() - whether a destination may be more than one host
 * @policy: the policy
 * @header: the packet's IP header
 * @v6: of IPv6; of IPv4 otherwise
 *
 * Context: any.
 * Return: true for a multicast or broadcast destination, and for what may be one.
 */
static __always_inline bool icmpguard_check_may_be_many(const struct icmpguard_policy *policy,
							const void *header, bool v6)
{
	const struct ipv6hdr *ip6 = header;
	const struct iphdr *ip4 = header;
	u32 addr;

	if (v6)
		return ip6->daddr.s6_addr[0] == 0xff;
	addr = ntohl(ip4->daddr);
	return addr >= ICMPGUARD_CLASS_D ||
	       READ_ONCE(policy->broadcasts) & icmpguard_broadcast_bit(addr);
}

/**
 * icmpguard_check_is_due() - whether icmpguard_check_find() can find something
 * @policy: the policy
 * @header: the packet's IP header
 * @v6: of IPv6; of IPv4 otherwise
 * @types: ICMPGUARD_TYPE_UNICAST and its like
 *
 * Context: any.
 * Return: false where the fast path need not call it.
 */
static __always_inline bool icmpguard_check_is_due(const struct icmpguard_policy *policy,
						   const void *header, bool v6, u16 types)
{
	if (types & ICMPGUARD_TYPE_DEEP)
		return true;
	return types & ICMPGUARD_TYPE_UNICAST && icmpguard_check_may_be_many(policy, header, v6);
}

/**
 * icmpguard_check_is_clean() - whether one look shows that nothing can be found
 * @policy: the policy
 * @skb: the packet, whole; NULL: there is none yet
 * @header: the packet's IP header
 * @length: bytes from there that may be read
 * @packet: the same, parsed; its address isn't taken
 * @types: ICMPGUARD_TYPE_MTU and its like
 *
 * Context: any.
 * Return: true where icmpguard_check_find() would find nothing;
 * of an unusual message false, whatever that would find.
 */
static __always_inline bool icmpguard_check_is_clean(const struct icmpguard_policy *policy,
						     const struct sk_buff *skb,
						     const u8 *header, unsigned int length,
						     const struct icmpguard_packet *packet,
						     u16 types)
{
	const u8 *message = header + packet->offset;

	/* A redirect of neighbour discovery has its quote elsewhere. */
	if (types & (ICMPGUARD_TYPE_OPTIONS | ICMPGUARD_TYPE_ON_LINK))
		return false;
	if (types & ICMPGUARD_TYPE_UNICAST &&
	    icmpguard_check_may_be_many(policy, header, packet->v6))
		return false;
	if (types & ICMPGUARD_TYPE_ROUTED && (!skb || !icmpguard_reverse_path_is(skb, packet->v6)))
		return false;
	if (!(types & (ICMPGUARD_TYPE_QUOTES | ICMPGUARD_TYPE_MTU)))
		return true;
	if (packet->v6)
		return icmpguard_quote_is_clean6(header, length, packet->offset, packet->size) &&
		       (!(types & ICMPGUARD_TYPE_MTU) ||
			icmpguard_quote_mtu6(message) >= IPV6_MIN_MTU);
	return icmpguard_quote_is_clean4(header, length, packet->offset, packet->size,
					 READ_ONCE(policy->broadcasts)) &&
	       (!(types & ICMPGUARD_TYPE_MTU) || packet->code != ICMP_FRAG_NEEDED ||
		icmpguard_quote_mtu4(message) >= IPV4_MIN_MTU);
}

#endif /* _ICMPGUARD_CHECK_H */
