// SPDX-License-Identifier: GPL-2.0-only
/*
 * Advice: why the module isn't loaded, and what to do next.
 *
 * modprobe reports an error number in words, and most of them have several causes. A few
 * files show which one it was.
 */
#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "advice.h"

#define MODULE	"icmpguard"
#define DEFRAG	"nf_defrag_ipv6"	/* the module needs it */

/* A path below the machine's root, formatted as by printf() */
__attribute__((format(printf, 3, 4)))
static const char *path_of(const struct machine *machine, char path[PATH_MAX],
			   const char *format, ...)
{
	int used = snprintf(path, PATH_MAX, "%s", machine->root);
	va_list args;

	va_start(args, format);
	vsnprintf(path + used, PATH_MAX - used, format, args);
	va_end(args);
	return path;
}

static bool exists(const struct machine *machine, const char *pattern)
{
	char path[PATH_MAX];
	glob_t found;
	bool any;

	any = !glob(path_of(machine, path, "%s", pattern), 0, NULL, &found);
	globfree(&found);
	return any;
}

/* One space for any white space, none in front: as modprobe and the kernel read lines */
static void squeeze(char *line)
{
	const char *from;
	char *to = line;

	for (from = line; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > line && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
}

/* Whether a line of a file that matches @pattern contains both @a and @b */
static bool has_line(const struct machine *machine, const char *pattern, const char *a,
		     const char *b)
{
	char path[PATH_MAX], line[4096];
	bool has = false;
	glob_t found;
	size_t i;

	if (glob(path_of(machine, path, "%s", pattern), 0, NULL, &found))
		found.gl_pathc = 0;
	for (i = 0; i < found.gl_pathc && !has; i++) {
		FILE *file = fopen(found.gl_pathv[i], "re");

		while (file && !has && fgets(line, sizeof(line), file)) {
			squeeze(line);
			has = *line != '#' && strstr(line, a) && strstr(line, b);
		}
		if (file)
			fclose(file);
	}
	globfree(&found);
	return has;
}

/* Whether the kernel has a module, as a file or built in */
static bool has_module(const struct machine *machine, const char *name)
{
	char pattern[PATH_MAX], file[64];

	snprintf(pattern, sizeof(pattern), "/lib/modules/%s/modules.[db]*[pn]", machine->release);
	snprintf(file, sizeof(file), "/%s.ko", name);
	return has_line(machine, pattern, file, "");
}

static bool has_service(const struct machine *machine)
{
	return exists(machine, "/run/systemd/system") &&
	       (exists(machine, "/usr/local/lib/systemd/system/icmpguard.service") ||
		exists(machine, "/lib/systemd/system/icmpguard.service") ||
		exists(machine, "/usr/lib/systemd/system/icmpguard.service") ||
		exists(machine, "/etc/systemd/system/icmpguard.service"));
}

/* "CAUSE: STEP", with @what for each % in it */
static void give(char text[ERROR_MAX], const char *what, const char *cause, const char *step)
{
	const char *from = cause;
	size_t used = 0;

	while (used < ERROR_MAX - 1) {
		int added = 1;

		if (!*from && step) {
			added = snprintf(text + used, ERROR_MAX - used, ": ");
			from = step;
			step = NULL;
		} else if (!*from) {
			break;
		} else if (*from++ == '%') {
			added = snprintf(text + used, ERROR_MAX - used, "%s", what);
		} else {
			text[used] = from[-1];
		}
		used += added;
	}
	text[used < ERROR_MAX ? used : ERROR_MAX - 1] = '\0';
}

/* This kernel has no file of the module. */
static void no_file(const struct machine *machine, char text[ERROR_MAX])
{
	const char *release = machine->release;
	char path[PATH_MAX];

	if (access(path_of(machine, path, "/lib/modules/%s", release), F_OK))
		give(text, release, "the running kernel's /lib/modules/% doesn't exist",
		     "reboot into an installed kernel (in a container: load it on the host)");
	else if (!exists(machine, "/usr/src/" MODULE "-*"))
		give(text, release, "it isn't installed for kernel %",
		     "run 'apt install icmpguard-dkms', or 'make install' in its source tree");
	else if (access(path_of(machine, path, "/lib/modules/%s/build/Makefile", release), F_OK))
		give(text, release,
		     "DKMS can't build it without the headers of kernel %",
		     "run 'apt install linux-headers-%'");
	else
		give(text, release, "DKMS hasn't built it for kernel %",
		     "run 'dkms autoinstall -k %', which reports why a build fails");
}

static void no_key(const struct machine *machine, const char *who, char text[ERROR_MAX])
{
	if (exists(machine, "/var/lib/dkms/mok.pub"))
		give(text, who, "% accepts only modules signed with a trusted key",
		     "enroll DKMS's key with 'mokutil --import /var/lib/dkms/mok.pub' and reboot");
	else
		give(text, who, "% accepts only modules signed with a trusted key",
		     "sign it (see Secure Boot in Documentation/install.rst)");
}

/* module_blacklist=NAME[,NAME...] among the kernel's words */
static bool is_blacklisted(const struct machine *machine)
{
	char path[PATH_MAX], line[4096], *rest = line, *word, *name;
	FILE *file = fopen(path_of(machine, path, "/proc/cmdline"), "re");
	bool is = false;

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		rest = NULL;
	fclose(file);
	while ((word = strsep(&rest, "\n ")))
		if (!strncmp(word, "module_blacklist=", 17))
			for (word += 17; (name = strsep(&word, ",")); )
				is |= !strcmp(name, MODULE);
	return is;
}

static void not_permitted(const struct machine *machine, char text[ERROR_MAX])
{
	if (is_blacklisted(machine))
		give(text, "", "module_blacklist= on the kernel command line blocks it",
		     "remove it there and reboot");
	else if (has_line(machine, "/proc/sys/kernel/modules_disabled", "1", ""))
		give(text, "", "kernel.modules_disabled is 1",
		     "no module can be loaded until the next boot");
	else if (has_line(machine, "/sys/kernel/security/lockdown", "[integrity]", "") ||
		 has_line(machine, "/sys/kernel/security/lockdown", "[confidentiality]", ""))
		no_key(machine, "the kernel is locked down (Secure Boot) and", text);
	else
		give(text, "", "permission denied", "this needs root (CAP_SYS_MODULE)");
}

static void no_symbol(const struct machine *machine, char text[ERROR_MAX])
{
	if (!has_module(machine, DEFRAG))
		give(text, DEFRAG, "it needs the module %, which this kernel doesn't have",
		     "install the rest of the kernel's modules, or a kernel with CONFIG_NF_CONNTRACK");
	else
		give(text, machine->release,
		     "it was built for a kernel other than %, or " DEFRAG " can't be loaded",
		     "'dmesg' shows which; 'dkms install --force' rebuilds it");
}

/* "install MODULE COMMAND" makes modprobe run a command instead. */
static bool is_barred(const struct machine *machine, char text[ERROR_MAX])
{
	static const char *const names[] = { MODULE, DEFRAG };
	static const char *const dirs[] = {
		"/etc/modprobe.d", "/run/modprobe.d", "/lib/modprobe.d", "/usr/lib/modprobe.d"
	};
	char line[64], files[64];
	size_t i, j;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(line, sizeof(line), "install %s ", names[i]);
		for (j = 0; j < sizeof(dirs) / sizeof(*dirs); j++) {
			snprintf(files, sizeof(files), "%s/*.conf", dirs[j]);
			if (!has_line(machine, files, line, ""))
				continue;
			snprintf(text, ERROR_MAX,
				 "a line 'install %s ...' in %s blocks it: remove that line",
				 names[i], dirs[j]);
			return true;
		}
	}
	return false;
}

/* modprobe's last line, without its prefix */
static void quote(const char *said, char text[ERROR_MAX])
{
	char line[200], *at;

	while (strchr(said, '\n') && strchr(said, '\n')[1])
		said = strchr(said, '\n') + 1;
	if (!strncmp(said, "modprobe: ", 10))
		said += 10;
	snprintf(line, sizeof(line), "%s", said);
	line[strcspn(line, "\n")] = '\0';
	for (at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = '?';
	give(text, *line ? line : "failed", "modprobe", "%; 'dmesg' may show more");
}

/**
 * advice_not_loaded() - what to do when the module isn't loaded
 * @machine: where to look
 * @error: filled in
 */
void advice_not_loaded(const struct machine *machine, struct error *error)
{
	char text[ERROR_MAX];

	if (!has_module(machine, MODULE))
		no_file(machine, text);
	else if (has_service(machine))
		give(text, "", "run 'systemctl start icmpguard'", NULL);
	else
		give(text, "", "run 'modprobe icmpguard'", NULL);
	error_set(error, NULL, "icmpguard isn't loaded: %.270s", text);
}

/**
 * advice_refused() - why the module can't be loaded, and what to do
 * @machine: where to look
 * @said: what modprobe wrote to standard error
 * @error: filled in
 */
void advice_refused(const struct machine *machine, const char *said, struct error *error)
{
	char text[ERROR_MAX];

	if (strstr(said, "install command") && is_barred(machine, text))
		;
	else if (strstr(said, "not found") && !has_module(machine, MODULE))
		no_file(machine, text);
	else if (strstr(said, "Key was rejected") || strstr(said, "Required key not available"))
		no_key(machine, "the kernel (Secure Boot)", text);
	else if (strstr(said, "Operation not permitted"))
		not_permitted(machine, text);
	else if (strstr(said, "Unknown symbol") || strstr(said, "Exec format error") ||
		 strstr(said, "not found"))
		no_symbol(machine, text);
	else if (strstr(said, "Invalid argument"))
		give(text, "", "a module parameter has an invalid value",
		     "'dmesg' names it; correct it in /etc/modprobe.d (see icmpguard(4))");
	else
		quote(said, text);
	error_set(error, NULL, "icmpguard can't be loaded: %.270s", text);
}
