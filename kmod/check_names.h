/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks with a setting of their own: one row each, for the module, the tool and
 * the documents.
 *
 * In the order of enum icmpguard_check: name of the constant, name, what it looks
 * for, ICMPGUARD_TYPE_* of the types that it looks at, and its default. A check has
 * the name of its counters: its own name is the reason of packets it drops, and with
 * "noted-" before it, it counts packets that were found and let pass.
 *
 * What no one sends in good faith is dropped by default; what broken but working
 * networks may send is counted. What costs every packet too much to look for is off.
 */
#ifndef _ICMPGUARD_CHECK_NAMES_H
#define _ICMPGUARD_CHECK_NAMES_H

#define ICMPGUARD_CHECKS(X)								\
	X(MTU_ZERO, "mtu-zero",								\
	  "fragmentation needed, but without an MTU", MTU, COUNT)			\
	X(MTU_SMALL, "mtu-small",							\
	  "an MTU below 68, or 1280 in IPv6", MTU, DROP)				\
	X(RA_OPTION, "ra-option",							\
	  "a router advertisement with unreadable options",		\
	  OPTIONS, DROP)								\
	X(QUOTED_HEADER, "quoted-header",						\
	  "an error that quotes headers cut short", QUOTES, COUNT)			\
	X(QUOTED_PROTOCOL, "quoted-protocol",						\
	  "an error about an unassigned protocol", QUOTES, COUNT)			\
	X(QUOTED_SOURCE, "quoted-source",						\
	  "an error about a packet its destination didn't send", QUOTES, COUNT)		\
	X(QUOTED_ERROR, "quoted-error",							\
	  "an error about an ICMP error", QUOTES, COUNT)				\
	X(QUOTED_FRAGMENT, "quoted-fragment",						\
	  "an error about a fragment other than the first", QUOTES, COUNT)		\
	X(QUOTED_MULTICAST, "quoted-multicast",						\
	  "an error about a broadcast or multicast packet", QUOTES, COUNT)		\
	X(QUOTED_EXTENSION, "quoted-extension",						\
	  "an error with a malformed extension", QUOTES, COUNT)				\
	X(ECHO_MULTICAST, "echo-multicast",						\
	  "an echo request to broadcast or multicast", UNICAST, COUNT)			\
	X(RA_OPTION_LENGTH, "ra-option-length",						\
	  "a router advertisement with an option of a wrong length",			\
	  OPTIONS, COUNT)								\
	X(REVERSE_PATH, "reverse-path",							\
	  "a source whose route back leaves by another interface", ROUTED, OFF)

#endif /* _ICMPGUARD_CHECK_NAMES_H */
