// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of messages in fragments: verdicts, charges, repetitions, further headers.
 */
#include <kunit/test.h>
#include <linux/inet.h>
#include <linux/netdevice.h>
#include "../record.c"

/* Three messages of one place */
#define ONE	0x123456789abcdef0ULL
#define OTHER	(ONE ^ BIT_ULL(50))
#define THIRD	(ONE ^ BIT_ULL(51))

static struct icmpguard_records *records_of(struct kunit *test)
{
	struct icmpguard_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, records);
	return records;
}

/* As if a word with @bits of time had been written so much earlier */
static void make_older(atomic64_t *word, unsigned int bits, unsigned int by)
{
	u64 now = atomic64_read(word), mask = BIT_ULL(bits) - 1;

	atomic64_set(word, (now & ~mask) | ((now - by) & mask));
}

static void record_older(struct icmpguard_records *records, unsigned int by)
{
	make_older(&records->record[ONE % RECORDS], CHARGES_SHIFT, by);
}

static void record_verdict(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_NOT);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_PASSED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, OTHER), ICMPGUARD_JUDGED_NOT);
	/* A first fragment that comes once more is judged once more. */
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_DROPPED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_DROPPED);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	record_older(records, SOON);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_PASSED);
	record_older(records, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_NOT);
}

/* A flood that is refused takes no record from a message that passed. */
static void record_refused(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	icmpguard_record_judge(records, OTHER, ICMPGUARD_JUDGED_DROPPED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_PASSED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, OTHER), ICMPGUARD_JUDGED_NOT);
	record_older(records, SOON + 1);
	icmpguard_record_judge(records, OTHER, ICMPGUARD_JUDGED_DROPPED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, OTHER), ICMPGUARD_JUDGED_DROPPED);
	icmpguard_record_judge(records, THIRD, ICMPGUARD_JUDGED_SIZED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, THIRD), ICMPGUARD_JUDGED_SIZED);
}

static void charge(struct icmpguard_records *records, u64 hash, unsigned int charges)
{
	const struct icmpguard_charged charged = { .charges = charges, .memory = 10 };

	icmpguard_record_charge(records, hash, false, &charged);
}

static unsigned int end(struct icmpguard_records *records, u64 hash)
{
	return icmpguard_record_end(records, hash, false).charges;
}

/* All that was charged comes back, once. */
static void record_charges(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	KUNIT_EXPECT_EQ(test, end(records, ONE), 0U);
	charge(records, ONE, 1);
	charge(records, ONE, 16);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	charge(records, ONE, 3);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_PASSED);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 20U);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 0U);
}

/* What was charged before a record was overwritten, or long ago, doesn't come back. */
static void record_stretched(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	charge(records, ONE, 40);
	charge(records, OTHER, 2);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 0U);
	charge(records, ONE, 1);
	KUNIT_EXPECT_EQ(test, end(records, OTHER), 0U);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 1U);

	charge(records, ONE, 40);
	record_older(records, SOON + 1);
	charge(records, ONE, 1);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 1U);

	charge(records, ONE, 40);
	record_older(records, SOON + 1);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 0U);
	/* Nor does a verdict make it younger. */
	charge(records, ONE, 40);
	record_older(records, SOON);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	record_older(records, 1);
	KUNIT_EXPECT_EQ(test, end(records, ONE), 0U);
}

/* More than the word has room for is less, and no other's. */
static void record_full(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	int i;

	for (i = 0; i < 100; i++)
		charge(records, ONE, 16);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_NOT);
	KUNIT_EXPECT_EQ(test, end(records, ONE), CHARGES_MAX);
}

/* The aggregate gets back what it was charged for every fragment, and nothing else. */
static void record_aggregate(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	const struct icmpguard_charged both = { .charges = 1, .memory = 1, .aggregate = true };

	icmpguard_record_charge(records, ONE, false, &both);
	icmpguard_record_charge(records, ONE, false, &both);
	KUNIT_EXPECT_TRUE(test, icmpguard_record_end(records, ONE, false).aggregate);
	KUNIT_EXPECT_FALSE(test, icmpguard_record_end(records, ONE, false).aggregate);
	icmpguard_record_charge(records, ONE, false, &both);
	charge(records, ONE, 1);
	icmpguard_record_charge(records, ONE, false, &both);
	KUNIT_EXPECT_FALSE(test, icmpguard_record_end(records, ONE, false).aggregate);
	charge(records, ONE, 1);
	icmpguard_record_charge(records, ONE, false, &both);
	KUNIT_EXPECT_FALSE(test, icmpguard_record_end(records, ONE, false).aggregate);
}

/* As if nothing had come for so long */
static void waiting_older(struct icmpguard_records *records, bool v6, unsigned int by)
{
	struct waiting *waiting = &records->waiting[v6];
	int slot[WAITING_SLOTS];
	unsigned int i;

	waiting_turn(records, v6);
	for (i = 0; i < WAITING_SLOTS; i++)
		slot[i] = atomic_read(&waiting->slot[i]);
	for (i = 0; i < WAITING_SLOTS; i++)
		atomic_set(&waiting->slot[(i - by) % WAITING_SLOTS], slot[i]);
	waiting->turned -= by;
}

/* The age is that of the first, and none while it may be a single moment's. */
static void record_age(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	charge(records, ONE, 1);
	record_older(records, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE, false).age, 0UL);
	charge(records, ONE, 1);
	record_older(records, SOON);
	charge(records, ONE, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE, false).age,
			(SOON - 1UL) << TICK_SHIFT);
}

/* What waits is known until the kernel gives it up, and is less by what is whole. */
static void waiting_sum(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	unsigned int v6;

	for (v6 = 0; v6 < 2; v6++) {
		const struct icmpguard_charged some = { .charges = 1, .memory = 10 };

		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 0U);
		icmpguard_record_charge(records, ONE, v6, &some);
		icmpguard_record_charge(records, OTHER, v6, &some);
		icmpguard_record_charge(records, OTHER, v6, &some);
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 30U);
		KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, OTHER, v6).memory, 20U);
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 10U);
		/* Of an overwritten record nothing is known, so it waits its time. */
		KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE, v6).memory, 0U);
		waiting_older(records, v6, time_waiting(v6) - 1);
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 10U);
		icmpguard_record_charge(records, ONE, v6, &some);
		waiting_older(records, v6, 1);
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 10U);
		/* A processor whose clock is after another's empties nothing. */
		records->waiting[v6].turned++;
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 10U);
		records->waiting[v6].turned--;
		waiting_older(records, v6, 10 * WAITING_SLOTS);
		KUNIT_EXPECT_EQ(test, icmpguard_record_waiting(records, v6), 0U);
		icmpguard_record_end(records, ONE, v6);
	}
}

static void piece_repeated(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	struct icmpguard_packet packet = { .start = 1400, .size = 2800 };
	u64 piece = icmpguard_piece_hash(records, ONE, &packet);
	u64 i;

	KUNIT_EXPECT_FALSE(test, icmpguard_piece_repeats(records, piece));
	icmpguard_piece_note(records, piece);
	KUNIT_EXPECT_TRUE(test, icmpguard_piece_repeats(records, piece));
	/* Another message's, or of another place, length or end */
	KUNIT_EXPECT_NE(test, icmpguard_piece_hash(records, OTHER, &packet), piece);
	packet.last = true;
	KUNIT_EXPECT_NE(test, icmpguard_piece_hash(records, ONE, &packet), piece);
	packet.last = false;
	packet.size++;
	KUNIT_EXPECT_NE(test, icmpguard_piece_hash(records, ONE, &packet), piece);
	packet.size--;
	packet.start += 8;
	KUNIT_EXPECT_NE(test, icmpguard_piece_hash(records, ONE, &packet), piece);
	/* It outlasts as many others of its set as there are, less one. */
	for (i = 1; i < PIECE_WAYS; i++) {
		make_older(&records->piece[piece % PIECES][0], 16, 1);
		icmpguard_piece_note(records, piece + i * BIT_ULL(32));
		KUNIT_EXPECT_TRUE(test, icmpguard_piece_repeats(records, piece));
	}
	icmpguard_piece_note(records, piece + i * BIT_ULL(32));
	KUNIT_EXPECT_FALSE(test, icmpguard_piece_repeats(records, piece));
	piece += i * BIT_ULL(32);
	KUNIT_EXPECT_TRUE(test, icmpguard_piece_repeats(records, piece));
	for (i = 0; i < PIECE_WAYS; i++)
		make_older(&records->piece[piece % PIECES][i], 16, REPEATED + 1);
	KUNIT_EXPECT_FALSE(test, icmpguard_piece_repeats(records, piece));
}

/* A fragment to an address, as it comes in by an interface */
static u64 hash_by(struct kunit *test, struct icmpguard_records *records, const char *to,
		   int ifindex)
{
	struct net_device *dev = kunit_kzalloc(test, sizeof(*dev), GFP_KERNEL);
	const struct icmpguard_packet packet = { .v6 = true, .id = htonl(7) };
	struct sk_buff *skb = alloc_skb(sizeof(struct ipv6hdr), GFP_KERNEL);
	u64 hash = 0;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	if (dev) {
		dev->ifindex = ifindex;
		skb->dev = dev;
		skb_reset_network_header(skb);
		memset(skb_put(skb, sizeof(struct ipv6hdr)), 0, sizeof(struct ipv6hdr));
		in6_pton(to, -1, ipv6_hdr(skb)->daddr.s6_addr, -1, NULL);
		rcu_read_lock();
		hash = icmpguard_record_hash(records, skb, &packet);
		rcu_read_unlock();
	}
	kfree_skb(skb);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	return hash;
}

/* Messages of two links aren't one, where their addresses are each link's own. */
static void record_of_interface(struct kunit *test)
{
	static const char * const own[] = { "fe80::1", "ff02::1", "ff05::7" };
	struct icmpguard_records *records = records_of(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(own); i++) {
		KUNIT_EXPECT_NE(test, hash_by(test, records, own[i], 1),
				hash_by(test, records, own[i], 2));
		KUNIT_EXPECT_EQ(test, hash_by(test, records, own[i], 1),
				hash_by(test, records, own[i], 1));
	}
	KUNIT_EXPECT_EQ(test, hash_by(test, records, "2001:db8::1", 1),
			hash_by(test, records, "2001:db8::1", 2));
}

/* A later fragment of a message after 16 bytes of headers */
static bool find_inner(struct icmpguard_records *records, u64 hash, u32 *inner)
{
	struct icmpguard_packet packet = { .start = 1000, .size = 2000, .v6 = true };

	if (!icmpguard_inner_find(records, hash, &packet))
		return false;
	*inner = packet.inner;
	return packet.start == 1000 - packet.inner && packet.size == 2000 - packet.inner;
}

static void inner_found(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	u32 inner;

	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
	KUNIT_ASSERT_TRUE(test, find_inner(records, ONE, &inner));
	KUNIT_EXPECT_EQ(test, inner, 16U);
	/* Of two first fragments the shorter counts, whichever came first. */
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 8));
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, ICMPGUARD_INNER_MAX));
	KUNIT_ASSERT_TRUE(test, find_inner(records, ONE, &inner));
	KUNIT_EXPECT_EQ(test, inner, 8U);
	make_older(&records->inner[ONE % INNERS][0], INNER_SHIFT, LONGEST + 1);
	KUNIT_EXPECT_FALSE(test, find_inner(records, ONE, &inner));
}

/*
 * While its later fragments may come, a message is forgotten for no other; the others
 * have room beside it.
 */
static void inner_pinned(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	const u64 next = BIT_ULL(INNER_HASH_SHIFT), last = OTHER + INNER_WAYS * next;
	atomic64_t *set = records->inner[ONE % INNERS];
	u32 inner;
	u64 i;

	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
	for (i = 1; i < INNER_WAYS; i++)
		KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, OTHER + i * next, 8));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, last, 8));
	KUNIT_EXPECT_TRUE(test, find_inner(records, ONE, &inner));
	make_older(&set[0], INNER_SHIFT, LONGEST);
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, last, 8));
	make_older(&set[0], INNER_SHIFT, 1);
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, last, 8));
	for (i = 1; i <= INNER_WAYS; i++) {
		KUNIT_ASSERT_TRUE(test, find_inner(records, OTHER + i * next, &inner));
		KUNIT_EXPECT_EQ(test, inner, 8U);
	}
	/* Noted in two places by two processors at once, the fewest bytes count. */
	atomic64_set(&set[0], atomic64_read(&set[1]) + BIT_ULL(INNER_SHIFT));
	KUNIT_ASSERT_TRUE(test, find_inner(records, OTHER + next, &inner));
	KUNIT_EXPECT_EQ(test, inner, 8U);
}

/*
 * Fragments that went ahead were bound to no size: their first one must not follow, and
 * any other may.
 */
static void inner_ahead(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	atomic64_t *place = &records->ahead[ONE % AHEADS];
	u64 third = OTHER + BIT_ULL(INNER_HASH_SHIFT);
	u32 inner;

	KUNIT_EXPECT_FALSE(test, find_inner(records, ONE, &inner));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, third, 16));
	make_older(place, AHEAD_SHIFT, LONGEST);
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	/* With two in the same place it is any that may have been ahead. */
	KUNIT_EXPECT_FALSE(test, find_inner(records, OTHER, &inner));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, OTHER, 16));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, third, 16));
	make_older(place, AHEAD_SHIFT, LONGEST);
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	make_older(place, AHEAD_SHIFT, 1);
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
	KUNIT_EXPECT_FALSE(test, find_inner(records, third + BIT_ULL(INNER_HASH_SHIFT), &inner));
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(record_verdict),
	KUNIT_CASE(record_refused),
	KUNIT_CASE(record_charges),
	KUNIT_CASE(record_stretched),
	KUNIT_CASE(record_full),
	KUNIT_CASE(record_aggregate),
	KUNIT_CASE(record_age),
	KUNIT_CASE(waiting_sum),
	KUNIT_CASE(record_of_interface),
	KUNIT_CASE(piece_repeated),
	KUNIT_CASE(inner_found),
	KUNIT_CASE(inner_pinned),
	KUNIT_CASE(inner_ahead),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-record",
	.test_cases = cases,
};

kunit_test_suite(suite);
