// SPDX-License-Identifier: GPL-2.0-only
/*
 * set: one setting.
 */
#include <inttypes.h>
#include <stdlib.h>
#include "command.h"

/* The kernel rounds the size up, and what it costs is worth knowing. */
static void print_table(struct context *context)
{
	struct config_state config = { 0 };
	struct out *out = &context->out;

	if (!command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &config))
		return;
	out_object(out, NULL);
	out_number(out, "table-size", "table-size %" PRIu64, config.table_size);
	out_number(out, "table-bytes", ", %" PRIu64 " octets of memory\n", config.table_bytes);
	out_object_end(out);
	free(config.interface);
}

static int run(struct context *context)
{
	struct change change = { 0 };
	int status = STATUS_USAGE;

	if (parse_setting(&context->words, &change, &context->error) &&
	    change_is_whole(&change, &context->error)) {
		if (command_send(context, &change) && change.table_size.word)
			print_table(context);
		status = command_refused(context);
	}
	change_release(&change);
	return status;
}

const struct command command_set = {
	.name = "set",
	.usage =
"mode enforce|monitor|off\n"
"max-echo-size OCTETS\n"
"prefix ipv4|ipv6 LEN [LEN:FACTOR ...]\n"
"table-size N\n"
"scope all|local\n"
"interface NAME on|monitor|off\n"
"check NAME drop|count|off",
	.summary = "change a setting",
	.details =
"  mode            enforce; monitor: count, drop nothing; off: see nothing\n"
"  max-echo-size   payload of the largest echo that passes, after reassembly\n"
"  prefix          how much of an address is a source; further prefixes are\n"
"                  charged too, with FACTOR times the rate\n"
"  table-size      sources tracked at once, 8 octets each; rounded up to a\n"
"                  power of two\n"
"  scope           whether forwarded packets are judged too, or only those for\n"
"                  this host\n"
"  interface       off or monitor for what comes in by one interface\n"
"  check           what is done with packets that a check finds: dropped, or\n"
"                  counted and judged further; off doesn't look. 'icmpguardctl\n"
"                  help checks' says what each looks for\n"
"\n"
"Example: icmpguardctl set prefix ipv6 64 56:4 48:16\n",
	.run = run,
};
