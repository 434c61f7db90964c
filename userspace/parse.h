/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements: words in, a change out. Pure: asks nobody else.
 */
#ifndef ICMPGUARDCTL_PARSE_H
#define ICMPGUARDCTL_PARSE_H

#include "change.h"
#include "names.h"

bool parse_setting(struct words *words, struct change *change, struct error *error);
bool parse_type(struct words *words, struct change *change, struct error *error);
bool parse_rule(struct words *words, struct change *change, struct error *error);
bool parse_statement(struct words *words, struct change *change, struct error *error);
bool parse_text(const struct text *text, struct change *change, struct error *error);

const struct word *parse_need(struct words *words, const char *what, struct error *error);
bool parse_refuse_name(const struct word *word, const struct keyword *list, const char *what,
		       struct error *error);
bool parse_number(const struct word *word, const char *what, uint32_t *number,
		  struct error *error);
bool parse_option_number(struct words *words, const char *option, uint32_t *number,
			 struct error *error);
bool parse_address(const struct word *word, struct prefix *prefix, struct error *error);
const struct keyword *parse_keyword(struct words *words, const struct keyword *list,
				    const char *what, struct error *error);
bool parse_end(struct words *words, struct error *error);

#endif /* ICMPGUARDCTL_PARSE_H */
