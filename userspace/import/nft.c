// SPDX-License-Identifier: GPL-2.0-only
/*
 * nft's text: libnftables has no way from it to JSON but through the kernel. So it
 * is loaded into a network namespace of this process's own, which goes with it, and
 * listed from there. The machine's own rules are neither seen nor touched.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "import.h"
#include "memory.h"

/* What is searched at most for the line of a rule: bytes, and lines times bytes */
#define SEARCH_BYTES	65536
#define SEARCH_MAX	(4U << 20)

#define OWN_FILES	"/proc/self/fd/"

/* Interfaces of the machine, whose names a ruleset may need to be there */
static struct if_nameindex *interfaces;

/* Without it, it would be the machine's rules. */
static bool sandboxed;

static struct nft_ctx *new_context(void)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		abort();
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	return nft;
}

/**
 * nft_sandbox() - leave the machine's network
 * @error: why that isn't possible
 *
 * Return: whether there is a network of its own, with nf_tables in it.
 */
bool nft_sandbox(struct error *error)
{
	struct nft_ctx *nft;
	bool good;

	interfaces = if_nameindex();
	if (unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
		return error_set(error, NULL,
				 "it is read in a network namespace of its own, which can't be had (%s): be root, or import what 'nft -j list ruleset' prints",
				 strerror(errno));
	sandboxed = true;
	nft = new_context();
	good = !nft_run_cmd_from_buffer(nft, "add table ip icmpguard; delete table ip icmpguard");
	nft_ctx_free(nft);
	return good || error_set(error, NULL,
				 "this kernel has no nf_tables to read it with: import what 'nft -j list ruleset' prints");
}

/* "iif eth0" needs an eth0. A bridge is what takes one call to make. */
static bool add_interfaces(void)
{
	struct if_nameindex *each;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool some = false;

	for (each = interfaces; each && each->if_name; each++)
		if (!ioctl(fd, SIOCBRADDBR, each->if_name))
			some = true;
	close(fd);
	return some;
}

/*
 * "/proc/self/fd/5:7:3-33: Error: syntax error"; of a file that was included, first
 * "In file included from /proc/self/fd/5:1:1-20:". Quotes of the input follow it.
 */
static void take_error(const char *text, struct error *error)
{
	unsigned int line = 0, column = 0;
	const char *own, *at, *begin = text;
	size_t length;

	own = strstr(text, OWN_FILES);
	if (own && sscanf(own, OWN_FILES "%*d:%u:%u", &line, &column) != 2)
		line = column = 0;
	at = strstr(text, "Error: ");
	if (at && own == text)
		begin = at + strlen("Error: ");
	while (at && own && own != text && at > begin && at[-1] != '\n')
		at--;
	if (at && own && own != text)
		begin = at;
	length = strcspn(begin, "\n");
	if (length)
		error_set(error, NULL, "nft: %.*s", (int)length, begin);
	else
		error_set(error, NULL, "nft doesn't take it");
	error->line = line;
	error->column = column;
}

static json_t *list_rules(struct nft_ctx *nft, struct error *error)
{
	json_error_t wrong;
	json_t *root;

	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_HANDLE |
				 NFT_CTX_OUTPUT_NUMERIC_PROTO);
	if (nft_run_cmd_from_buffer(nft, "list ruleset")) {
		take_error(nft_ctx_get_error_buffer(nft), error);
		return NULL;
	}
	root = json_loads(nft_ctx_get_output_buffer(nft), 0, &wrong);
	if (!root)
		error_set(error, NULL, "libnftables wrote JSON that can't be read: %s", wrong.text);
	return root;
}

/* From a file: of a buffer libnftables wouldn't say the lines of what is wrong. */
static bool run_text(struct nft_ctx *nft, const char *text, struct error *error)
{
	int fd = memfd_create("ruleset", MFD_CLOEXEC);
	size_t length = strlen(text);
	char name[32];
	bool good;

	snprintf(name, sizeof(name), OWN_FILES "%d", fd);
	if (fd < 0 || write(fd, text, length) != (ssize_t)length) {
		error_set(error, NULL, "there is no memory for it");
		good = false;
	} else {
		good = !nft_run_cmd_from_filename(nft, name);
		if (!good)
			take_error(nft_ctx_get_error_buffer(nft), error);
	}
	close(fd);
	return good;
}

static json_t *load_once(const char *text, struct error *error)
{
	static bool used;
	struct nft_ctx *nft;
	json_t *root = NULL;

	if (!sandboxed)
		abort();
	nft = new_context();
	/* Whatever was read before goes; a new network has nothing in it. */
	if (used)
		nft_run_cmd_from_buffer(nft, "flush ruleset");
	used = true;
	if (run_text(nft, text, error))
		root = list_rules(nft, error);
	nft_ctx_free(nft);
	return root;
}

/**
 * nft_load() - read nft's text
 * @text: as nft -f takes it; nft_sandbox() was called
 * @error: what is wrong with it
 *
 * Return: the ruleset that it makes of nothing; NULL: none.
 */
json_t *nft_load(const char *text, struct error *error)
{
	json_t *root = load_once(text, error);

	if (root || !strstr(error->text, "nterface does not exist") || !add_interfaces())
		return root;
	memset(error, 0, sizeof(*error));
	return load_once(text, error);
}

#define CHAIN_MAX	4096	/* rules of a chain in which one is looked for */

/* Whether @without has the rules of @with but for @rule, which is the @at-th */
static bool lacks(const json_t **with, size_t n, const json_t **without, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i == at)
			continue;
		if (!json_equal(json_object_get(with[i], "expr"),
				json_object_get(without[i - (i > at)], "expr")))
			return false;
	}
	return true;
}

static bool is_without(const json_t *root, const json_t *rule, const char *text)
{
	static const json_t *with[CHAIN_MAX], *without[CHAIN_MAX];
	size_t n = import_chain_rules(root, rule, with, CHAIN_MAX), at;
	struct error error = { .text = "" };
	json_t *other = load_once(text, &error);
	bool found;

	for (at = 0; at < n && at < CHAIN_MAX && with[at] != rule; at++)
		;
	found = other && at < CHAIN_MAX && n <= CHAIN_MAX &&
		import_chain_rules(other, rule, without, CHAIN_MAX) == n - 1 &&
		lacks(with, n, without, at);
	json_decref(other);
	return found;
}

/**
 * nft_find_line() - find the line of a rule
 * @text: what was loaded
 * @root: what came of it
 * @rule: one of its rules
 *
 * The kernel doesn't know lines. The rule's is the one without which it isn't there.
 *
 * Return: the line; 0: it has none of its own, or it would take too long.
 */
unsigned int nft_find_line(const char *text, const json_t *root, const json_t *rule)
{
	size_t length = strlen(text), lines = 1, i;
	unsigned int line = 0;
	char *copy, *at, *end;

	for (i = 0; i < length; i++)
		lines += text[i] == '\n';
	if (length > SEARCH_BYTES || lines * length > SEARCH_MAX)
		return 0;
	copy = memory_get(NULL, length + 1, 1);
	for (at = copy, i = 1; i <= lines; i++, at = end + 1) {
		memcpy(copy, text, length + 1);
		end = at + strcspn(at, "\n");
		/* Blank lines and comments belong to no rule. */
		if (!at[strspn(at, " \t\n")] || at[strspn(at, " \t")] == '#' || at == end)
			continue;
		memset(at, ' ', end - at);
		if (is_without(root, rule, copy)) {
			line = i;
			break;
		}
	}
	free(copy);
	return line;
}
