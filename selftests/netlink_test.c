// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface, used directly: invalid messages, which no tool would send,
 * are refused with a reason and the attribute, and the configuration is unchanged.
 */
#define _GNU_SOURCE
#include "netlink_fixture.h"

TEST_F(netlink, set_and_get)
{
	const struct nlmsghdr *first = (void *)self->answer.first;

	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_GET, 0);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	ASSERT_EQ(0, self->answer.error);
	EXPECT_EQ(ICMPGUARD_MODE_ENFORCE, get_u32(attr_of(first, ICMPGUARD_A_CONFIG_MODE)));
	EXPECT_EQ(1234, get_u32(attr_of(first, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE)));
	EXPECT_NE(NULL, attr_of(first, ICMPGUARD_A_CONFIG_VERSION));
	EXPECT_NE(NULL, strstr(self->before, "type icmp echo-request limit 7/minute burst 3\n"));
	SAME();
}

/* One message, all or nothing: the last attribute is wrong. */
TEST_F(netlink, all_or_nothing)
{
	struct nlattr *type, *number;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_MONITOR);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 99);
	end(&self->m, begin_type(&self->m, 0, ICMPGUARD_ACTION_DROP));
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	number = put_u32(&self->m, ICMPGUARD_A_TYPE_NUMBER, 77);
	put_u32(&self->m, ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_DROP);
	end(&self->m, type);
	REFUSED_AT(ENOENT, "number", number);
}

/* The same when the message starts from the defaults. */
TEST_F(netlink, all_or_nothing_replaced)
{
	set(&self->m, self->family);
	put(&self->m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_type_limit(&self->m, 0, 1, 5);
	REFUSED(EINVAL, "zero");
}

/* A message shorter than its length field gets no answer at all. */
TEST_F(netlink, shorter_than_it_says)
{
	struct timeval wait = { .tv_usec = 200000 };
	unsigned int len;
	char byte;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (len = 1; len < self->m.header->nlmsg_len; len += 3) {
		ASSERT_EQ(len, send(self->fd, self->m.room, len, 0));
		EXPECT_GT(0, recv(self->fd, &byte, 1, 0));
	}
	SAME();
}

/* A length that ends in the middle of an attribute */
TEST_F(netlink, truncated)
{
	unsigned int whole, len;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	whole = self->m.header->nlmsg_len;
	for (len = NLMSG_LENGTH(GENL_HDRLEN) + 1; len < whole; len++) {
		self->m.header->nlmsg_len = len;
		ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
		EXPECT_GT(0, self->answer.error) TH_LOG("%u of %u bytes", len, whole);
		EXPECT_NE(0, strlen(self->answer.text)) TH_LOG("%u of %u bytes", len, whole);
	}
	SAME();
}

/* Without a genetlink header */
TEST_F(netlink, no_header)
{
	set(&self->m, self->family);
	self->m.header->nlmsg_len = NLMSG_HDRLEN + 2;
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_EQ(-EINVAL, self->answer.error);
	SAME();
}

TEST_F(netlink, attribute_past_the_end)
{
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF)->nla_len = 200;
	REFUSED(EINVAL, "leftover");
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF)->nla_len = 3;
	REFUSED(EINVAL, "leftover");
}

/* Inside a nest */
TEST_F(netlink, nest_past_the_end)
{
	struct nlattr *type;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	put_u32(&self->m, ICMPGUARD_A_TYPE_MONITOR, 1)->nla_len = 60;
	end(&self->m, type);
	REFUSED(EINVAL, "leftover");
}

TEST_F(netlink, unknown_attribute)
{
	struct nlattr *attr;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	attr = put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX + 1, 1);
	REFUSED_AT(EINVAL, "nknown", attr);
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	attr = put_u32(&self->m, 0, 1);
	REFUSED(EINVAL, "");
}

TEST_F(netlink, unknown_attribute_in_nest)
{
	struct nlattr *type, *attr;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	attr = put_u32(&self->m, ICMPGUARD_A_TYPE_MAX + 1, 1);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "nknown", attr);
}

/* Attributes that only replies have can't be set. */
TEST_F(netlink, read_only_attribute)
{
	struct nlattr *type;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_GENERATION, 1);
	REFUSED(EINVAL, "");
	set(&self->m, self->family);
	put(&self->m, ICMPGUARD_A_CONFIG_VERSION, "9", 2);
	REFUSED(EINVAL, "");
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	put(&self->m, ICMPGUARD_A_TYPE_NAME, "x", 2);
	end(&self->m, type);
	REFUSED(EINVAL, "");
}

TEST_F(netlink, wrong_size)
{
	static const char zeros[32];
	struct nlattr *attr;
	size_t len;

	for (len = 0; len <= 9; len++) {
		if (len == sizeof(__u32))
			continue;
		set(&self->m, self->family);
		attr = put(&self->m, ICMPGUARD_A_CONFIG_MODE, zeros, len);
		REFUSED_AT(EINVAL, "length", attr);
	}
	set(&self->m, self->family);
	attr = put(&self->m, ICMPGUARD_A_CONFIG_REPLACE, zeros, 4);
	REFUSED_AT(ERANGE, "policy", attr);
}

TEST_F(netlink, wrong_type)
{
	struct nlattr *attr;

	/* A number where a nest belongs */
	set(&self->m, self->family);
	attr = put_u32(&self->m, ICMPGUARD_A_CONFIG_TYPE, 8);
	REFUSED_AT(EINVAL, "NESTED", attr);
	/* A nest where a number belongs */
	set(&self->m, self->family);
	attr = begin(&self->m, ICMPGUARD_A_CONFIG_MODE);
	put(&self->m, 1, NULL, 0);
	end(&self->m, attr);
	REFUSED_AT(EINVAL, "NESTED", attr);
	/* A nest without NLA_F_NESTED */
	set(&self->m, self->family);
	attr = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	end(&self->m, attr);
	attr->nla_type &= ~NLA_F_NESTED;
	REFUSED_AT(EINVAL, "NESTED", attr);
}

/* One number each, just out of range */
TEST_F(netlink, out_of_range)
{
	static const struct {
		int type;
		__u32 value;
	} cases[] = {
		{ ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE + 1 },
		{ ICMPGUARD_A_CONFIG_MODE, ~0U },
		{ ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 65508 },
		{ ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, ~0U },
		{ ICMPGUARD_A_CONFIG_TABLE_SIZE, 0 },
		{ ICMPGUARD_A_CONFIG_TABLE_SIZE, ~0U },
		{ ICMPGUARD_A_CONFIG_SCOPE, ICMPGUARD_SCOPE_LOCAL + 1 },
	};
	struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		attr = put_u32(&self->m, cases[i].type, cases[i].value);
		REFUSED_AT(ERANGE, "out of range", attr);
	}
}

TEST_F(netlink, type_out_of_range)
{
	static const struct {
		int type;
		__u32 value;
	} cases[] = {
		{ ICMPGUARD_A_TYPE_PROTO, 0 },
		{ ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMPV6 + 1 },
		{ ICMPGUARD_A_TYPE_NUMBER, 258 },
		{ ICMPGUARD_A_TYPE_NUMBER, ~0U },
		{ ICMPGUARD_A_TYPE_CODE, 256 },
		{ ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_LIMIT + 1 },
		{ ICMPGUARD_A_TYPE_MONITOR, 2 },
		{ ICMPGUARD_A_TYPE_BLOCK, ~0U },
	};
	struct nlattr *type, *attr;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
		attr = put_u32(&self->m, cases[i].type, cases[i].value);
		end(&self->m, type);
		REFUSED_AT(ERANGE, "out of range", attr);
	}
}

TEST_F(netlink, types)
{
	struct nlattr *type;

	/* Nothing but an action */
	set(&self->m, self->family);
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_DROP);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "protocol", type);
	/* Nothing but the type */
	set(&self->m, self->family);
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(&self->m, ICMPGUARD_A_TYPE_NUMBER, 8);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "action", type);
	/* Accepting has no rate. */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put_limit(&self->m, ICMPGUARD_A_TYPE_LIMIT, 1, 1, 1);
	end(&self->m, type);
	REFUSED(EINVAL, "limit");
	/* Only existing exceptions for codes can be removed. */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put(&self->m, ICMPGUARD_A_TYPE_REMOVE, NULL, 0);
	end(&self->m, type);
	REFUSED(EINVAL, "exception");
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put_u32(&self->m, ICMPGUARD_A_TYPE_CODE, 9);
	put(&self->m, ICMPGUARD_A_TYPE_REMOVE, NULL, 0);
	end(&self->m, type);
	REFUSED(EINVAL, "treatment");
	set(&self->m, self->family);
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(&self->m, ICMPGUARD_A_TYPE_NUMBER, 8);
	put_u32(&self->m, ICMPGUARD_A_TYPE_CODE, 9);
	put(&self->m, ICMPGUARD_A_TYPE_REMOVE, NULL, 0);
	end(&self->m, type);
	REFUSED(ENOENT, "exception");
	set(&self->m, self->family);
	type = begin_type(&self->m, ICMPGUARD_TYPE_OTHER, ICMPGUARD_ACTION_ACCEPT);
	put_u32(&self->m, ICMPGUARD_A_TYPE_CODE, 9);
	end(&self->m, type);
	REFUSED(EINVAL, "code");
}

TEST_F(netlink, rates)
{
	static const struct {
		__u32 packets, period, burst;
		int error;
		const char *reason;
	} cases[] = {
		{ 0, 1, 5, EINVAL, "zero" },
		{ 10, 0, 5, EINVAL, "period" },
		{ 10, 2, 5, EINVAL, "period" },
		{ 10, ~0U, 5, EINVAL, "period" },
		{ 10, 1, 0, EINVAL, "burst" },
		{ 1000001, 1, 5, ERANGE, "rate" },
		{ ~0U, 1, 5, ERANGE, "rate" },
		{ ~0U, 1, ~0U, ERANGE, "rate" },
		{ 1, 604800, ~0U, ERANGE, "burst" },
		{ 1, 1, ~0U, ERANGE, "burst" },
		/* Five days, on every kernel */
		{ 1, 86400, 6, ERANGE, "burst" },
		{ 1, 1, 432001, ERANGE, "burst" },
	};
	struct nlattr *type, *limit, *attr;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		put_type_limit(&self->m, cases[i].packets, cases[i].period, cases[i].burst);
		REFUSED(cases[i].error, cases[i].reason);
		EXPECT_NE(0, self->answer.offset);
	}
	/* A burst that the message doesn't have isn't reported. */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	limit = begin(&self->m, ICMPGUARD_A_TYPE_LIMIT);
	put_u32(&self->m, ICMPGUARD_A_LIMIT_PACKETS, 1);
	put_u32(&self->m, ICMPGUARD_A_LIMIT_PERIOD, 604800);
	end(&self->m, limit);
	end(&self->m, type);
	REFUSED_AT(ERANGE, "so slow a rate needs a burst", limit);
	/* Four days and an hour of burst, and a day of penalty */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	put_limit(&self->m, ICMPGUARD_A_TYPE_LIMIT, 1, 3600, 98);
	attr = put_u32(&self->m, ICMPGUARD_A_TYPE_BLOCK, 86400);
	end(&self->m, type);
	REFUSED_AT(ERANGE, "penalty", attr);
}

/* A rate of which a part is missing */
TEST_F(netlink, rate_incomplete)
{
	struct nlattr *type, *limit;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	limit = begin(&self->m, ICMPGUARD_A_TYPE_LIMIT);
	put_u32(&self->m, ICMPGUARD_A_LIMIT_PACKETS, 10);
	end(&self->m, limit);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "period", limit);
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	limit = begin(&self->m, ICMPGUARD_A_TYPE_TOTAL);
	end(&self->m, limit);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "packets", limit);
}

TEST_F(netlink, prefixes)
{
	struct nlattr *attr;

	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMP, 200, 1);
	REFUSED_AT(ERANGE, "range", attr);
	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMPV6, 129, 1);
	REFUSED_AT(ERANGE, "range", attr);
	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMP, 33, 1);
	REFUSED_AT(ERANGE, "32", attr);
	set(&self->m, self->family);
	put_step(&self->m, ICMPGUARD_PROTO_ICMP, 24, 0);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	put_step(&self->m, ICMPGUARD_PROTO_ICMP, 32, 1);
	put_step(&self->m, ICMPGUARD_PROTO_ICMP, 24, 65537);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	put_step(&self->m, 3, 24, 1);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	end(&self->m, begin(&self->m, ICMPGUARD_A_CONFIG_PREFIX));
	REFUSED(EINVAL, "prefix");
}

/* An exempt rule for 10.0.0.0/8 with one attribute more */
static void set_rule(struct message *m, int family, int attr, const void *data, size_t bytes)
{
	static const unsigned char address[4] = { 10 };
	struct nlattr *rule;

	set(m, family);
	rule = begin_rule(m, address, sizeof(address), 8);
	put_u32(m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	put(m, attr, data, bytes);
	end(m, rule);
}

TEST_F(netlink, rules)
{
	static const unsigned char address[20] = { 10 };
	static const unsigned char host[4] = { 10, 0, 0, 1 };
	static const unsigned char mapped[16] = { [10] = 255, 255, 10 };
	static const char comment[200] = { [0 ... 198] = 'x' };
	static const size_t bytes[] = { 0, 3, 5, 8, 15, 17, 20 };
	struct nlattr *rule, *again;
	unsigned int i;

	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		set(&self->m, self->family);
		rule = begin_rule(&self->m, address, bytes[i], 8);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
		end(&self->m, rule);
		ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
		EXPECT_GT(0, self->answer.error) TH_LOG("%zu bytes", bytes[i]);
		EXPECT_NE(0, strlen(self->answer.text));
		SAME();
	}
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 33);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(ERANGE, "32");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 16, 200);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(ERANGE, "range");
	/* Bits after the prefix */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, host, 4, 24);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(EINVAL, "prefix");
	/* No packet has such a source. Removing such a rule only fails because there is none. */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, mapped, 16, 104);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(EINVAL, "IPv4-mapped");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, mapped, 16, 104);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, rule);
	REFUSED(ENOENT, "rule");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	end(&self->m, rule);
	REFUSED(EINVAL, "action");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_LIMIT);
	end(&self->m, rule);
	REFUSED(EINVAL, "rate");
	/* Removed, and exempt */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, rule);
	REFUSED(EINVAL, "removed");
	/* None of that prefix; of several, the first is named. */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, rule);
	again = begin_rule(&self->m, address, 4, 9);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, again);
	REFUSED_AT(ENOENT, "rule", rule);
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, rule);
	REFUSED(ENOENT, "rule");
	set_rule(&self->m, self->family, ICMPGUARD_A_RULE_COMMENT, comment, sizeof(comment));
	REFUSED_ANYHOW();
	/* A comment that isn't terminated, one that would break the line */
	set_rule(&self->m, self->family, ICMPGUARD_A_RULE_COMMENT, "abc", 3);
	REFUSED_ANYHOW();
	set_rule(&self->m, self->family, ICMPGUARD_A_RULE_COMMENT, "a\nb", 4);
	REFUSED(EINVAL, "comment");
}

TEST_F(netlink, source_lengths)
{
	static const unsigned char address[16] = { 10 };
	static const struct {
		unsigned int octets, prefix, action, length;	/* 0: not said */
		int error;
		const char *says;
	} cases[] = {
		{ 4, 8, ICMPGUARD_RULE_SOURCE_LENGTH, 0, EINVAL, "without a source's length" },
		{ 4, 8, ICMPGUARD_RULE_SOURCE_LENGTH, 7, ERANGE, "shorter" },
		{ 4, 8, ICMPGUARD_RULE_SOURCE_LENGTH, 33, ERANGE, "32 bits" },
		{ 16, 96, ICMPGUARD_RULE_SOURCE_LENGTH, 95, ERANGE, "shorter" },
		{ 16, 96, ICMPGUARD_RULE_SOURCE_LENGTH, 129, ERANGE, "range" },
		{ 4, 8, ICMPGUARD_RULE_EXEMPT, 24, EINVAL, "only what may be limited" },
		{ 4, 8, ICMPGUARD_RULE_BLOCK, 24, EINVAL, "only what may be limited" },
	};
	struct nlattr *rule;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		rule = begin_rule(&self->m, address, cases[i].octets, cases[i].prefix);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, cases[i].action);
		if (cases[i].length)
			put_u32(&self->m, ICMPGUARD_A_RULE_SOURCE_LENGTH, cases[i].length);
		end(&self->m, rule);
		REFUSED(cases[i].error, cases[i].says);
	}
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 0);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_SOURCE_LENGTH);
	put_u32(&self->m, ICMPGUARD_A_RULE_SOURCE_LENGTH, 0);
	end(&self->m, rule);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	put_u32(&self->m, ICMPGUARD_A_RULE_SOURCE_LENGTH, 24);
	end(&self->m, rule);
	REFUSED(EINVAL, "no action");
}

TEST_F(netlink, rules_of_interfaces)
{
	static const unsigned char address[4] = { 10 };
	static const struct {
		const char *name, *says;
	} names[] = {
		{ "", "no interface" }, { ".", "no interface" }, { "..", "no interface" },
		{ "a/b", "no interface" }, { "a b", "no interface" }, { "a:b", "no interface" },
		{ "ppp%d", "no interface" }, { "ppp*", "patterns" }, { "*", "patterns" },
		{ "ppp+", "patterns" }, { "+", "patterns" }, { "eth0.100@eth0", "@" },
	};
	struct nlattr *rule;
	unsigned int i;
	char name[8];

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_rule(&self->m, self->family, ICMPGUARD_A_RULE_INTERFACE, names[i].name,
			 strlen(names[i].name) + 1);
		REFUSED(EINVAL, names[i].says);
		set(&self->m, self->family);
		rule = begin(&self->m, ICMPGUARD_A_CONFIG_INTERFACE);
		put(&self->m, ICMPGUARD_A_INTERFACE_NAME, names[i].name, strlen(names[i].name) + 1);
		put_u32(&self->m, ICMPGUARD_A_INTERFACE_MODE, ICMPGUARD_MODE_OFF);
		end(&self->m, rule);
		REFUSED(EINVAL, names[i].says);
	}
	/* Not terminated, and too long */
	set_rule(&self->m, self->family, ICMPGUARD_A_RULE_INTERFACE, "abc", 3);
	REFUSED_ANYHOW();
	set_rule(&self->m, self->family, ICMPGUARD_A_RULE_INTERFACE, "sixteen-bytes-xx", 17);
	REFUSED_ANYHOW();
	/* One that isn't there; one prefix twice at the same interface */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	put(&self->m, ICMPGUARD_A_RULE_INTERFACE, "eth7", 5);
	end(&self->m, rule);
	REFUSED_AT(ENOENT, "rule", rule);
	set(&self->m, self->family);
	for (i = 0; i < 2; i++) {
		rule = begin_rule(&self->m, address, 4, 8);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
		put(&self->m, ICMPGUARD_A_RULE_INTERFACE, "eth7", 5);
		end(&self->m, rule);
	}
	REFUSED(EEXIST, "two rules");
	/* Of more interfaces than may have any; of more than are even read */
	for (i = 0; i < 98; i++) {
		if (!i || i == 33)
			set(&self->m, self->family);
		snprintf(name, sizeof(name), "if%u", i);
		rule = begin_rule(&self->m, address, 4, 8);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
		put(&self->m, ICMPGUARD_A_RULE_INTERFACE, name, strlen(name) + 1);
		end(&self->m, rule);
		if (i == 32)
			REFUSED(E2BIG, "at most 32 interfaces");
	}
	REFUSED(E2BIG, "at most 32 interfaces");
}

TEST_F(netlink, commands)
{
	/* No such command */
	start(&self->m, self->family, 0, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, ICMPGUARD_CMD_MAX + 1, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, 255, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	/* One that can't be dumped, one that can only be dumped */
	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK | NLM_F_DUMP);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, ICMPGUARD_CMD_TYPE_GET, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	/* Attributes in a command that takes none */
	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, 1);
	REFUSED(EINVAL, "");
	/* A reserved field that isn't zero */
	set(&self->m, self->family);
	((struct genlmsghdr *)NLMSG_DATA(self->m.header))->reserved = 1;
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	REFUSED(EINVAL, "reserved");
}

TEST_F(netlink, sources_and_flush)
{
	static const char address[20];

	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	REFUSED(EINVAL, "address");
	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	put(&self->m, ICMPGUARD_A_SOURCE_ADDRESS, address, 7);
	REFUSED(EINVAL, "bytes");
	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	put(&self->m, ICMPGUARD_A_SOURCE_ADDRESS, address, 20);
	REFUSED(ERANGE, "");
	start(&self->m, self->family, ICMPGUARD_CMD_FLUSH, NLM_F_ACK);
	REFUSED(EINVAL, "flush");
	start(&self->m, self->family, ICMPGUARD_CMD_FLUSH, NLM_F_ACK);
	put_u32(&self->m, ICMPGUARD_A_FLUSH_WHAT, ICMPGUARD_FLUSH_CONFIG | 0x100);
	REFUSED(EINVAL, "");
}

/* Every type comes once in a dump, however it is split into messages. */
TEST_F(netlink, dump_types)
{
	start(&self->m, self->family, ICMPGUARD_CMD_TYPE_GET, NLM_F_DUMP);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_EQ(0, self->answer.error);
	EXPECT_FALSE(self->answer.interrupted);
	/* 32 of ICMP, 44 of ICMPv6, two pseudo types each, one code */
	EXPECT_EQ(32 + 44 + 4 + 1, self->answer.messages);
	SAME();
}

TEST_HARNESS_MAIN
