/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP types: which exist, their names, and their default treatment.
 * Pure: knows integers only.
 */
#ifndef _ICMPGUARD_TYPES_H
#define _ICMPGUARD_TYPES_H

#include "config_limits.h"
#include "limiter/gcra.h"
#include "type_names.h"
#include "uapi/icmpguard.h"

/*
 * enum icmpguard_tid - one dense index for the types of both protocols
 *
 * Each protocol has two entries that are no types on the wire: OTHER stands
 * for every number without a name, FRAGMENT for a fragment whose type isn't
 * known. They come first in their protocol's part.
 */
enum icmpguard_tid {
#define X(number, id, ...) ICMPGUARD_TID4_##id,
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMP_TYPES(X)
#undef X
#define X(number, id, ...) ICMPGUARD_TID6_##id,
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
	ICMPGUARD_TIDS
};

/* Nearly every message begins with type, code, checksum and four bytes more. */
#define ICMPGUARD_ICMP_HEADER	8
/* All of them with the first three: RFC 792, RFC 4443 2.1 */
#define ICMPGUARD_ICMP_COMMON	4

/* What is checked of a type before any rate */
#define ICMPGUARD_TYPE_SIZED	0x01	/* held to max-echo-size */
#define ICMPGUARD_TYPE_ON_LINK	0x02	/* hop limit 255: RFC 4861 6.1, 7.1, 8.1 */
#define ICMPGUARD_TYPE_WHOLE	0x04	/* never in fragments: RFC 6980 */
#define ICMPGUARD_TYPE_ONE_HOP	0x08	/* hop limit 1, on-link source: RFC 2710 3, 3810 5, 4286 */
#define ICMPGUARD_TYPE_UNICAST	0x10	/* to one host */
#define ICMPGUARD_TYPE_MTU	0x20	/* the MTU it reports: RFC 1191 5, RFC 8201 4 */
#define ICMPGUARD_TYPE_OPTIONS	0x40	/* its options: RFC 4861 4.6, RFC 8106 5 */
#define ICMPGUARD_TYPE_QUOTES	0x80	/* an error: the packet it quotes */
#define ICMPGUARD_TYPE_ROUTED	0x100	/* may come from other links: the route back */

/* Those for which more is read than the ICMP header's first bytes, or a route */
#define ICMPGUARD_TYPE_DEEP	(ICMPGUARD_TYPE_MTU | ICMPGUARD_TYPE_OPTIONS | \
				 ICMPGUARD_TYPE_QUOTES | ICMPGUARD_TYPE_ROUTED)

/**
 * struct icmpguard_treatment - what is done with a type, as it was configured
 * @action: enum icmpguard_action
 * @monitor: count what would be dropped, drop nothing
 * @limit: a source's rate
 * @total: all sources' rate together
 * @penalty: seconds of penalty for a source that exceeds @limit; 0: none
 */
struct icmpguard_treatment {
	u8 action;
	bool monitor;
	struct icmpguard_rate limit;
	struct icmpguard_rate total;
	u32 penalty;
};

extern const u8 icmpguard_tid4_map[256];
extern const u8 icmpguard_tid6_map[256];

/**
 * icmpguard_tid4() - the index of an ICMP type
 * @type: the type on the wire
 *
 * Context: any.
 * Return: enum icmpguard_tid, OTHER for a type without a name.
 */
static inline u8 icmpguard_tid4(u8 type)
{
	return ICMPGUARD_TID4_OTHER + icmpguard_tid4_map[type];
}

/**
 * icmpguard_tid6() - the index of an ICMPv6 type
 * @type: the type on the wire
 *
 * Context: any.
 * Return: enum icmpguard_tid, OTHER for a type without a name.
 */
static inline u8 icmpguard_tid6(u8 type)
{
	return ICMPGUARD_TID6_OTHER + icmpguard_tid6_map[type];
}

static inline bool icmpguard_tid_is_v6(unsigned int tid)
{
	return tid >= ICMPGUARD_TID6_OTHER;
}

int icmpguard_type_find(u32 proto, u32 number);
u32 icmpguard_type_proto(unsigned int tid);
u32 icmpguard_type_number(unsigned int tid);
const char *icmpguard_type_name(unsigned int tid);
u16 icmpguard_type_checks(unsigned int tid);
u8 icmpguard_type_least(unsigned int tid);
int icmpguard_type_twin(unsigned int tid);
void icmpguard_type_default(unsigned int tid, struct icmpguard_treatment *treatment);
void icmpguard_type_default_code(struct icmpguard_treatment *treatment);

#endif /* _ICMPGUARD_TYPES_H */
