// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule: exceptions for prefixes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "command.h"
#include "file.h"
#include "json.h"
#include "print.h"

/* A file with fewer rules is loaded too quickly to show progress. */
#define LONG_FILE	10000

static int list(struct context *context)
{
	struct rule_list list = { 0 };
	struct out *out = &context->out;

	words_read(&context->words);
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (command_open(context) && command_all_rules(context, &list)) {
		out_object(out, NULL);
		print_rules(out, list.rule, list.rules);
		out_object_end(out);
	}
	free(list.rule);
	return command_refused(context);
}

/* How far a long file has been read: for people, who see it on their terminal */
static void progress(const struct text *text, size_t at, size_t rules)
{
	if (text->statements < LONG_FILE || rules % (LONG_FILE / 5) || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%zu rules, %zu%%\033[K", rules, at * 100 / text->words);
}

static void progress_end(const struct text *text, const char *what)
{
	if (text->statements >= LONG_FILE && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s\033[K", what);
}

/* Each line is a rule statement; that it is one need not be said. */
static bool parse_rules(const struct text *text, struct change *change, struct error *error)
{
	struct words words;
	size_t at = 0, i;

	change_reserve_rules(change, text->statements);
	for (i = 0; text_statement(text, &at, &words); i++) {
		const char *first = words_peek(&words);

		progress(text, at, i);
		if (!strcmp(first, "rule"))
			words_read(&words);
		if (!parse_rule(&words, change, error))
			return false;
	}
	return change_is_whole(change, error);
}

static void print_loaded(struct out *out, const struct change *change)
{
	uint64_t removed = 0;
	size_t i;

	for (i = 0; i < change->rules; i++)
		removed += change->rule[i].remove;
	out_object(out, NULL);
	out_number(out, "added", "%" PRIu64 " rules added", change->rules - removed);
	out_number(out, "removed", removed ? ", %" PRIu64 " removed" : NULL, removed);
	out_text(out, "\n");
	out_object_end(out);
}

static int load(struct context *context)
{
	const struct word *word;
	struct change change = { 0 };
	struct text text = { 0 };
	bool parsed;

	words_read(&context->words);
	word = parse_need(&context->words, "the name of a file", &context->error);
	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (file_read_config(word->text, &text, &context->error)) {
		parsed = parse_rules(&text, &change, &context->error);
		progress_end(&text, parsed ? "handing them over" : "");
		if (parsed && command_send(context, &change)) {
			progress_end(&text, "");
			print_loaded(&context->out, &change);
		}
	}
	json_locate(&text, &context->error);
	change_release(&change);
	text_release(&text);
	return command_refused(context);
}

static int run(struct context *context)
{
	const char *verb = words_peek(&context->words);

	if (!verb) {
		error_set(&context->error, NULL, "'rule' must be followed by add, del, list or load");
		return STATUS_USAGE;
	}
	if (!strcmp(verb, "list") || !strcmp(verb, "show"))
		return list(context);
	if (!strcmp(verb, "load"))
		return load(context);
	if (strcmp(verb, "add") && strcmp(verb, "del") && strcmp(verb, "delete")) {
		error_set(&context->error, context->words.next,
			  "invalid rule command '%s': expected add, del, list or load", verb);
		return STATUS_USAGE;
	}
	return command_change(context, parse_rule);
}

const struct command command_rule = {
	.name = "rule",
	.usage =
"add PREFIX exempt|block [OPTION...]\n"
"add PREFIX limit RATE [burst N] [OPTION...]\n"
"add PREFIX source-length BITS [OPTION...]\n"
"del PREFIX [interface NAME]\n"
"list\n"
"load FILE|-",
	.summary = "treat the sources in a prefix differently",
	.details =
"Options: interface NAME, comment TEXT; of a limit also source-length BITS.\n"
"\n"
"The longest prefix that holds a source counts. exempt: never limited; block:\n"
"always dropped; limit: each source in it has this rate instead of the type's;\n"
"source-length: so many bits of an address in it are one source, as 'set prefix'\n"
"has it for all others (128 for a network's own NAT64 prefix).\n"
"A new rule replaces the one that the prefix already has. With an interface the\n"
"rule is for packets that come in there, so that a forged address from elsewhere\n"
"isn't believed; of two rules for one prefix, that of the packet's interface\n"
"counts. Rules can be bound to at most " SETTING_NUMBER(ICMPGUARD_BOUND_MAX) " interfaces.\n"
"\n"
"load adds the rules in a file, one a line as 'rule list' prints them, or\n"
"'del PREFIX ...'; all of them in one change, or none. Other rules aren't\n"
"changed.\n"
"\n"
"Example: icmpguardctl rule add 192.0.2.0/24 exempt comment \"monitoring\"\n",
	.run = run,
};
