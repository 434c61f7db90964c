/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A source as the limiter sees it: the prefix of an address, hashed with a
 * secret, so that no one outside can choose which sources share a set.
 */
#ifndef _ICMPGUARD_SOURCE_H
#define _ICMPGUARD_SOURCE_H

#include <linux/bitops.h>
#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/types.h>
#include "limits.h"

/**
 * struct icmpguard_addr - an address or a prefix in host byte order
 * @hi: IPv6: the first 64 bits; IPv4: 0
 * @lo: IPv6: the last 64 bits; IPv4: the address
 */
struct icmpguard_addr {
	u64 hi;
	u64 lo;
};

/**
 * icmpguard_addr_to_in6() - an IPv6 address in network byte order
 * @addr: the address
 *
 * Context: any.
 * Return: the address.
 */
static inline struct in6_addr icmpguard_addr_to_in6(const struct icmpguard_addr *addr)
{
	return (struct in6_addr) {
		.s6_addr32 = {
			htonl(addr->hi >> 32), htonl(addr->hi),
			htonl(addr->lo >> 32), htonl(addr->lo),
		},
	};
}

/**
 * icmpguard_addr_from_in6() - an IPv6 address in host byte order
 * @in6: the address
 *
 * Context: any.
 * Return: the address.
 */
static inline struct icmpguard_addr icmpguard_addr_from_in6(const struct in6_addr *in6)
{
	const __be32 *word = in6->s6_addr32;

	return (struct icmpguard_addr) {
		.hi = (u64)ntohl(word[0]) << 32 | ntohl(word[1]),
		.lo = (u64)ntohl(word[2]) << 32 | ntohl(word[3]),
	};
}

/**
 * icmpguard_addr_is_on_link() - whether no router forwards packets of an IPv6 source
 * @hi: the address; see struct icmpguard_addr
 * @lo: likewise
 *
 * Context: any.
 * Return: true for link-local addresses and the unspecified one: RFC 4291 2.5.
 */
static inline bool icmpguard_addr_is_on_link(u64 hi, u64 lo)
{
	return hi >> 54 == 0xfe80 >> 6 || !(hi | lo);
}

/**
 * struct icmpguard_sip - a secret, ready for SipHash's first word
 * @v: SipHash's state, with what of the first round doesn't depend on the word
 */
struct icmpguard_sip {
	u64 v[4];
};

/**
 * icmpguard_sip_init() - make a secret ready
 * @sip: filled in
 * @key: the secret
 *
 * Context: any.
 */
static inline void icmpguard_sip_init(struct icmpguard_sip *sip, const siphash_key_t *key)
{
	u64 *v = sip->v;

	v[0] = SIPHASH_CONST_0 ^ key->key[0];
	v[1] = SIPHASH_CONST_1 ^ key->key[1];
	v[2] = SIPHASH_CONST_2 ^ key->key[0];
	v[3] = SIPHASH_CONST_3 ^ key->key[1];
	v[0] += v[1];
	v[1] = rol64(v[1], 13) ^ v[0];
	v[0] = rol64(v[0], 32);
}

#define ICMPGUARD_SIPROUND(v) SIPHASH_PERMUTATION((v)[0], (v)[1], (v)[2], (v)[3])

/* The rest of the first round */
static __always_inline void icmpguard_sip_first(const struct icmpguard_sip *sip, u64 *v, u64 word)
{
	v[0] = sip->v[0];
	v[1] = sip->v[1];
	v[2] = sip->v[2];
	v[3] = sip->v[3] ^ word;
	v[2] += v[3];
	v[3] = rol64(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rol64(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rol64(v[1], 17) ^ v[2];
	v[2] = rol64(v[2], 32);
	v[0] ^= word;
}

static __always_inline void icmpguard_sip_next(u64 *v, u64 word)
{
	v[3] ^= word;
	ICMPGUARD_SIPROUND(v);
	v[0] ^= word;
}

static __always_inline u64 icmpguard_sip_end(u64 *v)
{
	v[2] ^= 0xff;
	ICMPGUARD_SIPROUND(v);
	ICMPGUARD_SIPROUND(v);
	ICMPGUARD_SIPROUND(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * icmpguard_hash_u32() - SipHash-1-3 of four bytes, 64-bit result
 * @word: an IPv4 source
 * @salt: distinguishes hashes of one source, 24 bits; 0: SipHash as it is published
 * @sip: the secret
 *
 * The kernel's own forms are SipHash-2-4, which takes half as long again, and
 * HalfSipHash, whose 32 bits are fewer than a set and a tag need.
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u64 icmpguard_hash_u32(u32 word, u32 salt, const struct icmpguard_sip *sip)
{
	u64 v[4];

	icmpguard_sip_first(sip, v, 4ULL << 56 | (u64)salt << 32 | word);
	return icmpguard_sip_end(v);
}

/**
 * icmpguard_hash_u64() - SipHash-1-3 of eight bytes, 64-bit result
 * @word: an IPv6 source of up to 64 bits
 * @salt: as above
 * @sip: the secret
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u64 icmpguard_hash_u64(u64 word, u32 salt, const struct icmpguard_sip *sip)
{
	u64 v[4];

	icmpguard_sip_first(sip, v, word);
	icmpguard_sip_next(v, 8ULL << 56 | salt);
	return icmpguard_sip_end(v);
}

/**
 * icmpguard_hash_2u64() - SipHash-1-3 of sixteen bytes, 64-bit result
 * @first: the upper half of an IPv6 source
 * @second: the lower half
 * @salt: as above
 * @sip: the secret
 *
 * Context: any.
 * Return: the hash.
 */
static __always_inline u64 icmpguard_hash_2u64(u64 first, u64 second, u32 salt,
					       const struct icmpguard_sip *sip)
{
	u64 v[4];

	icmpguard_sip_first(sip, v, first);
	icmpguard_sip_next(v, second);
	icmpguard_sip_next(v, 16ULL << 56 | salt);
	return icmpguard_sip_end(v);
}

#endif /* _ICMPGUARD_SOURCE_H */
