// SPDX-License-Identifier: GPL-2.0-only
/*
 * What came of another firewall's rules, as a file for apply.
 */
#include <stdlib.h>
#include <string.h>
#include "import.h"
#include "memory.h"
#include "names.h"
#include "parse.h"
#include "print.h"

static void write_entry(struct out *text, const struct import_entry *entry)
{
	uint32_t proto = entry->proto ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP;

	out_text(text, "type %s %s ", keyword_name(protos, proto),
		 type_by_number(proto, entry->type.number)->name);
	if (entry->type.has_code)
		out_text(text, "code %u ", entry->type.code);
	print_treatment(text, &entry->treatment);
	out_text(text, "\n");
}

static void write_statements(const struct import *import, struct out *text)
{
	size_t i;

	if (import->hook == IMPORT_INPUT)
		out_text(text, "scope local\n");
	for (i = 0; i < 2; i++)
		if (import->mask[i])
			out_text(text, "prefix %s %u\n", families[i].name, import->mask[i]);
	for (i = 0; i < import->ifaces; i++)
		out_text(text, "interface %s off\n", import->iface[i].name);
	for (i = 0; i < import->entries; i++)
		write_entry(text, &import->entry[i]);
	for (i = 0; i < import->rules; i++)
		print_rules(text, &import->rule[i].rule, 1);
}

/* Whatever was in the file, its result is what check takes. */
static bool is_taken(struct import *import, const char *text, size_t size)
{
	struct change change = { .replace = true };
	struct text words = { 0 };
	struct error error = { .text = "" };
	bool taken;
	char *copy = memory_get(NULL, size + 2, 1);

	memcpy(copy, text, size + 1);
	taken = text_split(&words, copy, size, &error) && parse_text(&words, &change, &error);
	change_release(&change);
	text_release(&words);
	return taken || error_set(&import->error, NULL, "icmpguard refuses the result: %.200s",
				  error.text);
}

static void write_line(struct out *out, const char *format, char *line)
{
	char *c;

	for (c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	out_string(out, "", format, line);
}

/* Notes are for people, and statements for programs too. */
static void write_lines(struct out *out, const char *format, char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			write_line(out, format, line);
}

/**
 * import_write() - print what came of it
 * @import: all that was read, and import_end() found in order
 * @out: where to
 *
 * Return: whether it could be said.
 */
bool import_write(struct import *import, struct out *out)
{
	struct out text = { 0 };
	size_t size;
	char *lines;
	bool good;

	text.file = open_memstream(&lines, &size);
	write_statements(import, &text);
	fclose(text.file);
	good = is_taken(import, lines, size);
	if (good) {
		fflush(import->note);
		if (!out->json)
			write_lines(out, "# %s\n", import->notes);
		out_object(out, NULL);
		out_array(out, "statements");
		write_lines(out, "%s\n", lines);
		out_array_end(out);
		out_object_end(out);
	}
	free(lines);
	return good;
}
