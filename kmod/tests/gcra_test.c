// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arithmetic of a bucket, and the units of time.
 */
#include <kunit/test.h>
#include "../limiter/gcra.h"

#define SECOND		ICMPGUARD_SECOND
#define UNIT		ICMPGUARD_TIME_UNIT
#define LONGEST_BURST	((u32)(ICMPGUARD_BURST_MAX / ICMPGUARD_SECOND))

struct compile_case {
	const char *name;
	struct icmpguard_rate rate;	/* packets, period, burst */
	u64 unit;
	int err;
};

static const struct compile_case compile_cases[] = {
	{ "10/second", { 10, 1, 20 }, UNIT, 0 },
	{ "10/second, even cost", { 10, 1, 20 }, 2 * UNIT, 0 },
	{ "10/second, total", { 10, 1, 20 }, 1, 0 },
	{ "1/second, burst 1", { 1, 1, 1 }, UNIT, 0 },
	{ "3/second", { 3, 1, 5 }, UNIT, 0 },
	{ "7/second, total", { 7, 1, 5 }, 1, 0 },
	{ "300/minute", { 300, 60, 5 }, UNIT, 0 },
	{ "7/minute", { 7, 60, 5 }, UNIT, 0 },
	{ "5000/hour", { 5000, 3600, 100 }, UNIT, 0 },
	{ "1/hour", { 1, 3600, 1 }, UNIT, 0 },
	{ "1/day", { 1, 86400, 5 }, UNIT, 0 },
	{ "1/week", { 1, 604800, 1 }, UNIT, 0 },
	{ "99991/second", { 99991, 1, 10000 }, UNIT, 0 },
	{ "100000/second", { 100000, 1, 1 }, UNIT, 0 },
	{ "1000000/second", { 1000000, 1, 100000 }, UNIT, 0 },
	{ "4294967295/second", { U32_MAX, 1, 1 }, UNIT, 0 },
	{ "4294967295/second, total", { U32_MAX, 1, U32_MAX }, 1, 0 },
	{ "longest burst", { 1, 1, LONGEST_BURST }, UNIT, 0 },
	{ "burst one too long", { 1, 1, LONGEST_BURST + 1 }, UNIT, -ERANGE },
	{ "burst whose debt overflows", { 1, 3600, U32_MAX }, UNIT, -ERANGE },
	{ "cost longer than a debt", { 1, LONGEST_BURST / 3 * 4 + 1, 1 }, UNIT, -ERANGE },
	{ "period that overflows", { 1, U32_MAX, 1 }, UNIT, -ERANGE },
	{ "no period", { 10, 0, 20 }, UNIT, -EINVAL },
	{ "no burst", { 10, 1, 0 }, UNIT, -EINVAL },
};

static void compile_name(const struct compile_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(compile, compile_cases, compile_name);

static void gcra_compile(struct kunit *test)
{
	const struct compile_case *c = test->param_value;
	u64 span = c->rate.period * SECOND, product;
	struct icmpguard_gcra gcra = { 1, 2 };

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, &c->rate, c->unit), c->err);
	if (c->err) {
		KUNIT_EXPECT_EQ(test, gcra.cost, 1ULL);
		KUNIT_EXPECT_EQ(test, gcra.tolerance, 2ULL);
		return;
	}
	KUNIT_EXPECT_GT(test, gcra.cost, 0ULL);
	KUNIT_EXPECT_EQ(test, gcra.cost & (c->unit - 1), 0ULL);
	KUNIT_EXPECT_EQ(test, gcra.tolerance, gcra.cost * (c->rate.burst - 1));
	KUNIT_EXPECT_LE(test, gcra.tolerance + gcra.cost, ICMPGUARD_SINGLE_MAX);
	/* Never more than the rate, and less by no more than the rounding */
	if (!check_mul_overflow(gcra.cost, (u64)c->rate.packets, &product))
		KUNIT_EXPECT_GE(test, product, span);
	KUNIT_ASSERT_FALSE(test, check_mul_overflow(gcra.cost - c->unit, (u64)c->rate.packets,
						    &product));
	KUNIT_EXPECT_LT(test, product, span);
}

static void gcra_compile_exact(struct kunit *test)
{
	const struct icmpguard_rate rate = { 10, 1, 20 };
	struct icmpguard_gcra gcra;

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, &rate, UNIT), 0);
	/* HZ is a multiple of ten, and so is a second. */
	KUNIT_EXPECT_EQ(test, gcra.cost, SECOND / 10);
	KUNIT_EXPECT_EQ(test, gcra.tolerance, SECOND / 10 * 19);
}

static void gcra_compile_unlimited(struct kunit *test)
{
	static const struct icmpguard_rate rates[] = {
		{}, { 0, 1, 5 }, { 0, 0, 5 }, { 0, U32_MAX, U32_MAX },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		struct icmpguard_gcra gcra = { 1, 2 };

		KUNIT_EXPECT_EQ(test, icmpguard_gcra_compile(&gcra, &rates[i], UNIT), 0);
		KUNIT_EXPECT_EQ(test, gcra.cost, 0ULL);
		KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, 0), U32_MAX);
		KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, ICMPGUARD_DEBT_MAX), U32_MAX);
		KUNIT_EXPECT_FALSE(test, icmpguard_gcra_is_fine(&gcra));
	}
}

struct debt_case {
	const char *name;
	u64 tat, now, debt;
};

static const struct debt_case debt_cases[] = {
	{ "just now", 5 * SECOND, 5 * SECOND, 0 },
	{ "one unit ahead", 5 * SECOND + UNIT, 5 * SECOND, UNIT },
	{ "one unit past", 5 * SECOND - UNIT, 5 * SECOND, 0 },
	{ "largest", ICMPGUARD_DEBT_MAX, 0, ICMPGUARD_DEBT_MAX },
	{ "larger than the largest: long ago", ICMPGUARD_DEBT_MAX + 1, 0, 0 },
	{ "half of the range", 1ULL << 63, 0, 0 },
	{ "ahead, across the wrap", 3 * SECOND, -2 * SECOND, 5 * SECOND },
	{ "largest, across the wrap", ICMPGUARD_DEBT_MAX - SECOND, -SECOND, ICMPGUARD_DEBT_MAX },
	{ "past, across the wrap", -2 * SECOND, 3 * SECOND, 0 },
	{ "long past, across the wrap", -(1ULL << 62), 1ULL << 61, 0 },
	{ "at the wrap", 0, 0, 0 },
	{ "a unit before the wrap, ahead", 0, -UNIT, UNIT },
	{ "a unit before the wrap, past", -UNIT, 0, 0 },
	{ "oldest that is distinguished from a debt", ICMPGUARD_DEBT_MAX + UNIT, 0, 0 },
};

static void debt_name(const struct debt_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(debt, debt_cases, debt_name);

static void gcra_debt(struct kunit *test)
{
	const struct debt_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, icmpguard_gcra_debt(c->tat, c->now), c->debt);
}

/* The bucket as the limiter uses it. Return: whether a packet passes. */
static bool take(const struct icmpguard_gcra *gcra, u64 *tat, u64 now)
{
	u64 debt = icmpguard_gcra_debt(*tat, now);

	if (debt > gcra->tolerance)
		return false;
	*tat = now + debt + gcra->cost;
	return true;
}

/* What is left is what passes, for every debt a bucket can have. */
static void gcra_left(struct kunit *test)
{
	const struct icmpguard_rate rate = { 7, 1, 13 };
	u64 now = -3 * SECOND, tat = now;
	struct icmpguard_gcra gcra;
	u64 idle;

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, &rate, UNIT), 0);
	KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, 0), 13U);
	KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, 1), 12U);
	KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, gcra.tolerance), 1U);
	KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, gcra.tolerance + 1), 0U);
	KUNIT_EXPECT_EQ(test, icmpguard_gcra_left(&gcra, ICMPGUARD_DEBT_MAX), 0U);
	for (idle = 0; idle < 3 * SECOND; idle += SECOND / 64) {
		u32 left, passed = 0;

		now += idle;
		left = icmpguard_gcra_left(&gcra, icmpguard_gcra_debt(tat, now));
		while (take(&gcra, &tat, now))
			passed++;
		KUNIT_EXPECT_EQ(test, left, passed);
	}
}

struct fine_case {
	const char *name;
	struct icmpguard_gcra gcra;
	bool fine;
};

static const struct fine_case fine_cases[] = {
	{ "fills in just less than two jiffies", { UNIT, 2 * ICMPGUARD_JIFFY - 2 * UNIT }, true },
	{ "fills in two jiffies", { UNIT, 2 * ICMPGUARD_JIFFY - UNIT }, false },
	{ "one packet, two jiffies", { 2 * ICMPGUARD_JIFFY, 0 }, false },
	{ "one packet, just less", { 2 * ICMPGUARD_JIFFY - UNIT, 0 }, true },
	{ "one packet, a second", { SECOND, 0 }, false },
	{ "unlimited", { 0, 0 }, false },
};

static void fine_name(const struct fine_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fine, fine_cases, fine_name);

static void gcra_is_fine(struct kunit *test)
{
	const struct fine_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, icmpguard_gcra_is_fine(&c->gcra), c->fine);
}

struct msecs_case {
	const char *name;
	u64 time;
	u32 msecs;
};

static const struct msecs_case msecs_cases[] = {
	{ "nothing", 0, 0 },
	{ "less than a unit", 1, 1 },
	{ "a unit", UNIT, 1 },
	{ "a second", SECOND, 1000 },
	{ "a second and a little", SECOND + 1, 1001 },
	{ "a second less a unit", SECOND - UNIT, 1000 },
	{ "a tenth of a second", SECOND / 10, 100 },
	{ "an hour", 3600 * SECOND, 3600000 },
	{ "a day and a half", 129600 * SECOND, 129600000 },
};

static void msecs_name(const struct msecs_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(msecs, msecs_cases, msecs_name);

static void time_to_msecs(struct kunit *test)
{
	const struct msecs_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, icmpguard_time_to_msecs(c->time), c->msecs);
}

struct accuracy_case {
	const char *name;
	struct icmpguard_rate rate;
};

static const struct accuracy_case accuracy_cases[] = {
	{ "1/hour burst 1", { 1, 3600, 1 } },
	{ "1/hour burst 5", { 1, 3600, 5 } },
	{ "10/hour burst 5", { 10, 3600, 5 } },
	{ "1/minute burst 1", { 1, 60, 1 } },
	{ "5/minute burst 5", { 5, 60, 5 } },
	{ "1/second burst 1", { 1, 1, 1 } },
	{ "3/second burst 5", { 3, 1, 5 } },
	{ "10/second burst 20", { 10, 1, 20 } },
	{ "50/second burst 100", { 50, 1, 100 } },
	{ "5000/hour burst 100", { 5000, 3600, 100 } },
	{ "300/minute burst 5", { 300, 60, 5 } },
	{ "500/second burst 1", { 500, 1, 1 } },
	{ "1000/second burst 5", { 1000, 1, 5 } },
	{ "1000/second burst 1000", { 1000, 1, 1000 } },
	{ "20000/second burst 2000", { 20000, 1, 2000 } },
	{ "99991/second burst 1", { 99991, 1, 1 } },
	{ "100000/second burst 1", { 100000, 1, 1 } },
	{ "100000/second burst 10000", { 100000, 1, 10000 } },
};

static void accuracy_name(const struct accuracy_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(accuracy, accuracy_cases, accuracy_name);

/* What such a rate's clock can read: units of time, or jiffies */
static u64 tick_of(const struct icmpguard_gcra *gcra)
{
	return icmpguard_gcra_is_fine(gcra) ? UNIT : ICMPGUARD_JIFFY;
}

/* Packets that pass when there is always one more. A minute, across the wrap */
static u64 saturate(const struct icmpguard_gcra *gcra)
{
	const u64 start = -30 * SECOND, tick = tick_of(gcra);
	u64 elapsed = 0, tat = start, passed = 0;

	while (elapsed <= 60 * SECOND) {
		u64 wait;

		while (take(gcra, &tat, start + elapsed))
			passed++;
		wait = tat - gcra->tolerance - (start + elapsed);
		elapsed += (wait + tick - 1) & ~(tick - 1);
	}
	return passed;
}

/* Packets that pass of twice the rate, evenly spaced */
static u64 offer_twice(const struct icmpguard_gcra *gcra, const struct icmpguard_rate *rate)
{
	const u64 offers = max_t(u64, 20000, div_u64(120ULL * rate->packets, rate->period));
	const u64 step = div64_u64(60 * SECOND, offers);
	const u64 start = -30 * SECOND, mask = ~(tick_of(gcra) - 1);
	u64 i, tat = start, passed = 0;

	for (i = 0; i < offers; i++)
		passed += take(gcra, &tat, (start + i * step) & mask);
	return passed;
}

/*
 * On the clock that such a rate is given: within one hundredth below what is
 * configured, never above. Evenly spaced packets may miss the moment when a
 * bucket of one packet is full again, and so pass less often.
 */
static void accuracy_with(struct kunit *test, const struct icmpguard_rate *rate, u64 unit)
{
	const u64 most = div_u64(60ULL * rate->packets, rate->period) + rate->burst;
	struct icmpguard_gcra gcra;
	u64 passed;

	KUNIT_ASSERT_EQ(test, icmpguard_gcra_compile(&gcra, rate, unit), 0);
	passed = saturate(&gcra);
	KUNIT_EXPECT_LE(test, passed, most);
	KUNIT_EXPECT_GE(test, passed, most - most / 100 - 1);
	if (gcra.cost * rate->packets == rate->period * SECOND)
		KUNIT_EXPECT_EQ(test, passed, most);
	passed = offer_twice(&gcra, rate);
	KUNIT_EXPECT_LE(test, passed, most);
	if (rate->burst > 1)
		KUNIT_EXPECT_GE(test, passed, most - most / 100 - 1);
}

static void gcra_accuracy(struct kunit *test)
{
	const struct accuracy_case *c = test->param_value;

	accuracy_with(test, &c->rate, UNIT);
}

static void gcra_accuracy_even(struct kunit *test)
{
	const struct accuracy_case *c = test->param_value;

	accuracy_with(test, &c->rate, 2 * UNIT);
}

static void gcra_accuracy_total(struct kunit *test)
{
	const struct accuracy_case *c = test->param_value;

	accuracy_with(test, &c->rate, 1);
}

static void clock_units(struct kunit *test)
{
	const u64 hour = mul_u64_u64_shr(3600ULL * NSEC_PER_SEC, ICMPGUARD_PER_NSEC, 32);

	KUNIT_EXPECT_EQ(test, ICMPGUARD_SECOND, HZ * ICMPGUARD_JIFFY);
	KUNIT_EXPECT_EQ(test, ICMPGUARD_SECOND & ~ICMPGUARD_TIME_MASK, 0ULL);
	/* 38 to 61 nanoseconds */
	KUNIT_EXPECT_GE(test, ICMPGUARD_UNITS_PER_SEC, NSEC_PER_SEC / 62ULL);
	KUNIT_EXPECT_LE(test, ICMPGUARD_UNITS_PER_SEC, NSEC_PER_SEC / 38ULL);
	/* The nanosecond clock runs as fast as jiffies, to a millionth. */
	KUNIT_EXPECT_LE(test, hour, 3600 * SECOND);
	KUNIT_EXPECT_GE(test, hour, 3600 * SECOND - 3600 * (SECOND / 1000000));
}

static void clock_now(struct kunit *test)
{
	struct icmpguard_clock clock;
	int fine, i;

	for (fine = 0; fine <= 1; fine++) {
		u64 before;

		clock = (struct icmpguard_clock) { .fine = fine };
		before = icmpguard_clock_now(&clock);
		KUNIT_EXPECT_EQ(test, before & ~ICMPGUARD_TIME_MASK, 0ULL);
		for (i = 0; i < 1000; i++) {
			u64 now = icmpguard_clock_now(&clock);

			KUNIT_ASSERT_GE(test, (s64)(now - before), 0LL);
			before = now;
		}
		/* An offset that takes the clock across the wrap */
		clock.offset = -before;
		KUNIT_EXPECT_LT(test, icmpguard_clock_now(&clock), 60 * SECOND);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(gcra_compile, compile_gen_params),
	KUNIT_CASE(gcra_compile_exact),
	KUNIT_CASE(gcra_compile_unlimited),
	KUNIT_CASE_PARAM(gcra_debt, debt_gen_params),
	KUNIT_CASE(gcra_left),
	KUNIT_CASE_PARAM(gcra_is_fine, fine_gen_params),
	KUNIT_CASE_PARAM(time_to_msecs, msecs_gen_params),
	KUNIT_CASE_PARAM(gcra_accuracy, accuracy_gen_params),
	KUNIT_CASE_PARAM(gcra_accuracy_even, accuracy_gen_params),
	KUNIT_CASE_PARAM(gcra_accuracy_total, accuracy_gen_params),
	KUNIT_CASE(clock_units),
	KUNIT_CASE(clock_now),
	{}
};

static struct kunit_suite suite = {
	.name = "icmpguard-gcra",
	.test_cases = cases,
};

kunit_test_suite(suite);
