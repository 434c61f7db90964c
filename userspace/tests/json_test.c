// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration in JSON: the statements made from it, and its errors.
 */
#include <string.h>
#include "json.h"
#include "parse.h"
#include "test.h"

static const struct {
	const char *json, *statements;
} good[] = {
	{ "{}", "" },
	{ " \r\n\t{\"mode\":\"off\",\"max-echo-size\":0}", "mode off|max-echo-size 0|" },
	{ "{\"version\":\"1\",\"generation\":4,\"table-bytes\":64,\"table-size\":8,\"scope\":\"all\"}",
	  "scope all|table-size 8|" },
	{ "{\"prefixes\":[{\"proto\":\"icmpv6\",\"len\":64,\"factor\":1},{\"proto\":\"icmp\",\"len\":24},{\"proto\":\"icmpv6\",\"len\":48,\"factor\":16}]}", "prefix ipv4 24|prefix ipv6 64 48:16|" },
	{ "{\"checks\":[{\"name\":\"mtu-zero\",\"action\":\"drop\"}],\"interfaces\":[{\"name\":\"eth 0\",\"mode\":\"on\"}]}", "check mtu-zero drop|interface eth 0 on|" },
	{ "{\"xdp\":[{\"name\":\"eth0\",\"mode\":\"native\"},{\"name\":\"ppp*\"}]}", "xdp eth0 mode native|xdp ppp*|" },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"other\",\"number\":null,\"code\":null,\"action\":\"drop\",\"monitor\":false}]}", "type icmp other drop|" },
	{ "{\"types\":[{\"proto\":\"icmp\",\"number\":8,\"code\":3,\"action\":\"limit\",\"limit\":null,\"total\":{\"packets\":5,\"period\":\"hour\"},\"block-s\":9,\"monitor\":true}]}",
	  "type icmp 8 code 3 limit unlimited total 5/hour block 9s monitor|" },
	{ "{\"types\":[{\"proto\":\"icmp\",\"number\":8,\"monitor\":true}]}", "type icmp 8 monitor|" },
	{ "{\"rules\":[{\"address\":\"::\",\"action\":\"limit\",\"limit\":{\"packets\":1,\"period\":\"day\",\"burst\":2},\"comment\":\"\"},{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"block\",\"comment\":\"a # b\\\\\"}]}",
	  "rule add :: limit 1/day burst 2|rule add 10.0.0.0/8 block comment a # b\\|" },
	{ "{\"rules\":[{\"address\":\"::\",\"prefix-len\":0,\"action\":\"source-length\",\"source-length\":48},{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"limit\",\"limit\":{\"packets\":1,\"period\":\"day\",\"burst\":2},\"source-length\":24}]}",
	  "rule add ::/0 source-length 48|rule add 10.0.0.0/8 limit 1/day burst 2 source-length 24|" },
	{ "{\"rules\":[{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"block\",\"interface\":\"eth0.7\",\"comment\":\"x\"}]}",
	  "rule add 10.0.0.0/8 block interface eth0.7 comment x|" },
};

static const struct {
	const char *json, *error;
	unsigned int line;
} bad[] = {
	{ "[]", "an object is expected here", 0 },
	{ "{\n\"mode\":\"off\"} x", "this JSON can't be read: end of file expected near 'x'", 2 },
	{ "{\"mode\":\"off\",\"mode\":\"off\"}",
	  "this JSON can't be read: duplicate object key near '\"mode\"'", 1 },
	{ "{\"types\":[{\"name\":\"x\",\"name\":\"x\"}]}",
	  "this JSON can't be read: duplicate object key near '\"name\"'", 1 },
	{ "{\"mod\":1}", "mod: unknown key; did you mean 'mode'?", 0 },
	{ "{\"mode\":1}", "mode: a string is expected here", 0 },
	{ "{\"mode\":\"a\\\"b\"}", "mode.mode: there is a quote in it", 0 },
	{ "{\"mode\":\"a\\nb\"}", "mode.mode: there is a control character in it", 0 },
	{ "{\"table-size\":1.0}", "table-size: a whole number is expected here", 0 },
	{ "{\"types\":[1]}", "types[0]: an object is expected here", 0 },
	{ "{\"types\":[{\"name\":\"redirect\",\"action\":\"drop\"}]}", "types[0].proto: this key is missing", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"action\":\"drop\"}]}", "types[0].name: this key is missing", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"redirect\",\"monitor\":false}]}",
	  "types[0].action: this key is missing", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"redirect\",\"number\":8,\"action\":\"drop\"}]}",
	  "types[0].number: 'redirect' has another one", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"redirect\",\"action\":\"drop\"},{\"proto\":\"icmp\",\"name\":\"redirect\",\"action\":\"accept\"}]}",
	  "types[1]: icmp redirect appears twice", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"redirect\",\"action\":\"drop\",\"block-s\":1}]}",
	  "types[0].block-s: only the action limit has it", 0 },
	{ "{\"types\":[{\"proto\":\"icmp\",\"name\":\"redirect\",\"action\":\"limit\",\"limit\":{\"burst\":1}}]}",
	  "types[0].limit.packets: this key is missing", 0 },
	{ "{\"rules\":[{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"block\"},{\"address\":\"10.0.0.0\",\"prefix-len\":8,\"action\":\"block\"}]}",
	  "rules[1]: '10.0.0.0/8' has a rule already", 0 },
	{ "{\"rules\":[{\"address\":\"1.2.3.4/8 x\",\"action\":\"block\"}]}",
	  "rules[0].address: '1.2.3.4/8 x' isn't an IPv4 or IPv6 address", 0 },
	{ "{\"prefixes\":[{\"proto\":\"icmp\",\"len\":24,\"factor\":2}]}",
	  "prefixes[0].factor: the first prefix of a protocol has the factor 1", 0 },
	{ "{\"prefixes\":[{\"proto\":\"ipv4\",\"len\":24}]}",
	  "prefixes[0].proto: 'ipv4' is neither icmp nor icmpv6", 0 },
	{ "{\"xdp\":[{\"mode\":\"native\"}]}", "xdp[0].name: this key is missing", 0 },
	{ "{\"xdp\":[{\"name\":\"eth0\",\"mode\":1}]}", "xdp[0].mode: a string is expected here", 0 },
	{ "{\"xdp\":[{\"name\":\"eth0\"},{\"name\":\"eth0\"}]}", "xdp[1]: eth0 appears twice", 0 },
	{ "{\"xdp\":[{\"name\":\"a\"},{\"name\":\"p+\"}]}",
	  "xdp[1]: invalid pattern 'p+': only a '*' at the end is one, as in 'ppp*'", 0 },
	{ "{\"checks\":[{\"name\":\"mtu-zero\",\"action\":\"off\"},{\"name\":\"mtu-zero\",\"action\":\"off\"}]}",
	  "checks[1]: mtu-zero appears twice", 0 },
};

static bool split(const char *json, struct text *text, struct error *error)
{
	size_t length = strlen(json);
	char *own = malloc(length + 1);

	memcpy(own, json, length);
	return json_is(own, length) && json_split(text, own, length, error);
}

static void expect_statements(const char *json, const char *expected)
{
	struct error error = { .text = "" };
	struct text text = { 0 };
	char *said;
	size_t size, i;
	FILE *file = open_memstream(&said, &size);
	bool read = split(json, &text, &error);

	for (i = 0; i < text.words; i++)
		fprintf(file, "%s%c", text.word[i].text, text.word[i].ends ? '|' : ' ');
	fclose(file);
	if (strcmp(said, expected))
		fprintf(test_file, "# '%s' %s\n", said, error.text);
	test_result(read && !strcmp(said, expected), "%s", json);
	text_release(&text);
	free(said);
}

static void expect_error(const char *json, const char *expected, unsigned int line)
{
	struct change change = { .replace = true };
	struct error error = { .text = "" };
	struct text text = { 0 };
	bool read = split(json, &text, &error) && parse_text(&text, &change, &error);

	json_locate(&text, &error);
	if (strcmp(error.text, expected))
		fprintf(test_file, "# '%s'\n", error.text);
	test_result(!read && !strcmp(error.text, expected) && error.line == line, "%s", json);
	change_release(&change);
	text_release(&text);
}

int main(void)
{
	size_t i;

	test_begin();
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		expect_statements(good[i].json, good[i].statements);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_error(bad[i].json, bad[i].error, bad[i].line);
	test_result(!json_is("mode off\n{}", 11) && !json_is("", 0) && !json_is("\0{", 2),
		    "what is no JSON");
	return test_end();
}
