// SPDX-License-Identifier: GPL-2.0-only
/*
 * type: what is done with a type.
 */
#include "command.h"

static int run(struct context *context)
{
	return command_change(context, parse_type);
}

const struct command command_type = {
	.name = "type",
	.usage =
"[icmp|icmpv6] NAME accept|drop [monitor]\n"
"[icmp|icmpv6] NAME limit RATE [burst N]\n"
"     [total RATE [burst N]] [block DURATION] [monitor]\n"
"[icmp|icmpv6] NAME monitor\n"
"[icmp|icmpv6] NAME code N accept|drop|limit ...|monitor\n"
"[icmp|icmpv6] NAME code N default",
	.summary = "change what is done with a type",
	.details =
"NAME is a name of nft's (see 'help types'), a number, 'other' for all types\n"
"without a name, or 'fragment' for fragments before they are put together.\n"
"Without a family a name means both, where both have it.\n"
"A code that means different things in the two needs the family.\n"
"\n"
"RATE is like 10/second, 300/minute, 5000/hour, or unlimited. limit is each\n"
"source's own, total that of all together; block is a penalty, such as 60s,\n"
"for who exceeds the first. A burst that isn't said is a tenth of a second's\n"
"packets, 5 at least. All of a treatment is said at once: what isn't said is\n"
"no longer so. 'monitor' alone only counts what the treatment would drop.\n"
"\n"
"Example: icmpguardctl type echo-request limit 20/second total 20000/second\n"
"Example: icmpguardctl type icmp destination-unreachable code 4 accept\n",
	.run = run,
};
