// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: statements become attributes, which are parsed and printed here; and each
 * attribute leads back to its word.
 */
#include <inttypes.h>
#include <string.h>
#include "message.h"
#include "parse.h"
#include "test.h"

#define NESTED(set)	(set)
#define NUMBER		(-1)
#define FLAG		(-2)
#define TEXT		(-3)
#define BYTES		(-4)

enum set { SET_CONFIG, SET_TYPE, SET_RULE, SET_PREFIX, SET_INTERFACE, SET_CHECK, SET_LIMIT };

/* What is in an attribute, as the header says; NESTED() is the set in it. */
static const struct {
	enum set set;
	uint16_t type;
	const char *name;
	int kind;
} known[] = {
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_MODE, "mode", NUMBER },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, "echo", NUMBER },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_TABLE_SIZE, "table", NUMBER },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_SCOPE, "scope", NUMBER },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_REPLACE, "replace", FLAG },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_PREFIX, "prefix", NESTED(SET_PREFIX) },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_INTERFACE, "interface", NESTED(SET_INTERFACE) },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_CHECK, "check", NESTED(SET_CHECK) },
	{ SET_CHECK, ICMPGUARD_A_CHECK_ID, "id", NUMBER },
	{ SET_CHECK, ICMPGUARD_A_CHECK_ACTION, "action", NUMBER },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_TYPE, "type", NESTED(SET_TYPE) },
	{ SET_CONFIG, ICMPGUARD_A_CONFIG_RULE, "rule", NESTED(SET_RULE) },
	{ SET_TYPE, ICMPGUARD_A_TYPE_PROTO, "proto", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_NUMBER, "number", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_CODE, "code", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_ACTION, "action", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_LIMIT, "limit", NESTED(SET_LIMIT) },
	{ SET_TYPE, ICMPGUARD_A_TYPE_TOTAL, "total", NESTED(SET_LIMIT) },
	{ SET_TYPE, ICMPGUARD_A_TYPE_BLOCK, "block", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_MONITOR, "monitor", NUMBER },
	{ SET_TYPE, ICMPGUARD_A_TYPE_REMOVE, "remove", FLAG },
	{ SET_LIMIT, ICMPGUARD_A_LIMIT_PACKETS, "packets", NUMBER },
	{ SET_LIMIT, ICMPGUARD_A_LIMIT_PERIOD, "period", NUMBER },
	{ SET_LIMIT, ICMPGUARD_A_LIMIT_BURST, "burst", NUMBER },
	{ SET_RULE, ICMPGUARD_A_RULE_ADDRESS, "address", BYTES },
	{ SET_RULE, ICMPGUARD_A_RULE_PREFIX_LEN, "len", NUMBER },
	{ SET_RULE, ICMPGUARD_A_RULE_ACTION, "action", NUMBER },
	{ SET_RULE, ICMPGUARD_A_RULE_LIMIT, "limit", NESTED(SET_LIMIT) },
	{ SET_RULE, ICMPGUARD_A_RULE_COMMENT, "comment", TEXT },
	{ SET_RULE, ICMPGUARD_A_RULE_REMOVE, "remove", FLAG },
	{ SET_RULE, ICMPGUARD_A_RULE_INTERFACE, "interface", TEXT },
	{ SET_RULE, ICMPGUARD_A_RULE_SOURCE_LENGTH, "source", NUMBER },
	{ SET_PREFIX, ICMPGUARD_A_PREFIX_PROTO, "proto", NUMBER },
	{ SET_PREFIX, ICMPGUARD_A_PREFIX_LEN, "len", NUMBER },
	{ SET_PREFIX, ICMPGUARD_A_PREFIX_FACTOR, "factor", NUMBER },
	{ SET_INTERFACE, ICMPGUARD_A_INTERFACE_NAME, "name", TEXT },
	{ SET_INTERFACE, ICMPGUARD_A_INTERFACE_MODE, "mode", NUMBER },
};

static void write_attributes(FILE *file, const char *bytes, size_t length, enum set set);

static void write_attribute(FILE *file, const struct nlattr *attr, enum set set)
{
	const unsigned char *payload = mnl_attr_get_payload(attr);
	uint16_t length = mnl_attr_get_payload_len(attr), i;
	size_t at;

	for (at = 0; at < sizeof(known) / sizeof(known[0]); at++)
		if (known[at].set == set && known[at].type == mnl_attr_get_type(attr))
			break;
	if (at == sizeof(known) / sizeof(known[0])) {
		fprintf(file, "?");
		return;
	}
	fprintf(file, "%s", known[at].name);
	switch (known[at].kind) {
	case NUMBER:
		if (mnl_attr_validate(attr, MNL_TYPE_U32))
			fprintf(file, "!");
		else
			fprintf(file, "=%" PRIu32, mnl_attr_get_u32(attr));
		break;
	case FLAG:
		fprintf(file, length ? "!" : "");
		break;
	case TEXT:
		fprintf(file, mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) ? "!" : "=%s", payload);
		break;
	case BYTES:
		fprintf(file, "=");
		for (i = 0; i < length; i++)
			fprintf(file, "%02x", payload[i]);
		break;
	default:
		fprintf(file, attr->nla_type & NLA_F_NESTED ? "{" : "!{");
		write_attributes(file, (const char *)payload, length, known[at].kind);
		fprintf(file, "}");
	}
}

static void write_attributes(FILE *file, const char *bytes, size_t length, enum set set)
{
	const struct nlattr *attr = (const void *)bytes;
	const char *end = bytes + length, *between = "";

	for (; mnl_attr_ok(attr, end - (const char *)attr); attr = mnl_attr_next(attr)) {
		fprintf(file, "%s", between);
		write_attribute(file, attr, set);
		between = " ";
	}
}

static char *write_message(const struct message *message)
{
	const char *bytes = mnl_nlmsg_get_payload_offset(message->header,
							  sizeof(struct genlmsghdr));
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	write_attributes(file, bytes, (char *)mnl_nlmsg_get_payload_tail(message->header) - bytes,
			 SET_CONFIG);
	fclose(file);
	return text;
}

struct request {
	struct error error;
	struct text text;
	struct change change;
	struct message message;
};

static bool make(struct request *request, const char *input, size_t length)
{
	char *bytes = malloc(length + 1);

	memset(request, 0, sizeof(*request));
	memcpy(bytes, input, length);
	if (!text_split(&request->text, bytes, length, &request->error) ||
	    !parse_text(&request->text, &request->change, &request->error))
		return false;
	message_init(&request->message, 17, ICMPGUARD_CMD_CONFIG_SET, 0);
	message_put_change(&request->message, &request->change);
	return true;
}

static void release(struct request *request)
{
	message_release(&request->message);
	change_release(&request->change);
	text_release(&request->text);
}

static const struct {
	const char *input;
	const char *attributes;
} cases[] = {
	{ "", "" },
	{ "mode monitor\nmax-echo-size 8192\nscope local\ntable-size 64",
	  "mode=1 echo=8192 scope=1 table=64" },
	{ "mode off", "mode=0" },
	{ "prefix ipv6 64 56:4\nprefix ipv4 24",
	  "prefix{proto=1 len=24 factor=1} prefix{proto=2 len=64 factor=1} prefix{proto=2 len=56 factor=4}" },
	{ "interface eth0 off", "interface{name=eth0 mode=0}" },
	{ "check ra-option count\ncheck mtu-zero off", "check{id=0 action=0} check{id=2 action=1}" },
	{ "type echo-request accept",
	  "type{proto=1 number=8 action=0} type{proto=2 number=128 action=0}" },
	{ "type icmp other drop", "type{proto=1 number=256 action=1}" },
	{ "type icmp redirect limit 10/second",
	  "type{proto=1 number=5 action=2 limit{packets=10 period=1}}" },
	{ "type icmp redirect limit 10/minute burst 3 total 5/hour burst 4 block 2m monitor",
	  "type{proto=1 number=5 action=2 monitor=1 limit{packets=10 period=60 burst=3} total{packets=5 period=3600 burst=4} block=120}" },
	{ "type icmp redirect limit unlimited total 5/day",
	  "type{proto=1 number=5 action=2 total{packets=5 period=86400}}" },
	{ "type icmp redirect monitor", "type{proto=1 number=5 monitor=1}" },
	{ "type icmp 3 code 4 default", "type{proto=1 number=3 code=4 remove}" },
	{ "type icmp 3 code 0 drop", "type{proto=1 number=3 code=0 action=1}" },
	{ "rule add 192.0.2.0/24 exempt comment \"here and there\"",
	  "rule{address=c0000200 len=24 action=0 comment=here and there}" },
	{ "rule add 2001:db8::/32 limit 9/week burst 6",
	  "rule{address=20010db8000000000000000000000000 len=32 action=2 limit{packets=9 period=604800 burst=6}}" },
	{ "rule add 10.0.0.0/8 source-length 24",
	  "rule{address=0a000000 len=8 action=3 source=24}" },
	{ "rule add 10.0.0.0/8 limit 5/second burst 7 source-length 24",
	  "rule{address=0a000000 len=8 action=2 limit{packets=5 period=1 burst=7} source=24}" },
	{ "rule add ::/0 block", "rule{address=00000000000000000000000000000000 len=0 action=1}" },
};

static void test_attributes(void)
{
	struct request request;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool made = make(&request, cases[i].input, strlen(cases[i].input));
		char *text = made ? write_message(&request.message) : strdup(request.error.text);

		if (strcmp(text, cases[i].attributes))
			fprintf(test_file, "# %s\n", text);
		test_result(made && !strcmp(text, cases[i].attributes), "attributes of: %s",
			    cases[i].input);
		free(text);
		release(&request);
	}
}

static void test_header(void)
{
	struct request request;
	const struct genlmsghdr *genl;
	bool made = make(&request, "mode off", 8);

	genl = mnl_nlmsg_get_payload(request.message.header);
	test_result(made && request.message.header->nlmsg_type == 17 &&
		    request.message.header->nlmsg_flags == NLM_F_REQUEST &&
		    genl->cmd == ICMPGUARD_CMD_CONFIG_SET &&
		    genl->version == ICMPGUARD_FAMILY_VERSION, "the headers");
	request.change.replace = true;
	message_release(&request.message);
	message_init(&request.message, 17, ICMPGUARD_CMD_CONFIG_SET, 0);
	message_put_change(&request.message, &request.change);
	test_result(mnl_attr_get_type(mnl_nlmsg_get_payload_offset(request.message.header,
								   sizeof(*genl))) ==
		    ICMPGUARD_A_CONFIG_REPLACE, "replacing comes first");
	release(&request);
}

/* Every attribute, nested ones too, leads to a word. */
static bool leads(const struct message *message, const struct nlattr *attr, uint16_t type,
		  const char *word)
{
	const struct word *found;

	if (mnl_attr_get_type(attr) != type)
		return false;
	found = message_word(message, (const char *)attr - (const char *)message->header);
	return found && !strcmp(found->text, word);
}

static void test_words(void)
{
	static const char input[] = "type icmp redirect code 7 limit 10/minute burst 3 block 5s";
	const struct nlattr *attr, *limit = NULL, *burst = NULL, *block = NULL, *code = NULL;
	const struct nlattr *type;
	struct request request;
	bool made = make(&request, input, sizeof(input) - 1);

	type = mnl_nlmsg_get_payload_offset(request.message.header, sizeof(struct genlmsghdr));
	mnl_attr_for_each_nested(attr, type) {
		if (mnl_attr_get_type(attr) == ICMPGUARD_A_TYPE_LIMIT)
			limit = attr;
		if (mnl_attr_get_type(attr) == ICMPGUARD_A_TYPE_BLOCK)
			block = attr;
		if (mnl_attr_get_type(attr) == ICMPGUARD_A_TYPE_CODE)
			code = attr;
	}
	mnl_attr_for_each_nested(attr, limit)
		if (mnl_attr_get_type(attr) == ICMPGUARD_A_LIMIT_BURST)
			burst = attr;
	test_result(made && leads(&request.message, type, ICMPGUARD_A_CONFIG_TYPE, "redirect"),
		    "a type leads to its name");
	test_result(leads(&request.message, code, ICMPGUARD_A_TYPE_CODE, "7"),
		    "a code leads to its word");
	test_result(leads(&request.message, limit, ICMPGUARD_A_TYPE_LIMIT, "10/minute"),
		    "a rate leads to its word");
	test_result(leads(&request.message, burst, ICMPGUARD_A_LIMIT_BURST, "3"),
		    "a burst leads to its word");
	test_result(leads(&request.message, block, ICMPGUARD_A_TYPE_BLOCK, "5s"),
		    "a penalty leads to its word");
	test_result(!message_word(&request.message, 3) &&
		    !message_word(&request.message, request.message.header->nlmsg_len),
		    "no attribute leads nowhere");
	release(&request);
}

#define MANY	20000
#define SAMPLE	500

/* A request larger than any initial buffer */
static void test_many(void)
{
	struct request request;
	const struct nlattr *attr;
	unsigned int rules = 0, found = 0, i;
	char *input;
	size_t size;
	FILE *file = open_memstream(&input, &size);

	for (i = 0; i < MANY; i++)
		fprintf(file, "rule add 10.%u.%u.0/24 limit %u/second comment \"rule %u\"\n",
			i >> 8, i & 255, i + 1, i);
	fclose(file);
	if (make(&request, input, size)) {
		mnl_attr_for_each(attr, request.message.header, sizeof(struct genlmsghdr)) {
			const char *bytes = (const char *)request.message.header;
			const struct word *word;

			rules += mnl_attr_get_type(attr) == ICMPGUARD_A_CONFIG_RULE;
			if (rules % SAMPLE)
				continue;
			word = message_word(&request.message, (const char *)attr - bytes);
			found += word && word->line == rules;
		}
	}
	test_result(rules == MANY, "%u rules in one request (%u)", MANY, rules);
	test_result(found == MANY / SAMPLE, "they lead to their lines (%u tried)", found);
	release(&request);
	free(input);
}

int main(void)
{
	test_begin();
	test_attributes();
	test_header();
	test_words();
	test_many();
	return test_end();
}
