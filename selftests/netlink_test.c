// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface, spoken to directly: what no tool would say is refused
 * with the reason and the attribute, and the running configuration stays.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#if __has_include(<linux/icmpguard.h>)
#include <linux/icmpguard.h>
#else
#include "icmpguard.h"
#endif
#if __has_include("../../kselftest_harness.h")
#include "../../kselftest_harness.h"
#else
#include "kselftest_harness.h"
#endif

#define ROOM		8192
#define NOBODY		65534

/* A message as it is made: attributes are appended, nests closed by end(). */
struct message {
	char room[ROOM];
	struct nlmsghdr *header;
};

/* What came back */
struct answer {
	int error;		/* 0 or negative, as in the acknowledgement */
	char text[256];		/* of the extack */
	unsigned int offset;	/* of the attribute it is about, 0: none */
	unsigned int messages;	/* other than acknowledgements */
	bool interrupted;	/* a dump that was */
	char first[ROOM];	/* the first of them, from the netlink header on */
};

static struct nlattr *put(struct message *m, int type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(m->room + NLMSG_ALIGN(m->header->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	m->header->nlmsg_len = NLMSG_ALIGN(m->header->nlmsg_len) + NLA_ALIGN(attr->nla_len);
	return attr;
}

static struct nlattr *put_u32(struct message *m, int type, __u32 value)
{
	return put(m, type, &value, sizeof(value));
}

static struct nlattr *begin(struct message *m, int type)
{
	return put(m, type | NLA_F_NESTED, NULL, 0);
}

static void end(struct message *m, struct nlattr *nest)
{
	nest->nla_len = m->room + m->header->nlmsg_len - (char *)nest;
}

static void start(struct message *m, int family, int command, int flags)
{
	struct genlmsghdr *genl;

	memset(m, 0, sizeof(*m));
	m->header = (void *)m->room;
	m->header->nlmsg_type = family;
	m->header->nlmsg_flags = NLM_F_REQUEST | flags;
	m->header->nlmsg_len = NLMSG_LENGTH(sizeof(*genl));
	genl = NLMSG_DATA(m->header);
	genl->cmd = command;
	genl->version = 1;
}

static void set(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK);
}

static void put_limit(struct message *m, int type, __u32 packets, __u32 period, __u32 burst)
{
	struct nlattr *nest = begin(m, type);

	put_u32(m, ICMPGUARD_A_LIMIT_PACKETS, packets);
	put_u32(m, ICMPGUARD_A_LIMIT_PERIOD, period);
	put_u32(m, ICMPGUARD_A_LIMIT_BURST, burst);
	end(m, nest);
}

/* A type nest with the action, open for more */
static struct nlattr *begin_type(struct message *m, __u32 number, __u32 action)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_TYPE);

	put_u32(m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(m, ICMPGUARD_A_TYPE_NUMBER, number);
	put_u32(m, ICMPGUARD_A_TYPE_ACTION, action);
	return nest;
}

static void put_type_limit(struct message *m, __u32 packets, __u32 period, __u32 burst)
{
	struct nlattr *type = begin_type(m, 8, ICMPGUARD_ACTION_LIMIT);

	put_limit(m, ICMPGUARD_A_TYPE_LIMIT, packets, period, burst);
	end(m, type);
}

static const struct nlattr *find_attr(const void *from, size_t len, int type)
{
	const char *at = from;

	while (len >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)at;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > len)
			break;
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		if (NLA_ALIGN(attr->nla_len) > len)
			break;
		at += NLA_ALIGN(attr->nla_len);
		len -= NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

static __u32 get_u32(const struct nlattr *attr)
{
	__u32 value = 0;

	if (attr)
		memcpy(&value, (const char *)attr + NLA_HDRLEN, sizeof(value));
	return value;
}

/* An attribute of a genetlink message */
static const struct nlattr *attr_of(const struct nlmsghdr *header, int type)
{
	return find_attr((const char *)NLMSG_DATA(header) + GENL_HDRLEN,
			 header->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN), type);
}

static int open_socket(void)
{
	struct timeval wait = { .tv_sec = 10 };
	int one = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

static void read_ack(const struct nlmsghdr *header, struct answer *answer)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);
	size_t at = NLMSG_LENGTH(sizeof(*error));
	const struct nlattr *attr;

	answer->error = error->error;
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		at += error->msg.nlmsg_len - sizeof(error->msg);
	at = NLMSG_ALIGN(at);
	attr = find_attr((const char *)header + at, header->nlmsg_len - at, NLMSGERR_ATTR_MSG);
	if (attr)
		snprintf(answer->text, sizeof(answer->text), "%.*s",
			 (int)(attr->nla_len - NLA_HDRLEN), (const char *)attr + NLA_HDRLEN);
	attr = find_attr((const char *)header + at, header->nlmsg_len - at, NLMSGERR_ATTR_OFFS);
	answer->offset = get_u32(attr);
}

/* Send a message as it is and read on to the end of the answer. */
static int talk(int fd, const struct message *m, struct answer *answer)
{
	bool dump = (m->header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	static char room[65536];

	memset(answer, 0, sizeof(*answer));
	if (send(fd, m->room, m->header->nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		const struct nlmsghdr *header = (void *)room;
		ssize_t got = recv(fd, room, sizeof(room), 0);

		if (got < 0)
			return -errno;
		for (; NLMSG_OK(header, (size_t)got); header = NLMSG_NEXT(header, got)) {
			answer->interrupted |= header->nlmsg_flags & NLM_F_DUMP_INTR;
			if (header->nlmsg_type == NLMSG_ERROR) {
				read_ack(header, answer);
				return 0;
			}
			if (header->nlmsg_type == NLMSG_DONE)
				return 0;
			if (!answer->messages++)
				memcpy(answer->first, header,
				       header->nlmsg_len < ROOM ? header->nlmsg_len : ROOM);
		}
		if (!dump && !(m->header->nlmsg_flags & NLM_F_ACK))
			return 0;
	}
}

static int resolve(int fd)
{
	struct message m;
	struct answer answer;
	const struct nlattr *attr;
	__u16 id;

	start(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(&m, CTRL_ATTR_FAMILY_NAME, ICMPGUARD_FAMILY_NAME, sizeof(ICMPGUARD_FAMILY_NAME));
	if (talk(fd, &m, &answer) || answer.error)
		return -1;
	attr = attr_of((void *)answer.first, CTRL_ATTR_FAMILY_ID);
	if (!attr)
		return -1;
	memcpy(&id, (const char *)attr + NLA_HDRLEN, sizeof(id));
	return id;
}

/* The configuration as /proc shows it */
static ssize_t show(char *text, size_t room)
{
	int fd = open("/proc/thread-self/net/icmpguard/config", O_RDONLY | O_CLOEXEC);
	ssize_t got, all = 0;

	if (fd < 0)
		return -1;
	while ((got = read(fd, text + all, room - 1 - all)) > 0)
		all += got;
	close(fd);
	text[all] = 0;
	return all;
}

static __u32 generation(int fd, int family)
{
	struct message m;
	struct answer answer;

	start(&m, family, ICMPGUARD_CMD_CONFIG_GET, 0);
	if (talk(fd, &m, &answer) || answer.error)
		return 0;
	return get_u32(attr_of((void *)answer.first, ICMPGUARD_A_CONFIG_GENERATION));
}

FIXTURE(netlink)
{
	int fd;
	int family;
	struct message m;
	struct answer answer;
	char before[ROOM];
	__u32 generation;
};

FIXTURE_SETUP(netlink)
{
	if (geteuid())
		SKIP(return, "needs root");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->fd = open_socket();
	ASSERT_LE(0, self->fd);
	self->family = resolve(self->fd);
	if (self->family < 0)
		SKIP(return, "icmpguard isn't loaded");
	/* Something of its own to keep */
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 1234);
	put_type_limit(&self->m, 7, 60, 3);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	ASSERT_EQ(0, self->answer.error) TH_LOG("%s", self->answer.text);
	ASSERT_LT(100, show(self->before, sizeof(self->before)));
	self->generation = generation(self->fd, self->family);
	ASSERT_NE(0, self->generation);
}

FIXTURE_TEARDOWN(netlink)
{
	close(self->fd);
}

/* Nothing has changed: neither what is shown nor how often it was changed. */
#define SAME() do {								\
	char after[ROOM];							\
										\
	EXPECT_LT(0, show(after, sizeof(after)));				\
	EXPECT_STREQ(self->before, after);					\
	EXPECT_EQ(self->generation, generation(self->fd, self->family));	\
} while (0)

/* The message is refused so, with a reason that has this in it. */
#define REFUSED(code, reason) do {						\
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));			\
	EXPECT_EQ(-(code), self->answer.error)					\
		TH_LOG("said: '%s'", self->answer.text);			\
	EXPECT_NE(NULL, strstr(self->answer.text, reason))			\
		TH_LOG("'%s' doesn't say '%s'", self->answer.text, reason);	\
	SAME();									\
} while (0)

/* And the attribute that is meant is this one. */
#define REFUSED_AT(code, reason, attr) do {					\
	unsigned int offset = (char *)(attr) - self->m.room;			\
										\
	REFUSED(code, reason);							\
	EXPECT_EQ(offset, self->answer.offset);					\
} while (0)

TEST_F(netlink, set_and_get)
{
	const struct nlmsghdr *first = (void *)self->answer.first;

	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_GET, 0);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	ASSERT_EQ(0, self->answer.error);
	EXPECT_EQ(ICMPGUARD_MODE_ENFORCE, get_u32(attr_of(first, ICMPGUARD_A_CONFIG_MODE)));
	EXPECT_EQ(1234, get_u32(attr_of(first, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE)));
	EXPECT_NE(NULL, attr_of(first, ICMPGUARD_A_CONFIG_VERSION));
	EXPECT_NE(NULL, strstr(self->before, "type icmp echo-request limit 7/minute burst 3\n"));
	SAME();
}

/* One message, all or nothing: the last attribute is wrong. */
TEST_F(netlink, all_or_nothing)
{
	struct nlattr *type, *number;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_MONITOR);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 99);
	end(&self->m, begin_type(&self->m, 0, ICMPGUARD_ACTION_DROP));
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	number = put_u32(&self->m, ICMPGUARD_A_TYPE_NUMBER, 77);
	put_u32(&self->m, ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_DROP);
	end(&self->m, type);
	REFUSED_AT(ENOENT, "number", number);
}

/* Beginning from the defaults makes no difference to that. */
TEST_F(netlink, all_or_nothing_replaced)
{
	set(&self->m, self->family);
	put(&self->m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_type_limit(&self->m, 0, 1, 5);
	REFUSED(EINVAL, "zero");
}

/* A message that ends before it says it does gets no answer at all. */
TEST_F(netlink, shorter_than_it_says)
{
	struct timeval wait = { .tv_usec = 200000 };
	unsigned int len;
	char byte;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (len = 1; len < self->m.header->nlmsg_len; len += 3) {
		ASSERT_EQ(len, send(self->fd, self->m.room, len, 0));
		EXPECT_GT(0, recv(self->fd, &byte, 1, 0));
	}
	SAME();
}

/* One that says it ends in the middle of an attribute */
TEST_F(netlink, truncated)
{
	unsigned int whole, len;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	whole = self->m.header->nlmsg_len;
	for (len = NLMSG_LENGTH(GENL_HDRLEN) + 1; len < whole; len++) {
		self->m.header->nlmsg_len = len;
		ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
		EXPECT_GT(0, self->answer.error) TH_LOG("%u of %u octets", len, whole);
		EXPECT_NE(0, strlen(self->answer.text)) TH_LOG("%u of %u octets", len, whole);
	}
	SAME();
}

/* Without a genetlink header */
TEST_F(netlink, no_header)
{
	set(&self->m, self->family);
	self->m.header->nlmsg_len = NLMSG_HDRLEN + 2;
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_EQ(-EINVAL, self->answer.error);
	SAME();
}

TEST_F(netlink, attribute_past_the_end)
{
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF)->nla_len = 200;
	REFUSED(EINVAL, "leftover");
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF)->nla_len = 3;
	REFUSED(EINVAL, "leftover");
}

/* Inside a nest */
TEST_F(netlink, nest_past_the_end)
{
	struct nlattr *type;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	put_u32(&self->m, ICMPGUARD_A_TYPE_MONITOR, 1)->nla_len = 60;
	end(&self->m, type);
	REFUSED(EINVAL, "leftover");
}

TEST_F(netlink, unknown_attribute)
{
	struct nlattr *attr;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	attr = put_u32(&self->m, ICMPGUARD_A_CONFIG_MAX + 1, 1);
	REFUSED_AT(EINVAL, "nknown", attr);
	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	attr = put_u32(&self->m, 0, 1);
	REFUSED(EINVAL, "");
}

TEST_F(netlink, unknown_attribute_in_nest)
{
	struct nlattr *type, *attr;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	attr = put_u32(&self->m, ICMPGUARD_A_TYPE_MAX + 1, 1);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "nknown", attr);
}

/* What only replies have isn't to be set. */
TEST_F(netlink, read_only_attribute)
{
	struct nlattr *type;

	set(&self->m, self->family);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_GENERATION, 1);
	REFUSED(EINVAL, "");
	set(&self->m, self->family);
	put(&self->m, ICMPGUARD_A_CONFIG_VERSION, "9", 2);
	REFUSED(EINVAL, "");
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	put(&self->m, ICMPGUARD_A_TYPE_NAME, "x", 2);
	end(&self->m, type);
	REFUSED(EINVAL, "");
}

TEST_F(netlink, wrong_size)
{
	static const char zeros[32];
	struct nlattr *attr;
	size_t len;

	for (len = 0; len <= 9; len++) {
		if (len == sizeof(__u32))
			continue;
		set(&self->m, self->family);
		attr = put(&self->m, ICMPGUARD_A_CONFIG_MODE, zeros, len);
		REFUSED_AT(EINVAL, "length", attr);
	}
	set(&self->m, self->family);
	attr = put(&self->m, ICMPGUARD_A_CONFIG_REPLACE, zeros, 4);
	REFUSED_AT(ERANGE, "policy", attr);
}

TEST_F(netlink, wrong_type)
{
	struct nlattr *attr;

	/* A number where a nest belongs */
	set(&self->m, self->family);
	attr = put_u32(&self->m, ICMPGUARD_A_CONFIG_TYPE, 8);
	REFUSED_AT(EINVAL, "NESTED", attr);
	/* A nest where a number belongs */
	set(&self->m, self->family);
	attr = begin(&self->m, ICMPGUARD_A_CONFIG_MODE);
	put(&self->m, 1, NULL, 0);
	end(&self->m, attr);
	REFUSED_AT(EINVAL, "NESTED", attr);
	/* A nest that doesn't say so */
	set(&self->m, self->family);
	attr = begin_type(&self->m, 8, ICMPGUARD_ACTION_DROP);
	end(&self->m, attr);
	attr->nla_type &= ~NLA_F_NESTED;
	REFUSED_AT(EINVAL, "NESTED", attr);
}

/* One number each, just beyond what it may be */
TEST_F(netlink, out_of_range)
{
	static const struct {
		int type;
		__u32 value;
	} cases[] = {
		{ ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE + 1 },
		{ ICMPGUARD_A_CONFIG_MODE, ~0U },
		{ ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 65508 },
		{ ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, ~0U },
		{ ICMPGUARD_A_CONFIG_TABLE_SIZE, 0 },
		{ ICMPGUARD_A_CONFIG_TABLE_SIZE, ~0U },
		{ ICMPGUARD_A_CONFIG_SCOPE, ICMPGUARD_SCOPE_LOCAL + 1 },
	};
	struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		attr = put_u32(&self->m, cases[i].type, cases[i].value);
		REFUSED_AT(ERANGE, "out of range", attr);
	}
}

TEST_F(netlink, type_out_of_range)
{
	static const struct {
		int type;
		__u32 value;
	} cases[] = {
		{ ICMPGUARD_A_TYPE_PROTO, 0 },
		{ ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMPV6 + 1 },
		{ ICMPGUARD_A_TYPE_NUMBER, 258 },
		{ ICMPGUARD_A_TYPE_NUMBER, ~0U },
		{ ICMPGUARD_A_TYPE_CODE, 256 },
		{ ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_LIMIT + 1 },
		{ ICMPGUARD_A_TYPE_MONITOR, 2 },
		{ ICMPGUARD_A_TYPE_BLOCK, ~0U },
	};
	struct nlattr *type, *attr;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
		attr = put_u32(&self->m, cases[i].type, cases[i].value);
		end(&self->m, type);
		REFUSED_AT(ERANGE, "out of range", attr);
	}
}

TEST_F(netlink, types)
{
	struct nlattr *type;

	/* Nothing but an action */
	set(&self->m, self->family);
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_ACTION, ICMPGUARD_ACTION_DROP);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "protocol", type);
	/* Nothing but the type */
	set(&self->m, self->family);
	type = begin(&self->m, ICMPGUARD_A_CONFIG_TYPE);
	put_u32(&self->m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(&self->m, ICMPGUARD_A_TYPE_NUMBER, 8);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "action", type);
	/* Accepting has no rate. */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put_limit(&self->m, ICMPGUARD_A_TYPE_LIMIT, 1, 1, 1);
	end(&self->m, type);
	REFUSED(EINVAL, "limit");
	/* Only codes are exceptions, and only those that exist. */
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put(&self->m, ICMPGUARD_A_TYPE_REMOVE, NULL, 0);
	end(&self->m, type);
	REFUSED(EINVAL, "exception");
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_ACCEPT);
	put_u32(&self->m, ICMPGUARD_A_TYPE_CODE, 9);
	put(&self->m, ICMPGUARD_A_TYPE_REMOVE, NULL, 0);
	end(&self->m, type);
	REFUSED(ENOENT, "exception");
	set(&self->m, self->family);
	type = begin_type(&self->m, ICMPGUARD_TYPE_OTHER, ICMPGUARD_ACTION_ACCEPT);
	put_u32(&self->m, ICMPGUARD_A_TYPE_CODE, 9);
	end(&self->m, type);
	REFUSED(EINVAL, "code");
}

TEST_F(netlink, rates)
{
	static const struct {
		__u32 packets, period, burst;
		int error;
		const char *reason;
	} cases[] = {
		{ 0, 1, 5, EINVAL, "zero" },
		{ 10, 0, 5, EINVAL, "period" },
		{ 10, 2, 5, EINVAL, "period" },
		{ 10, ~0U, 5, EINVAL, "period" },
		{ 10, 1, 0, EINVAL, "burst" },
		{ 1000001, 1, 5, ERANGE, "rate" },
		{ ~0U, 1, 5, ERANGE, "rate" },
		{ ~0U, 1, ~0U, ERANGE, "rate" },
		{ 1, 604800, ~0U, ERANGE, "burst" },
		{ 1, 1, ~0U, ERANGE, "burst" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set(&self->m, self->family);
		put_type_limit(&self->m, cases[i].packets, cases[i].period, cases[i].burst);
		REFUSED(cases[i].error, cases[i].reason);
		EXPECT_NE(0, self->answer.offset);
	}
}

/* A rate of which a part is missing */
TEST_F(netlink, rate_incomplete)
{
	struct nlattr *type, *limit;

	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	limit = begin(&self->m, ICMPGUARD_A_TYPE_LIMIT);
	put_u32(&self->m, ICMPGUARD_A_LIMIT_PACKETS, 10);
	end(&self->m, limit);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "period", limit);
	set(&self->m, self->family);
	type = begin_type(&self->m, 8, ICMPGUARD_ACTION_LIMIT);
	limit = begin(&self->m, ICMPGUARD_A_TYPE_TOTAL);
	end(&self->m, limit);
	end(&self->m, type);
	REFUSED_AT(EINVAL, "packets", limit);
}

static struct nlattr *put_step(struct message *m, __u32 proto, __u32 len, __u32 factor)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_PREFIX);
	struct nlattr *attr;

	put_u32(m, ICMPGUARD_A_PREFIX_PROTO, proto);
	attr = put_u32(m, ICMPGUARD_A_PREFIX_LEN, len);
	put_u32(m, ICMPGUARD_A_PREFIX_FACTOR, factor);
	end(m, nest);
	return attr;
}

TEST_F(netlink, prefixes)
{
	struct nlattr *attr;

	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMP, 200, 1);
	REFUSED_AT(ERANGE, "range", attr);
	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMPV6, 129, 1);
	REFUSED_AT(ERANGE, "range", attr);
	set(&self->m, self->family);
	attr = put_step(&self->m, ICMPGUARD_PROTO_ICMP, 33, 1);
	REFUSED_AT(ERANGE, "32", attr);
	set(&self->m, self->family);
	put_step(&self->m, ICMPGUARD_PROTO_ICMP, 24, 0);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	put_step(&self->m, 3, 24, 1);
	REFUSED(ERANGE, "range");
	set(&self->m, self->family);
	end(&self->m, begin(&self->m, ICMPGUARD_A_CONFIG_PREFIX));
	REFUSED(EINVAL, "prefix");
}

static struct nlattr *begin_rule(struct message *m, const void *address, size_t octets, __u32 len)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_RULE);

	put(m, ICMPGUARD_A_RULE_ADDRESS, address, octets);
	put_u32(m, ICMPGUARD_A_RULE_PREFIX_LEN, len);
	return nest;
}

TEST_F(netlink, rules)
{
	static const unsigned char address[20] = { 10 };
	static const unsigned char host[4] = { 10, 0, 0, 1 };
	static const char comment[200] = { [0 ... 198] = 'x' };
	static const size_t octets[] = { 0, 3, 5, 8, 15, 17, 20 };
	struct nlattr *rule;
	unsigned int i;

	for (i = 0; i < sizeof(octets) / sizeof(octets[0]); i++) {
		set(&self->m, self->family);
		rule = begin_rule(&self->m, address, octets[i], 8);
		put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
		end(&self->m, rule);
		ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
		EXPECT_GT(0, self->answer.error) TH_LOG("%zu octets", octets[i]);
		EXPECT_NE(0, strlen(self->answer.text));
		SAME();
	}
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 33);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(ERANGE, "32");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 16, 200);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(ERANGE, "range");
	/* Bits behind the prefix */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, host, 4, 24);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	end(&self->m, rule);
	REFUSED(EINVAL, "prefix");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	end(&self->m, rule);
	REFUSED(EINVAL, "action");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_LIMIT);
	end(&self->m, rule);
	REFUSED(EINVAL, "rate");
	/* None of that prefix */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put(&self->m, ICMPGUARD_A_RULE_REMOVE, NULL, 0);
	end(&self->m, rule);
	REFUSED(ENOENT, "rule");
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	put(&self->m, ICMPGUARD_A_RULE_COMMENT, comment, sizeof(comment));
	end(&self->m, rule);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_GT(0, self->answer.error);
	SAME();
	/* A comment that isn't terminated, one that would break the line */
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	put(&self->m, ICMPGUARD_A_RULE_COMMENT, "abc", 3);
	end(&self->m, rule);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_GT(0, self->answer.error);
	SAME();
	set(&self->m, self->family);
	rule = begin_rule(&self->m, address, 4, 8);
	put_u32(&self->m, ICMPGUARD_A_RULE_ACTION, ICMPGUARD_RULE_EXEMPT);
	put(&self->m, ICMPGUARD_A_RULE_COMMENT, "a\nb", 4);
	end(&self->m, rule);
	REFUSED(EINVAL, "comment");
}

TEST_F(netlink, commands)
{
	/* No such command */
	start(&self->m, self->family, 0, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, ICMPGUARD_CMD_MAX + 1, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, 255, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	/* One that can't be dumped, one that can only be dumped */
	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK | NLM_F_DUMP);
	REFUSED(EOPNOTSUPP, "");
	start(&self->m, self->family, ICMPGUARD_CMD_TYPE_GET, NLM_F_ACK);
	REFUSED(EOPNOTSUPP, "");
	/* Attributes where there are none to be had */
	start(&self->m, self->family, ICMPGUARD_CMD_CONFIG_GET, NLM_F_ACK);
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, 1);
	REFUSED(EINVAL, "");
	/* A reserved field that isn't zero */
	set(&self->m, self->family);
	((struct genlmsghdr *)NLMSG_DATA(self->m.header))->reserved = 1;
	put_u32(&self->m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
	REFUSED(EINVAL, "reserved");
}

TEST_F(netlink, sources_and_flush)
{
	static const char address[20];

	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	REFUSED(EINVAL, "address");
	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	put(&self->m, ICMPGUARD_A_SOURCE_ADDRESS, address, 7);
	REFUSED(EINVAL, "octets");
	start(&self->m, self->family, ICMPGUARD_CMD_SOURCE_GET, NLM_F_ACK);
	put(&self->m, ICMPGUARD_A_SOURCE_ADDRESS, address, 20);
	REFUSED(ERANGE, "");
	start(&self->m, self->family, ICMPGUARD_CMD_FLUSH, NLM_F_ACK);
	REFUSED(EINVAL, "flush");
	start(&self->m, self->family, ICMPGUARD_CMD_FLUSH, NLM_F_ACK);
	put_u32(&self->m, ICMPGUARD_A_FLUSH_WHAT, ICMPGUARD_FLUSH_CONFIG | 0x100);
	REFUSED(EINVAL, "");
}

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

/* Every type comes once in a dump, however the dump is cut up. */
TEST_F(netlink, dump_types)
{
	start(&self->m, self->family, ICMPGUARD_CMD_TYPE_GET, NLM_F_DUMP);
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));
	EXPECT_EQ(0, self->answer.error);
	EXPECT_FALSE(self->answer.interrupted);
	/* 32 of ICMP, 44 of ICMPv6, two pseudo types each, one code */
	EXPECT_EQ(32 + 44 + 4 + 1, self->answer.messages);
	SAME();
}

TEST_HARNESS_MAIN
