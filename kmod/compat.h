/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels: the only file that asks for a version.
 */
#ifndef _ICMPGUARD_COMPAT_H
#define _ICMPGUARD_COMPAT_H

#include <linux/skbuff.h>
#include <linux/version.h>
#include <net/genetlink.h>

/*
 * Restricts who may listen to a multicast group, since 6.7 and 6.1.67. Before,
 * any user could, so on those kernels no events are sent.
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define ICMPGUARD_MCAST_ADMIN	GENL_MCAST_CAP_NET_ADMIN
#endif

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

/* IPv6's reasons to drop, which came in 6.4 */
#if KERNEL_VERSION(6, 4, 0) > LINUX_VERSION_CODE
#define ICMPGUARD_SKB_BAD_EXTHDR	SKB_DROP_REASON_NETFILTER_DROP
#define ICMPGUARD_SKB_NDISC_HOP_LIMIT	SKB_DROP_REASON_NETFILTER_DROP
#define ICMPGUARD_SKB_NDISC_FRAG	SKB_DROP_REASON_NETFILTER_DROP
#define ICMPGUARD_SKB_NDISC_BAD_OPTIONS	SKB_DROP_REASON_NETFILTER_DROP
#else
#define ICMPGUARD_SKB_BAD_EXTHDR	SKB_DROP_REASON_IPV6_BAD_EXTHDR
#define ICMPGUARD_SKB_NDISC_HOP_LIMIT	SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT
#define ICMPGUARD_SKB_NDISC_FRAG	SKB_DROP_REASON_IPV6_NDISC_FRAG
#define ICMPGUARD_SKB_NDISC_BAD_OPTIONS	SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
#endif

#endif /* _ICMPGUARD_COMPAT_H */
