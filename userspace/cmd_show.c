// SPDX-License-Identifier: GPL-2.0-only
/*
 * show: the running configuration.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "command.h"
#include "print.h"
#include "value.h"
#include "xdp.h"

#define ATTEMPTS	20	/* for a configuration that changes as fast as it is read */

struct state {
	struct config_state config;
	struct type_list types;
	struct rule_list rules;
	bool rules_hidden;
};

/* Rules name hosts, and are for those who may change them. */
static bool read_rules(struct context *context, struct state *state)
{
	state->rules_hidden = !command_all_rules(context, &state->rules) &&
			      context->genl.refused == EPERM;
	if (state->rules_hidden)
		context->error = (struct error) { .text = "" };
	return !*context->error.text;
}

static bool read_once(struct context *context, struct state *state, bool *same)
{
	uint32_t generation;

	if (!command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &state->config))
		return false;
	generation = state->config.generation;
	if (!command_all_types(context, &state->types) ||
	    !read_rules(context, state) ||
	    !command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &state->config))
		return false;
	*same = generation == state->config.generation;
	return true;
}

/* Three requests see one configuration only if it didn't change in between. */
static bool read_state(struct context *context, struct state *state)
{
	unsigned int i;
	bool same;

	for (i = 0; i < ATTEMPTS; i++) {
		if (!read_once(context, state, &same))
			return false;
		if (same)
			return true;
	}
	return error_set(&context->error, NULL, "the configuration changes too fast to be read");
}

static void show_ladder(struct out *out, const struct keyword *family, const struct ladder *ladder)
{
	unsigned int i;

	out_text(out, "prefix %s", family->name);
	for (i = 0; i < ladder->steps; i++) {
		out_object(out, NULL);
		out_string(out, "proto", NULL, keyword_name(protos, family->value));
		out_number(out, "len", " %" PRIu64, ladder->step[i].len);
		out_number(out, "factor", i ? ":%" PRIu64 : NULL, ladder->step[i].factor);
		out_object_end(out);
	}
	out_text(out, "\n");
}

static void show_settings(struct out *out, const struct config_state *config)
{
	size_t i;

	out_string(out, "version", NULL, config->version);
	out_number(out, "generation", NULL, config->generation);
	for (i = 0; i < SETTINGS; i++) {
		const struct setting_row *row = &setting_rows[i];

		out_text(out, "%s ", row->name);
		if (row->words)
			out_string(out, row->name, "%s\n",
				   keyword_name(row->words, config->setting[i]));
		else
			out_number(out, row->name, "%" PRIu64 "\n", config->setting[i]);
	}
	out_number(out, "table-bytes", NULL, config->table_bytes);
	out_array(out, "prefixes");
	show_ladder(out, &families[0], &config->ladder[0]);
	show_ladder(out, &families[1], &config->ladder[1]);
	out_array_end(out);
	out_array(out, "checks");
	for (i = 0; i < config->checks; i++) {
		out_object(out, NULL);
		out_string(out, "name", "check %s ", config->check[i].name);
		out_string(out, "action", "%s\n",
			   keyword_name(check_actions, config->check[i].action));
		out_object_end(out);
	}
	out_array_end(out);
	out_array(out, "interfaces");
	for (i = 0; i < config->interfaces; i++) {
		out_object(out, NULL);
		out_string(out, "name", "interface %s", config->interface[i].name);
		out_string(out, "mode", " %s\n",
			   keyword_name(interface_modes, config->interface[i].mode));
		out_object_end(out);
	}
	out_array_end(out);
}

static bool rate_equals(const struct rate *a, const struct rate *b)
{
	if (!a->packets && !b->packets)
		return true;
	return a->packets == b->packets && a->period == b->period && a->burst == b->burst;
}

static bool treatment_equals(const struct treatment *a, const struct treatment *b)
{
	if (a->action != b->action || a->monitor != b->monitor)
		return false;
	if (a->action != ICMPGUARD_ACTION_LIMIT)
		return true;
	return rate_equals(&a->limit, &b->limit) && rate_equals(&a->total, &b->total) &&
	       a->block == b->block;
}

static bool has_codes(const struct type_list *list, const struct type_state *type)
{
	size_t i;

	for (i = 0; i < list->types; i++)
		if (list->type[i].has_code && list->type[i].proto == type->proto &&
		    list->type[i].number == type->number)
			return true;
	return false;
}

/* The other protocol's type, if one line says what is done with both */
static const struct type_state *twin(const struct type_list *list, const struct type_state *type)
{
	size_t i;

	for (i = 0; i < list->types; i++) {
		const struct type_state *other = &list->type[i];

		if (other->has_code || other->proto == type->proto ||
		    strcmp(other->name, type->name))
			continue;
		if (treatment_equals(&other->treatment, &type->treatment) &&
		    !has_codes(list, other) && !has_codes(list, type))
			return other;
		return NULL;
	}
	return NULL;
}

static void show_type(struct out *out, const struct type_state *type, bool merged)
{
	out_object(out, NULL);
	out_text(out, "type ");
	out_string(out, "proto", merged ? NULL : "%s ", keyword_name(protos, type->proto));
	out_string(out, "name", "%s ", type->name);
	print_type_number(out, type->number);
	if (type->has_code)
		out_number(out, "code", "code %" PRIu64 " ", type->code);
	else
		out_null(out, "code", NULL);
	print_treatment(out, &type->treatment);
	out_text(out, "\n");
	out_object_end(out);
}

/* Merging is for reading; programs get every type by itself. */
static void show_types(struct out *out, const struct type_list *list)
{
	size_t i, j;

	out_array(out, "types");
	for (i = 0; i < list->types; i++) {
		const struct type_state *type = &list->type[i], *other;

		if (type->has_code)
			continue;
		other = out->json ? NULL : twin(list, type);
		if (other && other < type)
			continue;
		show_type(out, type, other);
		for (j = 0; j < list->types; j++)
			if (list->type[j].has_code && list->type[j].proto == type->proto &&
			    list->type[j].number == type->number)
				show_type(out, &list->type[j], false);
	}
	out_array_end(out);
}

static int run(struct context *context)
{
	struct out *out = &context->out;
	struct state state = { 0 };

	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (read_state(context, &state)) {
		out_object(out, NULL);
		/* A statement that is refused: applied, this would remove all rules. */
		if (state.rules_hidden)
			out_text(out, "# the rules need CAP_NET_ADMIN and are not shown\nrules hidden\n");
		show_settings(out, &state.config);
		xdp_show(context);
		show_types(out, &state.types);
		if (state.rules_hidden)
			out_null(out, "rules", NULL);
		else
			print_rules(out, state.rules.rule, state.rules.rules);
		out_object_end(out);
	}
	free(state.config.interface);
	free(state.types.type);
	free(state.rules.rule);
	return command_refused(context);
}

const struct command command_show = {
	.name = "show",
	.usage = "",
	.summary = "print the running configuration",
	.details =
"The output is what 'apply' reads, with -j too. A type that has the same\n"
"treatment in ICMP and ICMPv6 is one line without a family. Rules need\n"
"CAP_NET_ADMIN: without it there is a line 'rules hidden' instead, which 'apply'\n"
"refuses.\n"
"\n"
"Example: icmpguardctl show > icmpguard.conf\n",
	.run = run,
};
