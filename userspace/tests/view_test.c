// SPDX-License-Identifier: GPL-2.0-only
/*
 * The output of top: it fits at any size, and the rates are right for any counters.
 */
#include <arpa/inet.h>
#include <string.h>
#include "test.h"
#include "view.h"

#define TYPES	40
#define SOURCES	50

static struct sample before, now;

static void add_type(struct sample *sample, uint32_t proto, uint32_t number, const char *name,
		     uint64_t accepted, uint64_t dropped)
{
	struct type_state *type = &sample->types.type[sample->types.types++];

	*type = (struct type_state) {
		.proto = proto, .number = number, .accepted = accepted, .dropped = dropped,
	};
	snprintf(type->name, sizeof(type->name), "%s", name);
}

static void add_source(struct sample *sample, const char *address, uint32_t len, uint64_t drops)
{
	struct source_state *source = &sample->sources.source[sample->sources.sources++];

	memset(source, 0, sizeof(*source));
	source->prefix.v6 = strchr(address, ':');
	inet_pton(source->prefix.v6 ? AF_INET6 : AF_INET, address, source->prefix.addr);
	source->prefix.len = len;
	source->proto = source->prefix.v6 ? ICMPGUARD_PROTO_ICMPV6 : ICMPGUARD_PROTO_ICMP;
	strcpy(source->name, "destination-unreachable");
	source->drops = drops;
}

static void begin(struct sample *sample, uint64_t milliseconds)
{
	static struct type_state types[2][TYPES];
	static struct source_state sources[2][SOURCES];

	memset(sample, 0, sizeof(*sample));
	sample->milliseconds = milliseconds;
	strcpy(sample->clock, "12:34:56");
	sample->types.type = types[sample == &now];
	sample->sources.source = sources[sample == &now];
}

static void make_samples(void)
{
	static const char whole[] = "2001:db8:1234:5678:9abc:def0:1234:5678";
	char address[32];
	int i;

	begin(&before, 1000);
	begin(&now, 3000);
	before.stats.seen = 1000;
	now.stats.seen = 21000;
	add_type(&before, ICMPGUARD_PROTO_ICMP, 8, "echo-request", 100, 200);
	add_type(&now, ICMPGUARD_PROTO_ICMP, 8, "echo-request", 200, 4200);
	add_type(&before, ICMPGUARD_PROTO_ICMPV6, 128, "echo-request", 0, 0);
	add_type(&now, ICMPGUARD_PROTO_ICMPV6, 128, "echo-request", 20000, 0);
	add_type(&before, ICMPGUARD_PROTO_ICMP, 3, "destination-unreachable", 900, 0);
	/* Reset in between */
	add_type(&now, ICMPGUARD_PROTO_ICMP, 3, "destination-unreachable", 7, 0);
	add_type(&now, ICMPGUARD_PROTO_ICMP, 5, "redirect", 0, 0);
	add_source(&now, "192.0.2.66", 32, 9000);
	add_source(&before, "192.0.2.66", 32, 5000);
	add_source(&now, whole, 128, 4000);
	for (i = 0; i < 40; i++) {
		snprintf(address, sizeof(address), "198.51.100.%d", i);
		add_source(&now, address, 32, 100 - i);
	}
}

static char *print(struct view view, bool json)
{
	struct out out = { .json = json };
	char *text;
	size_t size;

	out.file = open_memstream(&text, &size);
	view_print(&out, &view, &now, &before);
	fclose(out.file);
	return text;
}

/* Columns of the widest line, and lines; letters are counted, codes aren't */
static unsigned int measure(const char *text, unsigned int *lines)
{
	unsigned int column = 0, widest = 0;

	*lines = 1;
	for (; *text; text++) {
		if (*text == '\n') {
			column = 0;
			if (text[1])
				++*lines;
		} else if (*text == '\033') {
			text += strcspn(text, "mKJH");
		} else if ((*text & 0xc0) != 0x80) {
			column++;
		}
		widest = column > widest ? column : widest;
	}
	return widest;
}

static void expect_line(const char *text, const char *line)
{
	bool there = strstr(text, line);

	if (!there)
		fprintf(test_file, "# not in:\n# %s\n", text);
	test_result(there, "%s", line);
}

static void contents(void)
{
	char *text = print((struct view) { .columns = 80 }, false);
	const char *first = strstr(text, "icmpv6 echo-request"), *second = strstr(text, "icmp echo-request");

	expect_line(text, "seen 10000/s  accepted 0/s  dropped 0/s\n");
	expect_line(text, "type                           accepted/s dropped/s\n");
	expect_line(text, "icmpv6 echo-request                 10000         0  ###########################\n");
	expect_line(text, "icmp echo-request                      50      2000  -----\n");
	expect_line(text, "icmp destination-unreachable            0         0 ");
	test_result(first && second && first < second, "the busiest is first");
	test_result(!strstr(text, "redirect"), "types without packets aren't listed");
	expect_line(text, "192.0.2.66/32                               icmp destina+      2000    9000   0s\n");
	expect_line(text, "2001:db8:1234:5678:9abc:def0:1234:5678/128  icmpv6 desti+      2000    4000   0s\n");
	test_result(!strstr(text, "monitored"), "monitoring isn't mentioned");
	test_result(!strchr(text, '\033'), "plain text has no codes");
	free(text);
	text = print((struct view) { .columns = 80, .blocks = true, .colour = true, .live = true },
		     false);
	test_result(strstr(text, "\033[32m█") && strstr(text, "\033[31m▒"), "colours and blocks");
	free(text);
	text = print((struct view) { .columns = 80 }, true);
	expect_line(text, "{\"interval-ms\":2000,");
	expect_line(text, "{\"proto\":\"icmp\",\"name\":\"echo-request\",\"accepted-rate\":50,\"dropped-rate\":2000,\"monitored-rate\":0}");
	expect_line(text, "\"address\":\"192.0.2.66\",\"prefix-len\":32,\"proto\":\"icmp\",");
	expect_line(text, "\"dropped-rate\":2000,\"monitored-rate\":0,\"drops\":9000,\"monitored\":0,\"last-drop-age-ms\":0}");
	test_result(strchr(text, '\n') == text + strlen(text) - 1, "one line");
	free(text);
}

static void sizes(void)
{
	unsigned int rows, columns, lines, width, bad = 0;

	for (rows = 1; rows <= 60; rows++) {
		for (columns = 1; columns <= 200; columns++) {
			struct view view = { .rows = rows, .columns = columns, .live = true,
					     .blocks = columns % 2, .colour = rows % 2 };
			char *text = print(view, false);

			width = measure(text, &lines);
			if (width > columns || (rows > 4 && lines > rows)) {
				if (!bad++)
					fprintf(test_file, "# %u lines of %u, %u columns of %u\n",
						lines, rows, width, columns);
			}
			free(text);
		}
	}
	test_result(!bad, "it fits whatever the size");
}

/* In monitor mode nothing is dropped, and the output doesn't claim that it was. */
static void monitor_mode(void)
{
	static struct counter_state counter[2] = {
		{ .class = ICMPGUARD_COUNTER_DROP, .monitored = 1000 },
		{ .class = ICMPGUARD_COUNTER_DROP, .monitored = 5000 },
	};
	struct type_state *type = &now.types.type[0];
	char *text;

	now.config.setting[SETTING_MODE] = before.config.setting[SETTING_MODE] = ICMPGUARD_MODE_MONITOR;
	before.stats.counter = &counter[0];
	now.stats.counter = &counter[1];
	before.stats.counters = now.stats.counters = 1;
	*type = (struct type_state) {
		.proto = ICMPGUARD_PROTO_ICMP, .number = 8, .accepted = 4400, .dropped = 200,
		.monitored = 4000, .name = "echo-request",
	};
	now.sources.sources = 2;
	now.sources.source[0].monitored = now.sources.source[0].drops - 5000;
	now.sources.source[0].drops = 5000;
	text = print((struct view) { .columns = 100 }, false);
	expect_line(text, "seen 10000/s  accepted 0/s  dropped 0/s  monitored 2000/s\n");
	expect_line(text, "type                           accepted/s dropped/s monitored/s\n");
	expect_line(text, "icmp echo-request                    2150         0        2000  ~~~~~~~\n");
	expect_line(text, " drop/s mon/s drop  mon last\n");
	expect_line(text, " icmp destination-unreac+      0  2000 5000 4000   0s\n");
	free(text);
	text = print((struct view) { .columns = 40 }, false);
	expect_line(text, "icmp echo-request      2150      0  2000\n");
	free(text);
	text = print((struct view) { .columns = 100 }, true);
	expect_line(text, "\"dropped-rate\":0,\"monitored-rate\":2000,\"types\"");
	expect_line(text, "\"accepted-rate\":2150,\"dropped-rate\":0,\"monitored-rate\":2000}");
	expect_line(text, "\"dropped-rate\":0,\"monitored-rate\":2000,\"drops\":5000,\"monitored\":4000,");
	free(text);
}

/* A word with a digit in it, unless it ends in a + for what is cut off */
static bool has_number(const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (word[i] >= '0' && word[i] <= '9')
			return word[length - 1] != '+';
	return false;
}

static bool has_word(const char *text, const char *word, size_t length)
{
	for (; *text; text += strcspn(text, "\n ")) {
		text += strspn(text, "\n ");
		if (strcspn(text, "\n ") == length && !memcmp(text, word, length))
			return true;
	}
	return false;
}

/* Everything that is shown in little room is also shown in more room. */
static void whole_numbers(void)
{
	char *wide = print((struct view) { .columns = 200 }, false);
	unsigned int columns, bad = 0, numbers = 0, at_20 = 0;

	for (columns = 1; columns <= 200; columns++) {
		char *text = print((struct view) { .columns = columns }, false), *at = text;

		while (*(at += strspn(at, "\n "))) {
			size_t length = strcspn(at, "\n ");

			if (has_number(at, length)) {
				numbers++;
				at_20 += columns == 20;
				if (!has_word(wide, at, length) && !bad++)
					fprintf(test_file, "# %u columns: %.*s in\n# %s\n", columns,
						(int)length, at, text);
			}
			at += length;
		}
		free(text);
	}
	test_result(!bad, "%u numbers in 1 to 200 columns are whole", numbers);
	test_result(at_20 >= 12, "%u numbers in 20 columns", at_20);
	free(wide);
}

int main(void)
{
	test_begin();
	make_samples();
	contents();
	sizes();
	whole_numbers();
	monitor_mode();
	sizes();
	whole_numbers();
	return test_end();
}
