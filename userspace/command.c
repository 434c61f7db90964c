// SPDX-License-Identifier: GPL-2.0-only
/*
 * What commands share.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "advice.h"
#include "command.h"
#include "nearest.h"

/**
 * command_find() - find a command
 * @context: where the commands are, and what is wrong goes to
 * @word: its name
 *
 * Return: NULL for none of this name.
 */
const struct command *command_find(struct context *context, const struct word *word)
{
	const struct command *const *each;
	struct nearest nearest;

	nearest_init(&nearest, "command", word->text);
	for (each = context->commands; *each; each++) {
		if (!strcmp((*each)->name, word->text))
			return *each;
		nearest_try(&nearest, (*each)->name);
	}
	if (nearest.name)
		error_set(&context->error, word, "unknown command '%.48s'; did you mean '%s'?",
			  word->text, nearest.name);
	else
		error_set(&context->error, word, "unknown command '%.48s'; 'help' lists all",
			  word->text);
	return NULL;
}

/**
 * command_open() - connect to the module, in the namespace that was named
 * @context: the command
 *
 * Return: whether it is there.
 */
bool command_open(struct context *context)
{
	struct machine machine = { .root = "" };
	struct utsname name;

	if (context->genl.socket)
		return true;
	if (context->netns && !genl_enter(context->netns, &context->error))
		return false;
	if (genl_open(&context->genl, &context->error))
		return true;
	if (command_without_module(context) && !uname(&name)) {
		machine.release = name.release;
		advice_not_loaded(&machine, &context->error);
	}
	return false;
}

/**
 * command_without_module() - whether it failed because the module isn't loaded
 * @context: the command, which failed; if so, that is no error
 *
 * Return: whether it did.
 */
bool command_without_module(struct context *context)
{
	if (!context->genl.socket || context->genl.family)
		return false;
	context->error = (struct error) { .text = "" };
	return true;
}

/* A terminal would obey control characters; what is wrong is said in one line. */
static void complain_of_file(const char *name, const struct error *error)
{
	for (; *name; name++)
		putc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name, stderr);
	if (error->line)
		fprintf(stderr, ":%u:%u", error->line, error->column);
	fputs(": ", stderr);
}

/**
 * command_complain() - say what was wrong, or may be
 * @context: the command
 * @kind: what precedes it
 * @error: the sentence
 */
void command_complain(const struct context *context, const char *kind, const struct error *error)
{
	fprintf(stderr, "icmpguardctl: %s", kind);
	if (context->file)
		complain_of_file(context->file, error);
	fprintf(stderr, "%s\n", error->text);
}

/**
 * command_warn() - say what was done, but hardly meant
 * @context: the command
 * @change: what was asked for
 */
void command_warn(const struct context *context, const struct change *change)
{
	size_t i;

	for (i = 0; i < change->warnings; i++)
		command_complain(context, "warning: ", &change->warning[i]);
}

/* To ask for one name would have the kernel look for a module of that name. */
static bool is_present(const char *name, const struct if_nameindex *interfaces)
{
	for (; interfaces->if_index; interfaces++)
		if (!strcmp(interfaces->if_name, name))
			return true;
	return false;
}

static void note_absent(const struct context *context, const char *name)
{
	struct if_nameindex *interfaces = if_nameindex();
	struct error note = { .text = "" };

	if (interfaces && !is_present(name, interfaces)) {
		error_set(&note, NULL,
			  "no interface has the name '%s' yet (alternative names don't count)", name);
		command_complain(context, "note: ", &note);
	}
	if (interfaces)
		if_freenameindex(interfaces);
}

/*
 * A name that is typed is one of an interface that is there, or misspelt. A file may be
 * for another machine, or be applied before its interfaces come.
 */
static void note_interfaces(const struct context *context, const struct change *change)
{
	size_t i;

	for (i = 0; i < change->interfaces; i++)
		if (change->interface[i].mode != ICMPGUARD_MODE_ENFORCE)
			note_absent(context, change->interface[i].name);
	for (i = 0; i < change->rules; i++)
		if (!change->rule[i].remove && *change->rule[i].rule.interface)
			note_absent(context, change->rule[i].rule.interface);
}

/**
 * command_refused() - what to return after a request
 * @context: the command
 *
 * Return: STATUS_OK where nothing was wrong.
 */
int command_refused(const struct context *context)
{
	return *context->error.text ? STATUS_REFUSED : STATUS_OK;
}

/**
 * command_send() - ask for a change
 * @context: the command
 * @change: the change
 *
 * Return: whether it was made.
 */
bool command_send(struct context *context, const struct change *change)
{
	struct message message;
	bool made;

	if (!command_open(context))
		return false;
	message_init(&message, context->genl.family, ICMPGUARD_CMD_CONFIG_SET, 0);
	message_put_change(&message, change);
	made = genl_do(&context->genl, &message, NULL, NULL, &context->error);
	message_release(&message);
	if (made)
		command_warn(context, change);
	if (made && !context->file)
		note_interfaces(context, change);
	context->changed |= made;
	return made;
}

/**
 * command_change() - read a statement and ask for what it says
 * @context: the command
 * @parse: reads it
 *
 * Return: enum STATUS_*.
 */
int command_change(struct context *context,
		   bool (*parse)(struct words *, struct change *, struct error *))
{
	struct change change = { 0 };
	int status = STATUS_USAGE;

	if (parse(&context->words, &change, &context->error) &&
	    change_is_whole(&change, &context->error)) {
		command_send(context, &change);
		status = command_refused(context);
	}
	change_release(&change);
	return status;
}

/**
 * command_get() - ask for something that has one answer
 * @context: the command
 * @command: enum icmpguard_cmd
 * @reply: reads the answer
 * @data: to where
 *
 * Return: whether it came.
 */
bool command_get(struct context *context, uint8_t command, genl_reply reply, void *data)
{
	struct message message;
	bool got;

	if (!command_open(context))
		return false;
	message_init(&message, context->genl.family, command, 0);
	got = genl_do(&context->genl, &message, reply, data, &context->error);
	message_release(&message);
	return got;
}

static bool get_list(struct context *context, uint8_t command, genl_reply reply, void *list,
		     size_t *count)
{
	const struct dump dump = { command, reply, list, count };

	return genl_dump(&context->genl, &dump, &context->error);
}

/**
 * command_all_types() - ask for all types
 * @context: the command, connected
 * @list: filled in
 *
 * Return: whether they came.
 */
bool command_all_types(struct context *context, struct type_list *list)
{
	return get_list(context, ICMPGUARD_CMD_TYPE_GET, reply_type, list, &list->types);
}

/**
 * command_all_sources() - ask who is being limited
 * @context: the command, connected
 * @list: filled in
 *
 * Return: whether they came.
 */
bool command_all_sources(struct context *context, struct source_list *list)
{
	return get_list(context, ICMPGUARD_CMD_SOURCE_GET, reply_source_listed, list,
			&list->sources);
}

/**
 * command_all_rules() - ask for all rules
 * @context: the command, connected
 * @list: filled in
 *
 * Return: whether they came.
 */
bool command_all_rules(struct context *context, struct rule_list *list)
{
	return get_list(context, ICMPGUARD_CMD_RULE_GET, reply_rule, list, &list->rules);
}
