/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic netlink: see Documentation/netlink/specs/icmpguard.yaml.
 */
#ifndef _ICMPGUARD_NETLINK_H
#define _ICMPGUARD_NETLINK_H

int icmpguard_netlink_init(void);
void icmpguard_netlink_exit(void);

#endif /* _ICMPGUARD_NETLINK_H */
