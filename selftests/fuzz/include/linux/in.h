/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_IN_H
#define _FUZZ_IN_H

#include <linux/in6.h>
#include_next <linux/in.h>

#define IPPROTO_ICMPV6	58

static inline bool ipv4_is_loopback(__be32 addr)
{
	return ntohl(addr) >> 24 == 127;
}

static inline bool ipv4_is_multicast(__be32 addr)
{
	return ntohl(addr) >> 28 == 0xe;
}

static inline bool ipv4_is_zeronet(__be32 addr)
{
	return !(ntohl(addr) >> 24);
}

#endif /* _FUZZ_IN_H */
