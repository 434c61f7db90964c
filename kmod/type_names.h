/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every assigned ICMP and ICMPv6 type: number, identifier, name.
 *
 * One list for the module and the tool. The names are nft's where nft has
 * one, else made from IANA's registry. Order is the order they are shown in.
 */
#ifndef _ICMPGUARD_TYPE_NAMES_H
#define _ICMPGUARD_TYPE_NAMES_H

#define ICMPGUARD_ICMP_TYPES(X)						\
	X(0,	ECHO_REPLY,		"echo-reply")			\
	X(3,	DEST_UNREACH,		"destination-unreachable")	\
	X(4,	SOURCE_QUENCH,		"source-quench")		\
	X(5,	REDIRECT,		"redirect")			\
	X(6,	ALT_HOST_ADDRESS,	"alternate-host-address")	\
	X(8,	ECHO_REQUEST,		"echo-request")			\
	X(9,	ROUTER_ADVERT,		"router-advertisement")		\
	X(10,	ROUTER_SOLICIT,		"router-solicitation")		\
	X(11,	TIME_EXCEEDED,		"time-exceeded")		\
	X(12,	PARAM_PROBLEM,		"parameter-problem")		\
	X(13,	TIMESTAMP_REQUEST,	"timestamp-request")		\
	X(14,	TIMESTAMP_REPLY,	"timestamp-reply")		\
	X(15,	INFO_REQUEST,		"info-request")			\
	X(16,	INFO_REPLY,		"info-reply")			\
	X(17,	MASK_REQUEST,		"address-mask-request")		\
	X(18,	MASK_REPLY,		"address-mask-reply")		\
	X(30,	TRACEROUTE,		"traceroute")			\
	X(31,	CONVERSION_ERROR,	"datagram-conversion-error")	\
	X(32,	MOBILE_REDIRECT,	"mobile-host-redirect")		\
	X(33,	WHERE_ARE_YOU,		"ipv6-where-are-you")		\
	X(34,	I_AM_HERE,		"ipv6-i-am-here")		\
	X(35,	MOBILE_REG_REQUEST,	"mobile-registration-request")	\
	X(36,	MOBILE_REG_REPLY,	"mobile-registration-reply")	\
	X(37,	DOMAIN_REQUEST,		"domain-name-request")		\
	X(38,	DOMAIN_REPLY,		"domain-name-reply")		\
	X(39,	SKIP,			"skip")				\
	X(40,	PHOTURIS,		"photuris")			\
	X(41,	SEAMOBY,		"seamoby")			\
	X(42,	EXT_ECHO_REQUEST,	"extended-echo-request")	\
	X(43,	EXT_ECHO_REPLY,		"extended-echo-reply")		\
	X(253,	EXPERIMENT_253,		"experiment-253")		\
	X(254,	EXPERIMENT_254,		"experiment-254")

#define ICMPGUARD_ICMPV6_TYPES(X)					\
	X(1,	DEST_UNREACH,		"destination-unreachable")	\
	X(2,	PACKET_TOO_BIG,		"packet-too-big")		\
	X(3,	TIME_EXCEEDED,		"time-exceeded")		\
	X(4,	PARAM_PROBLEM,		"parameter-problem")		\
	X(100,	EXPERIMENT_100,		"experiment-100")		\
	X(101,	EXPERIMENT_101,		"experiment-101")		\
	X(127,	RESERVED_127,		"reserved-127")			\
	X(128,	ECHO_REQUEST,		"echo-request")			\
	X(129,	ECHO_REPLY,		"echo-reply")			\
	X(130,	MLD_QUERY,		"mld-listener-query")		\
	X(131,	MLD_REPORT,		"mld-listener-report")		\
	X(132,	MLD_DONE,		"mld-listener-done")		\
	X(133,	ND_ROUTER_SOLICIT,	"nd-router-solicit")		\
	X(134,	ND_ROUTER_ADVERT,	"nd-router-advert")		\
	X(135,	ND_NEIGHBOR_SOLICIT,	"nd-neighbor-solicit")		\
	X(136,	ND_NEIGHBOR_ADVERT,	"nd-neighbor-advert")		\
	X(137,	ND_REDIRECT,		"nd-redirect")			\
	X(138,	ROUTER_RENUMBERING,	"router-renumbering")		\
	X(139,	NODE_INFO_QUERY,	"node-information-query")	\
	X(140,	NODE_INFO_RESPONSE,	"node-information-response")	\
	X(141,	IND_NEIGHBOR_SOLICIT,	"ind-neighbor-solicit")		\
	X(142,	IND_NEIGHBOR_ADVERT,	"ind-neighbor-advert")		\
	X(143,	MLD2_REPORT,		"mld2-listener-report")		\
	X(144,	HOME_AGENT_REQUEST,	"home-agent-discovery-request")	\
	X(145,	HOME_AGENT_REPLY,	"home-agent-discovery-reply")	\
	X(146,	MOBILE_PREFIX_SOLICIT,	"mobile-prefix-solicitation")	\
	X(147,	MOBILE_PREFIX_ADVERT,	"mobile-prefix-advertisement")	\
	X(148,	CERT_PATH_SOLICIT,	"certification-path-solicitation") \
	X(149,	CERT_PATH_ADVERT,	"certification-path-advertisement") \
	X(150,	EXPERIMENT_MOBILITY,	"experimental-mobility")	\
	X(151,	MRD_ADVERT,		"multicast-router-advertisement") \
	X(152,	MRD_SOLICIT,		"multicast-router-solicitation") \
	X(153,	MRD_TERMINATION,	"multicast-router-termination")	\
	X(154,	FAST_HANDOVER,		"fast-handover")		\
	X(155,	RPL_CONTROL,		"rpl-control")			\
	X(156,	ILNP_LOCATOR_UPDATE,	"ilnpv6-locator-update")	\
	X(157,	DUP_ADDR_REQUEST,	"duplicate-address-request")	\
	X(158,	DUP_ADDR_CONFIRM,	"duplicate-address-confirmation") \
	X(159,	MPL_CONTROL,		"mpl-control")			\
	X(160,	EXT_ECHO_REQUEST,	"extended-echo-request")	\
	X(161,	EXT_ECHO_REPLY,		"extended-echo-reply")		\
	X(200,	EXPERIMENT_200,		"experiment-200")		\
	X(201,	EXPERIMENT_201,		"experiment-201")		\
	X(255,	RESERVED_255,		"reserved-255")

#endif /* _ICMPGUARD_TYPE_NAMES_H */
