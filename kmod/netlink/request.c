// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: reading and checking what a change asks for.
 *
 * What one attribute alone must be is in its policy; what several must be
 * together is checked here, and what the arithmetic must hold in policy.c.
 */
#include <linux/build_bug.h>
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stringify.h>
#include "../compat.h"
#include "../limiter/limiter.h"
#include "request.h"

static_assert(ICMPGUARD_TABLE_MIN == ICMPGUARD_WAYS);
/* What may be configured fits every clock, with the rounding of a burst's costs. */
static_assert((ICMPGUARD_BURST_SECONDS + 600) * ICMPGUARD_SECOND <= ICMPGUARD_BURST_MAX);
static_assert(604800 * ICMPGUARD_SECOND <= ICMPGUARD_SINGLE_MAX);
/* A rule has seven bits for its interface; a salt leaves two for the step of a ladder. */
static_assert(ICMPGUARD_NAMES_MAX < 128);
static_assert(ICMPGUARD_LADDER_MAX <= 4);

static struct netlink_range_validation number_range = { 0, ICMPGUARD_TYPE_FRAGMENT };
static struct netlink_range_validation penalty_range = { 0, ICMPGUARD_PENALTY_MAX };
static struct netlink_range_validation length_range = { 1, 128 };
static struct netlink_range_validation factor_range = { 1, ICMPGUARD_FACTOR_MAX };

static struct netlink_range_validation setting_range[__ICMPGUARD_SETTING_MAX] = {
#define X(id, member, name, min, max, ...) [ICMPGUARD_SETTING_##id] = { min, max },
	ICMPGUARD_SETTINGS(X)
#undef X
};

static const struct nla_policy limit_policy[ICMPGUARD_A_LIMIT_MAX + 1] = {
	[ICMPGUARD_A_LIMIT_PACKETS]	= { .type = NLA_U32 },
	[ICMPGUARD_A_LIMIT_PERIOD]	= { .type = NLA_U32 },
	[ICMPGUARD_A_LIMIT_BURST]	= { .type = NLA_U32 },
};

static const struct nla_policy type_policy[ICMPGUARD_A_TYPE_MAX + 1] = {
	[ICMPGUARD_A_TYPE_PROTO]	= NLA_POLICY_RANGE(NLA_U32, ICMPGUARD_PROTO_ICMP,
							   ICMPGUARD_PROTO_ICMPV6),
	[ICMPGUARD_A_TYPE_NUMBER]	= NLA_POLICY_FULL_RANGE(NLA_U32, &number_range),
	[ICMPGUARD_A_TYPE_CODE]		= NLA_POLICY_MAX(NLA_U32, 255),
	[ICMPGUARD_A_TYPE_ACTION]	= NLA_POLICY_MAX(NLA_U32, ICMPGUARD_ACTION_LIMIT),
	[ICMPGUARD_A_TYPE_LIMIT]	= NLA_POLICY_NESTED(limit_policy),
	[ICMPGUARD_A_TYPE_TOTAL]	= NLA_POLICY_NESTED(limit_policy),
	[ICMPGUARD_A_TYPE_BLOCK]	= NLA_POLICY_FULL_RANGE(NLA_U32, &penalty_range),
	[ICMPGUARD_A_TYPE_MONITOR]	= NLA_POLICY_MAX(NLA_U32, 1),
	[ICMPGUARD_A_TYPE_REMOVE]	= { .type = NLA_FLAG },
};

static const struct nla_policy rule_policy[ICMPGUARD_A_RULE_MAX + 1] = {
	[ICMPGUARD_A_RULE_ADDRESS]	= NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ICMPGUARD_A_RULE_PREFIX_LEN]	= NLA_POLICY_MAX(NLA_U32, 128),
	[ICMPGUARD_A_RULE_ACTION]	= NLA_POLICY_MAX(NLA_U32, ICMPGUARD_RULE_SOURCE_LENGTH),
	[ICMPGUARD_A_RULE_LIMIT]	= NLA_POLICY_NESTED(limit_policy),
	[ICMPGUARD_A_RULE_COMMENT]	= { .type = NLA_NUL_STRING,
					    .len = ICMPGUARD_COMMENT_MAX - 1 },
	[ICMPGUARD_A_RULE_REMOVE]	= { .type = NLA_FLAG },
	[ICMPGUARD_A_RULE_INTERFACE]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[ICMPGUARD_A_RULE_SOURCE_LENGTH] = NLA_POLICY_FULL_RANGE(NLA_U32, &length_range),
};

static const struct nla_policy prefix_policy[ICMPGUARD_A_PREFIX_MAX + 1] = {
	[ICMPGUARD_A_PREFIX_PROTO]	= NLA_POLICY_RANGE(NLA_U32, ICMPGUARD_PROTO_ICMP,
							   ICMPGUARD_PROTO_ICMPV6),
	[ICMPGUARD_A_PREFIX_LEN]	= NLA_POLICY_MAX(NLA_U32, 128),
	[ICMPGUARD_A_PREFIX_FACTOR]	= NLA_POLICY_FULL_RANGE(NLA_U32, &factor_range),
};

static const struct nla_policy interface_policy[ICMPGUARD_A_INTERFACE_MAX + 1] = {
	[ICMPGUARD_A_INTERFACE_NAME]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[ICMPGUARD_A_INTERFACE_MODE]	= NLA_POLICY_MAX(NLA_U32, ICMPGUARD_MODE_ENFORCE),
};

static const struct nla_policy check_policy[ICMPGUARD_A_CHECK_MAX + 1] = {
	[ICMPGUARD_A_CHECK_ID]		= NLA_POLICY_MAX(NLA_U32, ICMPGUARD_CHECK_MAX),
	[ICMPGUARD_A_CHECK_ACTION]	= NLA_POLICY_MAX(NLA_U32, ICMPGUARD_CHECK_DROP),
};

const struct nla_policy icmpguard_request_policy[ICMPGUARD_A_CONFIG_MAX + 1] = {
#define X(id, ...) [ICMPGUARD_A_CONFIG_##id] = \
		NLA_POLICY_FULL_RANGE(NLA_U32, &setting_range[ICMPGUARD_SETTING_##id]),
	ICMPGUARD_SETTINGS(X)
#undef X
	[ICMPGUARD_A_CONFIG_PREFIX]	= NLA_POLICY_NESTED(prefix_policy),
	[ICMPGUARD_A_CONFIG_INTERFACE]	= NLA_POLICY_NESTED(interface_policy),
	[ICMPGUARD_A_CONFIG_TYPE]	= NLA_POLICY_NESTED(type_policy),
	[ICMPGUARD_A_CONFIG_RULE]	= NLA_POLICY_NESTED(rule_policy),
	[ICMPGUARD_A_CONFIG_REPLACE]	= { .type = NLA_FLAG },
	[ICMPGUARD_A_CONFIG_CHECK]	= NLA_POLICY_NESTED(check_policy),
};

/* Say what is wrong with an attribute. */
#define REFUSE(attr, err, message) ({					\
	NL_SET_ERR_MSG_ATTR(extack, attr, message);			\
	(err);								\
})

/* @name has room for IFNAMSIZ bytes. */
static int read_name(const struct nlattr *attr, char *name, struct netlink_ext_ack *extack)
{
	enum icmpguard_name kind;

	nla_strscpy(name, attr, IFNAMSIZ);
	kind = icmpguard_name_kind(name);
	if (kind == ICMPGUARD_NAME_PARENT)
		return REFUSE(attr, -EINVAL, "the name of an interface ends before the @");
	if (kind == ICMPGUARD_NAME_PATTERN)
		return REFUSE(attr, -EINVAL,
			      "patterns aren't supported: each interface needs its name");
	if (kind != ICMPGUARD_NAME_FINE || !dev_valid_name(name))
		return REFUSE(attr, -EINVAL, "no interface can have this name");
	return 0;
}

static bool is_period(u32 period)
{
	return period == 1 || period == 60 || period == 3600 || period == 86400 ||
	       period == 604800;
}

static int read_limit(struct nlattr *attr, struct icmpguard_rate *rate,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_LIMIT_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ICMPGUARD_A_LIMIT_MAX, attr, limit_policy, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_LIMIT_PACKETS] || !tb[ICMPGUARD_A_LIMIT_PERIOD])
		return REFUSE(attr, -EINVAL, "a rate needs packets and a period");
	rate->packets = nla_get_u32(tb[ICMPGUARD_A_LIMIT_PACKETS]);
	rate->period = nla_get_u32(tb[ICMPGUARD_A_LIMIT_PERIOD]);
	if (!is_period(rate->period))
		return REFUSE(tb[ICMPGUARD_A_LIMIT_PERIOD], -EINVAL,
			      "period isn't a second, minute, hour, day or week");
	if (!rate->packets)
		return REFUSE(tb[ICMPGUARD_A_LIMIT_PACKETS], -EINVAL, "rate is zero");
	if (!icmpguard_rate_fits(rate->packets, rate->period))
		return REFUSE(tb[ICMPGUARD_A_LIMIT_PACKETS], -ERANGE,
			      "rate is above 1000000 a second");
	rate->burst = icmpguard_default_burst(rate->packets, rate->period);
	if (tb[ICMPGUARD_A_LIMIT_BURST])
		rate->burst = nla_get_u32(tb[ICMPGUARD_A_LIMIT_BURST]);
	if (!rate->burst)
		return REFUSE(tb[ICMPGUARD_A_LIMIT_BURST], -EINVAL, "burst is zero");
	if (icmpguard_burst_fits(rate->packets, rate->period, rate->burst))
		return 0;
	if (!tb[ICMPGUARD_A_LIMIT_BURST])
		return REFUSE(attr, -ERANGE, "so slow a rate needs a burst below 5");
	return REFUSE(tb[ICMPGUARD_A_LIMIT_BURST], -ERANGE,
		      "burst is too large for so slow a rate");
}

static int read_treatment(struct nlattr **tb, struct nlattr *attr,
			  struct icmpguard_treatment *treatment,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (!tb[ICMPGUARD_A_TYPE_ACTION]) {
		if (!tb[ICMPGUARD_A_TYPE_MONITOR] || tb[ICMPGUARD_A_TYPE_LIMIT] ||
		    tb[ICMPGUARD_A_TYPE_TOTAL] || tb[ICMPGUARD_A_TYPE_BLOCK])
			return REFUSE(attr, -EINVAL, "type without an action");
		treatment->monitor = nla_get_u32(tb[ICMPGUARD_A_TYPE_MONITOR]);
		return 0;
	}
	memset(treatment, 0, sizeof(*treatment));
	treatment->action = nla_get_u32(tb[ICMPGUARD_A_TYPE_ACTION]);
	if (tb[ICMPGUARD_A_TYPE_MONITOR])
		treatment->monitor = nla_get_u32(tb[ICMPGUARD_A_TYPE_MONITOR]);
	if (treatment->action != ICMPGUARD_ACTION_LIMIT) {
		if (tb[ICMPGUARD_A_TYPE_LIMIT] || tb[ICMPGUARD_A_TYPE_TOTAL] ||
		    tb[ICMPGUARD_A_TYPE_BLOCK])
			return REFUSE(tb[ICMPGUARD_A_TYPE_ACTION], -EINVAL,
				      "only a limit has a rate or a penalty");
		return 0;
	}
	if (tb[ICMPGUARD_A_TYPE_LIMIT]) {
		err = read_limit(tb[ICMPGUARD_A_TYPE_LIMIT], &treatment->limit, extack);
		if (err)
			return err;
	}
	if (tb[ICMPGUARD_A_TYPE_BLOCK])
		treatment->penalty = nla_get_u32(tb[ICMPGUARD_A_TYPE_BLOCK]);
	if (treatment->penalty && !treatment->limit.packets)
		return REFUSE(tb[ICMPGUARD_A_TYPE_BLOCK], -EINVAL,
			      "a penalty needs a source's rate to exceed");
	if (treatment->penalty &&
	    !icmpguard_penalty_fits(treatment->limit.packets, treatment->limit.period,
				    treatment->limit.burst, treatment->penalty))
		return REFUSE(tb[ICMPGUARD_A_TYPE_BLOCK], -ERANGE,
			      "penalty and burst together last longer than five days");
	if (tb[ICMPGUARD_A_TYPE_TOTAL])
		return read_limit(tb[ICMPGUARD_A_TYPE_TOTAL], &treatment->total, extack);
	return 0;
}

static int read_code(struct icmpguard_config *config, unsigned int tid, struct nlattr **tb,
		     struct nlattr *attr, struct netlink_ext_ack *extack)
{
	u8 code = nla_get_u32(tb[ICMPGUARD_A_TYPE_CODE]);
	const struct icmpguard_treatment *old;
	struct icmpguard_treatment treatment;
	int err;

	if (icmpguard_type_number(tid) > 255)
		return REFUSE(tb[ICMPGUARD_A_TYPE_CODE], -EINVAL,
			      "only a type with a number of its own has codes");
	if (tb[ICMPGUARD_A_TYPE_REMOVE]) {
		if (tb[ICMPGUARD_A_TYPE_ACTION] || tb[ICMPGUARD_A_TYPE_LIMIT] ||
		    tb[ICMPGUARD_A_TYPE_TOTAL] || tb[ICMPGUARD_A_TYPE_BLOCK] ||
		    tb[ICMPGUARD_A_TYPE_MONITOR])
			return REFUSE(tb[ICMPGUARD_A_TYPE_REMOVE], -EINVAL,
				      "what is removed has no treatment");
		if (icmpguard_config_code_remove(config, tid, code))
			return REFUSE(tb[ICMPGUARD_A_TYPE_CODE], -ENOENT,
				      "there is no exception for this code");
		return 0;
	}
	old = icmpguard_config_code(config, tid, code);
	treatment = old ? *old : config->types[tid];
	err = read_treatment(tb, attr, &treatment, extack);
	if (err)
		return err;
	if (icmpguard_config_code_set(config, tid, code, &treatment))
		return REFUSE(tb[ICMPGUARD_A_TYPE_CODE], -ENOSPC,
			      "too many exceptions for codes");
	return 0;
}

static int read_type(struct nlattr *attr, struct icmpguard_config *config,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_TYPE_MAX + 1];
	int tid, err;

	err = nla_parse_nested(tb, ICMPGUARD_A_TYPE_MAX, attr, type_policy, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_TYPE_PROTO] || !tb[ICMPGUARD_A_TYPE_NUMBER])
		return REFUSE(attr, -EINVAL, "a type needs a protocol and a number");
	tid = icmpguard_type_find(nla_get_u32(tb[ICMPGUARD_A_TYPE_PROTO]),
				  nla_get_u32(tb[ICMPGUARD_A_TYPE_NUMBER]));
	if (tid < 0)
		return REFUSE(tb[ICMPGUARD_A_TYPE_NUMBER], -ENOENT,
			      "no type has this number; other stands for all such");
	if (tb[ICMPGUARD_A_TYPE_CODE])
		return read_code(config, tid, tb, attr, extack);
	if (tb[ICMPGUARD_A_TYPE_REMOVE])
		return REFUSE(tb[ICMPGUARD_A_TYPE_REMOVE], -EINVAL,
			      "only a code's exception can be removed");
	return read_treatment(tb, attr, &config->types[tid], extack);
}

/* The prefix of @rule and its action are known. */
static int read_source_length(struct nlattr **tb, struct nlattr *attr,
			      struct icmpguard_rule *rule, struct netlink_ext_ack *extack)
{
	struct nlattr *length = tb[ICMPGUARD_A_RULE_SOURCE_LENGTH];

	if (!length && rule->action == ICMPGUARD_RULE_SOURCE_LENGTH)
		return REFUSE(attr, -EINVAL, "rule without a source's length");
	if (!length)
		return 0;
	if (rule->action != ICMPGUARD_RULE_SOURCE_LENGTH && rule->action != ICMPGUARD_RULE_LIMIT)
		return REFUSE(length, -EINVAL, "only what may be limited has a source's length");
	rule->source_len = nla_get_u32(length);
	if (!rule->v6 && rule->source_len > 32)
		return REFUSE(length, -ERANGE, "an IPv4 prefix has up to 32 bits");
	if (rule->source_len < rule->len)
		return REFUSE(length, -ERANGE, "a source isn't shorter than the prefix it is in");
	return 0;
}

static int read_rule_action(struct nlattr **tb, struct nlattr *attr, struct icmpguard_rule *rule,
			    struct netlink_ext_ack *extack)
{
	const char *c;
	bool limited;
	int err;

	if (!tb[ICMPGUARD_A_RULE_ACTION])
		return REFUSE(attr, -EINVAL, "rule without an action");
	rule->action = nla_get_u32(tb[ICMPGUARD_A_RULE_ACTION]);
	limited = rule->action == ICMPGUARD_RULE_LIMIT;
	if (limited != !!tb[ICMPGUARD_A_RULE_LIMIT])
		return REFUSE(attr, -EINVAL, "a limit, and only a limit, has a rate");
	if (tb[ICMPGUARD_A_RULE_LIMIT]) {
		err = read_limit(tb[ICMPGUARD_A_RULE_LIMIT], &rule->limit, extack);
		if (err)
			return err;
		icmpguard_gcra_compile(&rule->gcra, &rule->limit, ICMPGUARD_SOURCE_UNIT);
	}
	err = read_source_length(tb, attr, rule, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_RULE_COMMENT])
		return 0;
	/* The set takes a copy. */
	c = nla_data(tb[ICMPGUARD_A_RULE_COMMENT]);
	rule->comment = *c ? c : NULL;
	for (; *c; c++)
		if (iscntrl(*c) || *c == '"')
			return REFUSE(tb[ICMPGUARD_A_RULE_COMMENT], -EINVAL,
				      "comment has a quote or a control character in it");
	return 0;
}

/**
 * icmpguard_addr_from_attr() - read an address
 * @attr: the attribute
 * @addr: filled in
 * @v6: set to whether it is an IPv6 address
 *
 * Context: any.
 * Return: false for a length that is neither 4 nor 16 bytes.
 */
bool icmpguard_addr_from_attr(const struct nlattr *attr, struct icmpguard_addr *addr, bool *v6)
{
	struct in6_addr in6;

	switch (nla_len(attr)) {
	case 4:
		*addr = (struct icmpguard_addr) { 0, ntohl(nla_get_in_addr(attr)) };
		*v6 = false;
		return true;
	case 16:
		in6 = nla_get_in6_addr(attr);
		*addr = icmpguard_addr_from_in6(&in6);
		*v6 = true;
		return true;
	default:
		return false;
	}
}

static int read_prefix(struct nlattr **tb, struct nlattr *attr, struct icmpguard_rule *rule,
		       struct netlink_ext_ack *extack)
{
	struct icmpguard_addr mask;
	bool v6;

	if (!tb[ICMPGUARD_A_RULE_ADDRESS] || !tb[ICMPGUARD_A_RULE_PREFIX_LEN])
		return REFUSE(attr, -EINVAL, "a rule needs an address and a prefix length");
	if (!icmpguard_addr_from_attr(tb[ICMPGUARD_A_RULE_ADDRESS], &rule->addr, &v6))
		return REFUSE(tb[ICMPGUARD_A_RULE_ADDRESS], -EINVAL,
			      "an address has 4 or 16 bytes");
	rule->v6 = v6;
	rule->len = nla_get_u32(tb[ICMPGUARD_A_RULE_PREFIX_LEN]);
	if (!rule->v6 && rule->len > 32)
		return REFUSE(tb[ICMPGUARD_A_RULE_PREFIX_LEN], -ERANGE,
			      "an IPv4 prefix has up to 32 bits");
	mask = icmpguard_addr_mask(rule->len, rule->v6);
	if (rule->addr.hi & ~mask.hi || rule->addr.lo & ~mask.lo)
		return REFUSE(tb[ICMPGUARD_A_RULE_ADDRESS], -EINVAL,
			      "address has bits after its prefix");
	return 0;
}

/* Return: 1 to remove the rule, 0 to add it. */
static int read_rule(struct nlattr *attr, const struct icmpguard_names *names,
		     struct icmpguard_rule *rule, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_RULE_MAX + 1];
	int err;

	memset(rule, 0, sizeof(*rule));
	err = nla_parse_nested(tb, ICMPGUARD_A_RULE_MAX, attr, rule_policy, extack);
	if (err)
		return err;
	err = read_prefix(tb, attr, rule, extack);
	if (err)
		return err;
	if (tb[ICMPGUARD_A_RULE_INTERFACE])
		rule->interface = icmpguard_names_find(names,
						       nla_data(tb[ICMPGUARD_A_RULE_INTERFACE]));
	if (!tb[ICMPGUARD_A_RULE_REMOVE]) {
		/* IPv6 takes no packet from such an address. */
		if (rule->v6 && rule->len >= 96 && !rule->addr.hi && rule->addr.lo >> 32 == 0xffff)
			return REFUSE(tb[ICMPGUARD_A_RULE_ADDRESS], -EINVAL,
				      "no packet has an IPv4-mapped source");
		return read_rule_action(tb, attr, rule, extack);
	}
	if (tb[ICMPGUARD_A_RULE_ACTION] || tb[ICMPGUARD_A_RULE_LIMIT] ||
	    tb[ICMPGUARD_A_RULE_COMMENT] || tb[ICMPGUARD_A_RULE_SOURCE_LENGTH])
		return REFUSE(tb[ICMPGUARD_A_RULE_REMOVE], -EINVAL,
			      "what is removed has no action");
	return 1;
}

/* From an attribute on, the first of a number; NULL: there is none. */
static struct nlattr *attr_from(struct nlattr *attr, int number, int *rem)
{
	for (; nla_ok(attr, *rem); attr = nla_next(attr, rem))
		if (nla_type(attr) == number)
			return attr;
	return NULL;
}

/* Attributes may be repeated; info->attrs has only the last of each. */
#define for_each_attr(attr, info, number, rem)					\
	for (rem = nlmsg_attrlen((info)->nlhdr, GENL_HDRLEN),			\
	     attr = attr_from(nlmsg_attrdata((info)->nlhdr, GENL_HDRLEN), number, &(rem)); \
	     attr; attr = attr_from(nla_next(attr, &(rem)), number, &(rem)))

/* The attribute that asks for a rule's removal */
static const struct nlattr *find_removal(const struct genl_info *info,
					 const struct icmpguard_names *names,
					 const struct icmpguard_rule *rule)
{
	struct icmpguard_rule one;
	struct nlattr *attr;
	int rem;

	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_RULE, rem) {
		cond_resched();
		if (read_rule(attr, names, &one, NULL) == 1 && one.v6 == rule->v6 &&
		    one.interface == rule->interface && one.len == rule->len &&
		    one.addr.hi == rule->addr.hi && one.addr.lo == rule->addr.lo)
			return attr;
	}
	return NULL;
}

/* @attr: the name that was one too many; NULL: it isn't known */
static int refuse_bound(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	return REFUSE(attr, -E2BIG, "rules can be bound to at most "
		      __stringify(ICMPGUARD_BOUND_MAX) " interfaces");
}

/* The interfaces that rules are bound to, those that there are and those that are asked for */
static int read_names(const struct genl_info *info, const struct icmpguard_ruleset *rules,
		      struct icmpguard_names *names)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr *attr, *name;
	char text[IFNAMSIZ];
	int rem, err;

	icmpguard_names_of(names, rules);
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_RULE, rem) {
		cond_resched();
		name = nla_find_nested(attr, ICMPGUARD_A_RULE_INTERFACE);
		if (!name)
			continue;
		err = read_name(name, text, extack);
		if (err)
			return err;
		if (icmpguard_names_add(names, text))
			return refuse_bound(name, extack);
	}
	return 0;
}

static int read_rules(const struct genl_info *info, struct icmpguard_config *config)
{
	struct netlink_ext_ack *extack = info->extack;
	u32 n = 0, adds = 0, removes = 0, missing = 0, i;
	struct icmpguard_ruleset *set;
	struct icmpguard_names *names;
	struct icmpguard_rule *rule;
	struct nlattr *attr;
	int rem, err = -ENOMEM;

	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_RULE, rem)
		n++;
	if (!n)
		return 0;
	/* Those to add from the front, those to remove from the back. */
	rule = kvmalloc_array(n, sizeof(*rule), GFP_KERNEL_ACCOUNT);
	names = kmalloc(sizeof(*names), GFP_KERNEL);
	if (!rule || !names)
		goto out;
	err = read_names(info, config->rules, names);
	if (err)
		goto out;
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_RULE, rem) {
		struct icmpguard_rule one;

		cond_resched();
		err = read_rule(attr, names, &one, extack);
		if (err < 0)
			goto out;
		if (err)
			rule[n - ++removes] = one;
		else
			rule[adds++] = one;
	}
	for (i = 0; i < removes / 2; i++)
		swap(rule[adds + i], rule[n - 1 - i]);
	set = icmpguard_ruleset_make(config->rules, names, rule, adds, rule + adds, removes,
				     &missing);
	err = PTR_ERR_OR_ZERO(set);
	switch (err) {
	case 0:
		icmpguard_ruleset_put(config->rules);
		config->rules = set;
		break;
	case -ENOENT:
		NL_SET_ERR_MSG_ATTR(extack, find_removal(info, names, &rule[adds + missing]),
				    "there is no rule for this prefix");
		break;
	case -EEXIST:
		NL_SET_ERR_MSG(extack, "a prefix has two rules");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG(extack, "too many rules");
		break;
	case -E2BIG:
		refuse_bound(NULL, extack);
		break;
	}
out:
	kfree(names);
	kvfree(rule);
	return err;
}

/* One more step of a ladder; @steps counts what this request has given so far. */
static int read_step(struct nlattr *attr, struct icmpguard_ladder *ladders, u8 *steps,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_PREFIX_MAX + 1];
	struct icmpguard_ladder *ladder;
	struct icmpguard_step *step;
	bool v6;
	int err;

	err = nla_parse_nested(tb, ICMPGUARD_A_PREFIX_MAX, attr, prefix_policy, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_PREFIX_PROTO] || !tb[ICMPGUARD_A_PREFIX_LEN])
		return REFUSE(attr, -EINVAL, "a prefix needs a protocol and a length");
	v6 = nla_get_u32(tb[ICMPGUARD_A_PREFIX_PROTO]) == ICMPGUARD_PROTO_ICMPV6;
	ladder = &ladders[v6];
	if (steps[v6] == ICMPGUARD_LADDER_MAX)
		return REFUSE(attr, -ENOSPC, "a ladder has up to four prefixes");
	step = &ladder->step[steps[v6]];
	step->len = nla_get_u32(tb[ICMPGUARD_A_PREFIX_LEN]);
	step->factor = 1;
	if (tb[ICMPGUARD_A_PREFIX_FACTOR])
		step->factor = nla_get_u32(tb[ICMPGUARD_A_PREFIX_FACTOR]);
	if (!v6 && step->len > 32)
		return REFUSE(tb[ICMPGUARD_A_PREFIX_LEN], -ERANGE,
			      "an IPv4 prefix has up to 32 bits");
	if (!steps[v6] && step->factor != 1)
		return REFUSE(tb[ICMPGUARD_A_PREFIX_FACTOR], -EINVAL,
			      "the source's own prefix has no factor");
	if (steps[v6] && step->len >= step[-1].len)
		return REFUSE(tb[ICMPGUARD_A_PREFIX_LEN], -EINVAL,
			      "each prefix is shorter than the one before");
	if (steps[v6] && step->factor < step[-1].factor)
		return REFUSE(tb[ICMPGUARD_A_PREFIX_FACTOR] ?: attr, -EINVAL,
			      "a shorter prefix has no smaller factor");
	ladder->steps = ++steps[v6];
	return 0;
}

static int read_interface(struct nlattr *attr, struct icmpguard_config *config,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_INTERFACE_MAX + 1];
	char name[IFNAMSIZ];
	int err;

	err = nla_parse_nested(tb, ICMPGUARD_A_INTERFACE_MAX, attr, interface_policy, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_INTERFACE_NAME] || !tb[ICMPGUARD_A_INTERFACE_MODE])
		return REFUSE(attr, -EINVAL, "an interface needs a name and a mode");
	err = read_name(tb[ICMPGUARD_A_INTERFACE_NAME], name, extack);
	if (err)
		return err;
	err = icmpguard_config_interface_set(config, name,
					     nla_get_u32(tb[ICMPGUARD_A_INTERFACE_MODE]));
	if (err)
		return REFUSE(attr, err, "at most " __stringify(ICMPGUARD_INTERFACES_MAX)
			      " interfaces can have a mode of their own");
	return 0;
}

static int read_check(struct nlattr *attr, struct icmpguard_config *config,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ICMPGUARD_A_CHECK_MAX + 1];
	int err;

	err = nla_parse_nested(tb, ICMPGUARD_A_CHECK_MAX, attr, check_policy, extack);
	if (err)
		return err;
	if (!tb[ICMPGUARD_A_CHECK_ID] || !tb[ICMPGUARD_A_CHECK_ACTION])
		return REFUSE(attr, -EINVAL, "a check's setting needs a check and an action");
	config->checks[nla_get_u32(tb[ICMPGUARD_A_CHECK_ID])] =
		nla_get_u32(tb[ICMPGUARD_A_CHECK_ACTION]);
	return 0;
}

/**
 * icmpguard_request_read() - read a change
 * @info: the message, checked against icmpguard_request_policy
 * @config: what there is; what it is to be, afterwards
 *
 * On an error @config is neither; the caller throws it away.
 *
 * Context: process.
 * Return: 0, or an error with an extack that names it.
 */
int icmpguard_request_read(const struct genl_info *info, struct icmpguard_config *config)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **tb = info->attrs;
	u8 steps[2] = {};
	struct nlattr *attr;
	unsigned int i;
	int rem, err;

	for (i = 0; i < __ICMPGUARD_SETTING_MAX; i++) {
		const struct icmpguard_setting *setting = &icmpguard_settings[i];

		if (tb[setting->attribute])
			*icmpguard_setting(setting, config) = nla_get_u32(tb[setting->attribute]);
	}
	config->table_size = roundup_pow_of_two(config->table_size);
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_PREFIX, rem) {
		err = read_step(attr, config->ladder, steps, extack);
		if (err)
			return err;
	}
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_INTERFACE, rem) {
		err = read_interface(attr, config, extack);
		if (err)
			return err;
	}
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_CHECK, rem) {
		err = read_check(attr, config, extack);
		if (err)
			return err;
	}
	for_each_attr(attr, info, ICMPGUARD_A_CONFIG_TYPE, rem) {
		err = read_type(attr, config, extack);
		if (err)
			return err;
	}
	return read_rules(info, config);
}
