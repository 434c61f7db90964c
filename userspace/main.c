// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmpguardctl: configures icmpguard and prints what it counts.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"

const struct command *const commands[] = {
	&command_show,
	&command_stats,
	&command_sources,
	&command_source,
	&command_set,
	&command_type,
	&command_rule,
	&command_flush,
	&command_metrics,
	&command_apply,
	&command_check,
	&command_import,
	&command_monitor,
	&command_top,
	&command_load,
	&command_version,
	&command_help,
	NULL
};

/* A terminal would obey control characters; what is wrong is said in one line. */
static void complain_of_file(const char *name, const struct error *error)
{
	for (; *name; name++)
		putc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name, stderr);
	if (error->line)
		fprintf(stderr, ":%u:%u", error->line, error->column);
	fputs(": ", stderr);
}

static void complain(const struct context *context)
{
	const struct error *error = &context->error;

	fputs("icmpguardctl: ", stderr);
	if (context->file)
		complain_of_file(context->file, error);
	fprintf(stderr, "%s\n", error->text);
}

/* Output that is lost, on a full disk, is no success. */
static int finish(struct context *context, int status)
{
	if ((fflush(stdout) || ferror(stdout)) && !*context->error.text) {
		error_set(&context->error, NULL, "the output can't be written");
		status = STATUS_REFUSED;
	}
	if (*context->error.text)
		complain(context);
	return status;
}

/* A short option may be one of several in a word. */
static void refuse_option(struct error *error, const char *word)
{
	if (optopt)
		error_set(error, NULL, "unknown option '-%c'; 'help' lists all", optopt);
	else
		error_set(error, NULL, "unknown option '%s'; 'help' lists all", word);
}

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "netns", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

/* Return: the command that an option stands for, NULL where none does. */
static const struct command *read_options(struct context *context, int argc, char **argv)
{
	const struct command *command = NULL;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:jn:hV", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			context->out.json = true;
			break;
		case 'n':
			context->netns = optarg;
			break;
		case 'h':
			command = &command_help;
			break;
		case 'V':
			command = &command_version;
			break;
		case ':':
			error_set(&context->error, NULL, "'%s' wants the name of a network namespace",
				  argv[optind - 1]);
			break;
		default:
			refuse_option(&context->error, argv[optind - 1]);
		}
	}
	return command;
}

int main(int argc, char **argv)
{
	struct context context = { .out = { .file = stdout } };
	const struct command *command = read_options(&context, argc, argv);
	const struct word *name;
	int status = STATUS_USAGE;
	struct word *words;

	words = words_from_argv(&context.words, argc - optind, argv + optind);
	if (!command && !*context.error.text) {
		name = words_read(&context.words);
		command = name ? command_find(name, &context.error) : &command_show;
	}
	if (!*context.error.text)
		status = command->run(&context);
	status = finish(&context, status);
	genl_close(&context.genl);
	free(words);
	return status;
}
