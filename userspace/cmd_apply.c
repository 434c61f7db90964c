// SPDX-License-Identifier: GPL-2.0-only
/*
 * apply, check: a file with a whole configuration.
 */
#include <string.h>
#include "command.h"
#include "file.h"
#include "json.h"
#include "xdp.h"

/* 'check' is a setting's name too. */
static bool end_of_file(struct words *words, struct error *error)
{
	const char *name = words->last->text;

	if (words->left && keyword_find(checks, name))
		return error_set(error, words->next, "unexpected argument '%s' after '%s'; did you mean 'set check %s'?",
				 words->next->text, name, name);
	return parse_end(words, error);
}

static int run(struct context *context, bool send)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);
	struct change change = { .replace = true };
	struct text text = { 0 };

	if (!word || !end_of_file(&context->words, &context->error))
		return STATUS_USAGE;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (file_read_config(word->text, &text, &context->error) &&
	    parse_text(&text, &change, &context->error)) {
		if (!send)
			command_warn(context, &change);
		else if (command_send(context, &change))
			xdp_sync(context, &change, &text);
	}
	json_locate(&text, &context->error);
	change_release(&change);
	text_release(&text);
	return command_refused(context);
}

static int run_apply(struct context *context)
{
	return run(context, true);
}

static int run_check(struct context *context)
{
	return run(context, false);
}

const struct command command_apply = {
	.name = "apply",
	.usage = "FILE|-",
	.summary = "replace the whole configuration with a file's, or change nothing",
	.details =
"The file has one statement a line, as 'show' prints them; a # begins a\n"
"comment. Or it is JSON, as 'show -j' prints it. Anything that it doesn't\n"
"mention has its default. No packet is judged by half of it, and a file with an\n"
"error changes nothing. What its xdp statements can't have is noted, and is no\n"
"error.\n"
"\n"
"Example: icmpguardctl apply /etc/icmpguard/icmpguard.conf\n",
	.run = run_apply,
};

const struct command command_check = {
	.name = "check",
	.usage = "FILE|-",
	.summary = "report errors in a file, changing nothing",
	.details =
"It needs neither the module nor root. Errors that depend on the machine, such as\n"
"too little memory for the table, are found only by 'apply'.\n"
"\n"
"Example: icmpguardctl check icmpguard.conf && icmpguardctl apply icmpguard.conf\n",
	.run = run_check,
};
