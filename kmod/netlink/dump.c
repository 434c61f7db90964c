// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps: lists that take many messages.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "attr.h"
#include "dump.h"

static struct icmpguard_net *net_of(const struct sk_buff *skb)
{
	return icmpguard_net(sock_net(skb->sk));
}

/**
 * struct dump - where a dump is
 * @at: the next thing's index
 */
struct dump {
	u32 at;
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
	void *header = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &icmpguard_family, NLM_F_MULTI, cmd);

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
		return dump_end(msg, header, icmpguard_put_type(msg, i, &config->types[i]) &&
				icmpguard_put_columns(msg, sums->types[i]));
	code = &config->code[i - ICMPGUARD_TIDS];
	return dump_end(msg, header, icmpguard_put_type(msg, code->tid, &code->treatment) &&
			!nla_put_u32(msg, ICMPGUARD_A_TYPE_CODE, code->code));
}

/**
 * icmpguard_dump_types() - one type, or one exception, a message
 * @msg: filled in
 * @cb: where the dump is
 *
 * Context: process.
 * Return: bytes in @msg, -ENOMEM.
 */
int icmpguard_dump_types(struct sk_buff *msg, struct netlink_callback *cb)
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

/**
 * icmpguard_dump_rules() - one prefix rule a message
 * @msg: filled in
 * @cb: where the dump is
 *
 * Context: process.
 * Return: bytes in @msg.
 */
int icmpguard_dump_rules(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct icmpguard_net *ign = net_of(msg);
	struct icmpguard_ruleset *rules = NULL;
	struct icmpguard_policy *policy;
	struct dump *dump;

	mutex_lock(&ign->lock);
	policy = icmpguard_net_policy(ign);
	dump = dump_of(cb, policy ? policy->generation : 0);
	if (policy)
		rules = policy->config.rules;
	icmpguard_ruleset_get(rules);
	mutex_unlock(&ign->lock);
	while (rules && dump->at < rules->rules) {
		void *header = dump_put(msg, cb, ICMPGUARD_CMD_RULE_GET);

		if (!header ||
		    !dump_end(msg, header, icmpguard_put_rule(msg, rules, &rules->rule[dump->at])))
			break;
		dump->at++;
	}
	icmpguard_ruleset_put(rules);
	return msg->len;
}

/*
 * The list is taken once, when the dump begins: in the order it then has, no
 * source comes twice and none is left out because others overtook it.
 */
struct sources {
	unsigned int n;
	struct icmpguard_limited_source list[ICMPGUARD_LIMITED_MAX];
};

/**
 * icmpguard_dump_sources_start() - begin to list the limited sources
 * @cb: where the dump is; icmpguard_dump_sources_done() it
 *
 * Context: process.
 * Return: 0, -ENOMEM.
 */
int icmpguard_dump_sources_start(struct netlink_callback *cb)
{
	struct icmpguard_net *ign = net_of(cb->skb);
	struct sources *sources = kvmalloc(sizeof(*sources), GFP_KERNEL);

	if (!sources)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	sources->n = icmpguard_limited_list(ign->limited, sources->list);
	mutex_unlock(&ign->lock);
	cb->args[0] = (long)sources;
	cb->args[1] = 0;
	return 0;
}

/**
 * icmpguard_dump_sources() - one source a message, heaviest first
 * @msg: filled in
 * @cb: where the dump is, begun
 *
 * Context: process.
 * Return: bytes in @msg.
 */
int icmpguard_dump_sources(struct sk_buff *msg, struct netlink_callback *cb)
{
	const struct sources *sources = (void *)cb->args[0];

	while (cb->args[1] < sources->n) {
		void *header = dump_put(msg, cb, ICMPGUARD_CMD_SOURCE_GET);

		if (!header ||
		    !dump_end(msg, header, icmpguard_put_source(msg, &sources->list[cb->args[1]])))
			break;
		cb->args[1]++;
	}
	return msg->len;
}

/**
 * icmpguard_dump_sources_done() - end such a list
 * @cb: where the dump is
 *
 * Context: process.
 * Return: 0.
 */
int icmpguard_dump_sources_done(struct netlink_callback *cb)
{
	kvfree((void *)cb->args[0]);
	return 0;
}
