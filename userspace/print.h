/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What several commands print alike.
 */
#ifndef ICMPGUARDCTL_PRINT_H
#define ICMPGUARDCTL_PRINT_H

#include "model.h"
#include "out.h"

#define PRINT_WIDTH	80	/* columns of a terminal nobody has widened */

void print_treatment(struct out *out, const struct treatment *treatment);
void print_rules(struct out *out, const struct rule *rule, size_t rules);
void print_duration(struct out *out, const char *key, uint32_t milliseconds, const char *behind);
void print_column(struct out *out, const char *text, int width, bool first);

#endif /* ICMPGUARDCTL_PRINT_H */
