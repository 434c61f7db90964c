/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration as one number, by which machines are compared.
 */
#ifndef _ICMPGUARD_CONFIG_HASH_H
#define _ICMPGUARD_CONFIG_HASH_H

#include "config.h"

u64 icmpguard_ruleset_hash(const struct icmpguard_ruleset *set);
u64 icmpguard_config_hash(const struct icmpguard_config *config);

#endif /* _ICMPGUARD_CONFIG_HASH_H */
