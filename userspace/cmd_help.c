// SPDX-License-Identifier: GPL-2.0-only
/*
 * help: how commands are used, and what types are called.
 */
#include <string.h>
#include "command.h"

static void print_usage(struct out *out, const struct command *command)
{
	const char *form = command->usage;

	do {
		size_t length = strcspn(form, "\n");

		/* A form that goes on in the next line is indented there. */
		if (*form == ' ')
			out_text(out, "       %.*s\n", (int)length, form);
		else
			out_text(out, "%s icmpguardctl %s%s%.*s\n",
				 form == command->usage ? "usage:" : "      ", command->name,
				 length ? " " : "", (int)length, form);
		form += length;
	} while (*form++ && *form);
}

static void print_command(struct out *out, const struct command *command)
{
	print_usage(out, command);
	out_text(out, "\n%s", command->details);
}

static void print_commands(const struct context *context, struct out *out)
{
	size_t i;

	out_text(out,
		 "usage: icmpguardctl [-j] [-n NETNS] [COMMAND]\n"
		 "\n"
		 "  -j, --json         print JSON\n"
		 "  -n, --netns NAME   in this network namespace\n"
		 "  -h, --help         print this\n"
		 "  -V, --version      print the version\n"
		 "\n"
		 "The first three options may also follow the command.\n"
		 "\n"
		 "Commands; without one: show\n");
	for (i = 0; context->commands[i]; i++)
		out_text(out, "  %-8s  %s\n", context->commands[i]->name,
			 context->commands[i]->summary);
	out_text(out, "\nSee 'icmpguardctl help COMMAND', 'icmpguardctl help types' and\n'icmpguardctl help checks'.\n");
}

static void print_types(struct out *out)
{
	const struct type_name *type;
	size_t i;

	for (i = 0; (type = type_at(i)); i++) {
		if (type->number > 255)
			out_text(out, "%-6s    - %s\n", keyword_name(protos, type->proto),
				 type->name);
		else
			out_text(out, "%-6s  %3u %s\n", keyword_name(protos, type->proto),
				 type->number, type->name);
	}
}

static void print_checks(struct out *out)
{
	const struct keyword *check;

	for (check = checks; check->name; check++)
		out_text(out, "%-16s  %s\n", check->name, check_summaries[check->value]);
}

static int run(struct context *context)
{
	const struct word *word = words_read(&context->words);
	const struct command *command;

	/* Help is always text, also with --json. */
	context->out.json = false;
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (!word) {
		print_commands(context, &context->out);
		return STATUS_OK;
	}
	if (!strcmp(word->text, "types")) {
		print_types(&context->out);
		return STATUS_OK;
	}
	if (!strcmp(word->text, "checks")) {
		print_checks(&context->out);
		return STATUS_OK;
	}
	command = command_find(context, word);
	if (!command)
		return STATUS_USAGE;
	print_command(&context->out, command);
	return STATUS_OK;
}

const struct command command_help = {
	.name = "help",
	.usage = "[COMMAND|types|checks]",
	.summary = "print how to use a command, or the names of types or checks",
	.details = "Example: icmpguardctl help type\n",
	.run = run,
};
