/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packet that a benchmark sends over and over.
 */
#ifndef _ICMPGUARD_BENCH_PACKET_H
#define _ICMPGUARD_BENCH_PACKET_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

/**
 * enum bench_kind - what is sent
 * @BENCH_UDP: a packet that an ICMP limiter should ignore
 * @BENCH_ECHO: an echo request of 56 bytes
 * @BENCH_UNREACH: port unreachable, about a UDP packet of the destination's
 * @BENCH_MTU: fragmentation needed or packet too big, about the same
 */
enum bench_kind {
	BENCH_UDP,
	BENCH_ECHO,
	BENCH_UNREACH,
	BENCH_MTU,
};

struct sk_buff *bench_packet_make(struct net_device *dev, bool v6, enum bench_kind kind);

#endif /* _ICMPGUARD_BENCH_PACKET_H */
