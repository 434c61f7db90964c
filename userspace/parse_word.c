// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words of a statement: one that has to be there, one of a few, a number, the end.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "hints.h"
#include "nearest.h"
#include "parse_word.h"
#include "value.h"

/**
 * parse_need() - read a word that has to be there
 * @words: where to read
 * @what: what it is, with its article
 * @error: filled in otherwise
 *
 * Return: NULL for none.
 */
const struct word *parse_need(struct words *words, const char *what, struct error *error)
{
	const struct word *last = words->last;
	const struct word *word = words_read(words);

	if (word)
		return word;
	if (last)
		error_set(error, last, "'%s' must be followed by %s", last->text, what);
	else
		error_set(error, NULL, "%s is missing", what);
	return NULL;
}

/**
 * parse_skip() - read a word, if it is next
 * @words: where to read
 * @text: the word
 *
 * Return: whether it was.
 */
bool parse_skip(struct words *words, const char *text)
{
	const char *next = words_peek(words);

	return next && !strcmp(next, text) && words_read(words);
}

static bool refuse_keyword(const struct word *word, const struct keyword *list, const char *what,
			   struct error *error)
{
	const char *hint = hint_find(NULL, list, word->text);
	const struct keyword *each;
	char names[128] = "";
	size_t used = 0;

	for (each = list; each->name && used < sizeof(names); each++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s",
				 each == list ? "" : each[1].name ? ", " : " or ", each->name);
	if (hint)
		return error_set(error, word, "invalid %s '%s': expected %s; did you mean '%s'?",
				 what, word->text, names, hint);
	return error_set(error, word, "invalid %s '%s': expected %s", what, word->text, names);
}

/**
 * parse_keyword() - read one of a few words
 * @words: where to read
 * @list: the words it may be
 * @what: what they are
 * @error: filled in otherwise
 *
 * Return: NULL for another word, or none.
 */
const struct keyword *parse_keyword(struct words *words, const struct keyword *list,
				    const char *what, struct error *error)
{
	const struct word *word;
	const struct keyword *found;
	char article[64];

	snprintf(article, sizeof(article), "%s %s", strchr("aeiou", *what) ? "an" : "a", what);
	word = parse_need(words, article, error);
	if (!word)
		return NULL;
	found = keyword_find(list, word->text);
	if (!found)
		refuse_keyword(word, list, what, error);
	return found;
}

/**
 * parse_refuse_name() - refuse a word that is none of a list's
 * @word: the word
 * @list: what it could have been
 * @what: what it should name
 * @error: filled in, with the nearest one of @list
 *
 * Return: false.
 */
bool parse_refuse_name(const struct word *word, const struct keyword *list, const char *what,
		       struct error *error)
{
	size_t length = strcspn(word->text, "=");
	struct nearest nearest;

	nearest_init(&nearest, what, word->text);
	for (; list->name; list++) {
		if (word->text[length] && strlen(list->name) == length &&
		    !strncmp(list->name, word->text, length))
			return error_set(error, word, "unknown %s '%.48s': write a space for the '='",
					 what, word->text);
		nearest_try(&nearest, list->name);
	}
	if (nearest.name)
		return error_set(error, word, "unknown %s '%.48s'; did you mean '%s'?", what,
				 word->text, nearest.name);
	return error_set(error, word, "unknown %s '%.48s'", what, word->text);
}

/**
 * parse_end() - see that nothing follows
 * @words: where to look
 * @error: filled in with what does
 *
 * Return: whether nothing does.
 */
bool parse_end(struct words *words, struct error *error)
{
	const struct word *last = words->last;
	const struct word *word = words_read(words);

	if (!word)
		return true;
	if (last)
		return error_set(error, word, "unexpected argument '%s' after '%s'", word->text,
				 last->text);
	return error_set(error, word, "unexpected argument '%s'", word->text);
}

/**
 * parse_number() - read a number
 * @word: the word
 * @what: what it is the number of
 * @number: filled in
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool parse_number(const struct word *word, const char *what, uint32_t *number, struct error *error)
{
	switch (value_number(word->text, number)) {
	case VALUE_OK:
		return true;
	case VALUE_TOO_LARGE:
		return error_set(error, word, "'%s' is too large for %s", word->text, what);
	default:
		return error_set(error, word, "'%s' isn't a number: %s needs one", word->text, what);
	}
}

/**
 * parse_option_number() - read an option with a number, the only one there is
 * @words: where to read, to the end
 * @option: its name
 * @number: filled in where the option is there
 * @error: filled in otherwise
 *
 * Return: whether there is nothing else.
 */
bool parse_option_number(struct words *words, const char *option, uint32_t *number,
			 struct error *error)
{
	const struct word *word;

	if (parse_skip(words, option)) {
		word = parse_need(words, "a number", error);
		if (!word || !parse_number(word, option, number, error))
			return false;
	}
	return parse_end(words, error);
}

/* As the kernel has it, whose locale takes the byte of Latin 1's no-break space for a blank */
static bool is_interface(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || *name == '%' ||
		    isspace((unsigned char)*name) || (unsigned char)*name == 0xa0)
			return false;
	return true;
}

/* What other programs take or print, and mean something else by than a name */
static bool refuse_name(const struct word *word, bool patterns, struct error *error)
{
	const char *text = word->text;
	size_t length = strcspn(text, "@");
	char name[INTERFACE_MAX] = "";

	if (icmpguard_name_kind(text) == ICMPGUARD_NAME_PATTERN && patterns)
		return error_set(error, word,
				 "invalid pattern '%.48s': only a '*' at the end is one, as in 'ppp*'",
				 text);
	if (icmpguard_name_kind(text) == ICMPGUARD_NAME_PATTERN)
		return error_set(error, word,
				 "'%.48s' is a pattern, which isn't supported: name each interface",
				 text);
	if (length < sizeof(name))
		memcpy(name, text, length);
	if (is_interface(name) && icmpguard_name_kind(name) == ICMPGUARD_NAME_FINE)
		return error_set(error, word,
				 "'%.48s' is a name with its parent's, as ip shows it; did you mean '%s'?",
				 text, name);
	return error_set(error, word, "invalid interface name '%.48s': it can't contain a '@'",
			 text);
}

/* A '*' after the beginning of names; other characters are looked at as in any name */
static bool is_pattern(const char *text)
{
	const char *star = strpbrk(text, "*@");

	return star && *star == '*' && !star[1];
}

static const struct word *parse_name(struct words *words, bool patterns, char *name,
				     struct error *error)
{
	const struct word *word = parse_need(words, "the name of an interface", error);
	enum icmpguard_name kind;

	if (!word)
		return NULL;
	kind = icmpguard_name_kind(word->text);
	if (kind == ICMPGUARD_NAME_PARENT ||
	    (kind == ICMPGUARD_NAME_PATTERN && !(patterns && is_pattern(word->text)))) {
		refuse_name(word, patterns, error);
		return NULL;
	}
	if (!*word->text || strlen(word->text) >= INTERFACE_MAX) {
		error_set(error, word, "invalid interface name '%.48s': it has 1 to %d characters",
			  word->text, INTERFACE_MAX - 1);
		return NULL;
	}
	if (!is_interface(word->text)) {
		error_set(error, word,
			  "invalid interface name '%s': it can't be '.' or '..', nor contain a blank, '/', ':' or '%%'",
			  word->text);
		return NULL;
	}
	strcpy(name, word->text);
	return word;
}

/**
 * parse_interface_name() - read the name of an interface
 * @words: where to read
 * @name: filled in, INTERFACE_MAX bytes
 * @error: filled in otherwise
 *
 * Return: the word; NULL for none, and for what no interface can be called.
 */
const struct word *parse_interface_name(struct words *words, char *name, struct error *error)
{
	return parse_name(words, false, name, error);
}

/**
 * parse_interface_pattern() - read the name of an interface, or of several
 * @words: where to read
 * @name: filled in, INTERFACE_MAX bytes: what name_matches() takes
 * @error: filled in otherwise
 *
 * Return: as parse_interface_name().
 */
const struct word *parse_interface_pattern(struct words *words, char *name, struct error *error)
{
	return parse_name(words, true, name, error);
}
