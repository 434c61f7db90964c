/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of ICMP types, and of what else has a name on both sides.
 */
#ifndef ICMPGUARDCTL_NAMES_H
#define ICMPGUARDCTL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct type_name - a type and its name
 * @proto: enum icmpguard_proto
 * @number: 0 to 255, ICMPGUARD_TYPE_OTHER or ICMPGUARD_TYPE_FRAGMENT
 * @name: unique within @proto
 */
struct type_name {
	uint32_t proto;
	uint32_t number;
	const char *name;
};

const struct type_name *type_at(size_t i);
const struct type_name *type_by_name(uint32_t proto, const char *name);
const struct type_name *type_by_number(uint32_t proto, uint32_t number);

const char *code_meaning(uint32_t proto, uint32_t number, uint32_t code);

/**
 * struct keyword - a value and its name
 * @name: NULL ends a list
 * @value: what it stands for
 */
struct keyword {
	const char *name;
	uint32_t value;
};

extern const struct keyword protos[];		/* enum icmpguard_proto */
extern const struct keyword families[];		/* the same, as addresses are called */
extern const struct keyword modes[];		/* enum icmpguard_mode */
extern const struct keyword interface_modes[];	/* the same, for an interface */
extern const struct keyword scopes[];		/* enum icmpguard_scope */
extern const struct keyword checks[];		/* enum icmpguard_check */
extern const char *const check_summaries[];	/* what each looks for */
extern const struct keyword check_actions[];	/* enum icmpguard_check_action */
extern const struct keyword actions[];		/* enum icmpguard_action */
extern const struct keyword rule_actions[];	/* enum icmpguard_rule_action */
extern const struct keyword periods[];		/* seconds */
extern const struct keyword classes[];		/* enum icmpguard_counter_class */
/* What the tool itself sees of the module: beyond enum icmpguard_event_kind */
#define EVENT_MODULE_UNLOADED	0x10000
#define EVENT_MODULE_LOADED	0x10001

extern const struct keyword events[];		/* enum icmpguard_event_kind, EVENT_* */
extern const struct keyword xdp_modes[];	/* XDP_FLAGS_*; 0: whatever there is */
extern const struct keyword flushes[];		/* enum icmpguard_flush, or-ed */

bool name_is_pattern(const char *name);
bool name_matches(const char *pattern, const char *name);

const struct keyword *keyword_find(const struct keyword *list, const char *name);
const char *keyword_name(const struct keyword *list, uint32_t value);

#endif /* ICMPGUARDCTL_NAMES_H */
