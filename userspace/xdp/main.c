// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 'icmpguardctl xdp' runs: a program of its own, so that the tool doesn't need
 * libbpf. It attaches a program of a few instructions, which asks the module, and pins
 * it: it stays when this one has ended.
 *
 * usage: icmpguard-xdp [-j] attach NAME [native|generic|auto]
 *        icmpguard-xdp [-j] detach NAME|all
 *        icmpguard-xdp [-j] show
 *        icmpguard-xdp list	what is attached in this network namespace: lines MODE NAME
 *        icmpguard-xdp sync	have attached what lines MODE NAME on the standard input
 *				say; NUMBER TEXT of each line that can't be had
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_link.h>
#include <bpf/libbpf.h>
#include "device.h"
#include "dispatcher.h"
#include "link.h"
#include "memory.h"
#include "out.h"
#include "program.h"
#include "query.h"

/**
 * struct detaching - what is detached
 * @device: of this namespace; 0: all, of every one
 * @done: how many were
 * @error: filled in where one can't be
 */
struct detaching {
	unsigned int device;
	unsigned int done;
	struct error *error;
};

static bool detach_link(struct link *link, void *data)
{
	struct detaching *detaching = data;

	if (detaching->device && (link->device != detaching->device || !link->mode))
		return true;
	if (!link_detach(link, detaching->error))
		return false;
	detaching->done++;
	return !detaching->device;
}

static bool detach(const char *device, struct error *error)
{
	struct detaching detaching = { .error = error };
	unsigned int users;

	if (strcmp(device, "all")) {
		detaching.device = if_nametoindex(device);
		if (!detaching.device)
			return error_set(error, NULL, "no such device '%s'", device);
	}
	/* There is nothing without a BPF file system. */
	if (!link_lock(error))
		return false;
	users = program_users();
	if (!link_each(detach_link, &detaching, error))
		return false;
	link_done();
	program_wait(users > detaching.done ? users - detaching.done : 0);
	if (*error->text)
		return false;
	return detaching.done || !detaching.device ||
	       error_set(error, NULL, "%s has none attached", device);
}

/**
 * struct attached - what is attached in this namespace
 * @link: each; its descriptor is closed
 * @n: how many
 * @room: how many fit
 */
struct attached {
	struct link *link;
	size_t n, room;
};

static bool collect_link(struct link *link, void *data)
{
	struct attached *attached = data;

	if (!link->mode)
		return true;
	if (attached->n == attached->room) {
		attached->room = attached->room ? 2 * attached->room : 16;
		attached->link = memory_get(attached->link, attached->room, sizeof(*link));
	}
	attached->link[attached->n++] = *link;
	return true;
}

static const struct link *find_link(const struct attached *attached, unsigned int device)
{
	size_t i;

	for (i = 0; i < attached->n; i++)
		if (attached->link[i].device == device)
			return &attached->link[i];
	return NULL;
}

/* A dispatcher would take it twice. */
static bool is_free(const char *device, unsigned int number, struct error *error)
{
	struct attached attached = { 0 };
	const struct link *link;

	if (!link_each(collect_link, &attached, error))
		return false;
	link = find_link(&attached, number);
	return !link || error_set(error, NULL, "%s has an XDP program already: " MODULE ", program %u",
				  device, link->program);
}

static bool attach(const char *device, uint32_t mode, struct error *error)
{
	unsigned int number = if_nametoindex(device);
	bool good;

	if (!number)
		return error_set(error, NULL, "no such device '%s'", device);
	good = link_lock(error) && is_free(device, number, error) &&
	       link_attach(device, number, mode, error);
	link_done();
	return good;
}

static bool list(struct error *error)
{
	struct attached attached = { 0 };
	struct devices devices = { 0 };
	const struct link *link;
	size_t i;

	if (!link_each(collect_link, &attached, error) || !devices_read(&devices, error))
		return false;
	for (i = 0; i < devices.n; i++) {
		link = find_link(&attached, devices.list[i].index);
		if (link)
			printf("%s %s\n", keyword_name(xdp_modes, link->mode), devices.list[i].name);
	}
	return true;
}

/* What a dispatcher calls isn't counted by the kernel. */
static void show_counts(struct out *out, const struct program_state *state, bool shared)
{
	/* Frames that ran before the kernel counted can't be told from those that passed. */
	if (state->counts)
		out_number(out, "dropped", "  %10" PRIu64, state->dropped);
	else
		out_null(out, "dropped", "           -");
	if (state->counts && !shared && program_runs_counted() && state->run >= state->dropped)
		out_number(out, "passed", "  %10" PRIu64, state->run - state->dropped);
	else
		out_null(out, "passed", "           -");
}

static void show_device(struct out *out, const struct devices *devices,
			const struct device *device, const struct link *link)
{
	char reason[REASON_MAX];
	struct program_state state = { .counts = false };
	uint32_t program = 0, its;
	bool other = false;

	if (link)
		program_look(link->program, &state);
	else
		other = query_program(device->index, &program, &its);
	out_object(out, NULL);
	out_string(out, "device", "%-15s", device->name);
	if (link) {
		out_string(out, "mode", "  %-7s", keyword_name(xdp_modes, link->mode));
		out_number(out, "program", "  %7" PRIu64, link->program);
		show_counts(out, &state, link->shared);
	} else {
		out_null(out, "mode", "  -      ");
		out_null(out, "program", "        -");
		out_null(out, "dropped", "           -");
		out_null(out, "passed", "           -");
	}
	device_reason(devices, device, reason);
	/* A dispatcher isn't in the way of one more. */
	if (other && program_look(program, &state) && DISPATCHER &&
	    !strcmp(state.name, "xdp_dispatcher"))
		other = false;
	if (other)
		snprintf(reason, sizeof(reason), "has another XDP program: %s, program %u",
			 *state.name ? state.name : "unnamed", program);
	if (*reason)
		out_string(out, "reason", "  %s", reason);
	else
		out_null(out, "reason", NULL);
	out_text(out, "\n");
	out_object_end(out);
}

static bool show(struct out *out, struct error *error)
{
	struct attached attached = { 0 };
	struct devices devices = { 0 };
	const struct link *link;
	size_t i;

	if (!link_each(collect_link, &attached, error) || !devices_read(&devices, error))
		return false;
	out_text(out, "%-15s  %-7s  %7s  %10s  %10s  %s\n", "device", "mode", "program", "dropped",
		 "passed", "drops nothing because");
	out_object(out, NULL);
	out_array(out, "devices");
	for (i = 0; i < devices.n; i++) {
		link = find_link(&attached, devices.list[i].index);
		if (link || devices.list[i].ethernet)
			show_device(out, &devices, &devices.list[i], link);
	}
	out_array_end(out);
	out_object_end(out);
	return true;
}

/**
 * struct statement - a line of what is to be attached
 * @name: the device's, or a pattern
 * @mode: XDP_FLAGS_*; 0: whatever there is
 */
struct statement {
	char name[IF_NAMESIZE];
	uint32_t mode;
};

/**
 * struct syncing - a configuration, and what there is
 * @list: its statements
 * @n: how many
 * @room: how many fit
 * @devices: all of this namespace
 * @attached: what stays
 * @error: why something can't be detached
 */
struct syncing {
	struct statement *list;
	size_t n, room;
	struct devices devices;
	struct attached attached;
	struct error error;
};

static bool read_statements(struct syncing *syncing, struct error *error)
{
	char mode[16], name[IF_NAMESIZE], line[64];
	const struct keyword *found;

	while (fgets(line, sizeof(line), stdin)) {
		struct statement *statement;

		found = sscanf(line, "%15s %15s", mode, name) == 2 ? keyword_find(xdp_modes, mode) :
								     NULL;
		if (!found)
			return error_set(error, NULL, "a line that isn't MODE NAME");
		if (syncing->n == syncing->room) {
			syncing->room = syncing->room ? 2 * syncing->room : 16;
			syncing->list = memory_get(syncing->list, syncing->room, sizeof(*syncing->list));
		}
		statement = &syncing->list[syncing->n++];
		strcpy(statement->name, name);
		statement->mode = found->value;
	}
	return true;
}

/* The last that means a device; a pattern means no more than it can be for. Return: 0: none. */
static size_t statement_for(const struct syncing *syncing, const struct device *device)
{
	size_t i;

	for (i = syncing->n; i; i--) {
		const char *name = syncing->list[i - 1].name;

		if (name_matches(name, device->name) && (device->ethernet || !name_is_pattern(name)))
			break;
	}
	return i;
}

/* Keeps what is as it should be, and takes the rest away, with what is gone. */
static bool sync_link(struct link *link, void *data)
{
	struct syncing *syncing = data;
	const struct device *device = link->mode ? devices_find(&syncing->devices, link->device) :
						   NULL;
	size_t number = device ? statement_for(syncing, device) : 0;
	uint32_t mode = number ? syncing->list[number - 1].mode : 0;

	if (link->mode && !device)
		return true;
	/* In another namespace */
	if (!link->mode && link->device)
		return true;
	if (number && (!mode || mode == link->mode))
		return collect_link(link, &syncing->attached);
	if (!link_detach(link, &syncing->error) && device)
		printf("%zu %s: %s\n", number, device->name, syncing->error.text);
	syncing->error = (struct error) { .text = "" };
	return true;
}

static void note_absent(const struct syncing *syncing)
{
	size_t i, j;

	for (i = 0; i < syncing->n; i++) {
		if (name_is_pattern(syncing->list[i].name))
			continue;
		for (j = 0; j < syncing->devices.n &&
		     strcmp(syncing->list[i].name, syncing->devices.list[j].name); j++)
			;
		if (j == syncing->devices.n)
			printf("%zu no interface has this name yet\n", i + 1);
	}
}

static bool sync_all(struct error *error)
{
	struct syncing syncing = { .n = 0 };
	size_t i, number;

	if (!read_statements(&syncing, error) || !link_lock(error) ||
	    !devices_read(&syncing.devices, error) || !link_each(sync_link, &syncing, error))
		return false;
	for (i = 0; i < syncing.devices.n; i++) {
		const struct device *device = &syncing.devices.list[i];

		number = statement_for(&syncing, device);
		if (!number || find_link(&syncing.attached, device->index))
			continue;
		if (!link_attach(device->name, device->index, syncing.list[number - 1].mode,
				 &syncing.error))
			printf("%zu %s\n", number, syncing.error.text);
		syncing.error = (struct error) { .text = "" };
	}
	note_absent(&syncing);
	link_done();
	return true;
}

/* What goes wrong is for the caller to say. */
static void sync_or_say(void)
{
	struct error error = { .text = "" };

	if (!sync_all(&error))
		printf("0 %s\n", error.text);
}

int main(int argc, char **argv)
{
	struct out out = { .file = stdout };
	struct error error = { .text = "" };
	const struct keyword *mode;
	bool good = true;

	if (argc > 1 && !strcmp(argv[1], "-j")) {
		out.json = true;
		argc--;
		argv++;
	}
	libbpf_set_print(NULL);
	dispatcher_quiet();
	mode = keyword_find(xdp_modes, argc == 4 ? argv[3] : "auto");
	if (argc == 2 && !strcmp(argv[1], "show"))
		good = show(&out, &error);
	else if (argc == 2 && !strcmp(argv[1], "list"))
		/* 'show' goes on without it. */
		return !list(&error) || !out_flush(&out);
	else if (argc == 2 && !strcmp(argv[1], "sync"))
		sync_or_say();
	else if (argc == 3 && !strcmp(argv[1], "detach"))
		good = detach(argv[2], &error);
	else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "attach") && mode)
		good = attach(argv[2], mode->value, &error);
	else
		good = error_set(&error, NULL, "usage: icmpguard-xdp [-j] attach NAME [MODE], detach NAME|all, or show");
	if (good && !out_flush(&out))
		good = error_set(&error, NULL, "the output can't be written");
	if (!good)
		fprintf(stderr, "icmpguardctl: %s\n", error.text);
	return !good;
}
