/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offenders: who is being limited. A small table apart from the limiter's,
 * with whole addresses and counts, written when a packet is dropped and at a
 * bounded rate, keeping the heaviest.
 */
#ifndef _ICMPGUARD_OFFENDERS_H
#define _ICMPGUARD_OFFENDERS_H

#include <linux/types.h>
#include "limiter/source.h"

struct icmpguard_offenders;

#define ICMPGUARD_OFFENDERS_MAX	1024

/**
 * struct icmpguard_offender - a source that was limited
 * @addr: its prefix
 * @len: bits of it
 * @tid: the type last limited; IPv6 types are IPv6 sources'
 * @drops: packets dropped, at least
 * @age: milliseconds since the last drop
 */
struct icmpguard_offender {
	struct icmpguard_addr addr;
	u8 len;
	u8 tid;
	u64 drops;
	u32 age;
};

/**
 * struct icmpguard_offense - what is to be told of a source
 * @offender: the source; its drops are those since they began
 * @lasted: milliseconds from the first of them to the last
 * @released: they ended some seconds ago
 * @at: where it is in the table
 */
struct icmpguard_offense {
	struct icmpguard_offender offender;
	u32 lasted;
	bool released;
	u16 at;
};

struct icmpguard_offenders *icmpguard_offenders_alloc(void);
void icmpguard_offenders_free(struct icmpguard_offenders *offenders);
void icmpguard_offenders_record(struct icmpguard_offenders *offenders,
				const struct icmpguard_addr *prefix, u8 len, u8 tid, u32 drops);
unsigned int icmpguard_offenders_list(struct icmpguard_offenders *offenders,
				      struct icmpguard_offender *list);
void icmpguard_offenders_sweep(struct icmpguard_offenders *offenders);
void icmpguard_offenders_forget(struct icmpguard_offenders *offenders);
void icmpguard_offenders_watch(struct icmpguard_offenders *offenders, bool on);
unsigned int icmpguard_offenders_news(struct icmpguard_offenders *offenders,
				      struct icmpguard_offense *list, u32 *lost);
void icmpguard_offenders_told(struct icmpguard_offenders *offenders,
			      const struct icmpguard_offense *offense);

#endif /* _ICMPGUARD_OFFENDERS_H */
