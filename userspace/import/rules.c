// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ruleset as libnftables writes it in JSON, libnftables-json(5): what each rule does
 * with the packets it is about, which match.c reads. Jumps are followed, with what the
 * jumping rule matches.
 */
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "names.h"

#define DEPTH		16	/* jumps inside of jumps, as in the kernel */
#define VISITS		100000	/* rules looked at, jumps followed */

/**
 * struct walk - going through a ruleset
 * @import: to what
 * @ruleset: all that is in it
 * @lines: iptables-save's, or NULL
 * @chain: the base chain
 * @place: the rule
 * @visits: rules looked at
 */
struct walk {
	struct import *import;
	struct import_ruleset ruleset;
	const struct import_lines *lines;
	struct import_chain chain;
	struct import_place place;
	unsigned int visits;
};

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

	import_odd(&one, word, why);
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
	if (!import_object(&walk->ruleset, "chain", target))
		return import_refuse(walk->import, &place, "'%.40s': there is no such chain here",
				     target);
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
		return read_jump(walk, match, *kind == 'j', import_get(what, "target"), bare, depth, ends);
	return decide_odd(walk, match, kind, "icmpguard accepts or drops, and nothing else");
}

static bool read_map(struct walk *walk, const struct import_match *match, const json_t *map,
		     unsigned int depth)
{
	const json_t *data = json_object_get(map, "data"), *elements, *what;
	const char *name = json_string_value(data), *kind;
	enum ends ends = ENDS_NOT;
	size_t i;

	elements = json_object_get(data, "set");
	if (name && *name == '@')
		elements = json_object_get(import_object(&walk->ruleset, "map", name + 1), "elem");
	if (!json_array_size(elements))
		return decide_odd(walk, match, name ? name : "vmap",
				  "the map is empty here, and what will be in it can't be known");
	for (i = 0; i < json_array_size(elements); i++) {
		const json_t *pair = json_array_get(elements, i);
		struct import_match one = *match;

		import_match_value(&walk->ruleset, &one, json_object_get(map, "key"), "==",
				   json_array_get(pair, 0));
		kind = import_kind(json_array_get(pair, 1), &what);
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
		const char *kind = import_kind(json_array_get(statements, i), &what);

		if (!strcmp(kind, "match")) {
			import_match_value(&walk->ruleset, &match, json_object_get(what, "left"),
					   import_get(what, "op"), json_object_get(what, "right"));
		} else if (!strcmp(kind, "limit")) {
			import_match_rate(&match, what, IMPORT_TOTAL);
		} else if (!strcmp(kind, "set")) {
			import_match_set(&match, what, json_object_get(what, "elem"),
				  json_object_get(what, "stmt"));
		} else if (!strcmp(kind, "meter")) {
			import_match_set(&match, what, json_object_get(what, "key"),
				  json_object_get(what, "stmt"));
		} else if (!strcmp(kind, "vmap")) {
			if (can_be_icmp(&match) && !read_map(walk, &match, what, depth))
				return false;
			/* Those that the map has no element for go on. */
			import_odd(&match, "vmap", "the rule goes on after it");
		} else if (is_filter(kind)) {
			import_odd(&match, kind, IMPORT_NOTHING_LIKE);
		} else if (!is_idle(kind)) {
			return read_verdict(walk, &match, kind, what, is_same(&match, context),
					    depth, ends);
		}
	}
	return true;
}

static bool is_of(const json_t *object, const json_t *like, const char *chain)
{
	return import_is(object, "table", import_get(like, "table")) &&
	       import_is(object, "family", import_get(like, "family")) &&
	       import_is(object, "chain", chain);
}

static unsigned int line_of(const struct walk *walk, const json_t *rule)
{
	unsigned int line = 0;

	if (walk->lines && sscanf(import_get(rule, "comment"), "line:%u", &line) != 1)
		line = 0;
	return line;
}

static const char *comment_of(const struct walk *walk, const json_t *rule)
{
	unsigned int line = line_of(walk, rule);

	if (!walk->lines)
		return import_get(rule, "comment");
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

/* A rule after a base chain's verdict for all is refused if it is about ICMP. */
static bool goes_on(enum ends ends, unsigned int depth)
{
	return ends == ENDS_NOT || (ends == ENDS_ALL && !depth);
}

static bool walk_chain(struct walk *walk, const struct import_match *context, const char *name,
		       unsigned int depth, enum ends *ends)
{
	unsigned int number = 0;
	size_t i;

	for (i = 0; i < json_array_size(walk->ruleset.objects) && goes_on(*ends, depth); i++) {
		const json_t *rule = json_object_get(json_array_get(walk->ruleset.objects, i), "rule");
		size_t said = walk->import->entries + walk->import->rules + walk->import->ifaces;

		if (!rule || !is_of(rule, walk->ruleset.base, name))
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
	const struct keyword *hook = keyword_find(hooks, import_get(chain, "hook"));

	if (import_is(chain, "family", "bridge") || import_is(chain, "family", "netdev"))
		return IMPORT_ELSEWHERE;
	return hook ? hook->value : IMPORT_ELSEWHERE;
}

static bool walk_base(struct walk *walk, const json_t *chain)
{
	struct import_match all = {
		.proto = { !import_is(chain, "family", "ip6"), !import_is(chain, "family", "ip") } };
	enum ends ends = ENDS_NOT;

	walk->ruleset.base = chain;
	walk->chain = (struct import_chain) {
		.json = chain, .hook = hook_of(chain), .filters = import_is(chain, "type", "filter"),
		.proto = { all.proto[0], all.proto[1] },
		.drops_rest = import_is(chain, "policy", "drop") };
	snprintf(walk->chain.name, sizeof(walk->chain.name), "%s", import_get(chain, "name"));
	return walk_chain(walk, &all, import_get(chain, "name"), 0, &ends) &&
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
		const char *kind = import_kind(json_array_get(objects, i), &what);
		bool rule = !strcmp(kind, "rule");

		if (!is_object(kind) || !json_is_object(what))
			return error_set(&import->error, NULL,
					 "'%.40s' isn't what 'nft -j list ruleset' prints", *kind ? kind : "?");
		tables += !strcmp(kind, "table");
		if (!rule && strcmp(kind, "chain"))
			continue;
		for (n = 0; n < 4; n++)
			if ((n != (rule ? 3 : 2)) && !*import_get(what, needs[n]))
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
 * @lines: parts of iptables' lines that nft didn't get; NULL: nft's own rules
 *
 * Return: whether icmpguard can follow it.
 */
bool import_rules(struct import *import, const json_t *root, const struct import_lines *lines)
{
	struct walk walk = { .import = import, .ruleset.objects = json_object_get(root, "nftables"),
			     .lines = lines };
	bool good = true;
	size_t i;

	if (!json_is_array(walk.ruleset.objects))
		return error_set(&import->error, NULL, "it isn't what 'nft -j list ruleset' prints");
	if (!look_at(import, walk.ruleset.objects))
		return false;
	for (i = 0; i < json_array_size(walk.ruleset.objects) && good; i++) {
		const json_t *chain = json_object_get(json_array_get(walk.ruleset.objects, i), "chain");

		if (chain && *import_get(chain, "hook") && !import_is(chain, "family", "arp"))
			good = walk_base(&walk, chain);
	}
	for (i = 0; i < walk.ruleset.prefixes_n; i++)
		free(walk.ruleset.prefixes[i]);
	free(walk.ruleset.prefixes);
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

		if (!rule || !is_of(rule, like, import_get(like, "chain")))
			continue;
		if (n < room)
			rules[n] = rule;
		n++;
	}
	return n;
}
