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

#include <linux/types.h>
#include <linux/workqueue.h>

struct icmpguard_net;
struct icmpguard_watch;

/**
 * struct icmpguard_events - a namespace's
 * @ign: the namespace
 * @look: now and then, whether somebody listens; on an idle machine it waits
 * @scan: while somebody does, what is new
 * @watch: what was seen before; NULL while nobody listens
 * @tokens: events that may be sent at once
 * @refilled: jiffies, when @tokens was last added to
 * @left_out: events that could not be sent, since that was last told
 * @told: jiffies of 64 bits, when it was
 */
struct icmpguard_events {
	struct icmpguard_net *ign;
	struct delayed_work look;
	struct delayed_work scan;
	struct icmpguard_watch *watch;
	u32 tokens;
	unsigned long refilled;
	u32 left_out;
	u64 told;
};

void icmpguard_events_init(struct icmpguard_net *ign);
void icmpguard_events_start(struct icmpguard_net *ign);
void icmpguard_events_stop(struct icmpguard_net *ign);
void icmpguard_events_config(struct icmpguard_net *ign);

#endif /* _ICMPGUARD_EVENTS_H */
