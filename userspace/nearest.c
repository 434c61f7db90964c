// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that differ by a typing error.
 */
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include "hints.h"
#include "nearest.h"

#define LENGTH_MAX	63	/* of a word worth a suggestion */

static bool differ(char a, char b)
{
	return tolower((unsigned char)a) != tolower((unsigned char)b);
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int min = a < b ? a : b;

	return min < c ? min : c;
}

/*
 * Letters, big or small, to put in, leave out, exchange, or swap with their neighbour
 * (optimal string alignment); three rows of the matrix are enough.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][LENGTH_MAX + 1];
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > LENGTH_MAX || lb > LENGTH_MAX)
		return UINT_MAX;
	for (j = 0; j <= lb; j++)
		row[0][j] = j;
	for (i = 1; i <= la; i++) {
		unsigned int *now = row[i % 3];
		const unsigned int *one = row[(i + 2) % 3], *two = row[(i + 1) % 3];

		now[0] = i;
		for (j = 1; j <= lb; j++) {
			now[j] = min3(one[j] + 1, now[j - 1] + 1,
				      one[j - 1] + differ(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && !differ(a[i - 1], b[j - 2]) &&
			    !differ(a[i - 2], b[j - 1]) &&
			    two[j - 2] + 1 < now[j])
				now[j] = two[j - 2] + 1;
		}
	}
	return row[la % 3][lb];
}

/**
 * nearest_init() - begin a search
 * @nearest: the search
 * @what: what it was to be
 * @word: what was written
 *
 * What is known to mean something to other tools isn't searched for.
 */
void nearest_init(struct nearest *nearest, const char *what, const char *word)
{
	nearest->word = word;
	nearest->name = hint_find(what, NULL, word);
	/* A third of the letters wrong is another word. */
	nearest->distance = nearest->name ? 0 : (strlen(word) + 2) / 3 + 1;
}

/**
 * nearest_try() - consider a name
 * @nearest: the search
 * @name: a name that exists
 */
void nearest_try(struct nearest *nearest, const char *name)
{
	size_t length = strlen(nearest->word);
	unsigned int d = distance(nearest->word, name);

	/* Who stopped early typed no error. */
	if (length >= 4 && !strncasecmp(nearest->word, name, length))
		d = 1;
	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->name = name;
	}
}
