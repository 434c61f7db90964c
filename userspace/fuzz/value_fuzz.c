// SPDX-License-Identifier: GPL-2.0-only
/*
 * One word, read as every kind of value. A valid one can be printed, and the output is
 * read as the same value.
 */
#include "../../selftests/fuzz/fuzz.h"
#include "names.h"
#include "nearest.h"
#include "value.h"

static void rate(const char *word)
{
	char text[RATE_TEXT];
	struct rate once, again;

	if (value_rate(word, &once) != VALUE_OK)
		return;
	value_print_rate(&once, text);
	PROMISE(value_rate(text, &again) == VALUE_OK && again.packets == once.packets &&
		again.period == once.period, "'%s' is printed as '%s'", word, text);
}

static void prefix(const char *word)
{
	char text[PREFIX_TEXT];
	struct prefix once, again;

	if (value_prefix(word, &once) != VALUE_OK)
		return;
	PROMISE(once.len <= (once.v6 ? 128 : 32), "'%s' has %u bits", word, once.len);
	value_print_prefix(&once, text);
	PROMISE(value_prefix(text, &again) == VALUE_OK && again.len == once.len &&
		again.v6 == once.v6 && !memcmp(again.addr, once.addr, sizeof(once.addr)),
		"'%s' is printed as '%s'", word, text);
	value_mask(&once);
	again = once;
	value_mask(&again);
	PROMISE(!memcmp(again.addr, once.addr, sizeof(once.addr)), "'%s' masked twice", word);
}

static void names(const char *word)
{
	const struct type_name *type;
	struct nearest nearest;
	uint32_t proto, number;
	size_t i;

	for (proto = 0; proto <= 3; proto++) {
		type = type_by_name(proto, word);
		PROMISE(!type || !strcmp(type->name, word), "'%s' is found as '%s'", word,
			type->name);
		if (value_number(word, &number) == VALUE_OK)
			type_by_number(proto, number);
	}
	keyword_find(periods, word);
	nearest_init(&nearest, "type", word);
	for (i = 0; (type = type_at(i)); i++)
		nearest_try(&nearest, type->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *word = malloc(length + 1);
	uint32_t number;
	struct step step;

	memcpy(word, bytes, length);
	word[length] = '\0';
	value_number(word, &number);
	value_duration(word, &number);
	if (value_step(word, &step) == VALUE_OK)
		PROMISE(step.len <= 128, "'%s' has %u bits", word, step.len);
	rate(word);
	prefix(word);
	names(word);
	free(word);
	return 0;
}
