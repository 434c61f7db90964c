// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefix rules: sets made from sets, compared with a linear search for the
 * longest prefix.
 *
 * A case is a sequence of changes: which allocation fails, how many rules are
 * added and removed, the rules. Addresses are of a few networks, so that
 * prefixes nest.
 */
#include "fuzz.h"
#include "../../kmod/rules.h"
#include <linux/err.h>

#define RULES_MAX	256
#define CHANGE_MAX	16

unsigned int fuzz_refuse;
unsigned long jiffies;

/* The list that a set is compared with, in no order */
static struct icmpguard_rule list[RULES_MAX];
static u32 rules;

/* The interfaces that rules are bound to; the list has their numbers here */
static struct icmpguard_names names;

static bool same_prefix(const struct icmpguard_rule *a, const struct icmpguard_rule *b)
{
	return a->interface == b->interface && a->v6 == b->v6 && a->len == b->len &&
	       a->addr.hi == b->addr.hi && a->addr.lo == b->addr.lo;
}

static bool holds(const struct icmpguard_rule *rule, bool v6, const struct icmpguard_addr *addr)
{
	unsigned int bits = v6 ? 128 : 32, i;

	if (rule->v6 != v6)
		return false;
	for (i = 0; i < rule->len; i++) {
		unsigned int bit = bits - 1 - i;
		u64 a = bit >= 64 ? addr->hi : addr->lo;
		u64 b = bit >= 64 ? rule->addr.hi : rule->addr.lo;

		if ((a ^ b) >> bit % 64 & 1)
			return false;
	}
	return true;
}

static const struct icmpguard_rule *find(u8 interface, bool v6, const struct icmpguard_addr *addr)
{
	const struct icmpguard_rule *found = NULL;
	u32 i;

	for (i = 0; i < rules; i++)
		if ((!list[i].interface || list[i].interface == interface) &&
		    holds(&list[i], v6, addr) &&
		    (!found || list[i].len > found->len ||
		     (list[i].len == found->len && list[i].interface)))
			found = &list[i];
	return found;
}

/* The number that a set has for an interface; 0: it has no rules of its own */
static unsigned int number_in(const struct icmpguard_ruleset *set, u8 interface)
{
	unsigned int i;

	for (i = 0; set && interface && i < set->bounds; i++)
		if (!strcmp(set->bound[i].name, names.name[interface - 1]))
			return i + 1;
	return 0;
}

static void look_up_at(const struct icmpguard_ruleset *set, u8 interface, bool v6,
		       const struct icmpguard_addr *addr)
{
	const struct icmpguard_rule *wanted = find(interface, v6, addr), *found;
	unsigned int number = number_in(set, interface);

	found = !set ? NULL : v6 ? icmpguard_ruleset_find6(set, number, addr) :
				   icmpguard_ruleset_find4(set, number, addr->lo);
	PROMISE(!wanted == !found &&
		(!wanted || (wanted->len == found->len && wanted->action == found->action &&
			     found->interface == number_in(set, wanted->interface))),
		"%llx:%llx is in /%d, found in /%d", addr->hi, addr->lo, wanted ? wanted->len : -1,
		found ? found->len : -1);
}

static void look_up(const struct icmpguard_ruleset *set, bool v6, u64 hi, u64 lo)
{
	struct icmpguard_addr addr = { v6 ? hi : 0, v6 ? lo : (u32)lo };
	u8 interface;

	for (interface = 0; interface <= names.names; interface++)
		look_up_at(set, interface, v6, &addr);
}

/* Around each prefix' both ends, where ranges begin and end */
static void look_everywhere(const struct icmpguard_ruleset *set)
{
	u32 i;

	look_up(set, false, 0, 0);
	look_up(set, false, 0, ~0ULL);
	look_up(set, true, 0, 0);
	look_up(set, true, ~0ULL, ~0ULL);
	for (i = 0; i < rules; i++) {
		const struct icmpguard_rule *rule = &list[i];
		struct icmpguard_addr mask = icmpguard_addr_mask(rule->len, rule->v6);
		u64 hi = rule->addr.hi, lo = rule->addr.lo;

		look_up(set, rule->v6, hi, lo);
		look_up(set, rule->v6, hi - !lo, lo - 1);
		hi |= ~mask.hi;
		lo |= ~mask.lo;
		look_up(set, rule->v6, hi, lo);
		look_up(set, rule->v6, hi + !(lo + 1), lo + 1);
	}
}

static struct icmpguard_rule take_rule(struct input *input)
{
	static const u64 nets[] = { 0, ~0ULL, 0x20010db800000000ULL, 0x0a000000c0000200ULL };
	u8 what = take(input);
	struct icmpguard_rule rule = { .v6 = what & 1, .action = what >> 1 & 1 };
	struct icmpguard_addr mask;
	u8 len = take(input);

	rule.len = len % (rule.v6 ? 129 : 33);
	/* The remaining values of the byte aren't lengths */
	rule.interface = rule.v6 ? len > 128 ? len % 4 : 0 : len > 32 ? len / 33 % 4 : 0;
	rule.addr.hi = rule.v6 ? nets[what >> 2 & 3] ^ (u64)take(input) << (what >> 5) * 8 : 0;
	rule.addr.lo = nets[what >> 3 & 3] ^ (u64)take(input) << (what >> 6) * 8;
	mask = icmpguard_addr_mask(rule.len, rule.v6);
	rule.addr.hi &= mask.hi;
	rule.addr.lo &= mask.lo;
	return rule;
}

/* What the list becomes. Return: as icmpguard_ruleset_make(). */
static int change(const struct icmpguard_rule *add, u32 adds, const struct icmpguard_rule *remove,
		  u32 removes, u32 *missing)
{
	static struct icmpguard_rule next[RULES_MAX + CHANGE_MAX];
	u32 n = rules, i, j;

	memcpy(next, list, sizeof(list));
	for (i = 0; i < removes; i++) {
		for (j = 0; j < n && !same_prefix(&next[j], &remove[i]); j++)
			;
		*missing = i;
		if (j == n)
			return -ENOENT;
		next[j] = next[--n];
	}
	for (i = 0; i < adds; i++)
		for (j = i + 1; j < adds; j++)
			if (same_prefix(&add[i], &add[j]))
				return -EEXIST;
	for (i = 0; i < adds; i++) {
		for (j = 0; j < n && !same_prefix(&next[j], &add[i]); j++)
			;
		next[j] = add[i];
		n = j == n ? n + 1 : n;
	}
	memcpy(list, next, sizeof(list));
	rules = n;
	return 0;
}

static struct icmpguard_ruleset *step(struct icmpguard_ruleset *set, struct input *input)
{
	struct icmpguard_rule add[CHANGE_MAX], remove[CHANGE_MAX];
	u32 adds, removes, missing = ~0U, wanted = ~0U, i;
	struct icmpguard_ruleset *next;
	u8 refuse = take(input);
	int err;

	adds = take(input) % (CHANGE_MAX + 1);
	removes = take(input) % (CHANGE_MAX + 1);
	if (rules + adds > RULES_MAX)
		adds = 0;
	for (i = 0; i < adds; i++)
		add[i] = take_rule(input);
	/* Mostly existing ones */
	for (i = 0; i < removes; i++)
		remove[i] = rules && take(input) < 250 ? list[take(input) % rules] :
							 take_rule(input);
	fuzz_refuse = refuse >= 252 ? refuse - 251 : 0;
	next = icmpguard_ruleset_make(set, &names, add, adds, remove, removes, &missing);
	if (IS_ERR(next) && PTR_ERR(next) == -ENOMEM) {
		PROMISE(refuse >= 252, "no memory");
		return set;
	}
	err = change(add, adds, remove, removes, &wanted);
	PROMISE(PTR_ERR_OR_ZERO(next) == err, "%d instead of %d", PTR_ERR_OR_ZERO(next), err);
	PROMISE(err != -ENOENT || missing == wanted, "%u is missing, not %u", missing, wanted);
	if (err)
		return set;
	PROMISE((next ? next->rules : 0) == rules, "%u rules of %u", next ? next->rules : 0, rules);
	/* Packets still see the old one. */
	icmpguard_ruleset_get(next);
	icmpguard_ruleset_put(set);
	icmpguard_ruleset_put(next);
	return next;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct icmpguard_ruleset *set = NULL;
	struct input input = { bytes, length };

	rules = 0;
	names.names = 0;
	icmpguard_names_add(&names, "eth1");
	icmpguard_names_add(&names, "eth0.100");
	icmpguard_names_add(&names, "eth0");
	while (input.left) {
		set = step(set, &input);
		look_everywhere(set);
	}
	icmpguard_ruleset_put(set);
	return 0;
}
