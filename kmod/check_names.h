/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks with a setting of their own: one line each, for the module and for
 * the tool.
 *
 * Each is called as its counters are: it is the reason of those dropped, and
 * with "noted-" before it counts those that only were found. In the order of
 * enum icmpguard_check: name of the constant, name.
 */
#ifndef _ICMPGUARD_CHECK_NAMES_H
#define _ICMPGUARD_CHECK_NAMES_H

#define ICMPGUARD_CHECKS(X)					\
	X(MTU_ZERO,		"mtu-zero")			\
	X(MTU_SMALL,		"mtu-small")			\
	X(RA_OPTION,		"ra-option")			\
	X(QUOTED_HEADER,	"quoted-header")		\
	X(QUOTED_PROTOCOL,	"quoted-protocol")		\
	X(QUOTED_SOURCE,	"quoted-source")		\
	X(QUOTED_ERROR,		"quoted-error")			\
	X(QUOTED_FRAGMENT,	"quoted-fragment")		\
	X(QUOTED_MULTICAST,	"quoted-multicast")		\
	X(QUOTED_EXTENSION,	"quoted-extension")		\
	X(ECHO_MULTICAST,	"echo-multicast")

#endif /* _ICMPGUARD_CHECK_NAMES_H */
