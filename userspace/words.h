/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words, wherever they come from, and what can be wrong with them.
 */
#ifndef ICMPGUARDCTL_WORDS_H
#define ICMPGUARDCTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct word - a word and where it is
 * @text: its letters, without quotes
 * @line: from 1; 0: it isn't in a file
 * @column: from 1
 * @ends: the last word of its line
 */
struct word {
	char *text;
	uint32_t line;
	uint32_t column : 31;
	uint32_t ends : 1;
};

/**
 * struct words - words to be read, one statement
 * @next: the next one
 * @left: how many are left
 * @last: the one read last, NULL at the beginning
 */
struct words {
	const struct word *next;
	size_t left;
	const struct word *last;
};

/**
 * struct origin - where a statement came from that was something else
 * @path: of the key
 */
struct origin {
	char path[40];
};

/**
 * struct text - a file's words
 * @bytes: what its words point into
 * @word: all of them
 * @words: how many
 * @room: how many fit
 * @statements: lines with a word in them
 * @origin: by line, where its words are no file's
 * @origins: how many
 */
struct text {
	char *bytes;
	struct word *word;
	size_t words;
	size_t room;
	size_t statements;
	struct origin *origin;
	size_t origins;
};

#define ERROR_MAX	320

/**
 * struct error - what was wrong
 * @text: a sentence that names @word; empty: nothing was
 * @word: the offending word, NULL if it isn't a word
 * @line: where it is, 0 outside of files
 * @column: likewise
 */
struct error {
	char text[ERROR_MAX];
	const struct word *word;
	unsigned int line;
	unsigned int column;
};

bool error_set(struct error *error, const struct word *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct word *words_from_argv(struct words *words, int argc, char **argv);
const struct word *words_read(struct words *words);
const char *words_peek(const struct words *words);

bool text_split(struct text *text, char *bytes, size_t length, struct error *error);
bool text_statement(const struct text *text, size_t *at, struct words *words);
void text_release(struct text *text);

#endif /* ICMPGUARDCTL_WORDS_H */
