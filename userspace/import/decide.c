// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a firewall's rules come to in icmpguard, or why they don't.
 *
 * In a firewall the first verdict counts, and most rules are about all protocols.
 * In icmpguard an interface that is off comes first, then the longest prefix, then
 * the type, each type with one treatment. A rule is refused where that would be
 * something else.
 */
#include <linux/icmpv6.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "memory.h"
#include "names.h"
#include "value.h"

static uint32_t proto_of(unsigned int p)
{
	return p ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP;
}

/**
 * import_append() - make room for one more
 * @list: where they are
 * @n: how many
 * @room: how many fit
 * @size: of one
 *
 * Return: the list, whose last one is zeroed.
 */
void *import_append(void *list, size_t *n, size_t *room, size_t size)
{
	if (*n == *room) {
		*room = *room ? 2 * *room : 16;
		list = memory_get(list, *room, size);
	}
	memset((char *)list + (*n)++ * size, 0, size);
	return list;
}

/**
 * import_where() - name a rule
 * @place: the rule
 * @text: filled in
 *
 * Return: @text.
 */
const char *import_where(const struct import_place *place, char text[IMPORT_NAME + 32])
{
	if (place->line)
		snprintf(text, IMPORT_NAME + 32, "line %u", place->line);
	else if (place->number)
		snprintf(text, IMPORT_NAME + 32, "rule %u of chain %.40s", place->number,
			 place->chain);
	else
		snprintf(text, IMPORT_NAME + 32, "chain %.40s", place->chain);
	return text;
}

/**
 * import_refuse() - say why a rule has no counterpart
 * @import: all that was read
 * @place: the rule
 * @format: what is wrong
 *
 * Return: false, for the caller to pass on.
 */
bool import_refuse(struct import *import, const struct import_place *place, const char *format, ...)
{
	char text[ERROR_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	import->refused = *place;
	import->error.line = place->line;
	return error_set(&import->error, NULL, "%s", text);
}

__attribute__((format(printf, 3, 4)))
static void note(struct import *import, const struct import_place *place, const char *format, ...)
{
	char where[IMPORT_NAME + 32];
	va_list args;

	fprintf(import->note, "%s: ", import_where(place, where));
	va_start(args, format);
	vfprintf(import->note, format, args);
	va_end(args);
	fputc('\n', import->note);
}

static const char *type_text(unsigned int p, const struct import_type *type, char text[64])
{
	const struct type_name *name = type_by_number(proto_of(p), type->number);

	if (type->has_code)
		snprintf(text, 64, "%s code %u", name ? name->name : "?", type->code);
	else
		snprintf(text, 64, "%s", name ? name->name : "?");
	return text;
}

/* One chain decides about a protocol: with two, what one accepts the other may drop. */
static bool own(struct import *import, const struct import_chain *chain,
		const struct import_match *match, const struct import_place *place)
{
	unsigned int p;

	if (import->hook != IMPORT_ELSEWHERE && import->hook != chain->hook)
		return import_refuse(import, place,
				     "'%s': icmpguard has one scope, and rules before are at another hook",
				     chain->name);
	for (p = 0; p < 2; p++) {
		if (!match->proto[p])
			continue;
		if (import->owner[p] && import->owner[p] != chain->json)
			return import_refuse(import, place,
					     "'%s': another chain decides about the same packets before, and icmpguard has one list",
					     chain->name);
		import->owner[p] = chain->json;
	}
	import->hook = chain->hook;
	return true;
}

static struct import_entry *entry_find(struct import *import, unsigned int p,
				       const struct import_type *type)
{
	size_t i;

	for (i = 0; i < import->entries; i++) {
		struct import_entry *entry = &import->entry[i];

		if (entry->proto == p && entry->type.number == type->number &&
		    entry->type.has_code == type->has_code && entry->type.code == type->code)
			return entry;
	}
	return NULL;
}

static struct import_entry *entry_get(struct import *import, unsigned int p,
				      const struct import_type *type,
				      const struct import_place *place)
{
	struct import_entry *entry = entry_find(import, p, type);

	if (entry)
		return entry;
	import->entry = import_append(import->entry, &import->entries, &import->entries_room,
				      sizeof(*import->entry));
	entry = &import->entry[import->entries - 1];
	entry->proto = p;
	entry->type = *type;
	entry->treatment.action = ICMPGUARD_ACTION_ACCEPT;
	entry->first = *place;
	return entry;
}

static bool entry_limit(struct import *import, const struct import_match *match,
			enum import_verdict verdict, const struct import_place *place,
			struct import_entry *entry)
{
	bool own_bucket = match->kind == IMPORT_SOURCE;
	struct rate *rate = own_bucket ? &entry->treatment.limit : &entry->treatment.total;
	uint32_t *mask = &import->mask[entry->proto];
	char where[IMPORT_NAME + 32], type[64];

	if (rate->packets)
		return import_refuse(import, place, "'limit': '%s' has a rate already, by %s",
				     type_text(entry->proto, &entry->type, type),
				     import_where(&entry->first, where));
	if (match->over != (verdict == IMPORT_DROP))
		return import_refuse(import, place,
				     "'%s': icmpguard drops what is above a rate and accepts what is below it",
				     verdict == IMPORT_DROP ? "drop" : "accept");
	if (own_bucket && *mask && *mask != match->mask)
		return import_refuse(import, place,
				     "'limit': its sources have %u bits and those before %u: icmpguard has one length for all",
				     match->mask, *mask);
	if (own_bucket)
		*mask = match->mask;
	*rate = match->rate;
	entry->treatment.action = ICMPGUARD_ACTION_LIMIT;
	if (!match->over) {
		entry->is_open = true;
		entry->open = *place;
	}
	return true;
}

static bool entry_verdict(struct import *import, bool drop, const struct import_place *place,
			  struct import_entry *entry)
{
	bool limited = entry->treatment.action == ICMPGUARD_ACTION_LIMIT;
	char where[IMPORT_NAME + 32];

	if (limited && drop && !entry->is_open)
		return import_refuse(import, place, "'drop' drops what the rule in %s lets pass",
				     import_where(&entry->first, where));
	if (limited && !drop && entry->is_open)
		return import_refuse(import, place, "'accept' accepts what is above the rate in %s",
				     import_where(&entry->open, where));
	if (!limited)
		entry->treatment.action = drop ? ICMPGUARD_ACTION_DROP : ICMPGUARD_ACTION_ACCEPT;
	entry->is_open = false;
	entry->is_decided = true;
	entry->decided = *place;
	return true;
}

/* What conntrack takes for an answer or an error about a connection, but for redirects */
static bool is_of_connections(unsigned int p, uint32_t type)
{
	static const uint8_t icmp[] = { 0, 3, 4, 11, 12, 14, 16, 18 };
	static const uint8_t icmpv6[] = { 1, 2, 3, 4, 129, 140 };
	const uint8_t *list = p ? icmpv6 : icmp;

	return type < 256 && memchr(list, type, p ? sizeof(icmpv6) : sizeof(icmp));
}

/* A type and its codes are entries of their own; icmpguard looks at the code's first. */
static bool add_codes(struct import *import, const struct import_match *match, bool drop,
		      const struct import_place *place, unsigned int p, uint32_t number)
{
	size_t i;

	for (i = 0; i < import->entries; i++) {
		struct import_entry *entry = &import->entry[i];
		char type[64];

		if (entry->proto != p || entry->type.number != number || !entry->type.has_code ||
		    entry->is_decided)
			continue;
		if (match->kind != IMPORT_UNLIMITED)
			return import_refuse(import, place,
					     "'limit': '%s' has a rate of its own before",
					     type_text(p, &entry->type, type));
		if (!entry_verdict(import, drop, place, entry))
			return false;
	}
	return true;
}

static bool add_type(struct import *import, struct import_chain *chain,
		     const struct import_match *match, enum import_verdict verdict,
		     const struct import_place *place, unsigned int p,
		     const struct import_type *type)
{
	const struct import_type whole = { .number = type->number };
	bool strict = verdict == IMPORT_DROP || match->kind != IMPORT_UNLIMITED;
	const struct import_entry *of_type = entry_find(import, p, &whole);
	struct import_entry *entry = entry_find(import, p, type);
	char where[IMPORT_NAME + 32], text[64];

	if (!entry && type->has_code)
		entry = entry_find(import, p, &whole);
	if (entry && entry->is_decided)
		return import_refuse(import, place, "'%s': no packet of it gets past %s",
				     type_text(p, type, text), import_where(&entry->decided, where));
	if (strict && chain->late[p])
		return import_refuse(import, place, "'%s': %s accepts packets of it before",
				     type_text(p, type, text),
				     import_where(&chain->late_by[p], where));
	if (strict && chain->conntrack[p] && is_of_connections(p, type->number))
		return import_refuse(import, place,
				     "'%s': %s accepts those of connections before, and icmpguard keeps no connections",
				     type_text(p, type, text),
				     import_where(&chain->conntrack_by[p], where));
	if (type->has_code && of_type && (verdict == IMPORT_ACCEPT || match->kind != IMPORT_UNLIMITED))
		return import_refuse(import, place, "'%s': the whole type has a rate, by %s",
				     type_text(p, type, text), import_where(&of_type->first, where));
	if (!type->has_code && !add_codes(import, match, verdict == IMPORT_DROP, place, p, type->number))
		return false;
	entry = entry_get(import, p, type, place);
	if (match->kind == IMPORT_UNLIMITED)
		return entry_verdict(import, verdict == IMPORT_DROP, place, entry);
	return entry_limit(import, match, verdict, place, entry);
}

static bool add_types(struct import *import, struct import_chain *chain,
		      const struct import_match *match, enum import_verdict verdict,
		      const struct import_place *place)
{
	char prefix[PREFIX_TEXT] = "saddr";
	unsigned int i;

	if (match->sources)
		value_print_prefix(match->source, prefix);
	if (match->has_source)
		return import_refuse(import, place,
				     "'%s': icmpguard treats a prefix alike for all types, and this rule names types",
				     prefix);
	if (match->has_iface)
		return import_refuse(import, place,
				     "'iifname': icmpguard has no types of one interface, only 'interface NAME off'");
	for (i = 0; i < match->types; i++)
		if (!add_type(import, chain, match, verdict, place, match->proto[1],
			      &match->type[i]))
			return false;
	return true;
}

/*
 * Every type that has no verdict yet. A rule that drops without naming them doesn't mean
 * those that path MTU discovery needs (code 4 of destination-unreachable has a default of
 * its own), nor errors and replies where those of connections were accepted before.
 */
static bool add_other_types(struct import *import, struct import_chain *chain, unsigned int p,
			    enum import_verdict verdict, const struct import_place *place)
{
	const struct import_match match = { .kind = IMPORT_UNLIMITED };
	const char *proto = p ? "ICMPv6" : "ICMP";
	char where[IMPORT_NAME + 32];
	const struct type_name *name;
	size_t i, before = import->entries;

	for (i = 0; (name = type_at(i)); i++) {
		struct import_type type = { .number = name->number };
		const struct import_entry *entry = entry_find(import, p, &type);

		if (name->proto != proto_of(p) || name->number == ICMPGUARD_TYPE_FRAGMENT ||
		    (entry && entry->is_decided))
			continue;
		if (verdict == IMPORT_DROP && !entry &&
		    ((p && name->number == ICMPV6_PKT_TOOBIG) ||
		     (chain->conntrack[p] && is_of_connections(p, name->number))))
			continue;
		if (!add_type(import, chain, &match, verdict, place, p, &type))
			return false;
	}
	if (import->entries == before)
		return true;
	if (verdict == IMPORT_ACCEPT)
		note(import, place,
		     "accepts the types of %s that no rule names: without their lines they have icmpguard's defaults",
		     proto);
	else if (chain->conntrack[p])
		note(import, place,
		     "drops the types of %s that no rule names, but not errors and replies, which %s accepts: they keep icmpguard's defaults",
		     proto, import_where(&chain->conntrack_by[p], where));
	else
		note(import, place,
		     "drops the types of %s that no rule names, but not %s, which path MTU discovery needs",
		     proto, p ? "packet-too-big" : "code 4 of destination-unreachable");
	return true;
}

static bool covers(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix cut = *inner;

	if (outer->v6 != inner->v6 || outer->len > inner->len)
		return false;
	cut.len = outer->len;
	value_mask(&cut);
	return !memcmp(cut.addr, outer->addr, sizeof(cut.addr));
}

/* The first rule counts in a firewall, and the longest prefix in icmpguard. */
static bool add_prefix(struct import *import, const struct rule *rule, size_t before,
		       const struct import_place *place)
{
	char text[PREFIX_TEXT], where[IMPORT_NAME + 32];
	struct import_rule *added;
	size_t i;

	value_print_prefix(&rule->prefix, text);
	for (i = 0; i < before; i++) {
		const struct import_rule *other = &import->rule[i];
		bool limit = other->rule.action == ICMPGUARD_RULE_LIMIT;

		if (covers(&other->rule.prefix, &rule->prefix)) {
			if (other->rule.action == rule->action && !limit)
				return true;
			return import_refuse(import, place,
					     "'%s': %s decides about it before, and in icmpguard the longer prefix counts",
					     text, import_where(&other->place, where));
		}
		if (limit && rule->action != ICMPGUARD_RULE_EXEMPT &&
		    covers(&rule->prefix, &other->rule.prefix))
			return import_refuse(import, place,
					     "'%s': %s has a rate for a part of it, and what is below that rate would pass",
					     text, import_where(&other->place, where));
	}
	import->rule = import_append(import->rule, &import->rules, &import->rules_room,
				     sizeof(*import->rule));
	added = &import->rule[import->rules - 1];
	added->rule = *rule;
	added->place = *place;
	return true;
}

/* What types of a protocol there are, and whether some of their packets were accepted */
static const struct import_entry *entry_of(const struct import *import, const bool proto[2],
					   bool passed)
{
	size_t i;

	for (i = 0; i < import->entries; i++) {
		const struct import_entry *entry = &import->entry[i];

		if (proto[entry->proto] && (!passed || entry->is_open ||
					    entry->treatment.action == ICMPGUARD_ACTION_ACCEPT))
			return entry;
	}
	return NULL;
}

static const struct import_entry *entry_open(const struct import *import, const bool proto[2])
{
	size_t i;

	for (i = 0; i < import->entries; i++)
		if (proto[import->entry[i].proto] && import->entry[i].is_open)
			return &import->entry[i];
	return NULL;
}

/*
 * Accepted after rules for types, and whatever the protocol: those types are limited
 * for it as before, and others are as the chain's policy has them. That holds as
 * long as no other type comes after it.
 */
static bool add_late(struct import *import, struct import_chain *chain, const bool proto[2],
		     const struct import_place *place, const char *what)
{
	const struct import_entry *open = entry_open(import, proto);
	char where[IMPORT_NAME + 32];
	unsigned int p;

	if (open)
		return import_refuse(import, place, "'%s' is accepted above the rate in %s", what,
				     import_where(&open->open, where));
	for (p = 0; p < 2; p++) {
		if (!proto[p] || chain->late[p])
			continue;
		chain->late[p] = true;
		chain->late_by[p] = *place;
	}
	note(import, place,
	     "%s is accepted after the rules for types, which count for it: no statement", what);
	return true;
}

static bool source_rule(struct import *import, struct import_chain *chain,
			const struct import_match *match, enum import_verdict verdict,
			const struct import_place *place, const struct prefix *prefix, size_t before)
{
	const bool proto[2] = { !prefix->v6, prefix->v6 };
	const struct import_entry *any = entry_of(import, proto, false);
	const struct import_entry *passed = entry_of(import, proto, true);
	struct rule rule = { .prefix = *prefix, .action = ICMPGUARD_RULE_EXEMPT };
	char text[PREFIX_TEXT], where[IMPORT_NAME + 32];

	value_print_prefix(prefix, text);
	if (verdict == IMPORT_DROP)
		rule.action = ICMPGUARD_RULE_BLOCK;
	if (match->kind == IMPORT_SOURCE) {
		rule.action = ICMPGUARD_RULE_LIMIT;
		rule.limit = match->rate;
	}
	if (rule.action != ICMPGUARD_RULE_EXEMPT && chain->late[prefix->v6])
		return import_refuse(import, place, "'%s': %s accepts packets of it before", text,
				     import_where(&chain->late_by[prefix->v6], where));
	if (rule.action == ICMPGUARD_RULE_BLOCK)
		any = passed;	/* What is dropped already is dropped in any case. */
	if (!any)
		return add_prefix(import, &rule, before, place);
	if (rule.action == ICMPGUARD_RULE_EXEMPT && !match->named)
		return add_late(import, chain, proto, place, text);
	return import_refuse(import, place,
			     "'%s' comes after %s: in icmpguard prefixes come before types", text,
			     import_where(&any->first, where));
}

static bool add_sources(struct import *import, struct import_chain *chain,
			const struct import_match *match, enum import_verdict verdict,
			const struct import_place *place)
{
	size_t i, before = import->rules;
	char where[IMPORT_NAME + 32];
	unsigned int p;

	if (match->has_iface)
		return import_refuse(import, place,
				     "'iifname': icmpguard has no sources of one interface");
	if (match->kind == IMPORT_TOTAL)
		return import_refuse(import, place,
				     "'limit': a prefix has no rate that its sources share");
	if (match->kind == IMPORT_SOURCE && !match->named)
		return import_refuse(import, place,
				     "'limit': it counts all protocols, and icmpguard only ICMP");
	if (match->kind == IMPORT_SOURCE && (!match->over || verdict != IMPORT_DROP))
		return import_refuse(import, place,
				     "'limit': for a prefix it has to drop what is above the rate");
	for (i = 0; i < match->sources; i++) {
		if (!match->proto[match->source[i].v6])
			continue;
		if (!source_rule(import, chain, match, verdict, place, &match->source[i], before))
			return false;
	}
	for (p = 0; p < 2 && verdict == IMPORT_DROP; p++)
		if (match->proto[p] && chain->conntrack[p])
			note(import, place, "%s replies and errors too, which %s accepts of connections",
			     match->kind == IMPORT_SOURCE ? "limits" : "blocks",
			     import_where(&chain->conntrack_by[p], where));
	return true;
}

static bool iface_off(struct import *import, const struct import_match *match,
		      const struct import_place *place, const char *name)
{
	struct import_iface *iface;
	size_t i;

	for (i = 0; i < import->ifaces && strcmp(import->iface[i].name, name); i++)
		;
	if (i == import->ifaces) {
		import->iface = import_append(import->iface, &import->ifaces, &import->ifaces_room,
					      sizeof(*import->iface));
		snprintf(import->iface[i].name, sizeof(import->iface[i].name), "%s", name);
		import->iface[i].place = *place;
	}
	iface = &import->iface[i];
	iface->proto[0] |= match->proto[0];
	iface->proto[1] |= match->proto[1];
	return true;
}

static bool add_ifaces(struct import *import, struct import_chain *chain,
		       const struct import_match *match, enum import_verdict verdict,
		       const struct import_place *place)
{
	const struct import_entry *entry = entry_of(import, match->proto, false);
	char where[IMPORT_NAME + 32];
	unsigned int n;
	size_t i;

	if (verdict != IMPORT_ACCEPT || match->kind != IMPORT_UNLIMITED)
		return import_refuse(import, place,
				     "'iifname': icmpguard can only accept all that comes in by an interface");
	if (entry && !match->named)
		return add_late(import, chain, match->proto, place, match->iface[0]);
	if (entry)
		return import_refuse(import, place,
				     "'%s' comes after %s: in icmpguard interfaces come before types",
				     match->iface[0], import_where(&entry->first, where));
	for (i = 0; i < import->rules; i++)
		if (match->proto[import->rule[i].rule.prefix.v6] &&
		    import->rule[i].rule.action != ICMPGUARD_RULE_EXEMPT)
			return import_refuse(import, place,
					     "'%s' comes after %s: in icmpguard interfaces come before prefixes",
					     match->iface[0],
					     import_where(&import->rule[i].place, where));
	for (n = 0; n < match->ifaces; n++)
		if (!iface_off(import, match, place, match->iface[n]))
			return false;
	return true;
}

/* What is above a rate that was accepted up to is dropped here. */
static void close_open(struct import *import, const bool proto[2])
{
	size_t i;

	for (i = 0; i < import->entries; i++)
		if (proto[import->entry[i].proto])
			import->entry[i].is_open = false;
}

/* A verdict about all types, as a chain's policy is one */
static bool add_rest(struct import *import, struct import_chain *chain,
		     const struct import_match *match, enum import_verdict verdict,
		     const struct import_place *place)
{
	const struct import_entry *open = entry_open(import, match->proto);
	char where[IMPORT_NAME + 32];
	unsigned int p;

	if (match->kind != IMPORT_UNLIMITED)
		return import_refuse(import, place,
				     "'limit': icmpguard has a rate for each type, and this rule names none");
	if (open && verdict == IMPORT_ACCEPT)
		return import_refuse(import, place, "'accept' accepts what is above the rate in %s",
				     import_where(&open->open, where));
	for (p = 0; p < 2; p++) {
		if (!match->proto[p])
			continue;
		chain->closed[p] = true;
		chain->closed_by[p] = *place;
		/* Where nothing is limited or dropped, nothing needs to be accepted. */
		if (import->owner[p] == chain->json &&
		    !add_other_types(import, chain, p, verdict, place))
			return false;
	}
	close_open(import, match->proto);
	return true;
}

/* Chains that icmpguard has no place for: it never sees their packets, or all the same */
static bool decide_elsewhere(struct import *import, struct import_chain *chain,
			     const struct import_match *match, enum import_verdict verdict,
			     const struct import_place *place)
{
	bool accepts = verdict == IMPORT_ACCEPT && match->kind == IMPORT_UNLIMITED;

	if (chain->hook == IMPORT_OUTPUT && (accepts || !match->named))
		return true;
	if (match->named && !accepts)
		return import_refuse(import, place,
				     "'%s': icmpguard judges packets before they are routed, and has no such chain",
				     chain->name);
	if (match->named && !import->forwards) {
		import->forwards = true;
		import->forward = *place;
	}
	if (!chain->noted && (match->has_source || match->has_iface || *match->odd)) {
		chain->noted = true;
		note(import, place,
		     "chain %s is left alone: its rules for all protocols stay in the firewall",
		     chain->name);
	}
	return true;
}

#define OF_CONNECTIONS	(IMPORT_ESTABLISHED | IMPORT_RELATED | IMPORT_UNTRACKED)

/* Return: whether the rule needs no counterpart. */
static bool decide_states(struct import *import, struct import_chain *chain,
			  const struct import_match *match, enum import_verdict verdict,
			  const struct import_place *place)
{
	unsigned int p;

	if (match->kind != IMPORT_UNLIMITED)
		return false;
	if (verdict != IMPORT_ACCEPT && !(match->states & ~IMPORT_INVALID)) {
		note(import, place,
		     "packets without a connection: icmpguard keeps none, the rule stays in the firewall");
		return true;
	}
	if (verdict != IMPORT_ACCEPT || match->states & ~OF_CONNECTIONS)
		return false;
	for (p = 0; p < 2; p++) {
		if (!match->proto[p] || chain->conntrack[p])
			continue;
		chain->conntrack[p] = true;
		chain->conntrack_by[p] = *place;
	}
	note(import, place,
	     "connections that exist: icmpguard keeps none, and limits count their packets too");
	return true;
}

/* "new" after all that isn't new was accepted says nothing more. */
static bool is_the_rest(const struct import_chain *chain, const struct import_match *match)
{
	unsigned int p;

	for (p = 0; p < 2; p++)
		if (match->proto[p] && !chain->conntrack[p])
			return false;
	return match->states & IMPORT_NEW;
}

/* Nothing is left of it for a protocol about which all is said. */
static bool is_reached(struct import *import, const struct import_chain *chain,
		       struct import_match *match, const struct import_place *place, bool *refused)
{
	char where[IMPORT_NAME + 32];
	unsigned int p, closed = 2;

	for (p = 0; p < 2; p++) {
		if (!match->proto[p] || !chain->closed[p])
			continue;
		match->proto[p] = false;
		closed = p;
	}
	if (match->proto[0] || match->proto[1])
		return true;
	*refused = closed < 2 && match->named &&
		   !import_refuse(import, place, "'%s': no packet of it gets past %s",
				  closed ? "icmpv6" : "icmp",
				  import_where(&chain->closed_by[closed], where));
	return false;
}

/**
 * import_decide() - take one rule
 * @import: to what
 * @chain: where it is
 * @matched: its packets
 * @verdict: what is done with them
 * @place: the rule
 *
 * Return: whether icmpguard can do the same.
 */
bool import_decide(struct import *import, struct import_chain *chain,
		   const struct import_match *matched, enum import_verdict verdict,
		   const struct import_place *place)
{
	struct import_match match = *matched;
	bool refused = false, bare;

	if (!match.proto[0] && !match.proto[1])
		return true;
	if (!chain->filters && verdict == IMPORT_ACCEPT)
		return true;
	if (chain->hook != IMPORT_INPUT && chain->hook != IMPORT_PREROUTING)
		return decide_elsewhere(import, chain, &match, verdict, place);
	if (!is_reached(import, chain, &match, place, &refused))
		return !refused;
	if (match.states && decide_states(import, chain, &match, verdict, place))
		return true;
	if (*match.odd)
		return import_refuse(import, place, "'%s': %s", match.odd, match.why);
	if (match.states && !is_the_rest(chain, &match))
		return import_refuse(import, place,
				     "'ct state': icmpguard keeps no connections");
	bare = !match.has_types && !match.has_source && !match.has_iface && !match.named &&
		match.kind == IMPORT_UNLIMITED;
	if (verdict == IMPORT_REJECT && !bare)
		return import_refuse(import, place,
				     "'reject': icmpguard accepts or drops, and nothing else");
	if (verdict == IMPORT_REJECT)
		verdict = IMPORT_DROP;
	if ((!bare || verdict == IMPORT_DROP) && !own(import, chain, &match, place))
		return false;
	if (match.has_types)
		return add_types(import, chain, &match, verdict, place);
	if (match.has_source)
		return add_sources(import, chain, &match, verdict, place);
	if (match.has_iface)
		return add_ifaces(import, chain, &match, verdict, place);
	return add_rest(import, chain, &match, verdict, place);
}

/**
 * import_chain_end() - a base chain has no more rules
 * @import: to what
 * @chain: the chain
 *
 * Return: whether nothing is left open.
 */
bool import_chain_end(struct import *import, struct import_chain *chain)
{
	enum import_verdict verdict = chain->drops_rest ? IMPORT_DROP : IMPORT_ACCEPT;
	struct import_match rest = { .kind = IMPORT_UNLIMITED };
	struct import_place place = { .json = NULL };
	const struct import_entry *open;
	unsigned int p;

	if (chain->hook != IMPORT_INPUT && chain->hook != IMPORT_PREROUTING)
		return true;
	snprintf(place.chain, sizeof(place.chain), "%s", chain->name);
	for (p = 0; p < 2; p++)
		rest.proto[p] = chain->proto[p] && !chain->closed[p];
	open = entry_open(import, rest.proto);
	if (open && verdict == IMPORT_ACCEPT)
		return import_refuse(import, &open->open,
				     "'limit': nothing after it drops what is above this rate");
	return import_decide(import, chain, &rest, verdict, &place);
}

/* Neither more packets in a time, nor more at once */
static bool is_slower(const struct rate *rate, const struct rate *than)
{
	return (uint64_t)rate->packets * than->period <= (uint64_t)than->packets * rate->period &&
	       rate->burst <= than->burst;
}

/*
 * A prefix's rate comes before types in a firewall, and is one for each type in icmpguard:
 * in the place of the type's own rate, and only of types that have one.
 */
static bool meet_limit(struct import *import, const struct import_rule *rule,
		       struct import_entry *entry)
{
	struct treatment *treatment = &entry->treatment;
	char where[IMPORT_NAME + 32], type[64];

	if (treatment->action == ICMPGUARD_ACTION_ACCEPT)
		treatment->action = ICMPGUARD_ACTION_LIMIT;
	if (treatment->action != ICMPGUARD_ACTION_LIMIT || !treatment->limit.packets ||
	    is_slower(&rule->rule.limit, &treatment->limit))
		return true;
	return import_refuse(import, &entry->first,
			     "'%s': its rate is below that of %s, which in icmpguard counts for the prefix instead",
			     type_text(entry->proto, &entry->type, type),
			     import_where(&rule->place, where));
}

static bool meet_limits(struct import *import)
{
	size_t i, j;

	for (i = 0; i < import->rules; i++)
		for (j = 0; j < import->entries; j++)
			if (import->rule[i].rule.action == ICMPGUARD_RULE_LIMIT &&
			    import->rule[i].rule.prefix.v6 == import->entry[j].proto &&
			    !meet_limit(import, &import->rule[i], &import->entry[j]))
				return false;
	return true;
}

/**
 * import_end() - there are no more rules
 * @import: all that was read
 *
 * Return: whether they are what icmpguard has room for.
 */
bool import_end(struct import *import)
{
	unsigned int p;
	size_t i;

	if (!meet_limits(import))
		return false;
	for (i = 0; i < import->ifaces; i++) {
		const struct import_iface *iface = &import->iface[i];

		for (p = 0; p < 2; p++) {
			if (iface->proto[p])
				continue;
			if (import->owner[p])
				return import_refuse(import, &iface->place,
						     "'%.32s': icmpguard would switch it off for %s too, whose rules don't accept it",
						     iface->name, p ? "ICMPv6" : "ICMP");
			note(import, &iface->place,
			     "interface %s is off for %s too, of which there are no rules here",
			     iface->name, p ? "ICMPv6" : "ICMP");
		}
	}
	if (import->hook == IMPORT_ELSEWHERE)
		fprintf(import->note, "nothing here asks for more than icmpguard's defaults\n");
	if (import->forwards && import->hook != IMPORT_INPUT)
		return import_refuse(import, &import->forward,
				     "'%s': icmpguard has no rules for forwarded packets alone",
				     import->forward.chain);
	return true;
}

/**
 * import_init() - begin
 * @import: filled in
 */
void import_init(struct import *import)
{
	*import = (struct import) { .hook = IMPORT_ELSEWHERE };
	import->note = open_memstream(&import->notes, &import->notes_size);
	if (!import->note)
		abort();
}

/**
 * import_release() - forget it
 * @import: no longer used
 */
void import_release(struct import *import)
{
	fclose(import->note);
	free(import->notes);
	free(import->entry);
	free(import->rule);
	free(import->iface);
}
