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
#define TYPE_LEAST	12	/* columns: "icmp echo-r+" */
#define BAR_LEAST	8	/* columns: a shorter bar says nothing */
#define SOURCE_WIDTH	24
#define LAST_WIDTH	24	/* of the type last limited */
#define LAST_LEAST	12
#define LINE_TEXT	512
#define CELL_TEXT	24
#define CELLS		5

#define GREEN		"\033[32m"
#define YELLOW		"\033[33m"
#define RED		"\033[31m"
#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

/**
 * struct column - a column of numbers
 * @heading: what they are
 * @brief: the same where there is little room
 * @rank: the highest goes first where there is less
 * @width: of the widest of them; 0: not shown
 */
struct column {
	const char *heading, *brief;
	unsigned int rank;
	unsigned int width;
};

/**
 * struct screen - the screen being filled
 * @out: where to
 * @view: how
 * @line: lines filled
 * @monitored: there is something that would have been dropped, or could be
 */
struct screen {
	struct out *out;
	const struct view *view;
	unsigned int line;
	bool monitored;
};

/**
 * struct row - a type's line
 * @type: the type
 * @accepted: packets a second
 * @dropped: likewise
 * @monitored: likewise, of the accepted ones
 */
struct row {
	const struct type_state *type;
	uint64_t accepted;
	uint64_t dropped;
	uint64_t monitored;
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
	if (has_room(screen, 1)) {				\
		begin_line(screen, __VA_ARGS__);		\
		end_line(screen);				\
	}							\
} while (0)

/* What doesn't fit goes on in the next line; what fits into none is left out. */
static void words(struct screen *screen, char (*word)[CELL_TEXT * 2], size_t n)
{
	unsigned int columns = screen->view->columns;
	char text[LINE_TEXT] = "";
	size_t i, used = 0;

	for (i = 0; i < n; i++) {
		size_t length = strlen(word[i]);

		if (!length || length > columns)
			continue;
		if (used && used + 2 + length > columns) {
			line(screen, "%s", text);
			used = 0;
		}
		used += snprintf(text + used, sizeof(text) - used, "%s%s", used ? "  " : "",
				 word[i]);
	}
	line(screen, "%s", used ? text : "");
}

/* A name that is cut says so. */
static void shorten(char *text, unsigned int width)
{
	if (strlen(text) <= width)
		return;
	text[width] = '\0';
	if (width)
		text[width - 1] = '+';
}

static unsigned int width_of(const struct column *column, size_t columns)
{
	unsigned int width = 0;

	for (; columns--; column++)
		width += column->width ? column->width + 1 : 0;
	return width;
}

static void widen(struct column *column, const char *text)
{
	if (column->width < strlen(text))
		column->width = strlen(text);
}

/* Leave out the column that matters least; the last one only if it is too wide. */
static bool leave_out(struct column *column, size_t columns, unsigned int room)
{
	struct column *least = NULL;
	size_t i, shown = 0;

	for (i = 0; i < columns; i++) {
		if (!column[i].width)
			continue;
		shown++;
		if (!least || column[i].rank > least->rank)
			least = &column[i];
	}
	if (!shown || (shown == 1 && least->width < room))
		return false;
	least->width = 0;
	return true;
}

/*
 * Make columns fit beside a name: with whole headings where it may be @wanted wide,
 * else with brief ones, else fewer, and none where a name of digits would be cut that
 * need not be. No number is ever cut.
 *
 * Return: what is left for the name.
 */
static unsigned int fit(struct column *column, size_t columns, unsigned int room,
			unsigned int wanted, unsigned int least, bool digits)
{
	struct column full[CELLS];
	size_t i;

	digits = digits && least <= room;
	memcpy(full, column, columns * sizeof(*column));
	for (i = 0; i < columns; i++) {
		if (!column[i].width)
			continue;
		widen(&full[i], column[i].heading);
		widen(&column[i], column[i].brief);
	}
	if (width_of(full, columns) + wanted <= room) {
		memcpy(column, full, columns * sizeof(*column));
	} else {
		while (width_of(column, columns) + least > room &&
		       leave_out(column, columns, digits ? room - least : room))
			;
		for (i = 0; i < columns; i++)
			if (column[i].width && column[i].width >= strlen(column[i].heading))
				column[i].brief = column[i].heading;
		for (i = 0; i < columns; i++)
			column[i].heading = column[i].brief;
	}
	return width_of(column, columns) < room ? room - width_of(column, columns) : 0;
}

/* The cells of a line, or with none the headings */
static void put_cells(char *text, size_t size, const struct column *column, size_t columns,
		      char (*cell)[CELL_TEXT])
{
	size_t i, used = strlen(text);

	for (i = 0; i < columns; i++)
		if (column[i].width)
			used += snprintf(text + used, size - used, "%s%*s", used ? " " : "",
					 (int)column[i].width, cell ? cell[i] : column[i].heading);
}

static void put_number(char cell[CELL_TEXT], uint64_t number)
{
	snprintf(cell, CELL_TEXT, "%" PRIu64, number);
}

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
			.monitored = per_second(type->monitored, then->monitored, milliseconds),
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

/* A few drops are still some. */
static unsigned int part_of(uint64_t part, uint64_t most, unsigned int width, unsigned int left)
{
	unsigned int length = part * width / most;

	if (part && !length)
		length = 1;
	return length < left ? length : left;
}

/* What passed, was monitored and was dropped; the busiest type's fills the width. */
static void bar(struct screen *screen, const struct row *row, uint64_t most, unsigned int width)
{
	unsigned int left, dropped, monitored;

	if (!most || width < BAR_LEAST)
		return;
	left = (row->accepted + row->dropped) * width / most;
	dropped = part_of(row->dropped, most, width, left);
	left -= dropped;
	monitored = part_of(row->monitored, most, width, left);
	left -= monitored;
	out_text(screen->out, "  %s", colour(screen, GREEN));
	repeat(screen, screen->view->blocks ? "█" : "#", left);
	if (monitored) {
		out_text(screen->out, "%s", colour(screen, YELLOW));
		repeat(screen, screen->view->blocks ? "▓" : "~", monitored);
	}
	out_text(screen->out, "%s", colour(screen, RED));
	repeat(screen, screen->view->blocks ? "▒" : "-", dropped);
	out_text(screen->out, "%s", colour(screen, PLAIN));
}

static void heading(struct screen *screen, const char *text)
{
	if (!has_room(screen, 1))
		return;
	out_text(screen->out, "%s", screen->view->live && screen->line ? "\n" : "");
	out_text(screen->out, "%s%.*s%s", colour(screen, BOLD), (int)screen->view->columns, text,
		 colour(screen, PLAIN));
	screen->line++;
	end_line(screen);
}

#define TYPE_CELLS	3

static void type_cells(const struct row *row, char (*cell)[CELL_TEXT])
{
	put_number(cell[0], row->accepted);
	put_number(cell[1], row->dropped);
	put_number(cell[2], row->monitored);
}

static void show_types(struct screen *screen, const struct sample *now, const struct row *row,
		       size_t rows)
{
	bool monitor = now->config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR;
	struct column column[TYPE_CELLS] = {
		{ "accepted/s", "acc/s", 2, 1 },
		{ "dropped/s", "drop/s", monitor, 1 },
		{ "monitored/s", "mon/s", !monitor, screen->monitored },
	};
	unsigned int columns = screen->view->columns, width, used;
	uint64_t most = rows ? row->accepted + row->dropped : 0;
	char text[LINE_TEXT], cell[TYPE_CELLS][CELL_TEXT];
	char name[NAME_MAX_LEN + 16];
	size_t i, j, shown = rows;

	/* Half of the screen is the sources'. */
	if (screen->view->rows && shown > screen->view->rows / 2)
		shown = screen->view->rows / 2;
	for (i = 0; i < shown; i++) {
		type_cells(&row[i], cell);
		for (j = 0; j < TYPE_CELLS; j++)
			if (column[j].width)
				widen(&column[j], cell[j]);
	}
	width = fit(column, TYPE_CELLS, columns, TYPE_WIDTH, TYPE_LEAST, false);
	if (width > TYPE_WIDTH)
		width = TYPE_WIDTH;
	snprintf(text, sizeof(text), "%-*.*s", (int)width, (int)width, "type");
	put_cells(text, sizeof(text), column, TYPE_CELLS, NULL);
	used = width + width_of(column, TYPE_CELLS) + 2;
	heading(screen, text);
	for (i = 0; i < shown && has_room(screen, 1); i++) {
		snprintf(name, sizeof(name), "%s %s", keyword_name(protos, row[i].type->proto),
			 row[i].type->name);
		shorten(name, width);
		snprintf(text, sizeof(text), "%-*s", (int)width, name);
		type_cells(&row[i], cell);
		put_cells(text, sizeof(text), column, TYPE_CELLS, cell);
		begin_line(screen, "%s", text);
		bar(screen, &row[i], most, columns > used ? columns - used : 0);
		end_line(screen);
	}
	if (!rows)
		line(screen, "nothing yet");
}

/**
 * struct rates - of a source, packets a second
 * @dropped: packets
 * @monitored: packets that would have been dropped
 */
struct rates {
	uint64_t dropped;
	uint64_t monitored;
};

static struct rates source_rates(const struct source_state *source, const struct sample *now,
				 const struct sample *before)
{
	static const struct source_state none;
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	const struct source_state *then = &none;
	size_t i;

	for (i = 0; i < before->sources.sources && then == &none; i++) {
		const struct source_state *other = &before->sources.source[i];

		if (other->prefix.v6 == source->prefix.v6 &&
		    other->prefix.len == source->prefix.len &&
		    !memcmp(other->prefix.addr, source->prefix.addr, sizeof(other->prefix.addr)))
			then = other;
	}
	return (struct rates) {
		per_second(source->drops, then->drops, milliseconds),
		per_second(source->monitored, then->monitored, milliseconds),
	};
}

#define SOURCE_CELLS	5

static void source_cells(const struct source_state *source, const struct sample *now,
			 const struct sample *before, char (*cell)[CELL_TEXT])
{
	struct rates rates = source_rates(source, now, before);

	put_number(cell[0], rates.dropped);
	put_number(cell[1], rates.monitored);
	put_number(cell[2], source->drops);
	put_number(cell[3], source->monitored);
	snprintf(cell[4], CELL_TEXT, "%us", source->last / 1000);
}

static void show_source(struct screen *screen, const struct source_state *source,
			const struct column *column, char (*cell)[CELL_TEXT], unsigned int width,
			unsigned int type_width)
{
	char prefix[PREFIX_TEXT], type[NAME_MAX_LEN + 16], text[LINE_TEXT];

	value_print_prefix(&source->prefix, prefix);
	shorten(prefix, width);
	snprintf(text, sizeof(text), "%-*s", (int)width, prefix);
	if (type_width) {
		snprintf(type, sizeof(type), "%s %s", keyword_name(protos, source->proto),
			 source->name);
		shorten(type, type_width);
		snprintf(text, sizeof(text), "%-*s  %-*s", (int)width, prefix, (int)type_width,
			 type);
	}
	put_cells(text, sizeof(text), column, SOURCE_CELLS, cell);
	line(screen, "%s", text);
}

static void show_sources(struct screen *screen, const struct sample *now,
			 const struct sample *before)
{
	bool monitor = now->config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR;
	struct column column[SOURCE_CELLS] = {
		{ "dropped/s", "drop/s", monitor, 1 },
		{ "monitored/s", "mon/s", !monitor, screen->monitored },
		{ "dropped", "drop", 2 + monitor, 1 },
		{ "monitored", "mon", 2 + !monitor, screen->monitored },
		{ "last", "last", 4, 1 },
	};
	unsigned int width, longest = SOURCE_WIDTH, least = 0, type_width = 0;
	char text[LINE_TEXT], prefix[PREFIX_TEXT], cell[SOURCE_CELLS][CELL_TEXT];
	size_t i, j, shown = now->sources.sources;

	if (!has_room(screen, 3))
		return;
	line(screen, "%s", "");
	if (screen->view->rows && shown > screen->view->rows - screen->line)
		shown = screen->view->rows - screen->line;
	for (i = 0; i < shown; i++) {
		value_print_prefix(&now->sources.source[i].prefix, prefix);
		least = strlen(prefix) > least ? strlen(prefix) : least;
		source_cells(&now->sources.source[i], now, before, cell);
		for (j = 0; j < SOURCE_CELLS; j++)
			if (column[j].width)
				widen(&column[j], cell[j]);
	}
	longest = least > longest ? least : longest;
	width = fit(column, SOURCE_CELLS, screen->view->columns, longest + 2 + LAST_LEAST, least,
		    true);
	if (width >= longest + 2 + LAST_LEAST)
		type_width = width - longest - 2;
	if (type_width > LAST_WIDTH)
		type_width = LAST_WIDTH;
	if (width > longest)
		width = longest;
	snprintf(text, sizeof(text), "%-*.*s%s%-*.*s", (int)width, (int)width, "source",
		 type_width ? "  " : "", (int)type_width, (int)type_width, "last type");
	put_cells(text, sizeof(text), column, SOURCE_CELLS, NULL);
	heading(screen, text);
	for (i = 0; i < shown && has_room(screen, 1); i++) {
		source_cells(&now->sources.source[i], now, before, cell);
		show_source(screen, &now->sources.source[i], column, cell, width, type_width);
	}
	if (!now->sources.sources)
		line(screen, "no source is being limited");
}

/* What would have been dropped, by reason */
static uint64_t monitored_of(const struct stats_state *stats)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < stats->counters; i++)
		sum += stats->counter[i].monitored;
	return sum;
}

static bool has_monitored(const struct sample *now)
{
	size_t i;

	if (now->config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR || monitored_of(&now->stats))
		return true;
	for (i = 0; i < now->types.types; i++)
		if (now->types.type[i].monitored)
			return true;
	for (i = 0; i < now->sources.sources; i++)
		if (now->sources.source[i].monitored)
			return true;
	return false;
}

static void show_head(struct screen *screen, const struct sample *now, const struct sample *before)
{
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	char word[5][CELL_TEXT * 2] = { "icmpguard" }, rate[4][CELL_TEXT * 2] = { "" };
	unsigned int used = 0, i;

	snprintf(word[1], sizeof(word[1]), "mode %s",
		 keyword_name(modes, now->config.setting[SETTING_MODE]));
	snprintf(word[2], sizeof(word[2]), "scope %s",
		 keyword_name(scopes, now->config.setting[SETTING_SCOPE]));
	snprintf(word[3], sizeof(word[3]), "%s", now->clock);
	snprintf(word[4], sizeof(word[4]), "%s", screen->view->live ? "q quits" : "");
	for (i = 0; i < 5; i++)
		used += strlen(word[i]) + 2;
	if (screen->view->live && used - 2 <= screen->view->columns)
		line(screen, "%s  %s  %s%*s  %s", word[0], word[1], word[2],
		     (int)(screen->view->columns - used + 4 + strlen(word[3])), word[3], word[4]);
	else
		words(screen, word, 5);
	snprintf(rate[0], sizeof(rate[0]), "seen %" PRIu64 "/s",
		 per_second(now->stats.seen, before->stats.seen, milliseconds));
	snprintf(rate[1], sizeof(rate[1]), "accepted %" PRIu64 "/s",
		 per_second(now->stats.accepted, before->stats.accepted, milliseconds));
	snprintf(rate[2], sizeof(rate[2]), "dropped %" PRIu64 "/s",
		 per_second(now->stats.dropped, before->stats.dropped, milliseconds));
	if (screen->monitored)
		snprintf(rate[3], sizeof(rate[3]), "monitored %" PRIu64 "/s",
			 per_second(monitored_of(&now->stats), monitored_of(&before->stats),
				    milliseconds));
	words(screen, rate, 4);
	line(screen, "%s", "");
}

static void print_json(struct out *out, const struct sample *now, const struct sample *before,
		       const struct row *row, size_t rows)
{
	uint64_t milliseconds = now->milliseconds - before->milliseconds;
	size_t i;

	out_object(out, NULL);
	out_number(out, "interval-ms", NULL, milliseconds);
	out_string(out, "mode", NULL, keyword_name(modes, now->config.setting[SETTING_MODE]));
	out_number(out, "seen-rate", NULL,
		   per_second(now->stats.seen, before->stats.seen, milliseconds));
	out_number(out, "accepted-rate", NULL,
		   per_second(now->stats.accepted, before->stats.accepted, milliseconds));
	out_number(out, "dropped-rate", NULL,
		   per_second(now->stats.dropped, before->stats.dropped, milliseconds));
	out_number(out, "monitored-rate", NULL,
		   per_second(monitored_of(&now->stats), monitored_of(&before->stats),
			      milliseconds));
	out_array(out, "types");
	for (i = 0; i < rows; i++) {
		out_object(out, NULL);
		out_string(out, "proto", NULL, keyword_name(protos, row[i].type->proto));
		out_string(out, "name", NULL, row[i].type->name);
		out_number(out, "accepted-rate", NULL, row[i].accepted);
		out_number(out, "dropped-rate", NULL, row[i].dropped);
		out_number(out, "monitored-rate", NULL, row[i].monitored);
		out_object_end(out);
	}
	out_array_end(out);
	out_array(out, "sources");
	for (i = 0; i < now->sources.sources; i++) {
		const struct source_state *source = &now->sources.source[i];
		struct rates rates = source_rates(source, now, before);

		out_object(out, NULL);
		print_address(out, &source->prefix);
		out_string(out, "proto", NULL, keyword_name(protos, source->proto));
		out_string(out, "name", NULL, source->name);
		out_number(out, "dropped-rate", NULL, rates.dropped);
		out_number(out, "monitored-rate", NULL, rates.monitored);
		out_number(out, "drops", NULL, source->drops);
		out_number(out, "monitored", NULL, source->monitored);
		out_number(out, "last-drop-age-ms", NULL, source->last);
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
	struct screen screen = { .out = out, .view = view, .monitored = has_monitored(now) };
	struct row *row;
	size_t rows;

	rows = make_rows(now, before, &row);
	if (out->json) {
		print_json(out, now, before, row, rows);
	} else {
		out_text(out, "%s", view->live ? "\033[H" : "");
		show_head(&screen, now, before);
		show_types(&screen, now, row, rows);
		show_sources(&screen, now, before);
		/* What an earlier, longer screen left below */
		out_text(out, "%s", view->live ? "\033[J" : "");
	}
	free(row);
}
