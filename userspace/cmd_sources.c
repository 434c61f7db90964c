// SPDX-License-Identifier: GPL-2.0-only
/*
 * sources: who is being limited. source: what is left in one's buckets.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "print.h"
#include "value.h"

#define TYPE_TEXT	(NAME_MAX_LEN + 24)

static int type_text(char text[TYPE_TEXT], uint32_t proto, const char *name, bool has_code,
		     uint32_t code)
{
	int length = snprintf(text, TYPE_TEXT, "%s %s", keyword_name(protos, proto), name);

	if (has_code)
		length += snprintf(text + length, TYPE_TEXT - length, " code %u", code);
	return length;
}

/**
 * struct widths - of columns, so that a source is one line
 * @prefix: characters
 * @type: likewise
 * @monitored: there is something that would have been dropped
 */
struct widths {
	int prefix;
	int type;
	bool monitored;
};

static void measure(const struct source_state *source, size_t sources, struct widths *widths)
{
	char prefix[PREFIX_TEXT], type[TYPE_TEXT];

	*widths = (struct widths) { .prefix = 18, .type = 19 };
	for (; sources--; source++) {
		value_print_prefix(&source->prefix, prefix);
		print_widen(&widths->prefix, strlen(prefix));
		print_widen(&widths->type, type_text(type, source->proto, source->name, false, 0));
		widths->monitored |= source->monitored;
	}
}

static void print_source(struct out *out, const struct source_state *source,
			 const struct widths *widths)
{
	char prefix[PREFIX_TEXT], type[TYPE_TEXT];

	value_print_prefix(&source->prefix, prefix);
	type_text(type, source->proto, source->name, false, 0);
	out_object(out, NULL);
	print_address(out, &source->prefix);
	out_string(out, "proto", NULL, keyword_name(protos, source->proto));
	out_string(out, "name", NULL, source->name);
	out_text(out, "%-*s  %-*s", widths->prefix, prefix, widths->type, type);
	out_number(out, "drops", " %9" PRIu64, source->drops);
	out_number(out, "monitored", widths->monitored ? " %10" PRIu64 : NULL, source->monitored);
	out_text(out, "  ");
	print_duration(out, "last-drop-age-ms", source->last, " ago\n");
	out_object_end(out);
}

static void print_heading(struct out *out, const struct widths *widths)
{
	out_text(out, "%-*s  %-*s %9s", widths->prefix, "source", widths->type, "last type", "dropped");
	if (widths->monitored)
		out_text(out, " %10s", "monitored");
	out_text(out, "  last\n");
}

static int run_sources(struct context *context)
{
	struct source_list list = { 0 };
	struct out *out = &context->out;
	uint32_t top = UINT32_MAX;
	struct widths widths;
	size_t i;

	if (!parse_option_number(&context->words, "--top", &top, &context->error))
		return STATUS_USAGE;
	if (command_open(context) && command_all_sources(context, &list)) {
		measure(list.source, list.sources < top ? list.sources : top, &widths);
		out_object(out, NULL);
		out_array(out, "sources");
		if (list.sources)
			print_heading(out, &widths);
		for (i = 0; i < list.sources && i < top; i++)
			print_source(out, &list.source[i], &widths);
		out_array_end(out);
		out_object_end(out);
	}
	for (i = 0; i < list.sources; i++)
		free(list.source[i].bucket);
	free(list.source);
	return command_refused(context);
}

static bool is_full(const struct bucket_state *bucket)
{
	return bucket->left >= bucket->burst && !bucket->full_in;
}

static void print_bucket(struct out *out, const struct bucket_state *bucket, int width)
{
	char type[TYPE_TEXT];

	type_text(type, bucket->proto, bucket->name, bucket->has_code, bucket->code);
	out_object(out, NULL);
	out_string(out, "proto", NULL, keyword_name(protos, bucket->proto));
	out_string(out, "name", NULL, bucket->name);
	if (bucket->has_code)
		out_number(out, "code", NULL, bucket->code);
	else
		out_null(out, "code", NULL);
	out_number(out, "prefix-len", NULL, bucket->len);
	out_text(out, "%-*s", width, type);
	out_number(out, "left", " %8" PRIu64, bucket->left);
	out_number(out, "burst", " of %-8" PRIu64, bucket->burst);
	out_text(out, "  full in ");
	print_duration(out, "full-in-ms", bucket->full_in, "");
	out_bool(out, "known", "  known", bucket->known);
	out_text(out, "\n");
	out_object_end(out);
}

/* Most of them are full; in text, those are a number. */
static void print_buckets(struct out *out, const struct source_state *source)
{
	size_t i, full = 0;
	int width = 19;

	for (i = 0; i < source->buckets; i++) {
		const struct bucket_state *bucket = &source->bucket[i];
		char type[TYPE_TEXT];
		int length = type_text(type, bucket->proto, bucket->name, bucket->has_code,
				       bucket->code);

		full += is_full(bucket);
		if (!is_full(bucket) && length > width)
			width = length;
	}
	out_array(out, "buckets");
	for (i = 0; i < source->buckets; i++)
		if (out->json || !is_full(&source->bucket[i]))
			print_bucket(out, &source->bucket[i], width);
	out_array_end(out);
	if (source->has_rule && source->action == ICMPGUARD_RULE_BLOCK)
		out_text(out, "A rule blocks it: it has no buckets.\n");
	else if (source->has_rule && source->action == ICMPGUARD_RULE_EXEMPT)
		out_text(out, "A rule exempts it: it has no buckets, and nothing of it is limited.\n");
	else if (!source->buckets)
		out_text(out, "It has no buckets: nothing of it is limited.\n");
	else if (full == source->buckets)
		out_text(out, "All of its %zu buckets are full.\n", full);
	else if (full)
		out_text(out, "Its other %zu buckets are full.\n", full);
}

static bool ask_source(struct context *context, const struct word *word,
		       const struct prefix *address, struct source_state *source)
{
	struct message message;
	bool got;

	if (!command_open(context))
		return false;
	message_init(&message, context->genl.family, ICMPGUARD_CMD_SOURCE_GET, 0);
	message_put_address(&message, ICMPGUARD_A_SOURCE_ADDRESS, address, NULL);
	message.subject = word;
	got = genl_do(&context->genl, &message, reply_source, source, &context->error);
	message_release(&message);
	return got;
}

static int run_source(struct context *context)
{
	char address[PREFIX_TEXT], prefix[PREFIX_TEXT];
	struct source_state source = { 0 };
	struct out *out = &context->out;
	const struct word *word = words_read(&context->words);
	struct prefix asked;

	if (!word) {
		error_set(&context->error, NULL, "'source' must be followed by an address");
		return STATUS_USAGE;
	}
	if (!parse_address(word, &asked, &context->error) ||
	    !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (ask_source(context, word, &asked, &source)) {
		value_print_address(&asked, address);
		asked.len = source.prefix.len;
		value_mask(&asked);
		value_print_prefix(&asked, prefix);
		out_object(out, NULL);
		out_string(out, "address", NULL, address);
		out_number(out, "prefix-len", NULL, source.prefix.len);
		if (source.has_rule)
			out_string(out, "action", NULL, keyword_name(rule_actions, source.action));
		else
			out_null(out, "action", NULL);
		out_text(out, "%s is counted as %s\n", address, prefix);
		print_buckets(out, &source);
		out_object_end(out);
	}
	free(source.bucket);
	return command_refused(context);
}

const struct command command_sources = {
	.name = "sources",
	.usage = "[--top N]",
	.summary = "print the limited sources, heaviest first",
	.details =
"A source is an address, or the prefix that is counted as one. dropped and\n"
"monitored are lower bounds of the packets that it lost, or would have lost but\n"
"for monitor mode. Source addresses of ICMP can be forged.\n"
"\n"
"  --top N   only the N heaviest\n"
"\n"
"Example: icmpguardctl sources --top 10\n",
	.run = run_sources,
};

const struct command command_source = {
	.name = "source",
	.usage = "ADDRESS",
	.summary = "print what is left in one source's buckets",
	.details =
"For each limited type: how many packets would pass at once, of how many, and\n"
"when the bucket is full again. A source that came back while below its rate is\n"
"known.\n"
"\n"
"Example: icmpguardctl source 192.0.2.7\n",
	.run = run_source,
};
