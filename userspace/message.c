// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: a change becomes attributes.
 *
 * A refusal names an attribute by its offset. To say it in the user's words, the
 * request is made once more, until the attribute at that offset is being put.
 */
#include <stdlib.h>
#include <string.h>
#include "memory.h"
#include "message.h"

/* No attribute with what is nested in it is larger. */
#define ATTRIBUTE_ROOM	512

static void grow(struct message *message)
{
	if (message->header->nlmsg_len + ATTRIBUTE_ROOM <= message->room)
		return;
	message->room *= 2;
	message->header = memory_get(message->header, message->room, 1);
}

/**
 * message_init() - begin a request
 * @message: message_release() it
 * @family: its number
 * @command: enum icmpguard_cmd, or the controller's
 * @flags: beside NLM_F_REQUEST
 */
void message_init(struct message *message, uint16_t family, uint8_t command, uint16_t flags)
{
	struct genlmsghdr *genl;

	*message = (struct message) { .room = 4096 };
	message->header = mnl_nlmsg_put_header(memory_get(NULL, message->room, 1));
	message->header->nlmsg_type = family;
	message->header->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(message->header, sizeof(*genl));
	genl->cmd = command;
	genl->version = ICMPGUARD_FAMILY_VERSION;
}

static void mark(struct message *message, const struct word *word)
{
	if (message->header->nlmsg_len == message->sought)
		message->found = word;
}

/**
 * message_put_u32() - add a number
 * @message: to what
 * @type: the attribute
 * @value: the number
 * @word: where it was said; NULL: it wasn't
 */
void message_put_u32(struct message *message, uint16_t type, uint32_t value,
		     const struct word *word)
{
	grow(message);
	mark(message, word);
	mnl_attr_put_u32(message->header, type, value);
}

/**
 * message_put_address() - add an address
 * @message: to what
 * @type: the attribute
 * @prefix: whose address
 * @word: where it was said
 */
void message_put_address(struct message *message, uint16_t type, const struct prefix *prefix,
			 const struct word *word)
{
	grow(message);
	mark(message, word);
	mnl_attr_put(message->header, type, prefix->v6 ? 16 : 4, prefix->addr);
}

/**
 * message_put_string() - add a text
 * @message: to what
 * @type: the attribute
 * @text: up to COMMENT_MAX bytes
 * @word: where it was said; NULL: it wasn't
 */
void message_put_string(struct message *message, uint16_t type, const char *text,
			const struct word *word)
{
	grow(message);
	mark(message, word);
	mnl_attr_put_strz(message->header, type, text);
}

static void put_flag(struct message *message, uint16_t type, const struct word *word)
{
	grow(message);
	mark(message, word);
	mnl_attr_put(message->header, type, 0, NULL);
}

/* Returns an offset: a pointer would not outlive the next grow(). */
static size_t nest(struct message *message, uint16_t type, const struct word *word)
{
	grow(message);
	mark(message, word);
	return (char *)mnl_attr_nest_start(message->header, type) - (char *)message->header;
}

static void nest_end(struct message *message, size_t offset)
{
	mnl_attr_nest_end(message->header, (void *)((char *)message->header + offset));
}

/* @place: two neighbours in enum place, the rate's and the burst's */
static void put_rate(struct message *message, uint16_t type, const struct rate *rate,
		     const struct word *const *place)
{
	size_t at;

	if (!rate->packets)
		return;
	at = nest(message, type, place[0]);
	message_put_u32(message, ICMPGUARD_A_LIMIT_PACKETS, rate->packets, place[0]);
	message_put_u32(message, ICMPGUARD_A_LIMIT_PERIOD, rate->period, place[0]);
	if (rate->burst)
		message_put_u32(message, ICMPGUARD_A_LIMIT_BURST, rate->burst, place[1]);
	nest_end(message, at);
}

static void put_treatment(struct message *message, const struct type_change *type)
{
	const struct treatment *treatment = &type->treatment;

	if (treatment->action != ACTION_KEEP)
		message_put_u32(message, ICMPGUARD_A_TYPE_ACTION, treatment->action,
				type->word[PLACE_ACTION]);
	if (treatment->monitor)
		message_put_u32(message, ICMPGUARD_A_TYPE_MONITOR, 1, type->word[PLACE_ACTION]);
	put_rate(message, ICMPGUARD_A_TYPE_LIMIT, &treatment->limit, &type->word[PLACE_LIMIT]);
	put_rate(message, ICMPGUARD_A_TYPE_TOTAL, &treatment->total, &type->word[PLACE_TOTAL]);
	if (treatment->block)
		message_put_u32(message, ICMPGUARD_A_TYPE_BLOCK, treatment->block,
				type->word[PLACE_BLOCK]);
}

static void put_type(struct message *message, const struct type_change *type)
{
	size_t at = nest(message, ICMPGUARD_A_CONFIG_TYPE, type->word[PLACE_NAME]);

	message_put_u32(message, ICMPGUARD_A_TYPE_PROTO, type->proto, type->word[PLACE_NAME]);
	message_put_u32(message, ICMPGUARD_A_TYPE_NUMBER, type->number, type->word[PLACE_NAME]);
	if (type->has_code)
		message_put_u32(message, ICMPGUARD_A_TYPE_CODE, type->code,
				type->word[PLACE_CODE]);
	if (type->remove)
		put_flag(message, ICMPGUARD_A_TYPE_REMOVE, type->word[PLACE_ACTION]);
	else
		put_treatment(message, type);
	nest_end(message, at);
}

static void put_rule(struct message *message, const struct rule_change *change)
{
	const struct word *name = change_rule_word(change, PLACE_NAME);
	size_t at = nest(message, ICMPGUARD_A_CONFIG_RULE, name);
	const struct rule *rule = &change->rule;
	const struct word *const rate[] = {
		change_rule_word(change, PLACE_LIMIT), change_rule_word(change, PLACE_LIMIT_BURST),
	};

	message_put_address(message, ICMPGUARD_A_RULE_ADDRESS, &rule->prefix, name);
	message_put_u32(message, ICMPGUARD_A_RULE_PREFIX_LEN, rule->prefix.len, name);
	if (change->remove) {
		put_flag(message, ICMPGUARD_A_RULE_REMOVE, name);
	} else {
		message_put_u32(message, ICMPGUARD_A_RULE_ACTION, rule->action,
				change_rule_word(change, PLACE_ACTION));
		put_rate(message, ICMPGUARD_A_RULE_LIMIT, &rule->limit, rate);
		if (rule->source_length)
			message_put_u32(message, ICMPGUARD_A_RULE_SOURCE_LENGTH,
					rule->source_length,
					change_rule_word(change, PLACE_SOURCE_LENGTH));
		if (*rule->comment)
			message_put_string(message, ICMPGUARD_A_RULE_COMMENT, rule->comment,
					   change_rule_word(change, PLACE_COMMENT));
	}
	if (*rule->interface)
		message_put_string(message, ICMPGUARD_A_RULE_INTERFACE, rule->interface,
				   change_rule_word(change, PLACE_INTERFACE));
	nest_end(message, at);
}

static void put_interface(struct message *message, const struct interface_change *interface)
{
	size_t at = nest(message, ICMPGUARD_A_CONFIG_INTERFACE, interface->word[PLACE_NAME]);

	message_put_string(message, ICMPGUARD_A_INTERFACE_NAME, interface->name,
			   interface->word[PLACE_NAME]);
	message_put_u32(message, ICMPGUARD_A_INTERFACE_MODE, interface->mode,
			interface->word[PLACE_ACTION]);
	nest_end(message, at);
}

static void put_ladder(struct message *message, uint32_t proto, const struct ladder_change *change)
{
	unsigned int i;

	for (i = 0; i < change->ladder.steps; i++) {
		size_t at = nest(message, ICMPGUARD_A_CONFIG_PREFIX, change->word[i]);

		message_put_u32(message, ICMPGUARD_A_PREFIX_PROTO, proto, change->word[i]);
		message_put_u32(message, ICMPGUARD_A_PREFIX_LEN, change->ladder.step[i].len,
				change->word[i]);
		message_put_u32(message, ICMPGUARD_A_PREFIX_FACTOR, change->ladder.step[i].factor,
				change->word[i]);
		nest_end(message, at);
	}
}

static void put_check(struct message *message, uint32_t check,
		      const struct setting_change *setting)
{
	size_t at;

	if (!setting->word)
		return;
	at = nest(message, ICMPGUARD_A_CONFIG_CHECK, setting->word);
	message_put_u32(message, ICMPGUARD_A_CHECK_ID, check, setting->word);
	message_put_u32(message, ICMPGUARD_A_CHECK_ACTION, setting->value, setting->word);
	nest_end(message, at);
}

/* Bytes of a rule with a rate and a short comment */
#define RULE_ROOM	96

static void reserve(struct message *message, size_t room)
{
	if (room <= message->room)
		return;
	message->header = memory_get(message->header, room, 1);
	message->room = room;
}

/* A statement that is alone is what an error without an attribute is about. */
static const struct word *subject_of(const struct change *change)
{
	if (change->rules == 1 && !change->types && !change->interfaces)
		return change_rule_word(&change->rule[0], PLACE_NAME);
	if (change->types && change->types <= 2 && !change->rules && !change->interfaces &&
	    change->type[0].word[PLACE_NAME] == change->type[change->types - 1].word[PLACE_NAME])
		return change->type[0].word[PLACE_NAME];
	return NULL;
}

/**
 * message_put_change() - add all of a change
 * @message: an ICMPGUARD_CMD_CONFIG_SET
 * @change: the change
 */
void message_put_change(struct message *message, const struct change *change)
{
	size_t i;

	message->change = change;
	message->subject = subject_of(change);
	reserve(message, message->header->nlmsg_len + change->rules * RULE_ROOM);
	if (change->replace)
		put_flag(message, ICMPGUARD_A_CONFIG_REPLACE, NULL);
	for (i = 0; i < SETTINGS; i++)
		if (change->setting[i].word)
			message_put_u32(message, setting_rows[i].attribute,
					change->setting[i].value, change->setting[i].word);
	put_ladder(message, ICMPGUARD_PROTO_ICMP, &change->ladder[0]);
	put_ladder(message, ICMPGUARD_PROTO_ICMPV6, &change->ladder[1]);
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		put_check(message, i, &change->check[i]);
	for (i = 0; i < change->interfaces; i++)
		put_interface(message, &change->interface[i]);
	for (i = 0; i < change->types; i++)
		put_type(message, &change->type[i]);
	for (i = 0; i < change->rules; i++)
		put_rule(message, &change->rule[i]);
}

/**
 * message_word() - find the word an attribute came from
 * @message: the request
 * @offset: the attribute's
 *
 * Return: NULL for an attribute that no word made.
 */
const struct word *message_word(const struct message *message, size_t offset)
{
	struct message again;

	if (!message->change)
		return NULL;
	message_init(&again, message->header->nlmsg_type, ICMPGUARD_CMD_CONFIG_SET, 0);
	again.sought = offset;
	message_put_change(&again, message->change);
	message_release(&again);
	return again.found;
}

/**
 * message_release() - forget a request
 * @message: no longer used
 */
void message_release(struct message *message)
{
	free(message->header);
	message->header = NULL;
}
