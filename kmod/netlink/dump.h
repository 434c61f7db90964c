/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Dumps: lists of types, rules and sources over netlink.
 */
#ifndef _ICMPGUARD_DUMP_H
#define _ICMPGUARD_DUMP_H

#include <linux/netlink.h>

int icmpguard_dump_types(struct sk_buff *msg, struct netlink_callback *cb);
int icmpguard_dump_rules(struct sk_buff *msg, struct netlink_callback *cb);
int icmpguard_dump_sources_start(struct netlink_callback *cb);
int icmpguard_dump_sources(struct sk_buff *msg, struct netlink_callback *cb);
int icmpguard_dump_sources_done(struct netlink_callback *cb);

#endif /* _ICMPGUARD_DUMP_H */
