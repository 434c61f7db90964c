// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which netlink requests each kind of user may make; and messages changed at
 * random, none of which may take effect if it was refused.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "netlink_fixture.h"

#define NOBODY		65534

/* Requests that need CAP_NET_ADMIN, in a process that hasn't got it */
static const struct {
	int command;
	int flags;
} privileged[] = {
	{ ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK },
	{ ICMPGUARD_CMD_STATS_RESET, NLM_F_ACK },
	{ ICMPGUARD_CMD_FLUSH, NLM_F_ACK },
	{ ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK },
	{ ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK | NLM_F_DUMP },
	{ ICMPGUARD_CMD_RULE_GET, NLM_F_ACK | NLM_F_DUMP },
};

/*
 * Return: 0 when every privileged request was refused with EPERM and every
 * unprivileged one was allowed; else which one wasn't.
 */
static int try_all(int family)
{
	static const char address[4];
	static struct message m;
	static struct answer answer;
	int fd = open_socket();
	unsigned int i;

	for (i = 0; i < sizeof(privileged) / sizeof(privileged[0]); i++) {
		start(&m, family, privileged[i].command, privileged[i].flags);
		switch (privileged[i].command) {
		case ICMPGUARD_CMD_CONFIG_SET:
			put_u32(&m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
			break;
		case ICMPGUARD_CMD_FLUSH:
			put_u32(&m, ICMPGUARD_A_FLUSH_WHAT, ICMPGUARD_FLUSH_CONFIG);
			break;
		case ICMPGUARD_CMD_SOURCE_GET:
			put(&m, ICMPGUARD_A_SOURCE_ADDRESS, address, sizeof(address));
			break;
		}
		if (talk(fd, &m, &answer) || answer.error != -EPERM)
			return 10 + i;
	}
	start(&m, family, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK);
	if (talk(fd, &m, &answer) || answer.error || answer.messages != 1)
		return 1;
	start(&m, family, ICMPGUARD_CMD_STATS_GET, NLM_F_ACK);
	if (talk(fd, &m, &answer) || answer.error || answer.messages != 1)
		return 2;
	start(&m, family, ICMPGUARD_CMD_TYPE_GET, NLM_F_DUMP);
	if (talk(fd, &m, &answer) || answer.error || answer.messages < 70)
		return 3;
	return 0;
}

static int child_says(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST_F(netlink, without_capability)
{
	pid_t child = fork();

	if (!child)
		_exit(setresuid(NOBODY, NOBODY, NOBODY) ? 100 : try_all(self->family));
	EXPECT_EQ(0, child_says(child));
	SAME();
}

/* Root of a user namespace has the capability, but not here. */
TEST_F(netlink, user_namespace)
{
	pid_t child = fork();
	int said;

	if (!child)
		_exit(unshare(CLONE_NEWUSER) ? 100 : try_all(self->family));
	said = child_says(child);
	if (said == 100)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, said);
	SAME();
}

TEST_F(netlink, user_and_network_namespace)
{
	pid_t child = fork();
	int said;

	if (!child)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) ? 100 : try_all(self->family));
	said = child_says(child);
	if (said == 100)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, said);
	SAME();
}

/* A socket opened by a privileged process doesn't bypass the check either. */
TEST_F(netlink, inherited_socket)
{
	pid_t child = fork();

	if (!child) {
		if (setresuid(NOBODY, NOBODY, NOBODY))
			_exit(100);
		set(&self->m, self->family);
		put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
		if (talk(self->fd, &self->m, &self->answer))
			_exit(1);
		_exit(self->answer.error == -EPERM ? 0 : 2);
	}
	EXPECT_EQ(0, child_says(child));
	SAME();
}

/*
 * Every request, and who may make it; Documentation/access.rst has the same
 * table. y: allowed; -: refused. By column: root; any user; a user
 * with CAP_NET_ADMIN; root of a user namespace, here; the same in a network
 * namespace of its own; root in a network namespace, without CAP_NET_ADMIN;
 * the same with it.
 */
enum { ROOT, USER, NET_ADMIN, USERNS, USERNS_NETNS, CONTAINER, CONTAINER_ADMIN, ROLES };

enum { OP, HASH, JOIN, PROC, PROC_RULES };

static const struct access {
	const char *what;
	const char allowed[ROLES + 1];
	int kind;
	int command;
	int flags;
} table[] = {
	{ "config-get",		"yyyyyyy", OP, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK },
	{ "config-get, its hash", "yyyyyyy", HASH, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK },
	{ "config-set",		"y-y---y", OP, ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK },
	{ "type-get",		"yyyyyyy", OP, ICMPGUARD_CMD_TYPE_GET, NLM_F_DUMP },
	{ "rule-get",		"y-y---y", OP, ICMPGUARD_CMD_RULE_GET, NLM_F_DUMP },
	{ "stats-get",		"yyyyyyy", OP, ICMPGUARD_CMD_STATS_GET, NLM_F_ACK },
	{ "stats-reset",	"y-y---y", OP, ICMPGUARD_CMD_STATS_RESET, NLM_F_ACK },
	{ "source-get",		"y-y---y", OP, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK },
	{ "source-get, all",	"y-y---y", OP, ICMPGUARD_CMD_SOURCE_GET, NLM_F_DUMP },
	{ "flush",		"y-y---y", OP, ICMPGUARD_CMD_FLUSH, NLM_F_ACK },
	{ "events, joining",	"y-y-y-y", JOIN, 0, 0 },
	{ "stats",		"yyyyyyy", PROC, 0, 0 },
	{ "types",		"yyyyyyy", PROC, 0, 0 },
	{ "config",		"yyyyyyy", PROC, 0, 0 },
	{ "config, its rules",	"y-y---y", PROC_RULES, 0, 0 },
	{ "sources",		"y-----y", PROC, 0, 0 },
};

#define ROWS	(sizeof(table) / sizeof(table[0]))

/* What each role may do, and whether the role could be taken at all */
static struct measured {
	bool taken[ROLES];
	bool allowed[ROWS][ROLES];
} *measured;

static bool set_caps(__u64 caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = caps, .permitted = caps, .inheritable = 0 },
		{ .effective = caps >> 32, .permitted = caps >> 32, .inheritable = 0 },
	};

	return !syscall(SYS_capset, &header, data);
}

/* What a container engine leaves its root: chown, dac_override, fowner and so on */
#define CONTAINER_CAPS	0xa80425fbULL

static bool take_role(int role)
{
	switch (role) {
	case ROOT:
		return true;
	case USER:
		return !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
		       !setresuid(NOBODY, NOBODY, NOBODY);
	case NET_ADMIN:
		return !prctl(PR_SET_KEEPCAPS, 1) && !setgroups(0, NULL) &&
		       !setresgid(NOBODY, NOBODY, NOBODY) &&
		       !setresuid(NOBODY, NOBODY, NOBODY) && set_caps(1ULL << CAP_NET_ADMIN);
	case USERNS:
		return !unshare(CLONE_NEWUSER);
	case USERNS_NETNS:
		return !unshare(CLONE_NEWUSER | CLONE_NEWNET);
	default:
		return false;
	}
}

static bool may_do(int fd, int family, const struct access *access)
{
	static const char address[4] = { 10 };
	static struct message m;
	static struct answer answer;

	start(&m, family, access->command, access->flags);
	switch (access->command) {
	case ICMPGUARD_CMD_CONFIG_SET:
		put_u32(&m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 1234);
		break;
	case ICMPGUARD_CMD_FLUSH:
		put_u32(&m, ICMPGUARD_A_FLUSH_WHAT, ICMPGUARD_FLUSH_STATS);
		break;
	case ICMPGUARD_CMD_SOURCE_GET:
		if (access->flags == NLM_F_ACK)
			put(&m, ICMPGUARD_A_SOURCE_ADDRESS, address, sizeof(address));
		break;
	}
	return !talk(fd, &m, &answer) && answer.error != -EPERM;
}

/* The hash covers the whole configuration, also for users who can't see all of it. */
static bool may_compare(int fd, int family)
{
	static struct message m;
	static struct answer answer;

	start(&m, family, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK);
	return !talk(fd, &m, &answer) && !answer.error &&
	       attr_of((void *)answer.first, ICMPGUARD_A_CONFIG_HASH) &&
	       attr_of((void *)answer.first, ICMPGUARD_A_CONFIG_RULES);
}

/* The number of the group of events */
static __u32 group_id(int fd)
{
	const struct nlattr *groups, *attr;
	static struct answer answer;
	static struct message m;

	start(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(&m, CTRL_ATTR_FAMILY_NAME, ICMPGUARD_FAMILY_NAME, sizeof(ICMPGUARD_FAMILY_NAME));
	if (talk(fd, &m, &answer) || answer.error)
		return 0;
	groups = attr_of((void *)answer.first, CTRL_ATTR_MCAST_GROUPS);
	if (!groups)
		return 0;
	/* A list of nests: the first is the only one. */
	attr = (const void *)((const char *)groups + NLA_HDRLEN);
	attr = find_attr((const char *)attr + NLA_HDRLEN, attr->nla_len - NLA_HDRLEN,
			 CTRL_ATTR_MCAST_GRP_ID);
	return get_u32(attr);
}

static bool may_join(int fd)
{
	__u32 group = group_id(fd);

	return group && !setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

static bool may_read(const struct access *access)
{
	char path[64], text[ROOM];
	ssize_t got, all = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/net/icmpguard/%.*s",
		 (int)strcspn(access->what, ","), access->what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((got = read(fd, text + all, sizeof(text) - 1 - all)) > 0)
		all += got;
	close(fd);
	text[all] = 0;
	if (access->kind == PROC_RULES)
		return strstr(text, "rule add 192.0.2.0/24 block");
	return all > 0;
}

static bool is_allowed(int fd, int family, const struct access *access)
{
	switch (access->kind) {
	case OP:
		return may_do(fd, family, access);
	case HASH:
		return may_compare(fd, family);
	case JOIN:
		return may_join(fd);
	default:
		return may_read(access);
	}
}

/* So that there is a rule to be seen: 192.0.2.0/24. Return: 0, or what is wrong. */
static int block(int fd, int family)
{
	static const char net[4] = { (char)192, 0, 2 };
	static struct message m;
	static struct answer answer;
	struct nlattr *rule;
	int error;

	set(&m, family);
	rule = begin_rule(&m, net, sizeof(net), 24);
	put_u32(&m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_BLOCK);
	end(&m, rule);
	error = talk(fd, &m, &answer);
	return error ? error : answer.error;
}

static void measure(int role, int family)
{
	int fd;
	size_t i;

	/* A container's is made before its root is. */
	if (role == CONTAINER || role == CONTAINER_ADMIN) {
		if (unshare(CLONE_NEWNET))
			return;
		fd = open_socket();
		if (block(fd, family))
			return;
		close(fd);
		measured->taken[role] = set_caps(CONTAINER_CAPS |
						 (role == CONTAINER_ADMIN) * (1ULL << CAP_NET_ADMIN));
	} else {
		measured->taken[role] = take_role(role);
	}
	for (i = 0; measured->taken[role] && i < ROWS; i++) {
		fd = open_socket();
		measured->allowed[i][role] = is_allowed(fd, family, &table[i]);
		close(fd);
	}
}

TEST_F(netlink, who_may_do_what)
{
	size_t i;
	int role;

	measured = mmap(NULL, sizeof(*measured), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	ASSERT_NE(MAP_FAILED, measured);
	ASSERT_EQ(0, block(self->fd, self->family));
	for (role = 0; role < ROLES; role++) {
		pid_t child = fork();

		if (!child) {
			measure(role, self->family);
			_exit(0);
		}
		ASSERT_EQ(0, child_says(child));
		/* User namespaces may be disabled. */
		if (role != USERNS && role != USERNS_NETNS)
			ASSERT_TRUE(measured->taken[role]) TH_LOG("role %d", role);
	}
	for (i = 0; i < ROWS; i++) {
		char allowed[ROLES + 1] = "";

		/* A kernel that can't restrict who listens to events has none. */
		if (table[i].kind == JOIN && !group_id(self->fd))
			continue;
		for (role = 0; role < ROLES; role++)
			allowed[role] = !measured->taken[role] ? table[i].allowed[role] :
					measured->allowed[i][role] ? 'y' : '-';
		EXPECT_STREQ(table[i].allowed, allowed) TH_LOG("%s", table[i].what);
	}
	munmap(measured, sizeof(*measured));
}

/* CAP_NET_ADMIN in effect, or not, of a process that has it */
static bool set_net_admin(bool on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	data[0].effective &= ~(1U << CAP_NET_ADMIN);
	data[0].effective |= (__u32)on << CAP_NET_ADMIN;
	return !syscall(SYS_capset, &header, data);
}

/*
 * Whether a file that is opened with or without the capability is read with or without
 * it, and has that in it. Return: 0: no; 1: yes; else it couldn't be tried.
 */
static int is_handed_on(const char *name, bool opener, bool reader, const char *what)
{
	char path[64], text[ROOM];
	ssize_t got, all = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/thread-self/net/icmpguard/%s", name);
	if (!set_net_admin(opener))
		return 100;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !set_net_admin(reader))
		return 101;
	while ((got = read(fd, text + all, sizeof(text) - 1 - all)) > 0)
		all += got;
	close(fd);
	text[all] = 0;
	return !!strstr(text, what);
}

/* A file that was opened without the right is no way around it for who has it read. */
TEST_F(netlink, inherited_file)
{
	static const struct {
		const char *name, *what;
	} files[] = {
		{ "config", "rule add 192.0.2.0/24 block" },
		{ "sources", "source protocol type" },
	};
	unsigned int i, way;

	ASSERT_EQ(0, block(self->fd, self->family));
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		for (way = 0; way < 4; way++) {
			bool opener = way & 1, reader = way & 2;
			pid_t child = fork();

			if (!child)
				_exit(is_handed_on(files[i].name, opener, reader, files[i].what));
			EXPECT_EQ(opener, child_says(child))
				TH_LOG("%s, opener %d, reader %d", files[i].name, opener, reader);
		}
	}
}

/*
 * Valid messages with some bytes changed: a refused one changes nothing, any
 * other counts as one change. A fixed seed makes every run the same.
 */
TEST_F(netlink, changed_at_random)
{
	unsigned int seed = 1, i, j, refused = 0;
	__u32 now = self->generation;

	for (i = 0; i < 3000; i++) {
		struct nlattr *type;
		__u32 then;

		set(&self->m, self->family);
		put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 1000);
		type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
		put_limit(&self->m, ICMPGUARD_A_TYPE_LIMIT, 10, 1, 20);
		end(&self->m, type);
		type = begin_rule(&self->m, "\x0a\0\0", 4, 8);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
		end(&self->m, type);
		put_step(&self->m, ICMPGUARD_PROTO_ICMPV6, 64, 1);
		for (j = 0; j < 1 + i % 3; j++) {
			unsigned int at = NLMSG_LENGTH(GENL_HDRLEN) + rand_r(&seed) %
				(self->m.header->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));

			self->m.room[at] = rand_r(&seed);
		}
		ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
		then = generation(self->fd, self->family);
		EXPECT_EQ(now + !self->answer.error, then)
			TH_LOG("message %u: %d '%s'", i, self->answer.error, self->answer.text);
		refused += !!self->answer.error;
		now = then;
	}
	EXPECT_LT(300, refused);
}

TEST_HARNESS_MAIN
