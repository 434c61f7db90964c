// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP types: the rows of type_names.h by index, and finding them.
 */
#include <linux/string.h>
#include "types.h"

#define INDEX4(id)	(ICMPGUARD_TID4_##id - ICMPGUARD_TID4_OTHER)
#define INDEX6(id)	(ICMPGUARD_TID6_##id - ICMPGUARD_TID6_OTHER)

const u8 icmpguard_tid4_map[256] = {
#define X(number, id, ...) [number] = INDEX4(id),
	ICMPGUARD_ICMP_TYPES(X)
#undef X
};

const u8 icmpguard_tid6_map[256] = {
#define X(number, id, ...) [number] = INDEX6(id),
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
};

/**
 * struct type - a row
 * @name: unique within its protocol
 * @number: on the wire; ICMPGUARD_TYPE_OTHER, ICMPGUARD_TYPE_FRAGMENT
 * @least: bytes of its shortest legal message
 * @checks: ICMPGUARD_TYPE_SIZED and its like, or-ed
 * @treatment: until it is configured
 */
struct type {
	const char *name;
	u16 number;
	u8 least;
	u8 checks;
	struct icmpguard_treatment treatment;
};

/* The words of the rows' last columns */
#define ACCEPT			{ .action = ICMPGUARD_ACTION_ACCEPT }
#define DROP			{ .action = ICMPGUARD_ACTION_DROP }
#define RATE(n, b)		{ .packets = (n), .period = 1, .burst = (b) }
#define LIMIT(n, b, m, c)	{ .action = ICMPGUARD_ACTION_LIMIT, .limit = RATE(n, b), \
				  .total = RATE(m, c) }

enum {
	SIZED = ICMPGUARD_TYPE_SIZED,
	ON_LINK = ICMPGUARD_TYPE_ON_LINK,
	WHOLE = ICMPGUARD_TYPE_WHOLE,
	ONE_HOP = ICMPGUARD_TYPE_ONE_HOP,
	UNICAST = ICMPGUARD_TYPE_UNICAST,
	MTU = ICMPGUARD_TYPE_MTU,
	OPTIONS = ICMPGUARD_TYPE_OPTIONS,
	QUOTES = ICMPGUARD_TYPE_QUOTES,
};

static const struct type types[ICMPGUARD_TIDS] = {
#define X(number, id, name, treatment, least, checks)	\
	[ICMPGUARD_TID4_##id] = { name, number, least, checks, treatment },
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMP_TYPES(X)
#undef X
#define X(number, id, name, treatment, least, checks)	\
	[ICMPGUARD_TID6_##id] = { name, number, least, checks, treatment },
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
};

#undef ACCEPT
#undef DROP

/**
 * icmpguard_type_find() - the index of a configured type number
 * @proto: enum icmpguard_proto
 * @number: 0 to 255, ICMPGUARD_TYPE_OTHER or ICMPGUARD_TYPE_FRAGMENT
 *
 * Context: any.
 * Return: enum icmpguard_tid; -1 where @number has no name of
 * its own, so that a typing error can't change what OTHER does.
 */
int icmpguard_type_find(u32 proto, u32 number)
{
	bool v6 = proto == ICMPGUARD_PROTO_ICMPV6;
	unsigned int other = v6 ? ICMPGUARD_TID6_OTHER : ICMPGUARD_TID4_OTHER;
	unsigned int tid;

	if (number == ICMPGUARD_TYPE_OTHER)
		return other;
	if (number == ICMPGUARD_TYPE_FRAGMENT)
		return other + 1;
	if (number > 255)
		return -1;
	tid = v6 ? icmpguard_tid6(number) : icmpguard_tid4(number);
	return tid == other ? -1 : (int)tid;
}

/**
 * icmpguard_type_proto() - which protocol an index belongs to
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: enum icmpguard_proto.
 */
u32 icmpguard_type_proto(unsigned int tid)
{
	return icmpguard_tid_is_v6(tid) ? ICMPGUARD_PROTO_ICMPV6 :
					  ICMPGUARD_PROTO_ICMP;
}

/**
 * icmpguard_type_number() - the number of a type
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: 0 to 255 on the wire, above: the pseudo types.
 */
u32 icmpguard_type_number(unsigned int tid)
{
	return types[tid].number;
}

/**
 * icmpguard_type_name() - the name of a type
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: a constant string, unique within its protocol.
 */
const char *icmpguard_type_name(unsigned int tid)
{
	return types[tid].name;
}

/**
 * icmpguard_type_twin() - the other protocol's type of the same name
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: enum icmpguard_tid, -1 where there is none.
 */
int icmpguard_type_twin(unsigned int tid)
{
	bool v6 = icmpguard_tid_is_v6(tid);
	unsigned int i = v6 ? ICMPGUARD_TID4_OTHER : ICMPGUARD_TID6_OTHER;
	unsigned int end = v6 ? ICMPGUARD_TID6_OTHER : ICMPGUARD_TIDS;

	for (; i < end; i++)
		if (!strcmp(types[i].name, types[tid].name))
			return i;
	return -1;
}

/**
 * icmpguard_type_checks() - what is checked of a type before any rate
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: ICMPGUARD_TYPE_SIZED and its like, or-ed.
 */
u16 icmpguard_type_checks(unsigned int tid)
{
	u8 checks = types[tid].checks;

	/* Their hop limit says already that they come from the link. */
	if (checks & (ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_ONE_HOP))
		return checks;
	return checks | ICMPGUARD_TYPE_ROUTED;
}

/**
 * icmpguard_type_least() - the length of a type's shortest legal message
 * @tid: enum icmpguard_tid
 *
 * Context: any.
 * Return: bytes, 0 for fragments.
 */
u8 icmpguard_type_least(unsigned int tid)
{
	return types[tid].least;
}

/**
 * icmpguard_type_default() - a type's treatment until it is configured
 * @tid: enum icmpguard_tid
 * @treatment: filled in
 *
 * Context: any.
 */
void icmpguard_type_default(unsigned int tid, struct icmpguard_treatment *treatment)
{
	*treatment = types[tid].treatment;
}

/**
 * icmpguard_type_default_code() - the treatment of fragmentation needed
 * @treatment: filled in
 *
 * The one code that is treated apart from its type until it is configured:
 * ICMPGUARD_DEFAULT_CODE of ICMPGUARD_DEFAULT_CODE_TYPE.
 *
 * Context: any.
 */
void icmpguard_type_default_code(struct icmpguard_treatment *treatment)
{
	*treatment = (struct icmpguard_treatment)ICMPGUARD_MTU_LIMIT;
}
