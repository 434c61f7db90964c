/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests: from netlink attributes to a configuration. Changes nothing but
 * the configuration it is given.
 */
#ifndef _ICMPGUARD_REQUEST_H
#define _ICMPGUARD_REQUEST_H

#include <net/genetlink.h>
#include "../config.h"

extern const struct nla_policy icmpguard_request_policy[ICMPGUARD_A_CONFIG_MAX + 1];

bool icmpguard_addr_from_attr(const struct nlattr *attr, struct icmpguard_addr *addr, bool *v6);
int icmpguard_request_read(const struct genl_info *info, struct icmpguard_config *config);

#endif /* _ICMPGUARD_REQUEST_H */
