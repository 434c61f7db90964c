/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers: attributes become structs. Pure: receives nothing.
 *
 * What a newer module says beside what is known here is passed over; what is
 * missing is zero.
 */
#ifndef ICMPGUARDCTL_REPLY_H
#define ICMPGUARDCTL_REPLY_H

#include <libmnl/libmnl.h>
#include "model.h"
#include "setting.h"
#include "words.h"

/**
 * reply_for_each_attr() - a message's attributes, one after the other
 * @attr: (const struct nlattr *) each in turn
 * @header: the message
 * @offset: bytes before the first
 *
 * As mnl_attr_for_each(), but none that ends after the message: libmnl counts up to
 * three bytes of padding, which a last message need not have.
 */
#define reply_for_each_attr(attr, header, offset)					\
	for ((attr) = mnl_nlmsg_get_payload_offset((header), (offset));			\
	     mnl_attr_ok((attr), (const char *)(header) + (header)->nlmsg_len -		\
				 (const char *)(attr));					\
	     (attr) = mnl_attr_next(attr))

/**
 * struct interface_state - an interface's mode
 * @name: the interface
 * @mode: enum icmpguard_mode
 */
struct interface_state {
	char name[NAME_MAX_LEN];
	uint32_t mode;
};

/* As many checks as a newer module may have */
#define CHECKS_ROOM	32

/**
 * struct check_state - a check's setting
 * @name: as its counters are called
 * @action: enum icmpguard_check_action
 */
struct check_state {
	char name[NAME_MAX_LEN];
	uint32_t action;
};

/**
 * struct config_state - settings
 * @version: the module's
 * @generation: counts changes
 * @setting: by enum setting
 * @table_bytes: memory of the table
 * @has_hash: the module is new enough to send @hash and @rules
 * @hash: of the whole configuration, rules included
 * @rules: how many there are
 * @ladder: IPv4's, IPv6's
 * @check: in the kernel's order
 * @checks: how many
 * @interface: all that have a mode of their own
 * @interfaces: how many
 * @room: how many fit
 */
struct config_state {
	char version[NAME_MAX_LEN];
	uint32_t generation;
	uint32_t setting[SETTINGS];
	uint64_t table_bytes;
	bool has_hash;
	uint64_t hash;
	uint32_t rules;
	struct ladder ladder[2];
	struct check_state check[CHECKS_ROOM];
	size_t checks;
	struct interface_state *interface;
	size_t interfaces, room;
};

/**
 * struct type_state - a type, or an exception for one of its codes
 * @proto: enum icmpguard_proto
 * @number: the type
 * @has_code: only its @code
 * @code: with @has_code
 * @name: the type's
 * @treatment: what is done with it
 * @accepted: packets; zero for a code
 * @limited: likewise
 * @dropped: likewise
 * @monitored: likewise
 */
struct type_state {
	uint32_t proto;
	uint32_t number;
	bool has_code;
	uint32_t code;
	char name[NAME_MAX_LEN];
	struct treatment treatment;
	uint64_t accepted, limited, dropped, monitored;
};

/**
 * struct type_list - all types
 * @type: in the kernel's order
 * @types: how many
 * @room: how many fit
 */
struct type_list {
	struct type_state *type;
	size_t types, room;
};

/**
 * struct rule_list - all rules
 * @rule: in the kernel's order
 * @rules: how many
 * @room: how many fit
 */
struct rule_list {
	struct rule *rule;
	size_t rules, room;
};

/**
 * struct counter_state - a counter
 * @name: as in /proc/net/icmpguard/stats
 * @class: enum icmpguard_counter_class
 * @value: packets
 * @monitored: packets that would have been dropped
 */
struct counter_state {
	char name[NAME_MAX_LEN];
	uint32_t class;
	uint64_t value;
	uint64_t monitored;
};

/**
 * struct stats_state - all counters
 * @seen: packets
 * @accepted: of them
 * @dropped: of them
 * @counter: by reason
 * @counters: how many
 * @room: how many fit
 * @has_table: there are @busy and @fullest
 * @busy: sources below a full bucket
 * @fullest: millionths of the table's fullest part
 */
struct stats_state {
	uint64_t seen, accepted, dropped;
	bool has_table;
	uint32_t busy, fullest;
	struct counter_state *counter;
	size_t counters, room;
};

/**
 * struct bucket_state - what is left in a bucket
 * @proto: enum icmpguard_proto
 * @has_code: only one code's
 * @code: with @has_code
 * @name: the type's
 * @len: bits of the source that share it
 * @left: packets that would pass at once
 * @burst: packets in a full bucket
 * @full_in: milliseconds
 * @known: a known source's
 */
struct bucket_state {
	uint32_t proto;
	bool has_code;
	uint32_t code;
	char name[NAME_MAX_LEN];
	uint32_t len, left, burst, full_in;
	bool known;
};

/**
 * struct source_state - a source
 * @prefix: who
 * @proto: enum icmpguard_proto, of the type last limited
 * @name: the type last limited
 * @drops: packets dropped, at least
 * @monitored: packets that would have been dropped, at least
 * @last: milliseconds since the last drop
 * @has_rule: its address has a prefix rule, where that was asked for
 * @action: enum icmpguard_rule_action, of the rule
 * @bucket: its buckets, where they were asked for
 * @buckets: how many
 * @room: how many fit
 */
struct source_state {
	struct prefix prefix;
	uint32_t proto;
	char name[NAME_MAX_LEN];
	uint64_t drops, monitored;
	uint32_t last;
	bool has_rule;
	uint32_t action;
	struct bucket_state *bucket;
	size_t buckets, room;
};

/**
 * struct source_list - who is being limited
 * @source: heaviest first
 * @sources: how many
 * @room: how many fit
 */
struct source_list {
	struct source_state *source;
	size_t sources, room;
};

/**
 * struct event_state - something that happened
 * @kind: enum icmpguard_event_kind
 * @time: nanoseconds since 1970
 * @netns: the network namespace's cookie
 * @inode: its inode
 * @has_source: @prefix and @duration are a source's
 * @prefix: who
 * @drops: packets dropped
 * @monitored: packets that would have been dropped
 * @duration: milliseconds
 * @has_type: @proto and @name are a type's, @rate is there
 * @proto: enum icmpguard_proto
 * @name: the type's
 * @has_code: only one code's
 * @code: with @has_code
 * @rate: packets a second above the limit
 * @generation: of the configuration
 * @table_size: sources
 * @left_out: events
 */
struct event_state {
	uint32_t kind;
	uint64_t time;
	uint64_t netns;
	uint32_t inode;
	bool has_source;
	struct prefix prefix;
	uint64_t drops, monitored;
	uint32_t duration;
	bool has_type;
	uint32_t proto;
	char name[NAME_MAX_LEN];
	bool has_code;
	uint32_t code;
	uint32_t rate;
	uint32_t generation;
	uint32_t table_size;
	uint32_t left_out;
};

/* Each takes a pointer to the struct, or appends to the list, of its name. */
bool reply_config(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_type(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_rule(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_stats(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_source(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_event(const struct nlmsghdr *header, void *data, struct error *error);
bool reply_source_listed(const struct nlmsghdr *header, void *data, struct error *error);

#endif /* ICMPGUARDCTL_REPLY_H */
