// SPDX-License-Identifier: GPL-2.0-only
/*
 * Print the frequency of this machine's TSC in kHz, measured against its clock. Both
 * are read together: of many readings the quickest counts, as any of them may be
 * interrupted.
 */

#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define READINGS 1000
#define NSEC_PER_SEC 1000000000

static int64_t nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

struct moment {
	int64_t nsec;
	int64_t cycles;
};

static struct moment moment(void)
{
	int64_t least = INT64_MAX;
	struct moment best = {};
	int i;

	for (i = 0; i < READINGS; i++) {
		int64_t before = nsec();
		int64_t cycles = __rdtsc();
		int64_t took = nsec() - before;

		if (took < least) {
			least = took;
			best = (struct moment){ .nsec = before + took / 2, .cycles = cycles };
		}
	}
	return best;
}

int main(void)
{
	struct timespec while_it_counts = { .tv_nsec = 200000000 };
	struct moment begin = moment(), end;

	nanosleep(&while_it_counts, NULL);
	end = moment();
	printf("%.0f\n", (double)(end.cycles - begin.cycles) * 1000000 / (end.nsec - begin.nsec));
	return 0;
}
