// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run a fuzz target on the kept cases, one after the other.
 *
 * usage: TARGET FILE...
 *
 * A line of a file is a case: printable letters stand for themselves, a
 * backslash begins \\ or two hexadecimal digits, \xNN. # begins a remark.
 */
#include <ctype.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <unistd.h>
#include "fuzz.h"

static const char *file;
static unsigned int line;

/* Prints the case: sanitizers and abort() end up here. */
static void say_where(void)
{
	fprintf(stderr, "# in the case %s:%u\n", file, line);
}

static void aborted(int number)
{
	(void)number;
	say_where();
	_exit(1);
}

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static size_t decode(const char *text, uint8_t *bytes)
{
	size_t n = 0;

	while (*text && *text != '\n') {
		if (*text != '\\') {
			bytes[n++] = *text++;
		} else if (text[1] == '\\') {
			bytes[n++] = '\\';
			text += 2;
		} else if (text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
			   isxdigit((unsigned char)text[3])) {
			bytes[n++] = digit(text[2]) << 4 | digit(text[3]);
			text += 4;
		} else {
			fprintf(stderr, "%s:%u: no escape: %.4s\n", file, line, text);
			exit(2);
		}
	}
	return n;
}

/* In memory of exactly that size, so that a read past the end is found */
static void run(const uint8_t *bytes, size_t length)
{
	uint8_t *copy = malloc(length ? length : 1);

	memcpy(copy, bytes, length);
	LLVMFuzzerTestOneInput(copy, length);
	free(copy);
}

int main(int argc, char **argv)
{
	unsigned int cases = 0;
	char *text = NULL;
	size_t room = 0;
	int i;

	signal(SIGABRT, aborted);
	__sanitizer_set_death_callback(say_where);
	for (i = 1; i < argc; i++) {
		FILE *stream = fopen(argv[i], "r");

		if (!stream) {
			perror(argv[i]);
			return 2;
		}
		file = argv[i];
		for (line = 1; getline(&text, &room, stream) >= 0; line++) {
			uint8_t *bytes;

			if (*text == '#' || *text == '\n')
				continue;
			bytes = malloc(strlen(text));
			run(bytes, decode(text, bytes));
			free(bytes);
			cases++;
		}
		fclose(stream);
	}
	free(text);
	printf("%u\n", cases);
	return cases ? 0 : 1;
}
