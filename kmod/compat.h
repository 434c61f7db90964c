/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels: the only file that knows of them, by what a kernel's
 * headers have and not by its version, as vendors take much from newer ones. Kbuild
 * looks, and defines ICMPGUARD_HAS_ and the name of what it finds.
 *
 * Includes nothing, so that also what is compiled outside the kernel can include it.
 */
#ifndef _ICMPGUARD_COMPAT_H
#define _ICMPGUARD_COMPAT_H

/*
 * IPv6 could be a module: what others called of it went through a table. Where it
 * can't any more, there is none.
 */
#ifdef ICMPGUARD_HAS_ipv6_stub
#define icmpguard_fib6_lookup	ipv6_stub->fib6_lookup
#else
#define icmpguard_fib6_lookup	fib6_lookup
#endif

/* Where a packet from a VRF's interface is looked up: in the VRF's table */
#ifdef ICMPGUARD_HAS_flowic_l3mdev
#define ICMPGUARD_FLOW_OF(flow, vrf)	.flow##_iif = LOOPBACK_IFINDEX, .flow##_l3mdev = (vrf)
#else
#define ICMPGUARD_FLOW_OF(flow, vrf)	.flow##_iif = (vrf) ?: LOOPBACK_IFINDEX
#endif

/* The groups of an IPv6 interface: a list that readers lock where RCU doesn't protect it */
#ifdef ICMPGUARD_HAS_rcu_mc_list
#define icmpguard_groups_lock(in_dev)
#define icmpguard_groups_unlock(in_dev)
#else
#define icmpguard_groups_lock(in_dev)	read_lock_bh(&(in_dev)->lock)
#define icmpguard_groups_unlock(in_dev)	read_unlock_bh(&(in_dev)->lock)
#endif

#ifdef ICMPGUARD_HAS_atomic_mc_forwarding
#define icmpguard_mc_forwarding(conf)	atomic_read(&(conf)->mc_forwarding)
#else
#define icmpguard_mc_forwarding(conf)	READ_ONCE((conf)->mc_forwarding)
#endif

/* The number of a namespace, once made at the first question; 0 before that */
#ifdef ICMPGUARD_HAS_net_cookie
#define icmpguard_net_cookie(net)	((net)->net_cookie)
#else
#define icmpguard_net_cookie(net)	((u64)atomic64_read(&(net)->net_cookie))
#endif

/* Huge pages for what is allocated by pages */
#ifndef ICMPGUARD_HAS_vmalloc_huge
#define vmalloc_huge	__vmalloc
#endif

#ifndef ICMPGUARD_HAS_nla_strscpy
#define nla_strscpy	nla_strlcpy
#endif

/*
 * Reasons to drop: none without netfilter's, which stands for each that is missing
 * (verdict.c).
 */
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_NETFILTER_DROP
#define SKB_DROP_REASON_NETFILTER_DROP	0
#define kfree_skb_reason(skb, reason)	((void)(reason), kfree_skb(skb))
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_PKT_TOO_BIG
#define SKB_DROP_REASON_PKT_TOO_BIG	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_PKT_TOO_SMALL
#define SKB_DROP_REASON_PKT_TOO_SMALL	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IP_INHDR
#define SKB_DROP_REASON_IP_INHDR	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IP_NOPROTO
#define SKB_DROP_REASON_IP_NOPROTO	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IPV6_BAD_EXTHDR
#define SKB_DROP_REASON_IPV6_BAD_EXTHDR	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IPV6_NDISC_FRAG
#define SKB_DROP_REASON_IPV6_NDISC_FRAG	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT
#define SKB_DROP_REASON_IPV6_NDISC_HOP_LIMIT	0
#endif
#ifndef ICMPGUARD_HAS_SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS
#define SKB_DROP_REASON_IPV6_NDISC_BAD_OPTIONS	0
#endif

#endif /* _ICMPGUARD_COMPAT_H */
