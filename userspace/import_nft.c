// SPDX-License-Identifier: GPL-2.0-only
/*
 * What `nft list ruleset` prints.
 */
#include <stdio.h>
#include <string.h>
#include "import.h"
#include "value.h"

/* Where in the ruleset a line is */
struct place {
	char chain[64];
	enum import_hook hook;
	bool drops_rest;
};

static bool is(const struct word *word, const char *text)
{
	return word && !strcmp(word->text, text);
}

static bool next_is(const struct words *words, const char *text)
{
	const char *next = words_peek(words);

	return next && !strcmp(next, text);
}

static bool skip(struct words *words, const char *text)
{
	return next_is(words, text) && words_read(words);
}

static const struct word *need(struct words *words, struct error *error)
{
	const struct word *last = words->last, *word = words_read(words);

	if (!word)
		error_set(error, last, "'%s' has nothing behind it", last->text);
	return word;
}

/* Whether a line says anything about ICMP; another one is nobody's business here */
static uint32_t protocol_of(struct words words)
{
	const struct word *word;

	while ((word = words_read(&words))) {
		if (is(word, "icmp"))
			return ICMPGUARD_PROTO_ICMP;
		if (is(word, "icmpv6") || is(word, "ipv6-icmp"))
			return ICMPGUARD_PROTO_ICMPV6;
	}
	return 0;
}

/* "type filter hook input priority filter; policy accept;" */
static void read_hook(struct words *words, struct place *place)
{
	const struct word *word;

	while ((word = words_read(words))) {
		if (is(word, "hook") && skip(words, "input"))
			place->hook = IMPORT_INPUT;
		else if (is(word, "hook") && skip(words, "prerouting"))
			place->hook = IMPORT_PREROUTING;
		else if (is(word, "policy"))
			place->drops_rest = next_is(words, "drop") || next_is(words, "drop;");
	}
}

/* "echo-request", or "{ echo-request, redirect }" */
static bool read_types(struct words *words, struct import_rule *rule, struct error *error)
{
	const struct word *word = need(words, error);
	bool many = is(word, "{");
	char text[64];

	if (many)
		word = need(words, error);
	while (word && !(many && is(word, "}"))) {
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(word->text, ","), word->text);
		if (!import_type(word, text, rule, error))
			return false;
		if (!many)
			return true;
		word = need(words, error);
	}
	return word;
}

static bool read_code(struct words *words, struct import_rule *rule, struct error *error)
{
	const struct word *word = need(words, error);

	if (!word)
		return false;
	if (rule->types != 1 || value_number(word->text, &rule->type[0].code) != VALUE_OK ||
	    rule->type[0].code > 255)
		return error_set(error, word, "'%s' is no code of one type", word->text);
	rule->type[0].has_code = true;
	return true;
}

/* "limit rate over 10/second burst 5 packets", of which "limit" was read */
static bool read_limit(struct words *words, struct import_rule *rule, enum import_rate kind,
		       struct error *error)
{
	const struct word *word;

	if (rule->rate_word)
		return error_set(error, words->last, "'%s': the rule has a rate already",
				 words->last->text);
	rule->kind = kind;
	rule->rate_word = words->last;
	if (!skip(words, "rate"))
		return error_set(error, words->last, "'%s' without a rate", words->last->text);
	rule->over = skip(words, "over");
	word = need(words, error);
	if (!word || !import_rate(word, &rule->rate, error))
		return false;
	if (!skip(words, "burst"))
		return true;
	word = need(words, error);
	if (!word || value_number(word->text, &rule->rate.burst) != VALUE_OK || !rule->rate.burst)
		return error_set(error, word, "'%s' is no burst in packets",
				 word ? word->text : "burst");
	if (!skip(words, "packets"))
		return error_set(error, word, "'%s' is no burst in packets", word->text);
	return true;
}

/* "&" and a mask, whose ones are the bits of a source */
static bool read_mask(const struct word *word, struct import_rule *rule, struct error *error)
{
	struct prefix mask;
	uint32_t bits = 0, i;

	if (!value_address(word->text, &mask))
		return error_set(error, word, "'%s' is no mask", word->text);
	while (bits < mask.len && mask.addr[bits / 8] & 0x80 >> bits % 8)
		bits++;
	for (i = bits; i < mask.len; i++)
		if (mask.addr[i / 8] & 0x80 >> i % 8)
			return error_set(error, word, "'%s' is no mask of a prefix", word->text);
	rule->mask = bits;
	return true;
}

/* "{ ip saddr limit rate over 10/second }", what each source has for itself */
static bool read_meter(struct words *words, struct import_rule *rule, struct error *error)
{
	const struct word *word;

	/* The name of the set, and of what older versions say of it */
	do {
		word = need(words, error);
		if (!word)
			return false;
	} while (!is(word, "{"));
	word = need(words, error);
	if (!word)
		return false;
	if (!is(word, rule->proto == ICMPGUARD_PROTO_ICMPV6 ? "ip6" : "ip") ||
	    !skip(words, "saddr"))
		return error_set(error, word, "'%s': icmpguard limits by source address alone",
				 word->text);
	if (skip(words, "&")) {
		word = need(words, error);
		if (!word || !read_mask(word, rule, error))
			return false;
	}
	if (skip(words, "timeout") && !need(words, error))
		return false;
	word = need(words, error);
	if (!word)
		return false;
	if (!is(word, "limit"))
		return error_set(error, word, "'%s': icmpguard has nothing like it", word->text);
	if (!read_limit(words, rule, IMPORT_SOURCE, error))
		return false;
	if (!skip(words, "}"))
		return error_set(error, words->last, "'%s' isn't all there is in the braces",
				 words->last->text);
	return true;
}

static bool read_source(struct words *words, struct import_rule *rule, struct error *error)
{
	const struct word *word = words->last;

	if (!skip(words, "saddr"))
		return error_set(error, word, "'%s': icmpguard knows packets by their source alone",
				 words_peek(words) ? words_peek(words) : word->text);
	word = need(words, error);
	if (!word)
		return false;
	if (value_prefix(word->text, &rule->prefix) != VALUE_OK)
		return error_set(error, word, "'%s' is no prefix", word->text);
	value_mask(&rule->prefix);
	rule->source = word;
	return true;
}

/* "ip protocol icmp", "meta l4proto ipv6-icmp": known already */
static bool read_protocol(struct words *words, struct error *error)
{
	const struct word *word = need(words, error);

	if (!word || is(word, "icmp") || is(word, "icmpv6") || is(word, "ipv6-icmp"))
		return word;
	return error_set(error, word, "'%s' is no ICMP", word->text);
}

static bool read_counter(struct words *words, struct error *error)
{
	if (!skip(words, "packets"))
		return true;
	return need(words, error) && need(words, error) && need(words, error);
}

static bool read_word(const struct word *word, struct words *words, struct import_rule *rule,
		      struct error *error)
{
	if (is(word, "icmp") || is(word, "icmpv6")) {
		if (skip(words, "type"))
			return read_types(words, rule, error);
		if (skip(words, "code"))
			return read_code(words, rule, error);
	}
	if (is(word, "ip") || is(word, "ip6")) {
		if (skip(words, "protocol") || skip(words, "nexthdr"))
			return read_protocol(words, error);
		return read_source(words, rule, error);
	}
	if (is(word, "meta") && skip(words, "l4proto"))
		return read_protocol(words, error);
	if (is(word, "meter") || is(word, "add") || is(word, "update"))
		return read_meter(words, rule, error);
	if (is(word, "limit"))
		return read_limit(words, rule, IMPORT_TOTAL, error);
	if (is(word, "counter"))
		return read_counter(words, error);
	if (is(word, "comment"))
		return need(words, error);
	if (is(word, "accept") || is(word, "drop")) {
		rule->verdict = word;
		rule->drop = is(word, "drop");
		return true;
	}
	return error_set(error, word, "'%s': icmpguard has nothing like it", word->text);
}

static bool read_rule(struct words *words, const struct place *place, struct import *import,
		      struct error *error)
{
	struct import_rule rule = {
		.first = words->next, .chain = place->chain, .hook = place->hook,
		.drops_rest = place->drops_rest, .proto = protocol_of(*words),
	};
	const struct word *word;

	if (!rule.proto)
		return true;
	rule.mask = rule.proto == ICMPGUARD_PROTO_ICMPV6 ? 128 : 32;
	while ((word = words_read(words)))
		if (!read_word(word, words, &rule, error))
			return false;
	return import_add(import, &rule, error);
}

/**
 * import_is_nft() - whether it is nft's, and not iptables-save's
 * @text: its words
 */
bool import_is_nft(const struct text *text)
{
	struct words words;
	size_t at = 0;

	return text_statement(text, &at, &words) && next_is(&words, "table");
}

/**
 * import_nft() - read what `nft list ruleset` printed
 * @text: its words
 * @import: gets all of it
 * @error: filled in with the first rule that can't be said in icmpguard
 *
 * Return: whether all of them can.
 */
bool import_nft(const struct text *text, struct import *import, struct error *error)
{
	struct place place = { .chain = "" };
	struct words words;
	bool in_chain = false;
	size_t at = 0;

	while (text_statement(text, &at, &words)) {
		if (next_is(&words, "chain")) {
			words_read(&words);
			place = (struct place) { .hook = IMPORT_NO_HOOK };
			snprintf(place.chain, sizeof(place.chain), "%s",
				 words_peek(&words) ? words_peek(&words) : "");
			in_chain = true;
		} else if (next_is(&words, "}")) {
			in_chain = false;
		} else if (in_chain && next_is(&words, "type")) {
			read_hook(&words, &place);
		} else if (in_chain && !read_rule(&words, &place, import, error)) {
			return false;
		}
	}
	return import_end(import, error);
}
