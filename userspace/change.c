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

static int compare_prefixes(const void *pa, const void *pb)
{
	const struct rule_change *const *a = pa, *const *b = pb;
	const struct prefix *x = &(*a)->rule.prefix, *y = &(*b)->rule.prefix;
	int d = x->v6 - y->v6;

	if (!d)
		d = memcmp(x->addr, y->addr, sizeof(x->addr));
	return d ? d : (int)x->len - (int)y->len;
}

/* The order they were said in settles what the prefixes leave open. */
static int compare_rules(const void *pa, const void *pb)
{
	const struct rule_change *const *a = pa, *const *b = pb;
	int d = compare_prefixes(pa, pb);

	return d ? d : (*a > *b) - (*a < *b);
}

/**
 * change_is_whole() - check what no single statement shows
 * @change: the change
 * @error: a prefix with two rules, of which the kernel would keep neither
 *
 * Return: whether nothing is wrong.
 */
bool change_is_whole(const struct change *change, struct error *error)
{
	const struct rule_change **sorted;
	const struct rule_change *twice = NULL;
	const struct word *word;
	size_t i;

	if (change->rules < 2)
		return true;
	sorted = memory_get(NULL, change->rules, sizeof(*sorted));
	for (i = 0; i < change->rules; i++)
		sorted[i] = &change->rule[i];
	qsort(sorted, change->rules, sizeof(*sorted), compare_rules);
	for (i = 1; i < change->rules; i++)
		if (!compare_prefixes(&sorted[i - 1], &sorted[i]) &&
		    (!twice || sorted[i] < twice))
			twice = sorted[i];
	free(sorted);
	if (!twice)
		return true;
	word = change_rule_word(twice, PLACE_NAME);
	return error_set(error, word, "'%s' has a rule already", word->text);
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
	memset(change, 0, sizeof(*change));
}
