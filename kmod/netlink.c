// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: do, dump.
 *
 * Data goes out through one fill function for each kind of thing; changes
 * come in through request.c and go into force through policy.c.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include "net.h"
#include "netlink.h"
#include "request.h"
#include "version.h"

/* Room for a reply that isn't a dump: counters and buckets are some dozens. */
#define REPLY_SIZE	16384

static struct genl_family family;

static struct icmpguard_net *net_of(const struct sk_buff *skb)
{
	return icmpguard_net(sock_net(skb->sk));
}

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

/* The octets of a table, were there one */
static u64 table_bytes(const struct icmpguard_config *config)
{
	return (u64)config->table_size * sizeof(atomic64_t);
}

static bool put_config(struct sk_buff *msg, const struct icmpguard_config *config, u32 generation)
{
	unsigned int i;

	for (i = 0; i < config->interfaces; i++)
		if (!put_interface(msg, &config->interface[i]))
			return false;
	return !nla_put_string(msg, ICMPGUARD_A_CONFIG_VERSION, ICMPGUARD_VERSION) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_GENERATION, generation) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_MODE, config->mode) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, config->max_echo_size) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_TABLE_SIZE, config->table_size) &&
	       put_u64(msg, ICMPGUARD_A_CONFIG_TABLE_BYTES, table_bytes(config),
		       ICMPGUARD_A_CONFIG_PAD) &&
	       !nla_put_u32(msg, ICMPGUARD_A_CONFIG_SCOPE, config->scope) &&
	       put_ladder(msg, false, &config->ladder[0]) &&
	       put_ladder(msg, true, &config->ladder[1]);
}

static bool put_treatment(struct sk_buff *msg, const struct icmpguard_treatment *treatment)
{
	if (nla_put_u32(msg, ICMPGUARD_A_TYPE_ACTION, treatment->action) ||
	    nla_put_u32(msg, ICMPGUARD_A_TYPE_MONITOR, treatment->monitor))
		return false;
	if (treatment->block && nla_put_u32(msg, ICMPGUARD_A_TYPE_BLOCK, treatment->block))
		return false;
	return put_limit(msg, ICMPGUARD_A_TYPE_LIMIT, &treatment->limit) &&
	       put_limit(msg, ICMPGUARD_A_TYPE_TOTAL, &treatment->total);
}

static bool put_type(struct sk_buff *msg, unsigned int tid,
		     const struct icmpguard_treatment *treatment)
{
	return !nla_put_u32(msg, ICMPGUARD_A_TYPE_PROTO, icmpguard_type_proto(tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_TYPE_NUMBER, icmpguard_type_number(tid)) &&
	       !nla_put_string(msg, ICMPGUARD_A_TYPE_NAME, icmpguard_type_name(tid)) &&
	       put_treatment(msg, treatment);
}

static bool put_columns(struct sk_buff *msg, const u64 *column)
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

static bool put_addr(struct sk_buff *msg, int type, const struct icmpguard_addr *addr, bool v6)
{
	struct in6_addr in6 = icmpguard_addr_to_in6(addr);
	__be32 in = htonl(addr->lo);

	return !nla_put(msg, type, v6 ? sizeof(in6) : sizeof(in), v6 ? (void *)&in6 : &in);
}

static bool put_rule(struct sk_buff *msg, const struct icmpguard_rule *rule)
{
	if (!put_addr(msg, ICMPGUARD_A_RULE_ADDRESS, &rule->addr, rule->v6) ||
	    nla_put_u32(msg, ICMPGUARD_A_RULE_PREFIX_LEN, rule->len) ||
	    nla_put_u32(msg, ICMPGUARD_A_RULE_ACTION, rule->action))
		return false;
	if (*rule->comment && nla_put_string(msg, ICMPGUARD_A_RULE_COMMENT, rule->comment))
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

static bool put_stats(struct sk_buff *msg, const struct icmpguard_sums *sums)
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

static bool put_source(struct sk_buff *msg, const struct icmpguard_offender *offender)
{
	return put_addr(msg, ICMPGUARD_A_SOURCE_ADDRESS, &offender->addr,
			icmpguard_tid_is_v6(offender->tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_PREFIX_LEN, offender->len) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_PROTO, icmpguard_type_proto(offender->tid)) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_NUMBER,
			    icmpguard_type_number(offender->tid)) &&
	       !nla_put_string(msg, ICMPGUARD_A_SOURCE_NAME, icmpguard_type_name(offender->tid)) &&
	       put_u64(msg, ICMPGUARD_A_SOURCE_DROPS, offender->drops, ICMPGUARD_A_SOURCE_PAD) &&
	       !nla_put_u32(msg, ICMPGUARD_A_SOURCE_LAST, offender->age);
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
	const struct icmpguard_gcra *gcra = rule ? &rule->gcra : &bucket->plan->step[0];
	u64 now = icmpguard_clock_now(&policy->clock);
	struct icmpguard_addr prefix;
	struct icmpguard_debt debt;
	struct nlattr *nest;

	if (bucket->plan->action != ICMPGUARD_ACTION_LIMIT || !gcra->cost)
		return true;
	debt = icmpguard_table_debt(policy->table,
				    icmpguard_policy_hash(policy, bucket->plan, v6, addr, 0),
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
	if (debt.known && nla_put_flag(msg, ICMPGUARD_A_BUCKET_KNOWN))
		return false;
	if (bucket->code >= 0 && nla_put_u32(msg, ICMPGUARD_A_BUCKET_CODE, bucket->code))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

static bool put_buckets(struct sk_buff *msg, const struct icmpguard_policy *policy,
			const struct icmpguard_addr *addr, bool v6)
{
	unsigned int from = v6 ? ICMPGUARD_TID6_OTHER : ICMPGUARD_TID4_OTHER;
	unsigned int to = v6 ? ICMPGUARD_TIDS : ICMPGUARD_TID6_OTHER;
	const struct icmpguard_rule *rule = NULL;
	unsigned int i;

	if (policy->rules)
		rule = v6 ? icmpguard_ruleset_find6(policy->rules, addr) :
			    icmpguard_ruleset_find4(policy->rules, addr->lo);
	/* Who is exempt or blocked has no buckets. */
	if (rule && rule->action != ICMPGUARD_RULE_LIMIT)
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

static struct sk_buff *reply_new(struct genl_info *info, void **header)
{
	struct sk_buff *msg = genlmsg_new(REPLY_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*header = genlmsg_put_reply(msg, info, &family, 0, info->genlhdr->cmd);
	return msg;
}

static int reply_send(struct sk_buff *msg, struct genl_info *info, void *header, bool whole)
{
	if (!whole) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

static int config_get(struct sk_buff *skb, struct genl_info *info)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct icmpguard_config *config;
	struct sk_buff *msg;
	u32 generation;
	void *header;
	int err = -ENOMEM;

	config = kvmalloc(sizeof(*config), GFP_KERNEL);
	msg = reply_new(info, &header);
	if (!config || !msg) {
		nlmsg_free(msg);
		goto out;
	}
	mutex_lock(&ign->lock);
	generation = icmpguard_net_config(ign, config);
	mutex_unlock(&ign->lock);
	err = reply_send(msg, info, header, put_config(msg, config, generation));
	icmpguard_config_release(config);
out:
	kvfree(config);
	return err;
}

static int config_set(struct sk_buff *skb, struct genl_info *info)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct icmpguard_config *config;
	int err;

	config = kvzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	if (info->attrs[ICMPGUARD_A_CONFIG_REPLACE])
		icmpguard_config_default(config, ICMPGUARD_MODE_ENFORCE);
	else
		icmpguard_net_config(ign, config);
	err = icmpguard_request_read(info, config);
	if (!err)
		err = icmpguard_policy_apply(ign, config, info->extack);
	if (err)
		icmpguard_config_release(config);
	mutex_unlock(&ign->lock);
	kvfree(config);
	return err;
}

/**
 * struct dump - where a dump is
 * @started: @generation is set
 * @generation: of the configuration it began with
 * @at: the next thing's index
 */
struct dump {
	u32 generation;
	u32 at;
	bool started;
};

static struct dump *dump_of(struct netlink_callback *cb, u32 generation)
{
	struct dump *dump = (struct dump *)cb->ctx;

	BUILD_BUG_ON(sizeof(*dump) > sizeof(cb->ctx));
	cb->seq = generation + 1;
	return dump;
}

static void *dump_put(struct sk_buff *msg, struct netlink_callback *cb, int cmd)
{
	void *header = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &family,
				   NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

/* Return: whether the message fitted; it is whole or not there. */
static bool dump_end(struct sk_buff *msg, void *header, bool whole)
{
	if (whole)
		genlmsg_end(msg, header);
	else
		genlmsg_cancel(msg, header);
	return whole;
}

/*
 * A type's own message and those of its exceptions are one index each: types
 * first by number, then the exceptions, as the cursor counts.
 */
static bool dump_type(struct sk_buff *msg, struct netlink_callback *cb,
		      const struct icmpguard_config *config, const struct icmpguard_sums *sums,
		      unsigned int i)
{
	void *header = dump_put(msg, cb, ICMPGUARD_CMD_TYPE_GET);
	const struct icmpguard_code *code;

	if (!header)
		return false;
	if (i < ICMPGUARD_TIDS)
		return dump_end(msg, header, put_type(msg, i, &config->types[i]) &&
				put_columns(msg, sums->types[i]));
	code = &config->code[i - ICMPGUARD_TIDS];
	return dump_end(msg, header, put_type(msg, code->tid, &code->treatment) &&
			!nla_put_u32(msg, ICMPGUARD_A_TYPE_CODE, code->code));
}

static int type_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct icmpguard_net *ign = net_of(msg);
	struct icmpguard_config *config;
	struct icmpguard_sums *sums;
	struct dump *dump;
	int err = -ENOMEM;

	config = kvmalloc(sizeof(*config), GFP_KERNEL);
	sums = kmalloc(sizeof(*sums), GFP_KERNEL);
	if (!config || !sums)
		goto out;
	mutex_lock(&ign->lock);
	dump = dump_of(cb, icmpguard_net_config(ign, config));
	icmpguard_net_sums(ign, sums);
	mutex_unlock(&ign->lock);
	while (dump->at < ICMPGUARD_TIDS + config->codes) {
		if (!dump_type(msg, cb, config, sums, dump->at))
			break;
		dump->at++;
	}
	icmpguard_config_release(config);
	err = msg->len;
out:
	kvfree(config);
	kfree(sums);
	return err;
}

static int rule_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct icmpguard_net *ign = net_of(msg);
	struct icmpguard_ruleset *rules = NULL;
	struct icmpguard_policy *policy;
	struct dump *dump;

	mutex_lock(&ign->lock);
	policy = rcu_dereference_protected(ign->policy, lockdep_is_held(&ign->lock));
	dump = dump_of(cb, policy ? policy->generation : 0);
	if (policy)
		rules = policy->config.rules;
	icmpguard_ruleset_get(rules);
	mutex_unlock(&ign->lock);
	while (rules && dump->at < rules->rules) {
		void *header = dump_put(msg, cb, ICMPGUARD_CMD_RULE_GET);

		if (!header || !dump_end(msg, header, put_rule(msg, &rules->rule[dump->at])))
			break;
		dump->at++;
	}
	icmpguard_ruleset_put(rules);
	return msg->len;
}

static int stats_reply(struct genl_info *info, bool reset)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct icmpguard_sums *sums;
	struct sk_buff *msg;
	void *header;
	int err = -ENOMEM;

	sums = kmalloc(sizeof(*sums), GFP_KERNEL);
	msg = reply_new(info, &header);
	if (!sums || !msg) {
		nlmsg_free(msg);
		goto out;
	}
	mutex_lock(&ign->lock);
	if (reset)
		icmpguard_net_reset(ign, sums);
	else
		icmpguard_net_sums(ign, sums);
	mutex_unlock(&ign->lock);
	err = reply_send(msg, info, header, put_stats(msg, sums));
out:
	kfree(sums);
	return err;
}

static int stats_get(struct sk_buff *skb, struct genl_info *info)
{
	return stats_reply(info, false);
}

static int stats_reset(struct sk_buff *skb, struct genl_info *info)
{
	return stats_reply(info, true);
}

static int source_get(struct sk_buff *skb, struct genl_info *info)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[ICMPGUARD_A_SOURCE_ADDRESS];
	const struct icmpguard_policy *policy;
	struct icmpguard_addr addr, prefix;
	struct sk_buff *msg;
	void *header;
	bool v6, whole;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "a source needs an address");
		return -EINVAL;
	}
	if (!icmpguard_addr_from_attr(attr, &addr, &v6)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "an address has 4 or 16 octets");
		return -EINVAL;
	}
	msg = reply_new(info, &header);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	policy = rcu_dereference_protected(ign->policy, lockdep_is_held(&ign->lock));
	if (!policy || !policy->table) {
		mutex_unlock(&ign->lock);
		nlmsg_free(msg);
		NL_SET_ERR_MSG(info->extack, "mode is off: no source is tracked");
		return -ENOENT;
	}
	whole = put_addr(msg, ICMPGUARD_A_SOURCE_ADDRESS, &addr, v6) &&
		!nla_put_u32(msg, ICMPGUARD_A_SOURCE_PREFIX_LEN,
			     icmpguard_policy_prefix(policy, v6, &addr, &prefix)) &&
		put_buckets(msg, policy, &addr, v6);
	mutex_unlock(&ign->lock);
	return reply_send(msg, info, header, whole);
}

/*
 * The list is taken once, when the dump begins: in the order it then has, no
 * source comes twice and none is left out because others overtook it.
 */
struct sources {
	unsigned int n;
	struct icmpguard_offender list[ICMPGUARD_OFFENDERS_MAX];
};

static int source_dump_start(struct netlink_callback *cb)
{
	struct icmpguard_net *ign = net_of(cb->skb);
	struct sources *sources = kvmalloc(sizeof(*sources), GFP_KERNEL);

	if (!sources)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	sources->n = icmpguard_offenders_list(ign->offenders, sources->list);
	mutex_unlock(&ign->lock);
	cb->args[0] = (long)sources;
	cb->args[1] = 0;
	return 0;
}

static int source_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	const struct sources *sources = (void *)cb->args[0];

	while (cb->args[1] < sources->n) {
		void *header = dump_put(msg, cb, ICMPGUARD_CMD_SOURCE_GET);

		if (!header ||
		    !dump_end(msg, header, put_source(msg, &sources->list[cb->args[1]])))
			break;
		cb->args[1]++;
	}
	return msg->len;
}

static int source_dump_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}

static int flush_do(struct sk_buff *skb, struct genl_info *info)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[ICMPGUARD_A_FLUSH_WHAT];
	struct icmpguard_config *config;
	int err = 0;
	u32 what;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "a flush needs to know of what");
		return -EINVAL;
	}
	what = nla_get_u32(attr);
	config = kvzalloc(sizeof(*config), GFP_KERNEL);
	if (!config)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	icmpguard_net_config(ign, config);
	if (what & ICMPGUARD_FLUSH_CONFIG) {
		u8 mode = config->mode;

		icmpguard_config_release(config);
		icmpguard_config_default(config, mode);
	} else if (what & ICMPGUARD_FLUSH_RULES) {
		icmpguard_config_release(config);
	}
	if (what & (ICMPGUARD_FLUSH_CONFIG | ICMPGUARD_FLUSH_RULES))
		err = icmpguard_policy_apply(ign, config, info->extack);
	else
		icmpguard_config_release(config);
	if (!err && what & ICMPGUARD_FLUSH_SOURCES)
		icmpguard_net_forget_sources(ign);
	if (!err && what & ICMPGUARD_FLUSH_STATS)
		icmpguard_net_reset(ign, NULL);
	mutex_unlock(&ign->lock);
	kvfree(config);
	return err;
}

static const struct nla_policy source_policy[ICMPGUARD_A_SOURCE_MAX + 1] = {
	[ICMPGUARD_A_SOURCE_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
};

static const struct nla_policy flush_policy[ICMPGUARD_A_FLUSH_MAX + 1] = {
	[ICMPGUARD_A_FLUSH_WHAT] = NLA_POLICY_MASK(NLA_U32, ICMPGUARD_FLUSH_SOURCES |
						   ICMPGUARD_FLUSH_RULES |
						   ICMPGUARD_FLUSH_STATS |
						   ICMPGUARD_FLUSH_CONFIG),
};

/* Commands that take nothing refuse whatever comes. */
#define NOTHING_MAX	1

static const struct nla_policy nothing_policy[NOTHING_MAX + 1] = {
	[NOTHING_MAX] = { .type = NLA_REJECT },
};

static const struct genl_ops ops[] = {
	{
		.cmd = ICMPGUARD_CMD_CONFIG_GET,
		.doit = config_get,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
	},
	{
		.cmd = ICMPGUARD_CMD_CONFIG_SET,
		.doit = config_set,
		.policy = icmpguard_request_policy,
		.maxattr = ICMPGUARD_A_CONFIG_MAX,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = ICMPGUARD_CMD_TYPE_GET,
		.dumpit = type_dump,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
	},
	{
		.cmd = ICMPGUARD_CMD_RULE_GET,
		.dumpit = rule_dump,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = ICMPGUARD_CMD_STATS_GET,
		.doit = stats_get,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
	},
	{
		.cmd = ICMPGUARD_CMD_STATS_RESET,
		.doit = stats_reset,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = ICMPGUARD_CMD_SOURCE_GET,
		.doit = source_get,
		.start = source_dump_start,
		.dumpit = source_dump,
		.done = source_dump_done,
		.policy = source_policy,
		.maxattr = ICMPGUARD_A_SOURCE_MAX,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = ICMPGUARD_CMD_FLUSH,
		.doit = flush_do,
		.policy = flush_policy,
		.maxattr = ICMPGUARD_A_FLUSH_MAX,
		.flags = GENL_ADMIN_PERM,
	},
};

static struct genl_family family __ro_after_init = {
	.name = ICMPGUARD_FAMILY_NAME,
	.version = ICMPGUARD_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = ICMPGUARD_CMD_CONFIG_GET,
};

/**
 * icmpguard_netlink_init() - listen
 *
 * Context: process, when all that a command reaches is ready. Return: 0 or
 * what generic netlink says.
 */
int __init icmpguard_netlink_init(void)
{
	return genl_register_family(&family);
}

/**
 * icmpguard_netlink_exit() - listen no more
 *
 * Context: process. When it returns no command is running.
 */
void icmpguard_netlink_exit(void)
{
	genl_unregister_family(&family);
}
