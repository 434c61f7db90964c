/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What several commands print alike.
 */
#ifndef ICMPGUARDCTL_PRINT_H
#define ICMPGUARDCTL_PRINT_H

#include "model.h"
#include "out.h"

void print_treatment(struct out *out, const struct treatment *treatment);
void print_rules(struct out *out, const struct rule *rule, size_t rules);
void print_type_number(struct out *out, uint32_t number);
void print_address(struct out *out, const struct prefix *prefix);
void print_duration(struct out *out, const char *key, uint32_t milliseconds, const char *suffix);

/* Make a column as wide as what stands in it */
static inline void print_widen(int *width, int length)
{
	*width = length > *width ? length : *width;
}

#endif /* ICMPGUARDCTL_PRINT_H */
