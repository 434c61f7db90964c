/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The screen of `top`, made from two readings of the counters. Pure: no I/O, no
 * terminal.
 */
#ifndef ICMPGUARDCTL_VIEW_H
#define ICMPGUARDCTL_VIEW_H

#include "out.h"
#include "reply.h"

/**
 * struct sample - a look at the counters
 * @milliseconds: when, by a clock that only goes forward
 * @clock: the time of day
 * @config: settings
 * @stats: counters by reason
 * @types: counters by type
 * @sources: who is being limited
 */
struct sample {
	uint64_t milliseconds;
	char clock[16];
	struct config_state config;
	struct stats_state stats;
	struct type_list types;
	struct source_list sources;
};

/**
 * struct view - how it is to look
 * @rows: lines there is room for; 0: any number
 * @columns: of each
 * @colour: with colours
 * @blocks: with block elements
 * @live: on a terminal, which is drawn over again and again
 */
struct view {
	unsigned int rows;
	unsigned int columns;
	bool colour;
	bool blocks;
	bool live;
};

void view_print(struct out *out, const struct view *view, const struct sample *now,
		const struct sample *before);

#endif /* ICMPGUARDCTL_VIEW_H */
