// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: the parser's result, compared with a second parser written from the
 * same RFCs. It must not matter which bytes of the packet are linear.
 *
 * A case is: its family, where the linear part ends, the packet. The checks of
 * ip_rcv() and ip6_rcv_core() are done here.
 */
#include "fuzz.h"
#include <linux/icmp.h>
#include "../../kmod/packet.h"
#include "../../kmod/quote.h"
#include "../../kmod/packet.c"

#define HEADERS_MAX	32	/* README.md: with more than 32 it is dropped */

/**
 * struct reading - what the packet should be read as
 * @parsed: enum icmpguard_parsed
 * @fragment: it is a fragment
 * @start: of a fragment
 * @size: of the message, or the fragment's end
 * @last: the last fragment
 * @type: -1: not known
 * @code: with @type
 */
struct reading {
	enum icmpguard_parsed parsed;
	bool fragment;
	u32 start;
	u32 size;
	bool last;
	int type;
	int code;
};

static u16 be16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

/* Eight bytes of an ICMP header, or four of a message that isn't a fragment, are needed. */
static void read_icmp(struct reading *reading, const u8 *packet, u32 length, u32 at)
{
	reading->parsed = ICMPGUARD_PARSED;
	if (reading->size < 8 || at + 8 > length) {
		reading->parsed = reading->fragment ? ICMPGUARD_PARSED_SHORT :
						      ICMPGUARD_PARSED_TINY;
		if (reading->fragment || reading->size < 4 || at + 4 > length)
			return;
	}
	reading->type = packet[at];
	reading->code = packet[at + 1];
}

static struct reading read4(const u8 *packet, u32 length)
{
	struct reading reading = { .type = -1 };
	u32 header = (packet[0] & 15) * 4;

	reading.start = (be16(packet + 6) & 0x1fff) * 8;
	reading.fragment = be16(packet + 6) & 0x3fff;
	reading.last = reading.fragment && !(packet[6] & 0x20);
	reading.size = be16(packet + 2) - header + reading.start;
	if (reading.start)
		reading.parsed = ICMPGUARD_PARSED;
	else
		read_icmp(&reading, packet, length, header);
	return reading;
}

static struct reading read6(const u8 *packet, u32 length)
{
	struct reading reading = { .type = -1, .parsed = ICMPGUARD_PARSED_CHAIN };
	u32 end = be16(packet + 4) ? 40 + be16(packet + 4) : length;
	u32 at = 40, headers = 0, after = 0, nested = 0, last = 0, before = 0;
	u8 next = packet[6];

	if (next == 58)		/* Nothing between them: its length is what it says. */
		end = 40 + be16(packet + 4);
	while (next == 0 || next == 43 || next == 44 || next == 51 || next == 60) {
		u32 bytes = next == 44 ? 8 : 2;

		if (++headers > HEADERS_MAX || at + bytes > length)
			return reading;
		if (next == 44) {
			reading.start = be16(packet + at + 2) & 0xfff8;
			reading.fragment = be16(packet + at + 2) & 0xfff9;
			reading.last = !(packet[at + 3] & 1);
			nested |= after;
			after = at + 8;
			before = last;
		} else {
			last = at;
			/* Hop-by-hop options come first or not at all. */
			nested |= next == 0 ? after : 0;
			bytes = next == 51 ? (packet[at + 1] + 2) * 4 : (packet[at + 1] + 1) * 8;
		}
		next = packet[at];
		at += bytes;
		if (reading.start)
			break;
	}
	/* Only the first fragment shows what comes after further headers. */
	if (reading.start && !nested && (next == 0 || next == 43 || next == 51 || next == 60)) {
		reading.parsed = ICMPGUARD_PARSED_LATER;
		return reading;
	}
	if (next != 58) {
		reading.parsed = ICMPGUARD_PARSED_OTHER;
		return reading;
	}
	/* Two fragment headers, or more between one and the message than is remembered */
	if (at > end || nested || (reading.fragment && at - after > 2040))
		return reading;
	reading.size = reading.start + end - at;
	/* The kernel's reassembly stores the previous header's offset in a byte. */
	if (reading.fragment && !reading.start && before > 255)
		return reading;
	if (reading.start)
		reading.parsed = ICMPGUARD_PARSED;
	else
		read_icmp(&reading, packet, length, at);
	return reading;
}

/* As the IP layer passes it on. Return: its length, 0 where IP drops it. */
static u32 receive(u8 *packet, u32 length, bool v6)
{
	u32 says;

	if (v6) {
		if (length < 40)
			return 0;
		packet[0] = 0x60 | (packet[0] & 15);
		says = be16(packet + 4);
		if (!says && packet[6] == 0)
			return length;
		if (says + 40 > length) {
			says = length - 40;
			packet[4] = says >> 8;
			packet[5] = says;
		}
		return says + 40;
	}
	if (length < 20 || (packet[0] & 15) < 5 || (packet[0] & 15) * 4U > length)
		return 0;
	packet[0] = 0x40 | (packet[0] & 15);
	packet[9] = 1;
	says = be16(packet + 2);
	if (says > length || says < (packet[0] & 15) * 4U) {
		says = length;
		packet[2] = says >> 8;
		packet[3] = says;
	}
	return says;
}

static bool may_be_icmpv6(u8 next)
{
	return next == 0 || next == 43 || next == 44 || next == 51 || next == 58 || next == 60;
}

/* The hook's choice of a path */
static enum icmpguard_parsed parse(const struct sk_buff *skb, struct icmpguard_packet *packet,
				   bool v6)
{
	if (!v6)
		return be16(skb->data + 6) & 0x3fff ? icmpguard_packet_parse_fragment4(skb, packet) :
						      icmpguard_packet_parse(skb, false, packet);
	if (skb->data[6] != 58)
		return icmpguard_packet_parse_chain(skb, packet);
	return icmpguard_packet_parse(skb, true, packet);
}

/**
 * struct found - what the checks find in the message
 * @quote: of an error
 * @checks: what is wrong with it
 */
struct found {
	struct icmpguard_quote quote;
	u32 checks;
};

/* The hook's quick check passes nothing in which the full checks find something. */
static void look_once(const struct sk_buff *skb, const struct icmpguard_packet *packet,
		      const struct icmpguard_quote *quote)
{
	unsigned int length = icmpguard_packet_linear(skb);
	const u8 *header = skb_network_header(skb);
	struct icmpguard_addr dst;
	u32 checks;

	/* Its quote isn't linear. */
	if (packet->v6 && packet->tid == ICMPGUARD_TID6_ND_REDIRECT)
		return;
	if (packet->v6) {
		const __be32 *to = ipv6_hdr(skb)->daddr.s6_addr32;

		dst.hi = (u64)ntohl(to[0]) << 32 | ntohl(to[1]);
		dst.lo = (u64)ntohl(to[2]) << 32 | ntohl(to[3]);
		if (!icmpguard_quote_is_clean6(header, length, packet->offset, packet->size))
			return;
	} else {
		dst.hi = 0;
		dst.lo = ntohl(ip_hdr(skb)->daddr);
		if (!icmpguard_quote_is_clean4(header, length, packet->offset, packet->size, 0))
			return;
	}
	checks = icmpguard_quote_find(quote, packet, &dst);
	PROMISE(!checks, "seemed clean, but %x", checks);
}

/* An error's quote; the first result is the reference for the others. */
static void look_inside(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			struct found *first)
{
	struct icmpguard_addr dst = { 0, 0x0a000001 };
	struct found found;

	memset(&found, 0, sizeof(found));
	icmpguard_quote_read(skb, packet, &found.quote);
	found.checks = icmpguard_quote_find(&found.quote, packet, &dst);
	if (!skb->data_len)
		*first = found;
	PROMISE(!memcmp(&found, first, sizeof(found)),
		"in pieces another quote is read: %x, not %x", found.checks, first->checks);
	look_once(skb, packet, &found.quote);
}

static void compare(const u8 *bytes, u32 length, u32 head, bool v6, struct found *first)
{
	struct reading reading = v6 ? read6(bytes, length) : read4(bytes, length);
	struct icmpguard_packet packet;
	enum icmpguard_parsed parsed;
	struct sk_buff skb = { .len = length, .data_len = length - head };
	u8 *rest = malloc(length - head + 1);

	skb.data = malloc(head);
	memcpy(skb.data, bytes, head);
	memcpy(rest, bytes + head, length - head);
	skb.rest = rest;
	parsed = parse(&skb, &packet, v6);
	PROMISE(parsed == reading.parsed, "%u in one piece: read as %d, not %d", head, parsed,
		reading.parsed);
	PROMISE(!memcmp(skb.data, bytes, head) && !memcmp(rest, bytes + head, length - head),
		"the packet has been changed");
	if (parsed == ICMPGUARD_PARSED) {
		int tid = reading.type < 0 ? (v6 ? ICMPGUARD_TID6_FRAGMENT : -1) :
			  v6 ? icmpguard_tid6(reading.type) : icmpguard_tid4(reading.type);

		if (tid < 0)
			tid = ICMPGUARD_TID4_FRAGMENT;
		PROMISE(packet.tid == tid, "type %d, not %d", packet.tid, tid);
		PROMISE(reading.type < 0 || packet.code == reading.code, "code %d, not %d",
			packet.code, reading.code);
		PROMISE(packet.fragment == reading.fragment, "fragment: %d", packet.fragment);
		PROMISE(packet.size == reading.size, "%u bytes, not %u", packet.size, reading.size);
		PROMISE(!packet.fragment || (packet.start == reading.start &&
					     packet.last == reading.last),
			"from %u, not %u; last: %d", packet.start, reading.start, packet.last);
		if (!packet.fragment)
			look_inside(&skb, &packet, first);
	}
	free(skb.data);
	free(rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	bool v6 = take(&input) & 1;
	u32 piece = take(&input), whole, head;
	struct found found;
	u8 *packet = malloc(input.left + 1);

	memcpy(packet, input.at, input.left);
	whole = receive(packet, input.left, v6);
	/* The IP header is always linear. */
	head = v6 ? 40 : (packet[0] & 15) * 4;
	if (whole && (!v6 || may_be_icmpv6(packet[6]))) {
		compare(packet, whole, whole, v6, &found);
		compare(packet, whole, head, v6, &found);
		compare(packet, whole, head + piece < whole ? head + piece : whole, v6, &found);
	}
	free(packet);
	return 0;
}
