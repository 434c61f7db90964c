/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results of unit tests, as KTAP.
 */
#ifndef ICMPGUARDCTL_TEST_H
#define ICMPGUARDCTL_TEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static FILE *test_file;
static char *test_lines;
static size_t test_size;
static unsigned int tests, tests_failed;

static void test_begin(void)
{
	test_file = open_memstream(&test_lines, &test_size);
	if (!test_file)
		abort();
}

/* One result; its name is given as for printf(). */
__attribute__((format(printf, 2, 3)))
static void test_result(bool passed, const char *format, ...)
{
	char text[160], *c;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	fprintf(test_file, "%s %u %s\n", passed ? "ok" : "not ok", ++tests, text);
	tests_failed += !passed;
}

/* The plan comes before the results, but its number is known only after them. */
static int test_end(void)
{
	fclose(test_file);
	printf("KTAP version 1\n1..%u\n%s", tests, test_lines);
	free(test_lines);
	return tests_failed ? 1 : 0;
}

#endif /* ICMPGUARDCTL_TEST_H */
