// SPDX-License-Identifier: GPL-2.0-only
/*
 * What several commands print alike.
 */
#include <inttypes.h>
#include <string.h>
#include "names.h"
#include "print.h"
#include "value.h"

static void print_rate(struct out *out, const char *key, const struct rate *rate)
{
	char text[RATE_TEXT];

	value_print_rate(rate, text);
	out_text(out, "%s", text);
	if (!rate->packets) {
		out_null(out, key, NULL);
		return;
	}
	out_object(out, key);
	out_number(out, "packets", NULL, rate->packets);
	out_string(out, "period", NULL, keyword_name(periods, rate->period));
	out_number(out, "burst", NULL, rate->burst);
	out_object_end(out);
}

/**
 * print_treatment() - print what is done with a type
 * @out: where to
 * @treatment: what
 */
void print_treatment(struct out *out, const struct treatment *treatment)
{
	out_string(out, "action", "%s", keyword_name(actions, treatment->action));
	if (treatment->action == ICMPGUARD_ACTION_LIMIT) {
		out_text(out, " ");
		print_rate(out, "limit", &treatment->limit);
		if (treatment->total.packets)
			out_text(out, " total ");
		if (treatment->total.packets || out->json)
			print_rate(out, "total", &treatment->total);
		out_number(out, "block-s", treatment->block ? " block %" PRIu64 "s" : NULL,
			   treatment->block);
	}
	out_bool(out, "monitor", " monitor", treatment->monitor);
}

/**
 * print_type_number() - print a type's number, which is for programs
 * @out: where to
 * @number: on the wire; what stands for many types has none there
 */
void print_type_number(struct out *out, uint32_t number)
{
	if (number > UINT8_MAX)
		out_null(out, "number", NULL);
	else
		out_number(out, "number", NULL, number);
}

/**
 * print_address() - print a prefix as programs read it
 * @out: where to
 * @prefix: the prefix
 */
void print_address(struct out *out, const struct prefix *prefix)
{
	char address[PREFIX_TEXT];

	value_print_address(prefix, address);
	out_string(out, "address", NULL, address);
	out_number(out, "prefix-len", NULL, prefix->len);
}

/**
 * print_rules() - print rules, one a line
 * @out: where to
 * @rule: the first
 * @rules: how many
 */
void print_rules(struct out *out, const struct rule *rule, size_t rules)
{
	char prefix[PREFIX_TEXT];

	out_array(out, "rules");
	for (; rules--; rule++) {
		value_print_prefix(&rule->prefix, prefix);
		out_object(out, NULL);
		print_address(out, &rule->prefix);
		out_text(out, "rule add %s", prefix);
		out_string(out, "action", " %s", keyword_name(rule_actions, rule->action));
		if (rule->action == ICMPGUARD_RULE_LIMIT) {
			out_text(out, " ");
			print_rate(out, "limit", &rule->limit);
		}
		if (rule->source_length)
			out_number(out, "source-length",
				   rule->action == ICMPGUARD_RULE_SOURCE_LENGTH ?
				   " %" PRIu64 : " source-length %" PRIu64, rule->source_length);
		if (*rule->interface)
			out_string(out, "interface", " interface %s", rule->interface);
		if (*rule->comment)
			out_string(out, "comment", " comment \"%s\"", rule->comment);
		out_text(out, "\n");
		out_object_end(out);
	}
	out_array_end(out);
}

/**
 * print_duration() - print a duration
 * @out: where to
 * @key: its name in JSON, where it is milliseconds
 * @milliseconds: how long
 * @suffix: follows it in text
 */
void print_duration(struct out *out, const char *key, uint32_t milliseconds, const char *suffix)
{
	uint32_t seconds = milliseconds / 1000;

	out_number(out, key, NULL, milliseconds);
	if (seconds < 10)
		out_text(out, "%u.%us", seconds, milliseconds % 1000 / 100);
	else if (seconds < 120)
		out_text(out, "%us", seconds);
	else if (seconds < 7200)
		out_text(out, "%um", seconds / 60);
	else
		out_text(out, "%uh", seconds / 3600);
	out_text(out, "%s", suffix);
}
