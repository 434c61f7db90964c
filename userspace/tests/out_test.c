// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output: the same calls, as text and as JSON.
 */
#include <inttypes.h>
#include <string.h>
#include "nearest.h"
#include "out.h"
#include "print.h"
#include "test.h"

typedef void (*printer)(struct out *out, const void *data);

static void compare(const char *what, bool json, printer print, const void *data, const char *expected)
{
	struct out out = { .json = json };
	char *text;
	size_t size;

	out.file = open_memstream(&text, &size);
	print(&out, data);
	fclose(out.file);
	if (strcmp(text, expected))
		fprintf(test_file, "# %s\n", text);
	test_result(!strcmp(text, expected), "%s: %s", json ? "JSON" : "text", what);
	free(text);
}

static void put_string(struct out *out, const void *data)
{
	out_object(out, NULL);
	out_string(out, "s", "%s", data);
	out_object_end(out);
}

static const struct {
	const char *what, *value, *json;
} strings[] = {
	{ "plain", "abc", "{\"s\":\"abc\"}\n" },
	{ "empty", "", "{\"s\":\"\"}\n" },
	{ "quote and backslash", "a\"b\\c", "{\"s\":\"a\\\"b\\\\c\"}\n" },
	{ "control characters", "\n\t\x1b\x7f", "{\"s\":\"\\u000a\\u0009\\u001b\\u007f\"}\n" },
	{ "UTF-8", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "{\"s\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}\n" },
	{ "a byte that is none", "\xffz", "{\"s\":\"\\ufffdz\"}\n" },
	{ "a sequence cut short", "\xe2\x82", "{\"s\":\"\\ufffd\\ufffd\"}\n" },
	{ "an overlong form", "\xc0\xaf", "{\"s\":\"\\ufffd\\ufffd\"}\n" },
	{ "a surrogate", "\xed\xa0\x80", "{\"s\":\"\\ufffd\\ufffd\\ufffd\"}\n" },
	{ "beyond Unicode", "\xf4\x90\x80\x80", "{\"s\":\"\\ufffd\\ufffd\\ufffd\\ufffd\"}\n" },
};

static void put_nested(struct out *out, const void *data)
{
	(void)data;
	out_object(out, NULL);
	out_number(out, "n", "n %" PRIu64 "\n", UINT64_MAX);
	out_array(out, "a");
	out_object(out, NULL);
	out_bool(out, "b", "b\n", true);
	out_bool(out, "c", "c\n", false);
	out_object_end(out);
	out_object(out, NULL);
	out_null(out, "d", "d\n");
	out_object_end(out);
	out_array_end(out);
	out_array(out, "empty");
	out_array_end(out);
	out_number(out, NULL, "text only %" PRIu64 "\n", 1);
	out_number(out, "json", NULL, 2);
	out_text(out, "end\n");
	out_object_end(out);
}

static void put_treatment(struct out *out, const void *data)
{
	out_object(out, NULL);
	print_treatment(out, data);
	out_object_end(out);
}

static void put_rules(struct out *out, const void *data)
{
	out_object(out, NULL);
	print_rules(out, data, 4);
	out_object_end(out);
}

static void test_model(void)
{
	static const struct treatment limit = {
		.action = ICMPGUARD_ACTION_LIMIT, .limit = { 10, 1, 20 }, .total = { 300, 60, 5 },
		.block = 60, .monitor = true,
	};
	static const struct treatment unlimited = { .action = ICMPGUARD_ACTION_LIMIT };
	static const struct treatment drop = { .action = ICMPGUARD_ACTION_DROP };
	static const struct rule rules[] = {
		{ .prefix = { { 192, 0, 2 }, 24, false }, .action = ICMPGUARD_RULE_EXEMPT,
		  .comment = "two words" },
		{ .prefix = { { 0x20, 1, 0xd, 0xb8 }, 32, true }, .action = ICMPGUARD_RULE_LIMIT,
		  .limit = { 1, 604800, 1 } },
		{ .prefix = { { 10 }, 8, false }, .action = ICMPGUARD_RULE_LIMIT,
		  .limit = { 2, 1, 5 }, .source_length = 24, .interface = "eth0" },
		{ .prefix = { { 0x20, 1, 0xd, 0xb8 }, 96, true },
		  .action = ICMPGUARD_RULE_SOURCE_LENGTH, .source_length = 128 },
	};

	compare("limit", false, put_treatment, &limit,
		"limit 10/second burst 20 total 300/minute burst 5 block 60s monitor");
	compare("limit", true, put_treatment, &limit,
		"{\"action\":\"limit\",\"limit\":{\"packets\":10,\"period\":\"second\",\"burst\":20},\"total\":{\"packets\":300,\"period\":\"minute\",\"burst\":5},\"block-s\":60,\"monitor\":true}\n");
	compare("unlimited", false, put_treatment, &unlimited, "limit unlimited");
	compare("unlimited", true, put_treatment, &unlimited,
		"{\"action\":\"limit\",\"limit\":null,\"total\":null,\"block-s\":0,\"monitor\":false}\n");
	compare("drop", false, put_treatment, &drop, "drop");
	compare("drop", true, put_treatment, &drop, "{\"action\":\"drop\",\"monitor\":false}\n");
	compare("rules", false, put_rules, rules,
		"rule add 192.0.2.0/24 exempt comment \"two words\"\nrule add 2001:db8::/32 limit 1/week burst 1\nrule add 10.0.0.0/8 limit 2/second burst 5 source-length 24 interface eth0\nrule add 2001:db8::/96 source-length 128\n");
	compare("rules", true, put_rules, rules,
		"{\"rules\":[{\"address\":\"192.0.2.0\",\"prefix-len\":24,\"action\":\"exempt\",\"comment\":\"two words\"},{\"address\":\"2001:db8::\",\"prefix-len\":32,\"action\":\"limit\",\"limit\":{\"packets\":1,\"period\":\"week\",\"burst\":1}},{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"limit\",\"limit\":{\"packets\":2,\"period\":\"second\",\"burst\":5},\"source-length\":24,\"interface\":\"eth0\"},{\"address\":\"2001:db8::\",\"prefix-len\":96,\"action\":\"source-length\",\"source-length\":128}]}\n");
}

static const struct {
	uint32_t milliseconds;
	const char *text;
} durations[] = {
	{ 0, "0.0s" }, { 99, "0.0s" }, { 100, "0.1s" }, { 9999, "9.9s" }, { 10000, "10s" },
	{ 119999, "119s" }, { 120000, "2m" }, { 7199999, "119m" }, { 7200000, "2h" },
	{ UINT32_MAX, "1193h" },
};

static void put_duration(struct out *out, const void *data)
{
	const uint32_t *milliseconds = data;

	print_duration(out, "ms", *milliseconds, "");
}

static const struct {
	const char *word, *nearest;
} words[] = {
	{ "stat", "stats" }, { "sources", "sources" }, { "shwo", "show" }, { "tpye", "type" },
	{ "", NULL }, { "nonsense", NULL }, { "destination", "destination-unreachable" },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789", NULL },
};

static void test_nearest(void)
{
	static const char *const names[] = {
		"show", "stats", "sources", "type", "destination-unreachable",
	};
	struct nearest nearest;
	size_t i, j;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		nearest_init(&nearest, "word", words[i].word);
		for (j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			nearest_try(&nearest, names[j]);
		test_result(words[i].nearest ?
			    nearest.name && !strcmp(nearest.name, words[i].nearest) : !nearest.name,
			    "nearest to '%s': %s", words[i].word,
			    nearest.name ? nearest.name : "none");
	}
}

int main(void)
{
	size_t i;

	test_begin();
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		compare(strings[i].what, true, put_string, strings[i].value, strings[i].json);
		compare(strings[i].what, false, put_string, strings[i].value, strings[i].value);
	}
	compare("in each other", true, put_nested, NULL,
		"{\"n\":18446744073709551615,\"a\":[{\"b\":true,\"c\":false},{\"d\":null}],\"empty\":[],\"json\":2}\n");
	compare("in each other", false, put_nested, NULL,
		"n 18446744073709551615\nb\nd\ntext only 1\nend\n");
	test_model();
	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
		compare("duration", false, put_duration, &durations[i].milliseconds,
			durations[i].text);
	test_nearest();
	return test_end();
}
