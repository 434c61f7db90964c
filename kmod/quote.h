/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quotes: the packet that an ICMP error says it is about, as far as the error
 * quotes it. Nobody vouches for any of it.
 */
#ifndef _ICMPGUARD_QUOTE_H
#define _ICMPGUARD_QUOTE_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include "packet.h"
#include "source.h"

/**
 * struct icmpguard_quote - a quoted packet
 * @src: whom it is from
 * @dst: whom it was for
 * @protocol: behind all headers of IP's
 * @inner: the first octet behind them: the type of a quoted ICMP message
 * @read: its IP header is one: @src and @dst are filled in
 * @has_protocol: @protocol is filled in
 * @has_inner: @inner is filled in
 * @fragment: a fragment other than the first
 * @cut: a header isn't one, or isn't whole
 * @bad_extension: what RFC 4884 says follows the quoted packet is malformed
 */
struct icmpguard_quote {
	struct icmpguard_addr src;
	struct icmpguard_addr dst;
	u8 protocol;
	u8 inner;
	bool read : 1;
	bool has_protocol : 1;
	bool has_inner : 1;
	bool fragment : 1;
	bool cut : 1;
	bool bad_extension : 1;
};

void icmpguard_quote_read(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			  struct icmpguard_quote *quote);
u32 icmpguard_quote_find(const struct icmpguard_quote *quote,
			 const struct icmpguard_packet *packet, const struct icmpguard_addr *dst);

/* Whether an IPv6 address is a group's: ff00::/8 */
static inline bool icmpguard_quote_is_multicast6(const struct icmpguard_addr *addr)
{
	return addr->hi >> 56 == 0xff;
}

#endif /* _ICMPGUARD_QUOTE_H */
