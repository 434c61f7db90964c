// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of messages in fragments: verdicts, charges, repetitions, further headers.
 */
#include <kunit/test.h>
#include "../record.c"

/* Three messages of one place */
#define ONE	0x123456789abcdef0ULL
#define OTHER	(ONE ^ BIT_ULL(40))
#define THIRD	(ONE ^ BIT_ULL(41))

static struct icmpguard_records *records_of(struct kunit *test)
{
	struct icmpguard_records *records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, records);
	for (i = 0; i < AHEADS; i++)
		records->ahead[i] = time_now() - LONGEST - 1;
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
	make_older(&records->record[ONE % RECORDS], 16, by);
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

/* All that was charged comes back, once. */
static void record_charges(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 0U);
	icmpguard_record_charge(records, ONE, 1);
	icmpguard_record_charge(records, ONE, 16);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	icmpguard_record_charge(records, ONE, 3);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_PASSED);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 20U);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 0U);
}

/* What was charged before a record was overwritten, or long ago, doesn't come back. */
static void record_stretched(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);

	icmpguard_record_charge(records, ONE, 40);
	icmpguard_record_charge(records, OTHER, 2);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 0U);
	icmpguard_record_charge(records, ONE, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, OTHER), 0U);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 1U);

	icmpguard_record_charge(records, ONE, 40);
	record_older(records, SOON + 1);
	icmpguard_record_charge(records, ONE, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 1U);

	icmpguard_record_charge(records, ONE, 40);
	record_older(records, SOON + 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 0U);
	/* Nor does a verdict make it younger. */
	icmpguard_record_charge(records, ONE, 40);
	record_older(records, SOON);
	icmpguard_record_judge(records, ONE, ICMPGUARD_JUDGED_PASSED);
	record_older(records, 1);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), 0U);
}

/* More than the word has room for is less, and no other's. */
static void record_full(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	int i;

	for (i = 0; i < 100; i++)
		icmpguard_record_charge(records, ONE, 16);
	KUNIT_EXPECT_EQ(test, icmpguard_record_judged(records, ONE), ICMPGUARD_JUDGED_NOT);
	KUNIT_EXPECT_EQ(test, icmpguard_record_end(records, ONE), CHARGES_MAX);
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

/* A later fragment of a message behind 16 octets of headers */
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
	make_older(&records->inner[ONE % INNERS], INNER_SHIFT, LONGEST + 1);
	KUNIT_EXPECT_FALSE(test, find_inner(records, ONE, &inner));
}

/* While its later fragments may come, a message is forgotten for no other. */
static void inner_pinned(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	u32 inner;

	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, OTHER, 8));
	KUNIT_EXPECT_TRUE(test, find_inner(records, ONE, &inner));
	make_older(&records->inner[ONE % INNERS], INNER_SHIFT, LONGEST);
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, OTHER, 8));
	make_older(&records->inner[ONE % INNERS], INNER_SHIFT, 1);
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, OTHER, 8));
	KUNIT_EXPECT_TRUE(test, find_inner(records, OTHER, &inner));
}

/* Fragments that went ahead were bound to no size: their first one must not follow. */
static void inner_ahead(struct kunit *test)
{
	struct icmpguard_records *records = records_of(test);
	u32 inner;

	KUNIT_EXPECT_FALSE(test, find_inner(records, ONE, &inner));
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	records->ahead[ONE % AHEADS] -= LONGEST;
	KUNIT_EXPECT_FALSE(test, icmpguard_inner_note(records, ONE, 16));
	records->ahead[ONE % AHEADS]--;
	KUNIT_EXPECT_TRUE(test, icmpguard_inner_note(records, ONE, 16));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(record_verdict),
	KUNIT_CASE(record_refused),
	KUNIT_CASE(record_charges),
	KUNIT_CASE(record_stretched),
	KUNIT_CASE(record_full),
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
