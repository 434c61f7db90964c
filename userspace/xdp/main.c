// SPDX-License-Identifier: GPL-2.0-only
/*
 * What 'icmpguardctl xdp' runs: a program of its own, so that the tool doesn't need
 * libbpf. It attaches a program of two instructions, which asks the module, and pins
 * it: it stays when this one has ended.
 *
 * usage: icmpguard-xdp [-j] attach NAME [native|generic|auto]
 *        icmpguard-xdp [-j] detach NAME|all
 *        icmpguard-xdp [-j] show
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <net/if.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "names.h"
#include "out.h"
#include "words.h"

#define MODULE	"icmpguard"
#define KFUNC	"icmpguard_xdp_refuses"
#define BPFFS	"/sys/fs/bpf"
#define PINS	BPFFS "/icmpguard"

/* What the kernel says where a program calls what the JIT has to compile (ENOTSUPP) */
#define NOT_SUPPORTED	524

static bool fail(struct error *error, const char *what, int err)
{
	if (err == EPERM || err == EACCES)
		return error_set(error, NULL, "permission denied: this needs CAP_SYS_ADMIN and CAP_NET_ADMIN");
	return error_set(error, NULL, "%s: %s", what, strerror(err));
}

/* The module's BTF. Return: a descriptor; -errno. */
static int open_btf(void)
{
	struct bpf_btf_info info;
	uint32_t id = 0, length;
	char name[64];
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		memset(&info, 0, sizeof(info));
		memset(name, 0, sizeof(name));
		info.name = (uintptr_t)name;
		info.name_len = sizeof(name);
		length = sizeof(info);
		if (!bpf_obj_get_info_by_fd(fd, &info, &length) && info.kernel_btf &&
		    !strcmp(name, MODULE))
			return fd;
		close(fd);
	}
	return errno == ENOENT ? -ENOENT : -errno;
}

/* The number of the function among the types of the module and the kernel; negative: none */
static int find_function(void)
{
	struct btf *kernel = btf__load_vmlinux_btf(), *module;
	int id = -ENOENT;

	module = kernel ? btf__load_module_btf(MODULE, kernel) : NULL;
	if (module)
		id = btf__find_by_name_kind(module, KFUNC, BTF_KIND_FUNC);
	btf__free(module);
	btf__free(kernel);
	return id;
}

static bool module_is_loaded(void)
{
	return !access("/sys/module/" MODULE, F_OK);
}

/*
 * return icmpguard_xdp_refuses(ctx): the context is where the function wants it, and
 * its answer where the program's has to be.
 */
static int load_program(struct error *error)
{
	struct bpf_insn program[] = {
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .off = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int btf = open_btf(), function = btf < 0 ? btf : find_function(), fd, err;
	const int descriptors[] = { btf, btf };
	struct bpf_prog_load_opts options = {
		.sz = sizeof(options),
		.fd_array = descriptors,
		.prog_flags = BPF_F_XDP_HAS_FRAGS,
		.expected_attach_type = BPF_XDP,
	};

	if (btf == -EPERM)
		return fail(error, "", EPERM), -1;
	if (!module_is_loaded()) {
		error_set(error, NULL, "the module isn't loaded; 'icmpguardctl load' loads it");
		return -1;
	}
	if (function < 0) {
		if (btf >= 0)
			close(btf);
		error_set(error, NULL,
			  "the module can't be asked by XDP: it was built without the kernel's type information (BTF)");
		return -1;
	}
	program[0].imm = function;
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, MODULE, "GPL", program, 2, &options);
	err = -fd;
	close(btf);
	if (fd >= 0)
		return fd;
	if (err == NOT_SUPPORTED)
		error_set(error, NULL, "the kernel has no compiler for BPF in use: 'sysctl net.core.bpf_jit_enable=1' has it compile");
	else
		fail(error, "the kernel refuses the program", err);
	return -1;
}

/* Return: whether there is a directory for what has to stay. */
static bool make_directory(struct error *error)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) || fs.f_type != BPF_FS_MAGIC)
		return error_set(error, NULL, "no BPF file system: 'mount -t bpf none " BPFFS "' mounts it");
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return fail(error, PINS, errno);
	return true;
}

/**
 * struct link - a program that is attached, in this network namespace or elsewhere
 * @path: where it is pinned
 * @device: the device's number in its namespace; 0: it is gone
 * @program: the program's
 * @fd: the link
 */
struct link {
	char path[sizeof(PINS) + NAME_MAX + 2];
	unsigned int device;
	uint32_t program;
	int fd;
};

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
	return true;
}

/* What is attached to a device of this namespace */
static bool query(unsigned int device, struct bpf_xdp_query_opts *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->sz = sizeof(*answer);
	return device && !bpf_xdp_query(device, 0, answer);
}

static bool is_here(const struct link *link, struct bpf_xdp_query_opts *answer)
{
	return query(link->device, answer) &&
	       (answer->prog_id == link->program || answer->drv_prog_id == link->program ||
		answer->skb_prog_id == link->program);
}

static void name_program(uint32_t id, char *text, size_t size)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length) && *info.name)
		snprintf(text, size, "%s, ", info.name);
	if (fd >= 0)
		close(fd);
	snprintf(text + strlen(text), size - strlen(text), "program %u", id);
}

static bool fail_attach(struct error *error, const char *device, unsigned int number,
			const struct keyword *mode, int err)
{
	struct bpf_xdp_query_opts there;
	char name[64] = "";

	if ((err == EBUSY || err == EEXIST) && query(number, &there) && there.attach_mode) {
		name_program(there.prog_id ?: there.drv_prog_id ?: there.skb_prog_id, name,
			     sizeof(name));
		return error_set(error, NULL, "%s has an XDP program already: %s", device, name);
	}
	if (err == EOPNOTSUPP && mode->value == XDP_FLAGS_DRV_MODE) {
		error_set(error, NULL, "%s's driver has no XDP, so 'native' isn't to be had; 'generic' is",
			  device);
		return false;
	}
	return error_set(error, NULL, "%s refuses it: %s", device, strerror(err));
}

/* Return: the link's descriptor; -errno. */
static int create_link(int program, unsigned int device, const struct keyword *mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode->value);
	int fd;

	if (mode->value)
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
		return fail(error, "the link", errno);
	snprintf(path, sizeof(path), PINS "/%u", info.id);
	return !bpf_obj_pin(link, path) || fail(error, path, errno);
}

static bool attach(const char *device, const struct keyword *mode, struct error *error)
{
	unsigned int number = if_nametoindex(device);
	int program, link;
	bool good;

	if (!number)
		return error_set(error, NULL, "no such device '%s'", device);
	if (!make_directory(error))
		return false;
	program = load_program(error);
	if (program < 0)
		return false;
	link = create_link(program, number, mode);
	close(program);
	if (link < 0)
		return fail_attach(error, device, number, mode, -link);
	good = pin(link, error);
	close(link);
	return good;
}

typedef bool link_handler(struct link *link, void *data);

/* @directory: what is pinned; NULL: nothing. Return: whether it can be seen. */
static bool open_pins(DIR **directory, struct error *error)
{
	*directory = opendir(PINS);
	return *directory || errno == ENOENT || fail(error, PINS, errno);
}

/* Each link that is pinned, until @handle says that it is enough */
static void each_link(DIR *directory, link_handler *handle, void *data)
{
	struct dirent *entry;
	bool more = true;

	while (directory && more && (entry = readdir(directory))) {
		struct link link;

		if (*entry->d_name == '.' || !open_link(&link, entry->d_name))
			continue;
		more = handle(&link, data);
		close(link.fd);
	}
	if (directory)
		closedir(directory);
}

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
	struct bpf_xdp_query_opts answer;

	if (detaching->device &&
	    (link->device != detaching->device || !is_here(link, &answer)))
		return true;
	if (bpf_link_detach(link->fd) && errno != ENOLINK && link->device)
		return fail(detaching->error, link->path, errno);
	if (unlink(link->path))
		return fail(detaching->error, link->path, errno);
	detaching->done++;
	return !detaching->device;
}

static bool detach(const char *device, struct error *error)
{
	struct detaching detaching = { .error = error };
	DIR *directory;

	if (strcmp(device, "all")) {
		detaching.device = if_nametoindex(device);
		if (!detaching.device)
			return error_set(error, NULL, "no such device '%s'", device);
	}
	if (!open_pins(&directory, error))
		return false;
	each_link(directory, detach_link, &detaching);
	rmdir(PINS);
	if (*error->text)
		return false;
	return detaching.done || !detaching.device ||
	       error_set(error, NULL, "%s has none attached", device);
}

static bool show_link(struct link *link, void *data)
{
	struct bpf_xdp_query_opts answer;
	struct out *out = data;
	char name[IF_NAMESIZE];

	if (!is_here(link, &answer) || !if_indextoname(link->device, name))
		return true;
	out_object(out, NULL);
	out_string(out, "device", "%-15s", name);
	out_string(out, "mode", "  %-7s", keyword_name(xdp_modes, answer.attach_mode == XDP_ATTACHED_SKB ?
						     XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE));
	out_number(out, "program", "  program %" PRIu64 "\n", link->program);
	out_object_end(out);
	return true;
}

static bool show(struct out *out, struct error *error)
{
	DIR *directory;

	if (!open_pins(&directory, error))
		return false;
	out_array(out, NULL);
	each_link(directory, show_link, out);
	out_array_end(out);
	return true;
}

int main(int argc, char **argv)
{
	struct out out = { .file = stdout };
	struct error error = { .line = 0 };
	const struct keyword *mode;
	bool good = false;

	if (argc > 1 && !strcmp(argv[1], "-j")) {
		out.json = true;
		argc--;
		argv++;
	}
	libbpf_set_print(NULL);
	mode = keyword_find(xdp_modes, argc == 4 ? argv[3] : "auto");
	if (argc == 2 && !strcmp(argv[1], "show"))
		good = show(&out, &error);
	else if (argc == 3 && !strcmp(argv[1], "detach"))
		good = detach(argv[2], &error);
	else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "attach") && mode)
		good = attach(argv[2], mode, &error);
	else
		error_set(&error, NULL, "usage: icmpguard-xdp [-j] attach NAME [MODE], detach NAME|all, or show");
	if (good && !out_flush(&out))
		good = error_set(&error, NULL, "the output can't be written");
	if (!good)
		fprintf(stderr, "icmpguardctl: %s\n", error.text);
	return !good;
}
