// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statements that are settings: a name, and what it is set to.
 */
#include <stdio.h>
#include <string.h>
#include "parse_setting.h"
#include "parse_word.h"
#include "value.h"

/* The kernel adds the steps of one request up: two ladders would become one. */
static bool refuse_twice(const struct word *word, const struct word *before, struct error *error)
{
	if (before->line)
		return error_set(error, word, "duplicate '%s': first in line %u",
				 word->text, before->line);
	return error_set(error, word, "duplicate '%s'", word->text);
}

/* Each prefix is shorter than the one before, and has no smaller factor. */
static bool fits_step(const struct word *word, const struct ladder_change *change,
		      const struct step *step, struct error *error)
{
	unsigned int before = change->ladder.steps - 1;
	const struct step *last = &change->ladder.step[before];

	if (step->factor > ICMPGUARD_FACTOR_MAX)
		return error_set(error, word, "'%s' has a factor above %u", word->text,
				 ICMPGUARD_FACTOR_MAX);
	if (step->len >= last->len)
		return error_set(error, word, "'%s' isn't shorter than the prefix before it, '%s'",
				 word->text, change->word[before]->text);
	if (step->factor < last->factor)
		return error_set(error, word, "'%s' has a smaller factor than the prefix before it, '%s'",
				 word->text, change->word[before]->text);
	return true;
}

static bool parse_step(const struct word *word, struct ladder_change *change, bool v6,
		       struct error *error)
{
	struct ladder *ladder = &change->ladder;
	struct step step;
	enum value value;

	if (ladder->steps == LADDER_MAX)
		return error_set(error, word, "'%s' is one too many: a ladder has up to %d prefixes",
				 word->text, LADDER_MAX);
	value = value_step(word->text, &step);
	if (value == VALUE_TOO_LARGE || (value == VALUE_OK && step.len > (v6 ? 128 : 32)))
		return error_set(error, word, "invalid %s prefix length '%s': expected 0 to %d",
				 v6 ? "IPv6" : "IPv4", word->text, v6 ? 128 : 32);
	if (!ladder->steps && (value != VALUE_OK || step.factor))
		return error_set(error, word, "invalid prefix length '%s': expected a number",
				 word->text);
	if (ladder->steps && (value != VALUE_OK || !step.factor))
		return error_set(error, word,
				 "invalid prefix step '%s': expected LENGTH:FACTOR, such as 48:16",
				 word->text);
	if (ladder->steps && !fits_step(word, change, &step, error))
		return false;
	if (!ladder->steps)
		step.factor = 1;
	change->word[ladder->steps] = word;
	ladder->step[ladder->steps++] = step;
	return true;
}

static bool parse_ladder(struct words *words, struct change *change, struct error *error)
{
	const struct keyword *family = parse_keyword(words, families, "family", error);
	struct ladder_change *ladder;
	const struct word *word;
	bool v6;

	if (!family)
		return false;
	v6 = family->value == ICMPGUARD_PROTO_ICMPV6;
	ladder = &change->ladder[v6];
	if (ladder->ladder.steps)
		return refuse_twice(words->last, ladder->word[0], error);
	word = parse_need(words, "a prefix length", error);
	for (; word; word = words_read(words))
		if (!parse_step(word, ladder, v6, error))
			return false;
	return ladder->ladder.steps;
}

static bool parse_interface(struct words *words, struct change *change, struct error *error)
{
	struct interface_change interface = { 0 };
	const struct word *word = parse_interface_name(words, interface.name, error);
	const struct keyword *mode;

	if (!word)
		return false;
	interface.word[PLACE_NAME] = word;
	if (keyword_find(interface_modes, word->text) && words_peek(words) &&
	    !keyword_find(interface_modes, words_peek(words)))
		return error_set(error, word, "unexpected argument '%s': the name comes first, as in 'interface %s %s'",
				 word->text, words_peek(words), word->text);
	mode = parse_keyword(words, interface_modes, "mode of an interface", error);
	if (!mode)
		return false;
	interface.mode = mode->value;
	interface.word[PLACE_ACTION] = words->last;
	*change_interface(change) = interface;
	return true;
}

static bool set(struct setting_change *setting, uint32_t value, const struct word *word,
		const struct word *name, struct error *error)
{
	if (setting->word)
		return refuse_twice(name, setting->word, error);
	setting->value = value;
	setting->word = word;
	return true;
}

static bool parse_number_of(struct words *words, const struct setting_row *row, uint32_t *number,
			    struct error *error)
{
	const struct word *word;
	char what[64];

	snprintf(what, sizeof(what), "a number of %s", row->unit);
	word = parse_need(words, what, error);
	if (!word || !parse_number(word, row->name, number, error))
		return false;
	if (*number >= row->min && *number <= row->max)
		return true;
	return error_set(error, word, "invalid %s '%s': expected %u to %u", row->name, word->text,
			 row->min, row->max);
}

static bool parse_value(struct words *words, uint32_t setting, struct change *change,
			struct error *error)
{
	const struct setting_row *row = &setting_rows[setting];
	const struct word *name = words->last;
	const struct keyword *found;
	uint32_t value;

	if (row->words) {
		found = parse_keyword(words, row->words, row->name, error);
		if (!found)
			return false;
		value = found->value;
	} else if (!parse_number_of(words, row, &value, error)) {
		return false;
	}
	return set(&change->setting[setting], value, words->last, name, error);
}

/* A check has no more than a name and what becomes of those it finds. */
static bool parse_check(struct words *words, struct change *change, struct error *error)
{
	const struct word *word = parse_need(words, "the name of a check", error);
	const struct keyword *check, *action;

	if (!word)
		return false;
	check = keyword_find(checks, word->text);
	if (!check)
		return parse_refuse_name(word, checks, "check", error);
	action = parse_keyword(words, check_actions, "setting of a check", error);
	return action && set(&change->check[check->value], action->value, words->last, word, error);
}

static bool parse_any(struct words *words, uint32_t setting, struct change *change,
		      struct error *error)
{
	switch (setting) {
	case SETTING_PREFIX:
		return parse_ladder(words, change, error);
	case SETTING_CHECK:
		return parse_check(words, change, error);
	case SETTING_INTERFACE:
		return parse_interface(words, change, error);
	default:
		return parse_value(words, setting, change, error);
	}
}

/**
 * parse_setting() - read a setting
 * @words: NAME VALUE...
 * @change: gets it
 * @error: filled in otherwise
 *
 * Return: whether it could be read.
 */
bool parse_setting(struct words *words, struct change *change, struct error *error)
{
	const struct word *word = parse_need(words, "a setting", error);
	const struct keyword *setting;

	if (!word)
		return false;
	setting = keyword_find(settings, word->text);
	if (!setting)
		return parse_refuse_name(word, settings, "setting", error);
	return parse_any(words, setting->value, change, error) &&
	       parse_end(words, error);
}
