// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats: the counters, by reason and by type.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "print.h"

struct class {
	uint32_t class;
	bool monitored;		/* what would have been dropped, of this class */
};

static uint64_t value_of(const struct counter_state *counter, const struct class *class)
{
	return class->monitored ? counter->monitored : counter->value;
}

static int name_width(const struct stats_state *stats)
{
	int width = strlen("monitored");
	size_t i;

	for (i = 0; i < stats->counters; i++)
		print_widen(&width, strlen(stats->counter[i].name) + 2);
	return width;
}

/* In text, what never happened is left out. */
static void print_class(struct out *out, const struct stats_state *stats, const struct class *class,
			int width)
{
	size_t i;

	for (i = 0; i < stats->counters; i++) {
		const struct counter_state *counter = &stats->counter[i];
		uint64_t value = value_of(counter, class);

		if (counter->class != class->class)
			continue;
		if (value)
			out_text(out, "  %-*s  %12" PRIu64 "\n", width - 2, counter->name, value);
	}
}

static void print_counters(struct out *out, const struct stats_state *stats)
{
	size_t i;

	out_array(out, "counters");
	for (i = 0; i < stats->counters; i++) {
		const struct counter_state *counter = &stats->counter[i];

		out_object(out, NULL);
		out_string(out, "name", NULL, counter->name);
		out_string(out, "class", NULL, keyword_name(classes, counter->class));
		out_number(out, "value", NULL, counter->value);
		if (counter->class == ICMPGUARD_COUNTER_DROP)
			out_number(out, "monitored", NULL, counter->monitored);
		out_object_end(out);
	}
	out_array_end(out);
}

static uint64_t sum(const struct stats_state *stats, const struct class *class)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < stats->counters; i++)
		if (stats->counter[i].class == class->class)
			sum += value_of(&stats->counter[i], class);
	return sum;
}

static void total(struct out *out, const char *name, uint64_t value, int width)
{
	out_text(out, "%-*s  %12" PRIu64 "\n", width, name, value);
}

static void print_reasons(struct out *out, const struct stats_state *stats)
{
	static const struct class accept = { ICMPGUARD_COUNTER_ACCEPT, false };
	static const struct class drop = { ICMPGUARD_COUNTER_DROP, false };
	static const struct class monitored = { ICMPGUARD_COUNTER_DROP, true };
	static const struct class note = { ICMPGUARD_COUNTER_NOTE, false };
	int width = name_width(stats);

	out_number(out, "seen", NULL, stats->seen);
	out_number(out, "accepted", NULL, stats->accepted);
	out_number(out, "dropped", NULL, stats->dropped);

	print_counters(out, stats);
	total(out, "seen", stats->seen, width);
	total(out, "accepted", stats->accepted, width);
	print_class(out, stats, &accept, width);
	total(out, "dropped", stats->dropped, width);
	print_class(out, stats, &drop, width);
	if (sum(stats, &monitored))
		total(out, "monitored", sum(stats, &monitored), width);
	print_class(out, stats, &monitored, width);
	if (sum(stats, &note))
		out_text(out, "noted\n");
	print_class(out, stats, &note, width);
}

static bool counted(const struct type_state *type)
{
	return type->accepted || type->limited || type->dropped || type->monitored;
}

static void widen_cell(int *width, uint64_t value)
{
	print_widen(width, snprintf(NULL, 0, "%" PRIu64, value));
}

static void print_cell(struct out *out, const char *key, uint64_t value, bool shown, int width)
{
	out_number(out, key, NULL, value);
	if (shown)
		out_text(out, "  %*" PRIu64, width, value);
}

static void print_types(struct out *out, const struct type_list *list)
{
	/* No wider than what stands there, for a terminal of 80 columns */
	int accepted = strlen("accepted"), limited = strlen("limited");
	int dropped = strlen("dropped"), monitored = strlen("monitored");
	char name[NAME_MAX_LEN + 8];
	bool some = false;
	int width = 0;
	size_t i;

	for (i = 0; i < list->types; i++) {
		const struct type_state *type = &list->type[i];

		if (!counted(type))
			continue;
		some = true;
		print_widen(&width, snprintf(NULL, 0, "%s %s", keyword_name(protos, type->proto),
					     type->name));
		widen_cell(&accepted, type->accepted);
		widen_cell(&limited, type->limited);
		widen_cell(&dropped, type->dropped);
		widen_cell(&monitored, type->monitored);
	}
	if (some)
		out_text(out, "\n%-*s  %*s  %*s  %*s  %*s\n", width, "type", accepted, "accepted",
			 limited, "limited", dropped, "dropped", monitored, "monitored");
	out_array(out, "types");
	for (i = 0; i < list->types; i++) {
		const struct type_state *type = &list->type[i];
		bool shown = counted(type);

		if (type->has_code)
			continue;
		snprintf(name, sizeof(name), "%s %s", keyword_name(protos, type->proto),
			 type->name);
		out_object(out, NULL);
		out_string(out, "proto", NULL, keyword_name(protos, type->proto));
		out_string(out, "name", NULL, type->name);
		print_type_number(out, type->number);
		if (shown)
			out_text(out, "%-*s", width, name);
		print_cell(out, "accepted", type->accepted, shown, accepted);
		print_cell(out, "limited", type->limited, shown, limited);
		print_cell(out, "dropped", type->dropped, shown, dropped);
		print_cell(out, "monitored", type->monitored, shown, monitored);
		if (shown)
			out_text(out, "\n");
		out_object_end(out);
	}
	out_array_end(out);
}

static bool parse_options(struct words *words, bool *reset, struct error *error)
{
	const char *next = words_peek(words);

	if (next && !strcmp(next, "--reset")) {
		words_read(words);
		*reset = true;
	}
	return parse_end(words, error);
}

static int run(struct context *context)
{
	struct stats_state stats = { 0 };
	struct type_list types = { 0 };
	struct out *out = &context->out;
	bool reset = false;

	if (!parse_options(&context->words, &reset, &context->error))
		return STATUS_USAGE;
	if (command_open(context) && command_all_types(context, &types) &&
	    command_get(context, reset ? ICMPGUARD_CMD_STATS_RESET : ICMPGUARD_CMD_STATS_GET,
			reply_stats, &stats)) {
		context->changed = reset;
		out_object(out, NULL);
		print_reasons(out, &stats);
		print_types(out, &types);
		out_object_end(out);
	}
	free(stats.counter);
	free(types.type);
	return command_refused(context);
}

const struct command command_stats = {
	.name = "stats",
	.usage = "[--reset]",
	.summary = "print the counters, by reason and by type",
	.details =
"Counters that are zero are left out; -j prints them all. seen is accepted +\n"
"dropped, and each of these is the sum of the reasons below it. monitored are\n"
"packets that would have been dropped.\n"
"\n"
"  --reset   print the counters, then reset them to zero\n"
"\n"
"Example: icmpguardctl -j stats | jq .dropped\n",
	.run = run,
};
