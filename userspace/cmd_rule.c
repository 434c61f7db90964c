// SPDX-License-Identifier: GPL-2.0-only
/*
 * rule: exceptions for prefixes.
 */
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "print.h"

static int list(struct context *context)
{
	struct rule_list list = { 0 };
	struct out *out = &context->out;

	words_read(&context->words);
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (command_open(context) && command_rules(context, &list)) {
		out_object(out, NULL);
		print_rules(out, list.rule, list.rules);
		out_object_end(out);
	}
	free(list.rule);
	return command_refused(context);
}

static int run(struct context *context)
{
	const char *verb = words_peek(&context->words);

	if (!verb) {
		error_set(&context->error, NULL, "'rule' wants add, del or list behind it");
		return STATUS_USAGE;
	}
	if (!strcmp(verb, "list"))
		return list(context);
	return command_change(context, parse_rule);
}

const struct command command_rule = {
	.name = "rule",
	.usage =
"add PREFIX exempt|block [comment TEXT]\n"
"add PREFIX limit RATE [burst N] [comment TEXT]\n"
"del PREFIX\n"
"list",
	.summary = "treat the sources in a prefix in another way",
	.details =
"The longest prefix that holds a source counts. exempt: never limited; block:\n"
"always dropped; limit: each source in it has this rate instead of the type's.\n"
"A prefix that has a rule already gets the new one.\n"
"\n"
"Example: icmpguardctl rule add 192.0.2.0/24 exempt comment \"monitoring\"\n",
	.run = run,
};
