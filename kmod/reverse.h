/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reverse path: whether the route back to a packet's source leaves where it came in.
 */
#ifndef _ICMPGUARD_REVERSE_H
#define _ICMPGUARD_REVERSE_H

#include <linux/skbuff.h>
#include <linux/types.h>

bool icmpguard_reverse_path_is(const struct sk_buff *skb, bool v6);

#endif /* _ICMPGUARD_REVERSE_H */
