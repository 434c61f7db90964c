/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels: the only file that asks for a version.
 */
#ifndef _ICMPGUARD_COMPAT_H
#define _ICMPGUARD_COMPAT_H

#include <linux/version.h>

/*
 * IPv6 could be a module: what others called of it went through a table, which
 * its headers brought along. Where it can't any more, there is no table.
 */
#include <net/ip6_fib.h>
#include <net/ndisc.h>
#ifdef _IPV6_STUBS_H
#define icmpguard_fib6_lookup	ipv6_stub->fib6_lookup
#else
#define icmpguard_fib6_lookup	fib6_lookup
#endif

#endif /* _ICMPGUARD_COMPAT_H */
