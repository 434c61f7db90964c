// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP types: names, checks and default treatment.
 *
 * The defaults follow RFC 4890 (ICMPv6 that must not be dropped), RFC 6633
 * and 6918 (deprecated ICMP), RFC 1812, RFC 1122 and RFC 8335. Their rule: a
 * default may cost whoever floods his flood, never an operator an evening.
 */
#include <linux/string.h>
#include "types.h"

#define INDEX4(id)	(ICMPGUARD_TID4_##id - ICMPGUARD_TID4_OTHER)
#define INDEX6(id)	(ICMPGUARD_TID6_##id - ICMPGUARD_TID6_OTHER)

const u8 icmpguard_tid4_map[256] = {
#define X(number, id, name) [number] = INDEX4(id),
	ICMPGUARD_ICMP_TYPES(X)
#undef X
};

const u8 icmpguard_tid6_map[256] = {
#define X(number, id, name) [number] = INDEX6(id),
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
};

struct type {
	const char *name;
	u16 number;
};

static const struct type types[ICMPGUARD_TIDS] = {
	[ICMPGUARD_TID4_OTHER]		= { "other", ICMPGUARD_TYPE_OTHER },
	[ICMPGUARD_TID4_FRAGMENT]	= { "fragment", ICMPGUARD_TYPE_FRAGMENT },
#define X(number, id, name) [ICMPGUARD_TID4_##id] = { name, number },
	ICMPGUARD_ICMP_TYPES(X)
#undef X
	[ICMPGUARD_TID6_OTHER]		= { "other", ICMPGUARD_TYPE_OTHER },
	[ICMPGUARD_TID6_FRAGMENT]	= { "fragment", ICMPGUARD_TYPE_FRAGMENT },
#define X(number, id, name) [ICMPGUARD_TID6_##id] = { name, number },
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
};

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
u8 icmpguard_type_checks(unsigned int tid)
{
	switch (tid) {
	case ICMPGUARD_TID4_ECHO_REQUEST:
	case ICMPGUARD_TID4_EXT_ECHO_REQUEST:
	case ICMPGUARD_TID6_ECHO_REQUEST:
	case ICMPGUARD_TID6_EXT_ECHO_REQUEST:
		return ICMPGUARD_TYPE_SIZED | ICMPGUARD_TYPE_UNICAST;
	case ICMPGUARD_TID4_ECHO_REPLY:
	case ICMPGUARD_TID4_EXT_ECHO_REPLY:
	case ICMPGUARD_TID6_ECHO_REPLY:
	case ICMPGUARD_TID6_EXT_ECHO_REPLY:
		return ICMPGUARD_TYPE_SIZED;
	/* Of these, code 4 alone tells an MTU. */
	case ICMPGUARD_TID4_DEST_UNREACH:
	case ICMPGUARD_TID6_PACKET_TOO_BIG:
		return ICMPGUARD_TYPE_MTU | ICMPGUARD_TYPE_QUOTES;
	case ICMPGUARD_TID4_SOURCE_QUENCH:
	case ICMPGUARD_TID4_REDIRECT:
	case ICMPGUARD_TID4_TIME_EXCEEDED:
	case ICMPGUARD_TID4_PARAM_PROBLEM:
	case ICMPGUARD_TID6_DEST_UNREACH:
	case ICMPGUARD_TID6_TIME_EXCEEDED:
	case ICMPGUARD_TID6_PARAM_PROBLEM:
		return ICMPGUARD_TYPE_QUOTES;
	case ICMPGUARD_TID6_ND_REDIRECT:
		return ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_WHOLE | ICMPGUARD_TYPE_QUOTES;
	case ICMPGUARD_TID6_ND_ROUTER_ADVERT:
		return ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_WHOLE | ICMPGUARD_TYPE_OPTIONS;
	case ICMPGUARD_TID6_ND_ROUTER_SOLICIT:
	case ICMPGUARD_TID6_ND_NEIGHBOR_SOLICIT:
	case ICMPGUARD_TID6_ND_NEIGHBOR_ADVERT:
	case ICMPGUARD_TID6_CERT_PATH_SOLICIT:
		return ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_WHOLE;
	/* RFC 6980 5 lets a long certification path come in fragments. */
	case ICMPGUARD_TID6_CERT_PATH_ADVERT:
	case ICMPGUARD_TID6_IND_NEIGHBOR_SOLICIT:
	case ICMPGUARD_TID6_IND_NEIGHBOR_ADVERT:
		return ICMPGUARD_TYPE_ON_LINK;
	case ICMPGUARD_TID6_MLD_QUERY:
	case ICMPGUARD_TID6_MLD_REPORT:
	case ICMPGUARD_TID6_MLD_DONE:
	case ICMPGUARD_TID6_MLD2_REPORT:
		return ICMPGUARD_TYPE_ONE_HOP;
	default:
		return 0;
	}
}

#define PER_SECOND(n, b)	{ .packets = (n), .period = 1, .burst = (b) }
#define LIMIT(n, b)		{ .action = ICMPGUARD_ACTION_LIMIT, \
				  .limit = PER_SECOND(n, b) }

static const struct icmpguard_treatment accept = { .action = ICMPGUARD_ACTION_ACCEPT };
static const struct icmpguard_treatment drop = { .action = ICMPGUARD_ACTION_DROP };
static const struct icmpguard_treatment rare = LIMIT(10, 20);
static const struct icmpguard_treatment common = LIMIT(50, 100);
static const struct icmpguard_treatment often = LIMIT(100, 200);
/* A router sees the replies of a server that everybody pings as one source's. */
static const struct icmpguard_treatment reply = LIMIT(1000, 2000);
static const struct icmpguard_treatment error = LIMIT(500, 1000);
static const struct icmpguard_treatment request = {
	.action = ICMPGUARD_ACTION_LIMIT,
	.limit = PER_SECOND(50, 100),
	.total = PER_SECOND(20000, 2000),
};

/*
 * What a packet's fragments were charged is given back when it is whole, so
 * these are rates of what waits for the rest: half a minute in IPv4, a minute in
 * IPv6. Neither one source nor all of them then fill the 4 MiB that the kernel
 * has for it. The largest packet there is has 46 fragments on an Ethernet.
 */
static const struct icmpguard_treatment fragment = {
	.action = ICMPGUARD_ACTION_LIMIT,
	.limit = PER_SECOND(12, 50),
	.total = PER_SECOND(20, 300),
};

static const struct icmpguard_treatment *default4(unsigned int tid)
{
	switch (tid) {
	case ICMPGUARD_TID4_ECHO_REQUEST:
	case ICMPGUARD_TID4_EXT_ECHO_REQUEST:
		return &request;
	case ICMPGUARD_TID4_ECHO_REPLY:
	case ICMPGUARD_TID4_EXT_ECHO_REPLY:
		return &reply;
	case ICMPGUARD_TID4_OTHER:
		return &common;
	case ICMPGUARD_TID4_FRAGMENT:
		return &fragment;
	case ICMPGUARD_TID4_DEST_UNREACH:
	case ICMPGUARD_TID4_TIME_EXCEEDED:
		return &error;
	case ICMPGUARD_TID4_PARAM_PROBLEM:
		return &often;
	case ICMPGUARD_TID4_REDIRECT:
	case ICMPGUARD_TID4_ROUTER_ADVERT:
	case ICMPGUARD_TID4_ROUTER_SOLICIT:
	case ICMPGUARD_TID4_TIMESTAMP_REQUEST:
	case ICMPGUARD_TID4_TIMESTAMP_REPLY:
	case ICMPGUARD_TID4_PHOTURIS:
	case ICMPGUARD_TID4_SEAMOBY:
	case ICMPGUARD_TID4_EXPERIMENT_253:
	case ICMPGUARD_TID4_EXPERIMENT_254:
		return &rare;
	default:
		return &drop;
	}
}

static const struct icmpguard_treatment *default6(unsigned int tid)
{
	switch (tid) {
	case ICMPGUARD_TID6_ECHO_REQUEST:
	case ICMPGUARD_TID6_EXT_ECHO_REQUEST:
		return &request;
	case ICMPGUARD_TID6_ECHO_REPLY:
	case ICMPGUARD_TID6_EXT_ECHO_REPLY:
		return &reply;
	case ICMPGUARD_TID6_OTHER:
		return &common;
	case ICMPGUARD_TID6_FRAGMENT:
		return &fragment;
	case ICMPGUARD_TID6_DEST_UNREACH:
	case ICMPGUARD_TID6_TIME_EXCEEDED:
	case ICMPGUARD_TID6_PARAM_PROBLEM:
		return &error;
	case ICMPGUARD_TID6_HOME_AGENT_REQUEST:
	case ICMPGUARD_TID6_HOME_AGENT_REPLY:
	case ICMPGUARD_TID6_MOBILE_PREFIX_SOLICIT:
	case ICMPGUARD_TID6_MOBILE_PREFIX_ADVERT:
	case ICMPGUARD_TID6_FAST_HANDOVER:
		return &often;
	case ICMPGUARD_TID6_ND_REDIRECT:
	case ICMPGUARD_TID6_NODE_INFO_QUERY:
	case ICMPGUARD_TID6_NODE_INFO_RESPONSE:
	case ICMPGUARD_TID6_ILNP_LOCATOR_UPDATE:
	case ICMPGUARD_TID6_EXPERIMENT_100:
	case ICMPGUARD_TID6_EXPERIMENT_101:
	case ICMPGUARD_TID6_EXPERIMENT_MOBILITY:
	case ICMPGUARD_TID6_EXPERIMENT_200:
	case ICMPGUARD_TID6_EXPERIMENT_201:
	case ICMPGUARD_TID6_RESERVED_127:
	case ICMPGUARD_TID6_RESERVED_255:
		return &rare;
	case ICMPGUARD_TID6_ROUTER_RENUMBERING:
		return &drop;
	default:
		return &accept;
	}
}

/**
 * icmpguard_type_default() - a type's treatment until it is configured
 * @tid: enum icmpguard_tid
 * @treatment: filled in
 *
 * Fragmentation needed (destination unreachable, code 4) is accepted always,
 * as an exception for its code: see icmpguard_config_default().
 *
 * Context: any.
 */
void icmpguard_type_default(unsigned int tid, struct icmpguard_treatment *treatment)
{
	*treatment = icmpguard_tid_is_v6(tid) ? *default6(tid) : *default4(tid);
}
