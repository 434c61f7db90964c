// SPDX-License-Identifier: GPL-2.0-only
/*
 * apply, check: a file with a whole configuration.
 */
#include <string.h>
#include "command.h"
#include "file.h"

static int run(struct context *context, bool send)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);
	struct change change = { .replace = true };
	struct text text = { 0 };

	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (file_read(word->text, &text, &context->error) &&
	    parse_text(&text, &change, &context->error) && send)
		command_send(context, &change);
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
	.summary = "replace the whole configuration by a file's, or change nothing",
	.details =
"The file has one statement a line, as 'show' prints them; a # begins a\n"
"comment. What it doesn't mention is as the defaults say. No packet is judged\n"
"by half of it, and a file with an error in it changes nothing.\n"
"\n"
"Example: icmpguardctl apply /etc/icmpguard/icmpguard.conf\n",
	.run = run_apply,
};

const struct command command_check = {
	.name = "check",
	.usage = "FILE|-",
	.summary = "say what is wrong with a file, changing nothing",
	.details =
"It needs neither the module nor root. What depends on the kernel, such as how\n"
"large a table may be, only 'apply' finds out.\n"
"\n"
"Example: icmpguardctl check icmpguard.conf && icmpguardctl apply icmpguard.conf\n",
	.run = run_check,
};
