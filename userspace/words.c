// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words: the command line's, and those of a file with its comments and quotes.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"
#include "words.h"

/*
 * The character that a text begins with. Return: how many bytes it has; 0 for
 * what isn't UTF-8.
 */
static size_t code_point(const char *text, unsigned long *point)
{
	unsigned char first = *text;
	size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	size_t i;

	*point = first & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	return length;
}

/*
 * A terminal would execute a control character in a message, and an invisible
 * character, or one that looks like another, would be hard to find: both are shown
 * by name.
 */
static void put_printable(char *text, size_t room, const char *from)
{
	char *end = text + room - sizeof("<U+10FFFF>");

	while (*from && text < end) {
		unsigned char c = *from;
		unsigned long point;
		size_t length;

		if (c >= ' ' && c < 127) {
			*text++ = *from++;
			continue;
		}
		length = code_point(from, &point);
		if (c < ' ' || c == 127)
			*text++ = '?';
		else if (length)
			text += sprintf(text, "<U+%04lX>", point);
		else
			text += sprintf(text, "<0x%02X>", c);
		from += length ? length : 1;
	}
	*text = '\0';
}

/**
 * error_set() - say what is wrong
 * @error: filled in, unless something was wrong before
 * @word: the offending word, NULL: none
 * @format: the sentence
 *
 * Return: false, for the caller to pass on.
 */
bool error_set(struct error *error, const struct word *word, const char *format, ...)
{
	char text[ERROR_MAX];
	va_list args;

	if (*error->text)
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_printable(error->text, sizeof(error->text), text);
	error->word = word;
	if (word) {
		error->line = word->line;
		error->column = word->column;
	}
	return false;
}

/**
 * words_from_argv() - take the command line's words
 * @words: filled in
 * @argc: how many
 * @argv: the words
 *
 * Return: the words, for the caller to free; @words points into them.
 */
struct word *words_from_argv(struct words *words, int argc, char **argv)
{
	struct word *word = memory_get(NULL, argc + 1, sizeof(*word));
	int i;

	for (i = 0; i < argc; i++)
		word[i] = (struct word) { .text = argv[i] };
	*words = (struct words) { .next = word, .left = argc };
	return word;
}

/**
 * words_read() - take the next word
 * @words: the words
 *
 * Return: NULL when there are no more.
 */
const struct word *words_read(struct words *words)
{
	if (!words->left)
		return NULL;
	words->last = words->next++;
	words->left--;
	return words->last;
}

/**
 * words_peek() - look at the next word
 * @words: the words
 *
 * Return: NULL when there are no more.
 */
const char *words_peek(const struct words *words)
{
	return words->left ? words->next->text : NULL;
}

static struct word *add(struct text *text, char *start, uint32_t line, uint32_t column)
{
	struct word *word;

	if (text->words == text->room) {
		text->room *= 2;
		text->word = memory_get(text->word, text->room, sizeof(*text->word));
	}
	if (!text->words || text->word[text->words - 1].ends)
		text->statements++;
	word = &text->word[text->words++];
	*word = (struct word) { .text = start, .line = line, .column = column };
	return word;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/**
 * text_split() - split a file into words
 * @text: filled in, text_release() it in any case
 * @bytes: the file, with one byte of room at the end; becomes @text's
 * @length: how long it is
 * @error: what is wrong with it
 *
 * A statement is a line. A # between words begins a comment. A word with
 * spaces in it is put in double quotes; there is no escape.
 *
 * Return: whether it could be split.
 */
bool text_split(struct text *text, char *bytes, size_t length, struct error *error)
{
	char *at = bytes, *end = bytes + length, *line_start = bytes;
	uint32_t line = 1;

	/* Words are seldom shorter; moving the array costs more than unused room. */
	*text = (struct text) { .bytes = bytes, .room = length / 4 + 16 };
	text->word = memory_get(NULL, text->room, sizeof(*text->word));
	*end = '\n';
	while (at < end) {
		struct word *word;

		if (is_blank(*at)) {
			at++;
			continue;
		}
		if (*at == '\n') {
			if (text->words)
				text->word[text->words - 1].ends = true;
			line++;
			line_start = ++at;
			continue;
		}
		if (*at == '#') {
			while (*at != '\n')
				at++;
			continue;
		}
		word = add(text, at, line, at - line_start + 1);
		if (*at == '"') {
			word->text = ++at;
			while (*at && *at != '"' && *at != '\n')
				at++;
			if (*at != '"' || at == end) {
				*at = '\0';
				return error_set(error, word, "the quote \"%.40s isn't closed",
						 word->text);
			}
			*at++ = '\0';
			if (at < end && !is_blank(*at) && *at != '\n')
				return error_set(error, word,
						 "a space is missing after the quote \"%.40s\"",
						 word->text);
			continue;
		}
		while (at < end && !is_blank(*at) && *at != '\n') {
			if (!*at)
				return error_set(error, word, "there is a NUL in it: it isn't text");
			at++;
		}
		/* The line's end is looked at before its place is taken. */
		if (at == end || *at == '\n') {
			word->ends = true;
			line++;
			line_start = at + 1;
		}
		*at++ = '\0';
	}
	if (text->words)
		text->word[text->words - 1].ends = true;
	return true;
}

/**
 * text_statement() - take the next statement
 * @text: the file
 * @at: where, 0 to begin with
 * @words: filled in
 *
 * Return: false after the last.
 */
bool text_statement(const struct text *text, size_t *at, struct words *words)
{
	size_t from = *at;

	if (from == text->words)
		return false;
	while (!text->word[(*at)++].ends)
		;
	*words = (struct words) { .next = &text->word[from], .left = *at - from };
	return true;
}

/**
 * text_release() - forget a file
 * @text: no longer used, nor are its words
 */
void text_release(struct text *text)
{
	free(text->bytes);
	free(text->word);
	free(text->origin);
	*text = (struct text) { 0 };
}
