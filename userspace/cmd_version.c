// SPDX-License-Identifier: GPL-2.0-only
/*
 * version: the tool's and the module's.
 */
#include <stdlib.h>
#include "command.h"
#include "version.h"

static int run(struct context *context)
{
	struct config_state config = { 0 };
	struct out *out = &context->out;

	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (command_get(context, ICMPGUARD_CMD_CONFIG_GET, reply_config, &config) ||
	    command_without_module(context)) {
		out_object(out, NULL);
		out_string(out, "tool-version", "icmpguardctl %s\n", ICMPGUARD_VERSION);
		if (*config.version)
			out_string(out, "version", "module %s\n", config.version);
		else
			out_null(out, "version", "module not loaded\n");
		out_object_end(out);
	}
	free(config.interface);
	return command_refused(context);
}

const struct command command_version = {
	.name = "version",
	.usage = "",
	.summary = "print the version of the tool and of the module",
	.details = "Example: icmpguardctl version\n",
	.run = run,
};
