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
"NAME is a name as in nft (see 'help types'), a number, 'other' for all types\n"
"without a name, or 'fragment' for fragments before reassembly.\n"
"Without a family a name means the type in both protocols, where both have it.\n"
"A code that means different things in the two needs the family.\n"
"\n"
"RATE is e.g. 10/second, 300/minute, 5000/hour, or unlimited. limit is the rate\n"
"of each source, total that of all together; block is a penalty, such as 60s, for\n"
"a source that exceeds its limit. The default burst is a tenth of a second's\n"
"packets, at least 5. The command sets the whole treatment: what it doesn't\n"
"mention no longer applies. 'monitor' alone only counts what the treatment would\n"
"drop.\n"
"\n"
"Example: icmpguardctl type echo-request limit 20/second total 20000/second\n"
"Example: icmpguardctl type icmp destination-unreachable code 4 accept\n",
	.run = run,
};
