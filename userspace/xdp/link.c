// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that are attached by a BPF link, which is pinned: it stays when who made it
 * has ended.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include "link.h"
#include "program.h"

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

/* What is attached to a device of this namespace */
static bool query(unsigned int device, struct bpf_xdp_query_opts *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->sz = sizeof(*answer);
	return device && !bpf_xdp_query(device, 0, answer);
}

/* A number may be another device's in each namespace: what runs there decides. */
static uint32_t mode_here(const struct link *link)
{
	struct bpf_xdp_query_opts answer;

	if (!query(link->device, &answer))
		return 0;
	if (answer.drv_prog_id == link->program)
		return XDP_FLAGS_DRV_MODE;
	if (answer.skb_prog_id == link->program)
		return XDP_FLAGS_SKB_MODE;
	if (answer.prog_id != link->program)
		return 0;
	return answer.attach_mode == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

static bool open_link(struct link *link, const char *name)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);

	snprintf(link->path, sizeof(link->path), PINS "/%s", name);
	link->fd = bpf_obj_get(link->path);
	if (link->fd < 0)
		return false;
	if (bpf_obj_get_info_by_fd(link->fd, &info, &length) || info.type != BPF_LINK_TYPE_XDP) {
		close(link->fd);
		return false;
	}
	link->device = info.xdp.ifindex;
	link->program = info.prog_id;
	link->mode = mode_here(link);
	return true;
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
	if (bpf_link_detach(link->fd) && errno != ENOLINK && link->device)
		return program_fail(error, link->path, errno);
	return !unlink(link->path) || program_fail(error, link->path, errno);
}

/**
 * link_done() - leave no directory where there is nothing in it
 */
void link_done(void)
{
	rmdir(PINS);
}

/**
 * link_other_program() - what runs at a device already
 * @device: its number in this namespace
 * @program: the program's number
 *
 * Return: whether something does.
 */
bool link_other_program(unsigned int device, uint32_t *program)
{
	struct bpf_xdp_query_opts there;

	if (!query(device, &there) || !there.attach_mode)
		return false;
	*program = there.prog_id ?: there.drv_prog_id ?: there.skb_prog_id;
	return true;
}

static bool fail_attach(struct error *error, const char *device, unsigned int number,
			uint32_t mode, int err)
{
	struct program_state state;
	uint32_t program;

	if ((err == EBUSY || err == EEXIST) && link_other_program(number, &program)) {
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

static bool pin(int link, struct error *error)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);
	char path[sizeof(PINS) + 16];

	if (bpf_obj_get_info_by_fd(link, &info, &length))
		return program_fail(error, "the link", errno);
	snprintf(path, sizeof(path), PINS "/%u", info.id);
	return !bpf_obj_pin(link, path) || program_fail(error, path, errno);
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
	int program, link;
	bool good;

	program = program_load(error);
	if (program < 0)
		return false;
	if (mkdir(PINS, 0700) && errno != EEXIST) {
		close(program);
		return program_fail(error, PINS, errno);
	}
	link = create_link(program, number, mode);
	close(program);
	if (link < 0)
		return fail_attach(error, device, number, mode, -link);
	good = pin(link, error);
	close(link);
	return good;
}
