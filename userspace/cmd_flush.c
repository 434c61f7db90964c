// SPDX-License-Identifier: GPL-2.0-only
/*
 * flush: forget.
 */
#include "command.h"

static int run(struct context *context)
{
	const struct keyword *what;
	struct message message;

	what = parse_keyword(&context->words, flushes, "thing to flush", &context->error);
	if (!what || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	if (command_open(context)) {
		message_init(&message, context->genl.family, ICMPGUARD_CMD_FLUSH, 0);
		message_put_u32(&message, ICMPGUARD_A_FLUSH_WHAT, what->value, NULL);
		message.subject = context->words.last;
		context->changed = genl_do(&context->genl, &message, NULL, NULL, &context->error);
		message_release(&message);
	}
	return command_refused(context);
}

const struct command command_flush = {
	.name = "flush",
	.usage = "sources|rules|stats|all",
	.summary = "forget sources, rules, counters, or everything",
	.details =
"  sources   every source begins with full buckets, and the list is empty\n"
"  rules     remove all prefix rules\n"
"  stats     reset all counters to zero\n"
"  all       these three, and reset all settings but the mode to the defaults\n"
"\n"
"Example: icmpguardctl flush sources\n",
	.run = run,
};
