// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changing packets. Most stay valid enough to be parsed deeply: lengths and
 * checksums are fixed up, unless they are what is changed.
 */
#include <stdbool.h>
#include <string.h>
#include "mutate.h"
#include "random.h"

const char *const kind_names[KINDS] = {
	"as they were", "IPv4 options", "IPv6 extension headers", "fragments", "long",
	"bytes changed",
};

uint64_t mutate_state = 1;
unsigned long mutate_kinds[KINDS];

/* A number from 0 on */
uint32_t below(uint32_t bound)
{
	return bound ? random_next(&mutate_state) % bound : 0;
}

static bool one_in(uint32_t n)
{
	return !below(n);
}

static uint16_t be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static bool is_v6(const struct packet *packet)
{
	return packet->bytes[0] >> 4 == 6;
}

static size_t header(const struct packet *packet)
{
	size_t bytes = is_v6(packet) ? 40 : (packet->bytes[0] & 15) * 4;

	return bytes < packet->length ? bytes : packet->length;
}

static uint32_t sum(const uint8_t *bytes, size_t length, uint32_t from)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		from += be16(bytes + i);
	if (length & 1)
		from += bytes[length - 1] << 8;
	while (from >> 16)
		from = (from & 0xffff) + (from >> 16);
	return from;
}

/* Where the last header of a packet is, and its number; 0 where that is off. */
static size_t last_header(const struct packet *packet, uint8_t *protocol)
{
	size_t at = header(packet);

	if (!is_v6(packet)) {
		*protocol = packet->bytes[9];
		return at;
	}
	*protocol = packet->bytes[6];
	while (*protocol == 0 || *protocol == 43 || *protocol == 44 || *protocol == 60) {
		if (at + 8 > packet->length)
			return 0;
		if (*protocol == 44 && (be16(packet->bytes + at + 2) & 0xfff9))
			return 0;
		*protocol = packet->bytes[at];
		at += packet->bytes[at] == 44 ? 8 : (packet->bytes[at + 1] + 1) * 8;
	}
	return at;
}

/* Make lengths and checksums right, as far as there are any. */
void seal(struct packet *packet)
{
	uint8_t *bytes = packet->bytes, protocol;
	size_t at;

	if (packet->length < 20)
		return;
	if (is_v6(packet)) {
		if (packet->length < 40)
			return;
		put16(bytes + 4, packet->length - 40);
	} else {
		put16(bytes + 2, packet->length);
		put16(bytes + 10, 0);
		put16(bytes + 10, ~sum(bytes, header(packet), 0));
	}
	at = last_header(packet, &protocol);
	if (!at || at + 4 > packet->length)
		return;
	if (!is_v6(packet) && protocol == 1 && !(be16(bytes + 6) & 0x3fff)) {
		put16(bytes + at + 2, 0);
		put16(bytes + at + 2, ~sum(bytes + at, packet->length - at, 0));
	}
	if (is_v6(packet) && protocol == 58) {
		uint32_t from = sum(bytes + 8, 32, packet->length - at + 58);

		put16(bytes + at + 2, 0);
		put16(bytes + at + 2, ~sum(bytes + at, packet->length - at, from));
	}
}

/* Insert bytes, moving the rest back. */
static void insert(struct packet *packet, size_t at, const uint8_t *bytes, size_t n)
{
	if (at > packet->length || packet->length + n > PACKET_MAX)
		return;
	memmove(packet->bytes + at + n, packet->bytes + at, packet->length - at);
	memcpy(packet->bytes + at, bytes, n);
	packet->length += n;
}

/* The source decides about rules and buckets. */
static void readdress(struct packet *packet)
{
	static const uint8_t sources4[][4] = {
		{ 198, 51, 100, 2 }, { 198, 51, 100, 3 }, { 203, 0, 113, 7 }, { 10, 0, 0, 1 },
		{ 0, 0, 0, 0 }, { 127, 0, 0, 1 }, { 224, 0, 0, 1 }, { 255, 255, 255, 255 },
	};
	static const uint8_t sources6[][2] = {
		{ 0x20, 0x01 }, { 0xfe, 0x80 }, { 0xff, 0x02 }, { 0, 0 }, { 0xfc, 0 },
	};
	uint8_t *bytes = packet->bytes;

	if (!is_v6(packet) && packet->length >= 20) {
		memcpy(bytes + 12, sources4[below(one_in(8) ? 8 : 4)], 4);
		bytes[15] = one_in(4) ? below(256) : bytes[15];
		if (one_in(8))
			bytes[8] = (uint8_t[]){ 0, 1, 255 }[below(3)];
		/* The machine itself, a host behind it, broadcast */
		memcpy(bytes + 16, (uint8_t[][4]){ { 192, 0, 2, 1 }, { 192, 0, 2, 2 },
						    { 224, 0, 0, 1 }, { 255, 255, 255, 255 } }
				    [one_in(4) ? below(4) : 0], 4);
	} else if (is_v6(packet) && packet->length >= 40) {
		memcpy(bytes + 8, sources6[below(one_in(4) ? 5 : 2)], 2);
		bytes[23] = one_in(4) ? below(256) : bytes[23];
		if (one_in(2))
			bytes[7] = (uint8_t[]){ 0, 1, 64, 255 }[below(4)];
		if (!one_in(4))
			memcpy(bytes + 24, "\x20\x01\x0d\xb8\0\x0b\0\0\0\0\0\0\0\0\0", 15);
		if (!one_in(4))
			bytes[39] = 1 + below(2);
	}
}

static void add_options(struct packet *packet)
{
	uint8_t options[40];
	size_t n = 4 * (1 + below(10)), old = header(packet), i = 0;

	if (is_v6(packet) || old < 20 || old + n > 60)
		return;
	memset(options, 1, sizeof(options));
	while (i < n) {
		uint8_t kind = (uint8_t[]){ 0, 1, 7, 68, 131, 137, 148, 130 }[below(8)];

		options[i] = one_in(8) ? below(256) : kind;
		if (options[i] > 1 && i + 1 < n)
			options[i + 1] = one_in(4) ? below(256) : below(n - i) + 1;
		if (options[i] > 1 && i + 2 < n)
			options[i + 2] = one_in(2) ? 4 : below(256);
		i += options[i] > 1 && i + 1 < n && options[i + 1] ? options[i + 1] : 1;
	}
	insert(packet, 20, options, n);
	packet->bytes[0] = 0x40 | (20 + n) / 4;
	mutate_kinds[KIND_OPTIONS]++;
}

static void add_chain(struct packet *packet)
{
	uint32_t n = 1 + below(one_in(8) ? 12 : 4);

	if (!is_v6(packet) || packet->length < 40)
		return;
	while (n--) {
		uint8_t kind = (uint8_t[]){ 60, 60, 0, 43, 44, 51, 135, 59, 50 }[below(one_in(8) ? 9 : 6)];
		uint8_t bytes[2048] = { packet->bytes[6] };
		size_t length = 8;

		if (kind == 44) {
			put16(bytes + 2, one_in(3) ? below(65536) : 0);
		} else if (kind == 51) {
			bytes[1] = 4;
			length = 24;
		} else {
			bytes[1] = one_in(4) ? below(8) : one_in(32) ? below(256) : 0;
			length = (bytes[1] + 1) * 8;
			if (length - 4 < 256)	/* PadN, or no options at all */
				memcpy(bytes + 2, (uint8_t[]){ 1, length - 4 }, 2);
			if (kind == 43)
				memcpy(bytes + 2, (uint8_t[]){ below(5), below(3) }, 2);
		}
		/* A length that is too large */
		if (kind != 44 && one_in(16))
			bytes[1] = below(256);
		insert(packet, 40, bytes, length);
		packet->bytes[6] = kind;
	}
	mutate_kinds[KIND_CHAIN]++;
}

static void change_bytes(struct packet *packet, bool head)
{
	uint32_t n = 1 + below(4);
	size_t most = head ? header(packet) + 16 : packet->length;

	most = most < packet->length ? most : packet->length;
	while (n-- && most) {
		uint8_t *at = packet->bytes + below(most);

		*at = one_in(3) ? *at ^ 1U << below(8) :
		      one_in(2) ? (uint8_t[]){ 0, 1, 127, 128, 255 }[below(5)] : below(256);
	}
	/* The device derives the family from the version. */
	packet->bytes[0] = (packet->bytes[0] & 15) | (one_in(64) ? packet->bytes[0] & 0xf0 :
							packet->bytes[0] & 0x20 ? 0x60 : 0x40);
	mutate_kinds[KIND_OCTETS]++;
}

static void resize(struct packet *packet)
{
	static const uint32_t lengths[] = { 1500, 3000, 5000, 9000, 17000, 40000, 65535 };
	size_t to = one_in(2) ? below(packet->length + 1) :
				lengths[below(7)] - below(64);

	if (to > packet->length)
		memset(packet->bytes + packet->length, below(256), to - packet->length);
	packet->length = to;
	if (to > 1500)
		mutate_kinds[KIND_LONG]++;
}

/* The fragment of a message's bytes from..to */
static void fragment(const struct packet *whole, struct packet *out, size_t from, size_t to,
		     bool more, uint32_t id)
{
	size_t head = header(whole), room = is_v6(whole) ? head + 8 : head;

	memcpy(out->bytes, whole->bytes, head);
	to = to < whole->length - head ? to : whole->length - head;
	from = from < to ? from : to;
	memcpy(out->bytes + room, whole->bytes + head + from, to - from);
	out->length = room + to - from;
	if (is_v6(whole)) {
		out->bytes[6] = 44;
		out->bytes[40] = whole->bytes[6];
		out->bytes[41] = 0;
		put16(out->bytes + 42, (from & 0xfff8) | more);
		put16(out->bytes + 44, id >> 16);
		put16(out->bytes + 46, id);
	} else {
		put16(out->bytes + 4, id);
		put16(out->bytes + 6, from / 8 | more << 13);
	}
}

static void offset_by(struct packet *packet, int bytes)
{
	uint8_t *at = packet->bytes + (is_v6(packet) ? 42 : 6);
	int unit = is_v6(packet) ? 1 : 8;

	if (packet->length > 48)
		put16(at, be16(at) + (bytes & ~7) / unit);
}

/* In fragments, some of which overlap, are missing, come twice or end past the limit */
static size_t fragments(const struct packet *whole, struct packet *out)
{
	size_t body = whole->length - header(whole), step = 8 * (1 + below(one_in(2) ? 4 : 170));
	size_t n = 0, at = 0, i;
	uint32_t id = below(one_in(4) ? 4 : 1 << 30);

	if (body > step * (PACKETS_MAX - 2))
		step = (body / (PACKETS_MAX - 2) + 8) & ~7;
	while (at < body && n < PACKETS_MAX - 1) {
		size_t bytes = one_in(8) ? step + 8 : step;

		fragment(whole, &out[n++], at, at + bytes, at + step < body, id);
		at += step;
	}
	switch (below(8)) {
	case 0:		/* one of them overlaps */
		offset_by(&out[below(n)], one_in(2) ? 8 : -8);
		break;
	case 1:		/* the last is far away, perhaps past the longest packet's end */
		offset_by(&out[n - 1], 8 * below(8192));
		break;
	case 2:		/* one is missing */
		out[below(n)] = out[n - 1];
		n -= n > 1;
		break;
	case 3:		/* one comes twice */
		out[n] = out[below(n)];
		n++;
		break;
	case 4:		/* an odd length in the middle */
		out[below(n)].length -= 1;
		break;
	}
	/* Out of order, mostly */
	for (i = 0; i + 1 < n && !one_in(3); i++) {
		static struct packet spare;
		size_t other = i + below(n - i);

		spare = out[i];
		out[i] = out[other];
		out[other] = spare;
	}
	mutate_kinds[KIND_FRAGMENTS]++;
	return n;
}

/* Return: how many packets there are. */
size_t mutate(const uint8_t *seed, size_t length, struct packet *packets)
{
	static struct packet whole;
	size_t n = 1, i;

	memcpy(whole.bytes, seed, length);
	whole.length = length;
	readdress(&whole);
	switch (below(8)) {
	case 0:
		mutate_kinds[KIND_AS_IS]++;
		break;
	case 1:
		resize(&whole);
		break;
	case 2:
	case 3:
		add_options(&whole);
		add_chain(&whole);
		break;
	case 4:
		change_bytes(&whole, true);
		break;
	case 5:
		change_bytes(&whole, false);
		break;
	default:
		if (one_in(3))
			resize(&whole);
		if (one_in(4))
			add_options(&whole);
		if (one_in(4))
			add_chain(&whole);
	}
	if (!one_in(4))
		seal(&whole);
	if (one_in(3) && whole.length > header(&whole) && whole.length > 48)
		n = fragments(&whole, packets);
	else
		packets[0] = whole;
	for (i = 0; i < n; i++) {
		if (one_in(16))
			change_bytes(&packets[i], true);
		if (!one_in(8))
			seal(&packets[i]);
	}
	return n;
}
