/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Metrics: what monitoring systems read, in either of two forms. Pure.
 *
 * They differ in how a counter is described: OpenMetrics 1.0 names the metric,
 * without the _total that its samples end in; Prometheus' older text form, which
 * node_exporter and promtool read, names the samples.
 */
#ifndef ICMPGUARDCTL_SHEET_H
#define ICMPGUARDCTL_SHEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SHEET_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define SHEET_TEXT	"text/plain; version=0.0.4; charset=utf-8"

/**
 * struct sheet - metrics being written
 * @file: where to
 * @openmetrics: in OpenMetrics' form
 * @metric: the one whose samples come next
 */
struct sheet {
	FILE *file;
	bool openmetrics;
	const struct metric *metric;
};

/**
 * struct metric - a metric
 * @name: without _total
 * @counter: it only grows; a gauge otherwise
 * @unit: what @name ends in; NULL: none
 * @help: what it is
 */
struct metric {
	const char *name;
	bool counter;
	const char *unit;
	const char *help;
};

/**
 * struct label - a label of a sample
 * @name: NULL ends a list
 * @value: any text
 */
struct label {
	const char *name;
	const char *value;
};

void sheet_metric(struct sheet *sheet, const struct metric *metric);
void sheet_sample(struct sheet *sheet, const struct label *labels, uint64_t value);
void sheet_millionths(struct sheet *sheet, uint32_t value);
void sheet_end(struct sheet *sheet);

#endif /* ICMPGUARDCTL_SHEET_H */
