// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statements: words in, a change out.
 *
 * What a word can't mean is refused here; what the kernel can't do is the
 * kernel's to refuse.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "hints.h"
#include "nearest.h"
#include "parse.h"
#include "parse_setting.h"
#include "value.h"

static const char *last_text(const struct words *words)
{
	return words->last ? words->last->text : "";
}

/* No packet has an IPv4-mapped source: what is meant is the IPv4 address. */
static bool refuse_mapped(const struct word *word, const struct prefix *prefix, struct error *error)
{
	char text[PREFIX_TEXT];
	struct prefix v4, masked;

	if (!value_is_mapped(prefix, &v4))
		return false;
	masked = v4;
	value_mask(&masked);
	if (v4.len == 32 || memcmp(masked.addr, v4.addr, sizeof(v4.addr)))
		value_print_address(&v4, text);
	else
		value_print_prefix(&v4, text);
	error_set(error, word, "'%s' is IPv4-mapped, which no packet's source is: write '%s'",
		  word->text, text);
	return true;
}

/**
 * parse_address() - read an address
 * @word: the word
 * @prefix: filled in, all bits of it
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool parse_address(const struct word *word, struct prefix *prefix, struct error *error)
{
	if (!value_address(word->text, prefix))
		return error_set(error, word, "'%s' isn't an IPv4 or IPv6 address", word->text);
	return !refuse_mapped(word, prefix, error);
}

static bool parse_prefix(const struct word *word, struct prefix *prefix, bool used,
			 struct error *error)
{
	char proper[PREFIX_TEXT];
	struct prefix masked;

	switch (value_prefix(word->text, prefix)) {
	case VALUE_OK:
		break;
	case VALUE_TOO_LARGE:
		return error_set(error, word, "'%s' has more than the %d bits of an IPv%d address",
				 word->text, prefix->v6 ? 128 : 32, prefix->v6 ? 6 : 4);
	default:
		return error_set(error, word,
				 "invalid prefix '%s': expected ADDRESS or ADDRESS/BITS", word->text);
	}
	if (used && refuse_mapped(word, prefix, error))
		return false;
	masked = *prefix;
	value_mask(&masked);
	if (!memcmp(&masked.addr, &prefix->addr, sizeof(masked.addr)))
		return true;
	value_print_prefix(&masked, proper);
	return error_set(error, word, "'%s' has bits after its prefix: write '%s'", word->text,
			 proper);
}

static bool refuse_rate(const struct word *word, enum value value, struct error *error)
{
	switch (value) {
	case VALUE_ZERO:
		return error_set(error, word, "'%s' is a rate of zero: 'drop' does that",
				 word->text);
	case VALUE_TOO_LARGE:
		return error_set(error, word, "'%s' is too large for a rate", word->text);
	case VALUE_BAD_UNIT:
		return error_set(error, word,
				 "invalid rate '%s': its period is second, minute, hour, day or week",
				 word->text);
	default:
		return error_set(error, word, "invalid rate '%s': expected e.g. 10/second or 300/minute",
				 word->text);
	}
}

static uint32_t burst_of(const struct rate *rate)
{
	return rate->burst ? rate->burst : icmpguard_default_burst(rate->packets, rate->period);
}

/* An error names a burst only if the statement has one. */
static bool fits_burst(const struct word *word, const struct word *burst, const struct rate *rate,
		       struct error *error)
{
	uint64_t most;

	if (!rate->packets || icmpguard_burst_fits(rate->packets, rate->period, burst_of(rate)))
		return true;
	most = (uint64_t)rate->packets * ICMPGUARD_BURST_SECONDS / rate->period;
	if (!most)
		most = 1;
	if (burst)
		return error_set(error, burst, "'%s' is too large a burst for '%s': the most is %"
				 PRIu64, burst->text, word->text, most);
	return error_set(error, word,
			 "'%s' is too slow for the default burst of %u: add 'burst %" PRIu64 "'",
			 word->text, burst_of(rate), most);
}

/* RATE [burst N]; the words go to two neighbours in enum place. */
static bool parse_rate(struct words *words, struct rate *rate, const struct word **place,
		       struct error *error)
{
	const struct word *word = parse_need(words, "a rate, such as 10/second", error);
	enum value value;

	if (!word)
		return false;
	place[0] = word;
	value = value_rate(word->text, rate);
	if (value != VALUE_OK)
		return refuse_rate(word, value, error);
	if (!icmpguard_rate_fits(rate->packets, rate->period))
		return error_set(error, word, "'%s' is above %u a second", word->text,
				 ICMPGUARD_RATE_MAX);
	if (!parse_skip(words, "burst"))
		return fits_burst(word, NULL, rate, error);
	if (!rate->packets)
		return error_set(error, words->last, "unexpected argument 'burst': 'unlimited' has none");
	word = parse_need(words, "a number of packets", error);
	if (!word || !parse_number(word, "burst", &rate->burst, error))
		return false;
	place[1] = word;
	if (!rate->burst)
		return error_set(error, word, "'%s' is a burst of zero, which lets nothing pass",
				 word->text);
	return fits_burst(place[0], word, rate, error);
}

static bool fits_block(const struct word *word, const struct type_change *type, struct error *error)
{
	const struct rate *limit = &type->treatment.limit;
	uint32_t block = type->treatment.block;

	if (block > ICMPGUARD_PENALTY_MAX)
		return error_set(error, word, "'%s' is too long: a penalty is %us at most",
				 word->text, ICMPGUARD_PENALTY_MAX);
	if (block && !limit->packets)
		return error_set(error, word,
				 "unexpected argument '%s': no source exceeds 'unlimited'", word->text);
	if (block && !icmpguard_penalty_fits(limit->packets, limit->period, burst_of(limit), block))
		return error_set(error, word,
				 "'%s' is too long for such a burst: together they last 5 days at most",
				 word->text);
	return true;
}

static bool parse_block(struct words *words, struct type_change *type, struct error *error)
{
	const struct word *word = parse_need(words, "a duration, such as 60s", error);

	if (!word)
		return false;
	type->word[PLACE_BLOCK] = word;
	switch (value_duration(word->text, &type->treatment.block)) {
	case VALUE_OK:
		return fits_block(word, type, error);
	case VALUE_TOO_LARGE:
		return error_set(error, word, "'%s' is too long", word->text);
	case VALUE_BAD_UNIT:
		return error_set(error, word, "'%s' needs a unit: s, m, h or d", word->text);
	default:
		return error_set(error, word, "invalid duration '%s': expected e.g. 60s, 5m or 1h",
				 word->text);
	}
}

/* limit RATE [burst N] [total RATE [burst N]] [block DURATION] */
static bool parse_limit(struct words *words, struct type_change *type, struct error *error)
{
	struct treatment *treatment = &type->treatment;

	if (!parse_rate(words, &treatment->limit, &type->word[PLACE_LIMIT], error))
		return false;
	if (parse_skip(words, "total") &&
	    !parse_rate(words, &treatment->total, &type->word[PLACE_TOTAL], error))
		return false;
	return !parse_skip(words, "block") || parse_block(words, type, error);
}

static bool parse_treatment(struct words *words, struct type_change *type, struct error *error)
{
	static const char what[] = "accept, drop, limit or monitor";
	const struct word *word = parse_need(words, what, error);
	struct treatment *treatment = &type->treatment;
	const struct keyword *action;
	const char *hint;

	if (!word)
		return false;
	type->word[PLACE_ACTION] = word;
	if (!strcmp(word->text, "monitor")) {
		treatment->action = ACTION_KEEP;
		treatment->monitor = true;
		return true;
	}
	action = keyword_find(actions, word->text);
	hint = action ? NULL : hint_find(NULL, actions, word->text);
	if (hint)
		return error_set(error, word, "invalid action '%s': expected %s; did you mean '%s'?",
				 word->text, what, hint);
	if (!action)
		return error_set(error, word, "invalid action '%s': expected %s", word->text, what);
	treatment->action = action->value;
	if (treatment->action == ICMPGUARD_ACTION_LIMIT && !parse_limit(words, type, error))
		return false;
	if (parse_skip(words, "monitor"))
		treatment->monitor = true;
	return true;
}

static bool parse_code(struct words *words, struct type_change *type, struct error *error)
{
	const struct word *word = parse_need(words, "a number", error);

	if (!word || !parse_number(word, "code", &type->code, error))
		return false;
	if (type->code > 255)
		return error_set(error, word, "invalid code '%s': expected 0 to 255", word->text);
	if (type->number > 255)
		return error_set(error, word, "'%s' has no codes",
				 type->word[PLACE_NAME]->text);
	type->has_code = true;
	type->word[PLACE_CODE] = word;
	if (!parse_skip(words, "default"))
		return true;
	type->word[PLACE_ACTION] = words->last;
	type->remove = true;
	return true;
}

/* What a protocol calls that which has another name in the other one */
static const char *twin_name(uint32_t proto, const char *name)
{
	static const char *const twins[][2] = {
		{ "redirect", "nd-redirect" },
		{ "router-advertisement", "nd-router-advert" },
		{ "router-solicitation", "nd-router-solicit" },
	};
	bool v6 = proto == ICMPGUARD_PROTO_ICMPV6;
	size_t i;

	for (i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
		if (!strcmp(twins[i][!v6], name))
			return twins[i][v6];
	return NULL;
}

static bool refuse_type(const struct word *word, uint32_t proto, struct error *error)
{
	uint32_t other = proto == ICMPGUARD_PROTO_ICMP ? ICMPGUARD_PROTO_ICMPV6 :
							 ICMPGUARD_PROTO_ICMP;
	const struct type_name *type;
	const char *twin = proto ? twin_name(proto, word->text) : NULL;
	struct nearest nearest;
	size_t i;

	nearest_init(&nearest, "type", word->text);
	for (i = 0; (type = type_at(i)); i++)
		if (!proto || type->proto == proto)
			nearest_try(&nearest, type->name);
	for (i = 0; !proto && protos[i].name; i++)
		nearest_try(&nearest, protos[i].name);
	if (twin)
		return error_set(error, word, "'%s' is a type of %s, not of %s; did you mean '%s'?",
				 word->text, keyword_name(protos, other),
				 keyword_name(protos, proto), twin);
	if (proto && type_by_name(other, word->text))
		return error_set(error, word, "'%s' is a type of %s, not of %s", word->text,
				 keyword_name(protos, other), keyword_name(protos, proto));
	if (nearest.name)
		return error_set(error, word, "unknown type '%.48s'; did you mean '%s'?",
				 word->text, nearest.name);
	return error_set(error, word, "unknown type '%.48s'", word->text);
}

/*
 * The numbers of the two protocols have nothing in common; one that means
 * different types in them isn't taken to mean both.
 */
static bool number_protos(const struct word *word, uint32_t number, uint32_t *found,
			  struct error *error)
{
	const struct type_name *v4 = type_by_number(ICMPGUARD_PROTO_ICMP, number);
	const struct type_name *v6 = type_by_number(ICMPGUARD_PROTO_ICMPV6, number);

	if (v4 && v6)
		return error_set(error, word, "'%s' is %s in icmp and %s in icmpv6: say which",
				 word->text, v4->name, v6->name);
	if (!v4 && !v6)
		return error_set(error, word, "no type has the number '%s'; 'other' is all such",
				 word->text);
	*found = v4 ? ICMPGUARD_PROTO_ICMP : ICMPGUARD_PROTO_ICMPV6;
	return true;
}

/* Which type, or one in each protocol: the numbers go to @number, by enum icmpguard_proto. */
static bool parse_type_name(const struct word *word, uint32_t proto, bool *has, uint32_t *number,
			    struct error *error)
{
	bool found = false;
	uint32_t n, p;

	switch (value_number(word->text, &n)) {
	case VALUE_OK:
		if (n > 255)
			return error_set(error, word, "invalid type '%s': numbers end at 255",
					 word->text);
		p = proto;
		if (!p && !number_protos(word, n, &p, error))
			return false;
		if (!type_by_number(p, n))
			return error_set(error, word,
					 "no type of %s has the number '%s'; 'other' is all such",
					 keyword_name(protos, p), word->text);
		has[p] = true;
		number[p] = n;
		return true;
	case VALUE_TOO_LARGE:
		return error_set(error, word, "invalid type '%s': numbers end at 255", word->text);
	default:
		break;
	}
	for (p = ICMPGUARD_PROTO_ICMP; p <= ICMPGUARD_PROTO_ICMPV6; p++) {
		const struct type_name *type = type_by_name(p, word->text);

		if (!type || (proto && p != proto))
			continue;
		has[p] = true;
		number[p] = type->number;
		found = true;
	}
	return found || refuse_type(word, proto, error);
}

/* A code that means different things in the two protocols isn't taken to mean both. */
static bool code_is_common(const struct type_change *type, const uint32_t *number,
			   struct error *error)
{
	const char *v4 = code_meaning(ICMPGUARD_PROTO_ICMP, number[ICMPGUARD_PROTO_ICMP],
				      type->code);
	const char *v6 = code_meaning(ICMPGUARD_PROTO_ICMPV6, number[ICMPGUARD_PROTO_ICMPV6],
				      type->code);
	const char *name = type->word[PLACE_NAME]->text;

	if (!strcmp(v4, v6))
		return true;
	return error_set(error, type->word[PLACE_CODE],
			 "'%u' is %s in icmp and %s in icmpv6: write 'icmp %s code %u' or 'icmpv6 %s code %u'",
			 type->code, v4, v6, name, type->code, name, type->code);
}

/**
 * parse_type() - read what is to be done with a type
 * @words: [icmp|icmpv6] NAME [code N] TREATMENT
 * @change: gets one entry, or one for each protocol
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool parse_type(struct words *words, struct change *change, struct error *error)
{
	const struct word *word = parse_need(words, "the name of a type", error);
	bool has[ICMPGUARD_PROTO_ICMPV6 + 1] = { false };
	uint32_t number[ICMPGUARD_PROTO_ICMPV6 + 1];
	struct type_change type = { 0 };
	const struct keyword *family;
	uint32_t p;

	if (!word)
		return false;
	family = keyword_find(protos, word->text);
	if (family) {
		word = parse_need(words, "the name of a type", error);
		if (!word)
			return false;
	}
	if (!parse_type_name(word, family ? family->value : 0, has, number, error))
		return false;
	type.word[PLACE_NAME] = word;
	type.number = has[ICMPGUARD_PROTO_ICMP] ? number[ICMPGUARD_PROTO_ICMP] :
						  number[ICMPGUARD_PROTO_ICMPV6];
	if (parse_skip(words, "code") && !parse_code(words, &type, error))
		return false;
	if (type.has_code && has[ICMPGUARD_PROTO_ICMP] && has[ICMPGUARD_PROTO_ICMPV6] &&
	    !code_is_common(&type, number, error))
		return false;
	if (!type.remove && !parse_treatment(words, &type, error))
		return false;
	if (!parse_end(words, error))
		return false;
	for (p = ICMPGUARD_PROTO_ICMP; p <= ICMPGUARD_PROTO_ICMPV6; p++) {
		if (!has[p])
			continue;
		type.proto = p;
		type.number = number[p];
		*change_type(change) = type;
	}
	return true;
}

static bool parse_comment(struct words *words, struct rule_change *rule, struct error *error)
{
	const struct word *word = parse_need(words, "a text", error);
	const char *c;

	if (!word)
		return false;
	if (strlen(word->text) >= COMMENT_MAX)
		return error_set(error, word, "the comment '%.20s...' is longer than %d bytes",
				 word->text, COMMENT_MAX - 1);
	for (c = word->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127 || *c == '"')
			return error_set(error, word, "the comment '%s' has a %s in it", word->text,
					 *c == '"' ? "quote" : "control character");
	strcpy(rule->rule.comment, word->text);
	rule->place[PLACE_COMMENT] = word - rule->first;
	return true;
}

static bool parse_source_length(struct words *words, struct rule_change *rule,
				struct error *error)
{
	const struct word *word = parse_need(words, "a number of bits", error);
	const struct prefix *prefix = &rule->rule.prefix;
	uint32_t most = prefix->v6 ? 128 : 32;

	if (!word || !parse_number(word, "source-length", &rule->rule.source_length, error))
		return false;
	if (!rule->rule.source_length || rule->rule.source_length < prefix->len ||
	    rule->rule.source_length > most)
		return error_set(error, word, "invalid source-length '%s': expected %u to %u",
				 word->text, prefix->len ? prefix->len : 1, most);
	rule->place[PLACE_SOURCE_LENGTH] = word - rule->first;
	return true;
}

static bool parse_rule_action(struct words *words, struct rule_change *rule, struct error *error)
{
	const struct keyword *action = parse_keyword(words, rule_actions, "action", error);
	const struct word *rate[2] = { NULL, NULL };

	if (!action)
		return false;
	rule->rule.action = action->value;
	rule->place[PLACE_ACTION] = words->last - rule->first;
	if (rule->rule.action == ICMPGUARD_RULE_LIMIT) {
		if (!parse_rate(words, &rule->rule.limit, rate, error))
			return false;
		if (!rule->rule.limit.packets)
			return error_set(error, rate[0], "'%s' isn't a limit: 'exempt' does that",
					 rate[0]->text);
		rule->place[PLACE_LIMIT] = rate[0] - rule->first;
		rule->place[PLACE_LIMIT_BURST] = rate[1] ? rate[1] - rule->first : 0;
	}
	return rule->rule.action != ICMPGUARD_RULE_SOURCE_LENGTH ||
	       parse_source_length(words, rule, error);
}

/* What may follow a rule's prefix and treatment, each once and in any order */
static bool parse_rule_options(struct words *words, struct rule_change *rule, struct error *error)
{
	const struct word *word;

	for (;;) {
		if (!rule->place[PLACE_INTERFACE] && parse_skip(words, "interface")) {
			word = parse_interface_name(words, rule->rule.interface, error);
			if (!word)
				return false;
			rule->place[PLACE_INTERFACE] = word - rule->first;
		} else if (rule->place[PLACE_LIMIT] && !rule->place[PLACE_SOURCE_LENGTH] &&
			   parse_skip(words, "source-length")) {
			if (!parse_source_length(words, rule, error))
				return false;
		} else if (!rule->remove && !rule->place[PLACE_COMMENT] &&
			   parse_skip(words, "comment")) {
			if (!parse_comment(words, rule, error))
				return false;
		} else {
			return parse_end(words, error);
		}
	}
}

/**
 * parse_rule() - read a rule to add or to remove
 * @words: add PREFIX TREATMENT OPTIONS, or del PREFIX [interface NAME]
 * @change: gets one entry
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool parse_rule(struct words *words, struct change *change, struct error *error)
{
	static const struct keyword verbs[] = { { "add", 0 }, { "del", 1 }, { NULL, 0 } };
	/* nft's word for the second */
	const struct keyword *verb = parse_skip(words, "delete") ? &verbs[1] :
				     parse_keyword(words, verbs, "rule command", error);
	struct rule_change rule = { 0 };
	const struct word *word;

	if (!verb)
		return false;
	rule.remove = verb->value;
	rule.first = words->last;
	word = parse_need(words, "a prefix", error);
	if (!word || !parse_prefix(word, &rule.rule.prefix, !rule.remove, error))
		return false;
	rule.place[PLACE_NAME] = word - rule.first;
	if (!rule.remove && !parse_rule_action(words, &rule, error))
		return false;
	if (!parse_rule_options(words, &rule, error))
		return false;
	*change_rule(change) = rule;
	return true;
}

static bool parse_added_rule(struct words *words, struct change *change, struct error *error)
{
	const char *verb = words_peek(words);

	if (verb && (!strcmp(verb, "del") || !strcmp(verb, "delete"))) {
		words_read(words);
		return error_set(error, words->last,
				 "unexpected argument '%s': the file replaces all rules",
				 last_text(words));
	}
	return parse_rule(words, change, error);
}

/**
 * parse_xdp_mode() - read where in the driver to drop
 * @words: [mode MODE]
 * @error: filled in otherwise
 *
 * Return: one of xdp_modes, auto where it isn't said; NULL: another word.
 */
const struct keyword *parse_xdp_mode(struct words *words, struct error *error)
{
	if (parse_skip(words, "mode"))
		return parse_keyword(words, xdp_modes, "mode", error);
	return keyword_find(xdp_modes, "auto");
}

static bool parse_xdp(struct words *words, struct change *change, struct error *error)
{
	struct xdp_change xdp = { 0 };
	const struct keyword *mode;

	xdp.word = parse_interface_pattern(words, xdp.name, error);
	mode = xdp.word ? parse_xdp_mode(words, error) : NULL;
	if (!mode || !parse_end(words, error))
		return false;
	xdp.mode = mode->value;
	*change_xdp(change) = xdp;
	return true;
}

/* What `show` prints in the place of rules that it wasn't given */
static bool refuse_hidden(struct words *words, struct error *error)
{
	const char *next = words_peek(words);

	if (!next || strcmp(next, "hidden"))
		return error_set(error, words->last, "unknown statement 'rules'; did you mean 'rule'?");
	return error_set(error, words_read(words),
			 "'hidden': this configuration was shown without its rules, and applying it would remove them");
}

/**
 * parse_statement() - read one statement of a file
 * @words: the statement
 * @change: gets it
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool parse_statement(struct words *words, struct change *change, struct error *error)
{
	const char *first = words_peek(words);

	if (!first)
		return true;
	if (!strcmp(first, "rules"))
		return words_read(words) && refuse_hidden(words, error);
	if (!strcmp(first, "set"))
		return error_set(error, words_read(words),
				 "unexpected argument 'set': in a file, write 'mode', 'scope' and so on, without it");
	if (!keyword_find(statements, first))
		return parse_refuse_name(words_read(words), statements, "statement", error);
	if (!strcmp(first, "type"))
		return words_read(words) && parse_type(words, change, error);
	if (!strcmp(first, "rule"))
		return words_read(words) && parse_added_rule(words, change, error);
	if (!strcmp(first, "xdp"))
		return words_read(words) && parse_xdp(words, change, error);
	return parse_setting(words, change, error);
}

/**
 * parse_text() - read a file
 * @text: its words
 * @change: gets all of it
 * @error: filled in with the first error
 *
 * Return: whether it could be read.
 */
bool parse_text(const struct text *text, struct change *change, struct error *error)
{
	struct words words;
	size_t at = 0;

	/* A long file is one of rules. */
	change_reserve_rules(change, text->statements);
	while (text_statement(text, &at, &words))
		if (!parse_statement(&words, change, error))
			return false;
	return change_is_whole(change, error);
}
