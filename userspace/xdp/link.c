// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that are attached, and stay when who attached them has ended.
 *
 * Built with libxdp, by its dispatcher, beside others; what is pinned is the program, as
 * p, its number, - and its namespace's. Else by a BPF link, which is pinned by its number.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "dispatcher.h"
#include "link.h"
#include "program.h"
#include "query.h"

/* Return: whether there is a file system for what has to stay. */
static bool has_bpffs(struct error *error)
{
	struct statfs fs;

	if (!statfs(BPFFS, &fs) && fs.f_type == BPF_FS_MAGIC)
		return true;
	return error_set(error, NULL, "no BPF file system: 'mount -t bpf none " BPFFS "' mounts it");
}

/**
 * link_lock() - be the only one who attaches and detaches, to the process's end
 * @error: filled in otherwise
 *
 * Return: whether it is.
 */
bool link_lock(struct error *error)
{
	int fd;

	if (!has_bpffs(error))
		return false;
	fd = open(BPFFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return program_fail(error, BPFFS, errno);
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return program_fail(error, BPFFS, errno);
	return true;
}

/* A number may be another device's in each namespace: what runs there decides. */
static uint32_t mode_here(const struct link *link)
{
	struct bpf_xdp_query_opts answer;

	if (!query_device(link->device, &answer))
		return 0;
	if (answer.drv_prog_id == link->program)
		return XDP_FLAGS_DRV_MODE;
	if (answer.skb_prog_id == link->program)
		return XDP_FLAGS_SKB_MODE;
	if (answer.prog_id != link->program)
		return 0;
	return answer.attach_mode == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

/* The network namespace's number */
static uint64_t namespace_here(void)
{
	struct stat status;

	return stat("/proc/self/ns/net", &status) ? 0 : status.st_ino;
}

/*
 * One that isn't where it was attached is gone with its device, or has moved: then it ends
 * too, when that namespace is next looked at.
 */
static bool find_shared(struct link *link, uint64_t namespace)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(link->fd, &info, &length))
		return false;
	link->program = info.id;
	if (!dispatcher_find(link->program, &link->device, &link->mode)) {
		link->device = namespace == namespace_here() ? 0 : LINK_ELSEWHERE;
		link->mode = 0;
	}
	return true;
}

static bool find_link(struct link *link)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(link->fd, &info, &length) || info.type != BPF_LINK_TYPE_XDP)
		return false;
	link->device = info.xdp.ifindex;
	link->program = info.prog_id;
	link->mode = mode_here(link);
	return true;
}

static bool open_link(struct link *link, const char *name)
{
	uint64_t namespace;

	snprintf(link->path, sizeof(link->path), PINS "/%s", name);
	link->fd = bpf_obj_get(link->path);
	if (link->fd < 0)
		return false;
	link->shared = sscanf(name, "p%*u-%" SCNu64, &namespace) == 1;
	if (link->shared ? find_shared(link, namespace) : find_link(link))
		return true;
	close(link->fd);
	return false;
}

/**
 * link_each() - go through what is pinned
 * @handle: called with each, until it says that it is enough
 * @data: handed to it
 * @error: filled in where it can't be seen
 *
 * Return: whether it can be seen; there may be nothing.
 */
bool link_each(link_handler *handle, void *data, struct error *error)
{
	DIR *directory = opendir(PINS);
	struct dirent *entry;
	bool more = true;

	if (!directory)
		return errno == ENOENT || program_fail(error, PINS, errno);
	while (more && (entry = readdir(directory))) {
		struct link link;

		if (*entry->d_name == '.' || !open_link(&link, entry->d_name))
			continue;
		more = handle(&link, data);
		close(link.fd);
	}
	closedir(directory);
	return true;
}

/**
 * link_detach() - detach what link_each() found
 * @link: what
 * @error: filled in otherwise
 *
 * Return: whether it is.
 */
bool link_detach(struct link *link, struct error *error)
{
	int err = link->shared ? -dispatcher_detach(link->program) :
		  bpf_link_detach(link->fd) ? errno : 0;

	if (err && err != ENOLINK && link->device)
		return program_fail(error, link->path, err);
	return !unlink(link->path) || program_fail(error, link->path, errno);
}

/**
 * link_done() - leave no directory where there is nothing in it
 */
void link_done(void)
{
	rmdir(PINS);
}

static bool fail_attach(struct error *error, const char *device, unsigned int number,
			uint32_t mode, int err)
{
	struct program_state state;
	uint32_t program, its;

	if ((err == EBUSY || err == EEXIST) && query_program(number, &program, &its)) {
		if (!program_look(program, &state) || !*state.name)
			snprintf(state.name, sizeof(state.name), "unnamed");
		return error_set(error, NULL, "%s has an XDP program already: %s, program %u",
				 device, state.name, program);
	}
	if (err == EOPNOTSUPP && mode == XDP_FLAGS_DRV_MODE)
		return error_set(error, NULL, "%s's driver has no XDP, so 'native' isn't to be had; 'generic' is",
				 device);
	return error_set(error, NULL, "%s refuses it: %s", device, strerror(err));
}

/* Return: the link's descriptor; -errno. */
static int create_link(int program, unsigned int device, uint32_t mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);
	int fd;

	if (mode)
		return bpf_link_create(program, device, BPF_XDP, &options);
	options.flags = XDP_FLAGS_DRV_MODE;
	fd = bpf_link_create(program, device, BPF_XDP, &options);
	if (fd != -EOPNOTSUPP && fd != -EINVAL)
		return fd;
	options.flags = XDP_FLAGS_SKB_MODE;
	return bpf_link_create(program, device, BPF_XDP, &options);
}

/* @fd: a link, or a program */
static bool pin(int fd, bool shared, struct error *error)
{
	union {
		struct bpf_link_info link;
		struct bpf_prog_info program;
	} info;
	uint32_t length = shared ? sizeof(info.program) : sizeof(info.link);
	char path[sizeof(PINS) + 48];

	memset(&info, 0, sizeof(info));
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return program_fail(error, PINS, errno);
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return program_fail(error, PINS, errno);
	if (shared)
		snprintf(path, sizeof(path), PINS "/p%u-%" PRIu64, info.program.id, namespace_here());
	else
		snprintf(path, sizeof(path), PINS "/%u", info.link.id);
	if (!bpf_obj_pin(fd, path))
		return true;
	program_fail(error, path, errno);
	if (shared)
		dispatcher_detach(info.program.id);
	return false;
}

/* Return: the descriptor of what keeps it attached; negative: @error says why not. */
static int attach_alone(const char *device, unsigned int number, uint32_t mode,
			struct error *error)
{
	int program = program_load(error), link;

	if (program < 0)
		return -1;
	link = create_link(program, number, mode);
	close(program);
	if (link < 0)
		fail_attach(error, device, number, mode, -link);
	return link;
}

static int attach_shared(const char *device, unsigned int number, uint32_t mode,
			 struct error *error)
{
	int program;

	if (!program_can_load(error))
		return -1;
	program = dispatcher_attach(number, mode);
	if (program < 0 && !program_fail_load(error, -program))
		fail_attach(error, device, number, mode, -program);
	return program;
}

/**
 * link_attach() - attach a program, for good
 * @device: the device's name
 * @number: its number in this namespace
 * @mode: XDP_FLAGS_*; 0: whatever there is
 * @error: filled in otherwise
 *
 * Return: whether it is.
 */
bool link_attach(const char *device, unsigned int number, uint32_t mode, struct error *error)
{
	int fd = DISPATCHER ? attach_shared(device, number, mode, error) :
			      attach_alone(device, number, mode, error);
	bool good;

	if (fd < 0)
		return false;
	good = pin(fd, DISPATCHER, error);
	close(fd);
	return good;
}
