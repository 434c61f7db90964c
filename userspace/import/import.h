/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * icmpguard-import: the rules of nft and iptables, as statements of icmpguard.
 *
 *	file -> nft.c, xtables.c -> JSON, as libnftables writes it
 *	     -> rules.c: each rule's verdict, match.c: its matches
 *	     -> decide.c: what they come to, or why they don't
 *	     -> write.c: statements
 */
#ifndef ICMPGUARD_IMPORT_H
#define ICMPGUARD_IMPORT_H

#include <jansson.h>
#include "model.h"
#include "out.h"
#include "words.h"

#define IMPORT_TYPES	64	/* types and codes one rule may name */
#define IMPORT_IFACES	32	/* interfaces, likewise */
#define IMPORT_NAME	128	/* bytes of a chain's name, of which people see less */

/* Where a chain is */
enum import_hook {
	IMPORT_ELSEWHERE,	/* before icmpguard, or on another path */
	IMPORT_OUTPUT,		/* what this host sends: icmpguard never judges it */
	IMPORT_FORWARD,
	IMPORT_INPUT,		/* those for this host */
	IMPORT_PREROUTING,	/* all of them */
};

enum import_verdict {
	IMPORT_ACCEPT,
	IMPORT_DROP,
	IMPORT_REJECT,
};

/* What a rule's rate is for */
enum import_rate {
	IMPORT_UNLIMITED,
	IMPORT_SOURCE,		/* each source */
	IMPORT_TOTAL,		/* all together */
};

/* States of connections, as bits */
#define IMPORT_INVALID		0x01
#define IMPORT_NEW		0x02
#define IMPORT_ESTABLISHED	0x04
#define IMPORT_RELATED		0x08
#define IMPORT_UNTRACKED	0x10

/**
 * struct import_place - a rule
 * @json: the rule; NULL: a chain's policy
 * @line: its line, 0 where that isn't known
 * @number: which of its chain's rules, from 1
 * @chain: its chain
 */
struct import_place {
	const json_t *json;
	unsigned int line;
	unsigned int number;
	char chain[IMPORT_NAME];
};

/**
 * struct import_type - a type that a rule names
 * @number: the type
 * @has_code: only its @code
 * @code: with @has_code
 */
struct import_type {
	uint32_t number;
	bool has_code;
	uint32_t code;
};

/**
 * struct import_match - which packets a rule is about
 * @proto: it may match ICMP, ICMPv6
 * @named: it says ICMP or ICMPv6, and isn't about all protocols
 * @has_types: it names types
 * @type: these, of one protocol
 * @types: how many
 * @has_source: it names sources
 * @source: these
 * @sources: how many
 * @has_iface: it names interfaces
 * @iface: these, but for lo, whose packets icmpguard never judges
 * @ifaces: how many
 * @states: IMPORT_NEW...; 0: whatever state
 * @kind: what its rate is for
 * @over: it matches what is above the rate; what is below it otherwise
 * @rate: the rate
 * @mask: bits of a source that share a bucket
 * @odd: the first word that icmpguard has no counterpart for; empty: none
 * @why: what is to be said of it
 */
struct import_match {
	bool proto[2];
	bool named;
	bool has_types;
	struct import_type type[IMPORT_TYPES];
	unsigned int types;
	bool has_source;
	const struct prefix *source;
	size_t sources;
	bool has_iface;
	const char *iface[IMPORT_IFACES];
	unsigned int ifaces;
	unsigned int states;
	enum import_rate kind;
	bool over;
	struct rate rate;
	uint32_t mask;
	char odd[200];
	const char *why;
};

/**
 * struct import_entry - what has been said of a type so far
 * @proto: 0: ICMP, 1: ICMPv6
 * @type: the type, or one of its codes
 * @treatment: what is done with it
 * @first: the rule that said something of it first
 * @decided: the rule that let no packet of it go on
 * @is_decided: there is one
 * @open: the rule that accepts up to a rate, until one drops the rest
 * @is_open: there is one
 */
struct import_entry {
	unsigned int proto;
	struct import_type type;
	struct treatment treatment;
	struct import_place first, decided, open;
	bool is_decided, is_open;
};

/**
 * struct import_rule - a prefix
 * @rule: what is done with it
 * @place: the rule that said so
 */
struct import_rule {
	struct rule rule;
	struct import_place place;
};

/**
 * struct import_iface - an interface that is switched off
 * @name: its name
 * @proto: for ICMP, for ICMPv6
 * @place: the rule that said so
 */
struct import_iface {
	char name[64];
	bool proto[2];
	struct import_place place;
};

/**
 * struct import_chain - where rules are being read
 * @json: the base chain
 * @name: its name
 * @hook: where that is
 * @proto: it sees ICMP, ICMPv6
 * @filters: it is there to filter; not so for nat
 * @drops_rest: its policy
 * @closed: by protocol: nothing gets past @closed_by
 * @closed_by: likewise
 * @conntrack: by protocol: packets of connections were accepted
 * @conntrack_by: likewise
 * @late: by protocol: something was accepted after rules for types, by @late_by
 * @late_by: likewise
 * @noted: its rules for all protocols were mentioned
 */
struct import_chain {
	const json_t *json;
	char name[IMPORT_NAME];
	enum import_hook hook;
	bool proto[2];
	bool filters;
	bool drops_rest;
	bool closed[2];
	struct import_place closed_by[2];
	bool conntrack[2];
	struct import_place conntrack_by[2];
	bool late[2];
	struct import_place late_by[2];
	bool noted;
};

/**
 * struct import - all that was read
 * @entry: by type
 * @entries: how many
 * @entries_room: how many fit
 * @rule: of prefixes
 * @rules: how many
 * @rules_room: how many fit
 * @iface: interfaces
 * @ifaces: how many
 * @ifaces_room: how many fit
 * @mask: bits of a source, by protocol; 0: not said
 * @hook: where all rules are; IMPORT_ELSEWHERE: there are none
 * @owner: by protocol: the base chain that decides; NULL: none does yet
 * @forward: accepts ICMP that is forwarded
 * @forwards: there is such a rule
 * @notes: comments for the reader of the result
 * @notes_size: their size
 * @note: writes them
 * @refused: the rule that was refused
 * @error: why
 */
struct import {
	struct import_entry *entry;
	size_t entries, entries_room;
	struct import_rule *rule;
	size_t rules, rules_room;
	struct import_iface *iface;
	size_t ifaces, ifaces_room;
	uint32_t mask[2];
	enum import_hook hook;
	const json_t *owner[2];
	struct import_place forward;
	bool forwards;
	char *notes;
	size_t notes_size;
	FILE *note;
	struct import_place refused;
	struct error error;
};

/**
 * struct import_line - a line of iptables-save's
 * @comment: its rule's comment; NULL: none
 * @rule: the rule, where iptables can't say it in nft's words; NULL: it can
 */
struct import_line {
	char *comment;
	char *rule;
};

/**
 * struct import_lines - parts of lines that nft doesn't get
 * @line: by number, from 1
 * @lines: how many, and one
 */
struct import_lines {
	struct import_line *line;
	size_t lines;
};

/* decide.c */
void *import_append(void *list, size_t *n, size_t *room, size_t size);
bool import_refuse(struct import *import, const struct import_place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *import_where(const struct import_place *place, char text[IMPORT_NAME + 32]);
bool import_decide(struct import *import, struct import_chain *chain,
		   const struct import_match *matched, enum import_verdict verdict,
		   const struct import_place *place);
bool import_chain_end(struct import *import, struct import_chain *chain);
bool import_end(struct import *import);
void import_init(struct import *import);
void import_release(struct import *import);

/**
 * struct import_ruleset - a ruleset that is read
 * @objects: all that is in it
 * @base: the base chain
 * @prefixes: what sources point to, to be freed
 * @prefixes_n: how many
 * @prefixes_room: how many fit
 */
struct import_ruleset {
	const json_t *objects;
	const json_t *base;
	struct prefix **prefixes;
	size_t prefixes_n, prefixes_room;
};

#define IMPORT_NOTHING_LIKE	"icmpguard knows packets by their source and type alone"

/* atom.c */
const char *import_get(const json_t *object, const char *key);
bool import_is(const json_t *object, const char *key, const char *text);
const char *import_kind(const json_t *object, const json_t **value);
const json_t *import_object(const struct import_ruleset *ruleset, const char *kind,
			    const char *name);
void import_odd(struct import_match *match, const char *word, const char *why);
void import_nothing(struct import_match *match);
const char *import_atom_text(const json_t *atom, char text[64]);
const char *import_atoms(const struct import_ruleset *ruleset, const json_t *value, json_t *atoms);

/* match.c */
void import_match_value(struct import_ruleset *ruleset, struct import_match *match,
			const json_t *left, const char *op, const json_t *right);
bool import_match_rate(struct import_match *match, const json_t *limit, enum import_rate kind);
void import_match_set(struct import_match *match, const json_t *set, const json_t *key,
		      const json_t *statements);

/* match_type.c */
void import_match_types(struct import_match *match, unsigned int p, const json_t *atoms);
void import_match_codes(struct import_match *match, unsigned int p, const json_t *atoms);
void import_match_both(struct import_match *match, unsigned int p, const json_t *atoms);

/* rules.c */
bool import_rules(struct import *import, const json_t *root, const struct import_lines *lines);
size_t import_chain_rules(const json_t *root, const json_t *like, const json_t **rules,
			  size_t room);

/* nft.c */
bool nft_sandbox(struct error *error);
json_t *nft_load(const char *text, struct error *error);
unsigned int nft_find_line(const char *text, const json_t *root, const json_t *rule);

/* xtables.c */
bool xtables_is(const char *text);
char *xtables_translate(const char *text, struct import_lines *lines, struct error *error);
void xtables_release(struct import_lines *lines);

/* write.c */
bool import_write(struct import *import, struct out *out);

#endif /* ICMPGUARD_IMPORT_H */
