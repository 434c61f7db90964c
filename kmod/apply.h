/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Applying: how a configuration comes into force.
 */
#ifndef _ICMPGUARD_APPLY_H
#define _ICMPGUARD_APPLY_H

struct icmpguard_config;
struct icmpguard_net;
struct netlink_ext_ack;

int icmpguard_apply(struct icmpguard_net *ign, struct icmpguard_config *config,
		    struct netlink_ext_ack *extack);

#endif /* _ICMPGUARD_APPLY_H */
