// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes: one function for each kind of thing that is reported.
 */
#include "../check.h"
#include "../compat.h"
#include "../config_hash.h"
#include "../version.h"
#include "attr.h"

/*
 * Events are sent where the kernel can restrict who listens, which mainline can since
 * 6.7 and 6.1.67.
 */
#ifdef ICMPGUARD_HAS_GENL_MCAST_CAP_NET_ADMIN
static const struct genl_multicast_group groups[] = {
	[ICMPGUARD_GROUP_EVENTS] = {
		.name = ICMPGUARD_GROUP_EVENTS_NAME,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};
#endif

/* What messages are of; its commands are netlink.c's. */
struct genl_family icmpguard_family __ro_after_init = {
	.name = ICMPGUARD_FAMILY_NAME,
	.version = ICMPGUARD_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
#ifdef ICMPGUARD_HAS_GENL_MCAST_CAP_NET_ADMIN
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
#endif
#ifdef ICMPGUARD_HAS_resv_start_op
	.resv_start_op = ICMPGUARD_CMD_CONFIG_GET,
#endif
};

static u32 proto_of(bool v6)
{
	return v6 ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP;
}

static bool put_limit(struct sk_buff *msg, int type, const struct icmpguard_rate *rate)
{
	struct nlattr *nest;

	if (!rate->packets)
		return true;
	nest = nla_nest_start(msg, type);
	if (!nest || nla_put_u32(msg, ICMPGUARD_A_LIMIT_PACKETS, rate->packets) ||
	    nla_put_u32(msg, ICMPGUARD_A_LIMIT_PERIOD, rate->period) ||
	    nla_put_u32(msg, ICMPGUARD_A_LIMIT_BURST, rate->burst))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

static bool put_u64(struct sk_buff *msg, int type, u64 value, int pad)
{
	return !nla_put_u64_64bit(msg, type, value, pad);
}

static bool put_ladder(struct sk_buff *msg, bool v6, const struct icmpguard_ladder *ladder)
{
	unsigned int i;

	for (i = 0; i < ladder->steps; i++) {
		struct nlattr *nest = nla_nest_start(msg, ICMPGUARD_A_CONFIG_PREFIX);

		if (!nest || nla_put_u32(msg, ICMPGUARD_A_PREFIX_PROTO, proto_of(v6)) ||
		    nla_put_u32(msg, ICMPGUARD_A_PREFIX_LEN, ladder->step[i].len) ||
		    nla_put_u32(msg, ICMPGUARD_A_PREFIX_FACTOR, ladder->step[i].factor))
			return false;
		nla_nest_end(msg, nest);
	}
	return true;
}

static bool put_interface(struct sk_buff *msg, const struct icmpguard_interface *interface)
{
	struct nlattr *nest = nla_nest_start(msg, ICMPGUARD_A_CONFIG_INTERFACE);

	if (!nest || nla_put_string(msg, ICMPGUARD_A_INTERFACE_NAME, interface->name) ||
	    nla_put_u32(msg, ICMPGUARD_A_INTERFACE_MODE, interface->mode))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

/* The bytes that a table would take */
static u64 table_bytes(const struct icmpguard_config *config)
{
	return (u64)config->table_size * sizeof(atomic64_t);
}

static bool put_check(struct sk_buff *msg, unsigned int check, u32 action)
{
	struct nlattr *nest = nla_nest_start(msg, ICMPGUARD_A_CONFIG_CHECK);

	if (!nest || nla_put_u32(msg, ICMPGUARD_A_CHECK_ID, check) ||
	    nla_put_string(msg, ICMPGUARD_A_CHECK_NAME, icmpguard_check_name(check)) ||
	    nla_put_u32(msg, ICMPGUARD_A_CHECK_ACTION, action))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

/**
 * icmpguard_put_config() - add all settings but types and rules
 * @msg: to what
 * @config: the configuration
 * @generation: its number
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_config(struct sk_buff *msg, const struct icmpguard_config *config,
			  u32 generation)
{
	unsigned int i;

	for (i = 0; i < __ICMPGUARD_SETTING_MAX; i++)
		if (nla_put_u32(msg, icmpguard_settings[i].attribute,
				icmpguard_setting_value(&icmpguard_settings[i], config)))
			return false;
	for (i = 0; i < config->interfaces; i++)
		if (!put_interface(msg, &config->interface[i]))
			return false;
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		if (!put_check(msg, i, config->checks[i]))
			return false;
	return !nla_put_string(msg, ICMPGUARD_A_CONFIG_VERSION, ICMPGUARD_VERSION) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_GENERATION, generation) &&
	       put_u64(msg, ICMPGUARD_A_CONFIG_TABLE_BYTES, table_bytes(config),
		       ICMPGUARD_A_CONFIG_PAD) &&
	       put_ladder(msg, false, &config->ladder[0]) &&
	       put_ladder(msg, true, &config->ladder[1]) &&
	       put_u64(msg, ICMPGUARD_A_CONFIG_HASH, icmpguard_config_hash(config),
		       ICMPGUARD_A_CONFIG_PAD) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_RULES,
			    config->rules ? config->rules->rules : 0);
}

static bool put_treatment(struct sk_buff *msg, const struct icmpguard_treatment *treatment)
{
	if (nla_put_u32(msg, ICMPGUARD_A_TYPE_ACTION, treatment->action) ||
	    nla_put_u32(msg, ICMPGUARD_A_TYPE_MONITOR, treatment->monitor))
		return false;
	if (treatment->penalty && nla_put_u32(msg, ICMPGUARD_A_TYPE_BLOCK, treatment->penalty))
		return false;
	return put_limit(msg, ICMPGUARD_A_TYPE_LIMIT, &treatment->limit) &&
	       put_limit(msg, ICMPGUARD_A_TYPE_TOTAL, &treatment->total);
}

/**
 * icmpguard_put_type() - add a type and what is done with it
 * @msg: to what
 * @tid: the type
 * @treatment: its, or its exception's
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_type(struct sk_buff *msg, unsigned int tid,
			const struct icmpguard_treatment *treatment)
{
	return !nla_put_u32(msg, ICMPGUARD_A_TYPE_PROTO, icmpguard_type_proto(tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_TYPE_NUMBER, icmpguard_type_number(tid)) &&
	       !nla_put_string(msg, ICMPGUARD_A_TYPE_NAME, icmpguard_type_name(tid)) &&
	       put_treatment(msg, treatment);
}

/**
 * icmpguard_put_columns() - add a type's counters
 * @msg: to what
 * @column: by enum icmpguard_column
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_columns(struct sk_buff *msg, const u64 *column)
{
	return put_u64(msg, ICMPGUARD_A_TYPE_ACCEPTED, column[ICMPGUARD_COLUMN_ACCEPTED],
		       ICMPGUARD_A_TYPE_PAD) &&
	       put_u64(msg, ICMPGUARD_A_TYPE_LIMITED, column[ICMPGUARD_COLUMN_LIMITED],
		       ICMPGUARD_A_TYPE_PAD) &&
	       put_u64(msg, ICMPGUARD_A_TYPE_DROPPED, column[ICMPGUARD_COLUMN_DROPPED],
		       ICMPGUARD_A_TYPE_PAD) &&
	       put_u64(msg, ICMPGUARD_A_TYPE_MONITORED, column[ICMPGUARD_COLUMN_MONITORED],
		       ICMPGUARD_A_TYPE_PAD);
}

/**
 * icmpguard_put_addr() - add an address
 * @msg: to what
 * @type: the attribute
 * @addr: the address
 * @v6: of IPv6; of IPv4 otherwise
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_addr(struct sk_buff *msg, int type, const struct icmpguard_addr *addr, bool v6)
{
	struct in6_addr in6 = icmpguard_addr_to_in6(addr);
	__be32 in = htonl(addr->lo);

	return !nla_put(msg, type, v6 ? sizeof(in6) : sizeof(in), v6 ? (void *)&in6 : &in);
}

/**
 * icmpguard_put_rule() - add a prefix rule
 * @msg: to what
 * @set: the rules
 * @rule: one of them
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_rule(struct sk_buff *msg, const struct icmpguard_ruleset *set,
			const struct icmpguard_rule *rule)
{
	const struct icmpguard_bound *bound = icmpguard_rule_bound(set, rule);

	if (!icmpguard_put_addr(msg, ICMPGUARD_A_RULE_ADDRESS, &rule->addr, rule->v6) ||
	    nla_put_u32(msg, ICMPGUARD_A_RULE_PREFIX_LEN, rule->len) ||
	    nla_put_u32(msg, ICMPGUARD_A_RULE_ACTION, rule->action))
		return false;
	if (bound && nla_put_string(msg, ICMPGUARD_A_RULE_INTERFACE, bound->name))
		return false;
	if (rule->comment && nla_put_string(msg, ICMPGUARD_A_RULE_COMMENT, rule->comment))
		return false;
	if (rule->source_len &&
	    nla_put_u32(msg, ICMPGUARD_A_RULE_SOURCE_LENGTH, rule->source_len))
		return false;
	return put_limit(msg, ICMPGUARD_A_RULE_LIMIT, &rule->limit);
}

static bool put_counter(struct sk_buff *msg, const struct icmpguard_sums *sums, unsigned int i)
{
	u32 class = icmpguard_reason_class(i);
	struct nlattr *nest = nla_nest_start(msg, ICMPGUARD_A_STATS_COUNTER);

	if (!nest || nla_put_string(msg, ICMPGUARD_A_COUNTER_NAME, icmpguard_reason_name(i)) ||
	    nla_put_u32(msg, ICMPGUARD_A_COUNTER_CLASS, class) ||
	    !put_u64(msg, ICMPGUARD_A_COUNTER_VALUE, sums->reasons[i], ICMPGUARD_A_COUNTER_PAD))
		return false;
	if (class == ICMPGUARD_COUNTER_DROP &&
	    !put_u64(msg, ICMPGUARD_A_COUNTER_MONITORED, sums->monitored[i],
		     ICMPGUARD_A_COUNTER_PAD))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

/**
 * icmpguard_put_usage() - add how full the table is
 * @msg: the message
 * @usage: how full it is
 *
 * Context: process.
 * Return: whether it fitted.
 */
bool icmpguard_put_usage(struct sk_buff *msg, const struct icmpguard_usage *usage)
{
	return !nla_put_u32(msg, ICMPGUARD_A_STATS_BUSY, usage->busy) &&
	       !nla_put_u32(msg, ICMPGUARD_A_STATS_FULLEST, usage->fullest);
}

/**
 * icmpguard_put_stats() - add all counters
 * @msg: to what
 * @sums: the counters
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_stats(struct sk_buff *msg, const struct icmpguard_sums *sums)
{
	u64 accepted = icmpguard_sums_accepted(sums);
	u64 dropped = icmpguard_sums_dropped(sums);
	unsigned int i;

	if (!put_u64(msg, ICMPGUARD_A_STATS_SEEN, accepted + dropped, ICMPGUARD_A_STATS_PAD) ||
	    !put_u64(msg, ICMPGUARD_A_STATS_ACCEPTED, accepted, ICMPGUARD_A_STATS_PAD) ||
	    !put_u64(msg, ICMPGUARD_A_STATS_DROPPED, dropped, ICMPGUARD_A_STATS_PAD))
		return false;
	for (i = 0; i < ICMPGUARD_REASONS; i++)
		if (!put_counter(msg, sums, i))
			return false;
	return true;
}

/**
 * icmpguard_put_source() - add a source that is being limited
 * @msg: to what
 * @source: the source
 *
 * Context: any.
 * Return: whether there was room.
 */
bool icmpguard_put_source(struct sk_buff *msg, const struct icmpguard_limited_source *source)
{
	return icmpguard_put_addr(msg, ICMPGUARD_A_SOURCE_ADDRESS, &source->addr,
			icmpguard_tid_is_v6(source->tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_PREFIX_LEN, source->len) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_PROTO, icmpguard_type_proto(source->tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_NUMBER,
			    icmpguard_type_number(source->tid)) &&
	       !nla_put_string(msg, ICMPGUARD_A_SOURCE_NAME, icmpguard_type_name(source->tid)) &&
	       put_u64(msg, ICMPGUARD_A_SOURCE_DROPS, source->drops, ICMPGUARD_A_SOURCE_PAD) &&
	       put_u64(msg, ICMPGUARD_A_SOURCE_MONITORED, source->monitored,
		       ICMPGUARD_A_SOURCE_PAD) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_LAST, source->age);
}

/**
 * struct bucket - one of a source's buckets
 * @tid: the type
 * @code: the code; -1: the type as a whole
 * @plan: its limiter
 */
struct bucket {
	unsigned int tid;
	int code;
	const struct icmpguard_plan *plan;
};

static bool put_bucket(struct sk_buff *msg, const struct icmpguard_policy *policy,
		       const struct icmpguard_addr *addr, bool v6,
		       const struct icmpguard_rule *rule, const struct bucket *bucket)
{
	const struct icmpguard_gcra *gcra = icmpguard_rule_rate(rule) ?: &bucket->plan->step[0];
	u64 now = icmpguard_clock_now(&policy->clock);
	struct icmpguard_addr prefix;
	struct icmpguard_debt debt;
	struct nlattr *nest;

	if (bucket->plan->action != ICMPGUARD_ACTION_LIMIT || !gcra->cost)
		return true;
	debt = icmpguard_table_debt(policy->table,
				    icmpguard_policy_hash_own(policy, bucket->plan, v6, addr,
							      rule, 0),
				    gcra->group, now);
	nest = nla_nest_start(msg, ICMPGUARD_A_SOURCE_BUCKET);
	if (!nest ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_PROTO, proto_of(v6)) ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_NUMBER, icmpguard_type_number(bucket->tid)) ||
	    nla_put_string(msg, ICMPGUARD_A_BUCKET_NAME, icmpguard_type_name(bucket->tid)) ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_PREFIX_LEN,
			icmpguard_policy_prefix(policy, v6, addr, &prefix)) ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_LEFT, icmpguard_gcra_left(gcra, debt.debt)) ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_BURST, icmpguard_gcra_left(gcra, 0)) ||
	    nla_put_u32(msg, ICMPGUARD_A_BUCKET_FULL_IN, icmpguard_time_to_msecs(debt.debt)))
		return false;
	if (debt.standing && nla_put_flag(msg, ICMPGUARD_A_BUCKET_KNOWN))
		return false;
	if (bucket->code >= 0 && nla_put_u32(msg, ICMPGUARD_A_BUCKET_CODE, bucket->code))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

/**
 * icmpguard_put_buckets() - add a source's rule, and what is left in its buckets
 * @msg: to what
 * @policy: the policy, with a table
 * @addr: the source
 * @v6: of IPv6; of IPv4 otherwise
 *
 * Context: process, the namespace's lock held.
 * Return: whether there was room.
 */
bool icmpguard_put_buckets(struct sk_buff *msg, const struct icmpguard_policy *policy,
			   const struct icmpguard_addr *addr, bool v6)
{
	unsigned int from = v6 ? ICMPGUARD_TID6_OTHER : ICMPGUARD_TID4_OTHER;
	unsigned int to = v6 ? ICMPGUARD_TIDS : ICMPGUARD_TID6_OTHER;
	const struct icmpguard_rule *rule = icmpguard_policy_rule(policy, 0, v6, addr);
	unsigned int i;

	if (rule && nla_put_u32(msg, ICMPGUARD_A_SOURCE_ACTION, rule->action))
		return false;
	/* An exempt or blocked source has no buckets. */
	if (rule && (rule->action == ICMPGUARD_RULE_EXEMPT ||
		     rule->action == ICMPGUARD_RULE_BLOCK))
		return true;
	for (i = from; i < to; i++) {
		struct bucket bucket = { i, -1, &policy->plans[i] };

		if (!put_bucket(msg, policy, addr, v6, rule, &bucket))
			return false;
	}
	for (i = 0; i < policy->config.codes; i++) {
		const struct icmpguard_code *code = &policy->config.code[i];
		struct bucket bucket = { code->tid, code->code, &policy->codes[i] };

		if (icmpguard_tid_is_v6(code->tid) == v6 &&
		    !put_bucket(msg, policy, addr, v6, rule, &bucket))
			return false;
	}
	return true;
}
