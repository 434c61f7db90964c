/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What rates, treatments, prefixes and rules are to the tool, whether a person
 * wrote them or the kernel sent them.
 */
#ifndef ICMPGUARDCTL_MODEL_H
#define ICMPGUARDCTL_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "config_limits.h"
#include "uapi/icmpguard.h"

#define LADDER_MAX	ICMPGUARD_LADDER_MAX
#define COMMENT_MAX	ICMPGUARD_COMMENT_MAX
#define INTERFACE_MAX	16	/* bytes of an interface's name, the closing NUL among them */
#define NAME_MAX_LEN	48	/* bytes of a name the kernel sends, likewise */

/* What only a change can ask for: the action stays as it is */
#define ACTION_KEEP	UINT32_MAX

/**
 * struct rate - packets in a period
 * @packets: 0: unlimited
 * @period: seconds
 * @burst: packets that may come at once; 0: the kernel's default
 */
struct rate {
	uint32_t packets;
	uint32_t period;
	uint32_t burst;
};

/**
 * struct treatment - what is done with a type or a code
 * @action: enum icmpguard_action, ACTION_KEEP
 * @limit: a source's rate
 * @total: all sources' rate together
 * @block: seconds of penalty, 0: none
 * @monitor: count, don't drop
 */
struct treatment {
	uint32_t action;
	struct rate limit;
	struct rate total;
	uint32_t block;
	bool monitor;
};

/**
 * struct step - one step of a prefix ladder
 * @len: bits
 * @factor: times the rate
 */
struct step {
	uint32_t len;
	uint32_t factor;
};

/**
 * struct ladder - the prefixes a packet is charged at
 * @step: the source's own first
 * @steps: how many; 0: not said
 */
struct ladder {
	struct step step[LADDER_MAX];
	unsigned int steps;
};

/**
 * struct prefix - an address, or the addresses that begin as it does
 * @addr: network order; IPv4 in the first four bytes
 * @len: bits
 * @v6: an IPv6 prefix; an IPv4 one otherwise
 */
struct prefix {
	uint8_t addr[16];
	uint32_t len;
	bool v6;
};

/**
 * struct rule - what is done with the sources in a prefix
 * @prefix: whose
 * @action: enum icmpguard_rule_action
 * @limit: with ICMPGUARD_RULE_LIMIT
 * @source_length: bits that make a source in it; 0: as many as elsewhere
 * @interface: where its packets come in; empty: anywhere
 * @comment: empty: none
 */
struct rule {
	struct prefix prefix;
	uint32_t action;
	struct rate limit;
	uint32_t source_length;
	char interface[INTERFACE_MAX];
	char comment[COMMENT_MAX];
};

#endif /* ICMPGUARDCTL_MODEL_H */
