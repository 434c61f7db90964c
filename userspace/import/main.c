// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 'icmpguardctl import' runs: a program of its own, so that the tool needs
 * neither libnftables nor libjansson.
 *
 * usage: icmpguard-import [-j] FILE|-
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "file.h"
#include "import.h"

/* JSON is read as it is: what libnftables wrote needs no kernel any more. */
static json_t *read_json(const char *text, struct error *error)
{
	json_error_t wrong;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &wrong);

	if (!root) {
		error_set(error, NULL, "%s", wrong.text);
		error->line = wrong.line > 0 ? wrong.line : 1;
		error->column = wrong.column > 0 ? wrong.column : 1;
	}
	return root;
}

/* The line of a rule that nft read, or its place where it has no line */
static void find_rule(struct import *import, const char *text, const json_t *root, bool json)
{
	const struct import_place *place = &import->refused;
	struct error said = import->error;
	char where[IMPORT_NAME + 32];

	if (import->error.line || !*place->chain)
		return;
	if (!json && place->json)
		import->error.line = nft_find_line(text, root, place->json);
	if (import->error.line)
		return;
	memset(&import->error, 0, sizeof(import->error));
	error_set(&import->error, NULL, "%s: %s", import_where(place, where), said.text);
}

/* nft complained of a line that was made of one of iptables': its comment knows which. */
static void find_origin(const char *translated, struct error *error)
{
	unsigned int line = error->line;
	const char *at = translated, *mark;

	error->line = 0;
	error->column = 0;
	while (at && --line)
		at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
	mark = at ? strstr(at, "\"line:") : NULL;
	if (mark && mark < at + strcspn(at, "\n"))
		error->line = strtoul(mark + strlen("\"line:"), NULL, 10);
}

static bool read_rules(const char *text, struct import *import)
{
	bool json = text[strspn(text, " \t\r\n")] == '{', tables = xtables_is(text);
	struct import_lines lines = { .lines = 0 };
	char *translated = NULL;
	json_t *root = NULL;
	bool good = false;

	if (json)
		root = read_json(text, &import->error);
	else if (!nft_sandbox(&import->error))
		return false;
	else if (!tables)
		root = nft_load(text, &import->error);
	else
		translated = xtables_translate(text, &lines, &import->error);
	if (translated)
		root = nft_load(translated, &import->error);
	if (translated && !root && import->error.line)
		find_origin(translated, &import->error);
	if (root)
		good = import_rules(import, root, tables ? &lines : NULL);
	if (root && !good && !tables)
		find_rule(import, text, root, json);
	json_decref(root);
	free(translated);
	xtables_release(&lines);
	return good;
}

static void complain(const char *name, const struct error *error)
{
	fputs("icmpguardctl: ", stderr);
	for (; *name; name++)
		putc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name, stderr);
	if (error->line)
		fprintf(stderr, ":%u", error->line);
	if (error->line && error->column)
		fprintf(stderr, ":%u", error->column);
	fprintf(stderr, ": %s\n", error->text);
}

/* Text has no NUL and more than blanks in it. */
static bool is_text(const char *text, size_t length, struct error *error)
{
	if (strlen(text) != length)
		return error_set(error, NULL, "there is a NUL in it: it isn't text");
	return text[strspn(text, " \t\r\n")] || error_set(error, NULL, "there is nothing in it");
}

int main(int argc, char **argv)
{
	struct out out = { .file = stdout, .json = argc == 3 && !strcmp(argv[1], "-j") };
	const char *name = argv[argc - 1];
	size_t length;
	char *text = NULL;
	struct import import;
	bool good;

	if (argc != 2 + out.json) {
		fputs("usage: icmpguard-import [-j] FILE|-\n", stderr);
		return 2;
	}
	import_init(&import);
	good = file_bytes(name, &text, &length, &import.error) &&
	       is_text(text, length, &import.error) && read_rules(text, &import) &&
	       import_write(&import, &out);
	if (good && (fflush(stdout) || ferror(stdout)))
		good = error_set(&import.error, NULL, "the output can't be written");
	if (!good)
		complain(strcmp(name, "-") ? name : "standard input", &import.error);
	import_release(&import);
	free(text);
	return !good;
}
