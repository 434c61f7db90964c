// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers: those of this kernel, of a newer or older one, and invalid ones.
 */
#include <linux/genetlink.h>
#include <string.h>
#include "message.h"
#include "reply.h"
#include "test.h"

static struct message answer;

static void begin(uint8_t command)
{
	message_release(&answer);
	message_init(&answer, 17, command, 0);
}

/* Exactly as long as its header says, so that the sanitizer finds a read past it. */
static struct nlmsghdr *end(void)
{
	struct nlmsghdr *header = malloc(answer.header->nlmsg_len);

	return memcpy(header, answer.header, answer.header->nlmsg_len);
}

static void u32(uint16_t type, uint32_t value)
{
	message_put_u32(&answer, type, value, NULL);
}

static void u64(uint16_t type, uint64_t value)
{
	mnl_attr_put_u64(answer.header, type, value);
}

static void bytes(uint16_t type, const void *payload, size_t length)
{
	mnl_attr_put(answer.header, type, length, payload);
}

static void test_config(void)
{
	struct config_state config = { 0 };
	struct error error = { .text = "" };
	struct nlattr *nest;
	struct nlmsghdr *header;
	unsigned int i;

	begin(ICMPGUARD_CMD_CONFIG_GET);
	bytes(ICMPGUARD_A_CONFIG_VERSION, "1.2.3", 6);
	u32(ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_MONITOR);
	u32(ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 100);
	u64(ICMPGUARD_A_CONFIG_TABLE_BYTES, 1ULL << 33);
	for (i = 0; i < 6; i++) {
		nest = mnl_attr_nest_start(answer.header, ICMPGUARD_A_CONFIG_PREFIX);
		u32(ICMPGUARD_A_PREFIX_PROTO, ICMPGUARD_PROTO_ICMPV6);
		u32(ICMPGUARD_A_PREFIX_LEN, 64 - i);
		u32(ICMPGUARD_A_PREFIX_FACTOR, i + 1);
		mnl_attr_nest_end(answer.header, nest);
	}
	for (i = 0; i < 40; i++) {
		nest = mnl_attr_nest_start(answer.header, ICMPGUARD_A_CONFIG_INTERFACE);
		bytes(ICMPGUARD_A_INTERFACE_NAME, "eth0", 5);
		u32(ICMPGUARD_A_INTERFACE_MODE, ICMPGUARD_MODE_OFF);
		mnl_attr_nest_end(answer.header, nest);
	}
	for (i = 0; i < CHECKS_ROOM + 5; i++) {
		nest = mnl_attr_nest_start(answer.header, ICMPGUARD_A_CONFIG_CHECK);
		bytes(ICMPGUARD_A_CHECK_NAME, "mtu-zero", 9);
		u32(ICMPGUARD_A_CHECK_ACTION, ICMPGUARD_CHECK_DROP);
		mnl_attr_nest_end(answer.header, nest);
	}
	u32(ICMPGUARD_A_CONFIG_MAX + 3, 7);
	u32(1000, 7);
	header = end();
	test_result(reply_config(header, &config, &error) && !strcmp(config.version, "1.2.3") &&
		    config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR && config.setting[SETTING_MAX_ECHO_SIZE] == 100 &&
		    config.table_bytes == 1ULL << 33, "settings are read");
	test_result(config.ladder[1].steps == LADDER_MAX && !config.ladder[0].steps &&
		    config.ladder[1].step[3].len == 61, "a ladder longer than known is cut short");
	test_result(config.interfaces == 40 && !strcmp(config.interface[39].name, "eth0"),
		    "interfaces are read");
	test_result(config.checks == CHECKS_ROOM && !strcmp(config.check[3].name, "mtu-zero") &&
		    config.check[CHECKS_ROOM - 1].action == ICMPGUARD_CHECK_DROP,
		    "more checks than known are cut short");
	test_result(reply_config(header, &config, &error) && config.interfaces == 40 &&
		    config.checks == CHECKS_ROOM &&
		    config.ladder[1].steps == LADDER_MAX, "read twice, they are there once");
	free(header);
	free(config.interface);
}

static void test_wrong_sizes(void)
{
	struct config_state config = { 0 };
	struct stats_state stats = { 0 };
	struct type_list types = { 0 };
	struct error error = { .text = "" };
	struct nlmsghdr *header;

	begin(ICMPGUARD_CMD_CONFIG_GET);
	bytes(ICMPGUARD_A_CONFIG_MODE, "\1", 1);
	bytes(ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, "\1\1\1\1\1\1\1\1", 8);
	bytes(ICMPGUARD_A_CONFIG_TABLE_BYTES, "\1\1\1\1", 4);
	bytes(ICMPGUARD_A_CONFIG_PREFIX, "\1\1", 2);
	bytes(ICMPGUARD_A_CONFIG_INTERFACE, "", 0);
	bytes(ICMPGUARD_A_CONFIG_VERSION, "", 0);
	header = end();
	test_result(reply_config(header, &config, &error) && !config.setting[SETTING_MODE] &&
		    !config.setting[SETTING_MAX_ECHO_SIZE] && !config.table_bytes && !*config.version,
		    "numbers of the wrong size are nought");
	free(header);
	free(config.interface);

	begin(ICMPGUARD_CMD_STATS_GET);
	bytes(ICMPGUARD_A_STATS_COUNTER, "\x08\0\1\0", 4);
	bytes(ICMPGUARD_A_STATS_COUNTER, "\xff\xff\1\0", 4);
	header = end();
	test_result(reply_stats(header, &stats, &error) && stats.counters == 2 &&
		    !*stats.counter[0].name && !*stats.counter[1].name,
		    "nests that promise more than they hold");
	free(header);
	free(stats.counter);

	begin(ICMPGUARD_CMD_TYPE_GET);
	header = end();
	test_result(reply_type(header, &types, &error) && types.types == 1 && !types.type[0].proto,
		    "an answer without an attribute");
	free(header);
	free(types.type);
}

static void test_strings(void)
{
	struct type_list types = { 0 };
	struct error error = { .text = "" };
	struct nlmsghdr *header;
	char many[200];

	memset(many, 'x', sizeof(many));
	begin(ICMPGUARD_CMD_TYPE_GET);
	bytes(ICMPGUARD_A_TYPE_NAME, many, sizeof(many));
	header = end();
	reply_type(header, &types, &error);
	free(header);
	begin(ICMPGUARD_CMD_TYPE_GET);
	bytes(ICMPGUARD_A_TYPE_NAME, "\x1b[2Jx\n", 7);
	header = end();
	reply_type(header, &types, &error);
	free(header);
	test_result(strlen(types.type[0].name) == NAME_MAX_LEN - 1,
		    "a long name without an end is cut short");
	test_result(!strcmp(types.type[1].name, "?[2Jx?"),
		    "control characters don't reach the terminal");
	free(types.type);
}

static void test_addresses(void)
{
	static const char address[17] = { 10 };
	static const struct {
		size_t length;
		uint32_t bits;
		bool fine;
	} cases[] = {
		{ 4, 0, true }, { 4, 32, true }, { 4, 33, false }, { 16, 128, true },
		{ 16, 129, false }, { 16, 4294967295, false }, { 0, 0, false }, { 5, 8, false },
		{ 17, 8, false },
	};
	struct error error;
	struct nlmsghdr *header;
	bool fine;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rule_list rules = { 0 };

		error = (struct error) { .text = "" };
		begin(ICMPGUARD_CMD_RULE_GET);
		bytes(ICMPGUARD_A_RULE_ADDRESS, address, cases[i].length);
		u32(ICMPGUARD_A_RULE_PREFIX_LEN, cases[i].bits);
		header = end();
		fine = reply_rule(header, &rules, &error);
		test_result(fine == cases[i].fine && fine == !*error.text,
			    "an address of %zu bytes and %u bits (%d)", cases[i].length,
			    cases[i].bits, fine);
		free(header);
		free(rules.rule);
	}
}

static void test_source(void)
{
	struct source_state source = { 0 };
	struct error error = { .text = "" };
	struct nlmsghdr *header;
	struct nlattr *nest;
	unsigned int i;

	begin(ICMPGUARD_CMD_SOURCE_GET);
	bytes(ICMPGUARD_A_SOURCE_ADDRESS, "\12\0\0\1", 4);
	u32(ICMPGUARD_A_SOURCE_PREFIX_LEN, 24);
	u64(ICMPGUARD_A_SOURCE_DROPS, 1ULL << 40);
	u32(ICMPGUARD_A_SOURCE_ACTION, ICMPGUARD_RULE_LIMIT);
	for (i = 0; i < 50; i++) {
		nest = mnl_attr_nest_start(answer.header, ICMPGUARD_A_SOURCE_BUCKET);
		bytes(ICMPGUARD_A_BUCKET_NAME, "redirect", 9);
		u32(ICMPGUARD_A_BUCKET_LEFT, i);
		if (i == 49)
			bytes(ICMPGUARD_A_BUCKET_KNOWN, NULL, 0);
		mnl_attr_nest_end(answer.header, nest);
	}
	header = end();
	test_result(reply_source(header, &source, &error) && source.drops == 1ULL << 40 &&
		    source.prefix.len == 24 && !source.prefix.v6 && source.has_rule &&
		    source.action == ICMPGUARD_RULE_LIMIT, "a source is read");
	test_result(source.buckets == 50 && source.bucket[49].left == 49 &&
		    source.bucket[49].known && !source.bucket[0].known &&
		    !source.bucket[0].has_code, "its buckets are read");
	free(header);
	free(source.bucket);
}

int main(void)
{
	test_begin();
	test_config();
	test_wrong_sizes();
	test_strings();
	test_addresses();
	test_source();
	message_release(&answer);
	return test_end();
}
