// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ruleset as libnftables writes it in JSON, libnftables-json(5): which packets
 * each rule is about, and what it does with them. Jumps are followed, with what
 * the jumping rule matches. What it doesn't know it takes for a match of some of
 * the packets, so that a rule about ICMP with such a thing is refused.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "memory.h"
#include "names.h"
#include "value.h"

#define DEPTH		16	/* jumps inside of jumps, as in the kernel */
#define VISITS		100000	/* rules looked at, jumps followed */
#define ATOMS		200000	/* elements of a set */

/**
 * struct walk - going through a ruleset
 * @import: to what
 * @objects: all that is in it
 * @lines: iptables-save's, or NULL
 * @chain: the base chain
 * @base: its JSON
 * @place: the rule
 * @prefixes: what sources point to, to be freed
 * @prefixes_n: how many
 * @prefixes_room: how many fit
 * @visits: rules looked at
 */
struct walk {
	struct import *import;
	const json_t *objects;
	const struct import_lines *lines;
	struct import_chain chain;
	const json_t *base;
	struct import_place place;
	struct prefix **prefixes;
	size_t prefixes_n, prefixes_room;
	unsigned int visits;
};

static const char *get(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool is(const json_t *object, const char *key, const char *text)
{
	return !strcmp(get(object, key), text);
}

/* The one member of an object: a statement's or an expression's name, and what it has */
static const char *kind_of(const json_t *object, const json_t **value)
{
	void *member = json_object_iter((json_t *)object);

	*value = NULL;
	if (!member || json_object_size(object) != 1)
		return json_is_string(object) ? json_string_value(object) : "";
	*value = json_object_iter_value(member);
	return json_object_iter_key(member);
}

static void odd(struct import_match *match, const char *word, const char *why)
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

#define NOTHING_LIKE	"icmpguard knows packets by their source and type alone"

static void nothing(struct import_match *match)
{
	match->proto[0] = false;
	match->proto[1] = false;
}

static const json_t *find_object(const struct walk *walk, const char *kind, const char *name)
{
	size_t i;

	for (i = 0; i < json_array_size(walk->objects); i++) {
		const json_t *object = json_object_get(json_array_get(walk->objects, i), kind);

		if (object && is(object, "name", name) && is(object, "table", get(walk->base, "table")) &&
		    is(object, "family", get(walk->base, "family")))
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

/* The same of a named set too, which is only there where one is compared with */
static const char *values_of(const struct walk *walk, const json_t *value, json_t *atoms)
{
	const json_t *set;

	if (!json_is_string(value) || *json_string_value(value) != '@')
		return add_atoms(value, atoms);
	set = find_object(walk, "set", json_string_value(value) + 1);
	if (!set)
		return "there is no such set here";
	set = json_object_get(set, "elem");
	return json_array_size(set) ? add_atoms(set, atoms) :
		"the set is empty here, and who will be in it can't be known";
}

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
		odd(match, "type", "the rule names too many types");
	else
		match->type[match->types++] = type;
}

static const char *atom_text(const json_t *atom, char text[64])
{
	const json_t *value;

	if (json_is_integer(atom))
		snprintf(text, 64, "%lld", (long long)json_integer_value(atom));
	else
		snprintf(text, 64, "%.60s", kind_of(atom, &value));
	return text;
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
				odd(match, "type", "the rule names it twice, with a code and without");
			break;
		}
	}
	match->types = kept;
	if (!kept)
		nothing(match);
}

static void match_types(struct import_match *match, unsigned int p, const json_t *atoms)
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
			odd(match, atom_text(atom, text), unknown_type);
			return;
		}
		for (; from <= to; from++) {
			snprintf(text, sizeof(text), "%u", from);
			if (!is_known(p, from))
				odd(match, text, unknown_type);
			add_type(&these, (struct import_type) { .number = from });
		}
	}
	if (*these.odd)
		odd(match, these.odd, these.why);
	keep_types(match, &these);
}

/* The type's own code, where all of its types have none yet */
static void match_codes(struct import_match *match, unsigned int p, const json_t *atoms)
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
			odd(match, atom_text(atom, text), "it is no code");
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
			odd(match, "code", "the rule has two");
	if (!match->has_types)
		odd(match, "code", "icmpguard has codes of a type, and no type is named before it");
	if (*these.odd)
		odd(match, these.odd, these.why);
	memcpy(match->type, these.type, sizeof(match->type));
	match->types = these.types;
}

/* "icmp type . icmp code" */
static void match_type_and_code(struct import_match *match, unsigned int p, const json_t *atoms)
{
	struct import_match these = { .types = 0 }, all = { .types = 0 };
	size_t i;

	for (i = 0; i < json_array_size(atoms); i++) {
		const json_t *both = json_object_get(json_array_get(atoms, i), "concat");
		json_t *one = json_array();
		unsigned int t;

		these = (struct import_match) { .types = 0 };
		json_array_append(one, json_array_get(both, 0));
		match_types(&these, p, one);
		json_array_clear(one);
		json_array_append(one, json_array_get(both, 1));
		match_codes(&these, p, one);
		json_decref(one);
		for (t = 0; t < these.types; t++)
			add_type(&all, these.type[t]);
		if (*these.odd)
			odd(match, these.odd, these.why);
	}
	match->named = true;
	match->proto[!p] = false;
	if (*all.odd)
		odd(match, all.odd, all.why);
	keep_types(match, &all);
}

/* Return: which of ICMP (0) and ICMPv6 (1) a value of a protocol's field is; 2: none, 3: perhaps */
static unsigned int protocol_of(const json_t *atom)
{
	const char *text = json_string_value(atom);
	uint32_t number = 256;

	if (json_is_integer(atom))
		number = json_integer_value(atom) & 0xffff;
	else if (!text)
		return 3;
	else if (!strcmp(text, "icmp"))
		number = 1;
	else if (!strcmp(text, "icmpv6") || !strcmp(text, "ipv6-icmp"))
		number = 58;
	else if (value_number(text, &number) != VALUE_OK)
		number = 256;	/* another one's name */
	return number == 1 ? 0 : number == 58 ? 1 : 2;
}

static void match_protocols(struct import_match *match, bool not, const json_t *atoms)
{
	bool hit[2] = { false, false };
	unsigned int p;
	size_t i;

	for (i = 0; i < json_array_size(atoms); i++) {
		p = protocol_of(json_array_get(atoms, i));
		if (p == 3)
			odd(match, "l4proto", "it isn't a protocol's name or number");
		if (p < 2)
			hit[p] = true;
	}
	for (p = 0; p < 2; p++)
		match->proto[p] = match->proto[p] && hit[p] != not;
	if (!not)
		match->named = true;
}

static void match_families(struct import_match *match, bool not, const json_t *atoms)
{
	bool hit[2] = { false, false };
	size_t i;

	for (i = 0; i < json_array_size(atoms); i++) {
		const json_t *atom = json_array_get(atoms, i);
		const char *text = json_string_value(atom);
		json_int_t number = json_integer_value(atom);

		if (json_is_object(atom))
			odd(match, "protocol", NOTHING_LIKE);
		hit[0] |= text ? !strcmp(text, "ipv4") || !strcmp(text, "ip") :
			number == 2 || number == 0x0800;
		hit[1] |= text ? !strcmp(text, "ipv6") || !strcmp(text, "ip6") :
			number == 10 || number == 0x86dd;
	}
	match->proto[0] = match->proto[0] && hit[0] != not;
	match->proto[1] = match->proto[1] && hit[1] != not;
}

/* As in the kernel, and nothing that would end a statement's word */
static bool is_iface(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 127 || strchr("/:\"#", *c))
			return false;
	return *name && c - name < IF_NAMESIZE;
}

static void match_ifaces(struct import_match *match, bool not, const json_t *atoms)
{
	const char *name[IMPORT_IFACES];
	unsigned int names = 0, kept = 0, i, j;
	bool lo = false;

	for (i = 0; i < json_array_size(atoms); i++) {
		const char *text = json_string_value(json_array_get(atoms, i));

		if (!text || strchr(text, '*')) {
			odd(match, text ? text : "iif", "icmpguard knows interfaces by their whole name");
			return;
		}
		if (!is_iface(text)) {
			odd(match, text, "it isn't the name of an interface");
			return;
		}
		if (!strcmp(text, "lo")) {
			lo = true;
			continue;
		}
		if (names == IMPORT_IFACES) {
			odd(match, text, "the rule names too many interfaces");
			return;
		}
		name[names++] = text;
	}
	if (not && (names || !lo)) {
		odd(match, "iifname", "icmpguard has no such exceptions");
		return;
	}
	if (not)
		return;		/* All that icmpguard judges comes by another interface than lo. */
	if (match->has_iface) {
		for (i = 0; i < match->ifaces; i++) {
			for (j = 0; j < names && strcmp(match->iface[i], name[j]); j++)
				;
			if (j < names)
				match->iface[kept++] = match->iface[i];
		}
		match->ifaces = kept;
	} else {
		memcpy(match->iface, name, names * sizeof(*name));
		match->ifaces = names;
		match->has_iface = true;
	}
	if (!match->ifaces)
		nothing(match);
}

static void match_states(struct import_match *match, bool not, const json_t *atoms)
{
	static const struct keyword states[] = {
		{ "invalid", IMPORT_INVALID }, { "new", IMPORT_NEW },
		{ "established", IMPORT_ESTABLISHED }, { "related", IMPORT_RELATED },
		{ "untracked", IMPORT_UNTRACKED }, { NULL, 0 }
	};
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < json_array_size(atoms); i++) {
		const char *text = json_string_value(json_array_get(atoms, i));
		const struct keyword *state = text ? keyword_find(states, text) : NULL;

		if (!state)
			odd(match, text ? text : "ct state", "icmpguard keeps no connections");
		found |= state ? state->value : 0;
	}
	if (not)
		found = 0x1f & ~found;
	match->states = match->states ? match->states & found : found;
	if (!match->states)
		nothing(match);
}

/* A range of addresses as the prefixes that make it up */
static bool add_range(const json_t *range, struct prefix **list, size_t *n, size_t *room)
{
	struct prefix from, to, cut;
	const char *first = json_string_value(json_array_get(range, 0));
	const char *last = json_string_value(json_array_get(range, 1));
	unsigned int bits, i, len;

	if (!first || !last || !value_address(first, &from) || !value_address(last, &to) ||
	    from.v6 != to.v6)
		return false;
	bits = from.v6 ? 128 : 32;
	for (;;) {
		if (memcmp(from.addr, to.addr, bits / 8) > 0)
			return false;
		/* The shortest prefix that begins here and doesn't go beyond the end */
		for (len = 0; len < bits; len++) {
			cut = from;
			cut.len = len;
			value_mask(&cut);
			if (memcmp(cut.addr, from.addr, sizeof(cut.addr)))
				continue;
			for (i = len; i < bits; i++)
				cut.addr[i / 8] |= 0x80 >> i % 8;
			if (memcmp(cut.addr, to.addr, bits / 8) <= 0)
				break;
		}
		*list = import_append(*list, n, room, sizeof(**list));
		(*list)[*n - 1] = from;
		(*list)[*n - 1].len = len;
		/* The next one: its last address, and one more */
		for (i = len; i < bits; i++)
			from.addr[i / 8] |= 0x80 >> i % 8;
		if (!memcmp(from.addr, to.addr, bits / 8))
			return true;
		for (i = bits / 8; i-- && !++from.addr[i];)
			;
	}
}

static bool add_source(const json_t *atom, struct prefix **list, size_t *n, size_t *room)
{
	const json_t *prefix = json_object_get(atom, "prefix");
	const json_t *range = json_object_get(atom, "range");
	struct prefix found;
	char text[80];

	if (range)
		return add_range(range, list, n, room);
	if (prefix)
		snprintf(text, sizeof(text), "%.60s/%lld", get(prefix, "addr"),
			 (long long)json_integer_value(json_object_get(prefix, "len")));
	else
		snprintf(text, sizeof(text), "%.70s",
			 json_is_string(atom) ? json_string_value(atom) : "");
	if (value_prefix(text, &found) != VALUE_OK)
		return false;
	value_mask(&found);
	*list = import_append(*list, n, room, sizeof(**list));
	(*list)[*n - 1] = found;
	return true;
}

static void match_sources(struct walk *walk, struct import_match *match, bool v6,
			  const json_t *atoms)
{
	struct prefix *list = NULL;
	size_t n = 0, room = 0, i;
	char text[64];

	match->proto[!v6] = false;
	if (match->has_source)
		odd(match, "saddr", "the rules on the way to it name other sources");
	for (i = 0; i < json_array_size(atoms); i++)
		if (!add_source(json_array_get(atoms, i), &list, &n, &room))
			odd(match, atom_text(json_array_get(atoms, i), text), "it is no prefix");
	walk->prefixes = import_append(walk->prefixes, &walk->prefixes_n, &walk->prefixes_room,
				       sizeof(*walk->prefixes));
	walk->prefixes[walk->prefixes_n - 1] = list;
	match->source = list;
	match->sources = n;
	match->has_source = true;
	for (i = 0; i < n; i++)
		if (list[i].v6 != v6)
			odd(match, "saddr", "it is of the other family");
}

/* Which of icmp and icmpv6 a header is; 2: one that no ICMP packet has, 3: perhaps one it has */
static unsigned int header_of(const char *protocol)
{
	static const char *const others[] = {
		"tcp", "udp", "udplite", "sctp", "dccp", "esp", "ah", "comp", "igmp", "arp", "gre",
		"gretap", "vxlan", "geneve", "tcp option", "sctp chunk", "dccp option",
	};
	size_t i;

	if (!strcmp(protocol, "icmp"))
		return 0;
	if (!strcmp(protocol, "icmpv6"))
		return 1;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(protocol, others[i]))
			return 2;
	return 3;
}

static void match_payload(struct walk *walk, struct import_match *match, const json_t *payload,
			  bool not, const json_t *atoms)
{
	const char *protocol = get(payload, "protocol"), *field = get(payload, "field");
	unsigned int p = header_of(protocol);
	bool v6 = !strcmp(protocol, "ip6");
	bool ip = v6 || !strcmp(protocol, "ip");

	if (ip)
		match->proto[!v6] = false;
	if (p < 2) {
		match->proto[!p] = false;
		match->named = true;
	}
	if (ip && (!strcmp(field, "protocol") || !strcmp(field, "nexthdr")))
		match_protocols(match, not, atoms);
	else if (!strcmp(protocol, "ether") && !strcmp(field, "type"))
		match_families(match, not, atoms);
	else if (not && (p < 2 || ip))
		odd(match, field, "icmpguard has no such exceptions");
	else if (p < 2 && !strcmp(field, "type"))
		match_types(match, p, atoms);
	else if (p < 2 && !strcmp(field, "code"))
		match_codes(match, p, atoms);
	else if (ip && !strcmp(field, "saddr"))
		match_sources(walk, match, v6, atoms);
	else
		odd(match, *field ? field : protocol, NOTHING_LIKE);
}

static bool is_field(const json_t *value, const char *protocol, const char *field)
{
	const json_t *payload = json_object_get(value, "payload");

	return is(payload, "protocol", protocol) && is(payload, "field", field);
}

static void match_concat(struct import_match *match, const json_t *list, bool not,
			 const json_t *atoms)
{
	const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
	static const char *const names[] = { "icmp", "icmpv6" };
	unsigned int p;
	size_t i;

	for (p = 0; p < 2; p++) {
		if (!not && json_array_size(list) == 2 && is_field(first, names[p], "type") &&
		    is_field(second, names[p], "code")) {
			match_type_and_code(match, p, atoms);
			return;
		}
	}
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *payload = json_object_get(json_array_get(list, i), "payload");

		if (payload && header_of(get(payload, "protocol")) == 2)
			nothing(match);
	}
	odd(match, ".", NOTHING_LIKE);
}

static void match_meta(struct import_match *match, const char *key, bool not, const json_t *atoms)
{
	if (!strcmp(key, "l4proto"))
		match_protocols(match, not, atoms);
	else if (!strcmp(key, "nfproto") || !strcmp(key, "protocol"))
		match_families(match, not, atoms);
	else if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		match_ifaces(match, not, atoms);
	else
		odd(match, key, NOTHING_LIKE);
}

/* Whether it only is there in packets that aren't ICMP */
static bool is_of_others(const char *kind, const json_t *what)
{
	return (!strcmp(kind, "payload") && header_of(get(what, "protocol")) == 2) ||
	       header_of(kind) == 2 || !strcmp(kind, "osf");
}

/* "LEFT OP RIGHT", and a verdict map's key and one of its elements */
static void match_value(struct walk *walk, struct import_match *match, const json_t *left,
			const char *op, const json_t *right)
{
	bool not = !strcmp(op, "!=");
	json_t *atoms = json_array();
	const json_t *what;
	const char *kind = kind_of(left, &what), *wrong = values_of(walk, right, atoms);

	if (match->kind != IMPORT_UNLIMITED)
		odd(match, "limit", "it counts more packets than the rule is about");
	if (is_of_others(kind, what))
		nothing(match);
	else if (wrong)
		odd(match, json_is_string(right) ? json_string_value(right) : kind, wrong);
	else if (!not && strcmp(op, "==") && strcmp(op, "in"))
		odd(match, op, "icmpguard has no such comparisons");
	else if (!strcmp(kind, "payload"))
		match_payload(walk, match, what, not, atoms);
	else if (!strcmp(kind, "meta"))
		match_meta(match, get(what, "key"), not, atoms);
	else if (!strcmp(kind, "concat"))
		match_concat(match, what, not, atoms);
	else if (!strcmp(kind, "ct") && is(what, "key", "state"))
		match_states(match, not, atoms);
	else
		odd(match, kind, NOTHING_LIKE);
	json_decref(atoms);
}

static bool read_rate(struct import_match *match, const json_t *limit, enum import_rate kind)
{
	json_int_t packets = json_integer_value(json_object_get(limit, "rate"));
	json_int_t burst = json_integer_value(json_object_get(limit, "burst"));
	const struct keyword *period = keyword_find(periods, get(limit, "per"));
	const char *unit = get(limit, "rate_unit");
	char text[RATE_TEXT];

	if (match->kind != IMPORT_UNLIMITED) {
		odd(match, "limit", "the rule has a rate already");
		return false;
	}
	if (json_is_string(limit) || (*unit && strcmp(unit, "packets"))) {
		odd(match, *unit ? unit : "limit", "icmpguard has rates of packets, said in the rule");
		return false;
	}
	snprintf(text, sizeof(text), "%lld/%s", (long long)packets, period ? period->name : "?");
	if (value_rate(text, &match->rate) != VALUE_OK || burst < 0 || burst > UINT32_MAX) {
		odd(match, text, "icmpguard has no such rate");
		return false;
	}
	match->rate.burst = burst ? burst : 5;
	match->kind = kind;
	match->over = json_is_true(json_object_get(limit, "inv"));
	return true;
}

/* "ip saddr" or "ip6 saddr & ffff::": whose packets are counted together */
static bool read_key(struct import_match *match, const json_t *key)
{
	const json_t *element = json_object_get(key, "elem"), *both, *field;
	struct prefix mask = { .len = 0 };
	uint32_t bits, i;
	bool v6;

	if (element)
		key = json_object_get(element, "val");
	both = json_object_get(key, "&");
	field = both ? json_array_get(both, 0) : key;
	v6 = is_field(field, "ip6", "saddr");
	if (!v6 && !is_field(field, "ip", "saddr")) {
		odd(match, json_object_get(key, "concat") ? "." : "limit",
		    "icmpguard limits by source address alone");
		return false;
	}
	match->proto[!v6] = false;
	match->mask = v6 ? 128 : 32;
	if (!both)
		return true;
	field = json_array_get(both, 1);
	if (!json_is_string(field) || !value_address(json_string_value(field), &mask) ||
	    mask.v6 != v6) {
		odd(match, "&", "it isn't a mask of an address");
		return false;
	}
	for (bits = 0; bits < mask.len && mask.addr[bits / 8] & 0x80 >> bits % 8; bits++)
		;
	for (i = bits; i < mask.len; i++)
		if (mask.addr[i / 8] & 0x80 >> i % 8)
			bits = 0;
	if (!bits)
		odd(match, json_string_value(field), "it isn't the mask of a prefix");
	match->mask = bits;
	return bits;
}

/* "add @s { ip saddr limit rate over 10/second }"; one without a rate only remembers. */
static void match_set(struct import_match *match, const json_t *set, const json_t *key,
		      const json_t *statements)
{
	const json_t *statement = json_is_array(statements) ? json_array_get(statements, 0) : statements;
	const json_t *what;
	const char *kind = kind_of(statement, &what);

	if (!statement) {
		if (!is(set, "op", "add") && !is(set, "op", "update") && !is(set, "op", "delete"))
			odd(match, "meter", NOTHING_LIKE);
		return;
	}
	if (json_array_size(statements) > 1 || strcmp(kind, "limit")) {
		if (strcmp(kind, "counter") || json_array_size(statements) > 1)
			odd(match, kind, NOTHING_LIKE);
		return;
	}
	if (read_rate(match, what, IMPORT_SOURCE))
		read_key(match, key);
}

/* How far a chain's packets get that may be ICMP */
enum ends {
	ENDS_NOT,	/* to its next rule */
	ENDS_RETURN,	/* to what follows the jump to it */
	ENDS_ALL,	/* no further */
};

static bool walk_chain(struct walk *walk, const struct import_match *context, const char *name,
		       unsigned int depth, enum ends *ends);

static enum import_verdict policy(const struct walk *walk)
{
	return walk->chain.drops_rest ? IMPORT_DROP : IMPORT_ACCEPT;
}

static bool can_be_icmp(const struct import_match *match)
{
	return match->proto[0] || match->proto[1];
}

/* What may drop, and has no counterpart */
static bool decide_odd(struct walk *walk, const struct import_match *match, const char *word,
		       const char *why)
{
	struct import_match one = *match;

	odd(&one, word, why);
	return !walk->chain.filters ||
	       import_decide(walk->import, &walk->chain, &one, IMPORT_DROP, &walk->place);
}

static const char passes_by[] = "icmpguard has no rules that let some packets pass others by";

static bool read_jump(struct walk *walk, const struct import_match *match, bool back,
		      const char *target, bool bare, unsigned int depth, enum ends *ends)
{
	const struct import_place place = walk->place;
	enum ends there = ENDS_NOT;

	if (!back && !bare && depth)
		return decide_odd(walk, match, "goto", passes_by);
	if (!find_object(walk, "chain", target))
		return import_refuse(walk->import, &place, "'%.40s': there is no such chain here", target);
	if (depth == DEPTH)
		return import_refuse(walk->import, &place, "'%.40s': too many jumps", target);
	if (match->kind != IMPORT_UNLIMITED)
		return decide_odd(walk, match, "jump", "icmpguard has rates of types, and none before a jump");
	if (!walk_chain(walk, match, target, depth + 1, &there))
		return false;
	walk->place = place;
	if (bare)
		*ends = there == ENDS_ALL ? ENDS_ALL : back ? ENDS_NOT : ENDS_RETURN;
	/* Some of a base chain's packets: its policy is next. */
	return back || bare ||
	       import_decide(walk->import, &walk->chain, match, policy(walk), &place);
}

/* What a rule's end does with its packets; @bare: all that came to its chain */
static bool read_verdict(struct walk *walk, const struct import_match *match, const char *kind,
			 const json_t *what, bool bare, unsigned int depth, enum ends *ends)
{
	static const struct keyword verdicts[] = {
		{ "accept", IMPORT_ACCEPT }, { "drop", IMPORT_DROP }, { "reject", IMPORT_REJECT },
		{ NULL, 0 }
	};
	const struct keyword *verdict = keyword_find(verdicts, kind);

	if (!can_be_icmp(match) || !strcmp(kind, "continue"))
		return true;
	if (verdict) {
		if (bare)
			*ends = ENDS_ALL;
		return import_decide(walk->import, &walk->chain, match, verdict->value, &walk->place);
	}
	if (!strcmp(kind, "return")) {
		if (bare) {
			*ends = ENDS_RETURN;
			return true;
		}
		if (depth)
			return decide_odd(walk, match, kind, passes_by);
		return import_decide(walk->import, &walk->chain, match, policy(walk), &walk->place);
	}
	if (!strcmp(kind, "jump") || !strcmp(kind, "goto"))
		return read_jump(walk, match, *kind == 'j', get(what, "target"), bare, depth, ends);
	return decide_odd(walk, match, kind, "icmpguard accepts or drops, and nothing else");
}

static bool read_map(struct walk *walk, const struct import_match *match, const json_t *map,
		     unsigned int depth)
{
	const json_t *data = json_object_get(map, "data"), *elements, *what;
	const char *name = json_string_value(data), *kind;
	enum ends ends = ENDS_NOT;
	size_t i;

	elements = name && *name == '@' ? json_object_get(find_object(walk, "map", name + 1), "elem") :
		json_object_get(data, "set");
	if (!json_array_size(elements))
		return decide_odd(walk, match, name ? name : "vmap",
				  "the map is empty here, and what will be in it can't be known");
	for (i = 0; i < json_array_size(elements); i++) {
		const json_t *pair = json_array_get(elements, i);
		struct import_match one = *match;

		match_value(walk, &one, json_object_get(map, "key"), "==", json_array_get(pair, 0));
		kind = kind_of(json_array_get(pair, 1), &what);
		if (!read_verdict(walk, &one, kind, what, false, depth, &ends))
			return false;
	}
	return true;
}

/* Statements that decide nothing */
static bool is_idle(const char *kind)
{
	static const char *const idle[] = {
		"counter", "log", "mangle", "notrack", "ct helper", "ct timeout", "ct expectation",
		"comment", "last", "dup", "flow", "secmark",
	};
	size_t i;

	for (i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (!strcmp(kind, idle[i]))
			return true;
	return false;
}

/* Statements that let some packets pass to the next one, by something not known here */
static bool is_filter(const char *kind)
{
	static const char *const filters[] = { "ct count", "quota", "xt", "synproxy", "socket" };
	size_t i;

	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (!strcmp(kind, filters[i]))
			return true;
	return false;
}

/* Whether all that came to a chain gets as far */
static bool is_same(const struct import_match *match, const struct import_match *context)
{
	return match->proto[0] == context->proto[0] && match->proto[1] == context->proto[1] &&
	       match->types == context->types && match->has_types == context->has_types &&
	       match->has_source == context->has_source && match->has_iface == context->has_iface &&
	       match->ifaces == context->ifaces && match->states == context->states &&
	       match->kind == context->kind && !*match->odd;
}

static const char *untranslated(const struct walk *walk)
{
	return walk->lines && walk->place.line < walk->lines->lines ?
		walk->lines->line[walk->place.line].rule : NULL;
}

static bool read_rule(struct walk *walk, const struct import_match *context, const json_t *rule,
		      unsigned int depth, enum ends *ends)
{
	const json_t *statements = json_object_get(rule, "expr"), *what;
	struct import_match match = *context;
	size_t i;

	if (untranslated(walk)) {
		/* It may be about ICMP and it may drop. */
		match.named |= !!strstr(untranslated(walk), "icmp");
		return decide_odd(walk, &match, untranslated(walk), "it can't be said in nft's words");
	}
	for (i = 0; i < json_array_size(statements); i++) {
		const char *kind = kind_of(json_array_get(statements, i), &what);

		if (!strcmp(kind, "match")) {
			match_value(walk, &match, json_object_get(what, "left"), get(what, "op"),
				    json_object_get(what, "right"));
		} else if (!strcmp(kind, "limit")) {
			read_rate(&match, what, IMPORT_TOTAL);
		} else if (!strcmp(kind, "set")) {
			match_set(&match, what, json_object_get(what, "elem"),
				  json_object_get(what, "stmt"));
		} else if (!strcmp(kind, "meter")) {
			match_set(&match, what, json_object_get(what, "key"),
				  json_object_get(what, "stmt"));
		} else if (!strcmp(kind, "vmap")) {
			if (can_be_icmp(&match) && !read_map(walk, &match, what, depth))
				return false;
			/* Those that the map has no element for go on. */
			odd(&match, "vmap", "the rule goes on after it");
		} else if (is_filter(kind)) {
			odd(&match, kind, NOTHING_LIKE);
		} else if (!is_idle(kind)) {
			return read_verdict(walk, &match, kind, what, is_same(&match, context),
					    depth, ends);
		}
	}
	return true;
}

static bool is_of(const json_t *object, const json_t *like, const char *chain)
{
	return is(object, "table", get(like, "table")) && is(object, "family", get(like, "family")) &&
	       is(object, "chain", chain);
}

static unsigned int line_of(const struct walk *walk, const json_t *rule)
{
	unsigned int line = 0;

	if (walk->lines && sscanf(get(rule, "comment"), "line:%u", &line) != 1)
		line = 0;
	return line;
}

static const char *comment_of(const struct walk *walk, const json_t *rule)
{
	unsigned int line = line_of(walk, rule);

	if (!walk->lines)
		return get(rule, "comment");
	return line < walk->lines->lines && walk->lines->line[line].comment ?
		walk->lines->line[line].comment : "";
}

/* What the operator wrote of a rule that became something */
static void keep_comment(struct walk *walk, const json_t *rule, size_t said)
{
	const char *comment = comment_of(walk, rule);
	char where[IMPORT_NAME + 32];
	struct import *import = walk->import;

	if (*comment && said != import->entries + import->rules + import->ifaces)
		fprintf(import->note, "%s: \"%s\"\n", import_where(&walk->place, where), comment);
}

/* What comes behind a base chain's verdict for all is refused if it is about ICMP. */
static bool goes_on(enum ends ends, unsigned int depth)
{
	return ends == ENDS_NOT || (ends == ENDS_ALL && !depth);
}

static bool walk_chain(struct walk *walk, const struct import_match *context, const char *name,
		       unsigned int depth, enum ends *ends)
{
	unsigned int number = 0;
	size_t i;

	for (i = 0; i < json_array_size(walk->objects) && goes_on(*ends, depth); i++) {
		const json_t *rule = json_object_get(json_array_get(walk->objects, i), "rule");
		size_t said = walk->import->entries + walk->import->rules + walk->import->ifaces;

		if (!rule || !is_of(rule, walk->base, name))
			continue;
		walk->place = (struct import_place) {
			.json = rule, .line = line_of(walk, rule), .number = ++number };
		snprintf(walk->place.chain, sizeof(walk->place.chain), "%s", name);
		if (walk->visits++ == VISITS)
			return import_refuse(walk->import, &walk->place, "there are too many rules");
		if (!read_rule(walk, context, rule, depth, ends))
			return false;
		walk->place = (struct import_place) {
			.json = rule, .line = line_of(walk, rule), .number = number };
		snprintf(walk->place.chain, sizeof(walk->place.chain), "%s", name);
		keep_comment(walk, rule, said);
	}
	return true;
}

static enum import_hook hook_of(const json_t *chain)
{
	static const struct keyword hooks[] = {
		{ "input", IMPORT_INPUT }, { "prerouting", IMPORT_PREROUTING },
		{ "forward", IMPORT_FORWARD }, { "output", IMPORT_OUTPUT },
		{ "postrouting", IMPORT_OUTPUT }, { NULL, 0 }
	};
	const struct keyword *hook = keyword_find(hooks, get(chain, "hook"));

	if (is(chain, "family", "bridge") || is(chain, "family", "netdev"))
		return IMPORT_ELSEWHERE;
	return hook ? hook->value : IMPORT_ELSEWHERE;
}

static bool walk_base(struct walk *walk, const json_t *chain)
{
	struct import_match all = {
		.proto = { !is(chain, "family", "ip6"), !is(chain, "family", "ip") } };
	enum ends ends = ENDS_NOT;

	walk->base = chain;
	walk->chain = (struct import_chain) {
		.json = chain, .hook = hook_of(chain), .filters = is(chain, "type", "filter"),
		.proto = { all.proto[0], all.proto[1] }, .drops_rest = is(chain, "policy", "drop") };
	snprintf(walk->chain.name, sizeof(walk->chain.name), "%s", get(chain, "name"));
	return walk_chain(walk, &all, get(chain, "name"), 0, &ends) &&
	       import_chain_end(walk->import, &walk->chain);
}

/* Objects of which a ruleset is made; another one is no ruleset's. */
static bool is_object(const char *kind)
{
	static const char *const kinds[] = {
		"metainfo", "table", "chain", "rule", "set", "map", "element", "flowtable", "counter",
		"quota", "ct helper", "ct timeout", "ct expectation", "limit", "secmark", "synproxy",
		"meter", "tunnel",
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

/* A rule and a chain with what they must have; the rest is looked at where it is used. */
static bool look_at(struct import *import, const json_t *objects)
{
	static const char *const needs[] = { "family", "table", "chain", "name" };
	size_t i, n, tables = 0;

	for (i = 0; i < json_array_size(objects); i++) {
		const json_t *what;
		const char *kind = kind_of(json_array_get(objects, i), &what);
		bool rule = !strcmp(kind, "rule");

		if (!is_object(kind) || !json_is_object(what))
			return error_set(&import->error, NULL,
					 "'%.40s' isn't what 'nft -j list ruleset' prints", *kind ? kind : "?");
		tables += !strcmp(kind, "table");
		if (!rule && strcmp(kind, "chain"))
			continue;
		for (n = 0; n < 4; n++)
			if ((n != (rule ? 3 : 2)) && !*get(what, needs[n]))
				return error_set(&import->error, NULL, "a %s has no '%s'", kind, needs[n]);
		if (rule && !json_is_array(json_object_get(what, "expr")))
			return error_set(&import->error, NULL, "a rule has no 'expr'");
	}
	return tables || error_set(&import->error, NULL, "there are no rules in it");
}

/**
 * import_rules() - read a ruleset
 * @import: gets all of it
 * @root: the ruleset
 * @lines: what nft wasn't told of iptables' lines; NULL: it is nft's own
 *
 * Return: whether icmpguard can follow it.
 */
bool import_rules(struct import *import, const json_t *root, const struct import_lines *lines)
{
	struct walk walk = { .import = import, .objects = json_object_get(root, "nftables"),
			     .lines = lines };
	bool good = true;
	size_t i;

	if (!json_is_array(walk.objects))
		return error_set(&import->error, NULL, "it isn't what 'nft -j list ruleset' prints");
	if (!look_at(import, walk.objects))
		return false;
	for (i = 0; i < json_array_size(walk.objects) && good; i++) {
		const json_t *chain = json_object_get(json_array_get(walk.objects, i), "chain");

		if (chain && *get(chain, "hook") && !is(chain, "family", "arp"))
			good = walk_base(&walk, chain);
	}
	for (i = 0; i < walk.prefixes_n; i++)
		free(walk.prefixes[i]);
	free(walk.prefixes);
	return good && import_end(import);
}

/**
 * import_chain_rules() - the rules of one chain
 * @root: a ruleset
 * @like: a rule of that chain, of this ruleset or another one
 * @rules: filled in
 * @room: how many fit
 *
 * Return: how many there are.
 */
size_t import_chain_rules(const json_t *root, const json_t *like, const json_t **rules, size_t room)
{
	const json_t *objects = json_object_get(root, "nftables");
	size_t i, n = 0;

	for (i = 0; i < json_array_size(objects); i++) {
		const json_t *rule = json_object_get(json_array_get(objects, i), "rule");

		if (!rule || !is_of(rule, like, get(like, "chain")))
			continue;
		if (n < room)
			rules[n] = rule;
		n++;
	}
	return n;
}
