// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdp: drop in the driver. A program of its own does it, which needs a library that the
 * tool is to do without.
 */
#include <string.h>
#include "command.h"
#include "file.h"
#include "helper.h"
#include "json.h"
#include "xdp.h"

enum {
	ATTACH,
	DETACH,
	SYNC,
	SHOW,
};

static const struct keyword verbs[] = {
	{ "attach", ATTACH },
	{ "detach", DETACH },
	{ "sync", SYNC },
	{ "show", SHOW },
	{ NULL, 0 }
};

/* The part of 'apply' that is no setting of the kernel's */
static int sync_file(struct context *context)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);
	struct change change = { .replace = true };
	struct text text = { 0 };

	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (context->netns && !genl_enter(context->netns, &context->error))
		return STATUS_REFUSED;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (file_read_config(word->text, &text, &context->error) &&
	    parse_text(&text, &change, &context->error))
		xdp_sync(context, &change, &text);
	json_locate(&text, &context->error);
	change_release(&change);
	text_release(&text);
	return command_refused(context);
}

static int run(struct context *context)
{
	const struct keyword *verb = parse_keyword(&context->words, verbs, "action", &context->error);
	const struct keyword *mode = NULL;
	const struct word *device = NULL;
	const char *words[HELPER_WORDS + 1] = { NULL };

	if (!verb)
		return STATUS_USAGE;
	if (verb->value == SYNC)
		return sync_file(context);
	if (verb->value != SHOW) {
		device = parse_need(&context->words, "an interface", &context->error);
		if (!device)
			return STATUS_USAGE;
	}
	if (verb->value == ATTACH) {
		mode = parse_xdp_mode(&context->words, &context->error);
		if (!mode)
			return STATUS_USAGE;
	}
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (context->netns && !genl_enter(context->netns, &context->error))
		return STATUS_REFUSED;
	words[0] = verb->name;
	if (device)
		words[1] = device->text;
	if (mode)
		words[2] = mode->name;
	return helper_run(context, "xdp", words);
}

const struct command command_xdp = {
	.name = "xdp",
	.usage = "attach NAME [mode native|generic|auto]\ndetach NAME|all\nsync FILE|-\nshow",
	.summary = "drop in the driver what would be dropped anyway",
	.details =
"An interface's driver asks the module before the kernel has done anything for\n"
"a packet. What would be dropped is dropped there, with the same counters, and\n"
"the counter 'early' beside them; everything else goes on as ever. It stays\n"
"until it is detached, and the module can't be unloaded before. Programs that\n"
"capture packets don't see what is dropped so.\n"
"\n"
"  native    in the driver\n"
"  generic   a little later, for drivers without XDP\n"
"  auto      native where it can be (default)\n"
"\n"
"'detach all' does so in every network namespace; 'show' shows this one's: which\n"
"devices have it, how many packets each dropped and passed, and why one drops\n"
"nothing. 'sync' has attached what a configuration file's xdp statements say,\n"
"and nothing else, as 'apply' does; what they can't have is noted.\n"
"\n"
"Example: icmpguardctl xdp attach eth0\n",
	.run = run,
};
