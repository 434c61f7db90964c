/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: one row each, for the module and the documents.
 *
 * Every verdict has one reason, and every reason one row here: name of the constant,
 * name, and what it counts. The order of the classes is used.
 *
 * selftests/check/rows.py puts the rows into README.md, icmpguardctl(8) and
 * Documentation/counters.rst, which explains each.
 */
#ifndef _ICMPGUARD_REASON_NAMES_H
#define _ICMPGUARD_REASON_NAMES_H

#include "check_names.h"

#define ICMPGUARD_REASONS_ACCEPT(X)								\
	X(POLICY_ACCEPT,	"policy-accept",	"a type without a limit")		\
	X(WITHIN_LIMIT,		"within-limit",		"below its limits")			\
	X(EXEMPT,		"exempt",		"an 'exempt' rule")			\
	X(MONITOR,		"monitor",							\
		"would have been dropped; see 'monitored-' and the reason")

#define ICMPGUARD_REASONS_DROP(X)								\
	X(POLICY_DROP,		"policy-drop",		"a type with the action 'drop'")	\
	X(SOURCE_LIMIT,		"source-limit",		"the source above its rate")		\
	X(PENALTY,		"penalty",		"the source serving its 'block'")	\
	X(TOTAL_LIMIT,		"total-limit",							\
		"all sources together above their rate")					\
	X(BLOCKED,		"blocked",		"a 'block' rule")			\
	X(ECHO_OVERSIZE,	"echo-oversize",	"a ping above 'max-echo-size'")		\
	X(FRAGMENT_OVERSIZE,	"fragment-oversize",						\
		"ping of death: a fragment past 65535 bytes")					\
	X(FRAGMENT_LIMIT,	"fragment-limit",						\
		"the source's incomplete messages above their rate")				\
	X(FRAGMENT_SHORT,	"fragment-short",						\
		"a first fragment without an ICMP header")					\
	X(FRAGMENT_REFUSED,	"fragment-refused",						\
		"overlapping or otherwise impossible fragments")				\
	X(TRUNCATED,		"truncated",							\
		"a message shorter than its type's shortest")					\
	X(HEADER_CHAIN,		"header-chain",							\
		"too many IPv6 extension headers, or hidden after them")			\
	X(ND_HOP_LIMIT,		"nd-hop-limit",							\
		"neighbour discovery from another link")		\
	X(ND_FRAGMENT,		"nd-fragment",		"neighbour discovery in fragments")	\
	X(MLD_HOP_LIMIT,	"mld-hop-limit",						\
		"multicast listener or router message from another link")		\
	ICMPGUARD_CHECKS(X)

#define ICMPGUARD_NOTES(X)									\
	X(FRAGMENTS,		"fragments",		"ICMP fragments that arrived")		\
	X(FRAGMENTS_EARLY,	"fragments-early",						\
		"of these, dropped with a packet that is counted once")				\
	X(REASSEMBLED,		"reassembled",		"packets put together")			\
	X(EARLY,		"early",		"dropped packets that XDP dropped")

#endif /* _ICMPGUARD_REASON_NAMES_H */
