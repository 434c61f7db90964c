/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Drops before there is an skb.
 */
#ifndef _ICMPGUARD_XDP_H
#define _ICMPGUARD_XDP_H

#include <linux/netdevice.h>
#include <linux/types.h>

struct xdp_md;

bool icmpguard_xdp_judge(const struct net_device *dev, const u8 *frame, const u8 *end);

#ifdef ICMPGUARD_HAS_XDP
int icmpguard_xdp_refuses(struct xdp_md *ctx); /* BPF finds it by its BTF alone. */
void icmpguard_xdp_init(void);
#else
static inline void icmpguard_xdp_init(void)
{
}
#endif

#endif /* _ICMPGUARD_XDP_H */
