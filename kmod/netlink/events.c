// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: finding what is new, and reporting it.
 *
 * No packet causes a message: a flood costs a listener EVENTS_MAX messages a
 * second, and nothing without listeners. Events that could not be reported are
 * counted, and the count is reported.
 */
#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include "../compat.h"
#include "../net.h"
#include "attr.h"
#include "events.h"

#define LOOK_PERIOD	HZ
#define SCAN_PERIOD	(HZ / 4)

/* At once, and in each second after that */
#define EVENTS_MAX	64

/* Bytes: the attributes of the largest event are less than half of it. */
#define MESSAGE_SIZE	512

/* A total at its limit is reported again when it wasn't there for this long. */
#define TOTAL_PAUSE	(10 * HZ)

/* Sets of each region that are looked at, of which this many are full */
#define SAMPLED		64
#define FULL		(SAMPLED * 3 / 4)
#define NOT_FULL	(SAMPLED / 2)

/* A rate is measured over this many milliseconds at least. */
#define RATE_SPAN	250

/**
 * struct icmpguard_watch - what was seen before
 * @dropped: packets that totals dropped
 * @monitored: packets that they would have dropped
 * @scanned: jiffies, when that was
 * @full: the table was reported to be full
 * @total: by total: jiffies of 64 bits, when it was last seen at its limit;
 *	0: never
 * @sums: for reading counters
 * @limiting: for reading limited sources
 */
struct icmpguard_watch {
	u64 dropped;
	u64 monitored;
	unsigned long scanned;
	bool full;
	u64 total[ICMPGUARD_AGGREGATES];
	struct icmpguard_sums sums;
	struct icmpguard_limiting limiting[ICMPGUARD_LIMITED_MAX];
};

/**
 * struct event - what to report
 * @kind: enum icmpguard_event_kind
 * @limiting: of a source
 * @tid: the type of a total
 * @code: likewise; -1: all codes without an exception
 * @number: a number whose meaning depends on @kind
 * @dropped: packets that totals dropped since the last look
 * @monitored: packets that they would have dropped
 */
struct event {
	u32 kind;
	const struct icmpguard_limiting *limiting;
	unsigned int tid;
	int code;
	u32 number;
	u64 dropped;
	u64 monitored;
};

/*
 * Before the family is registered and from its end on, its group is another family's.
 * Held while listeners are looked for and sent to.
 */
static DECLARE_RWSEM(family_lock);
static bool family_open;

/*
 * CAP_NET_ADMIN in the user namespace that owns the namespace is enough to listen.
 * If that isn't the initial one, this includes unprivileged users, so no events
 * are sent there. @family_lock is held.
 */
static bool has_listeners(const struct icmpguard_net *ign)
{
	return family_open && ign->net->user_ns == &init_user_ns && icmpguard_family.n_mcgrps &&
	       genl_has_listeners(&icmpguard_family, ign->net, ICMPGUARD_GROUP_EVENTS);
}

/* Packets a second */
static u32 rate_of(u64 packets, u32 milliseconds)
{
	return min_t(u64, div_u64(packets * MSEC_PER_SEC, max_t(u32, milliseconds, RATE_SPAN)),
		     U32_MAX);
}

static bool put_type(struct sk_buff *msg, unsigned int tid)
{
	return !nla_put_u32(msg, ICMPGUARD_A_EVENT_PROTO, icmpguard_type_proto(tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_EVENT_NUMBER, icmpguard_type_number(tid)) &&
	       !nla_put_string(msg, ICMPGUARD_A_EVENT_NAME, icmpguard_type_name(tid));
}

static bool put_drops(struct sk_buff *msg, u64 drops, u64 monitored)
{
	return !nla_put_u64_64bit(msg, ICMPGUARD_A_EVENT_DROPS, drops, ICMPGUARD_A_EVENT_PAD) &&
	       !nla_put_u64_64bit(msg, ICMPGUARD_A_EVENT_MONITORED, monitored,
				  ICMPGUARD_A_EVENT_PAD);
}

static bool put_limiting(struct sk_buff *msg, const struct icmpguard_limiting *limiting)
{
	const struct icmpguard_limited_source *source = &limiting->source;

	return icmpguard_put_addr(msg, ICMPGUARD_A_EVENT_ADDRESS, &source->addr,
				  icmpguard_tid_is_v6(source->tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_EVENT_PREFIX_LEN, source->len) &&
	       put_type(msg, source->tid) &&
	       !nla_put_u32(msg, ICMPGUARD_A_EVENT_RATE,
			    rate_of(source->drops + source->monitored, limiting->lasted)) &&
	       put_drops(msg, source->drops, source->monitored) &&
	       !nla_put_u32(msg, ICMPGUARD_A_EVENT_DURATION, limiting->lasted);
}

static bool put_event(struct sk_buff *msg, const struct net *net, const struct event *event)
{
	if (nla_put_u32(msg, ICMPGUARD_A_EVENT_KIND, event->kind) ||
	    nla_put_u64_64bit(msg, ICMPGUARD_A_EVENT_TIME, ktime_get_real_ns(),
			      ICMPGUARD_A_EVENT_PAD) ||
	    nla_put_u64_64bit(msg, ICMPGUARD_A_EVENT_NETNS, icmpguard_net_cookie(net),
			      ICMPGUARD_A_EVENT_PAD) ||
	    nla_put_u32(msg, ICMPGUARD_A_EVENT_NETNS_INODE, net->ns.inum))
		return false;
	switch (event->kind) {
	case ICMPGUARD_EVENT_SOURCE_LIMITED:
	case ICMPGUARD_EVENT_SOURCE_RELEASED:
		return put_limiting(msg, event->limiting);
	case ICMPGUARD_EVENT_TOTAL_LIMITED:
		if (event->code >= 0 && nla_put_u32(msg, ICMPGUARD_A_EVENT_CODE, event->code))
			return false;
		return put_type(msg, event->tid) &&
		       !nla_put_u32(msg, ICMPGUARD_A_EVENT_RATE, event->number) &&
		       put_drops(msg, event->dropped, event->monitored);
	case ICMPGUARD_EVENT_TABLE_FULL:
		return !nla_put_u32(msg, ICMPGUARD_A_EVENT_TABLE_SIZE, event->number);
	case ICMPGUARD_EVENT_CONFIG_CHANGED:
		return !nla_put_u32(msg, ICMPGUARD_A_EVENT_GENERATION, event->number);
	default:
		return !nla_put_u32(msg, ICMPGUARD_A_EVENT_LEFT_OUT, event->number);
	}
}

static bool event_send(const struct icmpguard_net *ign, const struct event *event)
{
	struct sk_buff *msg = genlmsg_new(MESSAGE_SIZE, GFP_KERNEL);
	void *header;

	if (!msg)
		return false;
	header = genlmsg_put(msg, 0, 0, &icmpguard_family, 0, ICMPGUARD_CMD_EVENT);
	if (!header || !put_event(msg, ign->net, event)) {
		nlmsg_free(msg);
		return false;
	}
	genlmsg_end(msg, header);
	/* A listener that reads too slowly gets an error from its own socket. */
	genlmsg_multicast_netns(&icmpguard_family, ign->net, msg, 0, ICMPGUARD_GROUP_EVENTS,
				GFP_KERNEL);
	return true;
}

static void refill_tokens(struct icmpguard_events *events)
{
	unsigned long ticks = min(jiffies - events->refilled, (unsigned long)HZ);
	u32 more = ticks * EVENTS_MAX / HZ;

	if (!more)
		return;
	events->tokens = min_t(u32, events->tokens + more, EVENTS_MAX);
	events->refilled = jiffies;
}

/* Return: whether it was sent; if it may be sent later, it isn't left out yet. */
static bool event_tell(struct icmpguard_net *ign, const struct event *event)
{
	struct icmpguard_events *events = &ign->events;

	if (!events->tokens || !event_send(ign, event))
		return false;
	events->tokens--;
	return true;
}

static void tell_sources(struct icmpguard_net *ign)
{
	struct icmpguard_watch *watch = ign->events.watch;
	unsigned int i, n;

	n = icmpguard_limited_news(ign->limited, watch->limiting, &ign->events.left_out);
	for (i = 0; i < n; i++) {
		const struct icmpguard_limiting *limiting = &watch->limiting[i];
		const struct event event = {
			.kind = limiting->released ? ICMPGUARD_EVENT_SOURCE_RELEASED :
						    ICMPGUARD_EVENT_SOURCE_LIMITED,
			.limiting = limiting,
		};

		if (!event_tell(ign, &event))
			return;
		icmpguard_limited_told(ign->limited, limiting);
	}
}

/*
 * Whether the next packet of a newcomer may be refused, whatever the jitter. Without a
 * limit of its own a source has no standing, and all of the total.
 */
static bool is_at_limit(const struct icmpguard_plan *plan, u64 now)
{
	const struct icmpguard_aggregate *aggregate = &plan->aggregate;
	u64 debt = icmpguard_gcra_debt(atomic64_read(&aggregate->bucket->tat), now);

	return debt + aggregate->rate.cost + ((u64)aggregate->jitter << 32) >
	       aggregate->edge[plan->step[0].cost ? ICMPGUARD_NEWCOMER : ICMPGUARD_SENIOR];
}

static void tell_total(struct icmpguard_net *ign, const struct icmpguard_plan *plan, u64 now,
		       struct event *event)
{
	u64 now_jiffies = get_jiffies_64();
	u64 *seen;

	if (plan->action != ICMPGUARD_ACTION_LIMIT || !plan->aggregate.bucket ||
	    !is_at_limit(plan, now))
		return;
	seen = &ign->events.watch->total[plan->aggregate.bucket - ign->aggregates];
	if (*seen && time_before64(now_jiffies, *seen + TOTAL_PAUSE)) {
		*seen = now_jiffies;
		return;
	}
	if (event_tell(ign, event))
		*seen = now_jiffies;
	else
		ign->events.left_out++;
}

/* What totals have refused so far */
static void read_refused(struct icmpguard_net *ign)
{
	struct icmpguard_watch *watch = ign->events.watch;

	icmpguard_stats_sum(ign->stats, &watch->sums);
	watch->dropped = watch->sums.reasons[ICMPGUARD_REASON_TOTAL_LIMIT];
	watch->monitored = watch->sums.monitored[ICMPGUARD_REASON_TOTAL_LIMIT];
}

/* Counters say that a total refused packets, and its bucket which one. */
static void tell_totals(struct icmpguard_net *ign, const struct icmpguard_policy *policy, u64 now)
{
	struct icmpguard_watch *watch = ign->events.watch;
	struct event event = { .kind = ICMPGUARD_EVENT_TOTAL_LIMITED };
	unsigned int i;

	event.dropped = watch->dropped;
	event.monitored = watch->monitored;
	read_refused(ign);
	event.dropped = watch->dropped - event.dropped;
	event.monitored = watch->monitored - event.monitored;
	event.number = rate_of(event.dropped + event.monitored,
			       jiffies_to_msecs(jiffies - watch->scanned));
	watch->scanned = jiffies;
	if (!event.dropped && !event.monitored)
		return;
	event.code = -1;
	for (i = 0; i < ICMPGUARD_TIDS; i++) {
		event.tid = i;
		tell_total(ign, &policy->plans[i], now, &event);
	}
	for (i = 0; i < policy->config.codes; i++) {
		event.tid = policy->config.code[i].tid;
		event.code = policy->config.code[i].code;
		tell_total(ign, &policy->codes[i], now, &event);
	}
}

static bool is_set_full(const struct icmpguard_set *set, u64 now)
{
	unsigned int i;

	for (i = 0; i < ICMPGUARD_WAYS; i++) {
		u64 word = atomic64_read(&set->way[i]);

		if (!icmpguard_gcra_debt(word & ICMPGUARD_TIME_MASK, now))
			return false;
	}
	return true;
}

/* Of SAMPLED sets of a region, evenly spread, how many are full */
static unsigned int count_full(const struct icmpguard_table *table, unsigned int region, u64 now)
{
	const struct icmpguard_set *sets = &table->sets[region * (table->mask + 1)];
	unsigned int i, full = 0;

	for (i = 0; i < SAMPLED; i++)
		full += is_set_full(&sets[(u64)i * (table->mask + 1) / SAMPLED], now);
	return full;
}

/* Sources are forgotten early when the sets of their region have no room. */
static void tell_table(struct icmpguard_net *ign, const struct icmpguard_policy *policy, u64 now)
{
	const struct event event = {
		.kind = ICMPGUARD_EVENT_TABLE_FULL,
		.number = icmpguard_table_sources(policy->table),
	};
	struct icmpguard_watch *watch = ign->events.watch;
	unsigned int i, fullest = 0;

	for (i = 0; i < policy->table->regions; i++)
		fullest = max(fullest, count_full(policy->table, i, now));
	if (watch->full && fullest < NOT_FULL)
		watch->full = false;
	else if (!watch->full && fullest >= FULL)
		watch->full = event_tell(ign, &event);
}

static void tell_left_out(struct icmpguard_net *ign)
{
	struct icmpguard_events *events = &ign->events;
	const struct event event = {
		.kind = ICMPGUARD_EVENT_LEFT_OUT,
		.number = events->left_out,
	};
	u64 now = get_jiffies_64();

	/* It has no need of a token: it comes once a second at most. */
	if (!events->left_out || time_before64(now, events->reported + HZ) ||
	    !event_send(ign, &event))
		return;
	events->reported = now;
	events->left_out = 0;
}

static void begin_watch(struct icmpguard_net *ign)
{
	struct icmpguard_events *events = &ign->events;
	struct icmpguard_watch *watch = kvzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);

	if (!watch)
		return;
	watch->scanned = jiffies;
	events->left_out = 0;
	events->reported = get_jiffies_64() - HZ;
	events->watch = watch;
	read_refused(ign);
	icmpguard_limited_watch(ign->limited, true);
}

static void end_watch(struct icmpguard_net *ign)
{
	icmpguard_limited_watch(ign->limited, false);
	kvfree(ign->events.watch);
	ign->events.watch = NULL;
}

static void events_scan(struct work_struct *work)
{
	struct icmpguard_events *events = container_of(to_delayed_work(work),
						       struct icmpguard_events, scan);
	struct icmpguard_net *ign = events->ign;
	const struct icmpguard_policy *policy;
	u64 now;

	mutex_lock(&ign->lock);
	down_read(&family_lock);
	policy = icmpguard_net_policy(ign);
	if (!policy || !policy->table || !has_listeners(ign)) {
		end_watch(ign);
		goto unlock;
	}
	if (!events->watch)
		begin_watch(ign);
	if (events->watch) {
		now = icmpguard_clock_now(&policy->clock);
		refill_tokens(events);
		tell_sources(ign);
		tell_totals(ign, policy, now);
		tell_table(ign, policy, now);
		tell_left_out(ign);
	}
	queue_delayed_work(system_power_efficient_wq, &events->scan, SCAN_PERIOD);
unlock:
	up_read(&family_lock);
	mutex_unlock(&ign->lock);
}

/* The mode may be off for good: then it is the next change that starts it again. */
static void events_look(struct work_struct *work)
{
	struct icmpguard_events *events = container_of(to_delayed_work(work),
						       struct icmpguard_events, look);
	struct icmpguard_net *ign = events->ign;
	const struct icmpguard_policy *policy;

	mutex_lock(&ign->lock);
	policy = icmpguard_net_policy(ign);
	if (policy && policy->table) {
		down_read(&family_lock);
		if (has_listeners(ign))
			queue_delayed_work(system_power_efficient_wq, &events->scan, 0);
		up_read(&family_lock);
		queue_delayed_work(system_power_efficient_wq, &events->look, LOOK_PERIOD);
	}
	mutex_unlock(&ign->lock);
}

/**
 * icmpguard_events_start() - look for listeners from now on
 * @ign: the namespace, its mode no longer off; nothing is done if it looks already
 *
 * Context: process, @ign->lock held.
 */
void icmpguard_events_start(struct icmpguard_net *ign)
{
	queue_delayed_work(system_power_efficient_wq, &ign->events.look, LOOK_PERIOD);
}

/**
 * icmpguard_events_config() - report that the configuration changed
 * @ign: the namespace
 *
 * If its mode isn't off, listeners are looked for from now on.
 *
 * Context: process, @ign->lock held.
 */
void icmpguard_events_config(struct icmpguard_net *ign)
{
	const struct icmpguard_policy *policy = icmpguard_net_policy(ign);
	const struct event event = {
		.kind = ICMPGUARD_EVENT_CONFIG_CHANGED,
		.number = policy ? policy->generation : 0,
	};

	if (policy && policy->table)
		icmpguard_events_start(ign);
	down_read(&family_lock);
	if (has_listeners(ign)) {
		refill_tokens(&ign->events);
		if (!event_tell(ign, &event))
			ign->events.left_out++;
	}
	up_read(&family_lock);
}

static void events_admit(bool open)
{
	down_write(&family_lock);
	family_open = open;
	up_write(&family_lock);
}

/**
 * icmpguard_events_open() - send events from now on
 *
 * Context: process, when the family is registered.
 */
void icmpguard_events_open(void)
{
	events_admit(true);
}

/**
 * icmpguard_events_close() - send no more events, in any namespace
 *
 * Context: process, before the family is unregistered. When it returns none is being
 * sent, and no listeners are looked for.
 */
void icmpguard_events_close(void)
{
	events_admit(false);
}

/**
 * icmpguard_events_init() - make a namespace ready to send events
 * @ign: the namespace
 *
 * Context: process.
 */
void icmpguard_events_init(struct icmpguard_net *ign)
{
	struct icmpguard_events *events = &ign->events;

	events->ign = ign;
	events->tokens = EVENTS_MAX;
	events->refilled = jiffies;
	events->reported = get_jiffies_64() - HZ;
	INIT_DEFERRABLE_WORK(&events->look, events_look);
	INIT_DELAYED_WORK(&events->scan, events_scan);
}

/**
 * icmpguard_events_stop() - end a namespace's look for listeners
 * @ign: the namespace; no command can reach it
 *
 * Context: process, @ign->lock not held.
 */
void icmpguard_events_stop(struct icmpguard_net *ign)
{
	cancel_delayed_work_sync(&ign->events.look);
	cancel_delayed_work_sync(&ign->events.scan);
	kvfree(ign->events.watch);
	ign->events.watch = NULL;
}
