/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A change: everything that one request asks for, whole or not at all.
 */
#ifndef ICMPGUARDCTL_CHANGE_H
#define ICMPGUARDCTL_CHANGE_H

#include <net/if.h>
#include "model.h"
#include "setting.h"
#include "words.h"

/* Where the parts of a statement were said, for who refuses them later */
enum place {
	PLACE_NAME,		/* the type's, the prefix, the interface's */
	PLACE_CODE,
	PLACE_ACTION,
	PLACE_LIMIT,
	PLACE_LIMIT_BURST,
	PLACE_TOTAL,
	PLACE_TOTAL_BURST,
	PLACE_BLOCK,
	PLACE_COMMENT,
	PLACE_INTERFACE,
	PLACE_SOURCE_LENGTH,
	PLACES
};

/**
 * struct setting_change - what a setting or a check is set to
 * @value: a number, or what its word stands for
 * @word: where it was said; NULL: it wasn't
 */
struct setting_change {
	uint32_t value;
	const struct word *word;
};

/**
 * struct ladder_change - one family's ladder
 * @ladder: no steps: it wasn't said
 * @word: the word of each step
 */
struct ladder_change {
	struct ladder ladder;
	const struct word *word[LADDER_MAX];
};

/**
 * struct type_change - what is to be done with a type or a code
 * @proto: enum icmpguard_proto
 * @number: the type
 * @has_code: only its @code
 * @remove: the code is to be treated as its type again
 * @code: with @has_code
 * @treatment: unless @remove
 * @word: by enum place
 */
struct type_change {
	uint32_t proto;
	uint32_t number;
	bool has_code;
	bool remove;
	uint32_t code;
	struct treatment treatment;
	const struct word *word[PLACES];
};

/**
 * struct rule_change - a rule to add, or to remove
 * @rule: the rule; only its prefix and interface count with @remove
 * @remove: no longer
 * @place: by enum place, how many words after @first; 0: nowhere
 * @first: the word before the prefix
 *
 * There may be a million of them: no room for a pointer for each place.
 */
struct rule_change {
	struct rule rule;
	bool remove;
	uint8_t place[PLACES];
	const struct word *first;
};

/**
 * struct interface_change - an interface's mode
 * @name: the interface
 * @mode: enum icmpguard_mode
 * @word: by enum place
 */
struct interface_change {
	char name[IF_NAMESIZE];
	uint32_t mode;
	const struct word *word[PLACES];
};

/**
 * struct xdp_change - interfaces whose driver is to drop
 * @name: the interface, or a pattern
 * @mode: of xdp_modes
 * @word: the name
 */
struct xdp_change {
	char name[IF_NAMESIZE];
	uint32_t mode;
	const struct word *word;
};

#define WARNINGS_MAX	8	/* more than there are kinds */

/**
 * struct change - all that is asked for
 * @replace: begin from the defaults, not from what runs
 * @setting: by enum setting
 * @check: enum icmpguard_check_action, by enum icmpguard_check
 * @ladder: IPv4's, IPv6's
 * @type: in the order they were said
 * @types: how many
 * @types_room: how many fit
 * @rule: likewise
 * @rules: likewise
 * @rules_room: likewise
 * @interface: likewise
 * @interfaces: likewise
 * @interfaces_room: likewise
 * @xdp: likewise; no setting of the kernel's
 * @xdps: likewise
 * @xdps_room: likewise
 * @warning: what can be done, but is hardly meant
 * @warnings: how many
 */
struct change {
	bool replace;
	struct setting_change setting[SETTINGS];
	struct setting_change check[__ICMPGUARD_CHECK_MAX];
	struct ladder_change ladder[2];
	struct type_change *type;
	size_t types, types_room;
	struct rule_change *rule;
	size_t rules, rules_room;
	struct interface_change *interface;
	size_t interfaces, interfaces_room;
	struct xdp_change *xdp;
	size_t xdps, xdps_room;
	struct error warning[WARNINGS_MAX];
	size_t warnings;
};

struct type_change *change_type(struct change *change);
struct rule_change *change_rule(struct change *change);
const struct word *change_rule_word(const struct rule_change *rule, enum place place);
void change_reserve_rules(struct change *change, size_t rules);
struct interface_change *change_interface(struct change *change);
struct xdp_change *change_xdp(struct change *change);
bool change_is_whole(struct change *change, struct error *error);
void change_release(struct change *change);

#endif /* ICMPGUARDCTL_CHANGE_H */
