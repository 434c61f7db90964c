// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quoted packets: what is found in each, cut anywhere, and in bytes at random.
 */
#include <linux/prandom.h>
#include <linux/string.h>
#include "packets.h"
#include "../packet.c"
#include "../quote.c"

#define HEADER		BIT(ICMPGUARD_CHECK_QUOTED_HEADER)
#define PROTOCOL	BIT(ICMPGUARD_CHECK_QUOTED_PROTOCOL)
#define SOURCE		BIT(ICMPGUARD_CHECK_QUOTED_SOURCE)
#define ERROR		BIT(ICMPGUARD_CHECK_QUOTED_ERROR)
#define FRAGMENT	BIT(ICMPGUARD_CHECK_QUOTED_FRAGMENT)
#define MULTICAST	BIT(ICMPGUARD_CHECK_QUOTED_MULTICAST)
#define EXTENSION	BIT(ICMPGUARD_CHECK_QUOTED_EXTENSION)

#define ROOM		512

static void put16(u16 value, void *to)
{
	__be16 wire = cpu_to_be16(value);

	memcpy(to, &wire, sizeof(wire));
}

static void put32(u32 value, void *to)
{
	__be32 wire = cpu_to_be32(value);

	memcpy(to, &wire, sizeof(wire));
}

/* 192.0.2.2, whom errors are for, and 203.0.113.9 */
#define HOST4		0xc0000202U
#define PEER4		0xcb007109U

/**
 * struct case4 - an ICMP error
 * @name: of the case
 * @tid: the type
 * @code: the code
 * @length: RFC 4884's, in words of four bytes
 * @bytes: how much is quoted, zeros after the headers; 0: headers and eight
 * @version: of the quoted packet and bytes of its header / 4; 0: 0x45
 * @total: its length; 0: 84
 * @frag_off: its fragment field
 * @protocol: its protocol; 0: UDP
 * @inner: the byte after its header
 * @src: 0: HOST4
 * @dst: 0: PEER4
 * @tail: bytes after what is quoted
 * @tails: how many
 * @found: what is to be found
 */
struct case4 {
	const char *name;
	u8 tid;
	u8 code;
	u8 length;
	u16 bytes;
	u8 version;
	u16 total;
	u16 frag_off;
	u8 protocol;
	u8 inner;
	u32 src;
	u32 dst;
	u8 tail[40];
	u8 tails;
	u32 found;
};

#define UNREACH		.tid = ICMPGUARD_TID4_DEST_UNREACH
#define EXCEEDED	.tid = ICMPGUARD_TID4_TIME_EXCEEDED
#define TAIL(...)	.tail = { __VA_ARGS__ }, .tails = sizeof((u8[]) { __VA_ARGS__ })

static const struct case4 cases4[] = {
	{ "UDP", UNREACH },
	{ "TCP, all of it", UNREACH, .protocol = 6, .bytes = 84 },
	{ "an echo request", EXCEEDED, .protocol = 1, .inner = 8 },
	{ "an echo reply", EXCEEDED, .protocol = 1, .inner = 0 },
	{ "redirect", .tid = ICMPGUARD_TID4_REDIRECT },
	{ "source quench", .tid = ICMPGUARD_TID4_SOURCE_QUENCH },
	{ "parameter problem", .tid = ICMPGUARD_TID4_PARAM_PROBLEM },
	{ "a first fragment", EXCEEDED, .frag_off = 0x2000 },
	{ "40 bytes of options", UNREACH, .version = 0x4f },
	{ "nothing after the header, as the packet", UNREACH, .total = 20, .bytes = 20 },
	{ "four bytes, as the packet", UNREACH, .total = 24, .bytes = 24 },
	{ "a length that the sender spoiled", UNREACH, .total = 4 },
	{ "the last number assigned", UNREACH, .protocol = 147 },
	{ "an experiment's number", UNREACH, .protocol = 254 },
	{ "nothing quoted", UNREACH, .bytes = 0xffff, .found = HEADER },
	{ "one byte short of a header", UNREACH, .bytes = 19, .found = HEADER },
	{ "a header alone", UNREACH, .bytes = 20, .found = HEADER },
	{ "seven bytes", UNREACH, .bytes = 27, .found = HEADER },
	{ "seven bytes, a length spoiled", UNREACH, .total = 0xffff, .bytes = 27,
	  .found = HEADER },
	{ "options cut short", UNREACH, .version = 0x4f, .bytes = 56, .found = HEADER },
	{ "IPv6 in ICMP", UNREACH, .version = 0x65, .found = HEADER },
	{ "a header of four words", UNREACH, .version = 0x44, .found = HEADER },
	{ "an unassigned protocol", UNREACH, .protocol = 148, .found = PROTOCOL },
	{ "protocol 255", UNREACH, .protocol = 255, .found = PROTOCOL },
	{ "another host's packet", UNREACH, .src = 0xc0000203, .found = SOURCE },
	{ "about destination unreachable", UNREACH, .protocol = 1, .inner = 3, .found = ERROR },
	{ "about source quench", UNREACH, .protocol = 1, .inner = 4, .found = ERROR },
	{ "about redirect", UNREACH, .protocol = 1, .inner = 5, .found = ERROR },
	{ "about time exceeded", EXCEEDED, .protocol = 1, .inner = 11, .found = ERROR },
	{ "about parameter problem", EXCEEDED, .protocol = 1, .inner = 12, .found = ERROR },
	{ "type 3 of another protocol", UNREACH, .protocol = 17, .inner = 3 },
	{ "a later fragment", EXCEEDED, .frag_off = 1, .found = FRAGMENT },
	{ "a later fragment isn't read as a message", EXCEEDED, .frag_off = 0x2001,
	  .protocol = 1, .inner = 3, .found = FRAGMENT },
	{ "to a group", UNREACH, .dst = 0xe0000001, .found = MULTICAST },
	{ "from a group", UNREACH, .src = 0xe0000001, .found = MULTICAST | SOURCE },
	{ "from 0.0.0.1, which may be a host", UNREACH, .src = 1, .found = SOURCE },
	{ "from the loopback", UNREACH, .src = 0x7f000001, .found = MULTICAST | SOURCE },
	{ "from class E", UNREACH, .src = 0xf0000001, .found = MULTICAST | SOURCE },
	{ "all at once", UNREACH, .src = 0xe0000001, .protocol = 200, .frag_off = 1,
	  .bytes = 20, .found = HEADER | PROTOCOL | SOURCE | FRAGMENT | MULTICAST },
	{ "an extension of one object", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4) },
	{ "an extension of two objects", EXCEEDED, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4, 0, 4, 3, 1) },
	{ "an extension without objects", EXCEEDED, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0) },
	{ "a length, and no extension", EXCEEDED, .length = 7, .bytes = 28 },
	{ "a message that has no length there", .tid = ICMPGUARD_TID4_REDIRECT, .length = 32 },
	{ "a length past the end", UNREACH, .length = 33, .bytes = 128, .found = EXTENSION },
	{ "a length that cuts the quote short", UNREACH, .length = 5, .bytes = 28,
	  .found = EXTENSION | HEADER },
	{ "an extension too early", UNREACH, .length = 31, .bytes = 124,
	  TAIL(0x20, 0, 0, 0), .found = EXTENSION },
	{ "an extension cut short", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0), .found = EXTENSION },
	{ "an extension of version 1", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x10, 0, 0, 0), .found = EXTENSION },
	{ "an object of no length", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 0, 1, 1), .found = EXTENSION },
	{ "an object of three bytes", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 3, 1), .found = EXTENSION },
	{ "an object past the end", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 9, 1, 1, 1, 2, 3, 4), .found = EXTENSION },
	{ "bytes after the last object", UNREACH, .length = 32, .bytes = 128,
	  TAIL(0x20, 0, 0, 0, 0, 4, 1, 1, 1, 2), .found = EXTENSION },
};

static void case4_name(const struct case4 *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quote4, cases4, case4_name);

/* Return: bytes of the message. */
static u32 write4(const struct case4 *c, u8 *bytes)
{
	u8 version = c->version ?: 0x45;
	u32 quoted = c->bytes == 0xffff ? 0 : c->bytes ?: (version & 15) * 4 + 8;
	u8 *ip = bytes + 8;

	memset(bytes, 0, ROOM);
	bytes[1] = c->code;
	bytes[5] = c->length;
	ip[0] = version;
	put16(c->total ?: 84, ip + 2);
	put16(c->frag_off, ip + 6);
	ip[9] = c->protocol ?: IPPROTO_UDP;
	put32(c->src ?: HOST4, ip + 12);
	put32(c->dst ?: PEER4, ip + 16);
	ip[(version & 15) * 4] = c->inner;
	memcpy(ip + quoted, c->tail, c->tails);
	return 8 + quoted + c->tails;
}

/* Whether one look is enough to say that nothing can be found */
static bool is_clean(const struct message *message, const struct icmpguard_addr *dst)
{
	const u8 *header = skb_network_header(message->skb);
	unsigned int length = icmpguard_packet_linear(message->skb);
	unsigned int offset = message->packet.offset;

	if (message->packet.v6) {
		ipv6_hdr(message->skb)->daddr = icmpguard_addr_to_in6(dst);
		return message->packet.tid != ICMPGUARD_TID6_ND_REDIRECT &&
		       icmpguard_quote_is_clean6(header, length, offset, message->packet.size);
	}
	ip_hdr(message->skb)->daddr = htonl(dst->lo);
	return icmpguard_quote_is_clean4(header, length, offset, message->packet.size, 0);
}

static u32 find(struct kunit *test, u8 tid, const u8 *bytes, u32 size,
		const struct icmpguard_addr *dst)
{
	struct icmpguard_quote quote;
	struct message message;
	u32 found;

	message_init(test, &message, tid, bytes, size);
	icmpguard_quote_read(message.skb, &message.packet, &quote);
	found = icmpguard_quote_find(&quote, &message.packet, dst);
	if (found)
		KUNIT_EXPECT_FALSE(test, is_clean(&message, dst));
	message_free(&message);
	return found;
}

static bool looks_clean(struct kunit *test, u8 tid, const u8 *bytes, u32 size,
			const struct icmpguard_addr *dst)
{
	struct message message;
	bool clean;

	message_init(test, &message, tid, bytes, size);
	clean = is_clean(&message, dst);
	message_free(&message);
	return clean;
}

static void quote4(struct kunit *test)
{
	static const struct icmpguard_addr host = { .lo = HOST4 };
	const struct case4 *c = test->param_value;
	u8 *bytes = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	u32 size, cut;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	size = write4(c, bytes);
	KUNIT_EXPECT_EQ(test, find(test, c->tid, bytes, size, &host), c->found);
	/* Wherever it ends, nothing after it is read. */
	for (cut = 8; cut < size; cut++)
		find(test, c->tid, bytes, cut, &host);
	/* Less than a header and eight bytes is too little of a packet of 84. */
	if (!c->total && c->tid == ICMPGUARD_TID4_DEST_UNREACH)
		for (cut = 8; cut < min(size, 8U + 27); cut++)
			KUNIT_EXPECT_TRUE(test, HEADER & find(test, c->tid, bytes, cut, &host));
}

/**
 * struct case6 - an ICMPv6 error
 * @name: of the case
 * @tid: the type
 * @code: the code
 * @length: RFC 4884's, in units of eight bytes
 * @short_by: bytes that are missing at the quote's end
 * @version: of the quoted packet; 0: 6
 * @payload: its payload length; 0: 64
 * @next: its next header; 0: what @chain begins with, or UDP
 * @chain: its extension headers, each of eight bytes
 * @chains: how many bytes
 * @inner: the byte after them
 * @from_other: not from whom the error is for
 * @to_group: it is for a group
 * @from_nobody: it is from the unspecified address
 * @padding: zeros after the eight bytes that follow its headers
 * @tail: bytes after what is quoted
 * @tails: how many
 * @found: what is to be found
 */
struct case6 {
	const char *name;
	u8 tid;
	u8 code;
	u8 length;
	u8 short_by;
	u8 version;
	u16 payload;
	u8 next;
	u8 chain[272];
	u16 chains;
	u8 inner;
	bool from_other;
	bool to_group;
	bool from_nobody;
	u8 padding;
	u8 tail[16];
	u8 tails;
	u32 found;
};

#define UNREACH6	.tid = ICMPGUARD_TID6_DEST_UNREACH
#define BIG6		.tid = ICMPGUARD_TID6_PACKET_TOO_BIG
#define EXCEEDED6	.tid = ICMPGUARD_TID6_TIME_EXCEEDED
#define PROBLEM6	.tid = ICMPGUARD_TID6_PARAM_PROBLEM
#define CHAIN(...)	.chain = { __VA_ARGS__ }, .chains = sizeof((u8[]) { __VA_ARGS__ })
#define OPTION(next)	(next), 0, 1, 4, 0, 0, 0, 0
#define OPTIONS8	OPTION(60), OPTION(60), OPTION(60), OPTION(60), \
			OPTION(60), OPTION(60), OPTION(60), OPTION(60)

static const struct case6 cases6[] = {
	{ "UDP", UNREACH6 },
	{ "TCP", BIG6, .next = 6 },
	{ "an echo request", EXCEEDED6, .next = 58, .inner = 128 },
	{ "neighbour discovery but redirect", EXCEEDED6, .next = 58, .inner = 136 },
	{ "after a destination option", PROBLEM6, .next = 60, CHAIN(OPTION(17)) },
	{ "after seven headers", PROBLEM6, .next = 60,
	  CHAIN(OPTION(60), OPTION(60), OPTION(60), OPTION(60), OPTION(60), OPTION(60),
		OPTION(17)) },
	{ "a first fragment", EXCEEDED6, .next = 44, CHAIN(17, 0, 0, 1, 0, 0, 0, 7) },
	{ "a later fragment", EXCEEDED6, .next = 44, CHAIN(58, 0, 0, 8, 0, 0, 0, 7),
	  .inner = 1, .short_by = 8 },
	{ "no next header", UNREACH6, .next = 59, .short_by = 8 },
	{ "four bytes, as the packet", UNREACH6, .payload = 4, .short_by = 4 },
	{ "a jumbogram", BIG6, .next = 60, CHAIN(OPTION(17)), .payload = 0xffff },
	{ "to a group, and too big", BIG6, .to_group = true },
	{ "to a group, and an option unknown", PROBLEM6, .code = 2, .to_group = true },
	{ "to a group", UNREACH6, .to_group = true, .found = MULTICAST },
	{ "to a group, and another problem", PROBLEM6, .code = 1, .to_group = true,
	  .found = MULTICAST },
	{ "from no address", UNREACH6, .from_nobody = true, .found = MULTICAST | SOURCE },
	{ "seven bytes", UNREACH6, .short_by = 1, .found = HEADER },
	{ "one byte short of a header", UNREACH6, .short_by = 9, .found = HEADER },
	{ "IPv4 in ICMPv6", UNREACH6, .version = 4, .found = HEADER },
	{ "a chain cut short", PROBLEM6, .next = 60, CHAIN(OPTION(17)), .short_by = 9,
	  .found = HEADER },
	{ "a header longer than the quote", PROBLEM6, .next = 60, CHAIN(17, 200, 1, 4, 0, 0, 0, 0),
	  .found = HEADER },
	{ "a chain that doesn't end", PROBLEM6, .next = 60,
	  CHAIN(OPTIONS8, OPTIONS8, OPTIONS8, OPTIONS8, OPTION(60), OPTION(17)),
	  .found = HEADER },
	{ "an unassigned protocol", UNREACH6, .next = 252, .found = PROTOCOL },
	{ "an unassigned protocol after an option", UNREACH6, .next = 60, CHAIN(OPTION(200)),
	  .found = PROTOCOL },
	{ "another host's packet", UNREACH6, .from_other = true, .found = SOURCE },
	{ "about an error", UNREACH6, .next = 58, .inner = 1, .found = ERROR },
	{ "about an error of tomorrow's", UNREACH6, .next = 58, .inner = 127, .found = ERROR },
	{ "about a redirect", UNREACH6, .next = 58, .inner = 137, .found = ERROR },
	{ "about an error after an option", UNREACH6, .next = 60, CHAIN(OPTION(58)), .inner = 3,
	  .found = ERROR },
	{ "an extension", EXCEEDED6, .length = 16, .padding = 80,
	  TAIL(0x20, 0, 0, 0, 0, 8, 1, 1, 1, 2, 3, 4) },
	{ "an extension too early", EXCEEDED6, .length = 15, .padding = 72,
	  TAIL(0x20, 0, 0, 0), .found = EXTENSION },
	{ "an extension of version 0", UNREACH6, .length = 16, .padding = 80,
	  TAIL(0, 0, 0, 0), .found = EXTENSION },
	{ "a length past the end", UNREACH6, .length = 17, .padding = 80, .found = EXTENSION },
	{ "a message that has no length there", BIG6, .length = 17 },
};

static void case6_name(const struct case6 *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quote6, cases6, case6_name);

static const u8 host6[16] = { 0x20, 1, 0xd, 0xb8, 0, 0xb, [15] = 2 };
static const u8 peer6[16] = { 0x20, 1, 0xd, 0xb8, 0, 0xc, [15] = 9 };
static const u8 group6[16] = { 0xff, 2, [15] = 1 };

static u32 write6(const struct case6 *c, u8 *bytes)
{
	u8 *ip = bytes + 8, *end;

	memset(bytes, 0, ROOM);
	bytes[1] = c->code;
	bytes[4] = c->length;
	ip[0] = (c->version ?: 6) << 4;
	if (c->payload != 0xffff)
		put16(c->payload ?: 64, ip + 4);
	ip[6] = c->next ?: IPPROTO_UDP;
	if (!c->from_nobody)
		memcpy(ip + 8, c->from_other ? peer6 : host6, 16);
	memcpy(ip + 24, c->to_group ? group6 : peer6, 16);
	memcpy(ip + 40, c->chain, c->chains);
	ip[40 + c->chains] = c->inner;
	end = ip + 40 + c->chains + 8 - c->short_by + c->padding;
	memcpy(end, c->tail, c->tails);
	return end + c->tails - bytes;
}

static struct icmpguard_addr addr6(const u8 *bytes)
{
	struct in6_addr in6;

	memcpy(&in6, bytes, sizeof(in6));
	return icmpguard_addr_from_in6(&in6);
}

static void quote6(struct kunit *test)
{
	const struct icmpguard_addr host = addr6(host6);
	const struct case6 *c = test->param_value;
	u8 *bytes = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	u32 size, cut;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	size = write6(c, bytes);
	KUNIT_EXPECT_EQ(test, find(test, c->tid, bytes, size, &host), c->found);
	for (cut = 8; cut < size; cut++)
		find(test, c->tid, bytes, cut, &host);
}

/*
 * One look shows of the usual quotes that nothing is wrong, and of none that is
 * a bit different that it is so where something is: find() looks at both.
 */
static void quote_clean(struct kunit *test)
{
	static const struct case4 usual4[] = {
		{ "UDP", UNREACH }, { "TCP", EXCEEDED, .protocol = 6, .bytes = 84 },
		{ "echo", EXCEEDED, .protocol = 1, .inner = 8 },
		{ "reply", EXCEEDED, .protocol = 1, .inner = 0 },
	};
	static const struct case6 usual6[] = {
		{ "UDP", UNREACH6 }, { "TCP", BIG6, .next = 6 },
		{ "echo", EXCEEDED6, .next = 58, .inner = 128 },
		{ "reply", EXCEEDED6, .next = 58, .inner = 129 },
	};
	const struct icmpguard_addr host4 = { .lo = HOST4 }, host = addr6(host6);
	u8 *bytes = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	struct message message;
	const u8 *header;
	unsigned int length;
	u32 i, bit, size;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	for (i = 0; i < ARRAY_SIZE(usual4); i++) {
		size = write4(&usual4[i], bytes);
		KUNIT_EXPECT_TRUE(test, looks_clean(test, usual4[i].tid, bytes, size, &host4));
		for (bit = 0; bit < 8 * size; bit++) {
			bytes[bit / 8] ^= BIT(bit % 8);
			find(test, usual4[i].tid, bytes, size, &host4);
			bytes[bit / 8] ^= BIT(bit % 8);
		}
	}
	for (i = 0; i < ARRAY_SIZE(usual6); i++) {
		size = write6(&usual6[i], bytes);
		KUNIT_EXPECT_TRUE(test, looks_clean(test, usual6[i].tid, bytes, size, &host));
		for (bit = 0; bit < 8 * size; bit++) {
			bytes[bit / 8] ^= BIT(bit % 8);
			find(test, usual6[i].tid, bytes, size, &host);
			bytes[bit / 8] ^= BIT(bit % 8);
		}
	}
	/* To where a broadcast may be: that takes more than a look. */
	size = write4(&usual4[0], bytes);
	message_init(test, &message, usual4[0].tid, bytes, size);
	ip_hdr(message.skb)->daddr = htonl(HOST4);
	header = skb_network_header(message.skb);
	length = message.packet.offset + size;
	KUNIT_EXPECT_FALSE(test, icmpguard_quote_is_clean4(header, length, message.packet.offset,
							   size, BIT_ULL(PEER4 & 63)));
	KUNIT_EXPECT_TRUE(test, icmpguard_quote_is_clean4(header, length, message.packet.offset,
							  size, 0));
	/* And what is out of reach isn't read at all. */
	length = message.packet.offset + 8 + sizeof(struct iphdr) + ICMPGUARD_QUOTE_TRANSPORT - 1;
	KUNIT_EXPECT_FALSE(test, icmpguard_quote_is_clean4(header, length, message.packet.offset,
							   size, 0));
	message_free(&message);
}

/* A redirect's quote is in an option of its own, or there is none. */
static void quote_redirect(struct kunit *test)
{
	const struct icmpguard_addr host = addr6(host6), other = addr6(peer6);
	static const struct case6 quoted = { "quoted", UNREACH6 };
	u8 *bytes = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	u8 *inner = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	const u8 tid = ICMPGUARD_TID6_ND_REDIRECT;
	u32 size;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, inner);
	/* Nothing but the header, or an option that isn't the one */
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 40, &host), 0U);
	bytes[40] = 2;
	bytes[41] = 1;
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 48, &host), 0U);
	/* And then the one, of eight bytes and the quote */
	size = write6(&quoted, inner) - 8;
	bytes[48] = 4;
	bytes[49] = size / 8 + 1;
	memcpy(bytes + 56, inner + 8, size);
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 56 + size, &host), 0U);
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 56 + size, &other), (u32)SOURCE);
	/* What lies past the end isn't there; an option of no length ends it all. */
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 55 + size, &other), 0U);
	bytes[49] = 4;
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 80, &other), (u32)HEADER);
	bytes[41] = 0;
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, 56 + size, &other), 0U);
	/* No more options than are walked */
	for (size = 40; size < 40 + 8 * REDIRECT_OPTIONS_MAX; size += 8) {
		bytes[size] = 2;
		bytes[size + 1] = 1;
	}
	bytes[size] = 4;
	bytes[size + 1] = 1;
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, size + 8, &other), 0U);
	bytes[size - 8] = 4;
	KUNIT_EXPECT_EQ(test, find(test, tid, bytes, size + 8, &other), (u32)HEADER);
}

static void quote_random(struct kunit *test)
{
	static const u8 tids[] = {
		ICMPGUARD_TID4_DEST_UNREACH, ICMPGUARD_TID4_REDIRECT, ICMPGUARD_TID4_PARAM_PROBLEM,
		ICMPGUARD_TID6_DEST_UNREACH, ICMPGUARD_TID6_PACKET_TOO_BIG,
		ICMPGUARD_TID6_PARAM_PROBLEM, ICMPGUARD_TID6_ND_REDIRECT,
	};
	const struct icmpguard_addr host = addr6(host6);
	u8 *bytes = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	const u32 all = HEADER | PROTOCOL | SOURCE | ERROR | FRAGMENT | MULTICAST | EXTENSION;
	struct rnd_state random;
	u32 n, known = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bytes);
	prandom_seed_state(&random, 1);
	for (n = 0; n < 20000; n++) {
		u8 tid = tids[n % ARRAY_SIZE(tids)];

		prandom_bytes_state(&random, bytes, ROOM);
		/* Often enough a header that is read on, and a chain */
		bytes[8] = icmpguard_tid_is_v6(tid) ? 0x60 : 0x40 | (bytes[8] & 15);
		if (bytes[9] & 1)
			bytes[14] = 60;
		known |= find(test, tid, bytes, 8 + prandom_u32_state(&random) % (ROOM - 8),
			      &host);
	}
	KUNIT_EXPECT_EQ(test, known & ~all, 0U);
	KUNIT_EXPECT_EQ(test, known & (HEADER | SOURCE | EXTENSION), HEADER | SOURCE | EXTENSION);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(quote4, quote4_gen_params),
	KUNIT_CASE_PARAM(quote6, quote6_gen_params),
	KUNIT_CASE(quote_clean),
	KUNIT_CASE(quote_redirect),
	KUNIT_CASE(quote_random),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-quote",
	.test_cases = cases,
};

kunit_test_suite(suite);
