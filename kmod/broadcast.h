/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Broadcasts: the addresses that stand for all hosts of a network this one is
 * part of.
 *
 * Which those are is in the routing tables, and a look there is dear. So a
 * policy has a bit for each value of an address's last six bits. Where it isn't
 * set the address is no broadcast address: of an ordinary network's 256, one in
 * 64 is looked up.
 */
#ifndef _ICMPGUARD_BROADCAST_H
#define _ICMPGUARD_BROADCAST_H

#include <linux/bits.h>
#include <linux/inetdevice.h>
#include "policy.h"

void icmpguard_broadcast_add(struct icmpguard_policy *policy, const struct in_ifaddr *ifa);
void icmpguard_broadcast_resolve(struct net *net, struct icmpguard_policy *policy);
bool icmpguard_broadcast_is(const struct icmpguard_policy *policy, const struct net_device *in,
			    u32 addr);

/**
 * icmpguard_broadcast_bit() - an address's bit in struct icmpguard_policy.broadcasts
 * @addr: the address in host byte order
 *
 * Context: any.
 */
static inline u64 icmpguard_broadcast_bit(u32 addr)
{
	return BIT_ULL(addr & 63);
}

#endif /* _ICMPGUARD_BROADCAST_H */
