// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: building a set of them, flattening, looking up.
 */
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "rules.h"

/* So few ranges are searched as fast without an index. */
#define INDEX_MIN	32

/* In loops that grow with the rules, of which there may be a million */
static void rules_resched(u32 i)
{
	if (!(i % 4096))
		cond_resched();
}

static int compare_addr(const struct icmpguard_addr *a, const struct icmpguard_addr *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* By interface, family, address, length: a prefix comes right before those inside it. */
static int compare(const void *pa, const void *pb)
{
	const struct icmpguard_rule *a = pa, *b = pb;
	int order;

	if (a->interface != b->interface)
		return (int)a->interface - b->interface;
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

static void emit(struct icmpguard_ranges *ranges, bool v6, const struct icmpguard_addr *start,
		 u32 rule)
{
	if (!v6) {
		struct icmpguard_range4 *last = ranges->range4 + ranges->ranges4 - 1;

		if (ranges->ranges4 && last->start == start->lo)
			last->rule = rule;
		else
			ranges->range4[ranges->ranges4++] =
				(struct icmpguard_range4) { start->lo, rule };
	} else {
		struct icmpguard_range6 *last = ranges->range6 + ranges->ranges6 - 1;

		if (ranges->ranges6 && !compare_addr(&last->start, start))
			last->rule = rule;
		else
			ranges->range6[ranges->ranges6++] =
				(struct icmpguard_range6) { *start, rule };
	}
}

/*
 * Close the prefixes on the stack that end before an address, innermost
 * first: after each, its parent goes on.
 */
static void close_before(struct icmpguard_ranges *ranges, const struct icmpguard_ruleset *set,
			 u32 *stack, unsigned int *depth, const struct icmpguard_rule *before)
{
	while (*depth) {
		const struct icmpguard_rule *top = &set->rule[stack[*depth - 1]];
		struct icmpguard_addr end = last_of(top);

		if (before && compare_addr(&end, &before->addr) >= 0)
			return;
		(*depth)--;
		if (next_addr(&end, top->v6))
			emit(ranges, top->v6, &end, *depth ? stack[*depth - 1] + 1 : 0);
	}
}

static void flatten(struct icmpguard_ranges *ranges, const struct icmpguard_ruleset *set,
		    u32 from, u32 to)
{
	static const struct icmpguard_addr zero;
	u32 stack[129];		/* one prefix of each length can hold an address */
	unsigned int depth = 0;
	u32 i;

	if (from == to)
		return;
	emit(ranges, set->rule[from].v6, &zero, 0);
	for (i = from; i < to; i++) {
		rules_resched(i);
		close_before(ranges, set, stack, &depth, &set->rule[i]);
		emit(ranges, set->rule[i].v6, &set->rule[i].addr, i + 1);
		stack[depth++] = i;
	}
	close_before(ranges, set, stack, &depth, NULL);
}

static u64 key4(const struct icmpguard_ranges *ranges, u32 i)
{
	return ranges->range4[i].start;
}

static u64 key6(const struct icmpguard_ranges *ranges, u32 i)
{
	return ranges->range6[i].start.hi;
}

/*
 * Slots divide what lies between the second range's start and the last one's
 * evenly. As many ranges are searched in each as there are in the fullest: a
 * loop that always turns as often is predicted, and that saves more than a
 * shorter one would. Where all prefixes lie close together it is as long as
 * without an index.
 */
static int make_index(struct icmpguard_index *index, const struct icmpguard_ranges *of, u32 ranges,
		      u64 (*key)(const struct icmpguard_ranges *, u32))
{
	u32 slot, last, i = 0;
	u64 span;

	if (!ranges)
		return 0;
	index->slots = ranges > INDEX_MIN ? rounddown_pow_of_two(ranges) : 1;
	index->base = ranges > 1 ? key(of, 1) : 0;
	span = key(of, ranges - 1) - index->base;
	index->shift = clamp(fls64(span) - ilog2(index->slots), 0, 63);
	index->first = kvmalloc_array(index->slots, sizeof(*index->first), GFP_KERNEL_ACCOUNT);
	if (!index->first)
		return -ENOMEM;
	for (slot = 0; slot < index->slots; slot++) {
		rules_resched(slot);
		while (i < ranges && key(of, i) < index->base + ((u64)slot << index->shift))
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

static void free_ranges(const struct icmpguard_ranges *ranges)
{
	kvfree(ranges->range4);
	kvfree(ranges->range6);
	kvfree(ranges->index4.first);
	kvfree(ranges->index6.first);
}

static void free_set(struct icmpguard_ruleset *set)
{
	unsigned int i;

	kvfree(set->rule);
	free_ranges(&set->any);
	for (i = 0; i < set->bounds; i++)
		free_ranges(&set->bound[i].ranges);
	kvfree(set->bound);
	kvfree(set->comments);
	kfree(set);
}

/* Where a name is, or would have to be put in */
static unsigned int place_of(const struct icmpguard_names *names, const char *name, bool *found)
{
	unsigned int i = 0;

	while (i < names->names && strcmp(names->name[i], name) < 0)
		i++;
	*found = i < names->names && !strcmp(names->name[i], name);
	return i;
}

/**
 * icmpguard_names_of() - begin with the interfaces of a set's rules
 * @names: filled in
 * @set: the set; NULL: none
 *
 * Context: any.
 */
void icmpguard_names_of(struct icmpguard_names *names, const struct icmpguard_ruleset *set)
{
	names->names = 0;
	while (set && names->names < set->bounds) {
		memcpy(names->name[names->names], set->bound[names->names].name, IFNAMSIZ);
		names->names++;
	}
}

/**
 * icmpguard_names_add() - add an interface
 * @names: to what
 * @name: the interface, a valid name
 *
 * The numbers of others change.
 *
 * Context: any.
 * Return: 0, also where it was there; -E2BIG without room.
 */
int icmpguard_names_add(struct icmpguard_names *names, const char *name)
{
	bool found;
	unsigned int i = place_of(names, name, &found);

	if (found)
		return 0;
	if (names->names == ICMPGUARD_NAMES_MAX)
		return -E2BIG;
	memmove(names->name[i + 1], names->name[i], (names->names - i) * IFNAMSIZ);
	memset(names->name[i], 0, IFNAMSIZ);
	memcpy(names->name[i], name, strlen(name));
	names->names++;
	return 0;
}

/**
 * icmpguard_names_find() - the number of an interface
 * @names: where to look
 * @name: the interface
 *
 * Context: any.
 * Return: the number; 0 where it isn't there.
 */
u8 icmpguard_names_find(const struct icmpguard_names *names, const char *name)
{
	bool found;
	unsigned int i = place_of(names, name, &found);

	return found ? i + 1 : 0;
}

/* Of one prefix, the one that was said first comes first. */
static int compare_indirect(const void *pa, const void *pb)
{
	const struct icmpguard_rule *const *a = pa, *const *b = pb;
	int order = compare(*a, *b);

	/* sort() has no other place for it. */
	cond_resched();
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
		rules_resched(i);
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
 * @number has the new number of each of the old one's interfaces.
 * Return: a rule to remove that isn't there; NULL: none.
 */
static const struct icmpguard_rule *merge(struct icmpguard_ruleset *set,
					  const struct icmpguard_ruleset *from, const u8 *number,
					  const struct icmpguard_rule **add, u32 adds,
					  const struct icmpguard_rule **remove, u32 removes)
{
	u32 olds = from ? from->rules : 0, old, a = 0, r = 0;
	const struct icmpguard_rule *absent = NULL;

	for (old = 0; old < olds; old++) {
		struct icmpguard_rule rule = from->rule[old];

		rules_resched(old);
		rule.interface = number[rule.interface];
		while (r < removes && compare(remove[r], &rule) < 0)
			absent = earlier(absent, remove[r++]);
		while (a < adds && compare(add[a], &rule) < 0)
			set->rule[set->rules++] = *add[a++];
		if (r < removes && !compare(remove[r], &rule)) {
			r++;
			continue;
		}
		/* The new rule of the same prefix is next. */
		if (a < adds && !compare(add[a], &rule))
			continue;
		set->rule[set->rules++] = rule;
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

	for (i = 1; i < n; i++) {
		rules_resched(i);
		if (!compare(list[i - 1], list[i]))
			return true;
	}
	return false;
}

/* Take the comments from wherever they are into the set. */
static int keep_comments(struct icmpguard_ruleset *set)
{
	size_t bytes = 0;
	char *at;
	u32 i;

	for (i = 0; i < set->rules; i++) {
		rules_resched(i);
		if (set->rule[i].comment)
			bytes += strlen(set->rule[i].comment) + 1;
	}
	if (!bytes)
		return 0;
	at = kvmalloc_array(bytes, 1, GFP_KERNEL_ACCOUNT);
	if (!at)
		return -ENOMEM;
	set->comments = at;
	for (i = 0; i < set->rules; i++) {
		size_t length;

		rules_resched(i);
		if (!set->rule[i].comment)
			continue;
		length = strlen(set->rule[i].comment) + 1;
		set->rule[i].comment = memcpy(at, set->rule[i].comment, length);
		at += length;
	}
	return 0;
}

/* Distinguishes an interface's hashes, whatever number it has, at each step of a ladder */
static u32 salt_of(const char *name)
{
	u32 salt = 0;

	while (*name)
		salt = salt * 31 + *name++;
	return (salt << 2 & 0x7ffffc) | 0x800000;
}

/* Those interfaces that rules are left for, and their numbers */
static int bind_rules(struct icmpguard_ruleset *set, const struct icmpguard_names *names)
{
	u8 number[ICMPGUARD_NAMES_MAX + 1] = {}, bounds = 0, i;
	u32 rule;

	for (rule = 0; rule < set->rules; rule++)
		number[set->rule[rule].interface] = 1;
	number[0] = 0;
	for (i = 1; i < ICMPGUARD_NAMES_MAX + 1; i++)
		if (number[i])
			number[i] = ++bounds;
	if (!bounds)
		return 0;
	if (bounds > ICMPGUARD_BOUND_MAX)
		return -E2BIG;
	set->bound = kvcalloc(bounds, sizeof(*set->bound), GFP_KERNEL_ACCOUNT);
	if (!set->bound)
		return -ENOMEM;
	set->bounds = bounds;
	for (i = 1; i < ICMPGUARD_NAMES_MAX + 1; i++) {
		struct icmpguard_bound *bound;

		if (!number[i])
			continue;
		bound = &set->bound[number[i] - 1];
		memcpy(bound->name, names->name[i - 1], IFNAMSIZ);
		bound->salt = salt_of(bound->name);
	}
	for (rule = 0; rule < set->rules; rule++)
		set->rule[rule].interface = number[set->rule[rule].interface];
	return 0;
}

/* Those of the rules from one to another, all of one interface */
static int make_ranges(struct icmpguard_ranges *ranges, const struct icmpguard_ruleset *set,
		       u32 from, u32 to)
{
	u32 v6 = from;
	int err;

	while (v6 < to && !set->rule[v6].v6)
		v6++;
	/* A prefix begins one range and ends another; the first starts at zero. */
	ranges->range4 = kvmalloc_array(2 * (v6 - from) + 1, sizeof(*ranges->range4),
					GFP_KERNEL_ACCOUNT);
	ranges->range6 = kvmalloc_array(2 * (to - v6) + 1, sizeof(*ranges->range6),
					GFP_KERNEL_ACCOUNT);
	if (!ranges->range4 || !ranges->range6)
		return -ENOMEM;
	flatten(ranges, set, from, v6);
	flatten(ranges, set, v6, to);
	err = make_index(&ranges->index4, ranges, ranges->ranges4, key4);
	return err ?: make_index(&ranges->index6, ranges, ranges->ranges6, key6);
}

static int make_all_ranges(struct icmpguard_ruleset *set)
{
	u32 from = 0, to = 0;
	unsigned int i;
	int err = 0;

	for (i = 0; i <= set->bounds && !err; i++) {
		while (to < set->rules && set->rule[to].interface == i)
			to++;
		err = make_ranges(i ? &set->bound[i - 1].ranges : &set->any, set, from, to);
		from = to;
	}
	return err;
}

static int fill(struct icmpguard_ruleset *set, const struct icmpguard_ruleset *from,
		const struct icmpguard_names *names, const struct icmpguard_rule *add, u32 adds,
		const struct icmpguard_rule *remove, u32 removes, u32 *missing)
{
	const struct icmpguard_rule **adding = in_order(add, adds);
	const struct icmpguard_rule **removing = in_order(remove, removes);
	const struct icmpguard_rule *absent;
	u8 number[ICMPGUARD_BOUND_MAX + 1] = {};
	int err = -ENOMEM;
	unsigned int i;

	if (!adding || !removing)
		goto out;
	for (i = 0; from && i < from->bounds; i++)
		number[i + 1] = icmpguard_names_find(names, from->bound[i].name);
	absent = merge(set, from, number, adding, adds, removing, removes);
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
 * @names: what the interfaces of @add and @remove are called; @from's are among them
 * @add: rules to add, or to put in the place of those of the same prefix and interface
 * @adds: how many
 * @remove: rules to remove, by interface, family, address and length; they go first
 * @removes: how many
 * @missing: on -ENOENT, the index in @remove of the rule that isn't there
 *
 * Context: process.
 * Return: a set with one reference; NULL for an empty one;
 * ERR_PTR of -ENOMEM, -ENOENT, -EEXIST (a prefix twice in @add), -ENOSPC
 * (more than ICMPGUARD_RULES_MAX), -E2BIG (more than ICMPGUARD_BOUND_MAX interfaces).
 */
struct icmpguard_ruleset *icmpguard_ruleset_make(const struct icmpguard_ruleset *from,
						 const struct icmpguard_names *names,
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
	err = fill(set, from, names, add, adds, remove, removes, missing);
	if (err)
		goto free;
	if (!set->rules) {
		free_set(set);
		return NULL;
	}
	err = -ENOSPC;
	if (set->rules > ICMPGUARD_RULES_MAX)
		goto free;
	err = bind_rules(set, names) ?: keep_comments(set) ?: make_all_ranges(set);
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

static __always_inline const struct icmpguard_rule *
search4(const struct icmpguard_ruleset *set, const struct icmpguard_ranges *ranges, u32 addr)
{
	u32 low, n;

	if (!ranges->ranges4)
		return NULL;
	low = look_up(&ranges->index4, addr);
	n = ranges->index4.width;
	while (n > 1) {
		u32 half = n / 2;

		low = ranges->range4[low + half].start <= addr ? low + half : low;
		n -= half;
	}
	return ranges->range4[low].rule ? &set->rule[ranges->range4[low].rule - 1] : NULL;
}

static __always_inline const struct icmpguard_rule *
search6(const struct icmpguard_ruleset *set, const struct icmpguard_ranges *ranges,
	const struct icmpguard_addr *addr)
{
	u32 low, n;

	if (!ranges->ranges6)
		return NULL;
	low = look_up(&ranges->index6, addr->hi);
	n = ranges->index6.width;
	while (n > 1) {
		u32 half = n / 2;

		low = compare_addr(&ranges->range6[low + half].start, addr) <= 0 ? low + half : low;
		n -= half;
	}
	return ranges->range6[low].rule ? &set->rule[ranges->range6[low].rule - 1] : NULL;
}

/* The longer prefix; of the same one, the rule that is bound to the interface */
static const struct icmpguard_rule *closer(const struct icmpguard_rule *bound,
					   const struct icmpguard_rule *any)
{
	return !any || (bound && bound->len >= any->len) ? bound : any;
}

/**
 * icmpguard_ruleset_find4() - the rule of an IPv4 address
 * @set: the rules
 * @interface: where the packet came in, by number; 0: where no rule is bound to
 * @addr: the address, host byte order
 *
 * Context: any. Bounded by the logarithm of the number of ranges.
 * Return: the rule of the longest prefix, of two for the same prefix the one bound to
 * @interface; NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find4(const struct icmpguard_ruleset *set,
						     unsigned int interface, u32 addr)
{
	const struct icmpguard_rule *any = search4(set, &set->any, addr);

	if (likely(!interface))
		return any;
	return closer(search4(set, &set->bound[interface - 1].ranges, addr), any);
}

/**
 * icmpguard_ruleset_find6() - the rule of an IPv6 address
 * @set: the rules
 * @interface: where the packet came in, by number; 0: where no rule is bound to
 * @addr: the address
 *
 * Context: any. Bounded by the logarithm of the number of ranges.
 * Return: the rule of the longest prefix, of two for the same prefix the one bound to
 * @interface; NULL where none holds @addr.
 */
const struct icmpguard_rule *icmpguard_ruleset_find6(const struct icmpguard_ruleset *set,
						     unsigned int interface,
						     const struct icmpguard_addr *addr)
{
	const struct icmpguard_rule *any = search6(set, &set->any, addr);

	if (likely(!interface))
		return any;
	return closer(search6(set, &set->bound[interface - 1].ranges, addr), any);
}
