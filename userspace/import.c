// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of other tools: what they come to in icmpguard, or why they don't.
 *
 * Their rules are looked at one after the other, and the first verdict counts.
 * icmpguard's prefix rules come before its types, and each type has one
 * treatment. A rule is refused where that would be something else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "memory.h"
#include "names.h"
#include "print.h"
#include "value.h"

static void *append(void *list, size_t *n, size_t *room, size_t size)
{
	if (*n == *room) {
		*room = *room ? 2 * *room : 16;
		list = memory_get(list, *room, size);
	}
	memset((char *)list + (*n)++ * size, 0, size);
	return list;
}

static struct import_entry *find(struct import *import, uint32_t proto,
				 const struct import_type *type)
{
	struct import_entry *entry;
	size_t i;

	for (i = 0; i < import->entries; i++) {
		entry = &import->entry[i];
		if (entry->proto == proto && entry->type.number == type->number &&
		    entry->type.has_code == type->has_code && entry->type.code == type->code)
			return entry;
	}
	import->entry = append(import->entry, &import->entries, &import->room,
			       sizeof(*import->entry));
	entry = &import->entry[import->entries - 1];
	entry->proto = proto;
	entry->type = *type;
	entry->treatment.action = ICMPGUARD_ACTION_ACCEPT;
	return entry;
}

static bool add_prefix(struct import *import, const struct import_rule *rule, struct error *error)
{
	struct rule *prefix;

	if (rule->types)
		return error_set(error, rule->source,
				 "'%s': a prefix is treated alike for all types of icmpguard, and '%s' is one",
				 rule->source->text, rule->type[0].word->text);
	if (rule->kind == IMPORT_TOTAL)
		return error_set(error, rule->rate_word,
				 "'%s': a prefix has no rate that its sources share",
				 rule->rate_word->text);
	/* A type's rule before this one would have had the last word. */
	if (import->entries)
		return error_set(error, rule->source,
				 "'%s' comes behind line %u: in icmpguard prefixes come before types",
				 rule->source->text, import->entry[0].type.word->line);
	import->rule = append(import->rule, &import->rules, &import->rules_room,
			      sizeof(*import->rule));
	prefix = &import->rule[import->rules - 1];
	prefix->prefix = rule->prefix;
	prefix->action = rule->drop ? ICMPGUARD_RULE_BLOCK : ICMPGUARD_RULE_EXEMPT;
	if (rule->kind == IMPORT_SOURCE) {
		if (!rule->over || !rule->drop)
			return error_set(error, rule->rate_word,
					 "'%s': for a prefix it has to drop what is above the rate",
					 rule->rate_word->text);
		prefix->action = ICMPGUARD_RULE_LIMIT;
		prefix->limit = rule->rate;
	}
	return true;
}

static bool add_limit(struct import *import, const struct import_rule *rule,
		      struct import_entry *entry, struct error *error)
{
	struct rate *rate = rule->kind == IMPORT_SOURCE ? &entry->treatment.limit :
							  &entry->treatment.total;
	uint32_t *mask = &import->mask[rule->proto == ICMPGUARD_PROTO_ICMPV6];

	if (rate->packets)
		return error_set(error, rule->rate_word, "'%s': '%s' has a rate already, by line %u",
				 rule->rate_word->text, entry->type.word->text,
				 entry->type.word->line);
	if (rule->over != rule->drop)
		return error_set(error, rule->verdict,
				 "'%s': what is %s a rate can't have this verdict",
				 rule->verdict->text, rule->over ? "above" : "below");
	if (rule->kind == IMPORT_SOURCE) {
		if (*mask && *mask != rule->mask)
			return error_set(error, rule->rate_word,
					 "'%s': its sources have %u bits and those before %u: icmpguard has one length for all",
					 rule->rate_word->text, rule->mask, *mask);
		*mask = rule->mask;
	}
	*rate = rule->rate;
	entry->treatment.action = ICMPGUARD_ACTION_LIMIT;
	if (!rule->over)
		entry->open = rule->drops_rest ? NULL : rule->rate_word;
	return true;
}

static bool add_verdict(const struct import_rule *rule, struct import_entry *entry,
			struct error *error)
{
	bool limited = entry->treatment.action == ICMPGUARD_ACTION_LIMIT;

	if (limited && rule->drop && !entry->open)
		return error_set(error, rule->verdict,
				 "'%s' drops what the rule in line %u lets pass",
				 rule->verdict->text, entry->type.word->line);
	if (limited && !rule->drop && entry->open)
		return error_set(error, rule->verdict,
				 "'%s' accepts what is above the rate in line %u",
				 rule->verdict->text, entry->open->line);
	if (!limited)
		entry->treatment.action = rule->drop ? ICMPGUARD_ACTION_DROP :
						       ICMPGUARD_ACTION_ACCEPT;
	entry->open = NULL;
	entry->decided = rule->first;
	return true;
}

static bool add_type(struct import *import, const struct import_rule *rule,
		     const struct import_type *type, struct error *error)
{
	struct import_entry *entry = find(import, rule->proto, type);

	if (entry->decided)
		return error_set(error, type->word, "'%s': no packet of it gets past line %u",
				 type->word->text, entry->decided->line);
	return rule->kind == IMPORT_UNLIMITED ? add_verdict(rule, entry, error) :
						add_limit(import, rule, entry, error);
}

/**
 * import_add() - take one rule
 * @import: to what
 * @rule: the rule; one that isn't about ICMP is passed over
 * @error: filled in otherwise
 *
 * Return: whether it can be said in icmpguard.
 */
bool import_add(struct import *import, const struct import_rule *rule, struct error *error)
{
	unsigned int i;

	if (!rule->proto)
		return true;
	if (rule->hook == IMPORT_NO_HOOK)
		return error_set(error, rule->first,
				 "'%s': icmpguard judges packets before they are routed, and has no such chain",
				 rule->chain);
	if (import->hook != IMPORT_NO_HOOK && import->hook != rule->hook)
		return error_set(error, rule->first,
				 "'%s': icmpguard has one scope, and rules before are in another chain",
				 rule->chain);
	import->hook = rule->hook;
	if (!rule->verdict)
		return error_set(error, rule->first, "'%s': a rule without a verdict",
				 rule->first->text);
	if (rule->source)
		return add_prefix(import, rule, error);
	if (!rule->types)
		return error_set(error, rule->verdict,
				 "'%s': icmpguard treats each type by itself, and this rule names none",
				 rule->verdict->text);
	for (i = 0; i < rule->types; i++)
		if (!add_type(import, rule, &rule->type[i], error))
			return false;
	return true;
}

/**
 * import_end() - see that nothing is left open
 * @import: all that was read
 * @error: a rule that accepts up to a rate, and nothing that drops the rest
 *
 * Return: whether nothing is.
 */
bool import_end(const struct import *import, struct error *error)
{
	size_t i;

	for (i = 0; i < import->entries; i++)
		if (import->entry[i].open)
			return error_set(error, import->entry[i].open,
					 "'%s': nothing behind it drops what is above this rate",
					 import->entry[i].open->text);
	return true;
}

static void print_statement(struct out *out, const char *format, const char *text)
{
	out_string(out, "", format, text);
}

static void print_entry(struct out *out, const struct import_entry *entry)
{
	struct out text = { 0 };
	char *line;
	size_t size;

	text.file = open_memstream(&line, &size);
	out_text(&text, "type %s %s ", keyword_name(protos, entry->proto),
		 type_by_number(entry->proto, entry->type.number)->name);
	if (entry->type.has_code)
		out_text(&text, "code %u ", entry->type.code);
	print_treatment(&text, &entry->treatment);
	fclose(text.file);
	print_statement(out, "%s\n", line);
	free(line);
}

/* One statement after the other, each as print_rules() has it */
static void print_prefix(struct out *out, const struct rule *rule)
{
	struct out text = { 0 };
	char *line;
	size_t size;

	text.file = open_memstream(&line, &size);
	print_rules(&text, rule, 1);
	fclose(text.file);
	line[strcspn(line, "\n")] = '\0';
	print_statement(out, "%s\n", line);
	free(line);
}

/**
 * import_print() - print what came of it
 * @import: all that was read, and import_end() found in order
 * @out: where to
 */
void import_print(const struct import *import, struct out *out)
{
	char line[64];
	size_t i;

	out_object(out, NULL);
	out_array(out, "statements");
	if (import->hook == IMPORT_INPUT)
		print_statement(out, "%s\n", "scope local");
	for (i = 0; i < 2; i++) {
		if (!import->mask[i])
			continue;
		snprintf(line, sizeof(line), "prefix %s %u", families[i].name, import->mask[i]);
		print_statement(out, "%s\n", line);
	}
	for (i = 0; i < import->entries; i++)
		print_entry(out, &import->entry[i]);
	for (i = 0; i < import->rules; i++)
		print_prefix(out, &import->rule[i]);
	out_array_end(out);
	out_object_end(out);
}

/**
 * import_release() - forget it
 * @import: no longer used
 */
void import_release(struct import *import)
{
	free(import->entry);
	free(import->rule);
	memset(import, 0, sizeof(*import));
}

/**
 * import_rate() - read a rate as either tool writes it
 * @word: as 10/second, 10/sec, 5/min or 3/h
 * @rate: filled in, with the burst of both where none is said
 * @error: filled in otherwise
 *
 * Return: whether icmpguard has such a rate.
 */
bool import_rate(const struct word *word, struct rate *rate, struct error *error)
{
	const char *slash = strchr(word->text, '/');
	const struct keyword *period;
	char text[64];

	for (period = periods; slash && slash[1] && period->name; period++) {
		if (strncmp(period->name, slash + 1, strlen(slash + 1)))
			continue;
		snprintf(text, sizeof(text), "%.*s/%s", (int)(slash - word->text) < 20 ?
			 (int)(slash - word->text) : 20, word->text, period->name);
		if (value_rate(text, rate) != VALUE_OK)
			break;
		rate->burst = 5;
		return true;
	}
	return error_set(error, word, "'%s' is no rate of packets", word->text);
}

static bool number_of(const char *text, uint32_t most, uint32_t *number)
{
	return value_number(text, number) == VALUE_OK && *number <= most;
}

/**
 * import_type() - read a type as either tool writes it
 * @word: the word it is in
 * @text: a name of nft's, a number, or a number with a code: 3/4
 * @rule: gets it
 * @error: filled in otherwise
 *
 * Return: whether icmpguard knows it.
 */
bool import_type(const struct word *word, const char *text, struct import_rule *rule,
		 struct error *error)
{
	const struct type_name *name = type_by_name(rule->proto, text);
	struct import_type type = { .word = word };
	char number[16];
	const char *slash = strchr(text, '/');

	if (rule->types == IMPORT_TYPES)
		return error_set(error, word, "'%s' is one type too many", text);
	snprintf(number, sizeof(number), "%.*s", (int)strcspn(text, "/"), text);
	if (name)
		type.number = name->number;
	else if (!number_of(number, 255, &type.number) ||
		 !type_by_number(rule->proto, type.number))
		return error_set(error, word, "'%s' is no type of %s that icmpguard knows", text,
				 keyword_name(protos, rule->proto));
	if (!name && slash) {
		if (!number_of(slash + 1, 255, &type.code))
			return error_set(error, word, "'%s' has no code behind the /", text);
		type.has_code = true;
	}
	rule->type[rule->types++] = type;
	return true;
}
