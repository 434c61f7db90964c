/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing packets: one in, a few out.
 */
#ifndef _FUZZ_MUTATE_H
#define _FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	65535	/* bytes of a packet */
#define PACKETS_MAX	64	/* that one is cut into */

/**
 * struct packet - an IP packet
 * @bytes: from the IP header on
 * @length: how many
 */
struct packet {
	uint8_t bytes[PACKET_MAX + 1];
	size_t length;
};

/* How many packets had which change, for the report */
enum kind {
	KIND_AS_IS,
	KIND_OPTIONS,
	KIND_CHAIN,
	KIND_FRAGMENTS,
	KIND_LONG,
	KIND_OCTETS,
	KINDS
};

extern const char *const kind_names[KINDS];
extern uint64_t mutate_state;		/* of the random numbers */
extern unsigned long mutate_kinds[KINDS];

uint32_t below(uint32_t bound);
size_t mutate(const uint8_t *seed, size_t length, struct packet *packets);
void seal(struct packet *packet);

#endif /* _FUZZ_MUTATE_H */
