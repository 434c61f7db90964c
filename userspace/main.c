// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmpguardctl: configures icmpguard and prints what it counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "command.h"
#include "memory.h"

static const struct command *const commands[] = {
#define X(name) &command_##name,
	COMMANDS(X)
#undef X
	NULL
};

/*
 * The standard descriptors must not become a socket's or a file's. What stands in
 * for one that was closed can't be used: no one takes an empty file for the input,
 * or output for written.
 */
static void open_standard(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDONLY };
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", unusable[fd]) != fd)
			_exit(STATUS_REFUSED);
}

/* Some file systems say only when a file is closed that it is too large for them. */
static bool is_written(struct out *out)
{
	int copy;

	if (!out_flush(out))
		return false;
	copy = dup(STDOUT_FILENO);
	if (copy >= 0 && close(copy))
		out->lost = errno;
	return !out->lost;
}

/* Output that is lost, on a full disk, is no success. */
static int finish(struct context *context, int status)
{
	if (!is_written(&context->out) && !*context->error.text) {
		error_set(&context->error, NULL, "the output could not be written: %s",
			  strerror(context->out.lost));
		status = STATUS_REFUSED;
	}
	/* What goes wrong after a change takes nothing back. */
	if (context->changed)
		context->file = NULL;
	if (*context->error.text)
		command_complain(context, context->changed ? "done, but " : "", &context->error);
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

static void refuse_netns(struct error *error, const char *option)
{
	error_set(error, NULL, "'%s' needs the name of a network namespace", option);
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
			refuse_netns(&context->error, argv[optind - 1]);
			break;
		default:
			refuse_option(&context->error, argv[optind - 1]);
		}
	}
	return command;
}

static bool is_option(const char *word, const char *letter, const char *name)
{
	return !strcmp(word, letter) || !strcmp(word, name);
}

/*
 * The words from a command's name on. Options are taken among them too, and those
 * of commands with a = before their value; what follows 'comment' is a text,
 * whatever it looks like. Return: the words, for the caller to free.
 */
static struct word *read_words(struct context *context, int argc, char **argv, bool *help)
{
	char **list = memory_get(NULL, 2 * argc + 1, sizeof(*list));
	struct word *words;
	int n = 0, i;

	for (i = 0; i < argc; i++) {
		bool option = n && *argv[i] == '-' && strcmp(list[n - 1], "comment");
		char *value = option && argv[i][1] == '-' ? strchr(argv[i], '=') : NULL;

		if (value)
			*value++ = '\0';
		if (option && !value && is_option(argv[i], "-j", "--json")) {
			context->out.json = true;
		} else if (option && !value && is_option(argv[i], "-h", "--help")) {
			*help = true;
		} else if (option && is_option(argv[i], "-n", "--netns")) {
			context->netns = value ? value : argv[i + 1];
			if (!context->netns)
				refuse_netns(&context->error, argv[i]);
			i += !value;
		} else {
			list[n++] = argv[i];
			if (value)
				list[n++] = value;
		}
	}
	words = words_from_argv(&context->words, n, list);
	free(list);
	return words;
}

int main(int argc, char **argv)
{
	struct context context = { .out = { .file = stdout }, .commands = commands };
	const struct command *command;
	const struct word *name;
	int status = STATUS_USAGE;
	struct word *words;
	bool help = false;

	open_standard();
	command = read_options(&context, argc, argv);
	words = read_words(&context, argc > optind ? argc - optind : 0, argv + optind, &help);
	if (help) {
		command = &command_help;
		context.words.left = 1;
	}
	if (!command && !*context.error.text) {
		name = words_read(&context.words);
		command = name ? command_find(&context, name) : &command_show;
	}
	if (!*context.error.text)
		status = command->run(&context);
	status = finish(&context, status);
	genl_close(&context.genl);
	free(words);
	return status;
}
