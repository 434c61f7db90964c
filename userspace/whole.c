// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no single statement shows: what a change as a whole must not be, and what
 * it hardly means.
 */
#include <stdlib.h>
#include <string.h>
#include "change.h"
#include "memory.h"
#include "names.h"

static int compare_prefixes(const void *pa, const void *pb)
{
	const struct rule_change *const *a = pa, *const *b = pb;
	const struct prefix *x = &(*a)->rule.prefix, *y = &(*b)->rule.prefix;
	int d = x->v6 - y->v6;

	if (!d)
		d = memcmp(x->addr, y->addr, sizeof(x->addr));
	if (!d)
		d = (int)x->len - (int)y->len;
	return d ? d : strcmp((*a)->rule.interface, (*b)->rule.interface);
}

/* The order they were said in settles what the prefixes leave open. */
static int compare_rules(const void *pa, const void *pb)
{
	const struct rule_change *const *a = pa, *const *b = pb;
	int d = compare_prefixes(pa, pb);

	return d ? d : (*a > *b) - (*a < *b);
}

/* A prefix with two rules, of which the kernel would keep neither */
static bool check_rules(const struct change *change, struct error *error)
{
	const struct rule_change **sorted;
	const struct rule_change *twice = NULL;
	const struct word *word;
	size_t i, added = 0;

	for (i = 0; i < change->rules; i++) {
		added += !change->rule[i].remove;
		word = change_rule_word(&change->rule[i], PLACE_NAME);
		if (added > ICMPGUARD_RULES_MAX)
			return error_set(error, word, "too many rules: '%s' comes after %u",
					 word->text, ICMPGUARD_RULES_MAX);
	}
	if (change->rules < 2)
		return true;
	sorted = memory_get(NULL, change->rules, sizeof(*sorted));
	for (i = 0; i < change->rules; i++)
		sorted[i] = &change->rule[i];
	qsort(sorted, change->rules, sizeof(*sorted), compare_rules);
	for (i = 1; i < change->rules; i++)
		if (!compare_prefixes(&sorted[i - 1], &sorted[i]) &&
		    (!twice || sorted[i] < twice))
			twice = sorted[i];
	free(sorted);
	if (!twice)
		return true;
	word = change_rule_word(twice, PLACE_NAME);
	return error_set(error, word, "'%s' has a rule already", word->text);
}

static size_t place_of(const char *const *name, size_t names, const char *sought)
{
	size_t at;

	for (at = 0; at < names && strcmp(name[at], sought); at++)
		;
	return at;
}

/* An interface that is on, as all are, needs no room. */
static bool check_interfaces(const struct change *change, struct error *error)
{
	const char *name[ICMPGUARD_INTERFACES_MAX];
	size_t names = 0, i, at;

	for (i = 0; i < change->interfaces; i++) {
		const struct interface_change *interface = &change->interface[i];

		at = place_of(name, names, interface->name);
		if (interface->mode == ICMPGUARD_MODE_ENFORCE) {
			if (at < names)
				name[at] = name[--names];
			continue;
		}
		if (at == ICMPGUARD_INTERFACES_MAX)
			return error_set(error, interface->word[PLACE_NAME],
					 "'%s' is one too many: at most %d interfaces can have a mode of their own",
					 interface->name, ICMPGUARD_INTERFACES_MAX);
		name[at] = interface->name;
		if (at == names)
			names++;
	}
	return true;
}

static bool check_bound(const struct change *change, struct error *error)
{
	const char *name[ICMPGUARD_BOUND_MAX];
	size_t names = 0, i, at;

	for (i = 0; i < change->rules; i++) {
		const char *interface = change->rule[i].rule.interface;

		if (!*interface)
			continue;
		at = place_of(name, names, interface);
		if (at == ICMPGUARD_BOUND_MAX)
			return error_set(error, change_rule_word(&change->rule[i], PLACE_INTERFACE),
					 "'%s' is one too many: rules can be bound to at most %d interfaces",
					 interface, ICMPGUARD_BOUND_MAX);
		name[at] = interface;
		if (at == names)
			names++;
	}
	return true;
}

/**
 * struct outcome - what becomes of a type, or of a code with an exception
 * @proto: enum icmpguard_proto
 * @number: the type
 * @code: the code; -1: the type as a whole
 * @treatment: what is done with it; all zero where that was never said
 * @said: where it was said
 */
struct outcome {
	uint32_t proto;
	uint32_t number;
	int code;
	struct treatment treatment;
	const struct type_change *said;
};

struct outcomes {
	struct outcome *list;
	size_t n;
	size_t codes;
};

static struct outcome *find(const struct outcomes *outcomes, const struct type_change *type,
			    int code)
{
	size_t i;

	for (i = 0; i < outcomes->n; i++) {
		struct outcome *each = &outcomes->list[i];

		if (each->proto == type->proto && each->number == type->number &&
		    each->code == code)
			return each;
	}
	return NULL;
}

static struct outcome *add(struct outcomes *outcomes, const struct type_change *type, int code)
{
	struct outcome *outcome = &outcomes->list[outcomes->n++];

	*outcome = (struct outcome) { .proto = type->proto, .number = type->number, .code = code };
	outcomes->codes += code >= 0;
	return outcome;
}

/* What the kernel does with each statement, in order */
static bool follow(struct outcomes *outcomes, const struct type_change *type, bool replace,
		   struct error *error)
{
	const struct word *word = type->word[PLACE_CODE];
	int code = type->has_code ? (int)type->code : -1;
	struct outcome *outcome = find(outcomes, type, code), *whole;

	if (type->remove) {
		if (!outcome && replace)
			return error_set(error, word, "'%s': there is no exception for this code",
					 word->text);
		if (outcome) {
			*outcome = outcomes->list[--outcomes->n];
			outcomes->codes--;
		}
		return true;
	}
	if (!outcome) {
		if (code >= 0 && outcomes->codes == ICMPGUARD_CODES_MAX)
			return error_set(error, word,
					 "'%s' is one too many: there can be %d exceptions for codes",
					 word->text, ICMPGUARD_CODES_MAX);
		outcome = add(outcomes, type, code);
		whole = code < 0 ? NULL : find(outcomes, type, -1);
		if (whole) {
			outcome->treatment = whole->treatment;
			outcome->said = whole->said;
		}
	}
	if (type->treatment.action == ACTION_KEEP) {
		outcome->treatment.monitor = true;
	} else {
		outcome->treatment = type->treatment;
		outcome->said = type;
	}
	return true;
}

/* The rate of each prefix of a ladder is the type's, times its factor. */
static bool check_factors(const struct outcome *outcome, const struct change *change,
			  struct error *error)
{
	bool v6 = outcome->proto == ICMPGUARD_PROTO_ICMPV6;
	const struct ladder_change *ladder = &change->ladder[v6];
	const struct rate *limit = &outcome->treatment.limit;
	unsigned int last = ladder->ladder.steps - 1;
	const struct word *word;
	uint64_t factor;

	if (!ladder->ladder.steps || outcome->treatment.action != ICMPGUARD_ACTION_LIMIT ||
	    !limit->packets)
		return true;
	factor = ladder->ladder.step[last].factor;
	if (factor * limit->packets <= UINT32_MAX && factor * limit->burst <= UINT32_MAX &&
	    icmpguard_burst_fits(limit->packets * factor, limit->period, limit->burst * factor))
		return true;
	word = outcome->said->word[PLACE_LIMIT];
	return error_set(error, word, "'%s' times the factor of '%s', or its burst, is too large",
			 word->text, ladder->word[last]->text);
}

static bool warn(struct change *change, const struct word *word, const char *text)
{
	if (change->warnings < WARNINGS_MAX)
		error_set(&change->warning[change->warnings++], word, "'%s': %s", word->text, text);
	return true;
}

/* What no network does without: RFC 4890 4.3.1 and 4.4.1, RFC 1191 */
static void warn_of_drop(struct change *change, const struct outcome *outcome)
{
	static const struct {
		uint32_t proto, number;
		int code;
		const char *text;
	} needed[] = {
		{ ICMPGUARD_PROTO_ICMP, 3, 4, "without code 4 of it, path MTU discovery fails" },
		{ ICMPGUARD_PROTO_ICMPV6, 2, -1, "without it, path MTU discovery fails in IPv6" },
		{ ICMPGUARD_PROTO_ICMPV6, 135, -1, "without it, no neighbor reaches this host by IPv6" },
		{ ICMPGUARD_PROTO_ICMPV6, 136, -1, "without it, this host reaches no neighbor by IPv6" },
	};
	size_t i;

	if (outcome->treatment.action != ICMPGUARD_ACTION_DROP || outcome->treatment.monitor)
		return;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (outcome->proto == needed[i].proto && outcome->number == needed[i].number &&
		    outcome->code == needed[i].code && outcome->said)
			warn(change, outcome->said->word[PLACE_NAME], needed[i].text);
}

static void warn_of_ladders(struct change *change)
{
	unsigned int v6;

	for (v6 = 0; v6 < 2; v6++) {
		const struct ladder *ladder = &change->ladder[v6].ladder;

		if (ladder->steps && !ladder->step[0].len)
			warn(change, change->ladder[v6].word[0],
			     v6 ? "all of IPv6 is one source now, and shares one rate" :
				  "all of IPv4 is one source now, and shares one rate");
	}
}

static bool check_types(struct change *change, struct error *error)
{
	/* The defaults have one exception. */
	static const struct type_change exception = {
		.proto = ICMPGUARD_PROTO_ICMP, .number = ICMPGUARD_DEFAULT_CODE_TYPE,
	};
	struct outcomes outcomes = {
		.list = memory_get(NULL, change->types + 1, sizeof(*outcomes.list)),
	};
	bool right = true;
	size_t i;

	if (change->replace)
		add(&outcomes, &exception, ICMPGUARD_DEFAULT_CODE);
	for (i = 0; right && i < change->types; i++)
		right = follow(&outcomes, &change->type[i], change->replace, error);
	for (i = 0; right && change->replace && i < outcomes.n; i++)
		right = check_factors(&outcomes.list[i], change, error);
	for (i = 0; right && i < outcomes.n; i++)
		warn_of_drop(change, &outcomes.list[i]);
	free(outcomes.list);
	return right;
}

/**
 * change_is_whole() - check what no single statement shows
 * @change: the change, which gets its warnings
 * @error: what the kernel would refuse on every machine: of what it has in force
 *	nothing is known, unless all of it is replaced
 *
 * Return: whether nothing is wrong.
 */
bool change_is_whole(struct change *change, struct error *error)
{
	if (change->replace && (!check_interfaces(change, error) || !check_bound(change, error)))
		return false;
	if (!check_types(change, error) || !check_rules(change, error))
		return false;
	warn_of_ladders(change);
	return true;
}
