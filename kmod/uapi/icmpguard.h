/* SPDX-License-Identifier: ((GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * icmpguard: the generic netlink interface.
 *
 * The contract is Documentation/netlink/specs/icmpguard.yaml; this header
 * says the same for C. Numbers are never reused or renumbered.
 */
#ifndef _UAPI_LINUX_ICMPGUARD_H
#define _UAPI_LINUX_ICMPGUARD_H

#include <linux/types.h>

#define ICMPGUARD_FAMILY_NAME		"icmpguard"
#define ICMPGUARD_FAMILY_VERSION	1
#define ICMPGUARD_GROUP_EVENTS_NAME	"events"

/* enum icmpguard_proto - which ICMP a type belongs to */
enum icmpguard_proto {
	ICMPGUARD_PROTO_ICMP = 1,
	ICMPGUARD_PROTO_ICMPV6,
};

/* enum icmpguard_mode - what a network namespace does with a verdict */
enum icmpguard_mode {
	ICMPGUARD_MODE_OFF,
	ICMPGUARD_MODE_MONITOR,
	ICMPGUARD_MODE_ENFORCE,
};

/* enum icmpguard_action - the treatment of a type or of one of its codes */
enum icmpguard_action {
	ICMPGUARD_ACTION_ACCEPT,
	ICMPGUARD_ACTION_DROP,
	ICMPGUARD_ACTION_LIMIT,
};

/* enum icmpguard_scope - whose packets are judged */
enum icmpguard_scope {
	ICMPGUARD_SCOPE_ALL,
	ICMPGUARD_SCOPE_LOCAL,
};

/* enum icmpguard_rule_action - the treatment of a source prefix */
enum icmpguard_rule_action {
	ICMPGUARD_RULE_EXEMPT,
	ICMPGUARD_RULE_BLOCK,
	ICMPGUARD_RULE_LIMIT,
};

/* enum icmpguard_counter_class - what a counter adds up to */
enum icmpguard_counter_class {
	ICMPGUARD_COUNTER_ACCEPT,	/* a reason to accept; their sum is `accepted` */
	ICMPGUARD_COUNTER_DROP,		/* a reason to drop; their sum is `dropped` */
	ICMPGUARD_COUNTER_NOTE,		/* something worth knowing, in no sum */
};

/* enum icmpguard_flush - bits of ICMPGUARD_A_FLUSH_WHAT */
enum icmpguard_flush {
	ICMPGUARD_FLUSH_SOURCES	= 1 << 0,
	ICMPGUARD_FLUSH_RULES	= 1 << 1,
	ICMPGUARD_FLUSH_STATS	= 1 << 2,
	ICMPGUARD_FLUSH_CONFIG	= 1 << 3,	/* back to the defaults */
};

/* enum icmpguard_check - checks with a setting of their own */
enum icmpguard_check {
	ICMPGUARD_CHECK_MTU_ZERO,		/* fragmentation needed, no MTU: RFC 792 */
	ICMPGUARD_CHECK_MTU_SMALL,		/* MTU below IPv4's 68, IPv6's 1280 */
	ICMPGUARD_CHECK_RA_OPTION,		/* malformed router advertisement */
	ICMPGUARD_CHECK_QUOTED_HEADER,		/* an error's quoted headers: no such, cut short */
	ICMPGUARD_CHECK_QUOTED_PROTOCOL,	/* of a protocol that nobody registered */
	ICMPGUARD_CHECK_QUOTED_SOURCE,		/* not sent by whom the error goes to */
	ICMPGUARD_CHECK_QUOTED_ERROR,		/* an ICMP error itself */
	ICMPGUARD_CHECK_QUOTED_FRAGMENT,	/* IPv4: a fragment other than the first */
	ICMPGUARD_CHECK_QUOTED_MULTICAST,	/* to many, or from nobody in particular */
	ICMPGUARD_CHECK_QUOTED_EXTENSION,	/* malformed RFC 4884 extension */
	ICMPGUARD_CHECK_ECHO_MULTICAST,		/* echo request to many */

	__ICMPGUARD_CHECK_MAX,
	ICMPGUARD_CHECK_MAX = (__ICMPGUARD_CHECK_MAX - 1)
};

/* enum icmpguard_check_action - what is done with a packet that a check finds */
enum icmpguard_check_action {
	ICMPGUARD_CHECK_OFF,		/* nothing: the check isn't made */
	ICMPGUARD_CHECK_COUNT,		/* counted, and judged further */
	ICMPGUARD_CHECK_DROP,
};

/* enum icmpguard_event - what happened */
enum icmpguard_event {
	ICMPGUARD_EVENT_SOURCE_LIMITED = 1, /* packets of a source are being dropped */
	ICMPGUARD_EVENT_SOURCE_RELEASED, /* none was for some seconds */
	ICMPGUARD_EVENT_TOTAL_LIMITED,	/* all sources of a type together are above its total */
	ICMPGUARD_EVENT_TABLE_FULL,	/* sources are forgotten early for want of room */
	ICMPGUARD_EVENT_CONFIG_CHANGED,	/* another configuration is in force */
	ICMPGUARD_EVENT_LEFT_OUT,	/* there were more events than could be told */
};

/* Values of ICMPGUARD_A_TYPE_NUMBER that are no ICMP type */
#define ICMPGUARD_TYPE_OTHER	256	/* every number without a name */
#define ICMPGUARD_TYPE_FRAGMENT	257	/* fragments, before reassembly */

/* Attributes of a rate: PACKETS every PERIOD seconds, at most BURST at once */
enum {
	ICMPGUARD_A_LIMIT_PACKETS = 1,	/* u32 */
	ICMPGUARD_A_LIMIT_PERIOD,	/* u32, seconds: 1, 60, 3600, 86400 or 604800 */
	ICMPGUARD_A_LIMIT_BURST,	/* u32, packets */

	__ICMPGUARD_A_LIMIT_MAX,
	ICMPGUARD_A_LIMIT_MAX = (__ICMPGUARD_A_LIMIT_MAX - 1)
};

/* Attributes of an ICMP type's treatment and counters */
enum {
	ICMPGUARD_A_TYPE_PROTO = 1,	/* u32, enum icmpguard_proto */
	ICMPGUARD_A_TYPE_NUMBER,	/* u32, 0 to 257 */
	ICMPGUARD_A_TYPE_CODE,		/* u32, 0 to 255; absent: the type as a whole */
	ICMPGUARD_A_TYPE_NAME,		/* string, in replies */
	ICMPGUARD_A_TYPE_ACTION,	/* u32, enum icmpguard_action */
	ICMPGUARD_A_TYPE_LIMIT,		/* nest, a source's rate; absent: unlimited */
	ICMPGUARD_A_TYPE_TOTAL,		/* nest, all sources' rate; absent: unlimited */
	ICMPGUARD_A_TYPE_BLOCK,		/* u32, seconds of penalty; 0 or absent: none */
	ICMPGUARD_A_TYPE_MONITOR,	/* u32, 1: count, don't drop */
	ICMPGUARD_A_TYPE_REMOVE,	/* flag, drop a code's exception */
	ICMPGUARD_A_TYPE_PAD,
	ICMPGUARD_A_TYPE_ACCEPTED,	/* u64, packets, in replies */
	ICMPGUARD_A_TYPE_LIMITED,	/* u64, dropped by a limit */
	ICMPGUARD_A_TYPE_DROPPED,	/* u64, dropped for another reason */
	ICMPGUARD_A_TYPE_MONITORED,	/* u64, of ACCEPTED: would have been dropped */

	__ICMPGUARD_A_TYPE_MAX,
	ICMPGUARD_A_TYPE_MAX = (__ICMPGUARD_A_TYPE_MAX - 1)
};

/* Attributes of a prefix rule */
enum {
	ICMPGUARD_A_RULE_ADDRESS = 1,	/* binary, 4 or 16 octets */
	ICMPGUARD_A_RULE_PREFIX_LEN,	/* u32, bits */
	ICMPGUARD_A_RULE_ACTION,	/* u32, enum icmpguard_rule_action */
	ICMPGUARD_A_RULE_LIMIT,		/* nest */
	ICMPGUARD_A_RULE_COMMENT,	/* string */
	ICMPGUARD_A_RULE_REMOVE,	/* flag, remove this prefix's rule */

	__ICMPGUARD_A_RULE_MAX,
	ICMPGUARD_A_RULE_MAX = (__ICMPGUARD_A_RULE_MAX - 1)
};

/* Attributes of one step of the prefix ladder: steps in order, the first is the source */
enum {
	ICMPGUARD_A_PREFIX_PROTO = 1,	/* u32, enum icmpguard_proto */
	ICMPGUARD_A_PREFIX_LEN,		/* u32, bits */
	ICMPGUARD_A_PREFIX_FACTOR,	/* u32, times the rate; 1 for the first */

	__ICMPGUARD_A_PREFIX_MAX,
	ICMPGUARD_A_PREFIX_MAX = (__ICMPGUARD_A_PREFIX_MAX - 1)
};

/* Attributes of an interface's setting */
enum {
	ICMPGUARD_A_INTERFACE_NAME = 1,	/* string */
	ICMPGUARD_A_INTERFACE_MODE,	/* u32, enum icmpguard_mode; enforce: on */

	__ICMPGUARD_A_INTERFACE_MAX,
	ICMPGUARD_A_INTERFACE_MAX = (__ICMPGUARD_A_INTERFACE_MAX - 1)
};

/* Attributes of a check's setting */
enum {
	ICMPGUARD_A_CHECK_ID = 1,	/* u32, enum icmpguard_check */
	ICMPGUARD_A_CHECK_NAME,		/* string, as its counters are called; in replies */
	ICMPGUARD_A_CHECK_ACTION,	/* u32, enum icmpguard_check_action */

	__ICMPGUARD_A_CHECK_MAX,
	ICMPGUARD_A_CHECK_MAX = (__ICMPGUARD_A_CHECK_MAX - 1)
};

/* ICMPGUARD_CMD_CONFIG_GET, ICMPGUARD_CMD_CONFIG_SET, ICMPGUARD_CMD_TYPE_GET */
enum {
	ICMPGUARD_A_CONFIG_VERSION = 1,	/* string, the module's; in replies */
	ICMPGUARD_A_CONFIG_GENERATION,	/* u32, counts changes; in replies */
	ICMPGUARD_A_CONFIG_MODE,	/* u32, enum icmpguard_mode */
	ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, /* u32, octets of payload, 0 to 65507 */
	ICMPGUARD_A_CONFIG_TABLE_SIZE,	/* u32, sources tracked */
	ICMPGUARD_A_CONFIG_TABLE_BYTES,	/* u64, memory of the table; in replies */
	ICMPGUARD_A_CONFIG_SCOPE,	/* u32, enum icmpguard_scope */
	ICMPGUARD_A_CONFIG_PREFIX,	/* nest, repeated: the ladder of each family named */
	ICMPGUARD_A_CONFIG_INTERFACE,	/* nest, repeated */
	ICMPGUARD_A_CONFIG_TYPE,	/* nest, repeated */
	ICMPGUARD_A_CONFIG_RULE,	/* nest, repeated */
	ICMPGUARD_A_CONFIG_REPLACE,	/* flag: begin from the defaults, not from what runs */
	ICMPGUARD_A_CONFIG_PAD,
	ICMPGUARD_A_CONFIG_CHECK,	/* nest, repeated */

	__ICMPGUARD_A_CONFIG_MAX,
	ICMPGUARD_A_CONFIG_MAX = (__ICMPGUARD_A_CONFIG_MAX - 1)
};

/* Attributes of one counter */
enum {
	ICMPGUARD_A_COUNTER_NAME = 1,	/* string, as in /proc/net/icmpguard/stats */
	ICMPGUARD_A_COUNTER_CLASS,	/* u32, enum icmpguard_counter_class */
	ICMPGUARD_A_COUNTER_PAD,
	ICMPGUARD_A_COUNTER_VALUE,	/* u64 */
	ICMPGUARD_A_COUNTER_MONITORED,	/* u64, class drop: would have been dropped */

	__ICMPGUARD_A_COUNTER_MAX,
	ICMPGUARD_A_COUNTER_MAX = (__ICMPGUARD_A_COUNTER_MAX - 1)
};

/* ICMPGUARD_CMD_STATS_GET, ICMPGUARD_CMD_STATS_RESET */
enum {
	ICMPGUARD_A_STATS_PAD = 1,
	ICMPGUARD_A_STATS_SEEN,		/* u64, packets judged = accepted + dropped */
	ICMPGUARD_A_STATS_ACCEPTED,	/* u64 */
	ICMPGUARD_A_STATS_DROPPED,	/* u64 */
	ICMPGUARD_A_STATS_COUNTER,	/* nest, repeated */
	ICMPGUARD_A_STATS_BUSY,		/* u32, sources below a full bucket; absent: no table */
	ICMPGUARD_A_STATS_FULLEST,	/* u32, millionths of the table's fullest part */

	__ICMPGUARD_A_STATS_MAX,
	ICMPGUARD_A_STATS_MAX = (__ICMPGUARD_A_STATS_MAX - 1)
};

/* Attributes of one bucket of a source */
enum {
	ICMPGUARD_A_BUCKET_PROTO = 1,	/* u32, enum icmpguard_proto */
	ICMPGUARD_A_BUCKET_NUMBER,	/* u32, the type's */
	ICMPGUARD_A_BUCKET_CODE,	/* u32; absent: the type as a whole */
	ICMPGUARD_A_BUCKET_NAME,	/* string, the type's */
	ICMPGUARD_A_BUCKET_PREFIX_LEN,	/* u32, bits of the source that share it */
	ICMPGUARD_A_BUCKET_LEFT,	/* u32, packets that would pass at once */
	ICMPGUARD_A_BUCKET_BURST,	/* u32, packets in a full bucket */
	ICMPGUARD_A_BUCKET_FULL_IN,	/* u32, milliseconds until it is full */
	ICMPGUARD_A_BUCKET_KNOWN,	/* flag, a known source */

	__ICMPGUARD_A_BUCKET_MAX,
	ICMPGUARD_A_BUCKET_MAX = (__ICMPGUARD_A_BUCKET_MAX - 1)
};

/* ICMPGUARD_CMD_SOURCE_GET */
enum {
	ICMPGUARD_A_SOURCE_ADDRESS = 1,	/* binary, 4 or 16 octets; the prefix, in a dump */
	ICMPGUARD_A_SOURCE_PREFIX_LEN,	/* u32, bits, in replies */
	ICMPGUARD_A_SOURCE_PROTO,	/* u32, of the type last limited */
	ICMPGUARD_A_SOURCE_NUMBER,	/* u32, the type last limited */
	ICMPGUARD_A_SOURCE_NAME,	/* string, the type last limited */
	ICMPGUARD_A_SOURCE_PAD,
	ICMPGUARD_A_SOURCE_DROPS,	/* u64, packets, at least */
	ICMPGUARD_A_SOURCE_LAST,	/* u32, milliseconds since the last drop */
	ICMPGUARD_A_SOURCE_BUCKET,	/* nest, repeated; in the reply to a do */

	__ICMPGUARD_A_SOURCE_MAX,
	ICMPGUARD_A_SOURCE_MAX = (__ICMPGUARD_A_SOURCE_MAX - 1)
};

/* ICMPGUARD_CMD_FLUSH */
enum {
	ICMPGUARD_A_FLUSH_WHAT = 1,	/* u32, bits of enum icmpguard_flush */

	__ICMPGUARD_A_FLUSH_MAX,
	ICMPGUARD_A_FLUSH_MAX = (__ICMPGUARD_A_FLUSH_MAX - 1)
};

/* ICMPGUARD_CMD_EVENT */
enum {
	ICMPGUARD_A_EVENT_KIND = 1,	/* u32, enum icmpguard_event */
	ICMPGUARD_A_EVENT_PAD,
	ICMPGUARD_A_EVENT_TIME,		/* u64, nanoseconds since 1970, when it was told */
	ICMPGUARD_A_EVENT_NETNS,	/* u64, the network namespace's cookie */
	ICMPGUARD_A_EVENT_NETNS_INODE,	/* u32, its inode */
	ICMPGUARD_A_EVENT_ADDRESS,	/* binary, 4 or 16 octets, of a source */
	ICMPGUARD_A_EVENT_PREFIX_LEN,	/* u32, bits of it */
	ICMPGUARD_A_EVENT_PROTO,	/* u32, enum icmpguard_proto, of the type */
	ICMPGUARD_A_EVENT_NUMBER,	/* u32, the type */
	ICMPGUARD_A_EVENT_CODE,		/* u32; absent: the type as a whole */
	ICMPGUARD_A_EVENT_NAME,		/* string, the type's */
	ICMPGUARD_A_EVENT_RATE,		/* u32, packets a second above the limit */
	ICMPGUARD_A_EVENT_DROPS,	/* u64, packets above the limit so far */
	ICMPGUARD_A_EVENT_DURATION,	/* u32, milliseconds from the first of them to the last */
	ICMPGUARD_A_EVENT_GENERATION,	/* u32, of the configuration in force */
	ICMPGUARD_A_EVENT_TABLE_SIZE,	/* u32, sources */
	ICMPGUARD_A_EVENT_LEFT_OUT,	/* u32, events */

	__ICMPGUARD_A_EVENT_MAX,
	ICMPGUARD_A_EVENT_MAX = (__ICMPGUARD_A_EVENT_MAX - 1)
};

/**
 * enum icmpguard_cmd - commands
 * @ICMPGUARD_CMD_CONFIG_GET: do: everything but types and rules
 * @ICMPGUARD_CMD_CONFIG_SET: do, CAP_NET_ADMIN: change what is named, whole or not at all
 * @ICMPGUARD_CMD_TYPE_GET: dump: one type, or one code's exception, a message,
 *	attributes of ICMPGUARD_A_TYPE_* at the top level, with counters
 * @ICMPGUARD_CMD_RULE_GET: dump: one prefix rule a message, ICMPGUARD_A_RULE_*
 * @ICMPGUARD_CMD_STATS_GET: do: the counters
 * @ICMPGUARD_CMD_STATS_RESET: do, CAP_NET_ADMIN: the counters as they were, then zero
 * @ICMPGUARD_CMD_SOURCE_GET: do: one source's buckets; dump: who is being
 *	limited, heaviest first; both CAP_NET_ADMIN
 * @ICMPGUARD_CMD_FLUSH: do, CAP_NET_ADMIN: forget
 * @ICMPGUARD_CMD_EVENT: sent to the group ICMPGUARD_GROUP_EVENTS_NAME, whose
 *	members need CAP_NET_ADMIN: what happened
 */
enum icmpguard_cmd {
	ICMPGUARD_CMD_CONFIG_GET = 1,
	ICMPGUARD_CMD_CONFIG_SET,
	ICMPGUARD_CMD_TYPE_GET,
	ICMPGUARD_CMD_RULE_GET,
	ICMPGUARD_CMD_STATS_GET,
	ICMPGUARD_CMD_STATS_RESET,
	ICMPGUARD_CMD_SOURCE_GET,
	ICMPGUARD_CMD_FLUSH,
	ICMPGUARD_CMD_EVENT,

	__ICMPGUARD_CMD_MAX,
	ICMPGUARD_CMD_MAX = (__ICMPGUARD_CMD_MAX - 1)
};

#endif /* _UAPI_LINUX_ICMPGUARD_H */
