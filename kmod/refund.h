/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Refunds: what a message's fragments were charged, given back when it is whole.
 */
#ifndef _ICMPGUARD_REFUND_H
#define _ICMPGUARD_REFUND_H

#include <linux/types.h>

struct icmpguard_packet;
struct icmpguard_policy;
struct icmpguard_rule;

void icmpguard_refund(const struct icmpguard_policy *policy, const struct icmpguard_packet *packet,
		      const struct icmpguard_rule *rule, unsigned int charges);

#endif /* _ICMPGUARD_REFUND_H */
