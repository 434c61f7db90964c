// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: building a set of them, flattening, looking up.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "rules.h"

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
 * first: behind each, its parent goes on.
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

static void free_set(struct icmpguard_ruleset *set)
{
	kvfree(set->rule);
	kvfree(set->range4);
	kvfree(set->range6);
	kfree(set);
}

/* Keep the last of equal prefixes, in sorted order; drop those marked. */
static u32 squeeze(struct icmpguard_rule *rule, u32 n)
{
	u32 i, kept = 0;

	for (i = 0; i < n; i++)
		if (rule[i].action != U8_MAX)
			rule[kept++] = rule[i];
	return kept;
}

static struct icmpguard_rule *find_exact(struct icmpguard_rule *rule, u32 n,
					 const struct icmpguard_rule *key)
{
	u32 low = 0, high = n;

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		int order = compare(key, &rule[mid]);

		if (!order)
			return &rule[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static int merge(struct icmpguard_ruleset *set, const struct icmpguard_ruleset *from,
		 const struct icmpguard_rule *add, u32 adds,
		 const struct icmpguard_rule *remove, u32 removes, u32 *missing)
{
	u32 olds = from ? from->rules : 0, n;
	u32 i;

	if (olds)
		memcpy(set->rule, from->rule, olds * sizeof(*set->rule));
	for (i = 0; i < removes; i++) {
		struct icmpguard_rule *rule = find_exact(set->rule, olds, &remove[i]);

		if (!rule || rule->action == U8_MAX) {
			*missing = i;
			return -ENOENT;
		}
		rule->action = U8_MAX;
	}
	olds = squeeze(set->rule, olds);
	for (i = 0; i < adds; i++) {
		struct icmpguard_rule *rule = find_exact(set->rule, olds, &add[i]);

		if (rule)
			rule->action = U8_MAX;
	}
	n = squeeze(set->rule, olds);
	if (adds)
		memcpy(set->rule + n, add, adds * sizeof(*add));
	n += adds;
	sort(set->rule, n, sizeof(*set->rule), compare, NULL);
	/* Two additions of one prefix: either may come last after sorting. */
	for (i = 1; i < n; i++) {
		if (!compare(&set->rule[i - 1], &set->rule[i])) {
			*missing = i;
			return -EEXIST;
		}
	}
	set->rules = n;
	return 0;
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
 * Context: process. Return: a set with one reference; NULL for an empty one;
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
	u32 v4;
	int err;

	if (most > ICMPGUARD_RULES_MAX)
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
	if (!set->rule) {
		err = -ENOMEM;
		goto free;
	}
	err = merge(set, from, add, adds, remove, removes, missing);
	if (err)
		goto free;
	if (!set->rules) {
		free_set(set);
		return NULL;
	}

	for (v4 = 0; v4 < set->rules && !set->rule[v4].v6; v4++)
		;
	/* A prefix begins one range and ends another; the first starts at zero. */
	err = -ENOMEM;
	set->range4 = kvmalloc_array(2 * v4 + 1, sizeof(*set->range4), GFP_KERNEL_ACCOUNT);
	set->range6 = kvmalloc_array(2 * (set->rules - v4) + 1, sizeof(*set->range6),
				     GFP_KERNEL_ACCOUNT);
	if (!set->range4 || !set->range6)
		goto free;
	flatten(set, 0, v4);
	flatten(set, v4, set->rules);
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
 * Context: any. Bounded by the logarithm of the number of ranges. Return: the
 * rule of the longest prefix, NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find4(const struct icmpguard_ruleset *set, u32 addr)
{
	u32 low = 0, n = set->ranges4;

	if (!n)
		return NULL;
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
 * Context: any. Bounded by the logarithm of the number of ranges. Return: the
 * rule of the longest prefix, NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find6(const struct icmpguard_ruleset *set,
						     const struct icmpguard_addr *addr)
{
	u32 low = 0, n = set->ranges6;

	if (!n)
		return NULL;
	while (n > 1) {
		u32 half = n / 2;

		low = compare_addr(&set->range6[low + half].start, addr) <= 0 ? low + half : low;
		n -= half;
	}
	return set->range6[low].rule ? &set->rule[set->range6[low].rule - 1] : NULL;
}
