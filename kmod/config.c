// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configurations: the default one, checks, interfaces, exceptions for codes.
 */
#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "check_names.h"
#include "config.h"

const char * const icmpguard_modes[] = {
#define X(word, id) [ICMPGUARD_MODE_##id] = word,
	ICMPGUARD_MODES(X)
#undef X
};

static const char * const scopes[] = {
#define X(word, id) [ICMPGUARD_SCOPE_##id] = word,
	ICMPGUARD_SCOPES(X)
#undef X
};

#define modes	icmpguard_modes		/* as the rows have it */

const struct icmpguard_setting icmpguard_settings[__ICMPGUARD_SETTING_MAX] = {
#define X(id, member, name, min, max, initial, kind, words, ...)	\
	[ICMPGUARD_SETTING_##id] = { name, words, ICMPGUARD_A_CONFIG_##id, initial, \
				     offsetof(struct icmpguard_config, member) },
	ICMPGUARD_SETTINGS(X)
#undef X
};

/**
 * struct check - a row of check_names.h
 * @name: never changed
 * @types: ICMPGUARD_TYPE_UNICAST or its like, of the types it looks at
 * @action: enum icmpguard_check_action, until it is configured
 */
struct check {
	const char *name;
	u16 types;
	u8 action;
};

static const struct check checks[__ICMPGUARD_CHECK_MAX] = {
#define X(id, name, summary, look, action) \
	[ICMPGUARD_CHECK_##id] = { name, ICMPGUARD_TYPE_##look, ICMPGUARD_CHECK_##action },
	ICMPGUARD_CHECKS(X)
#undef X
};

#define X(...) + 1
static_assert(ICMPGUARD_CHECKS(X) == __ICMPGUARD_CHECK_MAX);
#undef X

/**
 * icmpguard_check_name() - the name of a check
 * @check: enum icmpguard_check
 *
 * Context: any.
 * Return: a constant string; names are never changed.
 */
const char *icmpguard_check_name(unsigned int check)
{
	return checks[check].name;
}

/**
 * icmpguard_check_defaults() - the default settings
 * @actions: filled in, by enum icmpguard_check: enum icmpguard_check_action
 *
 * Context: any.
 */
void icmpguard_check_defaults(u8 *actions)
{
	unsigned int i;

	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		actions[i] = checks[i].action;
}

/**
 * icmpguard_check_masks() - settings as a packet reads them
 * @actions: by enum icmpguard_check: enum icmpguard_check_action
 * @counted: filled in: the bits of those that count
 * @dropped: filled in: the bits of those that drop
 *
 * Context: any.
 */
void icmpguard_check_masks(const u8 *actions, u16 *counted, u16 *dropped)
{
	unsigned int i;

	BUILD_BUG_ON(BITS_PER_TYPE(*counted) < __ICMPGUARD_CHECK_MAX);
	*counted = 0;
	*dropped = 0;
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++) {
		if (actions[i] == ICMPGUARD_CHECK_COUNT)
			*counted |= BIT(i);
		else if (actions[i] == ICMPGUARD_CHECK_DROP)
			*dropped |= BIT(i);
	}
}

/**
 * icmpguard_check_types() - what is checked of a type when some checks are off
 * @types: ICMPGUARD_TYPE_UNICAST and its like
 * @made: the bits of the checks that aren't off
 *
 * Context: any.
 * Return: @types without what no check is left for.
 */
u16 icmpguard_check_types(u16 types, u16 made)
{
	unsigned int i;
	u16 all = 0, needed = 0;

	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++) {
		all |= checks[i].types;
		if (made & BIT(i))
			needed |= checks[i].types;
	}
	return types & (needed | ~all);
}

/*
 * A table that fits the processor's cache serves a flood fastest, and one
 * mebibyte does so nearly everywhere; a machine of less than 512 MiB gives no
 * more than a 512th of its memory.
 */
static u32 default_table_size(void)
{
	u64 bytes = (u64)totalram_pages() << PAGE_SHIFT;

	return rounddown_pow_of_two(clamp_t(u64, bytes / 512 / sizeof(u64),
					    ICMPGUARD_TABLE_DEFAULT / 16, ICMPGUARD_TABLE_DEFAULT));
}

/**
 * icmpguard_config_default() - the default configuration
 * @config: filled in
 * @mode: enum icmpguard_mode
 *
 * Context: process.
 */
void icmpguard_config_default(struct icmpguard_config *config, u8 mode)
{
	struct icmpguard_treatment treatment;
	unsigned int tid, i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < __ICMPGUARD_SETTING_MAX; i++)
		*icmpguard_setting(&icmpguard_settings[i], config) = icmpguard_settings[i].initial;
	config->mode = mode;
	config->table_size = default_table_size();
	config->ladder[0] = (struct icmpguard_ladder) { .step = { { 32, 1 } }, .steps = 1 };
	config->ladder[1] = (struct icmpguard_ladder) { .step = { { 64, 1 } }, .steps = 1 };
	icmpguard_check_defaults(config->checks);
	for (tid = 0; tid < ICMPGUARD_TIDS; tid++)
		icmpguard_type_default(tid, &config->types[tid]);
	icmpguard_type_default_code(&treatment);
	icmpguard_config_code_set(config, icmpguard_tid4(ICMPGUARD_DEFAULT_CODE_TYPE),
				  ICMPGUARD_DEFAULT_CODE, &treatment);
}

/**
 * icmpguard_config_copy() - begin a change from what there is
 * @to: filled in; icmpguard_config_release() it
 * @from: what there is
 *
 * Context: any.
 */
void icmpguard_config_copy(struct icmpguard_config *to, const struct icmpguard_config *from)
{
	*to = *from;
	icmpguard_ruleset_get(to->rules);
}

/**
 * icmpguard_config_release() - let go of what a configuration holds
 * @config: not to be used again
 *
 * Context: any but hard interrupt.
 */
void icmpguard_config_release(struct icmpguard_config *config)
{
	icmpguard_ruleset_put(config->rules);
	config->rules = NULL;
}

/* Where an exception is, or would have to be put in */
static unsigned int find_code(const struct icmpguard_config *config, unsigned int tid, u8 code,
			      bool *found)
{
	unsigned int i;

	for (i = 0; i < config->codes; i++) {
		const struct icmpguard_code *c = &config->code[i];

		if (c->tid > tid || (c->tid == tid && c->code >= code))
			break;
	}
	*found = i < config->codes && config->code[i].tid == tid && config->code[i].code == code;
	return i;
}

static u8 free_slot(const struct icmpguard_config *config)
{
	DECLARE_BITMAP(used, ICMPGUARD_CODES_MAX) = {};
	unsigned int i;

	for (i = 0; i < config->codes; i++)
		__set_bit(config->code[i].slot, used);
	return find_first_zero_bit(used, ICMPGUARD_CODES_MAX);
}

/**
 * icmpguard_config_code() - the exception for a code
 * @config: the configuration
 * @tid: the type
 * @code: the code
 *
 * Context: any.
 * Return: its treatment, NULL where it is the type's.
 */
const struct icmpguard_treatment *icmpguard_config_code(const struct icmpguard_config *config,
							unsigned int tid, u8 code)
{
	bool found;
	unsigned int i = find_code(config, tid, code, &found);

	return found ? &config->code[i].treatment : NULL;
}

/**
 * icmpguard_config_code_set() - make or change an exception
 * @config: the configuration
 * @tid: the type
 * @code: the code
 * @treatment: what is done with it
 *
 * Context: any.
 * Return: 0, -ENOSPC with ICMPGUARD_CODES_MAX exceptions.
 */
int icmpguard_config_code_set(struct icmpguard_config *config, unsigned int tid, u8 code,
			      const struct icmpguard_treatment *treatment)
{
	bool found;
	unsigned int i = find_code(config, tid, code, &found);
	u8 slot;

	if (!found) {
		if (config->codes == ICMPGUARD_CODES_MAX)
			return -ENOSPC;
		slot = free_slot(config);
		memmove(&config->code[i + 1], &config->code[i],
			(config->codes - i) * sizeof(config->code[0]));
		config->codes++;
		config->code[i] = (struct icmpguard_code) {
			.tid = tid, .code = code, .slot = slot,
		};
	}
	config->code[i].treatment = *treatment;
	return 0;
}

/**
 * icmpguard_config_code_remove() - treat a code as its type again
 * @config: the configuration
 * @tid: the type
 * @code: the code
 *
 * Context: any.
 * Return: 0, -ENOENT where there is no exception.
 */
int icmpguard_config_code_remove(struct icmpguard_config *config, unsigned int tid, u8 code)
{
	bool found;
	unsigned int i = find_code(config, tid, code, &found);

	if (!found)
		return -ENOENT;
	config->codes--;
	memmove(&config->code[i], &config->code[i + 1],
		(config->codes - i) * sizeof(config->code[0]));
	return 0;
}

/**
 * icmpguard_config_interface_set() - say what is done with an interface's packets
 * @config: the configuration
 * @name: the interface, which need not exist
 * @mode: enum icmpguard_mode; enforce: as with any other
 *
 * Context: any.
 * Return: 0, -ENOSPC with ICMPGUARD_INTERFACES_MAX interfaces.
 */
int icmpguard_config_interface_set(struct icmpguard_config *config, const char *name, u8 mode)
{
	struct icmpguard_interface *list = config->interface;
	unsigned int i = 0;
	bool found;

	while (i < config->interfaces && strcmp(list[i].name, name) < 0)
		i++;
	found = i < config->interfaces && !strcmp(list[i].name, name);
	if (mode == ICMPGUARD_MODE_ENFORCE) {
		if (!found)
			return 0;
		config->interfaces--;
		memmove(&list[i], &list[i + 1], (config->interfaces - i) * sizeof(*list));
		return 0;
	}
	if (!found) {
		if (config->interfaces == ICMPGUARD_INTERFACES_MAX)
			return -ENOSPC;
		memmove(&list[i + 1], &list[i], (config->interfaces - i) * sizeof(*list));
		config->interfaces++;
		strscpy(list[i].name, name, sizeof(list[i].name));
	}
	list[i].mode = mode;
	return 0;
}

/**
 * icmpguard_config_has_codes() - whether a type has exceptions
 * @config: the configuration
 * @tid: the type
 *
 * Context: any.
 * Return: true when one of its codes is treated apart.
 */
bool icmpguard_config_has_codes(const struct icmpguard_config *config, unsigned int tid)
{
	unsigned int i;

	for (i = 0; i < config->codes; i++)
		if (config->code[i].tid == tid)
			return true;
	return false;
}

static bool rate_equals(const struct icmpguard_rate *a, const struct icmpguard_rate *b)
{
	if (!a->packets && !b->packets)
		return true;
	return a->packets == b->packets && a->period == b->period && a->burst == b->burst;
}

static bool treatment_equals(const struct icmpguard_treatment *a,
			     const struct icmpguard_treatment *b)
{
	if (a->action != b->action || a->monitor != b->monitor)
		return false;
	if (a->action != ICMPGUARD_ACTION_LIMIT)
		return true;
	return rate_equals(&a->limit, &b->limit) && rate_equals(&a->total, &b->total) &&
	       a->penalty == b->penalty;
}

/**
 * icmpguard_config_is_merged() - whether both protocols share one line for a type
 * @config: the configuration
 * @tid: a type of either
 *
 * Context: process.
 * Return: true where the other protocol has a type of the
 * same name, the treatment is the same and neither has exceptions.
 */
bool icmpguard_config_is_merged(const struct icmpguard_config *config, unsigned int tid)
{
	int twin = icmpguard_type_twin(tid);

	return twin >= 0 &&
	       treatment_equals(&config->types[tid], &config->types[twin]) &&
	       !icmpguard_config_has_codes(config, tid) &&
	       !icmpguard_config_has_codes(config, twin);
}
