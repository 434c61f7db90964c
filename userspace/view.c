// SPDX-License-Identifier: GPL-2.0-only
/*
 * What `top` shows.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"
#include "names.h"
#include "print.h"
#include "value.h"
#include "view.h"

#define TYPE_WIDTH	30
#define RATE_WIDTH	11
#define BAR_LEAST	8	/* columns: a shorter bar says nothing */
#define SOURCE_WIDTH	24
#define LAST_WIDTH	24	/* of the type last limited */
#define LINE_TEXT	512

#define GREEN		"\033[32m"
#define RED		"\033[31m"
#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

/* The screen being filled */
struct screen {
	struct out *out;
	const struct view *view;
	unsigned int line;
};

/**
 * struct row - a type's line
 * @type: the type
 * @accepted: packets a second
 * @dropped: likewise
 */
struct row {
	const struct type_state *type;
	uint64_t accepted;
	uint64_t dropped;
};

static bool has_room(const struct screen *screen, unsigned int lines)
{
	return !screen->view->rows || screen->line + lines <= screen->view->rows;
}

static const char *colour(const struct screen *screen, const char *code)
{
	return screen->view->colour ? code : "";
}

/* One line, cut where the screen ends; it is plain letters, one a column. */
static void begin_line(struct screen *screen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void begin_line(struct screen *screen, const char *format, ...)
{
	char text[LINE_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (screen->view->live && screen->line)
		out_text(screen->out, "\n");
	out_text(screen->out, "%.*s", (int)screen->view->columns, text);
	screen->line++;
}

static void end_line(struct screen *screen)
{
	out_text(screen->out, "%s", screen->view->live ? "\033[K" : "\n");
}

#define line(screen, ...)					\
do {								\
	begin_line(screen, __VA_ARGS__);			\
	end_line(screen);					\
} while (0)

/* Counters may have been reset in between. */
static uint64_t per_second(uint64_t now, uint64_t before, uint64_t milliseconds)
{
	if (now < before || !milliseconds)
		return 0;
	return ((now - before) * 1000 + milliseconds / 2) / milliseconds;
}

static const struct type_state *find_type(const struct type_list *list,
					  const struct type_state *type)
{
	size_t i;

	for (i = 0; i < list->types; i++)
		if (!list->type[i].has_code && list->type[i].proto == type->proto &&
		    list->type[i].number == type->number)
			return &list->type[i];
	return type;
}

static uint64_t drops(const struct type_state *type)
{
	return type->limited + type->dropped;
}

static int busier(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	uint64_t x = a->accepted + a->dropped, y = b->accepted + b->dropped;

	if (x != y)
		return x < y ? 1 : -1;
	x = a->type->accepted + drops(a->type);
	y = b->type->accepted + drops(b->type);
	if (x != y)
		return x < y ? 1 : -1;
	return (a->type > b->type) - (a->type < b->type);
}

/* Types that were ever seen, busiest first. Return: how many; free() them. */
static size_t make_rows(const struct sample *now, const struct sample *before, struct row **rows)
{
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	size_t i, n = 0;

	*rows = memory_get(NULL, now->types.types + 1, sizeof(**rows));
	for (i = 0; i < now->types.types; i++) {
		const struct type_state *type = &now->types.type[i], *then;

		if (type->has_code || !(type->accepted + drops(type)))
			continue;
		then = find_type(&before->types, type);
		(*rows)[n++] = (struct row) {
			.type = type,
			.accepted = per_second(type->accepted, then->accepted, milliseconds),
			.dropped = per_second(drops(type), drops(then), milliseconds),
		};
	}
	qsort(*rows, n, sizeof(**rows), busier);
	return n;
}

static void repeat(struct screen *screen, const char *text, unsigned int times)
{
	while (times--)
		out_text(screen->out, "%s", text);
}

/* The accepted and the dropped, next to each other; the busiest type's fills the width. */
static void bar(struct screen *screen, const struct row *row, uint64_t most, unsigned int width)
{
	unsigned int whole, dropped;

	if (!most || width < BAR_LEAST)
		return;
	whole = (row->accepted + row->dropped) * width / most;
	dropped = row->dropped * width / most;
	/* A few drops are still some. */
	if (row->dropped && !dropped && whole)
		dropped = 1;
	out_text(screen->out, "  %s", colour(screen, GREEN));
	repeat(screen, screen->view->blocks ? "█" : "#", whole - dropped);
	out_text(screen->out, "%s", colour(screen, RED));
	repeat(screen, screen->view->blocks ? "▒" : "-", dropped);
	out_text(screen->out, "%s", colour(screen, PLAIN));
}

static void heading(struct screen *screen, const char *text)
{
	out_text(screen->out, "%s", screen->view->live && screen->line ? "\n" : "");
	out_text(screen->out, "%s%.*s%s", colour(screen, BOLD), (int)screen->view->columns, text,
		 colour(screen, PLAIN));
	screen->line++;
	end_line(screen);
}

static void show_types(struct screen *screen, const struct row *row, size_t rows)
{
	unsigned int used = TYPE_WIDTH + 2 * RATE_WIDTH + 4;
	unsigned int width = screen->view->columns > used ? screen->view->columns - used : 0;
	uint64_t most = rows ? row->accepted + row->dropped : 0;
	char text[LINE_TEXT], name[NAME_MAX_LEN + 16];
	size_t i, shown = rows;

	/* Half of the screen is the sources'. */
	if (screen->view->rows && shown > screen->view->rows / 2)
		shown = screen->view->rows / 2;
	snprintf(text, sizeof(text), "%-*s %*s %*s", TYPE_WIDTH, "type", RATE_WIDTH, "accepted/s",
		 RATE_WIDTH, "dropped/s");
	heading(screen, text);
	for (i = 0; i < shown && has_room(screen, 1); i++) {
		snprintf(name, sizeof(name), "%s %s", keyword_name(protos, row[i].type->proto),
			 row[i].type->name);
		begin_line(screen, "%-*s %*" PRIu64 " %*" PRIu64, TYPE_WIDTH, name, RATE_WIDTH,
			   row[i].accepted, RATE_WIDTH, row[i].dropped);
		bar(screen, &row[i], most, width);
		end_line(screen);
	}
	if (!rows)
		line(screen, "nothing yet");
}

static uint64_t source_rate(const struct source_state *source, const struct sample *now,
			    const struct sample *before)
{
	size_t i;

	for (i = 0; i < before->sources.sources; i++) {
		const struct source_state *then = &before->sources.source[i];

		if (then->prefix.v6 == source->prefix.v6 && then->prefix.len == source->prefix.len &&
		    !memcmp(then->prefix.addr, source->prefix.addr, sizeof(then->prefix.addr)))
			return per_second(source->drops, then->drops,
					  now->milliseconds - before->milliseconds);
	}
	return per_second(source->drops, 0, now->milliseconds - before->milliseconds);
}

static void show_source(struct screen *screen, const struct source_state *source, uint64_t rate)
{
	char prefix[PREFIX_TEXT], type[NAME_MAX_LEN + 16];
	int width = SOURCE_WIDTH;

	value_print_prefix(&source->prefix, prefix);
	snprintf(type, sizeof(type), "%s %s", keyword_name(protos, source->proto), source->name);
	/* What is too long has a line of its own. */
	if (strlen(prefix) > SOURCE_WIDTH) {
		if (!has_room(screen, 2))
			return;
		line(screen, "%s", prefix);
		*prefix = '\0';
	}
	line(screen, "%-*s  %-*.*s %9" PRIu64 " %11" PRIu64 " %4us", width, prefix, LAST_WIDTH,
	     LAST_WIDTH, type, rate, source->drops, source->last / 1000);
}

static void show_sources(struct screen *screen, const struct sample *now,
			 const struct sample *before)
{
	char text[LINE_TEXT];
	size_t i;

	if (!has_room(screen, 3))
		return;
	line(screen, "%s", "");
	snprintf(text, sizeof(text), "%-*s  %-*s %9s %11s %5s", SOURCE_WIDTH, "source", LAST_WIDTH,
		 "type last limited", "drops/s", "drops", "last");
	heading(screen, text);
	for (i = 0; i < now->sources.sources && has_room(screen, 1); i++)
		show_source(screen, &now->sources.source[i],
			    source_rate(&now->sources.source[i], now, before));
	if (!now->sources.sources)
		line(screen, "nobody is being limited");
}

static void show_head(struct screen *screen, const struct sample *now, const struct sample *before)
{
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	char left[LINE_TEXT];

	snprintf(left, sizeof(left), "icmpguard  mode %s  scope %s",
		 keyword_name(modes, now->config.mode), keyword_name(scopes, now->config.scope));
	if (screen->view->live)
		line(screen, "%-*s %s  q quits", (int)screen->view->columns - 18, left, now->clock);
	else
		line(screen, "%s  %s", left, now->clock);
	line(screen, "seen %" PRIu64 "/s  accepted %" PRIu64 "/s  dropped %" PRIu64 "/s",
	     per_second(now->stats.seen, before->stats.seen, milliseconds),
	     per_second(now->stats.accepted, before->stats.accepted, milliseconds),
	     per_second(now->stats.dropped, before->stats.dropped, milliseconds));
	line(screen, "%s", "");
}

static void print_json(struct out *out, const struct sample *now, const struct sample *before,
		       const struct row *row, size_t rows)
{
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	char address[PREFIX_TEXT];
	size_t i;

	out_object(out, NULL);
	out_number(out, "interval_ms", NULL, milliseconds);
	out_string(out, "mode", NULL, keyword_name(modes, now->config.mode));
	out_number(out, "seen_rate", NULL,
		   per_second(now->stats.seen, before->stats.seen, milliseconds));
	out_number(out, "accepted_rate", NULL,
		   per_second(now->stats.accepted, before->stats.accepted, milliseconds));
	out_number(out, "dropped_rate", NULL,
		   per_second(now->stats.dropped, before->stats.dropped, milliseconds));
	out_array(out, "types");
	for (i = 0; i < rows; i++) {
		out_object(out, NULL);
		out_string(out, "proto", NULL, keyword_name(protos, row[i].type->proto));
		out_string(out, "name", NULL, row[i].type->name);
		out_number(out, "accepted_rate", NULL, row[i].accepted);
		out_number(out, "dropped_rate", NULL, row[i].dropped);
		out_object_end(out);
	}
	out_array_end(out);
	out_array(out, "sources");
	for (i = 0; i < now->sources.sources; i++) {
		const struct source_state *source = &now->sources.source[i];

		value_print_address(&source->prefix, address);
		out_object(out, NULL);
		out_string(out, "address", NULL, address);
		out_number(out, "prefixlen", NULL, source->prefix.len);
		out_string(out, "proto", NULL, keyword_name(protos, source->proto));
		out_string(out, "type", NULL, source->name);
		out_number(out, "drop_rate", NULL, source_rate(source, now, before));
		out_number(out, "drops", NULL, source->drops);
		out_number(out, "last_ms", NULL, source->last);
		out_object_end(out);
	}
	out_array_end(out);
	out_object_end(out);
}

/**
 * view_print() - print one screen, or one JSON object
 * @out: where to
 * @view: how
 * @now: the later look
 * @before: the earlier one
 */
void view_print(struct out *out, const struct view *view, const struct sample *now,
		const struct sample *before)
{
	struct screen screen = { .out = out, .view = view };
	struct row *row;
	size_t rows;

	rows = make_rows(now, before, &row);
	if (out->json) {
		print_json(out, now, before, row, rows);
	} else {
		out_text(out, "%s", view->live ? "\033[H" : "");
		show_head(&screen, now, before);
		show_types(&screen, row, rows);
		show_sources(&screen, now, before);
		/* What an earlier, longer screen left below */
		out_text(out, "%s", view->live ? "\033[J" : "");
	}
	free(row);
}
