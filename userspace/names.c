// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of ICMP types, and of what else has a name on both sides.
 */
#include <string.h>
#include <linux/if_link.h>
#include "check_names.h"
#include "names.h"
#include "setting_names.h"
#include "type_names.h"
#include "uapi/icmpguard.h"

/* In the order of the kernel's dump */
static const struct type_name types[] = {
#define X(number, id, name, ...) { ICMPGUARD_PROTO_ICMP, number, name },
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMP_TYPES(X)
#undef X
#define X(number, id, name, ...) { ICMPGUARD_PROTO_ICMPV6, number, name },
	ICMPGUARD_PSEUDO_TYPES(X)
	ICMPGUARD_ICMPV6_TYPES(X)
#undef X
};

#define TYPES	(sizeof(types) / sizeof(types[0]))

const struct keyword protos[] = {
	{ "icmp", ICMPGUARD_PROTO_ICMP },
	{ "icmpv6", ICMPGUARD_PROTO_ICMPV6 },
	{ NULL, 0 }
};

const struct keyword families[] = {
	{ "ipv4", ICMPGUARD_PROTO_ICMP },
	{ "ipv6", ICMPGUARD_PROTO_ICMPV6 },
	{ NULL, 0 }
};

const struct keyword modes[] = {
#define X(word, id) { word, ICMPGUARD_MODE_##id },
	ICMPGUARD_MODES(X)
#undef X
	{ NULL, 0 }
};

const struct keyword interface_modes[] = {
	{ "on", ICMPGUARD_MODE_ENFORCE },
	{ "monitor", ICMPGUARD_MODE_MONITOR },
	{ "off", ICMPGUARD_MODE_OFF },
	{ NULL, 0 }
};

const struct keyword scopes[] = {
#define X(word, id) { word, ICMPGUARD_SCOPE_##id },
	ICMPGUARD_SCOPES(X)
#undef X
	{ NULL, 0 }
};

const struct keyword checks[] = {
#define X(id, name, ...) { name, ICMPGUARD_CHECK_##id },
	ICMPGUARD_CHECKS(X)
#undef X
	{ NULL, 0 }
};

const char *const check_summaries[] = {
#define X(id, name, summary, ...) [ICMPGUARD_CHECK_##id] = summary,
	ICMPGUARD_CHECKS(X)
#undef X
};

const struct keyword check_actions[] = {
	{ "drop", ICMPGUARD_CHECK_DROP },
	{ "count", ICMPGUARD_CHECK_COUNT },
	{ "off", ICMPGUARD_CHECK_OFF },
	{ NULL, 0 }
};

const struct keyword actions[] = {
	{ "accept", ICMPGUARD_ACTION_ACCEPT },
	{ "drop", ICMPGUARD_ACTION_DROP },
	{ "limit", ICMPGUARD_ACTION_LIMIT },
	{ NULL, 0 }
};

const struct keyword rule_actions[] = {
	{ "exempt", ICMPGUARD_RULE_EXEMPT },
	{ "block", ICMPGUARD_RULE_BLOCK },
	{ "limit", ICMPGUARD_RULE_LIMIT },
	{ "source-length", ICMPGUARD_RULE_SOURCE_LENGTH },
	{ NULL, 0 }
};

const struct keyword periods[] = {
	{ "second", 1 },
	{ "minute", 60 },
	{ "hour", 3600 },
	{ "day", 86400 },
	{ "week", 604800 },
	{ NULL, 0 }
};

const struct keyword classes[] = {
	{ "accept", ICMPGUARD_COUNTER_ACCEPT },
	{ "drop", ICMPGUARD_COUNTER_DROP },
	{ "note", ICMPGUARD_COUNTER_NOTE },
	{ NULL, 0 }
};

const struct keyword events[] = {
	{ "source-limited", ICMPGUARD_EVENT_SOURCE_LIMITED },
	{ "source-released", ICMPGUARD_EVENT_SOURCE_RELEASED },
	{ "total-limited", ICMPGUARD_EVENT_TOTAL_LIMITED },
	{ "table-full", ICMPGUARD_EVENT_TABLE_FULL },
	{ "config-changed", ICMPGUARD_EVENT_CONFIG_CHANGED },
	{ "left-out", ICMPGUARD_EVENT_LEFT_OUT },
	{ "module-unloaded", EVENT_MODULE_UNLOADED },
	{ "module-loaded", EVENT_MODULE_LOADED },
	{ NULL, 0 }
};

const struct keyword xdp_modes[] = {
	{ "native", XDP_FLAGS_DRV_MODE },
	{ "generic", XDP_FLAGS_SKB_MODE },
	{ "auto", 0 },
	{ NULL, 0 }
};

const struct keyword flushes[] = {
	{ "sources", ICMPGUARD_FLUSH_SOURCES },
	{ "rules", ICMPGUARD_FLUSH_RULES },
	{ "stats", ICMPGUARD_FLUSH_STATS },
	{ "all", ICMPGUARD_FLUSH_SOURCES | ICMPGUARD_FLUSH_RULES | ICMPGUARD_FLUSH_STATS |
		 ICMPGUARD_FLUSH_CONFIG },
	{ NULL, 0 }
};

/**
 * type_at() - go through all types
 * @i: from 0
 *
 * Return: NULL after the last.
 */
const struct type_name *type_at(size_t i)
{
	return i < TYPES ? &types[i] : NULL;
}

/**
 * type_by_name() - find a type
 * @proto: enum icmpguard_proto
 * @name: what it is called
 *
 * Return: NULL where @proto has none of this name.
 */
const struct type_name *type_by_name(uint32_t proto, const char *name)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (types[i].proto == proto && !strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

/**
 * type_by_number() - find a type
 * @proto: enum icmpguard_proto
 * @number: on the wire
 *
 * Return: NULL where @proto's has no name.
 */
const struct type_name *type_by_number(uint32_t proto, uint32_t number)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (types[i].proto == proto && types[i].number == number)
			return &types[i];
	return NULL;
}

/* IANA's names of the codes of the types that both protocols have */
struct code {
	uint32_t proto;
	uint32_t number;
	const char *meaning[16];
};

static const struct code codes[] = {
	{ ICMPGUARD_PROTO_ICMP, 3, {
		"network unreachable", "host unreachable", "protocol unreachable",
		"port unreachable", "fragmentation needed", "source route failed",
		"network unknown", "host unknown", "source host isolated",
		"network administratively prohibited", "host administratively prohibited",
		"network unreachable for type of service", "host unreachable for type of service",
		"communication administratively prohibited", "host precedence violation",
		"precedence cutoff" } },
	{ ICMPGUARD_PROTO_ICMPV6, 1, {
		"no route", "communication administratively prohibited",
		"beyond scope of source address", "address unreachable", "port unreachable",
		"source address failed policy", "reject route", "error in source routing header",
		"headers too long" } },
	{ ICMPGUARD_PROTO_ICMP, 11, { "time to live exceeded", "reassembly time exceeded" } },
	{ ICMPGUARD_PROTO_ICMPV6, 3, { "time to live exceeded", "reassembly time exceeded" } },
	{ ICMPGUARD_PROTO_ICMP, 12, {
		"erroneous header field", "required option missing", "bad length" } },
	{ ICMPGUARD_PROTO_ICMPV6, 4, {
		"erroneous header field", "unrecognized next header", "unrecognized option",
		"incomplete header chain in first fragment", "segment routing upper-layer header error",
		"next header unrecognized by intermediate node", "extension header too big",
		"extension header chain too long", "too many extension headers",
		"too many options in extension header", "option too big" } },
	{ ICMPGUARD_PROTO_ICMP, 43, {
		"no error", "malformed query", "no such interface", "no such table entry",
		"multiple interfaces satisfy query" } },
	{ ICMPGUARD_PROTO_ICMPV6, 161, {
		"no error", "malformed query", "no such interface", "no such table entry",
		"multiple interfaces satisfy query" } },
};

/**
 * code_meaning() - what a code of a type that both protocols have stands for
 * @proto: enum icmpguard_proto
 * @number: the type
 * @code: the code
 *
 * Return: "unassigned" where it has no meaning.
 */
const char *code_meaning(uint32_t proto, uint32_t number, uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].proto == proto && codes[i].number == number && code < 16 &&
		    codes[i].meaning[code])
			return codes[i].meaning[code];
	return "unassigned";
}

/**
 * name_is_pattern() - whether it stands for the names that begin as it does
 * @name: from a statement that takes patterns
 *
 * Return: true if so.
 */
bool name_is_pattern(const char *name)
{
	return *name && name[strlen(name) - 1] == '*';
}

/**
 * name_matches() - whether an interface is meant
 * @pattern: its name, or a pattern
 * @name: what it is called
 *
 * Return: true if it is.
 */
bool name_matches(const char *pattern, const char *name)
{
	if (name_is_pattern(pattern))
		return !strncmp(pattern, name, strlen(pattern) - 1);
	return !strcmp(pattern, name);
}

/**
 * keyword_find() - what a name stands for
 * @list: the names there are
 * @name: the name
 *
 * Return: NULL for none of them.
 */
const struct keyword *keyword_find(const struct keyword *list, const char *name)
{
	for (; list->name; list++)
		if (!strcmp(list->name, name))
			return list;
	return NULL;
}

/**
 * keyword_name() - what a value is called
 * @list: the names there are
 * @value: the value
 *
 * A newer kernel may send what this tool has no name for.
 *
 * Return: "unknown" for none of them.
 */
const char *keyword_name(const struct keyword *list, uint32_t value)
{
	for (; list->name; list++)
		if (list->value == value)
			return list->name;
	return "unknown";
}
