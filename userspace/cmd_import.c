// SPDX-License-Identifier: GPL-2.0-only
/*
 * import: rules of iptables or nft, as statements. A program of its own does it,
 * which needs libraries that the tool is to do without.
 */
#include "command.h"
#include "helper.h"

static int run(struct context *context)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);

	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	return helper_run(context, "import", (const char *[]) { word->text, NULL });
}

const struct command command_import = {
	.name = "import",
	.usage = "FILE|-",
	.summary = "translate iptables' or nft's ICMP rules",
	.details =
"The file is what iptables-save, ip6tables-save, 'nft list ruleset' or 'nft -j\n"
"list ruleset' prints, or a file for nft such as /etc/nftables.conf. Rules that\n"
"decide about ICMP become statements for 'apply'; others are ignored. If\n"
"icmpguard can't do exactly what a rule does, the rule is refused with its line,\n"
"and nothing is printed. The command never changes anything.\n"
"\n"
"Example: iptables-save | icmpguardctl import - > icmpguard.conf\n",
	.run = run,
};
