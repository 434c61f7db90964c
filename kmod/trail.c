// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trails: a small table that forgets.
 *
 * A trail that is overwritten costs a source the refund for one message, or
 * one message of a very rare kind: its later fragments go on to the
 * destination, the first one waits here, and neither side has a whole packet.
 * The same becomes of one whose first fragment comes behind the others. So
 * nothing of this can be used to get past the guard.
 */
#include <linux/atomic.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include "packet.h"
#include "trail.h"

/*
 * 8 KiB. With the default total, new trails take longer to fill it than the
 * kernel waits for a packet's rest.
 */
#define TRAILS		1024

/* Time is counted in units of half a second to a second. */
#define TIME_SHIFT	(HZ > 1 ? ilog2(HZ) : 0)

/* How long the kernel waits for the rest of a packet: at most RFC 8200 4.5's */
#define TRAIL_TIME	((60 * HZ >> TIME_SHIFT) + 1)

/* Fragments of one message travel together: units of time */
#define SOON		3

/*
 * A trail is one word:
 *
 *	63                    24 23        16 15       0
 *	+-----------------------+------------+----------+
 *	|   hash of the packet  | inner / 8  |  begun   |
 *	+-----------------------+------------+----------+
 */
#define HASH_SHIFT	24
#define INNER_SHIFT	16

/**
 * struct icmpguard_trails - the trails of a network namespace
 * @key: which packets share a place is nobody's to know
 * @trail: by hash
 */
struct icmpguard_trails {
	siphash_key_t key;
	atomic64_t trail[TRAILS];
};

/* What reassembly knows an IPv6 packet by */
struct id {
	struct in6_addr src;
	struct in6_addr dst;
	__be32 id;
} __packed;

/**
 * icmpguard_trail_hash() - what a fragment's message is known by
 * @trails: the namespace's
 * @skb: the fragment
 * @packet: parsed from it
 *
 * Context: any.
 */
u64 icmpguard_trail_hash(const struct icmpguard_trails *trails, const struct sk_buff *skb,
			 const struct icmpguard_packet *packet)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct id id;

	if (!packet->v6)
		return siphash_3u32((__force u32)ip->saddr, (__force u32)ip->daddr,
				    (__force u16)ip->id, &trails->key);
	id.src = ipv6_hdr(skb)->saddr;
	id.dst = ipv6_hdr(skb)->daddr;
	id.id = packet->id;
	return siphash(&id, sizeof(id), &trails->key);
}

static u16 time_now(void)
{
	unsigned long now = jiffies;

	return now >> TIME_SHIFT;
}

static u16 age_of(u64 trail)
{
	return time_now() - (u16)trail;
}

static bool is_of(u64 trail, u64 hash)
{
	return !((trail ^ hash) >> HASH_SHIFT) && age_of(trail) <= TRAIL_TIME;
}

/**
 * icmpguard_trail_follow() - note a fragment that is to be gathered
 * @trails: the namespace's
 * @hash: the message's
 * @packet: parsed from the fragment; @packet->inner is at most
 *	ICMPGUARD_INNER_MAX
 * @charged: the limit let it pass; false: only monitor mode did
 *
 * Context: any; no lock: a trail is one word.
 */
void icmpguard_trail_follow(struct icmpguard_trails *trails, u64 hash,
			    const struct icmpguard_packet *packet, bool charged)
{
	atomic64_t *place = &trails->trail[hash % TRAILS];
	u64 trail = atomic64_read(place);
	bool known = is_of(trail, hash);
	u16 begun = known ? trail : time_now();
	u64 inner = packet->inner / 8;

	/* Only the first fragment knows more than what began the trail. */
	if (known && packet->start) {
		if (charged)
			return;
		inner = trail >> INNER_SHIFT & 0xff;
	}
	/* Too long ago for a refund: what wasn't charged isn't given back. */
	if (!charged && age_of(begun) <= SOON)
		begun = time_now() - SOON - 1;
	atomic64_set(place, hash >> HASH_SHIFT << HASH_SHIFT | inner << INNER_SHIFT | begun);
}

/**
 * icmpguard_trail_find() - whether a later fragment is an ICMPv6 message's
 * @trails: the namespace's
 * @hash: the message's, if it is one
 * @packet: parsed from the fragment; if it is, @packet->inner is filled in and
 *	its place in the message put right
 *
 * Context: any; no lock. Return: true if its first fragment was seen in the
 * last minute, showed a message behind further headers, and is remembered.
 */
bool icmpguard_trail_find(const struct icmpguard_trails *trails, u64 hash,
			  struct icmpguard_packet *packet)
{
	u64 trail = atomic64_read(&trails->trail[hash % TRAILS]);

	/* Where nothing is in between, a fragment says so itself. */
	if (!is_of(trail, hash) || !(trail >> INNER_SHIFT & 0xff))
		return false;
	packet->inner = (trail >> INNER_SHIFT & 0xff) * 8;
	packet->start -= min(packet->start, packet->inner);
	packet->size -= min(packet->size, packet->inner);
	return true;
}

/**
 * icmpguard_trail_end() - a message is whole
 * @trails: the namespace's
 * @hash: the message's
 *
 * Context: any; no lock. Return: whether all of it was charged and gathering began
 * just now. False where that isn't known.
 */
bool icmpguard_trail_end(struct icmpguard_trails *trails, u64 hash)
{
	atomic64_t *place = &trails->trail[hash % TRAILS];
	u64 trail = atomic64_read(place);

	if (!is_of(trail, hash))
		return false;
	atomic64_set(place, 0);
	return age_of(trail) <= SOON;
}

/**
 * icmpguard_trails_alloc() - make room for a namespace's trails
 *
 * Context: process. Return: no trails; NULL without memory.
 */
struct icmpguard_trails *icmpguard_trails_alloc(void)
{
	struct icmpguard_trails *trails = kzalloc(sizeof(*trails), GFP_KERNEL_ACCOUNT);

	if (trails)
		get_random_bytes(&trails->key, sizeof(trails->key));
	return trails;
}

/**
 * icmpguard_trails_free() - free a namespace's trails
 * @trails: them; NULL is nothing
 *
 * Context: any but hard interrupt, when no packet is in the hooks.
 */
void icmpguard_trails_free(struct icmpguard_trails *trails)
{
	kfree(trails);
}
