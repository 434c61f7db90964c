// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pieces of libnftables' JSON, libnftables-json(5), and what is said of those that are odd.
 */
#include <stdio.h>
#include <string.h>
#include "import.h"

#define ATOMS		200000	/* elements of a set */

/**
 * import_get() - a string of an object
 * @object: the object
 * @key: its key
 *
 * Return: the string; an empty one where there is none.
 */
const char *import_get(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/**
 * import_is() - compare a string of an object
 * @object: the object
 * @key: its key
 * @text: with what
 *
 * Return: whether they are the same.
 */
bool import_is(const json_t *object, const char *key, const char *text)
{
	return !strcmp(import_get(object, key), text);
}

/**
 * import_kind() - the one member of an object, as a statement or an expression has it
 * @object: the object, or a string
 * @value: set to what it has; NULL: nothing
 *
 * Return: its name.
 */
const char *import_kind(const json_t *object, const json_t **value)
{
	void *member = json_object_iter((json_t *)object);

	*value = NULL;
	if (!member || json_object_size(object) != 1)
		return json_is_string(object) ? json_string_value(object) : "";
	*value = json_object_iter_value(member);
	return json_object_iter_key(member);
}

/**
 * import_odd() - note that a match has no counterpart
 * @match: the match, of which the first such word counts
 * @word: the word
 * @why: what is to be said of it
 */
void import_odd(struct import_match *match, const char *word, const char *why)
{
	size_t i;

	if (*match->odd)
		return;
	snprintf(match->odd, sizeof(match->odd), "%s", *word ? word : "?");
	for (i = 0; match->odd[i]; i++)
		if ((unsigned char)match->odd[i] < ' ')
			match->odd[i] = '?';
	match->why = why;
}

/**
 * import_nothing() - note that a match is of no ICMP packet
 * @match: the match
 */
void import_nothing(struct import_match *match)
{
	match->proto[0] = false;
	match->proto[1] = false;
}

/**
 * import_object() - find an object of the base chain's table
 * @ruleset: in which
 * @kind: what it is
 * @name: its name
 *
 * Return: the object; NULL: there is none.
 */
const json_t *import_object(const struct import_ruleset *ruleset, const char *kind,
			    const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(ruleset->objects); i++) {
		const json_t *object = json_object_get(json_array_get(ruleset->objects, i), kind);

		if (object && import_is(object, "name", name) &&
		    import_is(object, "table", import_get(ruleset->base, "table")) &&
		    import_is(object, "family", import_get(ruleset->base, "family")))
			return object;
	}
	return NULL;
}

/*
 * One value after the other, out of lists and sets.
 *
 * Return: NULL, or what is wrong with it.
 */
static const char *add_atoms(const json_t *value, json_t *atoms)
{
	const json_t *inner;
	const char *wrong = NULL;
	size_t i;

	if (json_is_array(value)) {
		for (i = 0; i < json_array_size(value) && !wrong; i++)
			wrong = add_atoms(json_array_get(value, i), atoms);
		return wrong;
	}
	inner = json_object_get(value, "set");
	if (inner)
		return add_atoms(inner, atoms);
	inner = json_object_get(value, "elem");
	if (inner) {
		if (json_object_get(inner, "timeout") || json_object_get(inner, "expires"))
			return "its elements come and go";
		return add_atoms(json_object_get(inner, "val"), atoms);
	}
	if (json_array_size(atoms) == ATOMS)
		return "it has too many elements";
	json_array_append(atoms, (json_t *)value);
	return NULL;
}

/**
 * import_atoms() - what a match compares with: one value after the other, out of sets too
 * @ruleset: where named sets are
 * @value: the value, a list or a set
 * @atoms: gets them
 *
 * Return: NULL, or what is wrong with it.
 */
const char *import_atoms(const struct import_ruleset *ruleset, const json_t *value, json_t *atoms)
{
	const json_t *set;

	if (!json_is_string(value) || *json_string_value(value) != '@')
		return add_atoms(value, atoms);
	set = import_object(ruleset, "set", json_string_value(value) + 1);
	if (!set)
		return "there is no such set here";
	set = json_object_get(set, "elem");
	return json_array_size(set) ? add_atoms(set, atoms) :
		"the set is empty here, and who will be in it can't be known";
}

/**
 * import_atom_text() - say a value in words
 * @atom: the value
 * @text: filled in
 *
 * Return: @text.
 */
const char *import_atom_text(const json_t *atom, char text[64])
{
	const json_t *value;

	if (json_is_integer(atom))
		snprintf(text, 64, "%lld", (long long)json_integer_value(atom));
	else
		snprintf(text, 64, "%.60s", import_kind(atom, &value));
	return text;
}
