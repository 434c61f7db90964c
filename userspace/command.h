/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands: what main.c knows of them, and what they share.
 */
#ifndef ICMPGUARDCTL_COMMAND_H
#define ICMPGUARDCTL_COMMAND_H

#include "genl.h"
#include "out.h"
#include "parse.h"
#include "reply.h"

/* Exit status */
#define STATUS_OK	0
#define STATUS_REFUSED	1	/* by the kernel, or for what a file says */
#define STATUS_USAGE	2	/* the command line can't mean anything */

/**
 * struct context - a command being run
 * @out: where its output goes
 * @words: what follows its name
 * @genl: the connection, once command_open() has made it
 * @netns: -n's argument, NULL: none
 * @file: the name of the file that errors with a line are in
 * @changed: what was asked for is done, whatever fails afterwards
 * @error: filled in when it fails
 */
struct context {
	struct out out;
	struct words words;
	struct genl genl;
	const char *netns;
	const char *file;
	bool changed;
	struct error error;
};

/**
 * struct command - a command
 * @name: its name
 * @usage: what follows the name, one form a line
 * @summary: what it does, in a few words
 * @details: what else is to be said, with an example
 * @run: does it; enum STATUS_*
 */
struct command {
	const char *name;
	const char *usage;
	const char *summary;
	const char *details;
	int (*run)(struct context *context);
};

extern const struct command command_show;
extern const struct command command_stats;
extern const struct command command_sources;
extern const struct command command_source;
extern const struct command command_set;
extern const struct command command_type;
extern const struct command command_rule;
extern const struct command command_flush;
extern const struct command command_metrics;
extern const struct command command_apply;
extern const struct command command_check;
extern const struct command command_import;
extern const struct command command_monitor;
extern const struct command command_top;
extern const struct command command_load;
extern const struct command command_version;
extern const struct command command_help;

extern const struct command *const commands[];

const struct command *command_find(const struct word *word, struct error *error);
bool command_open(struct context *context);
bool command_without_module(struct context *context);
void command_complain(const struct context *context, const char *kind, const struct error *error);
void command_warn(const struct context *context, const struct change *change);
int command_refused(const struct context *context);
int command_change(struct context *context,
		   bool (*parse)(struct words *, struct change *, struct error *));
bool command_send(struct context *context, const struct change *change);
bool command_get(struct context *context, uint8_t command, genl_reply reply, void *data);
bool command_all_types(struct context *context, struct type_list *list);
bool command_all_sources(struct context *context, struct source_list *list);
bool command_all_rules(struct context *context, struct rule_list *list);

#endif /* ICMPGUARDCTL_COMMAND_H */
