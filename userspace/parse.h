/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements: words in, a change out. Pure: no I/O.
 */
#ifndef ICMPGUARDCTL_PARSE_H
#define ICMPGUARDCTL_PARSE_H

#include "change.h"
#include "parse_word.h"

bool parse_type(struct words *words, struct change *change, struct error *error);
bool parse_rule(struct words *words, struct change *change, struct error *error);
const struct keyword *parse_xdp_mode(struct words *words, struct error *error);
bool parse_statement(struct words *words, struct change *change, struct error *error);
bool parse_text(const struct text *text, struct change *change, struct error *error);
bool parse_address(const struct word *word, struct prefix *prefix, struct error *error);

#endif /* ICMPGUARDCTL_PARSE_H */
