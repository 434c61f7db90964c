// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output: text for people or JSON for programs.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include "journal.h"
#include "out.h"

/* The length of the UTF-8 sequence at @s, 0 for none that is well-formed */
static unsigned int utf8(const unsigned char *s)
{
	unsigned int n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, beyond Unicode */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void quote(FILE *file, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	putc('"', file);
	while (*s) {
		unsigned int n = utf8(s);

		if (!n) {
			fputs("\\ufffd", file);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(file, "\\%c", *s);
		} else if (*s < ' ' || *s == 127) {
			fprintf(file, "\\u%04x", *s);
		} else {
			fwrite(s, 1, n, file);
		}
		s += n;
	}
	putc('"', file);
}

static bool is_text(const struct out *out)
{
	return !out->json && !out->fields;
}

/* What comes before a value: a comma, and its key where it has one, be it empty */
static void item(struct out *out, const char *key)
{
	if (out->some[out->depth])
		putc(',', out->file);
	out->some[out->depth] = true;
	if (key && !out->array[out->depth]) {
		quote(out->file, key);
		putc(':', out->file);
	}
}

static void open(struct out *out, const char *key, char bracket)
{
	if (!out->json)
		return;
	item(out, key);
	putc(bracket, out->file);
	assert(out->depth < OUT_DEPTH);
	out->some[++out->depth] = false;
	out->array[out->depth] = bracket == '[';
}

static void close(struct out *out, char bracket)
{
	if (!out->json)
		return;
	putc(bracket, out->file);
	if (--out->depth)
		return;
	/* What comes next, an object of another line, has nothing before it. */
	out->some[0] = false;
	putc('\n', out->file);
}

/**
 * out_object() - begin an object
 * @out: where to
 * @key: its name; NULL: in an array, or the outermost
 */
void out_object(struct out *out, const char *key)
{
	open(out, key, '{');
}

/**
 * out_object_end() - end an object
 * @out: where to
 */
void out_object_end(struct out *out)
{
	close(out, '}');
}

/**
 * out_array() - begin an array
 * @out: where to
 * @key: its name
 */
void out_array(struct out *out, const char *key)
{
	open(out, key, '[');
}

/**
 * out_array_end() - end an array
 * @out: where to
 */
void out_array_end(struct out *out)
{
	close(out, ']');
}

/**
 * out_string() - print a string
 * @out: where to
 * @key: its name, "" in an array
 * @format: how it looks in text, with one %s
 * @value: the string
 */
void out_string(struct out *out, const char *key, const char *format, const char *value)
{
	if (out->fields && key)
		journal_field(out->file, out->fields, key, value);
	if (out->json && key) {
		item(out, key);
		quote(out->file, value);
	}
	if (is_text(out) && format)
		fprintf(out->file, format, value);
}

/**
 * out_number() - print a number
 * @out: where to
 * @key: its name, "" in an array
 * @format: how it looks in text, with one PRIu64
 * @value: the number
 */
void out_number(struct out *out, const char *key, const char *format, uint64_t value)
{
	char text[24];

	if (out->fields && key) {
		snprintf(text, sizeof(text), "%" PRIu64, value);
		journal_field(out->file, out->fields, key, text);
	}
	if (out->json && key) {
		item(out, key);
		fprintf(out->file, "%llu", (unsigned long long)value);
	}
	if (is_text(out) && format)
		fprintf(out->file, format, value);
}

/**
 * out_bool() - print what is so or not
 * @out: where to
 * @key: its name
 * @text: printed when it is so; NULL: nothing
 * @value: whether it is
 */
void out_bool(struct out *out, const char *key, const char *text, bool value)
{
	if (out->fields && key)
		journal_field(out->file, out->fields, key, value ? "1" : "0");
	if (out->json && key) {
		item(out, key);
		fputs(value ? "true" : "false", out->file);
	}
	if (is_text(out) && text && value)
		fputs(text, out->file);
}

/**
 * out_null() - print that there is nothing
 * @out: where to
 * @key: the name of what isn't there
 * @text: NULL: nothing
 */
void out_null(struct out *out, const char *key, const char *text)
{
	if (out->json && key) {
		item(out, key);
		fputs("null", out->file);
	}
	if (is_text(out) && text)
		fputs(text, out->file);
}

/**
 * out_flush() - write what is still to be written
 * @out: where to
 *
 * The first call that fails must record why: the C library discards what it could
 * not write.
 *
 * Return: whether all of it is written.
 */
bool out_flush(struct out *out)
{
	errno = 0;
	if (!fflush(out->file) && !ferror(out->file))
		return true;
	if (!out->lost)
		out->lost = errno ? errno : EIO;
	return false;
}

/**
 * out_text() - print what only people want
 * @out: where to
 * @format: how it looks
 */
void out_text(struct out *out, const char *format, ...)
{
	va_list args;

	if (!is_text(out))
		return;
	va_start(args, format);
	vfprintf(out->file, format, args);
	va_end(args);
}
