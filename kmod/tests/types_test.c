// SPDX-License-Identifier: GPL-2.0-only
/*
 * The type table: numbers, names, checks and default treatments, each written
 * out here a second time.
 */
#include <kunit/test.h>
#include "../types.c"

/* Default treatments: rate of a source and burst, total and burst */
enum treatment {
	ACCEPT,
	DROP,
	RARE,		/* 10/second burst 20, total 1000/second burst 1000 */
	OTHER,		/* 50/second burst 100, total 1000/second burst 1000 */
	MOBILE,		/* 100/second burst 200, total 5000/second burst 5000 */
	ERROR,		/* 500/second burst 1000, total 50000/second burst 50000 */
	REPLY,		/* 10000/second burst 20000, total 50000/second burst 120000 */
	MESH,		/* 500/second burst 1000, total 5000/second burst 10000 */
	PATH_MTU,	/* 20000/second burst 60000, total 100000/second burst 320000 */
	FRAGMENT,	/* 12/second burst 50, total 4/second burst 160 */
	REQUEST,	/* 500/second burst 2000, total 20000/second burst 20000 */
};

static const struct icmpguard_treatment expected_treatment[] = {
	[ACCEPT]    = { ICMPGUARD_ACTION_ACCEPT, false, {}, {}, 0 },
	[DROP]	    = { ICMPGUARD_ACTION_DROP, false, {}, {}, 0 },
	[RARE]	    = { ICMPGUARD_ACTION_LIMIT, false, { 10, 1, 20 }, { 1000, 1, 1000 }, 0 },
	[OTHER]	    = { ICMPGUARD_ACTION_LIMIT, false, { 50, 1, 100 }, { 1000, 1, 1000 }, 0 },
	[REPLY]	    = { ICMPGUARD_ACTION_LIMIT, false, { 10000, 1, 20000 },
			{ 50000, 1, 120000 }, 0 },
	[MOBILE]    = { ICMPGUARD_ACTION_LIMIT, false, { 100, 1, 200 }, { 5000, 1, 5000 }, 0 },
	[ERROR]	    = { ICMPGUARD_ACTION_LIMIT, false, { 500, 1, 1000 }, { 50000, 1, 50000 }, 0 },
	[MESH]	    = { ICMPGUARD_ACTION_LIMIT, false, { 500, 1, 1000 }, { 5000, 1, 10000 }, 0 },
	[PATH_MTU]  = { ICMPGUARD_ACTION_LIMIT, false, { 20000, 1, 60000 },
			{ 100000, 1, 320000 }, 0 },
	[FRAGMENT]  = { ICMPGUARD_ACTION_LIMIT, false, { 12, 1, 50 }, { 4, 1, 160 }, 0 },
	[REQUEST]   = { ICMPGUARD_ACTION_LIMIT, false, { 500, 1, 2000 }, { 20000, 1, 20000 }, 0 },
};

#define SIZED	ICMPGUARD_TYPE_SIZED
#define LINK	ICMPGUARD_TYPE_ON_LINK
#define ND	(ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_WHOLE)
#define HOP	ICMPGUARD_TYPE_ONE_HOP
#define ECHO	(ICMPGUARD_TYPE_SIZED | ICMPGUARD_TYPE_UNICAST)
#define QUOTES	ICMPGUARD_TYPE_QUOTES
#define MTU	(ICMPGUARD_TYPE_MTU | ICMPGUARD_TYPE_QUOTES)
#define RA	(ND | ICMPGUARD_TYPE_OPTIONS)
#define REDIR	(ND | ICMPGUARD_TYPE_QUOTES)

struct expected {
	u16 number;
	const char *name;
	enum treatment treatment;
	u8 least;
	u8 checks;
};

static const struct expected expected4[] = {
	{ 0, "echo-reply", REPLY, 8, SIZED },
	{ 3, "destination-unreachable", ERROR, 8, MTU },
	{ 4, "source-quench", DROP, 8, QUOTES },
	{ 5, "redirect", RARE, 8, QUOTES },
	{ 6, "alternate-host-address", DROP, 4, 0 },
	{ 8, "echo-request", REQUEST, 8, ECHO },
	{ 9, "router-advertisement", RARE, 8, 0 },
	{ 10, "router-solicitation", RARE, 8, 0 },
	{ 11, "time-exceeded", ERROR, 8, QUOTES },
	{ 12, "parameter-problem", MOBILE, 8, QUOTES },
	{ 13, "timestamp-request", REQUEST, 20, 0 },
	{ 14, "timestamp-reply", REPLY, 20, 0 },
	{ 15, "info-request", DROP, 8, 0 },
	{ 16, "info-reply", DROP, 8, 0 },
	{ 17, "address-mask-request", DROP, 12, 0 },
	{ 18, "address-mask-reply", DROP, 12, 0 },
	{ 30, "traceroute", DROP, 20, 0 },
	{ 31, "datagram-conversion-error", DROP, 8, 0 },
	{ 32, "mobile-host-redirect", DROP, 4, 0 },
	{ 33, "ipv6-where-are-you", DROP, 4, 0 },
	{ 34, "ipv6-i-am-here", DROP, 4, 0 },
	{ 35, "mobile-registration-request", DROP, 4, 0 },
	{ 36, "mobile-registration-reply", DROP, 4, 0 },
	{ 37, "domain-name-request", DROP, 8, 0 },
	{ 38, "domain-name-reply", DROP, 12, 0 },
	{ 39, "skip", DROP, 4, 0 },
	{ 40, "photuris", RARE, 8, 0 },
	{ 41, "seamoby", RARE, 8, 0 },
	{ 42, "extended-echo-request", REQUEST, 8, ECHO },
	{ 43, "extended-echo-reply", REPLY, 8, SIZED },
	{ 253, "experiment-253", RARE, 4, 0 },
	{ 254, "experiment-254", RARE, 4, 0 },
	{ ICMPGUARD_TYPE_OTHER, "other", OTHER, 4, 0 },
	{ ICMPGUARD_TYPE_FRAGMENT, "fragment", FRAGMENT, 0, 0 },
};

static const struct expected expected6[] = {
	{ 1, "destination-unreachable", ERROR, 8, QUOTES },
	{ 2, "packet-too-big", PATH_MTU, 8, MTU },
	{ 3, "time-exceeded", ERROR, 8, QUOTES },
	{ 4, "parameter-problem", ERROR, 8, QUOTES },
	{ 100, "experiment-100", RARE, 4, 0 },
	{ 101, "experiment-101", RARE, 4, 0 },
	{ 127, "reserved-127", RARE, 4, 0 },
	{ 128, "echo-request", REQUEST, 8, ECHO },
	{ 129, "echo-reply", REPLY, 8, SIZED },
	{ 130, "mld-listener-query", ACCEPT, 24, HOP },
	{ 131, "mld-listener-report", ACCEPT, 24, HOP },
	{ 132, "mld-listener-done", ACCEPT, 24, HOP },
	{ 133, "nd-router-solicit", ACCEPT, 8, ND },
	{ 134, "nd-router-advert", ACCEPT, 16, RA },
	{ 135, "nd-neighbor-solicit", ACCEPT, 24, ND },
	{ 136, "nd-neighbor-advert", ACCEPT, 24, ND },
	{ 137, "nd-redirect", RARE, 40, REDIR },
	{ 138, "router-renumbering", DROP, 16, 0 },
	{ 139, "node-information-query", RARE, 16, 0 },
	{ 140, "node-information-response", RARE, 16, 0 },
	{ 141, "ind-neighbor-solicit", ACCEPT, 8, LINK },
	{ 142, "ind-neighbor-advert", ACCEPT, 8, LINK },
	{ 143, "mld2-listener-report", ACCEPT, 8, HOP },
	{ 144, "home-agent-discovery-request", MOBILE, 8, 0 },
	{ 145, "home-agent-discovery-reply", MOBILE, 8, 0 },
	{ 146, "mobile-prefix-solicitation", MOBILE, 8, 0 },
	{ 147, "mobile-prefix-advertisement", MOBILE, 8, 0 },
	{ 148, "certification-path-solicitation", ACCEPT, 8, ND },
	{ 149, "certification-path-advertisement", ACCEPT, 12, LINK },
	{ 150, "experimental-mobility", RARE, 8, 0 },
	{ 151, "multicast-router-advertisement", ACCEPT, 8, HOP },
	{ 152, "multicast-router-solicitation", ACCEPT, 4, HOP },
	{ 153, "multicast-router-termination", ACCEPT, 4, HOP },
	{ 154, "fast-handover", MOBILE, 8, 0 },
	{ 155, "rpl-control", MESH, 6, 0 },
	{ 156, "ilnpv6-locator-update", RARE, 8, 0 },
	{ 157, "duplicate-address-request", MESH, 32, 0 },
	{ 158, "duplicate-address-confirmation", MESH, 32, 0 },
	{ 159, "mpl-control", MESH, 6, 0 },
	{ 160, "extended-echo-request", REQUEST, 8, ECHO },
	{ 161, "extended-echo-reply", REPLY, 8, SIZED },
	{ 200, "experiment-200", RARE, 4, 0 },
	{ 201, "experiment-201", RARE, 4, 0 },
	{ 255, "reserved-255", RARE, 4, 0 },
	{ ICMPGUARD_TYPE_OTHER, "other", OTHER, 4, 0 },
	{ ICMPGUARD_TYPE_FRAGMENT, "fragment", FRAGMENT, 0, 0 },
};

static void expect_rate(struct kunit *test, const struct icmpguard_rate *rate,
			const struct icmpguard_rate *expected)
{
	KUNIT_EXPECT_EQ(test, rate->packets, expected->packets);
	KUNIT_EXPECT_EQ(test, rate->period, expected->period);
	KUNIT_EXPECT_EQ(test, rate->burst, expected->burst);
}

static void expect_type(struct kunit *test, u32 proto, const struct expected *e)
{
	const struct icmpguard_treatment *expected = &expected_treatment[e->treatment];
	int tid = icmpguard_type_find(proto, e->number);
	struct icmpguard_treatment treatment;

	KUNIT_ASSERT_GE(test, tid, 0);
	KUNIT_EXPECT_STREQ(test, icmpguard_type_name(tid), e->name);
	KUNIT_EXPECT_EQ(test, icmpguard_type_number(tid), (u32)e->number);
	KUNIT_EXPECT_EQ(test, icmpguard_type_proto(tid), proto);
	/* The route back to a source on another link is looked at, of every type. */
	KUNIT_EXPECT_EQ(test, icmpguard_type_checks(tid),
			e->checks & (ICMPGUARD_TYPE_ON_LINK | ICMPGUARD_TYPE_ONE_HOP) ?
			e->checks : e->checks | ICMPGUARD_TYPE_ROUTED);
	KUNIT_EXPECT_EQ(test, icmpguard_type_least(tid), e->least);
	memset(&treatment, 0xff, sizeof(treatment));
	icmpguard_type_default(tid, &treatment);
	KUNIT_EXPECT_EQ(test, treatment.action, expected->action);
	KUNIT_EXPECT_FALSE(test, treatment.monitor);
	KUNIT_EXPECT_EQ(test, treatment.penalty, 0U);
	expect_rate(test, &treatment.limit, &expected->limit);
	expect_rate(test, &treatment.total, &expected->total);
}

static void expected_name(const struct expected *e, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u %s", e->number, e->name);
}

KUNIT_ARRAY_PARAM(expected4, expected4, expected_name);
KUNIT_ARRAY_PARAM(expected6, expected6, expected_name);

static void types_icmp(struct kunit *test)
{
	expect_type(test, ICMPGUARD_PROTO_ICMP, test->param_value);
}

static void types_icmpv6(struct kunit *test)
{
	expect_type(test, ICMPGUARD_PROTO_ICMPV6, test->param_value);
}

static const struct expected *expected_of(const struct expected *e, size_t n, u32 number)
{
	for (; n; n--, e++)
		if (e->number == number)
			return e;
	return NULL;
}

static void expect_number(struct kunit *test, u32 proto, u8 tid, u32 number,
			  const struct expected *e)
{
	KUNIT_EXPECT_EQ(test, icmpguard_type_proto(tid), proto);
	KUNIT_EXPECT_STREQ(test, icmpguard_type_name(tid), e ? e->name : "other");
	KUNIT_EXPECT_EQ(test, icmpguard_type_find(proto, number), e ? (int)tid : -1);
}

static void types_every_number(struct kunit *test)
{
	u32 number;

	for (number = 0; number < 256; number++) {
		expect_number(test, ICMPGUARD_PROTO_ICMP, icmpguard_tid4(number), number,
			      expected_of(expected4, ARRAY_SIZE(expected4), number));
		expect_number(test, ICMPGUARD_PROTO_ICMPV6, icmpguard_tid6(number), number,
			      expected_of(expected6, ARRAY_SIZE(expected6), number));
	}
}

static void types_count(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (size_t)ICMPGUARD_TIDS,
			ARRAY_SIZE(expected4) + ARRAY_SIZE(expected6));
	KUNIT_EXPECT_EQ(test, (size_t)ICMPGUARD_TID6_OTHER, ARRAY_SIZE(expected4));
	/* An index is kept in a byte. */
	KUNIT_EXPECT_LE(test, (int)ICMPGUARD_TIDS, 256);
}

static void types_find_refuses(struct kunit *test)
{
	static const u32 numbers[] = { 1, 2, 7, 19, 29, 44, 127, 252, 255 };
	static const u32 numbers6[] = { 0, 5, 99, 102, 126, 162, 199, 202, 254 };
	static const u32 beyond[] = { 258, 259, 512, 0x10008, 0x80000000, U32_MAX };
	int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		KUNIT_EXPECT_EQ(test, icmpguard_type_find(ICMPGUARD_PROTO_ICMP, numbers[i]), -1);
	for (i = 0; i < ARRAY_SIZE(numbers6); i++)
		KUNIT_EXPECT_EQ(test, icmpguard_type_find(ICMPGUARD_PROTO_ICMPV6, numbers6[i]),
				-1);
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		KUNIT_EXPECT_EQ(test, icmpguard_type_find(ICMPGUARD_PROTO_ICMP, beyond[i]), -1);
		KUNIT_EXPECT_EQ(test, icmpguard_type_find(ICMPGUARD_PROTO_ICMPV6, beyond[i]), -1);
	}
}

static void types_names_unique(struct kunit *test)
{
	unsigned int a, b;

	for (a = 0; a < ICMPGUARD_TIDS; a++) {
		const char *name = icmpguard_type_name(a);

		/* Columns of text are made for it. */
		KUNIT_EXPECT_LE(test, strlen(name), (size_t)32);
		KUNIT_EXPECT_EQ(test, strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				strlen(name));
		for (b = 0; b < a; b++) {
			if (icmpguard_type_proto(a) == icmpguard_type_proto(b))
				KUNIT_EXPECT_STRNEQ(test, name, icmpguard_type_name(b));
		}
	}
}

/*
 * A total has room for a source's burst, also when it isn't known: newcomers may fill
 * 5/16 of a total's burst, of which two are uncertain. FRAGMENT's is what waits.
 */
static void types_totals(struct kunit *test)
{
	unsigned int tid;

	for (tid = 0; tid < ICMPGUARD_TIDS; tid++) {
		struct icmpguard_treatment treatment;

		icmpguard_type_default(tid, &treatment);
		if (treatment.action != ICMPGUARD_ACTION_LIMIT ||
		    icmpguard_type_number(tid) == ICMPGUARD_TYPE_FRAGMENT)
			continue;
		KUNIT_EXPECT_GE(test, treatment.total.burst / 16 * 3, treatment.limit.burst);
		KUNIT_EXPECT_GE(test, treatment.total.packets, treatment.limit.packets * 5);
	}
}

static void types_pseudo_first(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, (int)ICMPGUARD_TID4_OTHER, 0);
	KUNIT_EXPECT_EQ(test, (int)ICMPGUARD_TID4_FRAGMENT, 1);
	KUNIT_EXPECT_EQ(test, (int)ICMPGUARD_TID6_FRAGMENT, ICMPGUARD_TID6_OTHER + 1);
	KUNIT_EXPECT_FALSE(test, icmpguard_tid_is_v6(ICMPGUARD_TID6_OTHER - 1));
	KUNIT_EXPECT_TRUE(test, icmpguard_tid_is_v6(ICMPGUARD_TID6_OTHER));
}

struct twin_case {
	int a, b;
};

static const struct twin_case twin_cases[] = {
	{ ICMPGUARD_TID4_OTHER, ICMPGUARD_TID6_OTHER },
	{ ICMPGUARD_TID4_FRAGMENT, ICMPGUARD_TID6_FRAGMENT },
	{ ICMPGUARD_TID4_ECHO_REQUEST, ICMPGUARD_TID6_ECHO_REQUEST },
	{ ICMPGUARD_TID4_ECHO_REPLY, ICMPGUARD_TID6_ECHO_REPLY },
	{ ICMPGUARD_TID4_DEST_UNREACH, ICMPGUARD_TID6_DEST_UNREACH },
	{ ICMPGUARD_TID4_TIME_EXCEEDED, ICMPGUARD_TID6_TIME_EXCEEDED },
	{ ICMPGUARD_TID4_PARAM_PROBLEM, ICMPGUARD_TID6_PARAM_PROBLEM },
	{ ICMPGUARD_TID4_EXT_ECHO_REQUEST, ICMPGUARD_TID6_EXT_ECHO_REQUEST },
	{ ICMPGUARD_TID4_EXT_ECHO_REPLY, ICMPGUARD_TID6_EXT_ECHO_REPLY },
};

/* These are twins, and no others are. */
static void types_twins(struct kunit *test)
{
	unsigned int tid, twins = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(twin_cases); i++) {
		KUNIT_EXPECT_EQ(test, icmpguard_type_twin(twin_cases[i].a), twin_cases[i].b);
		KUNIT_EXPECT_EQ(test, icmpguard_type_twin(twin_cases[i].b), twin_cases[i].a);
	}
	for (tid = 0; tid < ICMPGUARD_TIDS; tid++)
		twins += icmpguard_type_twin(tid) >= 0;
	KUNIT_EXPECT_EQ(test, (size_t)twins, 2 * ARRAY_SIZE(twin_cases));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(types_icmp, expected4_gen_params),
	KUNIT_CASE_PARAM(types_icmpv6, expected6_gen_params),
	KUNIT_CASE(types_every_number),
	KUNIT_CASE(types_count),
	KUNIT_CASE(types_find_refuses),
	KUNIT_CASE(types_names_unique),
	KUNIT_CASE(types_totals),
	KUNIT_CASE(types_pseudo_first),
	KUNIT_CASE(types_twins),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-types",
	.test_cases = cases,
};

kunit_test_suite(suite);
