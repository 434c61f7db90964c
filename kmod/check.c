// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: MTUs, router advertisements, echo requests to many, and the parts of
 * a quoted packet's that need to know this host.
 */
#include <linux/icmp.h>
#include <linux/in.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/protocol.h>
#include "check.h"
#include "quote.h"
#include "scope.h"

/* Bytes of a router advertisement before its options: RFC 4861 4.2 */
#define RA_HEADER	16

/* Half as many again as fit a packet of 1500 bytes */
#define OPTIONS_MAX	272

#define FOUND(id)	BIT(ICMPGUARD_CHECK_##id)

static unsigned int offset_of(const struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	return skb_network_offset(skb) + packet->offset;
}

/*
 * A router from before RFC 1191 reports no MTU, and hosts must cope (its
 * section 5); no router reports one below the smallest that IP allows.
 */
static u32 find_mtu4(const struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	__be16 buffer;
	const __be16 *mtu;

	if (packet->code != ICMP_FRAG_NEEDED)
		return 0;
	mtu = skb_header_pointer(skb, offset_of(skb, packet) + 6, sizeof(buffer), &buffer);
	if (!mtu)
		return 0;
	if (!*mtu)
		return FOUND(MTU_ZERO);
	return ntohs(*mtu) < IPV4_MIN_MTU ? FOUND(MTU_SMALL) : 0;
}

static u32 find_mtu6(const struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	__be32 buffer;
	const __be32 *mtu;

	mtu = skb_header_pointer(skb, offset_of(skb, packet) + 4, sizeof(buffer), &buffer);
	return mtu && ntohl(*mtu) < IPV6_MIN_MTU ? FOUND(MTU_SMALL) : 0;
}

/*
 * Whether an option may have this length, in units of eight bytes. If not, hosts
 * ignore it and take the rest of the advertisement: RFC 4861 4.6, RFC 8106 5.3.1.
 */
static bool is_option(u8 type, u8 len)
{
	switch (type) {
	case ND_OPT_PREFIX_INFO:
		return len == 4;
	case ND_OPT_MTU:
		return len == 1;
	case ND_OPT_ROUTE_INFO:
		return len >= 1 && len <= 3;
	/* Addresses of two units each after one of their own: RFC 8106 5.1 */
	case ND_OPT_RDNSS:
		return len >= 3 && len % 2;
	case ND_OPT_DNSSL:
		return len >= 2;
	default:
		return true;
	}
}

/* Options that can't be distinguished spoil the whole message: RFC 4861 6.1.2. */
static u32 find_option(const struct sk_buff *skb, const struct icmpguard_packet *packet)
{
	unsigned int offset = offset_of(skb, packet), end = offset + packet->size;
	u32 found = 0;
	int i;

	offset += RA_HEADER;
	for (i = 0; i < OPTIONS_MAX; i++) {
		struct nd_opt_hdr buffer;
		const struct nd_opt_hdr *option;

		if (offset == end)
			return found;
		if (end - offset < sizeof(buffer))
			break;
		option = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (!option || !option->nd_opt_len || option->nd_opt_len * 8 > end - offset)
			break;
		if (!is_option(option->nd_opt_type, option->nd_opt_len))
			found = FOUND(RA_OPTION_LENGTH);
		offset += option->nd_opt_len * 8;
	}
	return found | FOUND(RA_OPTION);
}

static bool is_multicast(const struct icmpguard_policy *policy, const struct sk_buff *skb,
			 const struct icmpguard_addr *addr, bool v6)
{
	if (v6)
		return icmpguard_quote_is_multicast6(addr);
	return ipv4_is_multicast(htonl(addr->lo)) ||
	       icmpguard_broadcast_is(policy, skb->dev, addr->lo);
}

static bool has_handler(u8 protocol, bool v6)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (v6)
		return rcu_access_pointer(inet6_protos[protocol]);
#endif
	return rcu_access_pointer(inet_protos[protocol]);
}

/* A protocol that this kernel has no handler for, in an error for this host */
static bool is_unregistered(const struct sk_buff *skb, u8 protocol, bool v6)
{
	return !has_handler(protocol, v6) &&
	       icmpguard_scope_has(dev_net(skb->dev), skb->dev, skb, v6);
}

static u32 find_quoted(const struct icmpguard_policy *policy, const struct sk_buff *skb,
		       const struct icmpguard_packet *packet, const struct icmpguard_addr *dst)
{
	struct icmpguard_quote quote;
	u32 found;

	icmpguard_quote_read(skb, packet, &quote);
	found = icmpguard_quote_find(&quote, packet, dst);
	if (!quote.read)
		return found;
	if (quote.has_protocol && is_unregistered(skb, quote.protocol, packet->v6))
		found |= FOUND(QUOTED_PROTOCOL);
	if (!packet->v6 && icmpguard_broadcast_is(policy, skb->dev, quote.dst.lo))
		found |= FOUND(QUOTED_MULTICAST);
	return found;
}

/**
 * icmpguard_check_find() - look for what has a setting of its own
 * @policy: the policy
 * @skb: the packet, whole
 * @packet: the same, parsed
 * @types: ICMPGUARD_TYPE_UNICAST and its like
 *
 * Context: softirq; RCU. Changes nothing of @skb. Looks at no more options,
 * headers and objects than there are bounds for, and looks up one route at most.
 * Return: bits by enum
 * icmpguard_check.
 */
u32 icmpguard_check_find(const struct icmpguard_policy *policy, const struct sk_buff *skb,
			 const struct icmpguard_packet *packet, u16 types)
{
	struct icmpguard_addr dst;
	u32 found = 0;

	if (packet->v6)
		dst = icmpguard_addr_from_in6(&ipv6_hdr(skb)->daddr);
	else
		dst = (struct icmpguard_addr) { .lo = ntohl(ip_hdr(skb)->daddr) };
	if (types & ICMPGUARD_TYPE_UNICAST && is_multicast(policy, skb, &dst, packet->v6))
		found |= FOUND(ECHO_MULTICAST);
	if (types & ICMPGUARD_TYPE_MTU)
		found |= packet->v6 ? find_mtu6(skb, packet) : find_mtu4(skb, packet);
	if (types & ICMPGUARD_TYPE_OPTIONS)
		found |= find_option(skb, packet);
	if (types & ICMPGUARD_TYPE_QUOTES)
		found |= find_quoted(policy, skb, packet, &dst);
	if (types & ICMPGUARD_TYPE_ROUTED && !icmpguard_reverse_path_is(skb, packet->v6))
		found |= FOUND(REVERSE_PATH);
	return found;
}
