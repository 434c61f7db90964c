// SPDX-License-Identifier: GPL-2.0-only
/*
 * One message of a hostile kernel, read as the answer to each command. It is
 * as long as its header says, with nothing after it. The result is printed as text
 * and as JSON.
 */
#include <linux/genetlink.h>
#include "../../selftests/fuzz/fuzz.h"
#include "print.h"
#include "reply.h"

static bool is_text(const char *text, size_t room)
{
	size_t i;

	for (i = 0; i < room && text[i]; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			return false;
	return i < room;
}

#define IS_TEXT(text)	PROMISE(is_text(text, sizeof(text)), "no text in " #text)

static void print(const struct treatment *treatment, const struct rule *rule)
{
	struct out out = { .file = fopen("/dev/null", "w") };

	if (treatment)
		print_treatment(&out, treatment);
	if (rule)
		print_rules(&out, rule, 1);
	out.json = true;
	out_object(&out, NULL);
	if (treatment)
		print_treatment(&out, treatment);
	out_array(&out, "rules");
	out_array_end(&out);
	out_object_end(&out);
	fclose(out.file);
}

static void config(const struct nlmsghdr *header)
{
	struct error error = { .text = "" };
	struct config_state config = { 0 };
	size_t i;

	reply_config(header, &config, &error);
	IS_TEXT(config.version);
	PROMISE(config.ladder[0].steps <= LADDER_MAX && config.ladder[1].steps <= LADDER_MAX,
		"ladders of %u and %u steps", config.ladder[0].steps, config.ladder[1].steps);
	for (i = 0; i < config.interfaces; i++)
		IS_TEXT(config.interface[i].name);
	free(config.interface);
}

static void type(const struct nlmsghdr *header)
{
	struct error error = { .text = "" };
	struct type_list list = { 0 };

	reply_type(header, &list, &error);
	PROMISE(list.types == 1, "%zu types", list.types);
	IS_TEXT(list.type[0].name);
	print(&list.type[0].treatment, NULL);
	free(list.type);
}

static void rule(const struct nlmsghdr *header)
{
	struct error error = { .text = "" };
	struct rule_list list = { 0 };

	if (reply_rule(header, &list, &error)) {
		IS_TEXT(list.rule[0].comment);
		PROMISE(list.rule[0].prefix.len <= (list.rule[0].prefix.v6 ? 128 : 32), "%u bits",
			list.rule[0].prefix.len);
		print(NULL, &list.rule[0]);
	} else {
		PROMISE(*error.text, "refused without a message");
	}
	free(list.rule);
}

static void stats(const struct nlmsghdr *header)
{
	struct error error = { .text = "" };
	struct stats_state stats = { 0 };
	size_t i;

	reply_stats(header, &stats, &error);
	for (i = 0; i < stats.counters; i++)
		IS_TEXT(stats.counter[i].name);
	free(stats.counter);
}

static void source(const struct nlmsghdr *header)
{
	struct error error = { .text = "" };
	struct source_state source = { 0 };
	struct source_list list = { 0 };
	size_t i;

	reply_source(header, &source, &error);
	IS_TEXT(source.name);
	for (i = 0; i < source.buckets; i++)
		IS_TEXT(source.bucket[i].name);
	free(source.bucket);
	error = (struct error) { .text = "" };
	reply_source_listed(header, &list, &error);
	for (i = 0; i < list.sources; i++)
		free(list.source[i].bucket);
	free(list.source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	size_t whole = NLMSG_LENGTH(sizeof(struct genlmsghdr)) + length;
	struct nlmsghdr *header;

	if (whole > 65536)
		return 0;
	/* A kernel pads messages, but the last one ends where it ends. */
	header = calloc(1, whole);
	header->nlmsg_len = whole;
	memcpy((char *)header + whole - length, bytes, length);
	config(header);
	type(header);
	rule(header);
	stats(header);
	source(header);
	free(header);
	return 0;
}
