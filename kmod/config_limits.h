/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a configuration may ask for, on every machine.
 *
 * One list for the module, which refuses what is beyond it, and the tool, which
 * says so before the module is asked. Knows nothing of either.
 */
#ifndef _ICMPGUARD_CONFIG_LIMITS_H
#define _ICMPGUARD_CONFIG_LIMITS_H

#include <linux/types.h>
#include "limiter/limits.h"

#define ICMPGUARD_ECHO_MAX		65507	/* payload of the largest IPv4 packet */
#define ICMPGUARD_FACTOR_MAX		65536	/* so the defaults' rates fit 32 bits times it */
#define ICMPGUARD_INTERFACES_MAX	32	/* interfaces with a mode of their own */
#define ICMPGUARD_CODES_MAX		64	/* exceptions for codes, all types together */
#define ICMPGUARD_RULES_MAX		1048576U
#define ICMPGUARD_BOUND_MAX		32	/* interfaces that rules are bound to */
#define ICMPGUARD_COMMENT_MAX		64	/* bytes, the closing NUL among them */
#define ICMPGUARD_PENALTY_MAX		86400	/* seconds of penalty */

/* The exception that the defaults have, ICMPGUARD_MTU_LIMIT: path MTU discovery's */
#define ICMPGUARD_DEFAULT_CODE_TYPE	3	/* of ICMP: destination unreachable */
#define ICMPGUARD_DEFAULT_CODE		4	/* fragmentation needed */

/**
 * enum icmpguard_name - whether an interface can be meant by a name
 * @ICMPGUARD_NAME_FINE: by this name alone
 * @ICMPGUARD_NAME_TEMPLATE: none has a '%': the kernel puts a number there
 * @ICMPGUARD_NAME_PATTERN: nft's or iptables' way to mean several
 * @ICMPGUARD_NAME_PARENT: how ip shows a name, with the parent's after it
 *
 * The kernel would take the last two as names. Where they are written, something else
 * is meant, which would never match.
 */
enum icmpguard_name {
	ICMPGUARD_NAME_FINE,
	ICMPGUARD_NAME_TEMPLATE,
	ICMPGUARD_NAME_PATTERN,
	ICMPGUARD_NAME_PARENT,
};

/**
 * icmpguard_name_kind() - look at the name of an interface
 * @name: the name; neither its length nor what dev_valid_name() refuses is looked at
 *
 * Context: any.
 * Return: what it is.
 */
static inline enum icmpguard_name icmpguard_name_kind(const char *name)
{
	for (; *name; name++) {
		if (*name == '%')
			return ICMPGUARD_NAME_TEMPLATE;
		if (*name == '@')
			return ICMPGUARD_NAME_PARENT;
		if (*name == '*' || (*name == '+' && !name[1]))
			return ICMPGUARD_NAME_PATTERN;
	}
	return ICMPGUARD_NAME_FINE;
}

#endif /* _ICMPGUARD_CONFIG_LIMITS_H */
