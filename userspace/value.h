/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values inside one word: numbers, rates, durations, addresses; both ways.
 */
#ifndef ICMPGUARDCTL_VALUE_H
#define ICMPGUARDCTL_VALUE_H

#include "model.h"

/* enum value - what came of reading one */
enum value {
	VALUE_OK,
	VALUE_BAD,
	VALUE_ZERO,
	VALUE_TOO_LARGE,
	VALUE_BAD_UNIT,
};

#define PREFIX_TEXT	64	/* bytes for the longest prefix */
#define RATE_TEXT	48	/* bytes for the longest rate with its burst */

enum value value_number(const char *text, uint32_t *number);
enum value value_rate(const char *text, struct rate *rate);
enum value value_duration(const char *text, uint32_t *seconds);
enum value value_step(const char *text, struct step *step);
enum value value_prefix(const char *text, struct prefix *prefix);
bool value_address(const char *text, struct prefix *prefix);
bool value_is_mapped(const struct prefix *prefix, struct prefix *v4);
void value_mask(struct prefix *prefix);

void value_print_rate(const struct rate *rate, char text[RATE_TEXT]);
void value_print_address(const struct prefix *prefix, char text[PREFIX_TEXT]);
void value_print_prefix(const struct prefix *prefix, char text[PREFIX_TEXT]);

#endif /* ICMPGUARDCTL_VALUE_H */
