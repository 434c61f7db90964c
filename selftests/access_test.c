// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may say what over netlink; and messages changed at random, of which
 * none may do what it was refused.
 */
#define _GNU_SOURCE
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
 * Return: 0 when all was refused with EPERM, and what anybody may do was not;
 * else which wasn't.
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

/* Neither is a socket that somebody else opened a way around it. */
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
 * Valid messages with some octets changed: what is refused changes nothing,
 * what isn't counts as one change. The seed makes every run the same.
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
