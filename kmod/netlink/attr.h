/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attributes: writes the attributes of answers and events. request.c parses
 * requests.
 */
#ifndef _ICMPGUARD_ATTR_H
#define _ICMPGUARD_ATTR_H

#include <net/genetlink.h>
#include "../net.h"

/* Multicast groups, by index */
enum {
	ICMPGUARD_GROUP_EVENTS,
};

extern struct genl_family icmpguard_family;

bool icmpguard_put_config(struct sk_buff *msg, const struct icmpguard_config *config,
			  u32 generation);
bool icmpguard_put_type(struct sk_buff *msg, unsigned int tid,
			const struct icmpguard_treatment *treatment);
bool icmpguard_put_columns(struct sk_buff *msg, const u64 *column);
bool icmpguard_put_addr(struct sk_buff *msg, int type, const struct icmpguard_addr *addr, bool v6);
bool icmpguard_put_rule(struct sk_buff *msg, const struct icmpguard_ruleset *set,
			const struct icmpguard_rule *rule);
bool icmpguard_put_stats(struct sk_buff *msg, const struct icmpguard_sums *sums);
bool icmpguard_put_usage(struct sk_buff *msg, const struct icmpguard_usage *usage);
bool icmpguard_put_source(struct sk_buff *msg, const struct icmpguard_limited_source *source);
bool icmpguard_put_buckets(struct sk_buff *msg, const struct icmpguard_policy *policy,
			   const struct icmpguard_addr *addr, bool v6);

#endif /* _ICMPGUARD_ATTR_H */
