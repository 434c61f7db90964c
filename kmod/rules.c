// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: building a set of them, flattening, looking up.
 */
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "rules.h"

/* So few ranges are searched as fast without an index. */
#define INDEX_MIN	32

static int compare_addr(const struct icmpguard_addr *a, const struct icmpguard_addr *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* By family, address, length: a prefix comes right before those inside it. */
static int compare(const void *pa, const void *pb)
{
	const struct icmpguard_rule *a = pa, *b = pb;
	int order;

	if (a->v6 != b->v6)
		return a->v6 ? 1 : -1;
	order = compare_addr(&a->addr, &b->addr);
	return order ? order : (int)a->len - b->len;
}

static struct icmpguard_addr last_of(const struct icmpguard_rule *rule)
{
	struct icmpguard_addr mask = icmpguard_addr_mask(rule->len, rule->v6);

	if (!rule->v6)
		return (struct icmpguard_addr) { 0, rule->addr.lo | (u32)~mask.lo };
	return (struct icmpguard_addr) { rule->addr.hi | ~mask.hi, rule->addr.lo | ~mask.lo };
}

/* Step to the next address. Return: false after the last there is. */
static bool next_addr(struct icmpguard_addr *addr, bool v6)
{
	addr->lo++;
	if (!v6)
		return addr->lo <= U32_MAX;
	if (!addr->lo)
		addr->hi++;
	return addr->hi || addr->lo;
}

static void emit(struct icmpguard_ruleset *set, bool v6, const struct icmpguard_addr *start,
		 u32 rule)
{
	if (!v6) {
		struct icmpguard_range4 *last = set->range4 + set->ranges4 - 1;

		if (set->ranges4 && last->start == start->lo)
			last->rule = rule;
		else
			set->range4[set->ranges4++] = (struct icmpguard_range4) { start->lo, rule };
	} else {
		struct icmpguard_range6 *last = set->range6 + set->ranges6 - 1;

		if (set->ranges6 && !compare_addr(&last->start, start))
			last->rule = rule;
		else
			set->range6[set->ranges6++] = (struct icmpguard_range6) { *start, rule };
	}
}

/*
 * Close the prefixes on the stack that end before an address, innermost
 * first: after each, its parent goes on.
 */
static void close_before(struct icmpguard_ruleset *set, u32 *stack, unsigned int *depth,
			 const struct icmpguard_rule *before)
{
	while (*depth) {
		const struct icmpguard_rule *top = &set->rule[stack[*depth - 1]];
		struct icmpguard_addr end = last_of(top);

		if (before && compare_addr(&end, &before->addr) >= 0)
			return;
		(*depth)--;
		if (next_addr(&end, top->v6))
			emit(set, top->v6, &end, *depth ? stack[*depth - 1] + 1 : 0);
	}
}

static void flatten(struct icmpguard_ruleset *set, u32 from, u32 to)
{
	static const struct icmpguard_addr zero;
	u32 stack[129];		/* one prefix of each length can hold an address */
	unsigned int depth = 0;
	u32 i;

	if (from == to)
		return;
	emit(set, set->rule[from].v6, &zero, 0);
	for (i = from; i < to; i++) {
		close_before(set, stack, &depth, &set->rule[i]);
		emit(set, set->rule[i].v6, &set->rule[i].addr, i + 1);
		stack[depth++] = i;
	}
	close_before(set, stack, &depth, NULL);
}

static u64 key4(const struct icmpguard_ruleset *set, u32 i)
{
	return set->range4[i].start;
}

static u64 key6(const struct icmpguard_ruleset *set, u32 i)
{
	return set->range6[i].start.hi;
}

/*
 * Slots divide what lies between the second range's start and the last one's
 * evenly. As many ranges are searched in each as there are in the fullest: a
 * loop that always turns as often is predicted, and that saves more than a
 * shorter one would. Where all prefixes lie close together it is as long as
 * without an index.
 */
static int make_index(struct icmpguard_index *index, const struct icmpguard_ruleset *set,
		      u32 ranges, u64 (*key)(const struct icmpguard_ruleset *, u32))
{
	u32 slot, last, i = 0;
	u64 span;

	if (!ranges)
		return 0;
	index->slots = ranges > INDEX_MIN ? rounddown_pow_of_two(ranges) : 1;
	index->base = ranges > 1 ? key(set, 1) : 0;
	span = key(set, ranges - 1) - index->base;
	index->shift = clamp(fls64(span) - ilog2(index->slots), 0, 63);
	index->first = kvmalloc_array(index->slots, sizeof(*index->first), GFP_KERNEL_ACCOUNT);
	if (!index->first)
		return -ENOMEM;
	for (slot = 0; slot < index->slots; slot++) {
		while (i < ranges && key(set, i) < index->base + ((u64)slot << index->shift))
			i++;
		index->first[slot] = i ? i - 1 : 0;
	}
	/* From the range before a slot to the range before the next one */
	for (slot = 0; slot < index->slots; slot++) {
		last = slot + 1 < index->slots ? index->first[slot + 1] : ranges - 1;
		index->width = max(index->width, last - index->first[slot] + 1);
	}
	for (slot = 0; slot < index->slots; slot++)
		index->first[slot] = min(index->first[slot], ranges - index->width);
	return 0;
}

/* The first of @width ranges, of which an address is in one; without a branch */
static u32 look_up(const struct icmpguard_index *index, u64 key)
{
	u64 slot = (max(key, index->base) - index->base) >> index->shift;

	return index->first[min_t(u64, slot, index->slots - 1)];
}

static void free_set(struct icmpguard_ruleset *set)
{
	kvfree(set->rule);
	kvfree(set->range4);
	kvfree(set->range6);
	kvfree(set->index4.first);
	kvfree(set->index6.first);
	kvfree(set->comments);
	kfree(set);
}

/* Of one prefix, the one that was said first comes first. */
static int compare_indirect(const void *pa, const void *pb)
{
	const struct icmpguard_rule *const *a = pa, *const *b = pb;
	int order = compare(*a, *b);

	return order ? order : *a < *b ? -1 : 1;
}

/*
 * Rules in order: a sort moves pointers, and what is in order already, as it
 * is when it was shown before, isn't sorted. Return: NULL without memory;
 * kvfree() it.
 */
static const struct icmpguard_rule **in_order(const struct icmpguard_rule *rule, u32 n)
{
	const struct icmpguard_rule **list;
	bool sorted = true;
	u32 i;

	list = kvmalloc_array(n + 1, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return NULL;
	for (i = 0; i < n; i++) {
		list[i] = &rule[i];
		if (i && compare(&rule[i - 1], &rule[i]) > 0)
			sorted = false;
	}
	if (!sorted)
		sort(list, n, sizeof(*list), compare_indirect, NULL);
	return list;
}

/* Of the rules to remove that aren't there, the one that was said first */
static const struct icmpguard_rule *earlier(const struct icmpguard_rule *a,
					    const struct icmpguard_rule *b)
{
	return a && a < b ? a : b;
}

/*
 * Fill a set from an old one, less some rules, plus others; both are in order.
 * Return: a rule to remove that isn't there; NULL: none.
 */
static const struct icmpguard_rule *merge(struct icmpguard_ruleset *set,
					  const struct icmpguard_ruleset *from,
					  const struct icmpguard_rule **add, u32 adds,
					  const struct icmpguard_rule **remove, u32 removes)
{
	u32 olds = from ? from->rules : 0, old, a = 0, r = 0;
	const struct icmpguard_rule *absent = NULL;

	for (old = 0; old < olds; old++) {
		const struct icmpguard_rule *rule = &from->rule[old];

		while (r < removes && compare(remove[r], rule) < 0)
			absent = earlier(absent, remove[r++]);
		while (a < adds && compare(add[a], rule) < 0)
			set->rule[set->rules++] = *add[a++];
		if (r < removes && !compare(remove[r], rule)) {
			r++;
			continue;
		}
		/* The new rule of the same prefix is next. */
		if (a < adds && !compare(add[a], rule))
			continue;
		set->rule[set->rules++] = *rule;
	}
	while (r < removes)
		absent = earlier(absent, remove[r++]);
	while (a < adds)
		set->rule[set->rules++] = *add[a++];
	return absent;
}

static bool has_twins(const struct icmpguard_rule **list, u32 n)
{
	u32 i;

	for (i = 1; i < n; i++)
		if (!compare(list[i - 1], list[i]))
			return true;
	return false;
}

/* Take the comments from wherever they are into the set. */
static int keep_comments(struct icmpguard_ruleset *set)
{
	size_t octets = 0;
	char *at;
	u32 i;

	for (i = 0; i < set->rules; i++)
		if (set->rule[i].comment)
			octets += strlen(set->rule[i].comment) + 1;
	if (!octets)
		return 0;
	at = kvmalloc_array(octets, 1, GFP_KERNEL_ACCOUNT);
	if (!at)
		return -ENOMEM;
	set->comments = at;
	for (i = 0; i < set->rules; i++) {
		size_t length;

		if (!set->rule[i].comment)
			continue;
		length = strlen(set->rule[i].comment) + 1;
		set->rule[i].comment = memcpy(at, set->rule[i].comment, length);
		at += length;
	}
	return 0;
}

/* What a packet searches */
static int make_ranges(struct icmpguard_ruleset *set)
{
	u32 v4;
	int err;

	for (v4 = 0; v4 < set->rules && !set->rule[v4].v6; v4++)
		;
	/* A prefix begins one range and ends another; the first starts at zero. */
	set->range4 = kvmalloc_array(2 * v4 + 1, sizeof(*set->range4), GFP_KERNEL_ACCOUNT);
	set->range6 = kvmalloc_array(2 * (set->rules - v4) + 1, sizeof(*set->range6),
				     GFP_KERNEL_ACCOUNT);
	if (!set->range4 || !set->range6)
		return -ENOMEM;
	flatten(set, 0, v4);
	flatten(set, v4, set->rules);
	err = make_index(&set->index4, set, set->ranges4, key4);
	return err ?: make_index(&set->index6, set, set->ranges6, key6);
}

static int fill(struct icmpguard_ruleset *set, const struct icmpguard_ruleset *from,
		const struct icmpguard_rule *add, u32 adds,
		const struct icmpguard_rule *remove, u32 removes, u32 *missing)
{
	const struct icmpguard_rule **adding = in_order(add, adds);
	const struct icmpguard_rule **removing = in_order(remove, removes);
	const struct icmpguard_rule *absent;
	int err = -ENOMEM;

	if (!adding || !removing)
		goto out;
	absent = merge(set, from, adding, adds, removing, removes);
	err = absent ? -ENOENT : has_twins(adding, adds) ? -EEXIST : 0;
	if (absent)
		*missing = absent - remove;
out:
	kvfree(adding);
	kvfree(removing);
	return err;
}

/**
 * icmpguard_ruleset_make() - a new set of rules from an old one
 * @from: the old set, not changed; NULL: empty
 * @add: rules to add, or to put in the place of those of the same prefix
 * @adds: how many
 * @remove: rules to remove, by family, address and length; they go first
 * @removes: how many
 * @missing: on -ENOENT, the index in @remove of the rule that isn't there
 *
 * Context: process.
 * Return: a set with one reference; NULL for an empty one;
 * ERR_PTR of -ENOMEM, -ENOENT, -EEXIST (a prefix twice in @add), -ENOSPC
 * (more than ICMPGUARD_RULES_MAX).
 */
struct icmpguard_ruleset *icmpguard_ruleset_make(const struct icmpguard_ruleset *from,
						 const struct icmpguard_rule *add, u32 adds,
						 const struct icmpguard_rule *remove, u32 removes,
						 u32 *missing)
{
	u64 most = (from ? from->rules : 0) + (u64)adds;
	struct icmpguard_ruleset *set;
	int err;

	/* Some of the old ones may go: how many are left is known when it is made. */
	if (adds > ICMPGUARD_RULES_MAX)
		return ERR_PTR(-ENOSPC);
	if (!most && removes) {
		*missing = 0;
		return ERR_PTR(-ENOENT);
	}
	if (!most)
		return NULL;
	set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	if (!set)
		return ERR_PTR(-ENOMEM);
	refcount_set(&set->refcount, 1);
	set->rule = kvmalloc_array(most, sizeof(*set->rule), GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (!set->rule)
		goto free;
	err = fill(set, from, add, adds, remove, removes, missing);
	if (err)
		goto free;
	if (!set->rules) {
		free_set(set);
		return NULL;
	}
	err = -ENOSPC;
	if (set->rules > ICMPGUARD_RULES_MAX)
		goto free;
	err = keep_comments(set) ?: make_ranges(set);
	if (err)
		goto free;
	return set;

free:
	free_set(set);
	return ERR_PTR(err);
}

/**
 * icmpguard_ruleset_get() - hold a set of rules
 * @set: the set; NULL is nothing
 *
 * Context: any.
 */
void icmpguard_ruleset_get(struct icmpguard_ruleset *set)
{
	if (set)
		refcount_inc(&set->refcount);
}

/**
 * icmpguard_ruleset_put() - let go of a set of rules
 * @set: the set; NULL is nothing
 *
 * Context: any but hard interrupt, when no packet can see it through the
 * configuration that held it.
 */
void icmpguard_ruleset_put(struct icmpguard_ruleset *set)
{
	if (set && refcount_dec_and_test(&set->refcount))
		free_set(set);
}

/**
 * icmpguard_ruleset_find4() - the rule of an IPv4 address
 * @set: the rules
 * @addr: the address, host byte order
 *
 * Context: any. Bounded by the logarithm of the number of ranges.
 * Return: the
 * rule of the longest prefix, NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find4(const struct icmpguard_ruleset *set, u32 addr)
{
	u32 low, n;

	if (!set->ranges4)
		return NULL;
	low = look_up(&set->index4, addr);
	n = set->index4.width;
	while (n > 1) {
		u32 half = n / 2;

		low = set->range4[low + half].start <= addr ? low + half : low;
		n -= half;
	}
	return set->range4[low].rule ? &set->rule[set->range4[low].rule - 1] : NULL;
}

/**
 * icmpguard_ruleset_find6() - the rule of an IPv6 address
 * @set: the rules
 * @addr: the address
 *
 * Context: any. Bounded by the logarithm of the number of ranges.
 * Return: the
 * rule of the longest prefix, NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find6(const struct icmpguard_ruleset *set,
						     const struct icmpguard_addr *addr)
{
	u32 low, n;

	if (!set->ranges6)
		return NULL;
	low = look_up(&set->index6, addr->hi);
	n = set->index6.width;
	while (n > 1) {
		u32 half = n / 2;

		low = compare_addr(&set->range6[low + half].start, addr) <= 0 ? low + half : low;
		n -= half;
	}
	return set->range6[low].rule ? &set->rule[set->range6[low].rule - 1] : NULL;
}
