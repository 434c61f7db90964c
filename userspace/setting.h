/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings: the one table that statements, messages, answers, show, JSON and help
 * are made from.
 */
#ifndef ICMPGUARDCTL_SETTING_H
#define ICMPGUARDCTL_SETTING_H

#include "config_limits.h"
#include "names.h"
#include "setting_names.h"

#define SETTING_TEXT(number)	#number
#define SETTING_NUMBER(macro)	SETTING_TEXT(macro)	/* as help has it */

/* Settings of several parts: constant, name, what follows it, help */
#define SETTINGS_OF_PARTS(X)								\
	X(PREFIX, "prefix", "ipv4|ipv6 LEN [LEN:FACTOR ...]",				\
	  "  prefix          how much of an address is a source; further prefixes are\n" \
	  "                  charged too, with FACTOR times the rate\n")		\
	X(CHECK, "check", "NAME drop|count|off",					\
	  "  check           what is done with packets that a check finds: dropped, or\n" \
	  "                  counted and judged further; off doesn't look. 'icmpguardctl\n" \
	  "                  help checks' says what each looks for\n")			\
	X(INTERFACE, "interface", "NAME on|monitor|off",				\
	  "  interface       off or monitor for what comes in by one interface; at most "	\
	  SETTING_NUMBER(ICMPGUARD_INTERFACES_MAX) "\n"					\
	  "                  interfaces can have a mode of their own\n")

/* enum setting - those of one value first */
enum setting {
#define X(id, ...) SETTING_##id,
	ICMPGUARD_SETTINGS(X)
	SETTINGS,
	SETTING_BEFORE_PARTS = SETTINGS - 1,
	SETTINGS_OF_PARTS(X)
#undef X
};

/**
 * struct setting_row - a setting of one value
 * @name: of its statement and of its JSON key
 * @attribute: ICMPGUARD_A_CONFIG_*
 * @words: those it may be; NULL: it is a number
 * @min: the smallest number
 * @max: the largest
 * @unit: what it is a number of
 */
struct setting_row {
	const char *name;
	uint16_t attribute;
	const struct keyword *words;
	uint32_t min, max;
	const char *unit;
};

extern const struct setting_row setting_rows[SETTINGS];

extern const struct keyword statements[];	/* what a file's lines begin with */
extern const struct keyword *const settings;	/* the last of them: enum setting */

#endif /* ICMPGUARDCTL_SETTING_H */
