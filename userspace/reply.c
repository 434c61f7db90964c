// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers: attributes become structs.
 */
#include <linux/genetlink.h>
#include <string.h>
#include "memory.h"
#include "reply.h"

/* The largest of all attribute sets */
#define ATTRIBUTES	32

struct attributes {
	const struct nlattr *attr[ATTRIBUTES];
};

static void note(struct attributes *set, const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type < ATTRIBUTES)
		set->attr[type] = attr;
}

static void read_nest(struct attributes *set, const struct nlattr *nest)
{
	const struct nlattr *attr;

	memset(set, 0, sizeof(*set));
	mnl_attr_for_each_nested(attr, nest)
		note(set, attr);
}

static void read_message(struct attributes *set, const struct nlmsghdr *header)
{
	const struct nlattr *attr;

	memset(set, 0, sizeof(*set));
	reply_for_each_attr(attr, header, sizeof(struct genlmsghdr))
		note(set, attr);
}

static uint32_t u32(const struct attributes *set, uint16_t type)
{
	const struct nlattr *attr = set->attr[type];

	return attr && !mnl_attr_validate(attr, MNL_TYPE_U32) ? mnl_attr_get_u32(attr) : 0;
}

static uint64_t u64(const struct attributes *set, uint16_t type)
{
	const struct nlattr *attr = set->attr[type];

	return attr && !mnl_attr_validate(attr, MNL_TYPE_U64) ? mnl_attr_get_u64(attr) : 0;
}

static bool flag(const struct attributes *set, uint16_t type)
{
	return set->attr[type];
}

/* A terminal would obey control characters. */
static void string(const struct attributes *set, uint16_t type, char *text, size_t size)
{
	const struct nlattr *attr = set->attr[type];
	size_t length;
	char *c;

	*text = '\0';
	if (!attr)
		return;
	length = mnl_attr_get_payload_len(attr);
	if (length >= size)
		length = size - 1;
	memcpy(text, mnl_attr_get_payload(attr), length);
	text[length] = '\0';
	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
}

static bool read_address(const struct attributes *set, uint16_t type, uint16_t len,
			 struct prefix *prefix, struct error *error)
{
	const struct nlattr *attr = set->attr[type];
	uint16_t bytes = attr ? mnl_attr_get_payload_len(attr) : 0;
	uint32_t bits = u32(set, len);

	if ((bytes != 4 && bytes != 16) || bits > 8 * bytes)
		return error_set(error, NULL, "the kernel's answer has an address that is none");
	memset(prefix, 0, sizeof(*prefix));
	memcpy(prefix->addr, mnl_attr_get_payload(attr), bytes);
	prefix->v6 = bytes == 16;
	prefix->len = bits;
	return true;
}

static void rate(const struct attributes *set, uint16_t type, struct rate *rate)
{
	struct attributes inner;

	memset(rate, 0, sizeof(*rate));
	if (!set->attr[type])
		return;
	read_nest(&inner, set->attr[type]);
	rate->packets = u32(&inner, ICMPGUARD_A_LIMIT_PACKETS);
	rate->period = u32(&inner, ICMPGUARD_A_LIMIT_PERIOD);
	rate->burst = u32(&inner, ICMPGUARD_A_LIMIT_BURST);
}

static void *append(void *list, size_t *n, size_t *room, size_t size)
{
	if (*n == *room) {
		*room = *room ? 2 * *room : 32;
		list = memory_get(list, *room, size);
	}
	memset((char *)list + (*n)++ * size, 0, size);
	return list;
}

/* Each attribute of this type that a message has */
static void read_nests(const struct nlmsghdr *header, uint16_t type,
		       void (*read)(const struct attributes *set, void *data), void *data)
{
	const struct nlattr *attr;
	struct attributes set;

	reply_for_each_attr(attr, header, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != type)
			continue;
		read_nest(&set, attr);
		read(&set, data);
	}
}

static void read_step(const struct attributes *set, void *data)
{
	struct config_state *config = data;
	struct ladder *ladder;
	struct step *step;

	ladder = &config->ladder[u32(set, ICMPGUARD_A_PREFIX_PROTO) == ICMPGUARD_PROTO_ICMPV6];
	if (ladder->steps == LADDER_MAX)
		return;
	step = &ladder->step[ladder->steps++];
	step->len = u32(set, ICMPGUARD_A_PREFIX_LEN);
	step->factor = u32(set, ICMPGUARD_A_PREFIX_FACTOR);
}

static void read_interface(const struct attributes *set, void *data)
{
	struct config_state *config = data;
	struct interface_state *interface;

	config->interface = append(config->interface, &config->interfaces, &config->room,
				   sizeof(*config->interface));
	interface = &config->interface[config->interfaces - 1];
	string(set, ICMPGUARD_A_INTERFACE_NAME, interface->name, sizeof(interface->name));
	interface->mode = u32(set, ICMPGUARD_A_INTERFACE_MODE);
}

static void read_check(const struct attributes *set, void *data)
{
	struct config_state *config = data;
	struct check_state *check;

	if (config->checks == CHECKS_ROOM)
		return;
	check = &config->check[config->checks++];
	string(set, ICMPGUARD_A_CHECK_NAME, check->name, sizeof(check->name));
	check->action = u32(set, ICMPGUARD_A_CHECK_ACTION);
}

/**
 * reply_config() - read settings
 * @header: the message
 * @data: struct config_state, filled in
 * @error: not used
 *
 * Return: true.
 */
bool reply_config(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct config_state *config = data;
	struct attributes set;
	size_t i;

	(void)error;
	read_message(&set, header);
	string(&set, ICMPGUARD_A_CONFIG_VERSION, config->version, sizeof(config->version));
	config->generation = u32(&set, ICMPGUARD_A_CONFIG_GENERATION);
	for (i = 0; i < SETTINGS; i++)
		config->setting[i] = u32(&set, setting_rows[i].attribute);
	config->table_bytes = u64(&set, ICMPGUARD_A_CONFIG_TABLE_BYTES);
	config->has_hash = flag(&set, ICMPGUARD_A_CONFIG_HASH);
	config->hash = u64(&set, ICMPGUARD_A_CONFIG_HASH);
	config->rules = u32(&set, ICMPGUARD_A_CONFIG_RULES);
	config->ladder[0].steps = 0;
	config->ladder[1].steps = 0;
	config->checks = 0;
	config->interfaces = 0;
	read_nests(header, ICMPGUARD_A_CONFIG_PREFIX, read_step, config);
	read_nests(header, ICMPGUARD_A_CONFIG_INTERFACE, read_interface, config);
	read_nests(header, ICMPGUARD_A_CONFIG_CHECK, read_check, config);
	return true;
}

/**
 * reply_type() - read a type
 * @header: the message
 * @data: struct type_list, appended to
 * @error: not used
 *
 * Return: true.
 */
bool reply_type(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct type_list *list = data;
	struct type_state *type;
	struct attributes set;

	(void)error;
	read_message(&set, header);
	list->type = append(list->type, &list->types, &list->room, sizeof(*list->type));
	type = &list->type[list->types - 1];
	type->proto = u32(&set, ICMPGUARD_A_TYPE_PROTO);
	type->number = u32(&set, ICMPGUARD_A_TYPE_NUMBER);
	type->has_code = flag(&set, ICMPGUARD_A_TYPE_CODE);
	type->code = u32(&set, ICMPGUARD_A_TYPE_CODE);
	string(&set, ICMPGUARD_A_TYPE_NAME, type->name, sizeof(type->name));
	type->treatment.action = u32(&set, ICMPGUARD_A_TYPE_ACTION);
	rate(&set, ICMPGUARD_A_TYPE_LIMIT, &type->treatment.limit);
	rate(&set, ICMPGUARD_A_TYPE_TOTAL, &type->treatment.total);
	type->treatment.block = u32(&set, ICMPGUARD_A_TYPE_BLOCK);
	type->treatment.monitor = u32(&set, ICMPGUARD_A_TYPE_MONITOR);
	type->accepted = u64(&set, ICMPGUARD_A_TYPE_ACCEPTED);
	type->limited = u64(&set, ICMPGUARD_A_TYPE_LIMITED);
	type->dropped = u64(&set, ICMPGUARD_A_TYPE_DROPPED);
	type->monitored = u64(&set, ICMPGUARD_A_TYPE_MONITORED);
	return true;
}

/**
 * reply_rule() - read a rule
 * @header: the message
 * @data: struct rule_list, appended to
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool reply_rule(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct rule_list *list = data;
	struct attributes set;
	struct rule *rule;

	read_message(&set, header);
	list->rule = append(list->rule, &list->rules, &list->room, sizeof(*list->rule));
	rule = &list->rule[list->rules - 1];
	rule->action = u32(&set, ICMPGUARD_A_RULE_ACTION);
	rate(&set, ICMPGUARD_A_RULE_LIMIT, &rule->limit);
	rule->source_length = u32(&set, ICMPGUARD_A_RULE_SOURCE_LENGTH);
	string(&set, ICMPGUARD_A_RULE_COMMENT, rule->comment, sizeof(rule->comment));
	string(&set, ICMPGUARD_A_RULE_INTERFACE, rule->interface, sizeof(rule->interface));
	return read_address(&set, ICMPGUARD_A_RULE_ADDRESS, ICMPGUARD_A_RULE_PREFIX_LEN,
			    &rule->prefix, error);
}

static void read_counter(const struct attributes *set, void *data)
{
	struct stats_state *stats = data;
	struct counter_state *counter;

	stats->counter = append(stats->counter, &stats->counters, &stats->room,
				sizeof(*stats->counter));
	counter = &stats->counter[stats->counters - 1];
	string(set, ICMPGUARD_A_COUNTER_NAME, counter->name, sizeof(counter->name));
	counter->class = u32(set, ICMPGUARD_A_COUNTER_CLASS);
	counter->value = u64(set, ICMPGUARD_A_COUNTER_VALUE);
	counter->monitored = u64(set, ICMPGUARD_A_COUNTER_MONITORED);
}

/**
 * reply_stats() - read the counters
 * @header: the message
 * @data: struct stats_state, filled in
 * @error: not used
 *
 * Return: true.
 */
bool reply_stats(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct stats_state *stats = data;
	struct attributes set;

	(void)error;
	read_message(&set, header);
	stats->seen = u64(&set, ICMPGUARD_A_STATS_SEEN);
	stats->accepted = u64(&set, ICMPGUARD_A_STATS_ACCEPTED);
	stats->dropped = u64(&set, ICMPGUARD_A_STATS_DROPPED);
	stats->has_table = flag(&set, ICMPGUARD_A_STATS_BUSY);
	stats->busy = u32(&set, ICMPGUARD_A_STATS_BUSY);
	stats->fullest = u32(&set, ICMPGUARD_A_STATS_FULLEST);
	stats->counters = 0;
	read_nests(header, ICMPGUARD_A_STATS_COUNTER, read_counter, stats);
	return true;
}

static void read_bucket(const struct attributes *set, void *data)
{
	struct source_state *source = data;
	struct bucket_state *bucket;

	source->bucket = append(source->bucket, &source->buckets, &source->room,
				sizeof(*source->bucket));
	bucket = &source->bucket[source->buckets - 1];
	bucket->proto = u32(set, ICMPGUARD_A_BUCKET_PROTO);
	bucket->has_code = flag(set, ICMPGUARD_A_BUCKET_CODE);
	bucket->code = u32(set, ICMPGUARD_A_BUCKET_CODE);
	string(set, ICMPGUARD_A_BUCKET_NAME, bucket->name, sizeof(bucket->name));
	bucket->len = u32(set, ICMPGUARD_A_BUCKET_PREFIX_LEN);
	bucket->left = u32(set, ICMPGUARD_A_BUCKET_LEFT);
	bucket->burst = u32(set, ICMPGUARD_A_BUCKET_BURST);
	bucket->full_in = u32(set, ICMPGUARD_A_BUCKET_FULL_IN);
	bucket->known = flag(set, ICMPGUARD_A_BUCKET_KNOWN);
}

/**
 * reply_source() - read a source and its buckets
 * @header: the message
 * @data: struct source_state, filled in
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool reply_source(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct source_state *source = data;
	struct attributes set;

	read_message(&set, header);
	source->proto = u32(&set, ICMPGUARD_A_SOURCE_PROTO);
	string(&set, ICMPGUARD_A_SOURCE_NAME, source->name, sizeof(source->name));
	source->drops = u64(&set, ICMPGUARD_A_SOURCE_DROPS);
	source->monitored = u64(&set, ICMPGUARD_A_SOURCE_MONITORED);
	source->last = u32(&set, ICMPGUARD_A_SOURCE_LAST);
	source->has_rule = flag(&set, ICMPGUARD_A_SOURCE_ACTION);
	source->action = u32(&set, ICMPGUARD_A_SOURCE_ACTION);
	source->buckets = 0;
	read_nests(header, ICMPGUARD_A_SOURCE_BUCKET, read_bucket, source);
	return read_address(&set, ICMPGUARD_A_SOURCE_ADDRESS, ICMPGUARD_A_SOURCE_PREFIX_LEN,
			    &source->prefix, error);
}

/**
 * reply_source_listed() - read one of many sources
 * @header: the message
 * @data: struct source_list, appended to
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool reply_source_listed(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct source_list *list = data;

	list->source = append(list->source, &list->sources, &list->room, sizeof(*list->source));
	return reply_source(header, &list->source[list->sources - 1], error);
}

/**
 * reply_event() - read an event
 * @header: the message
 * @data: struct event_state, filled in
 * @error: filled in otherwise
 *
 * Return: whether it is one.
 */
bool reply_event(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct event_state *event = data;
	struct attributes set;

	read_message(&set, header);
	memset(event, 0, sizeof(*event));
	event->kind = u32(&set, ICMPGUARD_A_EVENT_KIND);
	event->time = u64(&set, ICMPGUARD_A_EVENT_TIME);
	event->netns = u64(&set, ICMPGUARD_A_EVENT_NETNS);
	event->inode = u32(&set, ICMPGUARD_A_EVENT_NETNS_INODE);
	event->has_type = flag(&set, ICMPGUARD_A_EVENT_NAME);
	event->proto = u32(&set, ICMPGUARD_A_EVENT_PROTO);
	string(&set, ICMPGUARD_A_EVENT_NAME, event->name, sizeof(event->name));
	event->has_code = flag(&set, ICMPGUARD_A_EVENT_CODE);
	event->code = u32(&set, ICMPGUARD_A_EVENT_CODE);
	event->rate = u32(&set, ICMPGUARD_A_EVENT_RATE);
	event->drops = u64(&set, ICMPGUARD_A_EVENT_DROPS);
	event->monitored = u64(&set, ICMPGUARD_A_EVENT_MONITORED);
	event->duration = u32(&set, ICMPGUARD_A_EVENT_DURATION);
	event->generation = u32(&set, ICMPGUARD_A_EVENT_GENERATION);
	event->table_size = u32(&set, ICMPGUARD_A_EVENT_TABLE_SIZE);
	event->left_out = u32(&set, ICMPGUARD_A_EVENT_LEFT_OUT);
	event->has_source = flag(&set, ICMPGUARD_A_EVENT_ADDRESS);
	return !event->has_source ||
	       read_address(&set, ICMPGUARD_A_EVENT_ADDRESS, ICMPGUARD_A_EVENT_PREFIX_LEN,
			    &event->prefix, error);
}
