// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reported cause why the module isn't loaded, on simulated machines, one for each.
 */
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "advice.h"
#include "test.h"

#define RELEASE	"6.1.0-9-amd64"
#define DIR	"/lib/modules/" RELEASE

static char root[32] = "/tmp/icmpguard-advice.XXXXXX";

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Empty the machine. */
static void empty(void)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (mkdir(root, 0700))
		abort();
}

static void put(const char *name, const char *text)
{
	char path[PATH_MAX], *at;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (at = path + strlen(root) + 1; (at = strchr(at, '/')); *at++ = '/') {
		*at = '\0';
		mkdir(path, 0700);
	}
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
}

/* A machine without a problem, which loads the module */
static void whole(void)
{
	empty();
	put(DIR "/modules.dep", "kernel/net/ipv4/netfilter/nf_defrag_ipv4.ko.xz:\n"
	    "kernel/net/ipv6/netfilter/nf_defrag_ipv6.ko:\n"
	    "updates/dkms/icmpguard.ko: kernel/net/ipv6/netfilter/nf_defrag_ipv6.ko\n");
	put(DIR "/build/Makefile", "");
	put("/usr/src/icmpguard-0.1.0/dkms.conf", "");
	put("/proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet\n");
	put("/proc/sys/kernel/modules_disabled", "0\n");
	put("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
}

static void bare(void)
{
	whole();
	put(DIR "/modules.dep", "kernel/net/ipv4/netfilter/nf_defrag_ipv4.ko.xz:\n");
}

static void expect(const char *said, const char *text)
{
	const struct machine machine = { root, RELEASE };
	struct error error = { .text = "" };

	if (said)
		advice_refused(&machine, said, &error);
	else
		advice_not_loaded(&machine, &error);
	if (!strstr(error.text, text))
		fprintf(test_file, "# '%s' isn't in '%s'\n", text, error.text);
	test_result(strstr(error.text, text) && !strchr(error.text, '\n') &&
		    strlen(error.text) < 300, "%s: %.90s", said ? "can't be loaded" : "isn't", text);
}

#define INSERT	"modprobe: ERROR: could not insert 'icmpguard': "

static void not_loaded(void)
{
	whole();
	expect(NULL, "icmpguard isn't loaded: run 'modprobe icmpguard'");
	put("/lib/systemd/system/icmpguard.service", "");
	expect(NULL, "run 'modprobe icmpguard'");
	put("/run/systemd/system/x", "");
	expect(NULL, "run 'systemctl start icmpguard'");
	empty();
	expect(NULL, "reboot into an installed kernel");
	bare();
	expect(NULL, "'dkms autoinstall -k " RELEASE "'");
}

static void no_file(void)
{
	static const char said[] = "modprobe: FATAL: Module icmpguard not found in directory " DIR "\n";

	bare();
	expect(said, "'dkms autoinstall -k " RELEASE "'");
	empty();
	put(DIR "/modules.dep", "");
	expect(said, "'apt install icmpguard-dkms'");
	put("/usr/src/icmpguard-0.1.0/dkms.conf", "");
	expect(said, "'apt install linux-headers-" RELEASE "'");
	expect(NULL, "'apt install linux-headers-" RELEASE "'");
	empty();
	expect(said, "the running kernel's " DIR " doesn't exist");
}

static void refused(void)
{
	whole();
	expect(INSERT "Key was rejected by service\n", "sign it");
	expect(INSERT "Required key not available\n", "(Secure Boot) accepts only modules signed");
	put("/var/lib/dkms/mok.pub", "");
	expect(INSERT "Key was rejected by service\n", "'mokutil --import /var/lib/dkms/mok.pub'");
	expect(INSERT "Operation not permitted\n", "this needs root");
	put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	expect(INSERT "Operation not permitted\n", "locked down (Secure Boot)");
	put("/proc/sys/kernel/modules_disabled", "1\n");
	expect(INSERT "Operation not permitted\n", "kernel.modules_disabled is 1");
	put("/proc/cmdline", "BOOT_IMAGE=/icmpguard module_blacklist=foo,icmpguard_old\n");
	expect(INSERT "Operation not permitted\n", "kernel.modules_disabled is 1");
	put("/proc/cmdline", "quiet module_blacklist=foo,icmpguard\n");
	expect(INSERT "Operation not permitted\n", "module_blacklist=");
}

static void missing(void)
{
	static const char said[] = INSERT "Unknown symbol in module, or unknown parameter (see dmesg)\n";

	whole();
	expect(said, "dkms install --force");
	expect(INSERT "Exec format error\n", "built for a kernel other than " RELEASE);
	put(DIR "/modules.dep", "updates/dkms/icmpguard.ko:\n");
	expect(said, "nf_defrag_ipv6");
	expect("modprobe: FATAL: Module nf_defrag_ipv6 not found\n", "nf_defrag_ipv6");
	put(DIR "/modules.builtin", "kernel/net/ipv6/netfilter/nf_defrag_ipv6.ko\n");
	expect(said, "dkms install --force");
}

static void barred(void)
{
	static const char said[] =
		"modprobe: ERROR: command_do() Error running install command '/bin/false' for module icmpguard: retcode 1\n"
		INSERT "Invalid argument\n";

	whole();
	put("/etc/modprobe.d/local.conf", "# install icmpguard x\n");
	expect(said, "a module parameter has an invalid value");
	put("/etc/modprobe.d/local.conf", "blacklist x\ninstall icmpguard /bin/false\n");
	expect(said, "'install icmpguard ...' in /etc/modprobe.d blocks it");
	put("/etc/modprobe.d/local.conf", "\tinstall\ticmpguard  /bin/false\n");
	expect(said, "'install icmpguard ...' in /etc/modprobe.d blocks it");
	put("/etc/modprobe.d/local.conf", "");
	put("/usr/lib/modprobe.d/x.conf", "install nf_defrag_ipv6 /bin/false\n");
	expect(said, "'install nf_defrag_ipv6 ...' in /usr/lib/modprobe.d blocks it");
	expect(INSERT "Invalid argument\n", "a module parameter has an invalid value");
}

static void others(void)
{
	char said[2000];

	whole();
	expect(INSERT "Cannot allocate memory\n", "modprobe: ERROR: could not insert 'icmpguard': Cannot");
	expect("first\nsecond \033[1m\n", "modprobe: second ?[1m; 'dmesg'");
	expect("", "modprobe: failed; 'dmesg'");
	memset(said, 'x', sizeof(said));
	said[sizeof(said) - 1] = '\0';
	expect(said, "modprobe: xxxx");
}

int main(void)
{
	if (!mkdtemp(root))
		return 1;
	test_begin();
	not_loaded();
	no_file();
	refused();
	missing();
	barred();
	others();
	empty();
	rmdir(root);
	return test_end();
}
