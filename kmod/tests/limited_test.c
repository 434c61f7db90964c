// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limited sources as they are reported: once when it begins, once when it is over,
 * and what can't be reported any more is counted. Time is set back, not waited for.
 */
#include <kunit/test.h>
#include "../limited.c"

#define TID	ICMPGUARD_TID4_ECHO_REQUEST

struct world {
	struct icmpguard_limited *limited;
	struct icmpguard_limiting list[ICMPGUARD_LIMITED_MAX];
	u32 lost;
};

static int limited_init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	test->priv = w;
	w->limited = icmpguard_limited_alloc();
	return w->limited ? 0 : -ENOMEM;
}

static void limited_exit(struct kunit *test)
{
	struct world *w = test->priv;

	if (w)
		icmpguard_limited_free(w->limited);
}

static void record(struct world *w, u32 addr, unsigned int times, bool monitored)
{
	const struct icmpguard_addr prefix = { 0, addr };

	local_bh_disable();
	while (times--)
		icmpguard_limited_record(w->limited, &prefix, 32, TID, 1, monitored);
	local_bh_enable();
}

static void drop(struct world *w, u32 addr, unsigned int times)
{
	record(w, addr, times, false);
}

/* So long ago as if nothing had been dropped for a while */
static void age(struct world *w, unsigned long ticks)
{
	int i, j;

	for (i = 0; i < SETS; i++)
		for (j = 0; j < WAYS; j++) {
			w->limited->set[i].entry[j].last -= ticks;
			w->limited->set[i].entry[j].since -= ticks;
		}
}

static unsigned int news(struct world *w)
{
	return icmpguard_limited_news(w->limited, w->list, &w->lost);
}

static void tell_all(struct world *w)
{
	unsigned int n = news(w), i;

	for (i = 0; i < n; i++)
		icmpguard_limited_told(w->limited, &w->list[i]);
}

/* Sources of which the beginning was reported and the end wasn't */
static unsigned int reported(struct world *w)
{
	unsigned int n = 0;
	int i, j;

	for (i = 0; i < SETS; i++)
		for (j = 0; j < WAYS; j++)
			n += is_reported(w->limited, &w->limited->set[i].entry[j]);
	return n;
}

static void told_once(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_limited_watch(w->limited, true);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	drop(w, 1, 3);
	KUNIT_ASSERT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 3ULL);
	KUNIT_EXPECT_FALSE(test, w->list[0].released);
	/* What wasn't reported is still to be reported. */
	KUNIT_EXPECT_EQ(test, news(w), 1U);
	tell_all(w);
	drop(w, 1, 4);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	age(w, RELEASED + 1);
	KUNIT_ASSERT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_TRUE(test, w->list[0].released);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 7ULL);
	tell_all(w);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	/* It begins again, and is counted again. */
	drop(w, 1, 2);
	KUNIT_ASSERT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_FALSE(test, w->list[0].released);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 2ULL);
	KUNIT_EXPECT_EQ(test, w->lost, 0U);
}

/* What is dropped and what is only monitored are counted apart, and rank together. */
static void monitored(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_limited_watch(w->limited, true);
	record(w, 1, 5, true);
	drop(w, 2, 4);
	KUNIT_ASSERT_EQ(test, news(w), 2U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 0ULL);
	KUNIT_EXPECT_EQ(test, w->list[0].source.monitored, 5ULL);
	KUNIT_EXPECT_EQ(test, w->list[1].source.drops, 4ULL);
	KUNIT_EXPECT_EQ(test, w->list[1].source.monitored, 0ULL);
	drop(w, 1, 2);
	KUNIT_ASSERT_EQ(test, news(w), 2U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 2ULL);
	KUNIT_EXPECT_EQ(test, w->list[0].source.monitored, 5ULL);
	tell_all(w);
	age(w, RELEASED + 1);
	KUNIT_ASSERT_EQ(test, news(w), 2U);
	tell_all(w);
	/* It begins again, and both are counted again. */
	record(w, 1, 3, true);
	KUNIT_ASSERT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.drops, 0ULL);
	KUNIT_EXPECT_EQ(test, w->list[0].source.monitored, 3ULL);
}

static void heaviest_first(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_limited_watch(w->limited, true);
	drop(w, 1, 3);
	drop(w, 2, 9);
	drop(w, 3, 6);
	KUNIT_ASSERT_EQ(test, news(w), 3U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.addr.lo, 2ULL);
	KUNIT_EXPECT_EQ(test, w->list[1].source.addr.lo, 3ULL);
	KUNIT_EXPECT_EQ(test, w->list[2].source.addr.lo, 1ULL);
}

/* A source that was quiet again before it could be reported */
static void unreported(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_limited_watch(w->limited, true);
	drop(w, 1, 3);
	age(w, RELEASED + 1);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	KUNIT_EXPECT_EQ(test, w->lost, 1U);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	KUNIT_EXPECT_EQ(test, w->lost, 1U);
}

/* Without a watch nothing is owed; one that begins gets the sources limited now. */
static void unwatched(struct kunit *test)
{
	struct world *w = test->priv;

	drop(w, 1, 3);
	age(w, RELEASED + 1);
	drop(w, 2, 3);
	icmpguard_limited_watch(w->limited, true);
	KUNIT_ASSERT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_EQ(test, w->list[0].source.addr.lo, 2ULL);
	tell_all(w);
	/* To another watch they are reported again. */
	icmpguard_limited_watch(w->limited, false);
	icmpguard_limited_watch(w->limited, true);
	KUNIT_EXPECT_EQ(test, news(w), 1U);
	KUNIT_EXPECT_EQ(test, w->lost, 0U);
}

/* More sources than the table has room for: each is listed or counted as lost. */
static void crowded(struct kunit *test)
{
	const u32 sources = 3 * ICMPGUARD_LIMITED_MAX;
	struct world *w = test->priv;
	unsigned int listed;
	u32 i;

	icmpguard_limited_watch(w->limited, true);
	for (i = 0; i < sources; i++)
		drop(w, i, 1);
	listed = news(w);
	KUNIT_EXPECT_LE(test, listed, (unsigned int)ICMPGUARD_LIMITED_MAX);
	KUNIT_EXPECT_EQ(test, listed + w->lost, sources);
	/* Reported sources that have to go are lost, too: their release isn't reported. */
	tell_all(w);
	w->lost = 0;
	for (i = 0; i < sources; i++)
		drop(w, sources + i, 1);
	KUNIT_EXPECT_EQ(test, news(w) + w->lost + reported(w), sources + listed);
}

static void forgotten(struct kunit *test)
{
	struct world *w = test->priv;

	icmpguard_limited_watch(w->limited, true);
	drop(w, 1, 1);
	tell_all(w);
	drop(w, 2, 1);
	icmpguard_limited_forget(w->limited);
	KUNIT_EXPECT_EQ(test, news(w), 0U);
	KUNIT_EXPECT_EQ(test, w->lost, 2U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(told_once),
	KUNIT_CASE(monitored),
	KUNIT_CASE(heaviest_first),
	KUNIT_CASE(unreported),
	KUNIT_CASE(unwatched),
	KUNIT_CASE(crowded),
	KUNIT_CASE(forgotten),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-limited",
	.init = limited_init,
	.exit = limited_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
