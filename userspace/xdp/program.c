// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that asks the module, and counts by itself what it drops: the module's
 * counters are the network namespace's, this one is the device's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "program.h"

#define KFUNC	"icmpguard_xdp_refuses"
#define DROPS	"icmpguard_drops"

/* What the kernel says where a program calls what the JIT has to compile (ENOTSUPP) */
#define NOT_SUPPORTED	524

/**
 * program_fail() - say that the kernel refused something
 * @error: filled in
 * @what: what was refused
 * @err: errno
 *
 * Return: false.
 */
bool program_fail(struct error *error, const char *what, int err)
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

/* The function, which is looked for once. Return: whether there is one. */
static bool find_once(int *btf, int *function, struct error *error)
{
	static int found_btf = -1, found_function;

	if (found_btf < 0) {
		found_btf = open_btf();
		found_function = found_btf < 0 ? found_btf : find_function();
	}
	*btf = found_btf;
	*function = found_function;
	if (found_btf == -EPERM)
		return program_fail(error, "", EPERM);
	if (!module_is_loaded())
		return error_set(error, NULL, "the module isn't loaded; 'icmpguardctl load' loads it");
	return found_function >= 0 ||
	       error_set(error, NULL,
			 "the module can't be asked by XDP: it was built without the kernel's type information (BTF)");
}

/**
 * program_can_load() - look whether the module can be asked
 * @error: filled in otherwise
 *
 * Return: whether it can.
 */
bool program_can_load(struct error *error)
{
	int btf, function;

	return find_once(&btf, &function, error);
}

/**
 * program_fail_load() - say why no program that asks the module can be loaded
 * @error: filled in, where it is about that
 * @err: errno
 *
 * Return: whether it is.
 */
bool program_fail_load(struct error *error, int err)
{
	if (err == NOT_SUPPORTED)
		error_set(error, NULL, "the kernel has no compiler for BPF in use: 'sysctl net.core.bpf_jit_enable=1' has it compile");
	return err == NOT_SUPPORTED;
}

/**
 * program_load() - load a program, with a counter of its own
 * @error: filled in otherwise
 *
 * Return: a descriptor; -1.
 */
int program_load(struct error *error)
{
	struct bpf_insn program[] = {
		/* r0 = icmpguard_xdp_refuses(ctx): a frame that passes pays for no more */
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .off = 1 },
		{ .code = BPF_JMP32 | BPF_JNE | BPF_K, .off = 11, .imm = XDP_DROP },
		/* r0 = bpf_map_lookup_elem(drops, &(u32){ 0 }) */
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_MAP_FD },
		{ .code = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .off = 3 },
		/* ++*r0; return XDP_DROP */
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .src_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int btf, function, drops, fd;

	if (!find_once(&btf, &function, error))
		return -1;
	drops = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, DROPS, sizeof(uint32_t),
			       sizeof(uint64_t), 1, NULL);
	if (drops < 0)
		return program_fail(error, "the kernel refuses a counter", -drops), -1;
	program[0].imm = function;
	program[5].imm = drops;

	const int descriptors[] = { btf, btf };
	struct bpf_prog_load_opts options = {
		.sz = sizeof(options),
		.fd_array = descriptors,
		.prog_flags = BPF_F_XDP_HAS_FRAGS,
		.expected_attach_type = BPF_XDP,
	};
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, MODULE, "GPL", program,
			   sizeof(program) / sizeof(program[0]), &options);
	close(drops);
	if (fd < 0 && !program_fail_load(error, -fd))
		program_fail(error, "the kernel refuses the program", -fd);
	return fd;
}

/* Return: whether the map is a program's counter; then @sum is what it has. */
static bool read_counter(uint32_t id, uint64_t *sum)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info), key = 0;
	int processors = libbpf_num_possible_cpus(), i, fd = bpf_map_get_fd_by_id(id);
	uint64_t *each = processors > 0 ? calloc(processors, sizeof(*each)) : NULL;
	bool read;

	read = fd >= 0 && each && !bpf_obj_get_info_by_fd(fd, &info, &length) &&
	       info.type == BPF_MAP_TYPE_PERCPU_ARRAY && info.value_size == sizeof(*each) &&
	       !strcmp(info.name, DROPS) && !bpf_map_lookup_elem(fd, &key, each);
	*sum = 0;
	for (i = 0; read && i < processors; i++)
		*sum += each[i];
	if (fd >= 0)
		close(fd);
	free(each);
	return read;
}

/**
 * program_look() - what a program is called, and did
 * @id: its number
 * @state: filled in
 *
 * Return: whether it is there.
 */
bool program_look(uint32_t id, struct program_state *state)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info), maps[8], i;
	int fd = bpf_prog_get_fd_by_id(id);
	bool found;

	memset(state, 0, sizeof(*state));
	info.nr_map_ids = sizeof(maps) / sizeof(maps[0]);
	info.map_ids = (uintptr_t)maps;
	found = fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &length);
	if (fd >= 0)
		close(fd);
	if (!found)
		return false;
	snprintf(state->name, sizeof(state->name), "%s", info.name);
	state->run = info.run_cnt;
	for (i = 0; !state->counts && i < info.nr_map_ids && i < sizeof(maps) / sizeof(maps[0]); i++)
		state->counts = read_counter(maps[i], &state->dropped);
	return true;
}

/**
 * program_runs_counted() - whether the kernel counts how often programs run
 *
 * Return: whether kernel.bpf_stats_enabled is set.
 */
bool program_runs_counted(void)
{
	FILE *file = fopen("/proc/sys/kernel/bpf_stats_enabled", "r");
	int enabled = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &enabled) != 1)
		enabled = 0;
	fclose(file);
	return enabled;
}

/**
 * program_users() - how many hold the module, each program among them
 *
 * Return: 0 where it isn't loaded.
 */
unsigned int program_users(void)
{
	FILE *file = fopen("/sys/module/" MODULE "/refcnt", "r");
	unsigned int users = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &users) != 1)
		users = 0;
	fclose(file);
	return users;
}

/**
 * program_wait() - wait until programs have let go of the module
 * @users: how many are left then
 *
 * The kernel frees a program some time after nobody has it any more, and who detaches
 * goes on to unload the module. Others may come meanwhile: it ends after two seconds.
 */
void program_wait(unsigned int users)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };
	unsigned int tries;

	for (tries = 400; tries && program_users() > users; tries--)
		nanosleep(&pause, NULL);
}
