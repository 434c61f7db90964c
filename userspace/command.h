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

struct command;

/**
 * struct context - a command being run
 * @out: where its output goes
 * @words: what follows its name
 * @genl: the connection, once command_open() has made it
 * @commands: all there are; NULL ends them
 * @netns: -n's argument, NULL: none
 * @file: the name of the file that errors with a line are in
 * @changed: what was asked for is done, whatever fails afterwards
 * @error: filled in when it fails
 */
struct context {
	struct out out;
	struct words words;
	struct genl genl;
	const struct command *const *commands;
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

/* Each in a file of its own, cmd_*.c; in the order that help has */
#define COMMANDS(X)					\
	X(show)						\
	X(stats)					\
	X(sources)					\
	X(source)					\
	X(set)						\
	X(type)						\
	X(rule)						\
	X(flush)					\
	X(metrics)					\
	X(apply)					\
	X(check)					\
	X(import)					\
	X(xdp)						\
	X(monitor)					\
	X(top)						\
	X(load)						\
	X(version)					\
	X(help)

#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

const struct command *command_find(struct context *context, const struct word *word);
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
