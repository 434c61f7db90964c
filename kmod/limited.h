/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limited sources, in a small table apart from the limiter's,
 * with whole addresses and counts, written when a packet is dropped and at a
 * bounded rate, keeping the heaviest.
 */
#ifndef _ICMPGUARD_LIMITED_H
#define _ICMPGUARD_LIMITED_H

#include <linux/types.h>
#include "limiter/source.h"

struct icmpguard_limited;

#define ICMPGUARD_LIMITED_MAX	1024

/**
 * struct icmpguard_limited_source - a source that was limited
 * @addr: its prefix
 * @len: bits of it
 * @tid: the type last limited; IPv6 types are IPv6 sources'
 * @drops: packets dropped, at least
 * @monitored: packets let pass that would have been dropped, at least
 * @age: milliseconds since the last drop
 */
struct icmpguard_limited_source {
	struct icmpguard_addr addr;
	u8 len;
	u8 tid;
	u64 drops;
	u64 monitored;
	u32 age;
};

/**
 * struct icmpguard_limiting - what to report of a source
 * @source: the source; its drops and what is monitored are those since they began
 * @lasted: milliseconds from the first of them to the last
 * @released: they ended some seconds ago
 * @at: where it is in the table
 */
struct icmpguard_limiting {
	struct icmpguard_limited_source source;
	u32 lasted;
	bool released;
	u16 at;
};

struct icmpguard_limited *icmpguard_limited_alloc(void);
void icmpguard_limited_free(struct icmpguard_limited *limited);
void icmpguard_limited_record(struct icmpguard_limited *limited,
			      const struct icmpguard_addr *prefix, u8 len, u8 tid, u32 drops,
			      bool monitored);
unsigned int icmpguard_limited_list(struct icmpguard_limited *limited,
				    struct icmpguard_limited_source *list);
void icmpguard_limited_sweep(struct icmpguard_limited *limited);
void icmpguard_limited_forget(struct icmpguard_limited *limited);
void icmpguard_limited_watch(struct icmpguard_limited *limited, bool on);
unsigned int icmpguard_limited_news(struct icmpguard_limited *limited,
				    struct icmpguard_limiting *list, u32 *lost);
void icmpguard_limited_told(struct icmpguard_limited *limited,
			    const struct icmpguard_limiting *limiting);

#endif /* _ICMPGUARD_LIMITED_H */
