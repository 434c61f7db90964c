// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole tool: any command line, any file, and a kernel that answers
 * anything. It ends with the status its manual page names; a failure is one
 * line on stderr; what it prints has no control characters in it, and is JSON
 * where that was asked for.
 *
 * A case is: how many arguments, each ending with a NUL; then the contents of the file
 * that is opened; then the kernel's answers: packets, each
 * a length in one byte or, from 255 on, two more, and messages, see message().
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../selftests/fuzz/fuzz.h"

#define ARGUMENTS	12
#define FAMILY		29
#define WARNING		"icmpguardctl: warning: "
#define SOCKET		((struct mnl_socket *)&kernel)

#define main tool_main
#include "main.c"
#undef main

static struct input kernel;
static uint32_t sequence;
static bool resolving;

/* The machine, as far as the tool can see it */

int __wrap_open(const char *path, int flags, ...)
{
	int fd;

	(void)flags;
	/* A namespace that can't be entered, or a file */
	if (strstr(path, "netns") || !*path) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("file", 0);
	PROMISE(write(fd, kernel.at, kernel.left) == (ssize_t)kernel.left && !lseek(fd, 0, SEEK_SET),
		"no room for a file");
	return fd;
}

int __wrap_setns(int fd, int type)
{
	(void)fd;
	(void)type;
	errno = EPERM;
	return -1;
}

/* Neither a terminal nor a journal, and sleeps return at once. */
int __wrap_isatty(int fd)
{
	(void)fd;
	return 0;
}

int __wrap_socket(int family, int type, int protocol)
{
	(void)family;
	(void)type;
	(void)protocol;
	errno = EACCES;
	return -1;
}

int __wrap_usleep(useconds_t microseconds)
{
	(void)microseconds;
	return 0;
}

/* Nothing is loaded into this machine's kernel. */
int __wrap_posix_spawnp(pid_t *child, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const arguments[],
			char *const environment[])
{
	(void)child;
	(void)file;
	(void)actions;
	(void)attributes;
	(void)arguments;
	(void)environment;
	return ENOENT;
}

ssize_t __real_read(int fd, void *bytes, size_t room);

/* Of several files the first is the standard input's too. */
ssize_t __wrap_read(int fd, void *bytes, size_t room)
{
	if (fd != STDIN_FILENO)
		return __real_read(fd, bytes, room);
	room = room < kernel.left ? room : kernel.left;
	memcpy(bytes, kernel.at, room);
	kernel.at += room;
	kernel.left -= room;
	return room;
}

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return SOCKET;
}

int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *value,
				 socklen_t length)
{
	(void)socket;
	(void)type;
	(void)value;
	(void)length;
	return 0;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket)
{
	(void)socket;
	return -1;
}

int __wrap_mnl_socket_close(struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *bytes, size_t length)
{
	const struct nlmsghdr *header = bytes;
	char *copy = malloc(length);

	(void)socket;
	/* All of it must be readable. */
	memcpy(copy, bytes, length);
	free(copy);
	PROMISE(header->nlmsg_len == length, "%zu bytes of %u are sent", length, header->nlmsg_len);
	sequence = header->nlmsg_seq;
	resolving = header->nlmsg_type == GENL_ID_CTRL;
	return length;
}

static size_t take_length(struct input *input)
{
	size_t length = take(input);

	if (length == 255)
		length = take16(input);
	return length < input->left ? length : input->left;
}

/*
 * A byte says what a message has of a right one: its lowest bits the type (the
 * family's, DONE, an error, whatever the case says), 0x04 its length and 0x08
 * its number; the rest is as it comes.
 */
static size_t message(struct input *input, char *room, size_t left)
{
	struct nlmsghdr *header = (void *)room;
	uint8_t what = take(input);
	size_t length = take_length(input);

	if (left < NLMSG_HDRLEN)
		return left;
	length = length < left - NLMSG_HDRLEN ? length : left - NLMSG_HDRLEN;
	header->nlmsg_flags = take16(input);
	switch (what & 3) {
	case 0:
		header->nlmsg_type = FAMILY;
		break;
	case 1:
		header->nlmsg_type = NLMSG_DONE;
		break;
	case 2:
		header->nlmsg_type = NLMSG_ERROR;
		break;
	default:
		header->nlmsg_type = take16(input);
	}
	header->nlmsg_seq = what & 8 ? take32(input) : sequence;
	header->nlmsg_len = what & 4 ? take32(input) : NLMSG_HDRLEN + length;
	length = length < input->left ? length : input->left;
	memcpy(room + NLMSG_HDRLEN, input->at, length);
	input->at += length;
	input->left -= length;
	length = NLMSG_HDRLEN + NLMSG_ALIGN(length);
	return length < left ? length : left;
}

/* The controller's answer, unless the case has its own */
static ssize_t resolve(char *room)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(room);

	header->nlmsg_type = GENL_ID_CTRL;
	header->nlmsg_seq = sequence;
	mnl_nlmsg_put_extra_header(header, sizeof(struct genlmsghdr));
	mnl_attr_put_u16(header, CTRL_ATTR_FAMILY_ID, FAMILY);
	header = mnl_nlmsg_put_header(room + NLMSG_ALIGN(header->nlmsg_len));
	header->nlmsg_type = NLMSG_ERROR;
	header->nlmsg_seq = sequence;
	header->nlmsg_len += sizeof(struct nlmsgerr);
	memset(mnl_nlmsg_get_payload(header), 0, sizeof(struct nlmsgerr));
	return (char *)header + header->nlmsg_len - room;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *bytes, size_t room)
{
	char own[65536] __attribute__((aligned(8))) = "";
	struct input packet;
	size_t length = 0;

	(void)socket;
	PROMISE(room <= sizeof(own), "%zu bytes of room", room);
	if (resolving && !(kernel.left && *kernel.at == 255)) {
		resolving = false;
		return resolve(bytes);
	}
	if (resolving)
		take(&kernel);
	resolving = false;
	if (!kernel.left) {
		errno = ECONNRESET;
		return -1;
	}
	packet = kernel;
	packet.left = take_length(&kernel);
	packet.at = kernel.at;
	kernel.at += packet.left;
	kernel.left -= packet.left;
	while (packet.left && length < room)
		length += message(&packet, own + length, room - length);
	memcpy(bytes, own, length);
	return length;
}

/* The output */

static const char *json_value(const char *at, unsigned int depth);

static const char *json_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at && *at != '"'; at++)
		if ((unsigned char)*at < ' ' || (*at == '\\' && !*++at))
			return NULL;
	return *at ? at + 1 : NULL;
}

static const char *json_list(const char *at, unsigned int depth, bool object)
{
	char end = object ? '}' : ']';

	if (*++at == end)
		return at + 1;
	for (;; at++) {
		if (object) {
			at = json_string(at);
			if (!at || *at++ != ':')
				return NULL;
		}
		at = json_value(at, depth + 1);
		if (!at)
			return NULL;
		if (*at == end)
			return at + 1;
		if (*at != ',')
			return NULL;
	}
}

/* Return: the end of the value; NULL if there is none. */
static const char *json_value(const char *at, unsigned int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	if (depth > 32)
		return NULL;
	for (i = 0; i < 3; i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return at + strlen(words[i]);
	switch (*at) {
	case '{':
	case '[':
		return json_list(at, depth, *at == '{');
	case '"':
		return json_string(at);
	default:
		i = strspn(at, "0123456789");
		return i ? at + i : NULL;
	}
}

static void look_at(const char *out, size_t out_length, const char *err, size_t err_length,
		    int status, bool json)
{
	size_t i;

	PROMISE(status >= 0 && status <= 2, "status %d", status);
	/* A suspicious setting is applied with a warning. */
	PROMISE(!status == !err_length || (!status && !strncmp(err, WARNING, strlen(WARNING))),
		"status %d, and on stderr '%s'", status, err);
	PROMISE(!memchr(out, 0, out_length) && !memchr(err, 0, err_length), "a NUL in the output");
	for (i = 0; i < out_length; i++)
		PROMISE((unsigned char)out[i] >= ' ' || out[i] == '\n', "0x%02x in: %s", out[i], out);
	for (i = 0; i + 1 < err_length; i++)
		PROMISE((unsigned char)err[i] >= ' ' || (!status && err[i] == '\n'),
			"0x%02x in: %s", err[i], err);
	PROMISE(!err_length || err[err_length - 1] == '\n', "no end of line: %s", err);
	PROMISE(!strncmp(err, "icmpguardctl: ", 14) || !err_length, "without the tool's name: %s", err);
	if (!json || status)
		return;
	for (i = 0; i < out_length; i++) {
		const char *end = json_value(out + i, 0);

		PROMISE(end && *end == '\n', "no JSON: %s", out);
		i = end - out;
	}
}

static bool is_json(char **argv)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "-j") || !strcmp(*argv, "--json"))
			return true;
		else if (**argv != '-')
			return false;
	return false;
}

/* Help is text even with --json, also by an abbreviated option */
static bool is_text(int argc, char **argv)
{
	static const char *const words[] = { "help", "--h", "metrics", "import" };
	size_t i;
	int a;

	for (a = 1; a < argc; a++) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!strncmp(argv[a], words[i], strlen(words[i])))
				return true;
		if (argv[a][0] == '-' && argv[a][1] != '-' && strchr(argv[a], 'h'))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	FILE *real_stdout = stdout, *real_stderr = stderr;
	char *argv[ARGUMENTS + 2] = { "icmpguardctl" };
	char *out = NULL, *err = NULL;
	size_t out_length, err_length;
	int argc, i, status;
	bool json;

	argc = 1 + take(&input) % (ARGUMENTS + 1);
	for (i = 1; i < argc; i++) {
		argv[i] = strndup((const char *)input.at, input.left);
		length = strlen(argv[i]) + (strlen(argv[i]) < input.left);
		input.at += length;
		input.left -= length;
	}
	kernel = input;
	sequence = 0;
	resolving = false;
	optind = 0;
	json = is_json(argv + 1) && !is_text(argc, argv);
	stdout = open_memstream(&out, &out_length);
	stderr = open_memstream(&err, &err_length);
	status = tool_main(argc, argv);
	fclose(stdout);
	fclose(stderr);
	stdout = real_stdout;
	stderr = real_stderr;
	look_at(out, out_length, err, err_length, status, json);
	free(out);
	free(err);
	for (i = 1; i < argc; i++)
		free(argv[i]);
	return 0;
}
