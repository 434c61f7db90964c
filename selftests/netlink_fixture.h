/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic netlink for the tests: messages built attribute by attribute, also
 * invalid ones, and a fixture that knows the configuration before the test.
 */
#ifndef _ICMPGUARD_NETLINK_FIXTURE_H
#define _ICMPGUARD_NETLINK_FIXTURE_H

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

/* Seconds: an emulated kernel with every sanitizer needs more than the harness's 30. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

#define ROOM		8192

/* A message under construction: attributes are appended, nests closed by end(). */
struct message {
	char room[ROOM];
	struct nlmsghdr *header;
};

/* The answer */
struct answer {
	int error;		/* 0 or negative, as the kernel says */
	char text[256];		/* of the extack */
	unsigned int offset;	/* of the attribute it is about, 0: none */
	unsigned int messages;	/* other than acknowledgements */
	bool interrupted;	/* a dump that was */
	char first[ROOM];	/* the first of them, from the netlink header on */
};

static inline struct nlattr *put(struct message *m, int type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(m->room + NLMSG_ALIGN(m->header->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)attr + NLA_HDRLEN, data, len);
	m->header->nlmsg_len = NLMSG_ALIGN(m->header->nlmsg_len) + NLA_ALIGN(attr->nla_len);
	return attr;
}

static inline struct nlattr *put_u32(struct message *m, int type, __u32 value)
{
	return put(m, type, &value, sizeof(value));
}

static inline struct nlattr *begin(struct message *m, int type)
{
	return put(m, type | NLA_F_NESTED, NULL, 0);
}

static inline void end(struct message *m, struct nlattr *nest)
{
	nest->nla_len = m->room + m->header->nlmsg_len - (char *)nest;
}

static inline void start(struct message *m, int family, int command, int flags)
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

static inline void set(struct message *m, int family)
{
	start(m, family, ICMPGUARD_CMD_CONFIG_SET, NLM_F_ACK);
}

static inline void put_limit(struct message *m, int type, __u32 packets, __u32 period, __u32 burst)
{
	struct nlattr *nest = begin(m, type);

	put_u32(m, ICMPGUARD_A_LIMIT_PACKETS, packets);
	put_u32(m, ICMPGUARD_A_LIMIT_PERIOD, period);
	put_u32(m, ICMPGUARD_A_LIMIT_BURST, burst);
	end(m, nest);
}

/* A type nest with the action, open for more */
static inline struct nlattr *begin_type(struct message *m, __u32 number, __u32 action)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_TYPE);

	put_u32(m, ICMPGUARD_A_TYPE_PROTO, ICMPGUARD_PROTO_ICMP);
	put_u32(m, ICMPGUARD_A_TYPE_NUMBER, number);
	put_u32(m, ICMPGUARD_A_TYPE_ACTION, action);
	return nest;
}

static inline void put_type_limit(struct message *m, __u32 packets, __u32 period, __u32 burst)
{
	struct nlattr *type = begin_type(m, 8, ICMPGUARD_ACTION_LIMIT);

	put_limit(m, ICMPGUARD_A_TYPE_LIMIT, packets, period, burst);
	end(m, type);
}

static inline const struct nlattr *find_attr(const void *from, size_t len, int type)
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

static inline __u32 get_u32(const struct nlattr *attr)
{
	__u32 value = 0;

	if (attr)
		memcpy(&value, (const char *)attr + NLA_HDRLEN, sizeof(value));
	return value;
}

/* An attribute of a genetlink message */
static inline const struct nlattr *attr_of(const struct nlmsghdr *header, int type)
{
	return find_attr((const char *)NLMSG_DATA(header) + GENL_HDRLEN,
			 header->nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN), type);
}

static inline int open_socket(void)
{
	struct timeval wait = { .tv_sec = 10 };
	int one = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

static inline void read_ack(const struct nlmsghdr *header, struct answer *answer)
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
static inline int talk(int fd, const struct message *m, struct answer *answer)
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

static inline int resolve(int fd)
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
static inline ssize_t show(char *text, size_t room)
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

static inline __u32 generation(int fd, int family)
{
	struct message m;
	struct answer answer;

	start(&m, family, ICMPGUARD_CMD_CONFIG_GET, 0);
	if (talk(fd, &m, &answer) || answer.error)
		return 0;
	return get_u32(attr_of((void *)answer.first, ICMPGUARD_A_CONFIG_GENERATION));
}

static inline struct nlattr *put_step(struct message *m, __u32 proto, __u32 len, __u32 factor)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_PREFIX);
	struct nlattr *attr;

	put_u32(m, ICMPGUARD_A_PREFIX_PROTO, proto);
	attr = put_u32(m, ICMPGUARD_A_PREFIX_LEN, len);
	put_u32(m, ICMPGUARD_A_PREFIX_FACTOR, factor);
	end(m, nest);
	return attr;
}

static inline struct nlattr *begin_rule(struct message *m, const void *address, size_t bytes,
					__u32 len)
{
	struct nlattr *nest = begin(m, ICMPGUARD_A_CONFIG_RULE);

	put(m, ICMPGUARD_A_RULE_ADDRESS, address, bytes);
	put_u32(m, ICMPGUARD_A_RULE_PREFIX_LEN, len);
	return nest;
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
	/* A configuration that isn't the default */
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

/* Nothing has changed: neither the configuration nor its generation. */
#define SAME() do {								\
	char after[ROOM];							\
										\
	EXPECT_LT(0, show(after, sizeof(after)));				\
	EXPECT_STREQ(self->before, after);					\
	EXPECT_EQ(self->generation, generation(self->fd, self->family));	\
} while (0)

/* The message is refused with this error, and a reason that contains this text. */
#define REFUSED(code, reason) do {						\
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));			\
	EXPECT_EQ(-(code), self->answer.error)					\
		TH_LOG("said: '%s'", self->answer.text);			\
	EXPECT_NE(NULL, strstr(self->answer.text, reason))			\
		TH_LOG("'%s' doesn't say '%s'", self->answer.text, reason);	\
	SAME();									\
} while (0)

/* Whatever the reason */
#define REFUSED_ANYHOW() do {							\
	ASSERT_EQ(0, talk(self->fd, &self->m, &self->answer));			\
	EXPECT_GT(0, self->answer.error);					\
	SAME();									\
} while (0)

/* And the reported attribute is this one. */
#define REFUSED_AT(code, reason, attr) do {					\
	unsigned int offset = (char *)(attr) - self->m.room;			\
										\
	REFUSED(code, reason);							\
	EXPECT_EQ(offset, self->answer.offset);					\
} while (0)

#endif /* _ICMPGUARD_NETLINK_FIXTURE_H */
