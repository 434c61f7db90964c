// SPDX-License-Identifier: GPL-2.0-only
/*
 * top: a live screen.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "command.h"
#include "terminal.h"
#include "view.h"

#define INTERVAL	1000	/* milliseconds */

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool take(struct context *context, struct sample *sample)
{
	time_t now = time(NULL);
	struct tm tm;

	sample->milliseconds = milliseconds();
	strftime(sample->clock, sizeof(sample->clock), "%H:%M:%S", localtime_r(&now, &tm));
	return command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &sample->config) &&
	       command_get(context, ICMPGUARD_CMD_STATS_GET, reply_stats, &sample->stats) &&
	       command_all_types(context, &sample->types) &&
	       command_all_sources(context, &sample->sources);
}

static void forget(struct sample *sample)
{
	free(sample->config.interface);
	free(sample->stats.counter);
	free(sample->types.type);
	free(sample->sources.source);
}

/* Until the next look. Return: whether there is to be one. */
static bool rest(struct terminal *terminal, struct context *context, struct view *view,
		 const struct sample *now, const struct sample *before)
{
	uint64_t until = now->milliseconds + INTERVAL, at;

	while ((at = milliseconds()) < until) {
		switch (terminal_wait(terminal, until - at)) {
		case TERMINAL_ENDED:
			return false;
		case TERMINAL_KEY:
			if (terminal->key == 'q' || terminal->key == 'Q')
				return false;
			break;
		case TERMINAL_RESIZED:
			terminal_size(&view->rows, &view->columns);
			out_text(&context->out, "\033[2J");
			view_print(&context->out, view, now, before);
			fflush(context->out.file);
			break;
		case TERMINAL_TICK:
			break;
		}
	}
	return true;
}

/* The two looks change places: the later one is the earlier of the next. */
static void swap(struct sample **now, struct sample **before)
{
	struct sample *other = *before;

	*before = *now;
	*now = other;
}

static void live(struct context *context, struct sample *now, struct sample *before)
{
	struct view view = {
		.live = true,
		.colour = terminal_has_colour(),
		.blocks = terminal_has_blocks(),
	};
	struct terminal terminal;

	/* A screen at once, not a line: it doesn't flicker. */
	setvbuf(context->out.file, NULL, _IOFBF, 65536);
	if (!terminal_begin(&terminal)) {
		error_set(&context->error, NULL, "the terminal can't be used");
		return;
	}
	while (take(context, now)) {
		terminal_size(&view.rows, &view.columns);
		view_print(&context->out, &view, now, before);
		if (!out_flush(&context->out) || !rest(&terminal, context, &view, now, before))
			break;
		swap(&now, &before);
	}
	terminal_end(&terminal);
}

/* One screen after the other, or one object a line */
static void plain(struct context *context, struct sample *now, struct sample *before,
		  uint32_t count)
{
	const struct view view = { .columns = 80 };
	uint32_t i;

	for (i = 0; i < count; i++) {
		usleep(INTERVAL * 1000);
		if (!take(context, now))
			return;
		if (i)
			out_text(&context->out, "\n");
		view_print(&context->out, &view, now, before);
		if (!out_flush(&context->out))
			return;
		swap(&now, &before);
	}
}

static int run(struct context *context)
{
	struct sample first = { .milliseconds = 0 }, second = { .milliseconds = 0 };
	uint32_t count = UINT32_MAX;

	if (!parse_option_number(&context->words, "--count", &count, &context->error))
		return STATUS_USAGE;
	if (take(context, &first)) {
		if (terminal_is_there() && !context->out.json && count == UINT32_MAX)
			live(context, &second, &first);
		else
			plain(context, &second, &first, count);
	}
	forget(&first);
	forget(&second);
	return command_refused(context);
}

const struct command command_top = {
	.name = "top",
	.usage = "[--count N]",
	.summary = "show incoming packets, live",
	.details =
"Every second: how many packets of each type were accepted and dropped, and the\n"
"limited sources. monitored are the accepted ones that would have been dropped.\n"
"q quits. Without a terminal, or with --count, one screen is printed below the\n"
"other; -j prints one object a line.\n"
"\n"
"  --count N   only N times\n"
"\n"
"Example: icmpguardctl -j top --count 1 | jq '.\"dropped-rate\"'\n",
	.run = run,
};
