// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records: what is remembered of ICMP messages that come in fragments.
 *
 * A record that is overwritten costs a source the refund for one message, or lets
 * the later fragments of one pass at the rate of fragments; it never lets a message
 * past the judge.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include "packet.h"
#include "record.h"

/* With 22 KiB all four tables, and one for what waits */
#define RECORDS		1024
#define PIECES		256
#define PIECE_WAYS	4
#define INNERS		64
#define INNER_WAYS	4
#define AHEADS		512

/* Time is counted in units of half a second to a second. */
#define TIME_SHIFT	(HZ > 1 ? ilog2(HZ) : 0)
#define TIME_MAX	(sizeof(jiffies) > sizeof(u32) ? ~0U : ~0U >> TIME_SHIFT)

/* A message's age is counted in eighths of it, and wraps after an hour or two. */
#define TICK_SHIFT	(TIME_SHIFT - 3)

/* Fragments of one message travel together: ticks */
#define SOON		31

/* How long any host waits for the rest of a packet: at most RFC 8200 4.5's minute */
#define LONGEST		((60 * HZ >> TIME_SHIFT) + 1)

/*
 * How late a network repeats a fragment: jiffies. No longer, since a sender whose
 * packets all have one identification gets none of them repeated for that time.
 */
#define REPEATED	(HZ / 2)

/* Lost races that a change is given */
#define TRIES		8

/*
 * A message's record is one word:
 *
 *	63              36 35    34     33     32     24 23     16 15     0
 *	+-----------------+--------+-----------+--------+---------+--------+
 *	| message's hash  | judged | aggregate | memory | charges | begun  |
 *	+-----------------+--------+-----------+--------+---------+--------+
 */
#define HASH_SHIFT	36
#define JUDGED_SHIFT	34
#define AGGREGATE	BIT_ULL(33)
#define MEMORY_SHIFT	24
#define MEMORY_MAX	511U
#define CHARGES_SHIFT	16
#define CHARGES_MAX	255U
#define BEGUN_MAX	((u32)BIT(CHARGES_SHIFT) - 1)

/*
 * A piece's is its hash and 16 bits of jiffies. That of a message after further
 * headers is 32 bits of its hash, eight for their bytes / 8, and 24 for the time; that of
 * a later fragment that came first is 40 bits of its hash, or of ANY, and the time.
 */
#define PIECE_SHIFT	16
#define AHEAD_SHIFT	24
#define ANY		(~0ULL << AHEAD_SHIFT)
#define INNER_HASH_SHIFT 32
#define INNER_SHIFT	24
#define INNER_TIME	(BIT(INNER_SHIFT) - 1)

/* A power of two, and more units of time than any fragment waits */
#define WAITING_SLOTS	128

/**
 * struct waiting - the memory of fragments that may still wait for their message's rest
 * @sum: of all slots, in ICMPGUARD_MEMORY_UNIT
 * @turned: when slots were last emptied: a unit of time
 * @slot: what was taken in each of the last units, less what was of messages that are
 *	whole since
 */
struct waiting {
	atomic_t sum;
	u32 turned;
	atomic_t slot[WAITING_SLOTS];
};

/**
 * struct icmpguard_records - the records of a network namespace
 * @key: secret, so that collisions cannot be predicted
 * @record: messages, by hash
 * @piece: fragments that were taken, by hash; the oldest of its set is overwritten
 * @inner: messages after further headers, by hash; not overwritten while it counts
 * @ahead: later fragments that were let pass as anything's, by hash
 * @waiting: IPv4's and IPv6's
 */
struct icmpguard_records {
	siphash_key_t key;
	atomic64_t record[RECORDS];
	atomic64_t piece[PIECES][PIECE_WAYS];
	atomic64_t inner[INNERS][INNER_WAYS];
	atomic64_t ahead[AHEADS];
	struct waiting waiting[2];
};

/* What reassembly knows an IPv6 packet by */
struct id {
	struct in6_addr src;
	struct in6_addr dst;
	__be32 id;
	u32 domain;
} __packed;

/*
 * Where a message's fragments come in, as reassembly has it: in a VRF, or, to an address
 * that is each link's own, on an interface.
 */
static u32 domain_of(const struct sk_buff *skb, bool v6)
{
	if (v6 && ipv6_addr_type(&ipv6_hdr(skb)->daddr) &
		  (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL))
		return skb->dev->ifindex;
	return l3mdev_master_ifindex_rcu(skb->dev);
}

/**
 * icmpguard_record_hash() - what a fragment's message is known by
 * @records: the namespace's
 * @skb: the fragment
 * @packet: parsed from it
 *
 * Context: any; RCU.
 * Return: the hash.
 */
u64 icmpguard_record_hash(const struct icmpguard_records *records, const struct sk_buff *skb,
			  const struct icmpguard_packet *packet)
{
	u32 domain = domain_of(skb, packet->v6);
	const struct iphdr *ip = ip_hdr(skb);
	struct id id;

	if (!packet->v6)
		return siphash_4u32((__force u32)ip->saddr, (__force u32)ip->daddr,
				    (__force u16)ip->id, domain, &records->key);
	id.src = ipv6_hdr(skb)->saddr;
	id.dst = ipv6_hdr(skb)->daddr;
	id.id = packet->id;
	id.domain = domain;
	return siphash(&id, sizeof(id), &records->key);
}

static u32 time_now(void)
{
	unsigned long now = jiffies;

	return now >> TIME_SHIFT;
}

static u32 tick_now(void)
{
	unsigned long now = jiffies;

	return now >> TICK_SHIFT;
}

/* In ticks, since a record was begun */
static u32 ticks_of(u64 record)
{
	return (tick_now() - record) & BEGUN_MAX;
}

static bool is_young(u64 record)
{
	return record && ticks_of(record) <= SOON;
}

static bool is_of(u64 record, u64 hash)
{
	return !((record ^ hash) >> HASH_SHIFT) && is_young(record);
}

/* The message's record, or a new one for it */
static u64 record_of(u64 record, u64 hash)
{
	return is_of(record, hash) ? record :
				     hash >> HASH_SHIFT << HASH_SHIFT | (tick_now() & BEGUN_MAX);
}

static unsigned int charges_of(u64 record)
{
	return record >> CHARGES_SHIFT & CHARGES_MAX;
}

static unsigned int memory_of(u64 record)
{
	return record >> MEMORY_SHIFT & MEMORY_MAX;
}

/**
 * icmpguard_record_judge() - keep the verdict on a message for its later fragments
 * @records: the namespace's
 * @hash: the message's
 * @judged: what became of its first fragment
 *
 * One that is dropped takes the place of none that is still needed, so that a flood
 * that is refused writes next to nothing here.
 *
 * Context: any; no lock.
 */
void icmpguard_record_judge(struct icmpguard_records *records, u64 hash,
			    enum icmpguard_judged judged)
{
	atomic64_t *place = &records->record[hash % RECORDS];
	s64 old = atomic64_read(place);
	u64 record;

	if (judged == ICMPGUARD_JUDGED_DROPPED && is_young(old) && !is_of(old, hash))
		return;
	record = record_of(old, hash) & ~(3ULL << JUDGED_SHIFT);
	if (!charges_of(record))
		record = (record & ~(u64)BEGUN_MAX) | (tick_now() & BEGUN_MAX);
	record |= (u64)judged << JUDGED_SHIFT;
	if (record != (u64)old)
		atomic64_try_cmpxchg(place, &old, record);
}

/**
 * icmpguard_record_judged() - the verdict that a later fragment follows
 * @records: the namespace's
 * @hash: the message's
 *
 * Context: any; no lock.
 * Return: enum icmpguard_judged; NOT a second or two after the first fragment came.
 */
enum icmpguard_judged icmpguard_record_judged(const struct icmpguard_records *records, u64 hash)
{
	u64 record = atomic64_read(&records->record[hash % RECORDS]);

	return is_of(record, hash) ? record >> JUDGED_SHIFT & 3 : ICMPGUARD_JUDGED_NOT;
}

/* How long the kernel waits for the rest of a message: units of time */
static u32 time_waiting(bool v6)
{
	return ((v6 ? IPV6_FRAG_TIMEOUT : IP_FRAG_TIME) >> TIME_SHIFT) + 1;
}

/* Empty the slots of what has been given up by now. One of many processors does it. */
static struct waiting *waiting_turn(struct icmpguard_records *records, bool v6)
{
	struct waiting *waiting = &records->waiting[v6];
	u32 now = time_now(), turned = READ_ONCE(waiting->turned), last, n;

	/* Another one's clock may be a little ahead. */
	n = (now - turned) & TIME_MAX;
	if (likely(!n || n >= TIME_MAX - 1) || cmpxchg(&waiting->turned, turned, now) != turned)
		return waiting;
	last = now - time_waiting(v6);
	for (n = min_t(u32, n, WAITING_SLOTS); n; n--, last--)
		atomic_sub(atomic_xchg(&waiting->slot[last % WAITING_SLOTS], 0), &waiting->sum);
	return waiting;
}

static void waiting_add(struct icmpguard_records *records, bool v6, u32 when, int memory)
{
	struct waiting *waiting = waiting_turn(records, v6);

	atomic_add(memory, &waiting->slot[when % WAITING_SLOTS]);
	atomic_add(memory, &waiting->sum);
}

/**
 * icmpguard_record_waiting() - the memory that fragments wait in
 * @records: the namespace's
 * @v6: of ICMPv6; of ICMP otherwise
 *
 * Those that were charged, and whose message isn't whole nor was given up. What isn't
 * known, because a record was overwritten, is taken to wait.
 *
 * Context: any; no lock. Looks at no more than WAITING_SLOTS slots.
 * Return: ICMPGUARD_MEMORY_UNIT.
 */
unsigned int icmpguard_record_waiting(struct icmpguard_records *records, bool v6)
{
	return max(atomic_read(&waiting_turn(records, v6)->sum), 0);
}

/**
 * icmpguard_record_charge() - note what a fragment was charged
 * @records: the namespace's
 * @hash: the message's
 * @v6: of ICMPv6; of ICMP otherwise
 * @charged: what it was
 *
 * Where the record was overwritten, another begins with these alone.
 *
 * Context: any; no lock.
 */
void icmpguard_record_charge(struct icmpguard_records *records, u64 hash, bool v6,
			     const struct icmpguard_charged *charged)
{
	atomic64_t *place = &records->record[hash % RECORDS];
	s64 old = atomic64_read(place);
	int try;

	waiting_add(records, v6, time_now(), charged->memory);
	for (try = 0; try < TRIES; try++) {
		u64 record = record_of(old, hash);

		if (!charges_of(record))
			record |= AGGREGATE;
		if (!charged->aggregate)
			record &= ~AGGREGATE;
		record += (u64)min(charged->charges, CHARGES_MAX - charges_of(record)) <<
			  CHARGES_SHIFT;
		record += (u64)min(charged->memory, MEMORY_MAX - memory_of(record)) <<
			  MEMORY_SHIFT;
		if (atomic64_try_cmpxchg(place, &old, record))
			return;
	}
}

/**
 * icmpguard_record_end() - a message is whole
 * @records: the namespace's
 * @hash: the message's
 * @v6: of ICMPv6; of ICMP otherwise
 *
 * Context: any; no lock.
 * Return: what its fragments were charged, since the first one came and no longer ago
 * than a second or two; nothing where that isn't known any more.
 */
struct icmpguard_charged icmpguard_record_end(struct icmpguard_records *records, u64 hash,
					      bool v6)
{
	atomic64_t *place = &records->record[hash % RECORDS];
	struct icmpguard_charged charged = {};
	s64 old = atomic64_read(place);
	int try;

	for (try = 0; try < TRIES && is_of(old, hash); try++) {
		if (!atomic64_try_cmpxchg(place, &old, 0))
			continue;
		charged.charges = charges_of(old);
		charged.memory = memory_of(old);
		charged.aggregate = old & AGGREGATE;
		/* A message that came in one go is none. */
		charged.age = (unsigned long)(max(ticks_of(old), 1U) - 1) << TICK_SHIFT;
		waiting_add(records, v6, (tick_now() - ticks_of(old)) >> (TIME_SHIFT - TICK_SHIFT),
			    -(int)charged.memory);
		break;
	}
	return charged;
}

/**
 * icmpguard_piece_hash() - what a fragment and its repetitions are known by
 * @records: the namespace's
 * @hash: the message's
 * @packet: parsed from the fragment
 *
 * Context: any.
 * Return: the hash.
 */
u64 icmpguard_piece_hash(const struct icmpguard_records *records, u64 hash,
			 const struct icmpguard_packet *packet)
{
	return siphash_2u64(hash, (u64)packet->start << 32 | packet->size << 1 | packet->last,
			    &records->key);
}

/* In jiffies, since a fragment was taken */
static u16 age_of(u64 piece)
{
	return jiffies - piece;
}

/**
 * icmpguard_piece_note() - note that a fragment was taken
 * @records: the namespace's
 * @piece: the fragment's hash
 *
 * Context: any; no lock.
 */
void icmpguard_piece_note(struct icmpguard_records *records, u64 piece)
{
	atomic64_t *set = records->piece[piece % PIECES], *oldest = set;
	unsigned int i;

	for (i = 1; i < PIECE_WAYS; i++)
		if (age_of(atomic64_read(&set[i])) > age_of(atomic64_read(oldest)))
			oldest = &set[i];
	atomic64_set(oldest, piece >> PIECE_SHIFT << PIECE_SHIFT | (u16)jiffies);
}

/**
 * icmpguard_piece_repeats() - whether a fragment was taken just before
 * @records: the namespace's
 * @piece: the fragment's hash
 *
 * Context: any; no lock.
 * Return: true for half a second.
 */
bool icmpguard_piece_repeats(const struct icmpguard_records *records, u64 piece)
{
	const atomic64_t *set = records->piece[piece % PIECES];
	unsigned int i;

	for (i = 0; i < PIECE_WAYS; i++) {
		u64 taken = atomic64_read(&set[i]);

		if (!((taken ^ piece) >> PIECE_SHIFT) && age_of(taken) <= REPEATED)
			return true;
	}
	return false;
}

/* Whether the place is needed for the message that is in it */
static bool is_pinned(u64 word)
{
	return word && ((time_now() - word) & INNER_TIME) <= LONGEST;
}

static bool is_inner_of(u64 inner, u64 hash)
{
	return !((inner ^ hash) >> INNER_HASH_SHIFT) && is_pinned(inner);
}

/* The fewest bytes that were noted of a message; 0: none were. */
static unsigned int inner_bytes(const struct icmpguard_records *records, u64 hash)
{
	const atomic64_t *set = records->inner[hash % INNERS];
	unsigned int least = 0, i;

	for (i = 0; i < INNER_WAYS; i++) {
		u64 inner = atomic64_read(&set[i]);
		unsigned int bytes = (inner >> INNER_SHIFT & 0xff) * 8;

		if (is_inner_of(inner, hash) && (!least || bytes < least))
			least = bytes;
	}
	return least;
}

/* The message's place, or else one that is free; NULL: none */
static atomic64_t *inner_place(struct icmpguard_records *records, u64 hash)
{
	atomic64_t *set = records->inner[hash % INNERS], *unused = NULL;
	unsigned int i;

	for (i = 0; i < INNER_WAYS; i++) {
		u64 inner = atomic64_read(&set[i]);

		if (is_inner_of(inner, hash))
			return &set[i];
		if (!unused && !is_pinned(inner))
			unused = &set[i];
	}
	return unused;
}

static bool came_ahead(const struct icmpguard_records *records, u64 hash)
{
	u64 ahead = atomic64_read(&records->ahead[hash % AHEADS]);

	return is_pinned(ahead) &&
	       (!((ahead ^ hash) & ANY) || (ahead & ANY) == ANY);
}

/* Of two hashes with the same place, it counts for any. */
static void note_ahead(struct icmpguard_records *records, u64 hash)
{
	atomic64_t *place = &records->ahead[hash % AHEADS];
	u64 now = time_now() & INNER_TIME, ahead = (hash & ANY) | now;
	s64 old = atomic64_read(place);
	int try;

	for (try = 0; try < TRIES; try++) {
		if ((u64)old == ahead)
			return;
		if (is_pinned(old) && ((u64)old ^ hash) & ANY)
			ahead = ANY | now;
		if (atomic64_try_cmpxchg(place, &old, ahead))
			return;
	}
	atomic64_set(place, ANY | now);
}

/**
 * icmpguard_inner_note() - note that a message is after further headers
 * @records: the namespace's
 * @hash: the message's
 * @inner: the bytes of the headers, 8 to ICMPGUARD_INNER_MAX
 *
 * Context: any; no lock.
 * Return: false where it can't be had that its later fragments are known for it: some
 * have passed, or there is no room. It must not pass then, or they weren't bound to
 * any size.
 */
bool icmpguard_inner_note(struct icmpguard_records *records, u64 hash, unsigned int inner)
{
	int try;

	for (try = 0; try < TRIES; try++) {
		atomic64_t *place = inner_place(records, hash);
		u64 bytes = inner / 8;
		s64 old;

		if (!place)
			return false;
		old = atomic64_read(place);
		/* Of two first fragments the shorter counts: a message is never taken for less. */
		if (is_inner_of(old, hash))
			bytes = min(bytes, (u64)old >> INNER_SHIFT & 0xff);
		else if (is_pinned(old))
			continue;
		/* The full barrier is icmpguard_inner_find()'s counterpart. */
		if (atomic64_try_cmpxchg(place, &old,
					 hash >> INNER_HASH_SHIFT << INNER_HASH_SHIFT |
					 bytes << INNER_SHIFT | (time_now() & INNER_TIME)))
			return !came_ahead(records, hash);
	}
	return false;
}

/**
 * icmpguard_inner_find() - whether a later fragment is an ICMPv6 message's
 * @records: the namespace's
 * @hash: the message's, if it is one
 * @packet: parsed from the fragment; if it is, @packet->inner is filled in and
 *	its place in the message put right
 *
 * Context: any; no lock.
 * Return: true if its first fragment was seen in the last minute and showed a message
 * after further headers. Where it is false the fragment is let pass, and a first one
 * that comes after it isn't.
 */
bool icmpguard_inner_find(struct icmpguard_records *records, u64 hash,
			  struct icmpguard_packet *packet)
{
	unsigned int bytes = inner_bytes(records, hash);

	if (!bytes) {
		note_ahead(records, hash);
		/* Either this is seen there, or what is noted there is seen here. */
		smp_mb();
		bytes = inner_bytes(records, hash);
		if (!bytes)
			return false;
	}
	packet->inner = bytes;
	packet->start -= min(packet->start, packet->inner);
	packet->size -= min(packet->size, packet->inner);
	return true;
}

/**
 * icmpguard_records_alloc() - make room for a namespace's records
 *
 * Context: process.
 * Return: no records; NULL without memory.
 */
struct icmpguard_records *icmpguard_records_alloc(void)
{
	struct icmpguard_records *records = kzalloc(sizeof(*records), GFP_KERNEL_ACCOUNT);

	BUILD_BUG_ON((LONGEST) >= WAITING_SLOTS);
	BUILD_BUG_ON(TIME_SHIFT < 3);
	if (!records)
		return NULL;
	get_random_bytes(&records->key, sizeof(records->key));
	return records;
}

/**
 * icmpguard_records_free() - free a namespace's records
 * @records: them; NULL is nothing
 *
 * Context: any but hard interrupt, when no packet is in the hooks.
 */
void icmpguard_records_free(struct icmpguard_records *records)
{
	kfree(records);
}
