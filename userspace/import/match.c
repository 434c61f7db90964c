// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which packets a rule is about: its matches and rates in libnftables' JSON. What isn't
 * known here is taken for a match of some of the packets, so that a rule about ICMP with
 * such a thing is refused. match_type.c has types and codes.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "names.h"
#include "value.h"

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
			import_odd(match, "l4proto", "it isn't a protocol's name or number");
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
			import_odd(match, "protocol", IMPORT_NOTHING_LIKE);
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
	return *name && c - name < IF_NAMESIZE && icmpguard_name_kind(name) == ICMPGUARD_NAME_FINE;
}

static void match_ifaces(struct import_match *match, bool not, const json_t *atoms)
{
	const char *name[IMPORT_IFACES];
	unsigned int names = 0, kept = 0, i, j;
	bool lo = false;

	for (i = 0; i < json_array_size(atoms); i++) {
		const char *text = json_string_value(json_array_get(atoms, i));

		if (!text || icmpguard_name_kind(text) == ICMPGUARD_NAME_PATTERN) {
			import_odd(match, text ? text : "iif",
				   "icmpguard knows interfaces by their whole name");
			return;
		}
		if (!is_iface(text)) {
			import_odd(match, text, "it isn't the name of an interface");
			return;
		}
		if (!strcmp(text, "lo")) {
			lo = true;
			continue;
		}
		if (names == IMPORT_IFACES) {
			import_odd(match, text, "the rule names too many interfaces");
			return;
		}
		name[names++] = text;
	}
	if (not && (names || !lo)) {
		import_odd(match, "iifname", "icmpguard has no such exceptions");
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
		import_nothing(match);
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
			import_odd(match, text ? text : "ct state", "icmpguard keeps no connections");
		found |= state ? state->value : 0;
	}
	if (not)
		found = 0x1f & ~found;
	match->states = match->states ? match->states & found : found;
	if (!match->states)
		import_nothing(match);
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
		snprintf(text, sizeof(text), "%.60s/%lld", import_get(prefix, "addr"),
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

static void match_sources(struct import_ruleset *ruleset, struct import_match *match, bool v6,
			  const json_t *atoms)
{
	struct prefix *list = NULL;
	size_t n = 0, room = 0, i;
	char text[64];

	match->proto[!v6] = false;
	if (match->has_source)
		import_odd(match, "saddr", "the rules on the way to it name other sources");
	for (i = 0; i < json_array_size(atoms); i++)
		if (!add_source(json_array_get(atoms, i), &list, &n, &room))
			import_odd(match, import_atom_text(json_array_get(atoms, i), text),
				   "it is no prefix");
	ruleset->prefixes = import_append(ruleset->prefixes, &ruleset->prefixes_n,
					  &ruleset->prefixes_room, sizeof(*ruleset->prefixes));
	ruleset->prefixes[ruleset->prefixes_n - 1] = list;
	match->source = list;
	match->sources = n;
	match->has_source = true;
	for (i = 0; i < n; i++)
		if (list[i].v6 != v6)
			import_odd(match, "saddr", "it is of the other family");
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

static void match_payload(struct import_ruleset *ruleset, struct import_match *match,
			  const json_t *payload, bool not, const json_t *atoms)
{
	const char *protocol = import_get(payload, "protocol"), *field = import_get(payload, "field");
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
		import_odd(match, field, "icmpguard has no such exceptions");
	else if (p < 2 && !strcmp(field, "type"))
		import_match_types(match, p, atoms);
	else if (p < 2 && !strcmp(field, "code"))
		import_match_codes(match, p, atoms);
	else if (ip && !strcmp(field, "saddr"))
		match_sources(ruleset, match, v6, atoms);
	else
		import_odd(match, *field ? field : protocol, IMPORT_NOTHING_LIKE);
}

static bool is_field(const json_t *value, const char *protocol, const char *field)
{
	const json_t *payload = json_object_get(value, "payload");

	return import_is(payload, "protocol", protocol) && import_is(payload, "field", field);
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
			import_match_both(match, p, atoms);
			return;
		}
	}
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *payload = json_object_get(json_array_get(list, i), "payload");

		if (payload && header_of(import_get(payload, "protocol")) == 2)
			import_nothing(match);
	}
	import_odd(match, ".", IMPORT_NOTHING_LIKE);
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
		import_odd(match, key, IMPORT_NOTHING_LIKE);
}

/* Whether it only is there in packets that aren't ICMP */
static bool is_of_others(const char *kind, const json_t *what)
{
	return (!strcmp(kind, "payload") && header_of(import_get(what, "protocol")) == 2) ||
	       header_of(kind) == 2 || !strcmp(kind, "osf");
}

/**
 * import_match_value() - "LEFT OP RIGHT", and a verdict map's key and one of its elements
 * @ruleset: where sets are, and what sources are kept in
 * @match: gets it
 * @left: a field of packets
 * @op: how it is compared
 * @right: with what
 */
void import_match_value(struct import_ruleset *ruleset, struct import_match *match,
			const json_t *left, const char *op, const json_t *right)
{
	bool not = !strcmp(op, "!=");
	json_t *atoms = json_array();
	const json_t *what;
	const char *kind = import_kind(left, &what), *wrong = import_atoms(ruleset, right, atoms);

	if (match->kind != IMPORT_UNLIMITED)
		import_odd(match, "limit", "it counts more packets than the rule is about");
	if (is_of_others(kind, what))
		import_nothing(match);
	else if (wrong)
		import_odd(match, json_is_string(right) ? json_string_value(right) : kind, wrong);
	else if (!not && strcmp(op, "==") && strcmp(op, "in"))
		import_odd(match, op, "icmpguard has no such comparisons");
	else if (!strcmp(kind, "payload"))
		match_payload(ruleset, match, what, not, atoms);
	else if (!strcmp(kind, "meta"))
		match_meta(match, import_get(what, "key"), not, atoms);
	else if (!strcmp(kind, "concat"))
		match_concat(match, what, not, atoms);
	else if (!strcmp(kind, "ct") && import_is(what, "key", "state"))
		match_states(match, not, atoms);
	else
		import_odd(match, kind, IMPORT_NOTHING_LIKE);
	json_decref(atoms);
}

/**
 * import_match_rate() - a rate
 * @match: gets it
 * @limit: the rate
 * @kind: whose it is
 *
 * Return: whether icmpguard has such a rate.
 */
bool import_match_rate(struct import_match *match, const json_t *limit, enum import_rate kind)
{
	json_int_t packets = json_integer_value(json_object_get(limit, "rate"));
	json_int_t burst = json_integer_value(json_object_get(limit, "burst"));
	const struct keyword *period = keyword_find(periods, import_get(limit, "per"));
	const char *unit = import_get(limit, "rate_unit");
	char text[RATE_TEXT];

	if (match->kind != IMPORT_UNLIMITED) {
		import_odd(match, "limit", "the rule has a rate already");
		return false;
	}
	if (json_is_string(limit) || (*unit && strcmp(unit, "packets"))) {
		import_odd(match, *unit ? unit : "limit",
			   "icmpguard has rates of packets, said in the rule");
		return false;
	}
	snprintf(text, sizeof(text), "%lld/%s", (long long)packets, period ? period->name : "?");
	if (value_rate(text, &match->rate) != VALUE_OK || burst < 0 || burst > UINT32_MAX) {
		import_odd(match, text, "icmpguard has no such rate");
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
		import_odd(match, json_object_get(key, "concat") ? "." : "limit",
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
		import_odd(match, "&", "it isn't a mask of an address");
		return false;
	}
	for (bits = 0; bits < mask.len && mask.addr[bits / 8] & 0x80 >> bits % 8; bits++)
		;
	for (i = bits; i < mask.len; i++)
		if (mask.addr[i / 8] & 0x80 >> i % 8)
			bits = 0;
	if (!bits)
		import_odd(match, json_string_value(field), "it isn't the mask of a prefix");
	match->mask = bits;
	return bits;
}

/**
 * import_match_set() - "add @s { ip saddr limit rate over 10/second }"
 * @match: gets its rate; a set without one only remembers
 * @set: the statement
 * @key: what is put into the set
 * @statements: what is done with it there
 */
void import_match_set(struct import_match *match, const json_t *set, const json_t *key,
		      const json_t *statements)
{
	const json_t *statement = json_is_array(statements) ? json_array_get(statements, 0) : statements;
	const json_t *what;
	const char *kind = import_kind(statement, &what);

	if (!statement) {
		if (!import_is(set, "op", "add") && !import_is(set, "op", "update") &&
		    !import_is(set, "op", "delete"))
			import_odd(match, "meter", IMPORT_NOTHING_LIKE);
		return;
	}
	if (json_array_size(statements) > 1 || strcmp(kind, "limit")) {
		if (strcmp(kind, "counter") || json_array_size(statements) > 1)
			import_odd(match, kind, IMPORT_NOTHING_LIKE);
		return;
	}
	if (import_match_rate(match, what, IMPORT_SOURCE))
		read_key(match, key);
}
