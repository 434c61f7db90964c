// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel: requests out, replies in, refusals said.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "genl.h"
#include "memory.h"
#include "reply.h"

#define BUFFER_SIZE	65536
#define NETNS_DIR	"/run/netns"
#define DUMP_ATTEMPTS	20	/* for a configuration that changes as fast as it is read */

/**
 * genl_enter() - go into a network namespace
 * @netns: its name, or a path to it
 * @error: filled in otherwise
 *
 * Return: whether this process is in it.
 */
bool genl_enter(const char *netns, struct error *error)
{
	char path[256];
	bool entered;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", strchr(netns, '/') ? "" : NETNS_DIR "/",
			     netns) >= sizeof(path))
		return error_set(error, NULL, "'%.40s...' is too long for a network namespace",
				 netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return error_set(error, NULL, "there is no network namespace '%s'", netns);
	if (fd < 0)
		return error_set(error, NULL, "network namespace '%s': %s", netns,
				 strerror(errno));
	entered = !setns(fd, CLONE_NEWNET);
	if (!entered && errno == EPERM)
		error_set(error, NULL, "only root enters network namespace '%s'", netns);
	else if (!entered)
		error_set(error, NULL, "'%s' isn't a network namespace: %s", netns,
			  strerror(errno));
	close(fd);
	return entered;
}

static bool refuse_errno(int err, struct error *error)
{
	switch (err) {
	case EPERM:
	case EACCES:
		return error_set(error, NULL, "permission denied: this needs CAP_NET_ADMIN");
	case EOPNOTSUPP:
		return error_set(error, NULL, "the loaded icmpguard module doesn't know this request");
	case ENOMEM:
	case ENOBUFS:
		return error_set(error, NULL, "the kernel doesn't have enough memory for this");
	case ENOENT:
		/* Without a message from the module: the family doesn't exist. */
		return error_set(error, NULL, "icmpguard was unloaded or loaded meanwhile: try again");
	case EMSGSIZE:
		return error_set(error, NULL, "this request is too large");
	default:
		return error_set(error, NULL, "the kernel refused: %s", strerror(err));
	}
}

/* What an error message says beside its number */
struct refusal {
	const char *message;
	const struct word *word;
	bool has_min, has_max;
	uint64_t min, max;
};

static void read_policy(const struct nlattr *nest, struct refusal *refusal)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_payload_len(attr) < sizeof(uint64_t))
			continue;
		switch (mnl_attr_get_type(attr)) {
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			refusal->has_min = true;
			refusal->min = mnl_attr_get_u64(attr);
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
			refusal->has_max = true;
			refusal->max = mnl_attr_get_u64(attr);
			break;
		}
	}
}

static void read_refusal(const struct nlmsghdr *header, const struct message *message,
			 struct refusal *refusal)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(header);
	size_t offset = sizeof(*err);
	const struct nlattr *attr;

	*refusal = (struct refusal) { 0 };
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	/* Without NLM_F_CAPPED the request itself comes before the attributes. */
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&err->msg);
	if (offset > mnl_nlmsg_get_payload_len(header))
		return;
	reply_for_each_attr(attr, header, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
				refusal->message = mnl_attr_get_str(attr);
			break;
		case NLMSGERR_ATTR_OFFS:
			if (!mnl_attr_validate(attr, MNL_TYPE_U32))
				refusal->word = message_word(message, mnl_attr_get_u32(attr));
			break;
		case NLMSGERR_ATTR_POLICY:
			read_policy(attr, refusal);
			break;
		}
	}
}

/* What the kernel says to an attribute that an older module hasn't got */
static bool is_unknown(const char *message)
{
	return !strcmp(message, "Unknown attribute type") ||
	       !strcmp(message, "Unsupported attribute");
}

static bool refuse(const struct nlmsghdr *header, const struct message *message, int err,
		   struct error *error)
{
	struct refusal refusal;
	char range[64] = "";

	if (err == EPERM)
		return refuse_errno(err, error);
	read_refusal(header, message, &refusal);
	if (!refusal.word && refusal.message)
		refusal.word = message->subject;
	if (refusal.message && is_unknown(refusal.message))
		refusal.message = "the loaded icmpguard module is older and doesn't know this";
	if (refusal.message && refusal.has_min && refusal.has_max)
		snprintf(range, sizeof(range), ": it is %llu to %llu",
			 (unsigned long long)refusal.min, (unsigned long long)refusal.max);
	if (refusal.message && refusal.word)
		return error_set(error, refusal.word, "'%s': %s%s", refusal.word->text,
				 refusal.message, range);
	if (refusal.message)
		return error_set(error, NULL, "%s%s", refusal.message, range);
	if (refusal.word)
		return error_set(error, refusal.word, "'%s': the kernel refused: %s",
				 refusal.word->text, strerror(err));
	return refuse_errno(err, error);
}

/* The kernel's numbers are negative; not every negative number has a positive one. */
static int errno_of(int number)
{
	return number == INT_MIN ? INT_MAX : -number;
}

enum progress { MORE, DONE, FAILED };

static enum progress one(struct genl *genl, const struct nlmsghdr *header,
			 const struct message *message, genl_reply reply, void *data,
			 struct error *error)
{
	const struct nlmsgerr *err;
	int number = 0;

	if (header->nlmsg_seq != genl->sequence)
		return MORE;
	switch (header->nlmsg_type) {
	case NLMSG_NOOP:
		return MORE;
	case NLMSG_DONE:
		/* A dump that failed says so here. */
		if (mnl_nlmsg_get_payload_len(header) >= sizeof(int))
			memcpy(&number, mnl_nlmsg_get_payload(header), sizeof(number));
		if (number < 0) {
			genl->refused = errno_of(number);
			refuse_errno(genl->refused, error);
			return FAILED;
		}
		return DONE;
	case NLMSG_ERROR:
		err = mnl_nlmsg_get_payload(header);
		if (mnl_nlmsg_get_payload_len(header) < sizeof(*err)) {
			error_set(error, NULL, "the kernel's answer is cut short");
			return FAILED;
		}
		if (!err->error)
			return DONE;
		genl->refused = errno_of(err->error);
		refuse(header, message, genl->refused, error);
		return FAILED;
	case NLMSG_OVERRUN:
		error_set(error, NULL, "the kernel's answer was lost");
		return FAILED;
	default:
		if (mnl_nlmsg_get_payload_len(header) < sizeof(struct genlmsghdr)) {
			error_set(error, NULL, "the kernel's answer is cut short");
			return FAILED;
		}
		return !reply || reply(header, data, error) ? MORE : FAILED;
	}
}

/* mnl_nlmsg_ok() takes a length from 2^31 on for a negative one, which fits anywhere. */
static bool is_whole(const struct nlmsghdr *header, int left)
{
	return mnl_nlmsg_ok(header, left) && header->nlmsg_len <= (unsigned int)left;
}

static bool receive(struct genl *genl, const struct message *message, genl_reply reply, void *data,
		    bool *interrupted, struct error *error)
{
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(genl->socket, genl->buffer, BUFFER_SIZE);
		const struct nlmsghdr *header = (void *)genl->buffer;
		int left = got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, NULL, "the kernel doesn't answer: %s",
					 strerror(errno));
		for (; is_whole(header, left); header = mnl_nlmsg_next(header, &left)) {
			if (header->nlmsg_flags & NLM_F_DUMP_INTR)
				*interrupted = true;
			switch (one(genl, header, message, reply, data, error)) {
			case DONE:
				return true;
			case FAILED:
				return false;
			case MORE:
				break;
			}
		}
	}
}

static bool transfer(struct genl *genl, struct message *message, genl_reply reply, void *data,
		     bool *interrupted, struct error *error)
{
	message->header->nlmsg_seq = ++genl->sequence;
	*interrupted = false;
	if (mnl_socket_sendto(genl->socket, message->header, message->header->nlmsg_len) < 0)
		return refuse_errno(errno, error);
	return receive(genl, message, reply, data, interrupted, error);
}

/* The largest request must fit; only root may exceed the default limit. */
static void make_room(struct genl *genl, size_t bytes)
{
	int size = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : bytes + 65536;

	if (bytes > 65536)
		setsockopt(mnl_socket_get_fd(genl->socket), SOL_SOCKET, SO_SNDBUFFORCE, &size,
			   sizeof(size));
}

/**
 * genl_do() - ask for something
 * @genl: the connection
 * @message: what is asked for
 * @reply: called with the answer, NULL: there is none
 * @data: handed to @reply
 * @error: filled in otherwise
 *
 * Return: whether it was granted.
 */
bool genl_do(struct genl *genl, struct message *message, genl_reply reply, void *data,
	     struct error *error)
{
	bool interrupted;

	message->header->nlmsg_flags |= NLM_F_ACK;
	make_room(genl, message->header->nlmsg_len);
	return transfer(genl, message, reply, data, &interrupted, error);
}

/**
 * genl_dump() - ask for a list
 * @genl: the connection
 * @dump: of what
 * @error: filled in otherwise
 *
 * Return: whether it came whole and of one configuration.
 */
bool genl_dump(struct genl *genl, const struct dump *dump, struct error *error)
{
	bool interrupted = true, got = true;
	struct message message;
	unsigned int i;

	message_init(&message, genl->family, dump->command, NLM_F_DUMP);
	for (i = 0; got && interrupted && i < DUMP_ATTEMPTS; i++) {
		*dump->count = 0;
		got = transfer(genl, &message, dump->reply, dump->data, &interrupted, error);
	}
	message_release(&message);
	if (got && interrupted)
		return error_set(error, NULL, "the configuration changes too fast to be read");
	return got;
}

static void read_group(const struct nlattr *nest, struct genl *genl)
{
	const char *name = "";
	const struct nlattr *attr;
	uint32_t number = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U32))
			number = mnl_attr_get_u32(attr);
	}
	if (!strcmp(name, ICMPGUARD_GROUP_EVENTS_NAME))
		genl->events = number;
}

static bool read_family(const struct nlmsghdr *header, void *data, struct error *error)
{
	const struct nlattr *attr, *group;
	struct genl *genl = data;

	(void)error;
	reply_for_each_attr(attr, header, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			genl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				read_group(group, genl);
	}
	return true;
}

static bool find_family(struct genl *genl, struct error *error)
{
	struct error ignored = { .text = "" };
	struct message message;
	bool interrupted;

	message_init(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	message_put_string(&message, CTRL_ATTR_FAMILY_NAME, ICMPGUARD_FAMILY_NAME, NULL);
	transfer(genl, &message, read_family, genl, &interrupted, &ignored);
	message_release(&message);
	if (genl->family)
		return true;
	return error_set(error, NULL, "icmpguard isn't loaded");
}

/**
 * genl_open() - connect to the module
 * @genl: genl_close() it in any case
 * @error: filled in otherwise
 *
 * Return: whether it is there.
 */
bool genl_open(struct genl *genl, struct error *error)
{
	int on = 1;

	*genl = (struct genl) { .buffer = memory_get(NULL, BUFFER_SIZE, 1) };
	genl->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!genl->socket || mnl_socket_bind(genl->socket, 0, MNL_SOCKET_AUTOPID))
		return error_set(error, NULL, "no netlink socket: %s", strerror(errno));
	/* Without them a refusal has only a number; older kernels do without. */
	mnl_socket_setsockopt(genl->socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(genl->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(genl->socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return find_family(genl, error);
}

/* The controller's group for families that are added and removed: a constant, like its family */
#define CONTROLLER_GROUP	GENL_ID_CTRL

static bool join(struct genl *genl, uint32_t group)
{
	return !mnl_socket_setsockopt(genl->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
}

/* A module that is unloaded meanwhile isn't an error: the controller's group reports it. */
static bool join_events(struct genl *genl, struct error *error)
{
	if (!genl->events)
		return error_set(error, NULL, "the loaded icmpguard module sends no events");
	if (join(genl, genl->events))
		return true;
	if (errno != ENOENT && errno != EINVAL)
		return refuse_errno(errno, error);
	genl->family = 0;
	return true;
}

/**
 * genl_listen() - receive events from now on
 * @genl: the connection, which is of no other use then
 * @error: filled in otherwise
 *
 * The module need not be there, and may come and go.
 *
 * Return: whether it was allowed.
 */
bool genl_listen(struct genl *genl, struct error *error)
{
	if (!join(genl, CONTROLLER_GROUP))
		return refuse_errno(errno, error);
	/* It may have been replaced before the group was joined. */
	genl->look = true;
	return !genl->family || join_events(genl, error);
}

/*
 * What there is now, and not what a message says: that may be long ago. It is asked
 * for by a socket of its own, since this one may be full.
 */
static enum genl_news look(struct genl *genl, struct error *error)
{
	struct error ignored = { .text = "" };
	enum genl_news news = GENL_NEWS;
	struct genl now;

	genl->look = false;
	genl_open(&now, &ignored);
	if (genl->family && now.family != genl->family) {
		genl->family = 0;
		genl->look = true;
		news = GENL_UNLOADED;
	} else if (!genl->family && now.family) {
		genl->family = now.family;
		genl->events = now.events;
		if (!join_events(genl, error))
			news = GENL_FAILED;
		else if (genl->family)
			news = GENL_LOADED;
	}
	genl_close(&now);
	return news;
}

struct family {
	const char *name;
	uint16_t number;
};

static struct family family_of(const struct nlmsghdr *header)
{
	struct family family = { .name = "" };
	const struct nlattr *attr;

	reply_for_each_attr(attr, header, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(attr, MNL_TYPE_U16))
			family.number = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			family.name = mnl_attr_get_str(attr);
	}
	return family;
}

static enum genl_news controller_says(struct genl *genl, const struct nlmsghdr *header)
{
	const struct genlmsghdr *what = mnl_nlmsg_get_payload(header);
	struct family family = family_of(header);

	if (strcmp(family.name, ICMPGUARD_FAMILY_NAME))
		return GENL_NEWS;
	if (what->cmd == CTRL_CMD_NEWFAMILY && family.number != genl->family)
		genl->look = true;
	if (what->cmd != CTRL_CMD_DELFAMILY || family.number != genl->family)
		return GENL_NEWS;
	genl->family = 0;
	return GENL_UNLOADED;
}

static enum genl_news hear(struct genl *genl, const struct nlmsghdr *header, genl_reply reply,
			   void *data, struct error *error)
{
	if (mnl_nlmsg_get_payload_len(header) < sizeof(struct genlmsghdr))
		return GENL_NEWS;
	if (header->nlmsg_type == GENL_ID_CTRL)
		return controller_says(genl, header);
	if (header->nlmsg_type != genl->family)
		return GENL_NEWS;
	return reply(header, data, error) ? GENL_NEWS : GENL_FAILED;
}

/**
 * genl_wait() - wait for events
 * @genl: the connection, listening
 * @reply: called with each
 * @data: handed to @reply
 * @error: filled in with GENL_FAILED
 *
 * Return: GENL_NEWS; GENL_LOST where events came faster than they were read;
 * GENL_UNLOADED and GENL_LOADED when the module went, or came and is listened to;
 * GENL_INTERRUPTED by a signal; GENL_FAILED.
 */
enum genl_news genl_wait(struct genl *genl, genl_reply reply, void *data, struct error *error)
{
	const struct nlmsghdr *header = (void *)genl->buffer;
	enum genl_news news = GENL_NEWS;
	ssize_t got;
	int left;

	if (genl->look)
		return look(genl, error);
	got = mnl_socket_recvfrom(genl->socket, genl->buffer, BUFFER_SIZE);
	if (got < 0 && errno == EINTR)
		return GENL_INTERRUPTED;
	if (got < 0 && errno == ENOBUFS) {
		/* That the module went, or came, may be among what is lost. */
		genl->look = true;
		return GENL_LOST;
	}
	if (got < 0) {
		error_set(error, NULL, "no events: %s", strerror(errno));
		return GENL_FAILED;
	}
	/* Of what isn't a dump there is one message at a time. */
	for (left = got; news == GENL_NEWS && is_whole(header, left);
	     header = mnl_nlmsg_next(header, &left))
		news = hear(genl, header, reply, data, error);
	return news;
}

/**
 * genl_close() - end a connection
 * @genl: whether or not it was made
 */
void genl_close(struct genl *genl)
{
	if (genl->socket)
		mnl_socket_close(genl->socket);
	free(genl->buffer);
	*genl = (struct genl) { 0 };
}
