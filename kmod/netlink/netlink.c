// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: the commands.
 *
 * Data goes out through attr.c, in lists through dump.c; changes come in
 * through request.c and come into force through apply.c.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include "../apply.h"
#include "../net.h"
#include "attr.h"
#include "dump.h"
#include "events.h"
#include "netlink.h"
#include "request.h"

/* Room for a reply that isn't a dump: counters and buckets are some dozens. */
#define REPLY_SIZE	16384

static struct sk_buff *reply_new(struct genl_info *info, void **header)
{
	struct sk_buff *msg = genlmsg_new(REPLY_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*header = genlmsg_put_reply(msg, info, &icmpguard_family, 0, info->genlhdr->cmd);
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
	err = reply_send(msg, info, header, icmpguard_put_config(msg, config, generation));
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
		err = icmpguard_apply(ign, config, info->extack);
	if (err)
		icmpguard_config_release(config);
	else
		icmpguard_events_config(ign);
	mutex_unlock(&ign->lock);
	kvfree(config);
	return err;
}

static int stats_reply(struct genl_info *info, bool reset)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct icmpguard_usage usage;
	struct icmpguard_sums *sums;
	struct sk_buff *msg;
	bool has_table;
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
	has_table = icmpguard_net_usage(ign, &usage);
	mutex_unlock(&ign->lock);
	err = reply_send(msg, info, header, icmpguard_put_stats(msg, sums) &&
			 (!has_table || icmpguard_put_usage(msg, &usage)));
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
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "an address has 4 or 16 bytes");
		return -EINVAL;
	}
	msg = reply_new(info, &header);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	policy = icmpguard_net_policy(ign);
	if (!policy || !policy->table) {
		mutex_unlock(&ign->lock);
		nlmsg_free(msg);
		NL_SET_ERR_MSG(info->extack, "mode is off: no source is tracked");
		return -ENOENT;
	}
	whole = icmpguard_put_addr(msg, ICMPGUARD_A_SOURCE_ADDRESS, &addr, v6) &&
		!nla_put_u32(msg, ICMPGUARD_A_SOURCE_PREFIX_LEN,
			     icmpguard_policy_prefix(policy, v6, &addr, &prefix)) &&
		icmpguard_put_buckets(msg, policy, &addr, v6);
	mutex_unlock(&ign->lock);
	return reply_send(msg, info, header, whole);
}

static int flush_do(struct sk_buff *skb, struct genl_info *info)
{
	struct icmpguard_net *ign = icmpguard_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[ICMPGUARD_A_FLUSH_WHAT];
	struct icmpguard_config *config;
	int err = 0;
	u32 what;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "a flush needs to name what");
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
	if (what & (ICMPGUARD_FLUSH_CONFIG | ICMPGUARD_FLUSH_RULES)) {
		err = icmpguard_apply(ign, config, info->extack);
		if (!err)
			icmpguard_events_config(ign);
	} else {
		icmpguard_config_release(config);
	}
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
		.dumpit = icmpguard_dump_types,
		.policy = nothing_policy,
		.maxattr = NOTHING_MAX,
	},
	{
		.cmd = ICMPGUARD_CMD_RULE_GET,
		.dumpit = icmpguard_dump_rules,
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
		.start = icmpguard_dump_sources_start,
		.dumpit = icmpguard_dump_sources,
		.done = icmpguard_dump_sources_done,
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

/**
 * icmpguard_netlink_init() - listen
 *
 * Context: process, when all that a command reaches is ready.
 * Return: 0 or
 * what generic netlink says.
 */
int __init icmpguard_netlink_init(void)
{
	int err;

	icmpguard_family.ops = ops;
	icmpguard_family.n_ops = ARRAY_SIZE(ops);
	err = genl_register_family(&icmpguard_family);
	if (!err)
		icmpguard_events_open();
	return err;
}

/**
 * icmpguard_netlink_exit() - listen no more
 *
 * Context: process. When it returns no command is running, and no event is sent.
 */
void icmpguard_netlink_exit(void)
{
	icmpguard_events_close();
	genl_unregister_family(&icmpguard_family);
}
