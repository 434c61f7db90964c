/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: what happens, told over netlink to those who listen.
 *
 * The packet path knows nothing of them. While somebody listens, a work item
 * looks a few times a second at what packets have written anyhow, and tells
 * what is new.
 */
#ifndef _ICMPGUARD_EVENTS_H
#define _ICMPGUARD_EVENTS_H

struct icmpguard_net;

void icmpguard_events_init(struct icmpguard_net *ign);
void icmpguard_events_start(struct icmpguard_net *ign);
void icmpguard_events_stop(struct icmpguard_net *ign);
void icmpguard_events_config(struct icmpguard_net *ign);

#endif /* _ICMPGUARD_EVENTS_H */
