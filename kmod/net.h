/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What icmpguard keeps for a network namespace: its state. Its life is netns.c.
 */
#ifndef _ICMPGUARD_NET_H
#define _ICMPGUARD_NET_H

#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include "config.h"
#include "limiter/limiter.h"
#include "limited.h"
#include "policy.h"
#include "stats.h"
#include "record.h"

#define ICMPGUARD_HOOKS		2
#define ICMPGUARD_AGGREGATES	(ICMPGUARD_TIDS + ICMPGUARD_CODES_MAX)

struct icmpguard_watch;

/**
 * struct icmpguard_events - a namespace's
 * @ign: the namespace
 * @look: checks for listeners now and then; deferred on an idle machine
 * @scan: looks for what is new while there are listeners
 * @watch: what was seen before; NULL without listeners
 * @tokens: events that may be sent at once
 * @refilled: jiffies, when @tokens was last added to
 * @left_out: events that could not be sent, since that was last reported
 * @reported: jiffies of 64 bits, when it was
 */
struct icmpguard_events {
	struct icmpguard_net *ign;
	struct delayed_work look;
	struct delayed_work scan;
	struct icmpguard_watch *watch;
	u32 tokens;
	unsigned long refilled;
	u32 left_out;
	u64 reported;
};

/**
 * struct icmpguard_net - a network namespace
 * @net: the namespace
 * @policy: what packets are judged by; NULL until it is configured
 * @stats: counters; NULL until it is first switched on, like the next four
 * @base: the counters when they were last reset
 * @limited: the limited sources
 * @aggregates: all sources' buckets: by type, then by exception
 * @records: ICMP messages that come in fragments
 * @secret: the limiters' keys are made from it
 * @hook: registered with netfilter while @hooked
 * @hooked: the mode isn't off
 * @sweep: keeps idle buckets from growing too old
 * @drain: frees tables that were replaced
 * @events: reports to listeners what happens
 * @lock: serialises changes; held for everything here but what packets write, and for
 *	as long as a change takes: what holds RTNL never waits for it
 * @resolving: of the interface numbers and the bits of broadcast addresses in @policy,
 *	and of @policy while it is replaced
 * @added: bits of broadcast addresses that came since a change last looked for them
 */
struct icmpguard_net {
	struct net *net;
	struct icmpguard_policy __rcu *policy;
	struct icmpguard_stats __percpu *stats;
	struct icmpguard_sums *base;
	struct icmpguard_limited *limited;
	struct icmpguard_aggregate_bucket *aggregates;
	struct icmpguard_records *records;
	siphash_key_t secret;
	struct nf_hook_ops hook[ICMPGUARD_HOOKS];
	bool hooked;
	struct delayed_work sweep;
	struct delayed_work drain;
	struct icmpguard_events events;
	struct mutex lock; /* of everything here but what packets write */
	spinlock_t resolving; /* of what interfaces and addresses change */
	u64 added;
};

/**
 * icmpguard_net_stats() - this processor's counters
 * @ign: the namespace, prepared
 *
 * Context: bottom halves off.
 * Return: the counters.
 */
static __always_inline struct icmpguard_stats *icmpguard_net_stats(const struct icmpguard_net *ign)
{
	return this_cpu_ptr(ign->stats);
}

/**
 * icmpguard_net_policy() - the policy in force
 * @ign: the namespace
 *
 * Context: process, @ign->lock held.
 * Return: NULL for a namespace that was never
 * configured.
 */
static inline struct icmpguard_policy *icmpguard_net_policy(const struct icmpguard_net *ign)
{
	return rcu_dereference_protected(ign->policy, lockdep_is_held(&ign->lock));
}

extern unsigned int icmpguard_net_id;

int icmpguard_net_prepare(struct icmpguard_net *ign);
struct icmpguard_net *icmpguard_net(const struct net *net);
int icmpguard_net_config(struct icmpguard_net *ign, struct icmpguard_config *config);
void icmpguard_net_sums(struct icmpguard_net *ign, struct icmpguard_sums *sums);
void icmpguard_net_reset(struct icmpguard_net *ign, struct icmpguard_sums *sums);
bool icmpguard_net_usage(struct icmpguard_net *ign, struct icmpguard_usage *usage);
void icmpguard_net_forget_sources(struct icmpguard_net *ign);
void icmpguard_net_free(struct icmpguard_net *ign);

#endif /* _ICMPGUARD_NET_H */
