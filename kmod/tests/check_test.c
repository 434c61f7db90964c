// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: MTUs, options of router advertisements, and settings.
 */
#include <linux/string.h>
#include "packets.h"
#include "../scope.c"
#include "../reverse.c"
#include "../stats.c"
#include "../check.c"

#define SMALL	FOUND(MTU_SMALL)
#define ZERO	FOUND(MTU_ZERO)
#define OPTION	FOUND(RA_OPTION)
#define LENGTH	FOUND(RA_OPTION_LENGTH)

struct mtu_case {
	const char *name;
	u8 tid;
	u8 code;
	u32 word;
	u32 found;
};

static const struct mtu_case mtu_cases[] = {
	{ "none", ICMPGUARD_TID4_DEST_UNREACH, 4, 0, ZERO },
	{ "none, and bytes of RFC 4884's", ICMPGUARD_TID4_DEST_UNREACH, 4, 0x200000, ZERO },
	{ "1", ICMPGUARD_TID4_DEST_UNREACH, 4, 1, SMALL },
	{ "67", ICMPGUARD_TID4_DEST_UNREACH, 4, 67, SMALL },
	{ "68", ICMPGUARD_TID4_DEST_UNREACH, 4, 68, 0 },
	{ "552", ICMPGUARD_TID4_DEST_UNREACH, 4, 552, 0 },
	{ "65535", ICMPGUARD_TID4_DEST_UNREACH, 4, 65535, 0 },
	{ "of another code", ICMPGUARD_TID4_DEST_UNREACH, 3, 67, 0 },
	{ "IPv6: 0", ICMPGUARD_TID6_PACKET_TOO_BIG, 0, 0, SMALL },
	{ "IPv6: 1279", ICMPGUARD_TID6_PACKET_TOO_BIG, 0, 1279, SMALL },
	{ "IPv6: 1280", ICMPGUARD_TID6_PACKET_TOO_BIG, 0, 1280, 0 },
	{ "IPv6: any code", ICMPGUARD_TID6_PACKET_TOO_BIG, 9, 68, SMALL },
	{ "IPv6: all 32 bits", ICMPGUARD_TID6_PACKET_TOO_BIG, 0, 0x10000, 0 },
};

static void mtu_name(const struct mtu_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mtu, mtu_cases, mtu_name);

static void check_mtu(struct kunit *test)
{
	const struct mtu_case *c = test->param_value;
	u8 bytes[8] = { [1] = c->code };
	struct message message;

	*(__be32 *)(bytes + 4) = cpu_to_be32(c->word);
	message_init(test, &message, c->tid, bytes, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, icmpguard_tid_is_v6(c->tid) ?
			find_mtu6(message.skb, &message.packet) :
			find_mtu4(message.skb, &message.packet), c->found);
	message_free(&message);
}

/**
 * struct option_case - options of a router advertisement
 * @name: of the case
 * @option: type and length of each, zeros after them
 * @size: bytes of them all; 0: as their lengths say
 * @found: what is to be found
 */
struct option_case {
	const char *name;
	u8 option[6][2];
	u32 size;
	u32 found;
};

static const struct option_case option_cases[] = {
	{ "none", {}, 0, 0 },
	{ "a link address", { { 1, 1 } }, 0, 0 },
	{ "what routers send", { { 1, 1 }, { 3, 4 }, { 5, 1 }, { 25, 3 }, { 31, 2 }, { 24, 3 } },
	  0, 0 },
	{ "unknown ones", { { 200, 1 }, { 0, 3 }, { 255, 20 } }, 0, 0 },
	{ "RDNSS of two addresses", { { 25, 5 } }, 0, 0 },
	{ "route information of each length", { { 24, 1 }, { 24, 2 }, { 24, 3 } }, 0, 0 },
	{ "length zero", { { 1, 0 } }, 8, OPTION },
	{ "length zero after others", { { 1, 1 }, { 3, 4 }, { 5, 0 } }, 48, OPTION },
	{ "one byte", { { 1, 1 } }, 1, OPTION },
	{ "one byte after another", { { 1, 1 } }, 9, OPTION },
	{ "past the end", { { 1, 2 } }, 8, OPTION },
	{ "past the end by a byte", { { 3, 4 } }, 31, OPTION },
	{ "RDNSS of even length", { { 25, 4 } }, 0, LENGTH },
	{ "RDNSS without an address", { { 25, 1 } }, 0, LENGTH },
	{ "RDNSS of length 2", { { 25, 2 } }, 0, LENGTH },
	{ "DNSSL without a name", { { 31, 1 } }, 0, LENGTH },
	{ "prefix information of 3", { { 3, 3 } }, 0, LENGTH },
	{ "prefix information of 5", { { 3, 5 } }, 0, LENGTH },
	{ "MTU of 2", { { 5, 2 } }, 0, LENGTH },
	{ "route information of 4", { { 24, 4 } }, 0, LENGTH },
	{ "two of them wrong", { { 25, 2 }, { 1, 1 }, { 31, 1 } }, 0, LENGTH },
	{ "a wrong one before one past the end", { { 25, 2 }, { 1, 2 } }, 24, LENGTH | OPTION },
};

static void option_name(const struct option_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(option, option_cases, option_name);

static u32 find_in(struct kunit *test, const u8 *bytes, u32 size)
{
	struct message message;
	u32 found;

	message_init(test, &message, ICMPGUARD_TID6_ND_ROUTER_ADVERT, bytes, size);
	found = find_option(message.skb, &message.packet);
	message_free(&message);
	return found;
}

static void check_option(struct kunit *test)
{
	const struct option_case *c = test->param_value;
	u8 *bytes = kunit_kzalloc(test, 1024, GFP_KERNEL);
	u32 at = RA_HEADER, i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	for (i = 0; i < ARRAY_SIZE(c->option); i++) {
		bytes[at] = c->option[i][0];
		bytes[at + 1] = c->option[i][1];
		at += c->option[i][1] * 8;
	}
	KUNIT_EXPECT_EQ(test, find_in(test, bytes, c->size ? RA_HEADER + c->size : at), c->found);
}

static void check_option_bounds(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, RA_HEADER + 8 * (OPTIONS_MAX + 1), GFP_KERNEL);
	u32 size;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	/* Shorter than its own header */
	for (size = 8; size < RA_HEADER; size++)
		KUNIT_EXPECT_EQ(test, find_in(test, bytes, size), (u32)OPTION);
	KUNIT_EXPECT_EQ(test, find_in(test, bytes, RA_HEADER), 0U);
	/* As many as fit 1500 bytes; as many as are walked; more */
	for (size = RA_HEADER; size < RA_HEADER + 8 * (OPTIONS_MAX + 1); size += 8) {
		bytes[size] = 1;
		bytes[size + 1] = 1;
	}
	KUNIT_EXPECT_EQ(test, find_in(test, bytes, RA_HEADER + 8 * 180), 0U);
	KUNIT_EXPECT_EQ(test, find_in(test, bytes, RA_HEADER + 8 * (OPTIONS_MAX - 1)), 0U);
	KUNIT_EXPECT_EQ(test, find_in(test, bytes, RA_HEADER + 8 * (OPTIONS_MAX + 1)),
			(u32)OPTION);
}

static void check_masks(struct kunit *test)
{
	u8 actions[__ICMPGUARD_CHECK_MAX];
	u16 counted, dropped;
	unsigned int i;

	icmpguard_check_defaults(actions);
	icmpguard_check_masks(actions, &counted, &dropped);
	KUNIT_EXPECT_EQ(test, (u32)dropped, (u32)(SMALL | OPTION));
	/* Every packet would pay for a look at the route back. */
	KUNIT_EXPECT_EQ(test, (u32)(counted | dropped),
			((u32)BIT(__ICMPGUARD_CHECK_MAX) - 1) & ~FOUND(REVERSE_PATH));
	KUNIT_EXPECT_EQ(test, counted & dropped, 0);
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++) {
		memset(actions, ICMPGUARD_CHECK_OFF, sizeof(actions));
		actions[i] = ICMPGUARD_CHECK_DROP;
		icmpguard_check_masks(actions, &counted, &dropped);
		KUNIT_EXPECT_EQ(test, (u32)counted, 0U);
		KUNIT_EXPECT_EQ(test, (u32)dropped, (u32)BIT(i));
		/* A check that is made keeps the types that it looks at. */
		KUNIT_EXPECT_NE(test, icmpguard_check_types(0x1ff, dropped) & 0x1f0, 0);
	}
	KUNIT_EXPECT_EQ(test, icmpguard_check_types(0x1ff, 0), 0x0f);
	KUNIT_EXPECT_EQ(test, icmpguard_check_types(0x1ff, SMALL), 0x0f | ICMPGUARD_TYPE_MTU);
	KUNIT_EXPECT_EQ(test, icmpguard_check_types(0x1ff, FOUND(QUOTED_EXTENSION)),
			0x0f | ICMPGUARD_TYPE_QUOTES);
	KUNIT_EXPECT_EQ(test, icmpguard_check_types(0x1ff, FOUND(REVERSE_PATH)),
			0x0f | ICMPGUARD_TYPE_ROUTED);
}

/* A check, its reason and its note have one name and one place. */
static void check_names_agree(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++) {
		const char *reason = icmpguard_reason_name(ICMPGUARD_REASON_CHECK_FIRST + i);
		const char *note = icmpguard_reason_name(ICMPGUARD_REASON_NOTED_FIRST + i);

		KUNIT_EXPECT_STREQ(test, reason, icmpguard_check_name(i));
		KUNIT_EXPECT_TRUE(test, strstarts(note, "noted-"));
		KUNIT_EXPECT_STREQ(test, note + 6, icmpguard_check_name(i));
		KUNIT_EXPECT_EQ(test, icmpguard_reason_class(ICMPGUARD_REASON_CHECK_FIRST + i),
				(u32)ICMPGUARD_COUNTER_DROP);
		KUNIT_EXPECT_EQ(test, icmpguard_reason_class(ICMPGUARD_REASON_NOTED_FIRST + i),
				(u32)ICMPGUARD_COUNTER_NOTE);
	}
	KUNIT_EXPECT_STREQ(test, icmpguard_check_name(ICMPGUARD_CHECK_MTU_ZERO), "mtu-zero");
	KUNIT_EXPECT_STREQ(test, icmpguard_check_name(ICMPGUARD_CHECK_RA_OPTION), "ra-option");
	KUNIT_EXPECT_STREQ(test, icmpguard_check_name(ICMPGUARD_CHECK_QUOTED_SOURCE),
			   "quoted-source");
	KUNIT_EXPECT_STREQ(test, icmpguard_check_name(ICMPGUARD_CHECK_ECHO_MULTICAST),
			   "echo-multicast");
	KUNIT_EXPECT_STREQ(test, icmpguard_check_name(ICMPGUARD_CHECK_REVERSE_PATH),
			   "reverse-path");
}

static void check_broadcast_bits(struct kunit *test)
{
	struct in_ifaddr ifa = {
		.ifa_address = htonl(0xc0000201), .ifa_mask = htonl(0xffffff00),
		.ifa_broadcast = htonl(0xc00002ff),
	};

	KUNIT_EXPECT_EQ(test, icmpguard_broadcast_bits(&ifa), BIT_ULL(63));
	/* One that was set by hand, in a network of four */
	ifa.ifa_mask = htonl(0xfffffffc);
	ifa.ifa_broadcast = htonl(0xc0000200);
	KUNIT_EXPECT_EQ(test, icmpguard_broadcast_bits(&ifa), BIT_ULL(0) | BIT_ULL(3));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(check_mtu, mtu_gen_params),
	KUNIT_CASE_PARAM(check_option, option_gen_params),
	KUNIT_CASE(check_option_bounds),
	KUNIT_CASE(check_masks),
	KUNIT_CASE(check_names_agree),
	KUNIT_CASE(check_broadcast_bits),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-check",
	.test_cases = cases,
};

kunit_test_suite(suite);
