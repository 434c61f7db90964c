// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types and codes, by nft's names and by number.
 */
#include <string.h>
#include "import.h"
#include "names.h"
#include "value.h"

/* nft's names of codes, where it has any */
static const struct keyword icmp_codes[] = {
	{ "net-unreachable", 0 }, { "host-unreachable", 1 }, { "prot-unreachable", 2 },
	{ "port-unreachable", 3 }, { "frag-needed", 4 }, { "net-prohibited", 9 },
	{ "host-prohibited", 10 }, { "admin-prohibited", 13 }, { NULL, 0 }
};

static const struct keyword icmpv6_codes[] = {
	{ "no-route", 0 }, { "admin-prohibited", 1 }, { "addr-unreachable", 3 },
	{ "port-unreachable", 4 }, { "policy-fail", 5 }, { "reject-route", 6 }, { NULL, 0 }
};

static bool one_number(const json_t *atom, unsigned int p, bool code, uint32_t *number)
{
	const char *text = json_string_value(atom);
	const struct type_name *type;
	const struct keyword *word;

	if (json_is_integer(atom)) {
		*number = json_integer_value(atom);
		return json_integer_value(atom) >= 0 && json_integer_value(atom) <= 255;
	}
	if (!text)
		return false;
	if (value_number(text, number) == VALUE_OK)
		return *number <= 255;
	if (code) {
		word = keyword_find(p ? icmpv6_codes : icmp_codes, text);
		*number = word ? word->value : 0;
		return word;
	}
	type = type_by_name(p ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP, text);
	/* Another name of 132 that nft prints for none but takes */
	if (!type && p && !strcmp(text, "mld-listener-reduction"))
		type = type_by_number(ICMPGUARD_PROTO_ICMPV6, 132);
	*number = type ? type->number : 0;
	return type && type->number <= 255;
}

/* "echo-request", 8, or { "range": [ 3, 5 ] } */
static bool numbers_of(const json_t *atom, unsigned int p, bool code, uint32_t *from, uint32_t *to)
{
	const json_t *range = json_object_get(atom, "range");

	if (!range)
		return one_number(atom, p, code, from) && (*to = *from, true);
	return json_array_size(range) == 2 &&
	       one_number(json_array_get(range, 0), p, code, from) &&
	       one_number(json_array_get(range, 1), p, code, to) && *from <= *to;
}

static void add_type(struct import_match *match, struct import_type type)
{
	if (match->types == IMPORT_TYPES)
		import_odd(match, "type", "the rule names too many types");
	else
		match->type[match->types++] = type;
}

static bool is_known(unsigned int p, uint32_t type)
{
	return type_by_number(p ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP, type);
}

static const char unknown_type[] = "it is no type that icmpguard knows by itself";

/* Some of the types that came before; all of these where none did */
static void keep_types(struct import_match *match, const struct import_match *these)
{
	unsigned int i, j, kept = 0;

	if (!match->has_types) {
		memcpy(match->type, these->type, sizeof(match->type));
		match->types = these->types;
		match->has_types = true;
		return;
	}
	for (i = 0; i < match->types; i++) {
		for (j = 0; j < these->types; j++) {
			bool same = match->type[i].number == these->type[j].number;

			if (!same || (match->type[i].has_code && these->type[j].has_code &&
				      match->type[i].code != these->type[j].code))
				continue;
			if (match->type[i].has_code == these->type[j].has_code)
				match->type[kept++] = match->type[i];
			else
				import_odd(match, "type",
					   "the rule names it twice, with a code and without");
			break;
		}
	}
	match->types = kept;
	if (!kept)
		import_nothing(match);
}

/**
 * import_match_types() - types
 * @match: gets them
 * @p: 0: ICMP, 1: ICMPv6
 * @atoms: the values
 */
void import_match_types(struct import_match *match, unsigned int p, const json_t *atoms)
{
	struct import_match these = { .types = 0 };
	uint32_t from, to;
	char text[64];
	size_t i;

	match->named = true;
	match->proto[!p] = false;
	for (i = 0; i < json_array_size(atoms); i++) {
		const json_t *atom = json_array_get(atoms, i);

		if (!numbers_of(atom, p, false, &from, &to)) {
			import_odd(match, import_atom_text(atom, text), unknown_type);
			return;
		}
		for (; from <= to; from++) {
			snprintf(text, sizeof(text), "%u", from);
			if (!is_known(p, from))
				import_odd(match, text, unknown_type);
			add_type(&these, (struct import_type) { .number = from });
		}
	}
	if (*these.odd)
		import_odd(match, these.odd, these.why);
	keep_types(match, &these);
}

/**
 * import_match_codes() - codes of the types that came before, where these have none yet
 * @match: gets them
 * @p: 0: ICMP, 1: ICMPv6
 * @atoms: the values
 */
void import_match_codes(struct import_match *match, unsigned int p, const json_t *atoms)
{
	struct import_match these = { .types = 0 };
	uint32_t from, to;
	unsigned int t;
	char text[64];
	size_t i;

	match->named = true;
	match->proto[!p] = false;
	for (i = 0; i < json_array_size(atoms); i++) {
		const json_t *atom = json_array_get(atoms, i);

		if (!numbers_of(atom, p, true, &from, &to)) {
			import_odd(match, import_atom_text(atom, text), "it is no code");
			return;
		}
		if (!from && to == 255)
			return;		/* any */
		for (; from <= to; from++)
			for (t = 0; t < match->types; t++)
				add_type(&these, (struct import_type) {
					.number = match->type[t].number, .has_code = true, .code = from });
	}
	for (t = 0; t < match->types; t++)
		if (match->type[t].has_code)
			import_odd(match, "code", "the rule has two");
	if (!match->has_types)
		import_odd(match, "code",
			   "icmpguard has codes of a type, and no type is named before it");
	if (*these.odd)
		import_odd(match, these.odd, these.why);
	memcpy(match->type, these.type, sizeof(match->type));
	match->types = these.types;
}

/**
 * import_match_both() - pairs of a type and a code: "icmp type . icmp code"
 * @match: gets them
 * @p: 0: ICMP, 1: ICMPv6
 * @atoms: the values
 */
void import_match_both(struct import_match *match, unsigned int p, const json_t *atoms)
{
	struct import_match these = { .types = 0 }, all = { .types = 0 };
	size_t i;

	for (i = 0; i < json_array_size(atoms); i++) {
		const json_t *both = json_object_get(json_array_get(atoms, i), "concat");
		json_t *one = json_array();
		unsigned int t;

		these = (struct import_match) { .types = 0 };
		json_array_append(one, json_array_get(both, 0));
		import_match_types(&these, p, one);
		json_array_clear(one);
		json_array_append(one, json_array_get(both, 1));
		import_match_codes(&these, p, one);
		json_decref(one);
		for (t = 0; t < these.types; t++)
			add_type(&all, these.type[t]);
		if (*these.odd)
			import_odd(match, these.odd, these.why);
	}
	match->named = true;
	match->proto[!p] = false;
	if (*all.odd)
		import_odd(match, all.odd, all.why);
	keep_types(match, &all);
}
