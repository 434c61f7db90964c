// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration file: split, parsed, made a request. An error names a line of the
 * file; otherwise the request's attributes are well-formed, and each of them belongs
 * to a word. The result is printed as by `show`, and that is read as the same
 * request. The file may also be JSON.
 */
#include "../../selftests/fuzz/fuzz.h"
#include "json.h"
#include "message.h"
#include "parse.h"
#include "print.h"
#include "value.h"

static bool read_text(const void *bytes, size_t length, struct text *text, struct change *change,
		      struct error *error)
{
	/* text_split() needs a byte of room at the end. */
	char *own = malloc(length + 1);
	bool read;

	memcpy(own, bytes, length);
	read = (json_is(own, length) ? json_split : text_split)(text, own, length, error) &&
	       parse_text(text, change, error);
	json_locate(text, error);
	return read;
}

static size_t lines(const uint8_t *bytes, size_t length)
{
	size_t n = 1;

	while (length--)
		n += *bytes++ == '\n';
	return n;
}

static void walk(const struct message *message, const struct nlattr *from, size_t left)
{
	const char *at = (const char *)from;

	while (left) {
		const struct nlattr *attr = (const struct nlattr *)at;
		size_t step;

		PROMISE(left >= sizeof(*attr) && attr->nla_len >= sizeof(*attr) &&
			attr->nla_len <= left, "an attribute of %u bytes, %zu left", attr->nla_len,
			left);
		message_word(message, (const char *)attr - (const char *)message->header);
		if (attr->nla_type & NLA_F_NESTED)
			walk(message, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		step = NLA_ALIGN(attr->nla_len);
		step = step > left ? left : step;
		at += step;
		left -= step;
	}
}

static void print_types(FILE *file, const struct change *change)
{
	struct out out = { .file = file };
	size_t i;

	for (i = 0; i < change->types; i++) {
		const struct type_change *type = &change->type[i];
		const struct type_name *name = type_by_number(type->proto, type->number);

		/* Which numbers have no name is up to the kernel. */
		fprintf(file, "type %s ", keyword_name(protos, type->proto));
		if (name)
			fprintf(file, "%s ", name->name);
		else
			fprintf(file, "%u ", type->number);
		if (type->has_code)
			fprintf(file, "code %u ", type->code);
		if (type->remove)
			fprintf(file, "default");
		else if (type->treatment.action == ACTION_KEEP)
			fprintf(file, "monitor");
		else
			print_treatment(&out, &type->treatment);
		fputc('\n', file);
	}
}

static void print_rule(FILE *file, const struct rule_change *change)
{
	struct out out = { .file = file };
	char prefix[PREFIX_TEXT];

	if (change->remove) {
		value_print_prefix(&change->rule.prefix, prefix);
		fprintf(file, "rule del %s", prefix);
		if (*change->rule.interface)
			fprintf(file, " interface %s", change->rule.interface);
		fputc('\n', file);
	} else {
		print_rules(&out, &change->rule, 1);
	}
}

static void print_settings(FILE *file, const struct change *change)
{
	unsigned int v6, i;

	if (change->setting[SETTING_MODE].word)
		fprintf(file, "mode %s\n", keyword_name(modes, change->setting[SETTING_MODE].value));
	if (change->setting[SETTING_MAX_ECHO_SIZE].word)
		fprintf(file, "max-echo-size %u\n", change->setting[SETTING_MAX_ECHO_SIZE].value);
	if (change->setting[SETTING_SCOPE].word)
		fprintf(file, "scope %s\n", keyword_name(scopes, change->setting[SETTING_SCOPE].value));
	if (change->setting[SETTING_TABLE_SIZE].word)
		fprintf(file, "table-size %u\n", change->setting[SETTING_TABLE_SIZE].value);
	for (v6 = 0; v6 < 2; v6++) {
		const struct ladder *ladder = &change->ladder[v6].ladder;

		if (!ladder->steps)
			continue;
		fprintf(file, "prefix %s", v6 ? "ipv6" : "ipv4");
		for (i = 0; i < ladder->steps; i++) {
			fprintf(file, " %u", ladder->step[i].len);
			if (i)
				fprintf(file, ":%u", ladder->step[i].factor);
		}
		fputc('\n', file);
	}
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		if (change->check[i].word)
			fprintf(file, "check %s %s\n", keyword_name(checks, i),
				keyword_name(check_actions, change->check[i].value));
	for (i = 0; i < change->interfaces; i++)
		fprintf(file, "interface %s %s\n", change->interface[i].name,
			keyword_name(interface_modes, change->interface[i].mode));
}

static void request(struct message *message, const struct change *change)
{
	message_init(message, 17, ICMPGUARD_CMD_CONFIG_SET, 0);
	message_put_change(message, change);
	message->header->nlmsg_seq = 0;
	walk(message, mnl_nlmsg_get_payload_offset(message->header, sizeof(struct genlmsghdr)),
	     message->header->nlmsg_len - NLMSG_LENGTH(sizeof(struct genlmsghdr)));
}

/* Rules are listed sorted; here they stay in the file's order, as all else. */
static void print_again(const struct change *change)
{
	struct change again = { .replace = change->replace };
	struct message first, second;
	struct error error = { .text = "" };
	struct text text = { 0 };
	char *printed;
	size_t length, i;
	FILE *file = open_memstream(&printed, &length);

	print_settings(file, change);
	print_types(file, change);
	for (i = 0; i < change->rules; i++)
		print_rule(file, &change->rule[i]);
	fclose(file);
	PROMISE(read_text(printed, length, &text, &again, &error), "%s, in what was printed:\n%s",
		error.text, printed);
	request(&first, change);
	request(&second, &again);
	PROMISE(first.header->nlmsg_len == second.header->nlmsg_len &&
		!memcmp(first.header, second.header, first.header->nlmsg_len),
		"another request from what was printed:\n%s", printed);
	message_release(&first);
	message_release(&second);
	change_release(&again);
	text_release(&text);
	free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct change change = { .replace = true };
	struct error error = { .text = "" };
	struct text text = { 0 };

	if (!read_text(bytes, length, &text, &change, &error)) {
		PROMISE(*error.text, "refused without a message");
		PROMISE(!error.word || (error.line && error.line <= lines(bytes, length)),
			"refused in line %u", error.line);
	} else {
		PROMISE(!*error.text, "accepted, but '%s'", error.text);
		print_again(&change);
	}
	change_release(&change);
	text_release(&text);
	return 0;
}
