// SPDX-License-Identifier: GPL-2.0-only
/*
 * monitor: events as they come.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include "command.h"
#include "journal.h"
#include "print.h"
#include "value.h"

#define NETNS_DIR	"/run/netns"
#define KIND_WIDTH	15
#define WHO_WIDTH	24
#define DETAIL_TEXT	(NAME_MAX_LEN + 128)

/* The name under which `ip netns` knows a namespace */
static bool find_netns(uint64_t inode, char *name, size_t size)
{
	DIR *dir = opendir(NETNS_DIR);
	bool found = false;
	struct dirent *entry;
	struct stat stat;

	while (dir && !found && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || fstatat(dirfd(dir), entry->d_name, &stat, 0) ||
		    stat.st_ino != inode)
			continue;
		snprintf(name, size, "%s", entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

static uint64_t own_inode(void)
{
	struct stat own;

	return stat("/proc/self/ns/net", &own) ? 0 : own.st_ino;
}

/* All events come from one namespace: in text it is said once. */
static void print_heading(struct out *out, const char *netns, uint64_t inode)
{
	if (*netns)
		out_text(out, "# network namespace %s (%" PRIu64 ")\n", netns, inode);
	else
		out_text(out, "# network namespace %" PRIu64 "\n", inode);
}

static void print_time(struct out *out, uint64_t nanoseconds)
{
	time_t seconds = nanoseconds / 1000000000;
	char text[40], whole[64];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	snprintf(whole, sizeof(whole), "%s.%06uZ", text,
		 (unsigned int)(nanoseconds % 1000000000 / 1000));
	out_string(out, "time", NULL, whole);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", localtime_r(&seconds, &tm));
	out_text(out, "%s  ", text);
}

static int put_drops(const struct event_state *event, char *text, size_t room)
{
	if (!event->monitored)
		return snprintf(text, room, " %" PRIu64 " dropped", event->drops);
	if (!event->drops)
		return snprintf(text, room, " %" PRIu64 " monitored", event->monitored);
	return snprintf(text, room, " %" PRIu64 " dropped, %" PRIu64 " monitored", event->drops,
			event->monitored);
}

static void detail(const struct event_state *event, char text[DETAIL_TEXT])
{
	int used = 0;

	*text = '\0';
	if (event->has_type)
		used = snprintf(text, DETAIL_TEXT, "%s %s", keyword_name(protos, event->proto),
				event->name);
	if (event->has_code)
		used += snprintf(text + used, DETAIL_TEXT - used, " code %u", event->code);
	switch (event->kind) {
	case ICMPGUARD_EVENT_SOURCE_LIMITED:
	case ICMPGUARD_EVENT_TOTAL_LIMITED:
		snprintf(text + used, DETAIL_TEXT - used, " %u/second%s", event->rate,
			 event->monitored && !event->drops ? " monitored, nothing dropped" : "");
		break;
	case ICMPGUARD_EVENT_SOURCE_RELEASED:
		used += put_drops(event, text + used, DETAIL_TEXT - used);
		snprintf(text + used, DETAIL_TEXT - used, " in %u.%us", event->duration / 1000,
			 event->duration % 1000 / 100);
		break;
	case ICMPGUARD_EVENT_TABLE_FULL:
		snprintf(text, DETAIL_TEXT, "room for %u sources", event->table_size);
		break;
	case ICMPGUARD_EVENT_CONFIG_CHANGED:
		snprintf(text, DETAIL_TEXT, "generation %u", event->generation);
		break;
	case ICMPGUARD_EVENT_LEFT_OUT:
		snprintf(text, DETAIL_TEXT, "%u events", event->left_out);
		break;
	case EVENT_MODULE_UNLOADED:
		snprintf(text, DETAIL_TEXT, "nothing is limited; waiting for it");
		break;
	case EVENT_MODULE_LOADED:
		snprintf(text, DETAIL_TEXT, "listening again");
		break;
	}
}

static void print_line(struct out *out, const struct event_state *event, const char *kind,
		       const char *who)
{
	char text[DETAIL_TEXT];

	/* An event is a line, however long: programs look for lines. */
	detail(event, text);
	out_text(out, "%-*s  ", KIND_WIDTH, kind);
	if (*who)
		out_text(out, "%-*s  ", WHO_WIDTH, who);
	out_text(out, "%s\n", text);
}

static void print_numbers(struct out *out, const struct event_state *event)
{
	if (event->has_type) {
		out_string(out, "proto", NULL, keyword_name(protos, event->proto));
		out_string(out, "name", NULL, event->name);
		if (event->has_code)
			out_number(out, "code", NULL, event->code);
		else if (!event->has_source)
			out_null(out, "code", NULL);
		out_number(out, "rate", NULL, event->rate);
		out_number(out, "drops", NULL, event->drops);
		out_number(out, "monitored", NULL, event->monitored);
	}
	if (event->has_source)
		out_number(out, "duration-ms", NULL, event->duration);
	switch (event->kind) {
	case ICMPGUARD_EVENT_TABLE_FULL:
		out_number(out, "table-size", NULL, event->table_size);
		break;
	case ICMPGUARD_EVENT_CONFIG_CHANGED:
		out_number(out, "generation", NULL, event->generation);
		break;
	case ICMPGUARD_EVENT_LEFT_OUT:
		out_number(out, "left-out", NULL, event->left_out);
		break;
	}
}

static void print_event(struct out *out, const struct event_state *event, const char *netns)
{
	const char *kind = keyword_name(events, event->kind);
	char who[PREFIX_TEXT] = "";

	if (event->has_source)
		value_print_prefix(&event->prefix, who);
	out_object(out, NULL);
	print_time(out, event->time);
	out_string(out, "event", NULL, kind);
	if (*netns)
		out_string(out, "netns-name", NULL, netns);
	else
		out_null(out, "netns-name", NULL);
	out_number(out, "netns-inode", NULL, event->inode);
	out_number(out, "netns", NULL, event->netns);
	if (event->has_source)
		print_address(out, &event->prefix);
	print_numbers(out, event);
	print_line(out, event, kind, who);
	out_object_end(out);
}

/* syslog's numbers */
static const char *priority(uint32_t kind)
{
	switch (kind) {
	case ICMPGUARD_EVENT_SOURCE_RELEASED:
		return "6";
	case ICMPGUARD_EVENT_CONFIG_CHANGED:
	case EVENT_MODULE_LOADED:
		return "5";
	default:
		return "4";
	}
}

/* An entry: the sentence that people read, and each value in a field of its own */
static bool tell_journal(struct journal *journal, const struct event_state *event,
			 const char *netns, struct error *error)
{
	struct out out = { .fields = "ICMPGUARD_" };
	char who[PREFIX_TEXT] = "", text[DETAIL_TEXT];
	char message[DETAIL_TEXT + PREFIX_TEXT + 32], *entry = NULL;
	size_t length;
	bool sent;

	if (event->has_source)
		value_print_prefix(&event->prefix, who);
	detail(event, text);
	snprintf(message, sizeof(message), "%s%s%s %s", keyword_name(events, event->kind),
		 *who ? " " : "", who, text);
	out.file = open_memstream(&entry, &length);
	if (!out.file)
		return error_set(error, NULL, "there isn't enough memory");
	journal_field(out.file, "", "MESSAGE", message);
	journal_field(out.file, "", "PRIORITY", priority(event->kind));
	journal_field(out.file, "", "SYSLOG_IDENTIFIER", "icmpguard");
	print_event(&out, event, netns);
	fclose(out.file);
	sent = journal_send(journal, entry, length, error);
	free(entry);
	return sent;
}

/**
 * struct listener - where events go
 * @out: where to
 * @journal: instead, NULL: not
 * @netns: the name of the namespace, empty: it has none
 */
struct listener {
	struct out *out;
	struct journal *journal;
	char netns[256];
};

static bool report(const struct listener *listener, const struct event_state *event,
		   struct error *error)
{
	if (listener->journal)
		return tell_journal(listener->journal, event, listener->netns, error);
	print_event(listener->out, event, listener->netns);
	/* A reader of the pipe gets it at once. */
	return out_flush(listener->out);
}

static bool heard(const struct nlmsghdr *header, void *data, struct error *error)
{
	struct event_state event;

	return reply_event(header, &event, error) && report(data, &event, error);
}

/* An event that the kernel can't report, as what would report it goes with the module */
static bool report_module(struct context *context, const struct listener *listener, uint32_t kind)
{
	struct event_state event = { .kind = kind, .inode = own_inode() };
	socklen_t length = sizeof(event.netns);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	event.time = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	getsockopt(mnl_socket_get_fd(context->genl.socket), SOL_SOCKET, SO_NETNS_COOKIE,
		   &event.netns, &length);
	return report(listener, &event, &context->error);
}

static void follow(struct context *context, struct journal *journal)
{
	struct listener listener = { .out = &context->out, .journal = journal };
	uint64_t inode = own_inode();

	find_netns(inode, listener.netns, sizeof(listener.netns));
	if (!journal)
		print_heading(&context->out, listener.netns, inode);
	fflush(context->out.file);
	for (;;) {
		switch (genl_wait(&context->genl, heard, &listener, &context->error)) {
		case GENL_LOST:
			fputs("icmpguardctl: events came faster than they were read; some are lost\n",
			      stderr);
			break;
		case GENL_UNLOADED:
			if (!report_module(context, &listener, EVENT_MODULE_UNLOADED))
				return;
			break;
		case GENL_LOADED:
			if (!report_module(context, &listener, EVENT_MODULE_LOADED))
				return;
			break;
		case GENL_FAILED:
			return;
		default:
			break;
		}
	}
}

static int run(struct context *context)
{
	struct journal journal = { .fd = -1 };
	const char *next = words_peek(&context->words);
	bool to_journal = next && !strcmp(next, "--journal");

	if (to_journal)
		words_read(&context->words);
	if (!parse_end(&context->words, &context->error))
		return STATUS_USAGE;
	/* A service waits for the module; a person wants to know that it isn't there. */
	if ((!to_journal || journal_open(&journal, &context->error)) &&
	    (command_open(context) || (to_journal && command_without_module(context))) &&
	    genl_listen(&context->genl, &context->error))
		follow(context, to_journal ? &journal : NULL);
	journal_close(&journal);
	return command_refused(context);
}

const struct command command_monitor = {
	.name = "monitor",
	.usage = "[--journal]",
	.summary = "print events as they happen",
	.details =
"  source-limited    packets of a source are being dropped; how many a second\n"
"  source-released   none were dropped for five seconds; how many there were, and\n"
"                    for how long. If they are only monitored, the line says so\n"
"  total-limited     all sources of a type together are above its total\n"
"  table-full        sources are forgotten early for lack of space\n"
"  config-changed    the configuration was changed\n"
"  left-out          there were more events than the 64 a second reported\n"
"  module-unloaded   nothing is limited, and there are no events until the module\n"
"                    is back\n"
"  module-loaded     it is back, and its events are printed again\n"
"\n"
"  --journal   write to systemd's journal, each value in its own field:\n"
"              ICMPGUARD_EVENT, ICMPGUARD_ADDRESS and so on, named as in JSON;\n"
"              if the module isn't loaded, wait for it\n"
"\n"
"It runs until interrupted. -j prints one object a line. The first listener is\n"
"sent the sources that are limited already.\n"
"\n"
"Example: icmpguardctl -j monitor | jq 'select(.event == \"source-limited\")'\n",
	.run = run,
};
