// SPDX-License-Identifier: GPL-2.0-only
/*
 * What iptables-save and ip6tables-save print.
 */
#include <string.h>
#include "import.h"
#include "value.h"

#define CHAINS	64
#define NAME	32

struct chain {
	char name[NAME];
	bool drops;
};

struct chains {
	struct chain chain[CHAINS];
	size_t chains;
};

static bool is(const struct word *word, const char *text)
{
	return word && !strcmp(word->text, text);
}

/* ":INPUT DROP [0:0]" */
static void note_chain(struct chains *chains, struct words *words)
{
	const struct word *name = words_read(words), *policy = words_read(words);
	struct chain *chain;

	if (!policy || chains->chains == CHAINS || strlen(name->text + 1) >= NAME)
		return;
	chain = &chains->chain[chains->chains++];
	strcpy(chain->name, name->text + 1);
	chain->drops = is(policy, "DROP");
}

static bool drops_rest(const struct chains *chains, const char *name)
{
	size_t i;

	for (i = 0; i < chains->chains; i++)
		if (!strcmp(chains->chain[i].name, name))
			return chains->chain[i].drops;
	return false;
}

static const struct word *argument(struct words *words, struct error *error)
{
	const struct word *option = words->last, *word = words_read(words);

	if (!word)
		error_set(error, option, "'%s' has nothing behind it", option->text);
	return word;
}

/* The protocol has to be known before the types that it gives a meaning. */
static uint32_t protocol_of(struct words words)
{
	const struct word *word;

	while ((word = words_read(&words))) {
		if (strcmp(word->text, "-p") && strcmp(word->text, "--protocol"))
			continue;
		word = words_read(&words);
		if (is(word, "icmp") || is(word, "1"))
			return ICMPGUARD_PROTO_ICMP;
		if (is(word, "ipv6-icmp") || is(word, "icmpv6") || is(word, "58"))
			return ICMPGUARD_PROTO_ICMPV6;
		return 0;
	}
	return 0;
}

static bool read_source(const struct word *word, struct import_rule *rule, struct error *error)
{
	if (value_prefix(word->text, &rule->prefix) != VALUE_OK)
		return error_set(error, word, "'%s' is no prefix", word->text);
	value_mask(&rule->prefix);
	rule->source = word;
	return true;
}

static bool read_mask(const struct word *word, struct import_rule *rule, struct error *error)
{
	uint32_t most = rule->proto == ICMPGUARD_PROTO_ICMPV6 ? 128 : 32;

	if (value_number(word->text, &rule->mask) == VALUE_OK && rule->mask && rule->mask <= most)
		return true;
	return error_set(error, word, "'%s' is no length of a source's prefix", word->text);
}

static bool read_verdict(const struct word *word, struct import_rule *rule, struct error *error)
{
	rule->verdict = word;
	rule->drop = is(word, "DROP");
	if (rule->drop || is(word, "ACCEPT"))
		return true;
	return error_set(error, word, "'%s': icmpguard accepts or drops, and nothing else",
			 word->text);
}

/* Without a mode hashlimit has one bucket for all, as limit has. */
static bool read_rate(const struct word *option, const struct word *word, struct import_rule *rule,
		      struct error *error)
{
	uint32_t burst = rule->rate.burst;

	if (rule->rate_word)
		return error_set(error, option, "'%s': the rule has a rate already, '%s'",
				 option->text, rule->rate_word->text);
	rule->kind = IMPORT_TOTAL;
	rule->over = is(option, "--hashlimit-above");
	rule->rate_word = option;
	if (!import_rate(word, &rule->rate, error))
		return false;
	if (burst)
		rule->rate.burst = burst;
	return true;
}

static bool read_burst(const struct word *word, struct import_rule *rule, struct error *error)
{
	if (value_number(word->text, &rule->rate.burst) == VALUE_OK && rule->rate.burst)
		return true;
	return error_set(error, word, "'%s' is no burst in packets", word->text);
}

/* What needs no counterpart: the table has room by itself, names are for people. */
static bool is_idle(const struct word *option)
{
	static const char *const idle[] = {
		"-p", "--protocol", "-m", "--match", "--comment", "--hashlimit-name",
		"--hashlimit-htable-size", "--hashlimit-htable-max", "--hashlimit-htable-expire",
		"--hashlimit-htable-gcinterval", "-c",
	};
	size_t i;

	for (i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		if (is(option, idle[i]))
			return true;
	return false;
}

static bool read_option(const struct word *option, struct words *words, struct import_rule *rule,
			struct error *error)
{
	const struct word *word;

	if (is(option, "!"))
		return error_set(error, option, "'!': icmpguard has no such exceptions");
	word = argument(words, error);
	if (!word)
		return false;
	if (is_idle(option))
		return true;
	if (is(option, "-s") || is(option, "--source"))
		return read_source(word, rule, error);
	if (is(option, "--icmp-type") || is(option, "--icmpv6-type"))
		return import_type(word, word->text, rule, error);
	if (is(option, "-j") || is(option, "--jump"))
		return read_verdict(word, rule, error);
	if (is(option, "--hashlimit-above") || is(option, "--hashlimit-upto") ||
	    is(option, "--hashlimit") || is(option, "--limit"))
		return read_rate(option, word, rule, error);
	if (is(option, "--hashlimit-burst") || is(option, "--limit-burst"))
		return read_burst(word, rule, error);
	if (is(option, "--hashlimit-srcmask"))
		return read_mask(word, rule, error);
	if (is(option, "--hashlimit-mode")) {
		rule->by_source = is(word, "srcip");
		if (rule->by_source)
			return true;
		return error_set(error, word, "'%s': icmpguard limits by source address alone",
				 word->text);
	}
	return error_set(error, option, "'%s': icmpguard has nothing like it", option->text);
}

/* "-A INPUT -p icmp ...", of which the first word was looked at */
static bool read_rule(struct words *words, const struct chains *chains, struct import *import,
		      struct error *error)
{
	struct import_rule rule = { .proto = protocol_of(*words) };
	const struct word *word;

	rule.first = words_read(words);
	word = words_read(words);
	if (!rule.proto || !word)
		return true;
	rule.first = word;
	rule.chain = word->text;
	rule.hook = is(word, "INPUT") ? IMPORT_INPUT :
		    is(word, "PREROUTING") ? IMPORT_PREROUTING : IMPORT_NO_HOOK;
	rule.drops_rest = drops_rest(chains, word->text);
	rule.mask = rule.proto == ICMPGUARD_PROTO_ICMPV6 ? 128 : 32;
	while ((word = words_read(words)))
		if (!read_option(word, words, &rule, error))
			return false;
	if (rule.by_source && rule.rate_word)
		rule.kind = IMPORT_SOURCE;
	return import_add(import, &rule, error);
}

/**
 * import_xtables() - read what iptables-save or ip6tables-save printed
 * @text: its words
 * @import: gets all of it
 * @error: filled in with the first rule that can't be said in icmpguard
 *
 * Return: whether all of them can.
 */
bool import_xtables(const struct text *text, struct import *import, struct error *error)
{
	struct chains chains = { .chains = 0 };
	struct words words;
	size_t at = 0;

	while (text_statement(text, &at, &words)) {
		const char *first = words_peek(&words);

		if (*first == '*')
			chains.chains = 0;	/* Each table has its own. */
		else if (*first == ':')
			note_chain(&chains, &words);
		else if (!strcmp(first, "-A") && !read_rule(&words, &chains, import, error))
			return false;
	}
	return import_end(import, error);
}
