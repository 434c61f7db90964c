// SPDX-License-Identifier: GPL-2.0-only
/*
 * import: rules of iptables or nft, as statements. A program of its own does it,
 * which needs libraries that the tool is to do without.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "command.h"

#define PROGRAM	"icmpguard-import"

/* Beside the tool in the tree that it was built in, in libexec where it is installed */
static const char *const places[] = { PROGRAM, "../libexec/icmpguard/" PROGRAM };

static void execute(const char *file, bool json)
{
	const char *const argv[] = { PROGRAM, json ? "-j" : file, json ? file : NULL, NULL };
	char own[4096], path[4096 + 64];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t i;

	if (length <= 0)
		return;
	own[length] = '\0';
	own[strrchr(own, '/') - own + 1] = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", own, places[i]);
		execv(path, (char *const *)argv);
	}
}

static int run(struct context *context)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);

	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	execute(word->text, context->out.json);
	error_set(&context->error, NULL,
		  "'import' needs the program " PROGRAM ", which isn't here: Debian's package icmpguard has it, and 'make tool' builds it where libnftables-dev and libjansson-dev are");
	return STATUS_REFUSED;
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
