// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration's xdp statements. They are no setting of the kernel's: icmpguard-xdp
 * attaches and detaches programs, and says what is attached.
 *
 * It reads and writes lines. 'sync' reads MODE NAME of each statement and writes NUMBER
 * TEXT of each that can't be had, where 0 stands for all of them; 'list' writes MODE NAME
 * of what is attached in this network namespace.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "helper.h"
#include "json.h"
#include "pins.h"
#include "xdp.h"

enum pinned {
	PINNED_NONE,
	PINNED_SOME,
	PINNED_UNKNOWN,
};

static enum pinned look(void)
{
	DIR *directory = opendir(PINS);
	enum pinned pinned = PINNED_NONE;
	struct dirent *entry;

	if (!directory)
		return errno == ENOENT ? PINNED_NONE : PINNED_UNKNOWN;
	while (pinned == PINNED_NONE && (entry = readdir(directory)))
		if (*entry->d_name != '.')
			pinned = PINNED_SOME;
	closedir(directory);
	return pinned;
}

static char *write_statements(const struct change *change)
{
	char *lines = NULL;
	size_t size, i;
	FILE *file = open_memstream(&lines, &size);

	if (!file)
		return NULL;
	for (i = 0; i < change->xdps; i++)
		fprintf(file, "%s %s\n", keyword_name(xdp_modes, change->xdp[i].mode),
			change->xdp[i].name);
	if (fclose(file)) {
		free(lines);
		return NULL;
	}
	return lines;
}

/* What can't be had is no error: a guard without XDP is better than none. */
static void report(const struct context *context, const struct text *text,
		   const struct xdp_change *xdp, const char *why)
{
	struct error error = { .text = "" };

	if (xdp)
		error_set(&error, xdp->word, "'%s': %s", xdp->name, why);
	else
		error_set(&error, NULL, "xdp: %s", why);
	json_locate(text, &error);
	command_complain(context, "note: ", &error);
}

static void note_lines(const struct context *context, const struct text *text,
		       const struct change *change, char *lines)
{
	char *line, *why;

	for (line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long number = strtoul(line, &why, 10);

		if (*why == ' ')
			report(context, text, number && number <= change->xdps ?
			     &change->xdp[number - 1] : NULL, why + 1);
	}
}

/**
 * xdp_sync() - have attached what a configuration says, and nothing else
 * @context: the command, in the network namespace that it is about
 * @change: the configuration
 * @text: where it came from
 *
 * What can't be had is noted.
 */
void xdp_sync(struct context *context, const struct change *change, const struct text *text)
{
	static const char *const words[] = { "sync", NULL };
	struct error error = { .text = "" };
	char *lines, *output = NULL;

	if (!change->xdps && look() != PINNED_SOME)
		return;
	lines = write_statements(change);
	if (!lines)
		error_set(&error, NULL, "there isn't enough memory");
	else if (helper_ask("xdp", words, lines, &output, &error))
		note_lines(context, text, change, output);
	else if (!*error.text)
		error_set(&error, NULL, "icmpguard-xdp failed");
	if (*error.text)
		report(context, text, change->xdps ? &change->xdp[0] : NULL, error.text);
	free(output);
	free(lines);
}

static void show_line(struct out *out, char *line)
{
	char *name = strchr(line, ' ');

	if (!name)
		return;
	*name++ = '\0';
	/* What no statement can name is left out: what is shown can be applied. */
	if (icmpguard_name_kind(name) != ICMPGUARD_NAME_FINE)
		return;
	out_object(out, NULL);
	out_string(out, "name", "xdp %s", name);
	out_string(out, "mode", " mode %s\n", line);
	out_object_end(out);
}

/**
 * xdp_show() - print as statements what is attached in this network namespace
 * @context: the command, in that namespace
 *
 * Where that can't be seen, nothing is printed: the rest of the configuration can be.
 */
void xdp_show(struct context *context)
{
	static const char *const words[] = { "list", NULL };
	enum pinned pinned = look();
	struct error error = { .text = "" };
	struct out *out = &context->out;
	char *output = NULL, *line;

	if (pinned == PINNED_UNKNOWN)
		return;
	if (pinned == PINNED_SOME && !helper_ask("xdp", words, "", &output, &error))
		return;
	out_array(out, "xdp");
	for (line = output ? strtok(output, "\n") : NULL; line; line = strtok(NULL, "\n"))
		show_line(out, line);
	out_array_end(out);
	free(output);
}
