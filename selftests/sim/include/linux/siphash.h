/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SIM_SIPHASH_H
#define _SIM_SIPHASH_H

#include <linux/bitops.h>

typedef struct {
	u64 key[2];
} siphash_key_t;

/* "somepseudorandomlygeneratedbytes", eight letters each */
#define SIPHASH_CONST_0	0x736f6d6570736575ULL
#define SIPHASH_CONST_1	0x646f72616e646f6dULL
#define SIPHASH_CONST_2	0x6c7967656e657261ULL
#define SIPHASH_CONST_3	0x7465646279746573ULL

/* SipRound of the SipHash paper, figure 2.1: two half rounds */
static inline void sim_sip_half(u64 *a, u64 *b, u64 *c, u64 *d, unsigned int by_b,
				unsigned int by_d)
{
	*a += *b;
	*c += *d;
	*b = rol64(*b, by_b) ^ *a;
	*d = rol64(*d, by_d) ^ *c;
	*a = rol64(*a, 32);
}

#define SIPHASH_PERMUTATION(v0, v1, v2, v3) do {			\
	sim_sip_half(&(v0), &(v1), &(v2), &(v3), 13, 16);		\
	sim_sip_half(&(v2), &(v1), &(v0), &(v3), 17, 21);		\
} while (0)

#endif /* _SIM_SIPHASH_H */
