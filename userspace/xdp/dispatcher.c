// SPDX-License-Identifier: GPL-2.0-only
/*
 * libxdp's dispatcher: a program that calls those that share a device, one after the
 * other. libxdp makes a new one whenever one joins or leaves, and keeps what it needs for
 * that in /sys/fs/bpf/xdp.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>
#include "dispatcher.h"
#include "pins.h"
#include "query.h"

#define DISPATCHERS	BPFFS "/xdp"

/* program.bpf.c, compiled */
asm(".pushsection .rodata\n"
	".balign 8\n"
	"dispatcher_object: .incbin \"xdp/program.bpf.o\"\n"
	"dispatcher_object_end:\n"
	".popsection\n");

static int print_nothing(enum libxdp_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/**
 * dispatcher_quiet() - have libxdp print nothing
 */
void dispatcher_quiet(void)
{
	libxdp_set_print(print_nothing);
}

static int attach_in(unsigned int device, enum xdp_attach_mode mode)
{
	struct bpf_object *object = bpf_object__open_mem(dispatcher_object,
							 dispatcher_object_end - dispatcher_object, NULL);
	DECLARE_LIBXDP_OPTS(xdp_program_opts, options, .obj = object, .prog_name = "icmpguard");
	struct xdp_program *program;
	int fd;

	if (!object)
		return -errno;
	program = xdp_program__create(&options);
	if (program) {
		fd = xdp_program__attach(program, device, mode, 0);
		if (!fd)
			fd = fcntl(xdp_program__fd(program), F_DUPFD_CLOEXEC, 3);
		xdp_program__close(program);
	} else {
		fd = -errno;
	}
	bpf_object__close(object);
	return fd;
}

/**
 * dispatcher_attach() - attach the program beside others
 * @device: where, in this namespace
 * @mode: XDP_FLAGS_*; 0: that of the others, or whatever there is
 *
 * Return: the program's descriptor; -errno.
 */
int dispatcher_attach(unsigned int device, uint32_t mode)
{
	uint32_t other, others;
	int fd;

	if (!mode && query_program(device, &other, &others))
		mode = others;
	if (mode)
		return attach_in(device, mode == XDP_FLAGS_SKB_MODE ? XDP_MODE_SKB :
								      XDP_MODE_NATIVE);
	fd = attach_in(device, XDP_MODE_NATIVE);
	return fd == -EOPNOTSUPP || fd == -EINVAL ? attach_in(device, XDP_MODE_SKB) : fd;
}

static bool runs_at(unsigned int device, uint32_t program, uint32_t *mode)
{
	struct xdp_program *each = NULL;
	struct xdp_multiprog *all;
	uint32_t other;
	bool found = false;

	if (!query_program(device, &other, mode))
		return false;
	all = xdp_multiprog__get_from_ifindex(device);
	if (!all || libxdp_get_error(all))
		return other == program;
	if (xdp_multiprog__is_legacy(all))
		found = other == program;
	else
		while (!found && (each = xdp_multiprog__next_prog(each, all)))
			found = xdp_program__id(each) == program;
	xdp_multiprog__close(all);
	return found;
}

/**
 * dispatcher_find() - find where a program runs, in this namespace
 * @program: its number
 * @device: filled in
 * @mode: filled in, XDP_FLAGS_*
 *
 * Return: whether it runs here.
 */
bool dispatcher_find(uint32_t program, unsigned int *device, uint32_t *mode)
{
	struct if_nameindex *all = if_nameindex(), *each;
	bool found = false;

	for (each = all; each && each->if_index && !found; each++) {
		found = runs_at(each->if_index, program, mode);
		*device = each->if_index;
	}
	if (all)
		if_freenameindex(all);
	return found;
}

/* Return: 0; -errno; 1: it isn't here. */
static int detach_here(uint32_t id)
{
	struct xdp_program *program;
	unsigned int device;
	uint32_t mode;
	int err;

	if (!dispatcher_find(id, &device, &mode))
		return 1;
	program = xdp_program__from_id(id);
	if (!program || libxdp_get_error(program))
		return -errno;
	err = xdp_program__detach(program, device, XDP_MODE_UNSPEC, 0);
	xdp_program__close(program);
	return err;
}

static int detach_in(const char *namespace, uint32_t id)
{
	int fd = open(namespace, O_RDONLY | O_CLOEXEC), result = 1;

	if (fd < 0)
		return 1;
	if (!setns(fd, CLONE_NEWNET))
		result = detach_here(id);
	close(fd);
	return result;
}

/* Those with a name, and those of processes. Return: as detach_here(). */
static int detach_below(const char *directory, const char *file, uint32_t id)
{
	DIR *open = opendir(directory);
	struct dirent *entry;
	char path[PATH_MAX + NAME_MAX];
	int result = 1;

	while (open && result == 1 && (entry = readdir(open))) {
		if (*entry->d_name == '.' || (*file && (*entry->d_name < '0' || *entry->d_name > '9')))
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", directory, entry->d_name, file);
		result = detach_in(path, id);
	}
	if (open)
		closedir(open);
	return result;
}

/**
 * dispatcher_detach() - take a program out, and no other
 * @program: its number; it may run in another namespace
 *
 * Return: 0; -errno.
 */
int dispatcher_detach(uint32_t program)
{
	int result = detach_here(program), own;

	if (result != 1)
		return result;
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return -errno;
	result = detach_below("/run/netns", "", program);
	if (result == 1)
		result = detach_below("/proc", "/ns/net", program);
	/* Where this may not be left, it wasn't. */
	if (setns(own, CLONE_NEWNET) && errno != EPERM)
		result = -errno;
	close(own);
	if (result == 1)
		dispatcher_forget(program);
	return result == 1 ? 0 : result;
}

static bool is_program(const char *path, uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = bpf_obj_get(path);
	bool same;

	same = fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && info.id == id;
	if (fd >= 0)
		close(fd);
	return same;
}

static bool forget_in(const char *directory, uint32_t program)
{
	char path[PATH_MAX + 32];
	bool found = false;
	unsigned int i;

	/* As many as a dispatcher has */
	for (i = 0; i < 10; i++) {
		snprintf(path, sizeof(path), "%s/prog%u-prog", directory, i);
		if (!is_program(path, program))
			continue;
		found = true;
		unlink(path);
		snprintf(path, sizeof(path), "%s/prog%u-link", directory, i);
		unlink(path);
	}
	if (found)
		rmdir(directory);
	return found;
}

/**
 * dispatcher_forget() - end what is left of a program whose device is gone
 * @program: its number
 *
 * libxdp doesn't hear of devices that go, and keeps the program.
 * Return: whether there was something.
 */
bool dispatcher_forget(uint32_t program)
{
	DIR *directory = opendir(DISPATCHERS);
	struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;

	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, "dispatch-", 9))
			continue;
		snprintf(path, sizeof(path), DISPATCHERS "/%s", entry->d_name);
		found |= forget_in(path, program);
	}
	if (directory)
		closedir(directory);
	return found;
}
