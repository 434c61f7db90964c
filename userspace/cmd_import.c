// SPDX-License-Identifier: GPL-2.0-only
/*
 * import: rules of iptables or nft, as statements.
 */
#include <string.h>
#include "command.h"
#include "file.h"
#include "import.h"

static int run(struct context *context)
{
	const struct word *word = parse_need(&context->words, "the name of a file", &context->error);
	struct import import = { 0 };
	struct text text = { 0 };

	if (!word || !parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	context->file = strcmp(word->text, "-") ? word->text : "standard input";
	if (file_read(word->text, &text, &context->error) &&
	    (import_is_nft(&text) ? import_nft : import_xtables)(&text, &import, &context->error))
		import_print(&import, &context->out);
	import_release(&import);
	text_release(&text);
	return command_refused(context);
}

const struct command command_import = {
	.name = "import",
	.usage = "FILE|-",
	.summary = "say iptables' or nft's ICMP rules in icmpguard's words",
	.details =
"The file is what iptables-save, ip6tables-save or 'nft list ruleset' prints.\n"
"Rules for ICMP become statements, for 'apply'; others are passed over. One\n"
"that icmpguard can't follow to the letter is refused, with its line and word,\n"
"and nothing is printed. Nothing is changed in any case.\n"
"\n"
"Example: iptables-save | icmpguardctl import - > icmpguard.conf\n",
	.run = run,
};
