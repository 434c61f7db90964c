// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failing allocations. Each command is repeated with its first allocation
 * failing, then its second, until none is left to fail; then with all of them
 * failing after a number of bytes. Afterwards the configuration and counters are
 * either as before or as the command makes them, and nothing in between. Leaks
 * are found by kmemleak.
 *
 * Needs CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC. Loading is tested where the
 * module isn't loaded and ICMPGUARD_KO names its file. FAULTS_ALL=1 includes the
 * allocations that the kernel makes before it calls the module; Linux 6.1 warns
 * when its own allocation for a tracepoint fails.
 */
#define _GNU_SOURCE
#include "netlink_fixture.h"
#include "tun.h"
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGE	"/sys/kernel/debug/fail_page_alloc/"
#define STATE_ROOM	16384

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

/* Sleeping allocations fail too, without a message. */
static bool can_inject(void)
{
	if (access("/proc/self/fail-nth", W_OK) || access(FAILSLAB "verbose", W_OK))
		return false;
	return !write_text(FAILSLAB "verbose", "0") && !write_text(FAIL_PAGE "verbose", "0") &&
	       !write_text(FAILSLAB "ignore-gfp-wait", "N") &&
	       !write_text(FAIL_PAGE "ignore-gfp-wait", "N") &&
	       !write_text(FAIL_PAGE "ignore-gfp-highmem", "N") &&
	       !write_text(FAIL_PAGE "min-order", "0") &&
	       !write_text(FAILSLAB "task-filter", "Y") &&
	       !write_text(FAILSLAB "times", "-1") && !write_text(FAILSLAB "interval", "1") &&
	       !write_text("/dev/kmsg", "icmpguard selftests: faults are injected from here on");
}

/* The n-th allocation of this thread fails from here on, until left() */
static int fail_nth(long n)
{
	char path[64], text[24];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/fail-nth", syscall(SYS_gettid));
	fd = open(path, O_RDWR | O_CLOEXEC);
	snprintf(text, sizeof(text), "%ld", n);
	if (fd >= 0 && write(fd, text, strlen(text)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* How many allocations were missing until the n-th; 0: it was made, and it failed */
static long left(int fd)
{
	char text[24] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 0 || pwrite(fd, "0", 1, 0) < 0)
		abort();
	close(fd);
	return atol(text);
}

/* Opened before: nothing can be opened while everything fails. */
static int probability = -1, space, make_it_fail;

static bool open_knobs(void)
{
	if (probability >= 0)
		return true;
	probability = open(FAILSLAB "probability", O_WRONLY | O_CLOEXEC);
	space = open(FAILSLAB "space", O_WRONLY | O_CLOEXEC);
	make_it_fail = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	return probability >= 0 && space >= 0 && make_it_fail >= 0;
}

static void turn(int knob, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	if (write(knob, text, strlen(text)) < 0)
		abort();
}

/* All of this process's slab allocations fail after this number of bytes. */
static void fail_from(long bytes)
{
	turn(space, bytes);
	turn(make_it_fail, 1);
	turn(probability, 100);
}

static void fail_no_more(void)
{
	turn(probability, 0);
	turn(make_it_fail, 0);
	turn(space, 0);
}

static void read_file(const char *name, char *text)
{
	char path[64];
	ssize_t got;
	size_t all = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/net/icmpguard/%s", name);
	*text = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (all < STATE_ROOM - 1 && (got = read(fd, text + all, STATE_ROOM - 1 - all)) > 0)
		all += got;
	text[all] = 0;
	close(fd);
}

/* Configuration and counters */
struct state {
	char config[STATE_ROOM];
	char stats[STATE_ROOM];
	char types[STATE_ROOM];
};

static void take(struct state *state)
{
	read_file("config", state->config);
	read_file("stats", state->stats);
	read_file("types", state->types);
}

static bool same(const struct state *a, const struct state *b)
{
	return !strcmp(a->config, b->config) && !strcmp(a->stats, b->stats) &&
	       !strcmp(a->types, b->types);
}

/* A request, as one row of a table */
struct request {
	const char *name;
	void (*make)(struct message *m, int family);
	int error;	/* that it gets when nothing fails */
};

static void make_get(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK);
}

static void make_set(struct message *m, int family)
{
	set(m, family);
	put_u32(m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 99);
	put_type_limit(m, 3, 1, 9);
}

static void make_off(struct message *m, int family)
{
	set(m, family);
	put_u32(m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
}

static void make_table(struct message *m, int family)
{
	set(m, family);
	put_u32(m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 4096);
}

/* A configuration with every attribute, from the defaults */
static void make_all(struct message *m, int family)
{
	unsigned char address[16] = { 10 };
	struct nlattr *nest;
	int i;

	set(m, family);
	put(m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_u32(m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_MONITOR);
	put_u32(m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 2048);
	put_u32(m, ICMPGUARD_A_CONFIG_SCOPE, ICMPGUARD_SCOPE_LOCAL);
	put_step(m, ICMPGUARD_PROTO_ICMP, 32, 1);
	put_step(m, ICMPGUARD_PROTO_ICMP, 24, 4);
	nest = begin(m, ICMPGUARD_A_CONFIG_INTERFACE);
	put(m, ICMPGUARD_A_INTERFACE_NAME, "lo", 3);
	put_u32(m, ICMPGUARD_A_INTERFACE_MODE, ICMPGUARD_MODE_MONITOR);
	end(m, nest);
	put_type_limit(m, 2, 60, 4);
	nest = begin_type(m, 3, ICMPGUARD_ACTION_DROP);
	put_u32(m, ICMPGUARD_A_TYPE_CODE, 7);
	end(m, nest);
	for (i = 0; i < 40; i++) {
		address[1] = i * 3;
		nest = begin_rule(m, address, i % 2 ? 4 : 16, 24);
		put_u32(m, ICMPGUARD_A_RULE_ACTION, i % 3 ? ICMPGUARD_RULE_BLOCK :
			ICMPGUARD_RULE_EXEMPT);
		put(m, ICMPGUARD_A_RULE_COMMENT, "customer", 9);
		end(m, nest);
	}
}

static void make_refused(struct message *m, int family)
{
	struct nlattr *type;

	make_set(m, family);
	type = begin(m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(m, ICMPGUARD_A_TYPE_NUMBER, 77);
	put_u32(m, ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_DROP);
	end(m, type);
}

static void make_types(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_TYPE_GET, NLM_F_DUMP);
}

static void make_rules(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_RULE_GET, NLM_F_DUMP);
}

static void make_stats(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_STATS_GET, NLM_F_ACK);
}

static void make_reset(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_STATS_RESET, NLM_F_ACK);
}

static void make_source(struct message *m, int family)
{
	static const unsigned char address[4] = { 10, 99, 0, 2 };

	start(m, family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	put(m, ICMPGUARD_A_SOURCE_ADDRESS, address, sizeof(address));
}

static void make_sources(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_DUMP);
}

static void make_flush(struct message *m, int family, __u32 what)
{
	start(m, family, ICMPGUARD_CMD_FLUSH, NLM_F_ACK);
	put_u32(m, ICMPGUARD_A_FLUSH_WHAT, what);
}

static void make_flush_sources(struct message *m, int family)
{
	make_flush(m, family, ICMPGUARD_FLUSH_SOURCES);
}

static void make_flush_rules(struct message *m, int family)
{
	make_flush(m, family, ICMPGUARD_FLUSH_RULES);
}

static void make_flush_all(struct message *m, int family)
{
	make_flush(m, family, ICMPGUARD_FLUSH_SOURCES | ICMPGUARD_FLUSH_RULES |
		   ICMPGUARD_FLUSH_STATS | ICMPGUARD_FLUSH_CONFIG);
}

static const struct request requests[] = {
	{ "CONFIG_GET", make_get, 0 },
	{ "CONFIG_SET", make_set, 0 },
	{ "CONFIG_SET: another table", make_table, 0 },
	{ "CONFIG_SET: everything", make_all, 0 },
	{ "CONFIG_SET: off", make_off, 0 },
	{ "CONFIG_SET: refused", make_refused, -ENOENT },
	{ "TYPE_GET", make_types, 0 },
	{ "RULE_GET", make_rules, 0 },
	{ "STATS_GET", make_stats, 0 },
	{ "STATS_RESET", make_reset, 0 },
	{ "SOURCE_GET", make_source, 0 },
	{ "SOURCE_GET: all", make_sources, 0 },
	{ "FLUSH: sources", make_flush_sources, 0 },
	{ "FLUSH: rules", make_flush_rules, 0 },
	{ "FLUSH: all", make_flush_all, 0 },
};

/* The state before each request: a rule, a limited source, counters that aren't zero */
static int prepare(int family, int tun)
{
	static const unsigned char exempt[4] = { 10, 1 };
	struct message m;
	struct answer answer;
	struct nlattr *rule;
	struct echo echo;
	int fd = open_socket(), i, err;
	size_t len;

	set(&m, family);
	put(&m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_u32(&m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE);
	put_u32(&m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 1234);
	put_u32(&m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 1024);
	put_type_limit(&m, 7, 86400, 3);
	rule = begin_rule(&m, exempt, 4, 16);
	put_u32(&m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&m, rule);
	err = talk(fd, &m, &answer) ?: answer.error;
	if (!err) {
		make_flush(&m, family, ICMPGUARD_FLUSH_SOURCES | ICMPGUARD_FLUSH_STATS);
		err = talk(fd, &m, &answer) ?: answer.error;
	}
	close(fd);
	len = make_echo(&echo, ICMP_ECHO, 0x0a630002, 56, 1, false);
	for (i = 0; !err && i < 5; i++)
		if (write(tun, &echo, len) != len)
			err = -errno;
	return err;
}

/* Return: the command's result; -ENOBUFS also where its answer was lost. */
static int ask(const struct request *request, int family, int fd, struct answer *answer)
{
	struct message m;
	int err;

	request->make(&m, family);
	err = talk(fd, &m, answer);
	return err ?: answer->error;
}

struct outcome {
	unsigned int failed, survived;
};

/*
 * After a fault: unchanged if the command was refused, changed if it succeeded,
 * one of the two if the answer was lost.
 */
static bool is_whole(int err, int expected, const struct state *before, const struct state *after,
		     struct state *now, struct outcome *outcome)
{
	take(now);
	if (err == expected) {
		outcome->survived++;
		return same(now, after);
	}
	outcome->failed++;
	if (err == -ENOBUFS || err == -EAGAIN)
		return same(now, before) || same(now, after);
	return same(now, before);
}

static struct state before, after, now;

static void report(struct __test_metadata *_metadata, const struct request *request, long n,
		   const char *how, int err)
{
	const char *text = now.config, *wanted = after.config;

	if (!strcmp(now.config, before.config) || !strcmp(now.config, after.config))
		text = now.stats, wanted = before.stats;
	TH_LOG("%s, %s %ld: error %d, but the state is neither:\n%s\nbut:\n%s", request->name,
	       how, n, err, wanted, text);
}

/* FIXTURE(netlink) runs each test in a namespace of its own. */
TEST_F_TIMEOUT(netlink, commands, 1800)
{
	struct outcome total = {};
	const struct request *request;
	int tun = open_tun("tun0");

	if (self->family < 0 || !can_inject())
		SKIP(return, "icmpguard isn't loaded, or this kernel can't make allocations fail");
	ASSERT_LE(0, tun);
	ASSERT_TRUE(open_knobs());
	for (request = requests; request < requests + sizeof(requests) / sizeof(requests[0]);
	     request++) {
		struct outcome outcome = {};
		long n, bytes, whole = 0;
		int fd, nth, err;

		ASSERT_EQ(0, prepare(self->family, tun));
		take(&before);
		fd = open_socket();
		ASSERT_EQ(request->error, ask(request, self->family, fd, &self->answer));
		close(fd);
		take(&after);
		for (n = 1;; n++) {
			ASSERT_EQ(0, prepare(self->family, tun));
			fd = open_socket();
			nth = fail_nth(n);
			ASSERT_LE(0, nth);
			err = ask(request, self->family, fd, &self->answer);
			if (left(nth)) {
				EXPECT_EQ(request->error, err);
				close(fd);
				break;
			}
			EXPECT_TRUE(is_whole(err, request->error, &before, &after, &now,
					     &outcome))
				report(_metadata, request, n, "allocation", err);
			close(fd);
		}
		/* Complete twice in a row: nothing is left to fail. */
		for (bytes = 0; whole < 2 && bytes < 4 << 20; bytes += bytes / 32 + 96) {
			ASSERT_EQ(0, prepare(self->family, tun));
			fd = open_socket();
			fail_from(bytes);
			err = ask(request, self->family, fd, &self->answer);
			fail_no_more();
			whole = err == request->error ? whole + 1 : 0;
			EXPECT_TRUE(is_whole(err, request->error, &before, &after, &now,
					     &outcome))
				report(_metadata, request, bytes, "bytes", err);
			close(fd);
		}
		EXPECT_LE(2, whole);
		/* A request is a message, at least. */
		EXPECT_LE(2, outcome.failed);
		TH_LOG("%s: %ld allocations; %u times refused, %u times done nevertheless",
		       request->name, n - 1, outcome.failed, outcome.survived);
		total.failed += outcome.failed;
		total.survived += outcome.survived;
	}
	TH_LOG("%u cases", total.failed + total.survived);
	close(tun);
}

/* A namespace's first configuration takes effect completely or not at all. */
TEST_F_TIMEOUT(netlink, first_configuration, 600)
{
	struct outcome outcome = {};
	int fd, nth, err;
	long n;

	if (self->family < 0 || !can_inject())
		SKIP(return, "icmpguard isn't loaded, or this kernel can't make allocations fail");
	for (n = 1;; n++) {
		struct message m;

		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		take(&before);
		fd = open_socket();
		set(&m, self->family);
		put_u32(&m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE);
		nth = fail_nth(n);
		ASSERT_LE(0, nth);
		err = talk(fd, &m, &self->answer) ?: self->answer.error;
		if (left(nth)) {
			EXPECT_EQ(0, err);
			break;
		}
		take(&now);
		if (err) {
			outcome.failed++;
			EXPECT_TRUE(err == -ENOBUFS || same(&before, &now))
				TH_LOG("allocation %ld: %s", n, now.config);
			/* The command can be repeated. */
			close(fd);
			fd = open_socket();
			EXPECT_EQ(0, talk(fd, &m, &self->answer) ?: self->answer.error);
		} else {
			outcome.survived++;
		}
		take(&now);
		EXPECT_NE(NULL, strstr(now.config, "mode enforce\n"));
		close(fd);
	}
	close(fd);
	EXPECT_LE(4, outcome.failed);
	TH_LOG("%ld cases: %u times refused, %u times done nevertheless", n - 1, outcome.failed,
	       outcome.survived);
}

/* Creating a namespace fails, or it has its files. */
TEST_F_TIMEOUT(netlink, namespaces, 1800)
{
	unsigned int failed = 0, survived = 0;
	int home, nth, err;
	char initial[ROOM], text[ROOM];
	long n;

	if (self->family < 0 || !can_inject())
		SKIP(return, "icmpguard isn't loaded, or this kernel can't make allocations fail");
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, home);
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_LT(100, show(initial, sizeof(initial)));
	ASSERT_EQ(0, setns(home, CLONE_NEWNET));
	for (n = 1;; n++) {
		nth = fail_nth(n);
		ASSERT_LE(0, nth);
		err = unshare(CLONE_NEWNET) ? -errno : 0;
		if (left(nth)) {
			EXPECT_EQ(0, err);
			break;
		}
		EXPECT_LT(0, show(text, sizeof(text)));
		if (err) {
			failed++;
			/* Still in the old namespace */
			EXPECT_STREQ(self->before, text);
			continue;
		}
		survived++;
		EXPECT_STREQ(initial, text);
		ASSERT_EQ(0, setns(home, CLONE_NEWNET));
	}
	EXPECT_LE(50, failed);
	TH_LOG("%ld cases: %u times refused, %u times done nevertheless", n - 1, failed, survived);
}

FIXTURE(loading)
{
	int file;
};

FIXTURE_SETUP(loading)
{
	const char *path = getenv("ICMPGUARD_KO");

	self->file = -1;
	if (geteuid())
		SKIP(return, "needs root");
	if (!access("/sys/module/icmpguard", F_OK))
		SKIP(return, "icmpguard is loaded");
	if (!path)
		SKIP(return, "ICMPGUARD_KO isn't set");
	if (!can_inject())
		SKIP(return, "this kernel can't make allocations fail");
	self->file = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->file);
}

FIXTURE_TEARDOWN(loading)
{
	if (self->file >= 0)
		close(self->file);
}

static int load(int file, const char *parameters)
{
	return syscall(SYS_finit_module, file, parameters, 0) ? -errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "icmpguard", O_NONBLOCK) ? -errno : 0;
}

/* How many allocations are made until a wrong parameter is seen, or in all */
static long allocations(int file, const char *parameters, int *err)
{
	const long many = 1000000;
	int nth = fail_nth(many);

	*err = load(file, parameters);
	return many - left(nth);
}

/* If an allocation fails while it is loaded, it isn't loaded, and can be later. */
TEST_F_TIMEOUT(loading, insmod, 3600)
{
	unsigned int failed = 0, survived = 0;
	long n, first, most;
	int nth, err;

	if (self->file < 0)
		SKIP(return, "icmpguard is loaded, or this kernel can't make allocations fail");
	/* Once without failures, so that modules it depends on are loaded. */
	ASSERT_EQ(0, load(self->file, ""));
	ASSERT_EQ(0, unload());
	most = allocations(self->file, "", &err);
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, unload());
	first = allocations(self->file, "new_netns=nonsense", &err);
	ASSERT_EQ(-EINVAL, err);
	ASSERT_LT(first, most);
	TH_LOG("%ld allocations, %ld of them the module's", most, most - first);
	for (n = getenv("FAULTS_ALL") ? 1 : first - 9;; n++) {
		nth = fail_nth(n);
		ASSERT_LE(0, nth);
		err = load(self->file, "new_netns=monitor");
		if (left(nth)) {
			EXPECT_EQ(0, err);
			break;
		}
		if (err) {
			failed++;
			EXPECT_NE(0, access("/sys/module/icmpguard", F_OK));
			EXPECT_NE(0, access("/proc/net/icmpguard", F_OK));
		} else {
			survived++;
			EXPECT_EQ(0, access("/proc/net/icmpguard/sources", F_OK));
			EXPECT_EQ(0, unload());
		}
	}
	EXPECT_EQ(0, unload());
	EXPECT_LE(5, failed);
	TH_LOG("%u cases: %u times refused, %u times loaded nevertheless", failed + survived,
	       failed, survived);
}

TEST_HARNESS_MAIN
