// SPDX-License-Identifier: GPL-2.0-only
/*
 * What iptables-save and ip6tables-save print, as nft's text, by iptables' own
 * iptables-restore-translate. Some matches it translates badly or not at all, in
 * one version or the other: codes, a hashlimit without a mode, one name of a
 * hashlimit in two rules. So types, codes, limits and comments are taken out here;
 * each of their options has one word after it. All else of a rule is left to it.
 * A rule for a protocol that isn't ICMP is left out beforehand.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "import.h"
#include "memory.h"
#include "value.h"

#define WORDS		256	/* of a rule */
#define OUTPUT_MAX	(256U << 20)

/**
 * struct xrule - a line that begins with -A
 * @word: its words, without quotes
 * @quoted: a word is to be put in quotes again
 * @words: how many
 * @gone: by word: it isn't for iptables-translate
 * @types: nft's words for its types
 * @limits: nft's words for its limits
 * @other: it is about another protocol
 * @strange: a word of what is taken out here has no counterpart
 * @above: with a hashlimit: what is above its rate
 * @rate: its rate
 * @burst: its burst
 * @mode: its mode
 * @mask: bits of a source
 * @limit: a limit's rate
 * @limit_burst: its burst
 * @comment: its comment
 */
struct xrule {
	char *word[WORDS];
	bool quoted[WORDS];
	unsigned int words;
	bool gone[WORDS];
	char types[64];
	char limits[256];
	bool other, strange, above;
	const char *rate, *burst, *mode, *mask, *limit, *limit_burst, *comment;
};

/**
 * struct sent - a rule that iptables-translate got
 * @line: its line
 * @types: what was taken out of it
 * @limits: likewise
 * @chain: its chain
 */
struct sent {
	unsigned int line;
	char types[64], limits[256], chain[IMPORT_NAME];
};

/**
 * struct block - a table of a file
 * @name: its name
 * @v6: ip6tables'
 * @sent: the rules that iptables-translate gets
 * @rules: how many
 * @rules_room: how many fit
 */
struct block {
	char name[32];
	bool v6;
	struct sent *sent;
	size_t rules, rules_room;
};

/* The first line with something in it, but for comments */
static const char *first_line(const char *text)
{
	while (*text) {
		const char *at = text + strspn(text, " \t\r");

		if (*at && *at != '#' && *at != '\n')
			return at;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

/**
 * xtables_is() - whether a file is iptables-save's
 * @text: the file
 *
 * Return: whether it begins with a table.
 */
bool xtables_is(const char *text)
{
	return *first_line(text) == '*';
}

/* Return: false for a quote that isn't closed, and for too many words. */
static bool split(char *line, struct xrule *rule)
{
	char *at = line, *to;

	for (;;) {
		at += strspn(at, " \t\r");
		if (!*at)
			return true;
		if (rule->words == WORDS)
			return false;
		rule->quoted[rule->words] = *at == '"';
		if (*at != '"') {
			rule->word[rule->words++] = at;
			at += strcspn(at, " \t\r");
		} else {
			rule->word[rule->words++] = ++at;
			for (to = at; *at && *at != '"'; *to++ = *at++)
				if (*at == '\\' && at[1])
					at++;
			if (!*at++)
				return false;
			*to = '\0';
			continue;
		}
		if (*at)
			*at++ = '\0';
	}
}

static bool is_in(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/* "10/sec": iptables takes any beginning of a period. */
static bool rate_text(const char *text, char rate[48])
{
	static const char *const words[] = { "second", "minute", "hour", "day" };
	size_t digits = strspn(text, "0123456789"), i;
	const char *period = text + digits + 1;

	if (!digits || digits > 9 || (text[digits] && text[digits] != '/'))
		return false;
	if (!text[digits])
		period = "second";
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!*period || strncasecmp(words[i], period, strlen(period)))
			continue;
		snprintf(rate, 48, "%.*s/%s", (int)digits, text, words[i]);
		return true;
	}
	return false;
}

static bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && !text[strspn(text, "0123456789")];
}

static bool add_limit(struct xrule *rule, const char *rate, const char *burst, bool above,
		      const char *key)
{
	size_t at = strlen(rule->limits);
	char text[48];

	if (!rate || !rate_text(rate, text) || (burst && !is_number(burst)))
		return false;
	snprintf(rule->limits + at, sizeof(rule->limits) - at, "%s limit rate %s%s burst %s packets%s",
		 key, above ? "over " : "", text, burst ? burst : "5", *key ? " }" : "");
	return true;
}

static bool add_hashlimit(struct xrule *rule, unsigned int line, bool v6)
{
	uint32_t bits, i, most = v6 ? 128 : 32;
	struct prefix mask = { .len = most, .v6 = v6 };
	char key[160] = "", text[PREFIX_TEXT];

	if (!rule->mode)
		return !rule->mask && add_limit(rule, rule->rate, rule->burst, rule->above, key);
	if (strcmp(rule->mode, "srcip"))
		return false;
	snprintf(key, sizeof(key), " meter i%u { %s saddr", line, v6 ? "ip6" : "ip");
	if (rule->mask) {
		if (!is_number(rule->mask) || value_number(rule->mask, &bits) != VALUE_OK || !bits ||
		    bits > most)
			return false;
		for (i = 0; i < bits; i++)
			mask.addr[i / 8] |= 0x80 >> i % 8;
		value_print_address(&mask, text);
		snprintf(key + strlen(key), sizeof(key) - strlen(key), " & %s", text);
	}
	return add_limit(rule, rule->rate, rule->burst, rule->above, key);
}

/* "3", "3/4"; names and "any" are iptables' to know. */
static bool add_type(struct xrule *rule, const char *text, bool v6)
{
	const char *slash = strchr(text, '/'), *name = v6 ? "icmpv6" : "icmp";
	char type[16];

	snprintf(type, sizeof(type), "%.*s", (int)strcspn(text, "/"), text);
	if (!is_number(type) || (slash && !is_number(slash + 1)))
		return false;
	snprintf(rule->types, sizeof(rule->types), "%s type %s ", name, type);
	if (slash)
		snprintf(rule->types + strlen(rule->types), sizeof(rule->types) - strlen(rule->types),
			 "%s code %s ", name, slash + 1);
	return true;
}

/* Whether an option is one that is taken out; where its word goes */
static bool take_option(struct xrule *rule, const char *option, const char *word, bool v6)
{
	static const char *const idle[] = {
		"--hashlimit-name", "--hashlimit-htable-size", "--hashlimit-htable-max",
		"--hashlimit-htable-expire", "--hashlimit-htable-gcinterval", NULL
	};
	static const char *const types[] = { "--icmp-type", "--icmpv6-type", NULL };
	static const char *const matches[] = {
		"icmp", "icmp6", "icmpv6", "hashlimit", "limit", "comment", NULL
	};
	const struct {
		const char *option;
		const char **word;
	} kept[] = {
		{ "--comment", &rule->comment },
		{ "--limit", &rule->limit },
		{ "--limit-burst", &rule->limit_burst },
		{ "--hashlimit-burst", &rule->burst },
		{ "--hashlimit-mode", &rule->mode },
		{ "--hashlimit-srcmask", &rule->mask },
	};
	size_t i;

	if (is_in(option, types))
		return add_type(rule, word, v6);
	if (!strcmp(option, "-m") || !strcmp(option, "--match"))
		return is_in(word, matches);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (strcmp(option, kept[i].option))
			continue;
		*kept[i].word = word;
		return true;
	}
	if (strncmp(option, "--hashlimit", 11) || is_in(option, idle))
		return !strncmp(option, "--hashlimit", 11);
	rule->above = !strcmp(option, "--hashlimit-above");
	if (rule->rate || !(rule->above || !strcmp(option, "--hashlimit-upto") ||
			    !strcmp(option, "--hashlimit")))
		rule->strange = true;
	rule->rate = word;
	return true;
}

/* A protocol that has nothing to do with ICMP */
static bool is_other(const char *protocol)
{
	static const char *const ours[] = {
		"icmp", "1", "icmpv6", "ipv6-icmp", "58", "all", "0", NULL
	};

	return !is_in(protocol, ours);
}

/* What needs this machine's kernel: sets of ipset */
static bool needs_machine(const char *word)
{
	return !strcmp(word, "--match-set") || !strcmp(word, "--add-set") ||
	       !strcmp(word, "--del-set") || !strcmp(word, "--map-set");
}

static void take_options(struct xrule *rule, unsigned int line, bool v6)
{
	bool hashlimit = false, not;
	unsigned int i;

	for (i = 2; i + 1 < rule->words; i++) {
		const char *option = rule->word[i];

		if (rule->quoted[i] || *option != '-')
			continue;
		not = !strcmp(rule->word[i - 1], "!") && !rule->quoted[i - 1];
		if (!not && (!strcmp(option, "-p") || !strcmp(option, "--protocol")))
			rule->other = is_other(rule->word[i + 1]);
		/* Two rules in one, which iptables-save never prints */
		if ((!strcmp(option, "-s") || !strcmp(option, "-d")) && strchr(rule->word[i + 1], ','))
			rule->strange = true;
		hashlimit |= !strncmp(option, "--hashlimit", 11);
		if (needs_machine(option) || (not && !strncmp(option, "--hashlimit", 11)) ||
		    (not && !strncmp(option, "--limit", 7)))
			rule->strange = true;
		if (not || !take_option(rule, option, rule->word[i + 1], v6))
			continue;
		rule->gone[i] = true;
		rule->gone[++i] = true;
	}
	if (hashlimit && !add_hashlimit(rule, line, v6))
		rule->strange = true;
	if (rule->limit && !add_limit(rule, rule->limit, rule->limit_burst, false, ""))
		rule->strange = true;
}

static void print_word(FILE *file, const char *word, bool quoted)
{
	fputs(quoted ? " \"" : " ", file);
	for (; *word; word++) {
		if (quoted && (*word == '"' || *word == '\\'))
			fputc('\\', file);
		fputc(*word, file);
	}
	if (quoted)
		fputc('"', file);
}

/* A rule for iptables-translate, or an empty one in the place of one it can't translate */
static void send_rule(FILE *file, const struct xrule *rule, bool empty)
{
	unsigned int i;

	fprintf(file, "-A");
	for (i = 1; i < (empty ? 2 : rule->words); i++)
		if (!rule->gone[i])
			print_word(file, rule->word[i], rule->quoted[i]);
	fputc('\n', file);
}

/* The words after "[3:4]", which are what iptables-save -c has before a rule */
static char *behind_counters(char *line)
{
	char *end = *line == '[' ? strchr(line, ']') : NULL;

	return end ? end + 1 + strspn(end + 1, " ") : line;
}

static bool read_rule(struct block *block, FILE *file, char *text, unsigned int number,
		      struct import_line *line)
{
	struct xrule rule = { .words = 0 };
	char *whole = strdup(text);
	struct sent *sent;
	bool good = split(text, &rule) && rule.words >= 2;

	if (good)
		take_options(&rule, number, block->v6);
	if (!good || rule.other) {
		fputc('\n', file);
		free(whole);
		return good;
	}
	if (rule.comment)
		line->comment = strdup(rule.comment);
	block->sent = import_append(block->sent, &block->rules, &block->rules_room, sizeof(*sent));
	sent = &block->sent[block->rules - 1];
	sent->line = number;
	snprintf(sent->chain, sizeof(sent->chain), "%s", rule.word[1]);
	send_rule(file, &rule, rule.strange);
	if (rule.strange) {
		line->rule = whole;
		return true;
	}
	memcpy(sent->types, rule.types, sizeof(sent->types));
	memcpy(sent->limits, rule.limits, sizeof(sent->limits));
	free(whole);
	return true;
}

/* Whether a table without a heading has something of IPv6's in it */
static bool is_v6(const char *text)
{
	const char *end = strstr(text, "\nCOMMIT");
	size_t length = end ? (size_t)(end - text) : strlen(text), i;
	static const char *const words[] = { "ipv6-icmp", "icmpv6", "icmp6", " -s ", " -d " };

	for (i = 0; i < 3; i++)
		if (memmem(text, length, words[i], strlen(words[i])))
			return true;
	for (; i < 5; i++) {
		const char *at = text;

		while ((at = memmem(at, length - (at - text), words[i], 4))) {
			at += 4;
			if (memchr(at, ':', strcspn(at, " /\n")))
				return true;
		}
	}
	return false;
}

static char *slurp(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text;
	ssize_t got;

	if (size < 0 || size > OUTPUT_MAX)
		return NULL;
	text = memory_get(NULL, size + 1, 1);
	got = pread(fd, text, size, 0);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void run_program(const char *name, const int fds[3])
{
	char path[64];
	int i;

	for (i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(126);
	snprintf(path, sizeof(path), "/usr/sbin/%s", name);
	execl(path, name, "-f", "/dev/stdin", (char *)NULL);
	execlp(name, name, "-f", "/dev/stdin", (char *)NULL);
	_exit(127);
}

/* "iptables-... v1.8.9 (nf_tables): unknown option ...", "Error occurred at line: 7" */
static void take_error(const char *text, int status, struct error *error)
{
	const char *at = strstr(text, "Error occurred at line:"), *begin = strstr(text, "): ");
	unsigned int line = 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		error_set(error, NULL,
			  "iptables' rules are read by iptables-restore-translate, which isn't installed: it is in the package iptables");
		return;
	}
	if (at && sscanf(at, "Error occurred at line: %u", &line) != 1)
		line = 0;
	begin = begin ? begin + 3 : *text ? text : "iptables-restore-translate can't read it";
	error_set(error, NULL, "iptables: %.*s", (int)strcspn(begin, "\n"), begin);
	error->line = line;
}

/* Return: what the program made of @text, NULL where it didn't like it. */
static char *translate(const char *name, const char *text, size_t size, struct error *error)
{
	char *output = NULL, *complaint = NULL;
	int fds[3], i, status = -1;
	pid_t pid;

	for (i = 0; i < 3; i++)
		fds[i] = memfd_create(name, MFD_CLOEXEC);
	if (fds[2] < 0 || write(fds[0], text, size) != (ssize_t)size || lseek(fds[0], 0, SEEK_SET)) {
		error_set(error, NULL, "there is no memory for it");
	} else {
		pid = fork();
		if (!pid)
			run_program(name, fds);
		if (pid > 0)
			waitpid(pid, &status, 0);
		output = slurp(fds[1]);
		complaint = slurp(fds[2]);
		if (status || !output) {
			take_error(complaint ? complaint : "", status, error);
			free(output);
			output = NULL;
		}
	}
	for (i = 0; i < 3; i++)
		close(fds[i]);
	free(complaint);
	return output;
}

/* A rule of nft's with what was taken out of iptables', and its line as its comment */
static bool add_rule(const struct block *block, const struct sent *sent, const char *line,
		     struct import_line *kept, FILE *nft)
{
	const char *family = block->v6 ? "ip6" : "ip", *counter;
	char head[64 + IMPORT_NAME];

	snprintf(head, sizeof(head), "add rule %s %s %s ", family, block->name, sent->chain);
	counter = strstr(line, " counter");
	if (strncmp(line, head, strlen(head)) || kept->rule)
		counter = NULL;
	else
		line += strlen(head);
	if (!counter) {
		fprintf(nft, "%scounter comment \"line:%u\"\n", head, sent->line);
		return kept->rule;
	}
	/* Directly after the head, "counter" has no blank of its own before it. */
	fprintf(nft, "%s%s%.*s%s%s comment \"line:%u\"\n", head, sent->types,
		counter < line ? 0 : (int)(counter - line), line, sent->limits, counter, sent->line);
	return true;
}

static char *copy_line(const char *text, unsigned int number)
{
	for (; number > 1; number--)
		text = strchr(text, '\n') + 1;
	return strndup(text, strcspn(text, "\r\n"));
}

/* The rules come out in the order in which they went in. */
static bool add_rules(const struct block *block, char *output, const char *text,
		      struct import_lines *lines, FILE *nft, struct error *error)
{
	char *line, *rest = output;
	size_t rule = 0;

	while ((line = strsep(&rest, "\n"))) {
		bool is_rule = !strncmp(line, "add rule ", 9), left_out = !strncmp(line, "# -t ", 5);
		const struct sent *sent = &block->sent[rule];
		struct import_line *kept;

		if (!is_rule && !left_out) {
			if (*line && *line != '#')
				fprintf(nft, "%s\n", line);
			continue;
		}
		if (rule++ == block->rules)
			break;
		kept = &lines->line[sent->line];
		if (left_out && !kept->rule)
			kept->rule = copy_line(text, sent->line);
		if (!add_rule(block, sent, line, kept, nft)) {
			error_set(error, NULL, "iptables-restore-translate wrote what isn't a rule");
			error->line = sent->line;
			return false;
		}
	}
	return rule == block->rules ||
	       error_set(error, NULL, "iptables-restore-translate left rules out");
}

__attribute__((format(printf, 3, 4)))
static bool wrong(struct error *error, unsigned int number, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_set(error, NULL, "%s", text);
	error->line = number;
	return false;
}

/**
 * struct reader - reading a file
 * @text: all of it
 * @lines: parts of lines that nft doesn't get
 * @nft: nft's text
 * @block: the table that is open
 * @open: there is one
 * @heading: "# Generated by" was there
 * @v6: and it was ip6tables-save
 * @sent: what @file wrote
 * @sent_size: its size
 * @file: what iptables-translate gets of this table
 * @error: what is wrong
 */
struct reader {
	const char *text;
	struct import_lines *lines;
	FILE *nft;
	struct block block;
	bool open, heading, v6;
	char *sent;
	size_t sent_size;
	FILE *file;
	struct error *error;
};

static void open_block(struct reader *reader, const char *line, const char *where,
		       unsigned int number)
{
	unsigned int i;

	reader->open = true;
	reader->block = (struct block) { .v6 = reader->heading ? reader->v6 : is_v6(where) };
	snprintf(reader->block.name, sizeof(reader->block.name), "%s", line + 1);
	reader->file = open_memstream(&reader->sent, &reader->sent_size);
	/* Lines have the numbers that they have in the file. */
	for (i = 1; i < number; i++)
		fputc('\n', reader->file);
	fprintf(reader->file, "%s\n", line);
}

static bool close_block(struct reader *reader, bool good)
{
	char *output = NULL;

	if (!reader->open)
		return good;
	fprintf(reader->file, "COMMIT\n");
	fclose(reader->file);
	reader->open = false;
	if (good)
		output = translate(reader->block.v6 ? "ip6tables-restore-translate" :
				   "iptables-restore-translate", reader->sent, reader->sent_size,
				   reader->error);
	good = output && add_rules(&reader->block, output, reader->text, reader->lines, reader->nft,
				   reader->error);
	free(output);
	free(reader->sent);
	free(reader->block.sent);
	return good;
}

static bool read_line(struct reader *reader, char *line, const char *where, unsigned int number)
{
	char *rule = behind_counters(line);

	if (*line == '#') {
		reader->heading |= !strncmp(line, "# Generated by ip", 17);
		if (!strncmp(line, "# Generated by ip", 17))
			reader->v6 = line[17] == '6';
	}
	if (*line == '*' && !reader->open) {
		open_block(reader, line, where, number);
		return true;
	}
	if (!strcmp(line, "COMMIT") && reader->open)
		return close_block(reader, true);
	if (!*line || *line == '#' || (*line == ':' && reader->open)) {
		if (reader->open)
			fprintf(reader->file, "%s\n", line);
		return true;
	}
	if (strncmp(rule, "-A ", 3) || !reader->open)
		return wrong(reader->error, number, "'%.60s' isn't what iptables-save prints", line);
	return read_rule(&reader->block, reader->file, rule, number, &reader->lines->line[number]) ||
	       wrong(reader->error, number, "'%.60s' isn't a whole rule", line);
}

/**
 * xtables_translate() - say iptables' rules in nft's words
 * @text: what iptables-save or ip6tables-save printed, or both
 * @lines: filled in, xtables_release() it in any case
 * @error: what is wrong with it
 *
 * Each rule's comment is the line it comes from.
 *
 * Return: nft's text; NULL: none.
 */
char *xtables_translate(const char *text, struct import_lines *lines, struct error *error)
{
	struct reader reader = { .text = text, .lines = lines, .error = error };
	char *copy = strdup(text), *line, *rest = copy, *nft = NULL;
	unsigned int number = 0;
	bool good = true;
	size_t size, i;

	lines->lines = 2;
	for (i = 0; text[i]; i++)
		lines->lines += text[i] == '\n';
	lines->line = memory_get(NULL, lines->lines, sizeof(*lines->line));
	memset(lines->line, 0, lines->lines * sizeof(*lines->line));
	reader.nft = open_memstream(&nft, &size);
	while (good && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		good = read_line(&reader, line, text + (line - copy), ++number);
	}
	if (good && reader.open)
		good = wrong(error, number, "the table isn't closed by COMMIT: was the file cut off?");
	close_block(&reader, false);
	fclose(reader.nft);
	free(copy);
	if (good)
		return nft;
	free(nft);
	return NULL;
}

/**
 * xtables_release() - forget lines
 * @lines: no longer used
 */
void xtables_release(struct import_lines *lines)
{
	size_t i;

	for (i = 0; i < lines->lines; i++) {
		free(lines->line[i].comment);
		free(lines->line[i].rule);
	}
	free(lines->line);
}
