// SPDX-License-Identifier: GPL-2.0-only
/*
 * Change under load: configurations, tables and namespaces replaced as fast as
 * possible while packets are judged. Counts are exact.
 *
 * CHURN_SECONDS, CHURN_NAMESPACES: how long and how many (defaults: 3, 120)
 */
#define _GNU_SOURCE
#include "netlink_fixture.h"
#include "tun.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/ethernet.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

/* Of /proc/net/icmpguard/stats; ~0 if there is none of that name */
static __u64 counted(const char *name)
{
	FILE *file = fopen("/proc/thread-self/net/icmpguard/stats", "re");
	unsigned long long value, found = ~0ULL;
	char text[64];

	while (file && fscanf(file, "%63s %llu", text, &value) == 2)
		if (!strcmp(text, name))
			found = value;
	if (file)
		fclose(file);
	return found;
}

struct type_counts {
	unsigned long long accepted, limited, dropped;
};

static struct type_counts counted_type(const char *type)
{
	FILE *file = fopen("/proc/thread-self/net/icmpguard/types", "re");
	struct type_counts counts = {}, found = {};
	char line[512], proto[16], name[64];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%15s %63s %llu %llu %llu", proto, name, &counts.accepted,
			   &counts.limited, &counts.dropped) == 5 &&
		    !strcmp(proto, "icmp") && !strcmp(name, type))
			found = counts;
	if (file)
		fclose(file);
	return found;
}

static void put_rule_of(struct message *m, __u32 source, __u32 action)
{
	__be32 address = htonl(source);
	struct nlattr *rule = begin_rule(m, &address, 4, 32);

	put_u32(m, ICMPGUARD_A_RULE_ACTION, action);
	end(m, rule);
}

/*
 * Two configurations that differ in types, rules and size, so that a packet
 * judged by a mixture of both gets a verdict that neither gives:
 *
 *			A			B			mixed
 *	requests, S1	exempt			accepted		dropped
 *	requests, S2	dropped			blocked			accepted
 *	replies, long	dropped: too long	dropped: type		accepted
 */
#define S1	0x0a000001
#define S2	0x0a000002
#define S3	0x0a000003
#define LONG	1000

static void make_a(struct message *m, int family)
{
	set(m, family);
	put(m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_u32(m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE);
	put_u32(m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, LONG - 1);
	end(m, begin_type(m, ICMP_ECHO, ICMPGUARD_ACTION_DROP));
	end(m, begin_type(m, ICMP_ECHOREPLY, ICMPGUARD_ACTION_ACCEPT));
	put_rule_of(m, S1, ICMPGUARD_RULE_EXEMPT);
}

static void make_b(struct message *m, int family)
{
	set(m, family);
	put(m, ICMPGUARD_A_CONFIG_REPLACE, NULL, 0);
	put_u32(m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_ENFORCE);
	put_u32(m, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, LONG);
	end(m, begin_type(m, ICMP_ECHO, ICMPGUARD_ACTION_ACCEPT));
	end(m, begin_type(m, ICMP_ECHOREPLY, ICMPGUARD_ACTION_DROP));
	put_rule_of(m, S2, ICMPGUARD_RULE_BLOCK);
}

/* A thread that writes packets until it is stopped */
struct flood {
	pthread_t thread;
	int tun;
	volatile bool stop;
	volatile unsigned long sent[3];
	unsigned long lost;
};

/*
 * Replies that wait to be read, and how many may: a tun device holds 500, but what a
 * processor still has to hand to it is charged to the kernel's ICMP socket, which
 * stands some 140 on Linux 6.12 and loses the rest.
 */
static atomic_long unread;
#define UNREAD	100

static void *mixed_flood(void *arg)
{
	struct flood *flood = arg;
	struct echo echo[3];
	size_t len[3];
	int i;

	len[0] = make_echo(&echo[0], ICMP_ECHO, S1, 8, 1, false);
	len[1] = make_echo(&echo[1], ICMP_ECHO, S2, 8, 1, false);
	len[2] = make_echo(&echo[2], ICMP_ECHOREPLY, S3, LONG, 1, false);
	while (!flood->stop) {
		if (atomic_fetch_add(&unread, 1) >= UNREAD) {
			atomic_fetch_sub(&unread, 1);
			usleep(100);
			continue;
		}
		for (i = 0; i < 3; i++) {
			if (write(flood->tun, &echo[i], len[i]) == len[i])
				flood->sent[i]++;
			else
				flood->lost++;
		}
	}
	return NULL;
}

/* Replies prove that accepted requests reached the stack. */
static void *count_replies(void *arg)
{
	struct flood *flood = arg;
	struct echo echo;

	while (!flood->stop) {
		ssize_t got = read(flood->tun, &echo, sizeof(echo));

		if (got < 0) {
			usleep(100);
		} else if (echo.ip.protocol == IPPROTO_ICMP && echo.icmp.type == ICMP_ECHOREPLY) {
			flood->sent[echo.ip.daddr != htonl(S1)]++;
			atomic_fetch_sub(&unread, 1);
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(netlink, configuration_whole, 7200)
{
	unsigned int seconds = setting("CHURN_SECONDS", 3);
	unsigned long changes = 0, sent[3], exempt;
	struct flood flood[2] = {}, replies = {};
	struct type_counts request, reply;
	struct message a, b;
	double until;
	int i, tun;

	make_a(&a, self->family);
	make_b(&b, self->family);
	ASSERT_EQ(0, talk(self->fd, &a, &self->answer) ?: self->answer.error);
	tun = open_tun("tun0");
	ASSERT_LE(0, tun);
	fcntl(tun, F_SETFL, O_NONBLOCK);
	replies.tun = tun;
	ASSERT_EQ(0, pthread_create(&replies.thread, NULL, count_replies, &replies));
	for (i = 0; i < 2; i++) {
		flood[i].tun = tun;
		ASSERT_EQ(0, pthread_create(&flood[i].thread, NULL, mixed_flood, &flood[i]));
	}
	for (until = now() + seconds; now() < until; changes++) {
		ASSERT_EQ(0, talk(self->fd, changes & 1 ? &a : &b, &self->answer) ?:
			     self->answer.error);
	}
	for (i = 0; i < 2; i++) {
		flood[i].stop = true;
		pthread_join(flood[i].thread, NULL);
	}
	for (i = 0; i < 3; i++)
		sent[i] = flood[0].sent[i] + flood[1].sent[i];
	for (i = 0; i < 100 && replies.sent[0] < sent[0]; i++)
		usleep(50000);
	replies.stop = true;
	pthread_join(replies.thread, NULL);

	request = counted_type("echo-request");
	reply = counted_type("echo-reply");
	exempt = counted("exempt");
	TH_LOG("%lu packets by %lu configurations; %lu of %lu exempt, %llu blocked, %llu too long",
	       sent[0] + sent[1] + sent[2], changes, exempt, sent[0],
	       (unsigned long long)counted("blocked"),
	       (unsigned long long)counted("echo-oversize"));
	EXPECT_EQ(0, flood[0].lost + flood[1].lost);
	/* Both configurations were in force for a while. */
	EXPECT_LT(0, exempt);
	EXPECT_LT(exempt, sent[0]);
	EXPECT_LT(0, counted("blocked"));
	EXPECT_LT(counted("blocked"), sent[1]);
	EXPECT_LT(0, counted("echo-oversize"));
	EXPECT_LT(counted("echo-oversize"), sent[2]);
	/* None was judged by a mixture, and none was lost. */
	EXPECT_EQ(sent[0], request.accepted);
	EXPECT_EQ(sent[0], exempt + counted("policy-accept"));
	EXPECT_EQ(sent[1], request.dropped);
	EXPECT_EQ(0, request.limited);
	EXPECT_EQ(0, reply.accepted);
	EXPECT_EQ(sent[2], reply.dropped);
	EXPECT_EQ(sent[0] + sent[1] + sent[2], counted("seen"));
	EXPECT_EQ(sent[0], replies.sent[0]);
	EXPECT_EQ(0, replies.sent[1]);
	close(tun);
}

static void *random_flood(void *arg)
{
	struct flood *flood = arg;
	struct echo echo;
	__u32 source = 0;
	size_t len;

	while (!flood->stop) {
		source = source * 1664525 + 1013904223;
		len = make_echo(&echo, ICMP_ECHO, 0x0a000000 | source >> 8, 8, 1, false);
		if (write(flood->tun, &echo, len) == len)
			flood->sent[0]++;
	}
	return NULL;
}

/*
 * A limited source stays limited across resizes: after every change of the
 * table's size it has no more left than before.
 */
TEST_F_TIMEOUT(netlink, table_resized, 7200)
{
	unsigned int seconds = setting("CHURN_SECONDS", 3);
	unsigned long changes = 0, sent = 0;
	struct flood flood = {};
	struct type_counts reply;
	struct echo echo;
	struct message m;
	double began, until;
	__u64 most;
	size_t len;
	int i;

	set(&m, self->family);
	end(&m, begin_type(&m, ICMP_ECHO, ICMPGUARD_ACTION_ACCEPT));
	put_type_limit(&m, 1000, 1, 20);
	/* The source's own limit is another type's, so that its count is its own. */
	{
		struct nlattr *type = begin_type(&m, ICMP_ECHOREPLY, ICMPGUARD_ACTION_LIMIT);

		put_limit(&m, ICMPGUARD_A_TYPE_LIMIT, 5, 1, 10);
		end(&m, type);
	}
	ASSERT_EQ(0, talk(self->fd, &m, &self->answer) ?: self->answer.error)
		TH_LOG("%s", self->answer.text);
	flood.tun = open_tun("tun0");
	ASSERT_LE(0, flood.tun);
	len = make_echo(&echo, ICMP_ECHOREPLY, S1, 8, 1, false);
	ASSERT_EQ(0, pthread_create(&flood.thread, NULL, random_flood, &flood));
	began = now();
	for (until = began + seconds; now() < until; changes++) {
		for (i = 0; i < 20; i++, sent++)
			ASSERT_EQ(len, write(flood.tun, &echo, len));
		set(&m, self->family);
		put_u32(&m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 1024 << changes % 5);
		ASSERT_EQ(0, talk(self->fd, &m, &self->answer) ?: self->answer.error);
	}
	most = 10 + 5 * (now() - began) + 2;
	flood.stop = true;
	pthread_join(flood.thread, NULL);
	reply = counted_type("echo-reply");
	TH_LOG("%lu packets, %lu tables; of the source's %lu %llu passed, at most %llu may",
	       flood.sent[0] + sent, changes, sent, reply.accepted, (unsigned long long)most);
	EXPECT_EQ(sent, reply.accepted + reply.limited);
	EXPECT_LE(10, reply.accepted);
	EXPECT_GE(most, reply.accepted);
	EXPECT_EQ(flood.sent[0] + sent, counted("seen"));
	close(flood.tun);
}

/* The other ends of the short-lived namespaces' lines: floods them all. */
struct sender {
	pthread_t thread;
	int fd;
	volatile bool stop;
	volatile unsigned int newest;	/* the last line's number */
	unsigned long sent;
};

/* How many of the newest links are flooded, and how many may exist */
#define FLOODED	8
#define LINES	48

/* MAC address of both ends of a link: fixed, so that none has to be resolved */
#define INDEX(number)	(1000 + (number))

static int ask_for_link(struct message *m, struct answer *answer, int fd)
{
	return talk(fd, m, answer) ?: answer->error;
}

static struct ifinfomsg *start_link(struct message *m, int type, int flags, unsigned int number)
{
	struct ifinfomsg *link;

	memset(m, 0, sizeof(*m));
	m->header = (void *)m->room;
	m->header->nlmsg_len = NLMSG_LENGTH(sizeof(*link));
	m->header->nlmsg_type = type;
	m->header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	link = NLMSG_DATA(m->header);
	link->ifi_index = INDEX(number);
	return link;
}

/* Whether the sender still has its end of it */
static bool is_there(int home_route, unsigned int number)
{
	struct answer answer;
	struct message m;

	start_link(&m, RTM_GETLINK, 0, number);
	return !ask_for_link(&m, &answer, home_route);
}

static void *line_flood(void *arg)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = ETH_ALEN,
		.sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct sender *sender = arg;
	struct echo echo;
	unsigned int i, n = 0;

	while (!sender->stop) {
		unsigned int newest = sender->newest;

		for (i = 0; i < FLOODED && i < newest; i++) {
			unsigned int burst;

			to.sll_ifindex = INDEX(newest - i);
			for (burst = 0; burst < 32; burst++, n++) {
				/* One in four is a fragment of a message that is never complete. */
				size_t len = make_echo(&echo, ICMP_ECHO, 0x0a000000 + n % 512, 64,
						       n, !(n % 4));

				if (sendto(sender->fd, &echo, len, MSG_DONTWAIT, (void *)&to,
					   sizeof(to)) == len)
					sender->sent++;
			}
		}
		sched_yield();
	}
	return NULL;
}

/* A line between this namespace and the sender's, both ends up */
static int add_line(unsigned int number, int home, int home_route)
{
	struct nlattr *info, *data, *other_end;
	struct ifinfomsg peer = { .ifi_index = INDEX(number) }, *link;
	struct answer answer;
	char name[IFNAMSIZ];
	struct message m;
	int fd, err;

	link = start_link(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, number);
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	put(&m, IFLA_IFNAME, "b", 2);
	info = begin(&m, IFLA_LINKINFO);
	put(&m, IFLA_INFO_KIND, "veth", 5);
	data = begin(&m, IFLA_INFO_DATA);
	other_end = begin(&m, VETH_INFO_PEER);
	memcpy(m.room + m.header->nlmsg_len, &peer, sizeof(peer));
	m.header->nlmsg_len += sizeof(peer);
	snprintf(name, sizeof(name), "a%u", number);
	put(&m, IFLA_IFNAME, name, strlen(name) + 1);
	put_u32(&m, IFLA_NET_NS_FD, home);
	end(&m, other_end);
	end(&m, data);
	end(&m, info);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	err = ask_for_link(&m, &answer, fd);
	close(fd);
	if (err)
		return err;
	/* The other end only now: it can't be up before this one is there. */
	link = start_link(&m, RTM_NEWLINK, 0, number);
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return ask_for_link(&m, &answer, home_route);
}

/* Some are switched off again before they are left. */
static bool is_off(unsigned int number)
{
	return number % 7 == 1;
}

static int configure(int family, unsigned int number)
{
	struct answer answer;
	struct message m;
	int fd = open_socket();
	int err;

	set(&m, family);
	put_u32(&m, ICMPGUARD_A_CONFIG_MODE, number % 3 ? ICMPGUARD_MODE_ENFORCE :
		ICMPGUARD_MODE_MONITOR);
	put_u32(&m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 1024 << number % 3);
	put_type_limit(&m, 1 + number % 9, 60, 5);
	put_rule_of(&m, 0x0a000000 + number % 512, ICMPGUARD_RULE_BLOCK);
	err = talk(fd, &m, &answer) ?: answer.error;
	if (!err && number % 5 == 1) {
		/* Replaced once, so that an older table is still there */
		set(&m, family);
		put_u32(&m, ICMPGUARD_A_CONFIG_TABLE_SIZE, 8192);
		err = talk(fd, &m, &answer) ?: answer.error;
	}
	if (!err && is_off(number)) {
		set(&m, family);
		put_u32(&m, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_OFF);
		err = talk(fd, &m, &answer) ?: answer.error;
	}
	close(fd);
	return err;
}

/* Created, configured, used and left; every fourth is flooded meanwhile. */
TEST_F_TIMEOUT(netlink, namespaces, 7200)
{
	unsigned int wanted = setting("CHURN_NAMESPACES", 120), i, lines = 0, tries;
	struct sender sender = {};
	__u64 judged = 0;
	char text[ROOM];
	int home, home_route;

	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, home);
	home_route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ASSERT_LE(0, home_route);
	sender.fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_LE(0, sender.fd);
	ASSERT_EQ(0, pthread_create(&sender.thread, NULL, line_flood, &sender));
	for (i = 1; i <= wanted; i++) {
		__u64 seen;

		ASSERT_EQ(0, unshare(CLONE_NEWNET));
		ASSERT_LT(100, show(text, sizeof(text)));
		EXPECT_NE(NULL, strstr(text, "table-size"));
		ASSERT_EQ(0, configure(self->family, i));
		if (i % 4 == 0) {
			ASSERT_EQ(0, add_line(lines + 1, home, home_route));
			sender.newest = ++lines;
			/* Wait for a packet where any is judged */
			for (tries = 0; tries < 5000 && !(seen = counted("seen")) && !is_off(i);
			     tries++)
				usleep(1000);
			EXPECT_EQ(!seen, is_off(i));
			judged += seen;
		}
		ASSERT_EQ(0, setns(home, CLONE_NEWNET));
		/* They are destroyed one after the other, more slowly than created. */
		for (tries = 0; lines > LINES && is_there(home_route, lines - LINES) &&
		     tries < 60000; tries++)
			usleep(1000);
		ASSERT_GT(60000, tries);
	}
	for (tries = 0; is_there(home_route, lines) && tries < 60000; tries++)
		usleep(1000);
	EXPECT_GT(60000, tries);
	sender.stop = true;
	pthread_join(sender.thread, NULL);
	TH_LOG("%u namespaces, %u of them with traffic; %lu packets sent, %llu judged when left",
	       wanted, lines, sender.sent, (unsigned long long)judged);
	close(sender.fd);
	close(home_route);
	close(home);
	SAME();
}

TEST_HARNESS_MAIN
