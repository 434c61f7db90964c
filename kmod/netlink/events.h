/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events, reported over netlink to listeners.
 *
 * The packet path knows nothing of them. While there are listeners, a work item
 * reads a few times a second what packets have written anyhow, and reports what
 * is new.
 */
#ifndef _ICMPGUARD_EVENTS_H
#define _ICMPGUARD_EVENTS_H

struct icmpguard_net;

void icmpguard_events_open(void);
void icmpguard_events_close(void);
void icmpguard_events_init(struct icmpguard_net *ign);
void icmpguard_events_start(struct icmpguard_net *ign);
void icmpguard_events_stop(struct icmpguard_net *ign);
void icmpguard_events_config(struct icmpguard_net *ign);

#endif /* _ICMPGUARD_EVENTS_H */
