/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limiter in a program: a clock that the test sets, rates compiled as from a
 * configuration, repeatable random numbers, results as KTAP.
 */
#ifndef _SIM_H
#define _SIM_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../kmod/limiter/limiter.h"
#include "../../kmod/limiter/source.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define SIM_MSEC	1000000ULL
#define SIM_SEC		1000000000ULL
#define SIM_MINUTE	(60 * SIM_SEC)
#define SIM_HOUR	(60 * SIM_MINUTE)
#define SIM_DAY		(24 * SIM_HOUR)

/* Under a sanitizer a program is some ten times as slow: it does less. */
#if defined(__SANITIZE_ADDRESS__)
#define SIM_SHORT	1
#else
#define SIM_SHORT	0
#endif

/**
 * struct sim_limit - a limit as it is configured
 * @packets: packets in @period; 0: unlimited
 * @period: seconds; 0: one
 * @burst: packets at once; 0: the module's default
 * @block: seconds of penalty
 */
struct sim_limit {
	u32 packets;
	u32 period;
	u32 burst;
	u32 block;
};

/* Results */
void sim_begin(const char *program);
int sim_end(void);
bool sim_result(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A table's rows: remarks, and lines of the file at @path, if that isn't NULL */
void sim_rows_begin(const char *path);
void sim_row(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Random numbers, the same in every run with one SIM_SEED */
u64 sim_random(void);
u64 sim_below(u64 bound);
double sim_wait(double mean);

/* The clock. @ns counts from an arbitrary moment after a boot long ago. */
void sim_time_set(u64 ns);
u64 sim_time(void);
u64 sim_now(bool fine);

/* Rates */
u32 sim_burst(const struct sim_limit *limit);
struct icmpguard_gcra sim_gcra(const struct sim_limit *limit, u32 factor);
u64 sim_block(const struct sim_limit *limit);
struct icmpguard_aggregate sim_aggregate(const struct sim_limit *limit, struct icmpguard_aggregate_bucket *total);

/* Tables, divided for their rates as by a configuration */
struct icmpguard_table *sim_table(u32 sources, u64 now, const struct icmpguard_gcra *gcra,
				  unsigned int n);
struct icmpguard_table *sim_table_for(u32 sources, bool fine, const struct sim_limit *limit);

/* An aggregate without a limit */
extern const struct icmpguard_aggregate sim_no_aggregate;

/* A hash: the set it falls into, and its tag */
u64 sim_hash(u64 set, u64 tag);

/**
 * struct sim_bucket - the bucket that a source would have if it were alone
 * @tat: its theoretical arrival time, which doesn't wrap
 */
struct sim_bucket {
	unsigned __int128 tat;
};

bool sim_bucket_charge(struct sim_bucket *bucket, const struct icmpguard_gcra *gcra,
		       unsigned __int128 now);

#endif /* _SIM_H */
