/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What statements are read with, a word at a time. Pure.
 */
#ifndef ICMPGUARDCTL_PARSE_WORD_H
#define ICMPGUARDCTL_PARSE_WORD_H

#include "model.h"
#include "names.h"
#include "words.h"

const struct word *parse_need(struct words *words, const char *what, struct error *error);
bool parse_skip(struct words *words, const char *text);
bool parse_refuse_name(const struct word *word, const struct keyword *list, const char *what,
		       struct error *error);
bool parse_number(const struct word *word, const char *what, uint32_t *number,
		  struct error *error);
bool parse_option_number(struct words *words, const char *option, uint32_t *number,
			 struct error *error);
const struct word *parse_interface_name(struct words *words, char *name, struct error *error);
const struct word *parse_interface_pattern(struct words *words, char *name, struct error *error);
const struct keyword *parse_keyword(struct words *words, const struct keyword *list,
				    const char *what, struct error *error);
bool parse_end(struct words *words, struct error *error);

#endif /* ICMPGUARDCTL_PARSE_WORD_H */
