/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_IPV6_H
#define _FUZZ_IPV6_H

#include <linux/skbuff.h>
#include_next <linux/ipv6.h>

#define ipv6_optlen(p)	(((p)->hdrlen + 1) << 3)
#define ipv6_authlen(p)	(((p)->hdrlen + 2) << 2)

static inline struct ipv6hdr *ipv6_hdr(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)skb->data;
}

#endif /* _FUZZ_IPV6_H */
