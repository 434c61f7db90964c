/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules of iptables and nft for ICMP, as statements of icmpguard. Pure: reads
 * text, changes nothing.
 */
#ifndef ICMPGUARDCTL_IMPORT_H
#define ICMPGUARDCTL_IMPORT_H

#include "model.h"
#include "out.h"
#include "words.h"

#define IMPORT_TYPES	16	/* types one rule may name */

/* Where a rule's packets come by */
enum import_hook {
	IMPORT_NO_HOOK,		/* icmpguard has no such place */
	IMPORT_INPUT,		/* those for this host */
	IMPORT_PREROUTING,	/* all of them */
};

/* What a rule's rate is for */
enum import_rate {
	IMPORT_UNLIMITED,
	IMPORT_SOURCE,		/* each source */
	IMPORT_TOTAL,		/* all together */
};

/**
 * struct import_type - a type that a rule names
 * @number: the type
 * @has_code: only its @code
 * @code: with @has_code
 * @word: where it was said
 */
struct import_type {
	uint32_t number;
	bool has_code;
	uint32_t code;
	const struct word *word;
};

/**
 * struct import_rule - a rule as it was read, whichever tool's
 * @first: its first word
 * @chain: the name of its chain
 * @hook: where that is
 * @drops_rest: the chain's policy is to drop
 * @proto: enum icmpguard_proto; 0: it isn't about ICMP
 * @type: the types it names
 * @types: how many
 * @source: the word of its source prefix; NULL: any
 * @prefix: that prefix
 * @kind: what its rate is for
 * @over: it matches what is above the rate; what is below it otherwise
 * @rate: the rate
 * @rate_word: where it was said
 * @by_source: each source has a bucket
 * @mask: bits of a source that share a bucket
 * @drop: its verdict; accept otherwise
 * @verdict: where it was said; NULL: nowhere
 */
struct import_rule {
	const struct word *first;
	const char *chain;
	enum import_hook hook;
	bool drops_rest;
	uint32_t proto;
	struct import_type type[IMPORT_TYPES];
	unsigned int types;
	const struct word *source;
	struct prefix prefix;
	enum import_rate kind;
	bool over;
	struct rate rate;
	const struct word *rate_word;
	bool by_source;
	uint32_t mask;
	bool drop;
	const struct word *verdict;
};

/**
 * struct import_entry - what has been said of a type so far
 * @proto: enum icmpguard_proto
 * @type: the type, or one of its codes
 * @treatment: what is to be done with it
 * @decided: the rule that let no packet of it go on; NULL: none yet
 * @open: the rule that accepts up to a rate, until one drops the rest; NULL: none
 */
struct import_entry {
	uint32_t proto;
	struct import_type type;
	struct treatment treatment;
	const struct word *decided;
	const struct word *open;
};

/**
 * struct import - all that was read
 * @entry: by type
 * @entries: how many
 * @room: how many fit
 * @rule: of prefixes
 * @rules: how many
 * @rules_room: how many fit
 * @mask: bits of a source, by family; 0: not said
 * @mask_word: where it was said
 * @hook: where all rules are
 */
struct import {
	struct import_entry *entry;
	size_t entries, room;
	struct rule *rule;
	size_t rules, rules_room;
	uint32_t mask[2];
	enum import_hook hook;
};

bool import_add(struct import *import, const struct import_rule *rule, struct error *error);
bool import_end(const struct import *import, struct error *error);
void import_print(const struct import *import, struct out *out);
void import_release(struct import *import);

bool import_rate(const struct word *word, struct rate *rate, struct error *error);
bool import_type(const struct word *word, const char *text, struct import_rule *rule,
		 struct error *error);

bool import_is_nft(const struct text *text);
bool import_xtables(const struct text *text, struct import *import, struct error *error);
bool import_nft(const struct text *text, struct import *import, struct error *error);

#endif /* ICMPGUARDCTL_IMPORT_H */
