// SPDX-License-Identifier: GPL-2.0-only
/*
 * metrics: counters and gauges for monitoring systems.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "command.h"
#include "http.h"
#include "sheet.h"

#define PATH	"/metrics"

/**
 * struct state - all that is reported
 * @config: settings
 * @stats: by reason
 * @types: by type
 */
struct state {
	struct config_state config;
	struct stats_state stats;
	struct type_list types;
};

/* Names, labels and meanings stay as they are: dashboards are made of them. */
static const struct metric up = {
	"icmpguard_up", false, NULL, "Whether the module is loaded and answers."
};

static const struct metric info = {
	"icmpguard_module_info", false, NULL, "The loaded module, by version."
};

static const struct metric mode = {
	"icmpguard_mode", false, NULL, "The mode of this network namespace: 1 for the one it is in."
};

static const struct metric config_hash = {
	"icmpguard_config_hash", false, NULL,
	"A number made from the running configuration: machines configured alike have the same."
};

static const struct metric generation = {
	"icmpguard_config_generation", false, NULL, "Changes of the configuration since it was loaded."
};

static const struct metric rules = {
	"icmpguard_rules", false, NULL, "Prefix rules."
};

static const struct metric table_sources = {
	"icmpguard_table_sources", false, NULL, "Sources the table can track."
};

static const struct metric table_bytes = {
	"icmpguard_table_bytes", false, "bytes", "Memory of the table."
};

static const struct metric table_busy = {
	"icmpguard_table_busy_sources", false, NULL, "Sources in the table below a full bucket."
};

static const struct metric table_fullest = {
	"icmpguard_table_fullest_ratio", false, "ratio",
	"Share of such sources in the fullest part of the table."
};

static const struct metric packets = {
	"icmpguard_packets", true, "packets", "Packets judged, by what became of them and why."
};

static const struct metric monitored = {
	"icmpguard_monitored_packets", true, "packets",
	"Packets let pass that would have been dropped, by reason."
};

static const struct metric noted = {
	"icmpguard_noted_packets", true, "packets", "Packets noted in addition to the verdicts."
};

static const struct metric type_packets = {
	"icmpguard_type_packets", true, "packets", "Packets judged, by type and what became of them."
};

static const struct metric type_monitored = {
	"icmpguard_type_monitored_packets", true, "packets",
	"Packets let pass that would have been dropped, by type."
};

static void gauge(struct sheet *sheet, const struct metric *metric, uint64_t value)
{
	sheet_metric(sheet, metric);
	sheet_sample(sheet, NULL, value);
}

static void print_reasons(struct sheet *sheet, const struct stats_state *stats, uint32_t class,
			  const char *action, bool monitored)
{
	size_t i;

	for (i = 0; i < stats->counters; i++) {
		const struct counter_state *counter = &stats->counter[i];
		const struct label labels[] = {
			{ "reason", counter->name }, { action ? "action" : NULL, action }, { NULL, NULL }
		};

		if (counter->class == class)
			sheet_sample(sheet, labels, monitored ? counter->monitored : counter->value);
	}
}

static void print_type(struct sheet *sheet, const struct type_state *type, const char *action,
		       uint64_t value)
{
	const struct label labels[] = {
		{ "family", keyword_name(protos, type->proto) }, { "type", type->name },
		{ action ? "action" : NULL, action }, { NULL, NULL }
	};

	sheet_sample(sheet, labels, value);
}

static void print_types(struct sheet *sheet, const struct type_list *list)
{
	size_t i;

	sheet_metric(sheet, &type_packets);
	for (i = 0; i < list->types; i++) {
		const struct type_state *type = &list->type[i];

		if (type->has_code)
			continue;
		print_type(sheet, type, "accept", type->accepted);
		print_type(sheet, type, "limit", type->limited);
		print_type(sheet, type, "drop", type->dropped);
	}
	sheet_metric(sheet, &type_monitored);
	for (i = 0; i < list->types; i++)
		if (!list->type[i].has_code)
			print_type(sheet, &list->type[i], NULL, list->type[i].monitored);
}

static void print_config(struct sheet *sheet, const struct state *state)
{
	const struct label version[] = { { "version", state->config.version }, { NULL, NULL } };
	const struct keyword *keyword;

	sheet_metric(sheet, &info);
	sheet_sample(sheet, version, 1);
	sheet_metric(sheet, &mode);
	for (keyword = modes; keyword->name; keyword++) {
		const struct label labels[] = { { "mode", keyword->name }, { NULL, NULL } };

		sheet_sample(sheet, labels, keyword->value == state->config.setting[SETTING_MODE]);
	}
	gauge(sheet, &generation, state->config.generation);
	if (!state->config.has_hash)
		return;
	gauge(sheet, &config_hash, state->config.hash);
	gauge(sheet, &rules, state->config.rules);
}

static void print_table(struct sheet *sheet, const struct state *state)
{
	gauge(sheet, &table_sources, state->config.setting[SETTING_TABLE_SIZE]);
	gauge(sheet, &table_bytes, state->config.table_bytes);
	if (!state->stats.has_table)
		return;
	gauge(sheet, &table_busy, state->stats.busy);
	sheet_metric(sheet, &table_fullest);
	sheet_millionths(sheet, state->stats.fullest);
}

static void print_counters(struct sheet *sheet, const struct state *state)
{
	sheet_metric(sheet, &packets);
	print_reasons(sheet, &state->stats, ICMPGUARD_COUNTER_ACCEPT, "accept", false);
	print_reasons(sheet, &state->stats, ICMPGUARD_COUNTER_DROP, "drop", false);
	sheet_metric(sheet, &monitored);
	print_reasons(sheet, &state->stats, ICMPGUARD_COUNTER_DROP, NULL, true);
	sheet_metric(sheet, &noted);
	print_reasons(sheet, &state->stats, ICMPGUARD_COUNTER_NOTE, NULL, false);
	print_types(sheet, &state->types);
}

/* @state is NULL where the module isn't. */
static void print_all(struct sheet *sheet, const struct state *state)
{
	gauge(sheet, &up, state != NULL);
	if (state) {
		print_config(sheet, state);
		print_table(sheet, state);
		print_counters(sheet, state);
	}
	sheet_end(sheet);
}

/* Only unprivileged requests: scrapers have no privileges. */
static bool read_state(struct context *context, struct state *state)
{
	return command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &state->config) &&
	       command_get(context, ICMPGUARD_CMD_STATS_GET, reply_stats, &state->stats) &&
	       command_all_types(context, &state->types);
}

/* That there is no module is something to report, and no error. */
static bool print_state(struct context *context, FILE *file, bool openmetrics)
{
	struct sheet sheet = { .file = file, .openmetrics = openmetrics };
	struct state state = { 0 };
	bool got = read_state(context, &state);

	if (got) {
		print_all(&sheet, &state);
	} else if (command_without_module(context)) {
		print_all(&sheet, NULL);
		got = true;
	}
	free(state.config.interface);
	free(state.stats.counter);
	free(state.types.type);
	return got;
}

/* Who reads @name sees the old file or the new one, never half of one. */
static bool write_file(struct context *context, const char *name, bool openmetrics)
{
	struct error *error = &context->error;
	char temporary[4096];
	FILE *file = NULL;
	bool got;
	int fd;

	/* node_exporter reads whatever ends in .prom. */
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", name) >= sizeof(temporary))
		return error_set(error, NULL, "'%.40s...' is too long for a file's name", name);
	fd = mkstemp(temporary);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file)
		return error_set(error, NULL, "can't create '%s': %s", temporary, strerror(errno));
	got = print_state(context, file, openmetrics);
	if (got && (fflush(file) || ferror(file) || fchmod(fd, 0644)))
		got = error_set(error, NULL, "can't write '%s': %s", temporary, strerror(errno));
	if (fclose(file) && got)
		got = error_set(error, NULL, "can't write '%s': %s", temporary, strerror(errno));
	if (got && rename(temporary, name))
		got = error_set(error, NULL, "can't replace '%s': %s", name, strerror(errno));
	if (!got)
		unlink(temporary);
	return got;
}

static bool answer(struct context *context)
{
	struct http http;
	char *body = NULL;
	size_t length = 0;
	FILE *file;

	http_read(&http, STDIN_FILENO, PATH);
	if (http.status == 200) {
		file = open_memstream(&body, &length);
		if (!file || !print_state(context, file, http.openmetrics))
			http.status = 503;
		if (file)
			fclose(file);
	}
	http_answer(&http, context->out.file, http.openmetrics ? SHEET_OPENMETRICS : SHEET_TEXT,
		    body, length);
	free(body);
	return http.status != 503;
}

static int run(struct context *context)
{
	bool openmetrics = false, http = false;
	const char *file = NULL;
	const struct word *word;

	if (context->out.json) {
		error_set(&context->error, NULL,
			  "'metrics' prints no JSON: its text is for monitoring systems; 'stats' has the counters in JSON");
		return STATUS_USAGE;
	}
	while ((word = words_read(&context->words))) {
		if (!strcmp(word->text, "--openmetrics")) {
			openmetrics = true;
		} else if (!strcmp(word->text, "--http")) {
			http = true;
		} else if (!strcmp(word->text, "--textfile")) {
			word = parse_need(&context->words, "the name of a file", &context->error);
			if (!word)
				return STATUS_USAGE;
			file = word->text;
		} else {
			error_set(&context->error, word, "'%.48s' isn't an option of 'metrics'",
				  word->text);
			return STATUS_USAGE;
		}
	}
	if (http && (file || openmetrics)) {
		error_set(&context->error, NULL, "'--http' goes with no other option");
		return STATUS_USAGE;
	}
	if (http)
		answer(context);
	else if (file)
		write_file(context, file, openmetrics);
	else
		print_state(context, context->out.file, openmetrics);
	return command_refused(context);
}

const struct command command_metrics = {
	.name = "metrics",
	.usage = "[--openmetrics] [--textfile FILE]\n--http",
	.summary = "print counters and gauges for a monitoring system",
	.details =
"The text is for Prometheus, promtool and node_exporter's textfile collector.\n"
"Labels are families, types, reasons and actions, never addresses. If the module\n"
"isn't loaded, icmpguard_up is 0, and that is no error.\n"
"\n"
"  --openmetrics     OpenMetrics 1.0, which names counters differently from what\n"
"                    node_exporter reads\n"
"  --textfile FILE   write to FILE, which is replaced atomically\n"
"  --http            answer one HTTP request for /metrics, from the standard\n"
"                    input to the standard output, for socket activation\n"
"\n"
"Example: icmpguardctl metrics | promtool check metrics\n",
	.run = run,
};
