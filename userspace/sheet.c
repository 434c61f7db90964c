// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics: what monitoring systems read.
 */
#include <inttypes.h>
#include "sheet.h"


/* Values escape three characters. The kernel's names have none of them. */
static void quote(FILE *file, const char *value)
{
	putc('"', file);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", file);
		else if (*value == '"' || *value == '\\')
			fprintf(file, "\\%c", *value);
		else
			putc(*value, file);
	}
	putc('"', file);
}

static void describe(const struct sheet *sheet, const char *what, const char *text)
{
	const struct metric *metric = sheet->metric;

	fprintf(sheet->file, "# %s %s%s %s\n", what, metric->name,
		metric->counter && !sheet->openmetrics ? "_total" : "", text);
}

/**
 * sheet_metric() - begin a metric
 * @sheet: where to
 * @metric: what it is; its samples follow
 */
void sheet_metric(struct sheet *sheet, const struct metric *metric)
{
	sheet->metric = metric;
	describe(sheet, "TYPE", metric->counter ? "counter" : "gauge");
	if (metric->unit && sheet->openmetrics)
		describe(sheet, "UNIT", metric->unit);
	describe(sheet, "HELP", metric->help);
}

static void name(const struct sheet *sheet, const struct label *labels)
{
	const struct label *label;

	fprintf(sheet->file, "%s%s", sheet->metric->name, sheet->metric->counter ? "_total" : "");
	for (label = labels; label && label->name; label++) {
		fprintf(sheet->file, "%c%s=", label == labels ? '{' : ',', label->name);
		quote(sheet->file, label->value);
	}
	if (labels && labels->name)
		putc('}', sheet->file);
	putc(' ', sheet->file);
}

/**
 * sheet_sample() - write a sample
 * @sheet: where to
 * @labels: NULL: none
 * @value: a whole number
 */
void sheet_sample(struct sheet *sheet, const struct label *labels, uint64_t value)
{
	name(sheet, labels);
	fprintf(sheet->file, "%" PRIu64 "\n", value);
}

/**
 * sheet_millionths() - write a sample that is a share of one
 * @sheet: where to
 * @value: in millionths
 */
void sheet_millionths(struct sheet *sheet, uint32_t value)
{
	name(sheet, NULL);
	fprintf(sheet->file, "%u.%06u\n", value / 1000000, value % 1000000);
}

/**
 * sheet_end() - say that this was all
 * @sheet: where to
 *
 * The older form takes it for a comment.
 */
void sheet_end(struct sheet *sheet)
{
	fputs("# EOF\n", sheet->file);
}
