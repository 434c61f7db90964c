// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <stdarg.h>
#include "sim.h"

/* Tests mustn't depend on when time wraps: start anywhere. */
#define JIFFIES_BEGIN	0x0123456789abcdefUL

unsigned long jiffies = JIFFIES_BEGIN;

const struct icmpguard_aggregate sim_no_aggregate;

static u64 time_ns;
static u64 state;
static unsigned int cases, failed;
static FILE *rows;

void sim_begin(const char *program)
{
	const char *seed = getenv("SIM_SEED");

	state = seed ? strtoull(seed, NULL, 0) : 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n# %s, HZ %d, SIM_SEED=%llu\n", program, HZ, state);
}

int sim_end(void)
{
	printf("1..%u\n", cases);
	if (rows)
		fclose(rows);
	return failed ? 1 : 0;
}

bool sim_result(bool ok, const char *format, ...)
{
	va_list args;

	printf("%sok %u ", ok ? "" : "not ", ++cases);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	failed += !ok;
	return ok;
}

static void remark(const char *format, va_list args)
{
	printf("# ");
	vprintf(format, args);
	putchar('\n');
}

void sim_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(format, args);
	va_end(args);
}

void sim_rows_begin(const char *path)
{
	if (path && !(rows = fopen(path, "w")))
		perror(path);
}

void sim_row(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	remark(format, args);
	va_end(args);
	if (!rows)
		return;
	va_start(args, format);
	vfprintf(rows, format, args);
	va_end(args);
	fputc('\n', rows);
}

/* A counter, mixed: Steele et al., Fast Splittable Pseudorandom Number Generators, 2014 */
u64 sim_random(void)
{
	u64 z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u64 sim_below(u64 bound)
{
	return (unsigned __int128)sim_random() * bound >> 64;
}

/* Time to the next of independent events */
double sim_wait(double mean)
{
	return -log(((sim_random() >> 11) + 0.5) * 0x1p-53) * mean;
}

void sim_time_set(u64 ns)
{
	time_ns = ns;
	jiffies = JIFFIES_BEGIN + (unsigned long)((unsigned __int128)ns * HZ / SIM_SEC);
}

u64 sim_time(void)
{
	return time_ns;
}

u64 ktime_get_mono_fast_ns(void)
{
	return time_ns;
}

u64 sim_now(bool fine)
{
	struct icmpguard_clock clock = { .fine = fine };

	return icmpguard_clock_now(&clock);
}

u32 sim_burst(const struct sim_limit *limit)
{
	if (limit->burst)
		return limit->burst;
	return max_t(u32, 5, limit->packets / (limit->period ? limit->period : 1) / 10);
}

static struct icmpguard_gcra compile(const struct sim_limit *limit, u32 factor, u64 unit)
{
	struct icmpguard_rate rate = {
		.packets = limit->packets * factor,
		.period = limit->period ? limit->period : 1,
		.burst = sim_burst(limit) * factor,
	};
	struct icmpguard_gcra gcra;

	if (icmpguard_gcra_compile(&gcra, &rate, unit)) {
		printf("Bail out! %u packets in %u s, burst %u: refused\n",
		       rate.packets, rate.period, rate.burst);
		exit(1);
	}
	return gcra;
}

struct icmpguard_gcra sim_gcra(const struct sim_limit *limit, u32 factor)
{
	return compile(limit, factor, ICMPGUARD_SOURCE_UNIT);
}

u64 sim_block(const struct sim_limit *limit)
{
	return limit->block * ICMPGUARD_SECOND;
}

struct icmpguard_aggregate sim_aggregate(const struct sim_limit *limit,
				      struct icmpguard_aggregate_bucket *total)
{
	struct icmpguard_aggregate aggregate = { .bucket = total, .rate = compile(limit, 1, 1) };

	icmpguard_aggregate_divide(&aggregate);
	return aggregate;
}

struct icmpguard_table *sim_table(u32 sources, u64 now, const struct icmpguard_gcra *gcra,
				  unsigned int n)
{
	struct icmpguard_table *table = icmpguard_table_alloc(sources, now);
	DECLARE_BITMAP(groups, ICMPGUARD_GROUPS) = {};
	unsigned int i;

	if (!table) {
		printf("Bail out! no memory for %u sources\n", sources);
		exit(1);
	}
	for (i = 0; i < n; i++)
		__set_bit(gcra[i].group, groups);
	icmpguard_table_divide(table, groups);
	for (i = 0; i < n; i++)
		icmpguard_table_set_edge(table, gcra[i].group, gcra[i].tolerance + gcra[i].cost);
	return table;
}

/* For one limit, from now on */
struct icmpguard_table *sim_table_for(u32 sources, bool fine, const struct sim_limit *limit)
{
	struct icmpguard_gcra gcra = sim_gcra(limit, 1);

	return sim_table(sources, sim_now(fine), &gcra, 1);
}

u64 sim_hash(u64 set, u64 tag)
{
	/* The bits between are arbitrary, but always the same. */
	return tag << (64 - ICMPGUARD_TAG_BITS) | (tag * 0x9e3779b97f4a7c15ULL >> (64 - ICMPGUARD_TAG_BITS)) << 32 | set;
}

bool sim_bucket_charge(struct sim_bucket *bucket, const struct icmpguard_gcra *gcra,
		       unsigned __int128 now)
{
	unsigned __int128 debt = bucket->tat > now ? bucket->tat - now : 0;

	if (debt > gcra->tolerance)
		return false;
	bucket->tat = now + debt + gcra->cost;
	return true;
}
