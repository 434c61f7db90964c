// SPDX-License-Identifier: GPL-2.0-only
/*
 * A change: everything that one request asks for.
 */
#include <stdlib.h>
#include <string.h>
#include "change.h"
#include "memory.h"

static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? 2 * *room : 4;
	return memory_get(array, *room, size);
}

/**
 * change_type() - add a type
 * @change: to what
 *
 * Return: an empty one, to be filled in; valid until the next one is added.
 */
struct type_change *change_type(struct change *change)
{
	change->type = grow(change->type, change->types, &change->types_room,
			    sizeof(*change->type));
	return memset(&change->type[change->types++], 0, sizeof(*change->type));
}

/**
 * change_rule() - add a rule
 * @change: to what
 *
 * Return: as change_type().
 */
struct rule_change *change_rule(struct change *change)
{
	change->rule = grow(change->rule, change->rules, &change->rules_room,
			    sizeof(*change->rule));
	return memset(&change->rule[change->rules++], 0, sizeof(*change->rule));
}

/**
 * change_rule_word() - find a word of a rule
 * @rule: the rule
 * @place: which word
 *
 * Return: NULL where it wasn't said.
 */
const struct word *change_rule_word(const struct rule_change *rule, enum place place)
{
	return rule->place[place] ? rule->first + rule->place[place] : NULL;
}

/**
 * change_reserve_rules() - have room for many rules
 * @change: where
 * @rules: how many
 */
void change_reserve_rules(struct change *change, size_t rules)
{
	if (rules <= change->rules_room)
		return;
	change->rule = memory_get(change->rule, rules, sizeof(*change->rule));
	change->rules_room = rules;
}

/**
 * change_interface() - add an interface
 * @change: to what
 *
 * Return: as change_type().
 */
struct interface_change *change_interface(struct change *change)
{
	change->interface = grow(change->interface, change->interfaces, &change->interfaces_room,
				 sizeof(*change->interface));
	return memset(&change->interface[change->interfaces++], 0, sizeof(*change->interface));
}

/**
 * change_xdp() - add interfaces whose driver is to drop
 * @change: to what
 *
 * Return: as change_type().
 */
struct xdp_change *change_xdp(struct change *change)
{
	change->xdp = grow(change->xdp, change->xdps, &change->xdps_room, sizeof(*change->xdp));
	return memset(&change->xdp[change->xdps++], 0, sizeof(*change->xdp));
}

/**
 * change_release() - forget a change
 * @change: no longer used
 */
void change_release(struct change *change)
{
	free(change->type);
	free(change->rule);
	free(change->interface);
	free(change->xdp);
	memset(change, 0, sizeof(*change));
}
