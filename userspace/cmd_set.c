// SPDX-License-Identifier: GPL-2.0-only
/*
 * set: one setting.
 */
#include <inttypes.h>
#include <stdlib.h>
#include "command.h"
#include "parse_setting.h"

/* The kernel rounds the size up, and what it costs is worth knowing. */
static void print_table(struct context *context)
{
	struct config_state config = { 0 };
	struct out *out = &context->out;

	if (!command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &config))
		return;
	out_object(out, NULL);
	out_number(out, "table-size", "table-size %" PRIu64, config.setting[SETTING_TABLE_SIZE]);
	out_number(out, "table-bytes", ", %" PRIu64 " bytes of memory\n", config.table_bytes);
	out_object_end(out);
	free(config.interface);
}

static int run(struct context *context)
{
	struct change change = { 0 };
	int status = STATUS_USAGE;

	if (parse_setting(&context->words, &change, &context->error) &&
	    change_is_whole(&change, &context->error)) {
		if (command_send(context, &change) && change.setting[SETTING_TABLE_SIZE].word)
			print_table(context);
		status = command_refused(context);
	}
	change_release(&change);
	return status;
}

const struct command command_set = {
	.name = "set",
	.usage =
#define X(id, member, name, min, max, initial, kind, words, unit, usage, help) name " " usage "\n"
		ICMPGUARD_SETTINGS(X)
#undef X
#define X(id, name, usage, help) name " " usage "\n"
		SETTINGS_OF_PARTS(X),
#undef X
	.summary = "change a setting",
	.details =
#define X(id, member, name, min, max, initial, kind, words, unit, usage, help) help
		ICMPGUARD_SETTINGS(X)
#undef X
#define X(id, name, usage, help) help
		SETTINGS_OF_PARTS(X)
#undef X
"\n"
"Example: icmpguardctl set prefix ipv6 64 56:4 48:16\n",
	.run = run,
};
