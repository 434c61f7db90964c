/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_IN6_H
#define _FUZZ_IN6_H

#include_next <linux/in6.h>

/* Only so that <linux/ipv6.h> can name one */
struct sockaddr_in6 {
	struct in6_addr sin6_addr;
};

#endif /* _FUZZ_IN6_H */
