/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every assigned ICMP and ICMPv6 type: number, identifier, name, treatment until
 * it is configured, bytes of its shortest legal message, and what is checked of it
 * before any rate.
 *
 * One list for the module and the tool, whose three last columns types.c alone
 * reads: there are ACCEPT, LIMIT() and the checks, ICMPGUARD_TYPE_* each. The names
 * are nft's where nft has one, else made from IANA's registry. Order is the order
 * they are shown in.
 *
 * The treatments follow RFC 4890 (ICMPv6 that must not be dropped), RFC 6633 and
 * 6918 (deprecated ICMP), RFC 1812, RFC 1122 and RFC 8335. Their rule: defaults may
 * drop floods; they never break a working network.
 *
 * The shortest message has the fixed fields of its type's RFC, without options, lists
 * and quoted packets. Where no RFC says more, it is type, code and checksum, four
 * bytes: RFC 792, RFC 4443 2.1.
 */
#ifndef _ICMPGUARD_TYPE_NAMES_H
#define _ICMPGUARD_TYPE_NAMES_H

/*
 * Of packet-too-big, and of ICMP's code for it, the one exception that the defaults
 * have. A change of a path's MTU with 10,000 flows on it doesn't reach this: each flow
 * needs one message, and of the ten segments that it may send before it hears of
 * anything (RFC 6928) five are answered at once, then two a second.
 */
#define ICMPGUARD_MTU_LIMIT LIMIT(20000, 60000, 100000, 320000)

/*
 * No types on the wire, of either protocol: every number without a name, and
 * fragments before they are put together.
 *
 * What a packet's fragments were charged is given back when it is whole, so
 * FRAGMENT's are rates of what waits for the rest: half a minute in IPv4, a minute
 * in IPv6. One source then fills a quarter of the 4 MiB that the kernel has for it.
 * The total counts while three quarters are taken, and doesn't fill the last one. The
 * largest packet there is has 46 fragments on an Ethernet.
 */
#define ICMPGUARD_PSEUDO_TYPES(X)								\
	X(ICMPGUARD_TYPE_OTHER,	OTHER,		"other", LIMIT(50, 100, 1000, 1000), 4, 0)	\
	X(ICMPGUARD_TYPE_FRAGMENT, FRAGMENT,	"fragment", LIMIT(12, 50, 4, 160), 0, 0)

#define ICMPGUARD_ICMP_TYPES(X)									\
	/* What "ping -f" of this machine, and all the hosts it masquerades, ask a server for */ \
	X(0,	ECHO_REPLY,		"echo-reply",						\
		LIMIT(10000, 20000, 50000, 120000), 8, SIZED)					\
	/* Of these, code 4 alone reports an MTU. */						\
	X(3,	DEST_UNREACH,		"destination-unreachable",				\
		LIMIT(500, 1000, 50000, 50000), 8, MTU | QUOTES)				\
	X(4,	SOURCE_QUENCH,		"source-quench",	DROP, 8, QUOTES)		\
	X(5,	REDIRECT,		"redirect",						\
		LIMIT(10, 20, 1000, 1000), 8, QUOTES)						\
	X(6,	ALT_HOST_ADDRESS,	"alternate-host-address", DROP, 4, 0)			\
	X(8,	ECHO_REQUEST,		"echo-request",						\
		LIMIT(500, 2000, 20000, 20000), 8, SIZED | UNICAST)				\
	X(9,	ROUTER_ADVERT,		"router-advertisement",					\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(10,	ROUTER_SOLICIT,		"router-solicitation",					\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(11,	TIME_EXCEEDED,		"time-exceeded",					\
		LIMIT(500, 1000, 50000, 50000), 8, QUOTES)					\
	X(12,	PARAM_PROBLEM,		"parameter-problem",					\
		LIMIT(100, 200, 5000, 5000), 8, QUOTES)						\
	/* clockdiff sends fifty in a row, nmap one to each host that it looks for. */		\
	X(13,	TIMESTAMP_REQUEST,	"timestamp-request",					\
		LIMIT(500, 2000, 20000, 20000), 20, 0)						\
	X(14,	TIMESTAMP_REPLY,	"timestamp-reply",					\
		LIMIT(10000, 20000, 50000, 120000), 20, 0)					\
	X(15,	INFO_REQUEST,		"info-request",		DROP, 8, 0)			\
	X(16,	INFO_REPLY,		"info-reply",		DROP, 8, 0)			\
	X(17,	MASK_REQUEST,		"address-mask-request",	DROP, 12, 0)			\
	X(18,	MASK_REPLY,		"address-mask-reply",	DROP, 12, 0)			\
	X(30,	TRACEROUTE,		"traceroute",		DROP, 20, 0)			\
	X(31,	CONVERSION_ERROR,	"datagram-conversion-error", DROP, 8, 0)		\
	X(32,	MOBILE_REDIRECT,	"mobile-host-redirect",	DROP, 4, 0)			\
	X(33,	WHERE_ARE_YOU,		"ipv6-where-are-you",	DROP, 4, 0)			\
	X(34,	I_AM_HERE,		"ipv6-i-am-here",	DROP, 4, 0)			\
	X(35,	MOBILE_REG_REQUEST,	"mobile-registration-request", DROP, 4, 0)		\
	X(36,	MOBILE_REG_REPLY,	"mobile-registration-reply", DROP, 4, 0)		\
	X(37,	DOMAIN_REQUEST,		"domain-name-request",	DROP, 8, 0)			\
	X(38,	DOMAIN_REPLY,		"domain-name-reply",	DROP, 12, 0)			\
	X(39,	SKIP,			"skip",			DROP, 4, 0)			\
	X(40,	PHOTURIS,		"photuris",						\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(41,	SEAMOBY,		"seamoby",						\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(42,	EXT_ECHO_REQUEST,	"extended-echo-request",				\
		LIMIT(500, 2000, 20000, 20000), 8, SIZED | UNICAST)				\
	X(43,	EXT_ECHO_REPLY,		"extended-echo-reply",					\
		LIMIT(10000, 20000, 50000, 120000), 8, SIZED)					\
	X(253,	EXPERIMENT_253,		"experiment-253",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(254,	EXPERIMENT_254,		"experiment-254",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)

#define ICMPGUARD_ICMPV6_TYPES(X)								\
	X(1,	DEST_UNREACH,		"destination-unreachable",				\
		LIMIT(500, 1000, 50000, 50000), 8, QUOTES)					\
	X(2,	PACKET_TOO_BIG,		"packet-too-big",					\
		ICMPGUARD_MTU_LIMIT, 8, MTU | QUOTES)						\
	X(3,	TIME_EXCEEDED,		"time-exceeded",					\
		LIMIT(500, 1000, 50000, 50000), 8, QUOTES)					\
	X(4,	PARAM_PROBLEM,		"parameter-problem",					\
		LIMIT(500, 1000, 50000, 50000), 8, QUOTES)					\
	X(100,	EXPERIMENT_100,		"experiment-100",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(101,	EXPERIMENT_101,		"experiment-101",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(127,	RESERVED_127,		"reserved-127",						\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(128,	ECHO_REQUEST,		"echo-request",						\
		LIMIT(500, 2000, 20000, 20000), 8, SIZED | UNICAST)				\
	X(129,	ECHO_REPLY,		"echo-reply",						\
		LIMIT(10000, 20000, 50000, 120000), 8, SIZED)					\
	X(130,	MLD_QUERY,		"mld-listener-query",	ACCEPT, 24, ONE_HOP)		\
	X(131,	MLD_REPORT,		"mld-listener-report",	ACCEPT, 24, ONE_HOP)		\
	X(132,	MLD_DONE,		"mld-listener-done",	ACCEPT, 24, ONE_HOP)		\
	X(133,	ND_ROUTER_SOLICIT,	"nd-router-solicit",	ACCEPT, 8, ON_LINK | WHOLE)	\
	X(134,	ND_ROUTER_ADVERT,	"nd-router-advert",					\
		ACCEPT, 16, ON_LINK | WHOLE | OPTIONS)						\
	X(135,	ND_NEIGHBOR_SOLICIT,	"nd-neighbor-solicit",	ACCEPT, 24, ON_LINK | WHOLE)	\
	X(136,	ND_NEIGHBOR_ADVERT,	"nd-neighbor-advert",	ACCEPT, 24, ON_LINK | WHOLE)	\
	X(137,	ND_REDIRECT,		"nd-redirect",						\
		LIMIT(10, 20, 1000, 1000), 40, ON_LINK | WHOLE | QUOTES)			\
	X(138,	ROUTER_RENUMBERING,	"router-renumbering",	DROP, 16, 0)			\
	X(139,	NODE_INFO_QUERY,	"node-information-query",				\
		LIMIT(10, 20, 1000, 1000), 16, 0)						\
	X(140,	NODE_INFO_RESPONSE,	"node-information-response",				\
		LIMIT(10, 20, 1000, 1000), 16, 0)						\
	X(141,	IND_NEIGHBOR_SOLICIT,	"ind-neighbor-solicit",	ACCEPT, 8, ON_LINK)		\
	X(142,	IND_NEIGHBOR_ADVERT,	"ind-neighbor-advert",	ACCEPT, 8, ON_LINK)		\
	X(143,	MLD2_REPORT,		"mld2-listener-report",	ACCEPT, 8, ONE_HOP)		\
	X(144,	HOME_AGENT_REQUEST,	"home-agent-discovery-request",				\
		LIMIT(100, 200, 5000, 5000), 8, 0)						\
	X(145,	HOME_AGENT_REPLY,	"home-agent-discovery-reply",				\
		LIMIT(100, 200, 5000, 5000), 8, 0)						\
	X(146,	MOBILE_PREFIX_SOLICIT,	"mobile-prefix-solicitation",				\
		LIMIT(100, 200, 5000, 5000), 8, 0)						\
	X(147,	MOBILE_PREFIX_ADVERT,	"mobile-prefix-advertisement",				\
		LIMIT(100, 200, 5000, 5000), 8, 0)						\
	X(148,	CERT_PATH_SOLICIT,	"certification-path-solicitation",			\
		ACCEPT, 8, ON_LINK | WHOLE)							\
	/* RFC 6980 5 lets a long certification path come in fragments. */			\
	X(149,	CERT_PATH_ADVERT,	"certification-path-advertisement", ACCEPT, 12, ON_LINK)\
	X(150,	EXPERIMENT_MOBILITY,	"experimental-mobility",				\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(151,	MRD_ADVERT,		"multicast-router-advertisement", ACCEPT, 8, ONE_HOP)	\
	X(152,	MRD_SOLICIT,		"multicast-router-solicitation", ACCEPT, 4, ONE_HOP)	\
	X(153,	MRD_TERMINATION,	"multicast-router-termination", ACCEPT, 4, ONE_HOP)	\
	X(154,	FAST_HANDOVER,		"fast-handover",					\
		LIMIT(100, 200, 5000, 5000), 8, 0)						\
	/* Of wireless networks of sensors, whose nodes all have one /64. */			\
	X(155,	RPL_CONTROL,		"rpl-control",						\
		LIMIT(500, 1000, 5000, 10000), 6, 0)						\
	X(156,	ILNP_LOCATOR_UPDATE,	"ilnpv6-locator-update",				\
		LIMIT(10, 20, 1000, 1000), 8, 0)						\
	X(157,	DUP_ADDR_REQUEST,	"duplicate-address-request",				\
		LIMIT(500, 1000, 5000, 10000), 32, 0)						\
	X(158,	DUP_ADDR_CONFIRM,	"duplicate-address-confirmation",			\
		LIMIT(500, 1000, 5000, 10000), 32, 0)						\
	X(159,	MPL_CONTROL,		"mpl-control",						\
		LIMIT(500, 1000, 5000, 10000), 6, 0)						\
	X(160,	EXT_ECHO_REQUEST,	"extended-echo-request",				\
		LIMIT(500, 2000, 20000, 20000), 8, SIZED | UNICAST)				\
	X(161,	EXT_ECHO_REPLY,		"extended-echo-reply",					\
		LIMIT(10000, 20000, 50000, 120000), 8, SIZED)					\
	X(200,	EXPERIMENT_200,		"experiment-200",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(201,	EXPERIMENT_201,		"experiment-201",					\
		LIMIT(10, 20, 1000, 1000), 4, 0)						\
	X(255,	RESERVED_255,		"reserved-255",						\
		LIMIT(10, 20, 1000, 1000), 4, 0)

#endif /* _ICMPGUARD_TYPE_NAMES_H */
