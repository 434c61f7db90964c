/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_NET_IPV6_H
#define _FUZZ_NET_IPV6_H

#include <linux/ipv6.h>

#define NEXTHDR_HOP		0
#define NEXTHDR_IPV6		41
#define NEXTHDR_ROUTING		43
#define NEXTHDR_FRAGMENT	44
#define NEXTHDR_ESP		50
#define NEXTHDR_AUTH		51
#define NEXTHDR_ICMP		58
#define NEXTHDR_NONE		59
#define NEXTHDR_DEST		60
#define NEXTHDR_MOBILITY	135

#define IP6_MF		0x0001
#define IP6_OFFSET	0xFFF8

struct frag_hdr {
	__u8 nexthdr;
	__u8 reserved;
	__be16 frag_off;
	__be32 identification;
};

static inline bool ipv6_addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool ipv6_addr_any(const struct in6_addr *a)
{
	static const struct in6_addr any;

	return ipv6_addr_equal(a, &any);
}

#endif /* _FUZZ_NET_IPV6_H */
