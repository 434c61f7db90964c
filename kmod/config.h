/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration as people mean it: what netlink changes and /proc shows.
 * policy.[ch] makes from it what a packet reads.
 */
#ifndef _ICMPGUARD_CONFIG_H
#define _ICMPGUARD_CONFIG_H

#include <linux/if.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include "config_limits.h"
#include "rules.h"
#include "setting_names.h"
#include "types.h"

#define ICMPGUARD_ECHO_DEFAULT		9216	/* what frames of 9216 bytes carry, and more */
#define ICMPGUARD_TABLE_DEFAULT		131072	/* sources: one mebibyte */

/**
 * struct icmpguard_step - one step of a prefix ladder
 * @len: bits of the source's address
 * @factor: times the rate
 */
struct icmpguard_step {
	u8 len;
	u32 factor;
};

/**
 * struct icmpguard_ladder - the prefixes one packet is charged at
 * @step: from the longest, the source itself, to the shortest
 * @steps: how many, 1 at least
 */
struct icmpguard_ladder {
	struct icmpguard_step step[ICMPGUARD_LADDER_MAX];
	u8 steps;
};

/**
 * struct icmpguard_code - an exception for one code of a type
 * @tid: the type
 * @code: the code
 * @slot: its number among the exceptions, the same for as long as it exists
 * @treatment: what is done with it instead
 */
struct icmpguard_code {
	u8 tid;
	u8 code;
	u8 slot;
	struct icmpguard_treatment treatment;
};

/**
 * struct icmpguard_interface - what is done with an interface's packets
 * @name: the interface, which need not exist
 * @mode: enum icmpguard_mode, less than enforce
 */
struct icmpguard_interface {
	char name[IFNAMSIZ];
	u8 mode;
};

/**
 * struct icmpguard_config - all settings of a network namespace
 * @mode: enum icmpguard_mode
 * @scope: enum icmpguard_scope
 * @max_echo_size: bytes of payload, 0 to ICMPGUARD_ECHO_MAX
 * @table_size: sources tracked, a power of two
 * @ladder: IPv4's, IPv6's
 * @checks: enum icmpguard_check_action, by enum icmpguard_check
 * @types: by enum icmpguard_tid
 * @code: sorted by type and code
 * @codes: how many
 * @interface: those that aren't simply on, sorted by name
 * @interfaces: how many
 * @rules: prefix rules; NULL: none. A reference is held.
 */
struct icmpguard_config {
	u32 mode;
	u32 scope;
	u32 max_echo_size;
	u32 table_size;
	struct icmpguard_ladder ladder[2];
	u8 checks[__ICMPGUARD_CHECK_MAX];
	struct icmpguard_treatment types[ICMPGUARD_TIDS];
	struct icmpguard_code code[ICMPGUARD_CODES_MAX];
	unsigned int codes;
	struct icmpguard_interface interface[ICMPGUARD_INTERFACES_MAX];
	unsigned int interfaces;
	struct icmpguard_ruleset *rules;
};

/* Settings of one word or number, by row */
enum {
#define X(id, ...) ICMPGUARD_SETTING_##id,
	ICMPGUARD_SETTINGS(X)
#undef X
	__ICMPGUARD_SETTING_MAX
};

/**
 * struct icmpguard_setting - a row of setting_names.h
 * @name: as in statements
 * @words: what its values are called; NULL: they are numbers
 * @attribute: ICMPGUARD_A_CONFIG_*
 * @initial: until it is configured
 * @offset: of its member in struct icmpguard_config, a u32
 */
struct icmpguard_setting {
	const char *name;
	const char * const *words;
	u16 attribute;
	u32 initial;
	size_t offset;
};

extern const struct icmpguard_setting icmpguard_settings[__ICMPGUARD_SETTING_MAX];
extern const char * const icmpguard_modes[];

/**
 * icmpguard_setting() - where a configuration has a setting
 * @setting: a row of icmpguard_settings
 * @config: the configuration
 *
 * Context: any.
 * Return: its value, to be changed.
 */
static inline u32 *icmpguard_setting(const struct icmpguard_setting *setting,
				     struct icmpguard_config *config)
{
	return (void *)config + setting->offset;
}

/**
 * icmpguard_setting_value() - what a setting is in a configuration
 * @setting: a row of icmpguard_settings
 * @config: the configuration
 *
 * Context: any.
 * Return: its value.
 */
static inline u32 icmpguard_setting_value(const struct icmpguard_setting *setting,
					  const struct icmpguard_config *config)
{
	return *(const u32 *)((const void *)config + setting->offset);
}

void icmpguard_config_default(struct icmpguard_config *config, u8 mode);
void icmpguard_config_copy(struct icmpguard_config *to, const struct icmpguard_config *from);
void icmpguard_config_release(struct icmpguard_config *config);
const struct icmpguard_treatment *icmpguard_config_code(const struct icmpguard_config *config,
							unsigned int tid, u8 code);
int icmpguard_config_code_set(struct icmpguard_config *config, unsigned int tid, u8 code,
			      const struct icmpguard_treatment *treatment);
int icmpguard_config_code_remove(struct icmpguard_config *config, unsigned int tid, u8 code);
int icmpguard_config_interface_set(struct icmpguard_config *config, const char *name, u8 mode);
bool icmpguard_config_has_codes(const struct icmpguard_config *config, unsigned int tid);
bool icmpguard_config_is_merged(const struct icmpguard_config *config, unsigned int tid);

const char *icmpguard_check_name(unsigned int check);
void icmpguard_check_defaults(u8 *actions);
void icmpguard_check_masks(const u8 *actions, u16 *counted, u16 *dropped);
u16 icmpguard_check_types(u16 types, u16 made);

#endif /* _ICMPGUARD_CONFIG_H */
