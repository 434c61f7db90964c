/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_IN6_H
#define _SIM_IN6_H

#include <linux/types.h>

struct in6_addr {
	union {
		u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
#define s6_addr		in6_u.u6_addr8
#define s6_addr32	in6_u.u6_addr32
};

/* The reverse is the same swap, and on a big-endian machine none. */
static inline u32 ntohl(__be32 x)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? x : __builtin_bswap32(x);
}

static inline __be32 htonl(u32 x)
{
	return ntohl(x);
}

#endif /* _SIM_IN6_H */
