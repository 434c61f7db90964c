// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tool and a module of another version: what both know works, and what one of them
 * doesn't know is reported. And a module that is unloaded and loaded again during a
 * listen. The kernel here is a function.
 */
#include <errno.h>
#include <string.h>

#define mnl_socket_open2 fake_open
#define mnl_socket_bind fake_bind
#define mnl_socket_setsockopt fake_setsockopt
#define mnl_socket_sendto fake_sendto
#define mnl_socket_recvfrom fake_recvfrom
#define mnl_socket_get_fd fake_get_fd
#define mnl_socket_close fake_close
#include <libmnl/libmnl.h>
#include "../genl.c"
#include "parse.h"
#include "parse_setting.h"
#include "reply.h"
#include "test.h"

#define FAMILY	29

/**
 * struct module - a module, as far as a tool sees it
 * @loaded: it is there
 * @number: its family's; 0: FAMILY
 * @events: it has a group for events
 * @commands: it knows those below
 * @attributes: of a change, likewise
 * @extra: its answers have unknown attributes
 * @bare: its answers have only the mode
 * @mute: it refuses without a message
 */
struct module {
	bool loaded, events;
	uint16_t number;
	unsigned int commands, attributes;
	bool extra, bare, mute;
};

static struct module module;
static char answer[8192];
static size_t answer_length;

/* What a listener is sent: the first is the next */
static const struct notice {
	uint8_t command;	/* the controller's; 0: an event, ENOBUFS: some were lost */
	uint16_t family;
	const char *name;
} *notices;
static size_t notices_left;

struct mnl_socket *fake_open(int bus, int flags)
{
	(void)bus;
	(void)flags;
	return (struct mnl_socket *)&module;
}

int fake_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int fake_setsockopt(const struct mnl_socket *socket, int type, void *value, socklen_t length)
{
	uint32_t group;

	(void)socket;
	memcpy(&group, value, length);
	if (type != NETLINK_ADD_MEMBERSHIP || group == GENL_ID_CTRL || module.loaded)
		return 0;
	errno = ENOENT;
	return -1;
}

static uint16_t family_number(void)
{
	return module.number ? module.number : FAMILY;
}

int fake_get_fd(const struct mnl_socket *socket)
{
	(void)socket;
	return -1;
}

int fake_close(struct mnl_socket *socket)
{
	(void)socket;
	return 0;
}

static struct nlmsghdr *begin(uint16_t type, uint32_t sequence, uint16_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(answer + answer_length);

	header->nlmsg_type = type;
	header->nlmsg_seq = sequence;
	header->nlmsg_flags = flags;
	return header;
}

static void finish(const struct nlmsghdr *header)
{
	answer_length += MNL_ALIGN(header->nlmsg_len);
}

static void acknowledge(const struct nlmsghdr *request, int error, const char *text, uint32_t offset)
{
	struct nlmsghdr *header = begin(NLMSG_ERROR, request->nlmsg_seq,
					NLM_F_CAPPED | (text ? NLM_F_ACK_TLVS : 0));
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(header, sizeof(*err));

	err->error = -error;
	err->msg = *request;
	if (text) {
		mnl_attr_put_strz(header, NLMSGERR_ATTR_MSG, text);
		mnl_attr_put_u32(header, NLMSGERR_ATTR_OFFS, offset);
	}
	finish(header);
}

static void put_genl(struct nlmsghdr *header, uint8_t command)
{
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(header, sizeof(*genl));

	genl->cmd = command;
	genl->version = ICMPGUARD_FAMILY_VERSION;
}

static void tell_family(const struct nlmsghdr *request)
{
	struct nlmsghdr *header;
	struct nlattr *groups, *group;

	if (!module.loaded) {
		acknowledge(request, ENOENT, NULL, 0);
		return;
	}
	header = begin(GENL_ID_CTRL, request->nlmsg_seq, 0);
	put_genl(header, CTRL_CMD_NEWFAMILY);
	mnl_attr_put_u16(header, CTRL_ATTR_FAMILY_ID, family_number());
	groups = mnl_attr_nest_start(header, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(header, 1);
	mnl_attr_put_u32(header, CTRL_ATTR_MCAST_GRP_ID, 7);
	mnl_attr_put_strz(header, CTRL_ATTR_MCAST_GRP_NAME, module.events ? "events" : "others");
	mnl_attr_nest_end(header, group);
	mnl_attr_nest_end(header, groups);
	finish(header);
	acknowledge(request, 0, NULL, 0);
}

static void put_extra(struct nlmsghdr *header)
{
	struct nlattr *nest;

	mnl_attr_put_strz(header, 200, "from the future");
	nest = mnl_attr_nest_start(header, 31);
	mnl_attr_put_u64(header, 1, 5);
	mnl_attr_nest_end(header, nest);
}

static void tell_config(const struct nlmsghdr *request)
{
	struct nlmsghdr *header = begin(FAMILY, request->nlmsg_seq, 0);
	struct nlattr *nest;

	put_genl(header, ICMPGUARD_CMD_CONFIG_GET);
	if (module.extra)
		put_extra(header);
	mnl_attr_put_u32(header, ICMPGUARD_A_CONFIG_MODE, ICMPGUARD_MODE_MONITOR);
	if (!module.bare) {
		mnl_attr_put_u32(header, ICMPGUARD_A_CONFIG_MAX_ECHO_SIZE, 1472);
		nest = mnl_attr_nest_start(header, ICMPGUARD_A_CONFIG_PREFIX);
		mnl_attr_put_u32(header, ICMPGUARD_A_PREFIX_PROTO, ICMPGUARD_PROTO_ICMPV6);
		mnl_attr_put_u32(header, ICMPGUARD_A_PREFIX_LEN, 56);
		if (module.extra)
			mnl_attr_put_u32(header, 30, 99);
		mnl_attr_nest_end(header, nest);
	}
	finish(header);
	acknowledge(request, 0, NULL, 0);
}

/* As the kernel does, to the byte: strict, and the first unknown attribute is reported */
static void take_change(const struct nlmsghdr *request)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) < module.attributes)
			continue;
		acknowledge(request, EINVAL, module.mute ? NULL : "Unknown attribute type",
			    (const char *)attr - (const char *)request);
		return;
	}
	acknowledge(request, 0, NULL, 0);
}

ssize_t fake_sendto(const struct mnl_socket *socket, const void *bytes, size_t length)
{
	const struct nlmsghdr *request = bytes;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);

	(void)socket;
	answer_length = 0;
	if (request->nlmsg_type == GENL_ID_CTRL)
		tell_family(request);
	else if (genl->cmd >= module.commands)
		acknowledge(request, EOPNOTSUPP, NULL, 0);
	else if (genl->cmd == ICMPGUARD_CMD_CONFIG_GET)
		tell_config(request);
	else
		take_change(request);
	return length;
}

static void tell_notice(const struct notice *notice)
{
	struct nlmsghdr *header = begin(notice->command ? GENL_ID_CTRL : notice->family, 0, 0);

	put_genl(header, notice->command ? notice->command : ICMPGUARD_CMD_EVENT);
	if (notice->command) {
		mnl_attr_put_strz(header, CTRL_ATTR_FAMILY_NAME, notice->name);
		mnl_attr_put_u16(header, CTRL_ATTR_FAMILY_ID, notice->family);
	}
	finish(header);
}

ssize_t fake_recvfrom(const struct mnl_socket *socket, void *bytes, size_t room)
{
	size_t length;

	(void)socket;
	(void)room;
	if (!answer_length && !notices_left) {
		errno = EINTR;
		return -1;
	}
	if (!answer_length) {
		notices_left--;
		if (!notices->name && notices->command) {
			errno = notices++->command;
			return -1;
		}
		tell_notice(notices++);
	}
	length = answer_length;
	answer_length = 0;
	memcpy(bytes, answer, length);
	return length;
}

static const struct module present = {
	.loaded = true, .events = true, .commands = __ICMPGUARD_CMD_MAX,
	.attributes = __ICMPGUARD_A_CONFIG_MAX,
};

static void expect(const char *what, const struct error *error, const char *text)
{
	if (strcmp(error->text, text))
		fprintf(test_file, "# '%s' instead of '%s'\n", error->text, text);
	test_result(!strcmp(error->text, text), "%s", what);
}

static struct error ask(uint8_t command, genl_reply reply, void *data)
{
	struct error error = { .text = "" };
	struct message message;
	struct genl genl;

	if (genl_open(&genl, &error)) {
		message_init(&message, genl.family, command, 0);
		genl_do(&genl, &message, reply, data, &error);
		message_release(&message);
	}
	genl_close(&genl);
	return error;
}

static struct error listen_to_events(void)
{
	struct error error = { .text = "" };
	struct genl genl;

	if (genl_open(&genl, &error))
		genl_listen(&genl, &error);
	genl_close(&genl);
	return error;
}

/* "set scope local", as typed */
static struct error set_scope(void)
{
	char name[] = "scope", value[] = "local", *argv[2] = { name, value };
	struct error error = { .text = "" };
	struct change change = { .replace = false };
	struct message message;
	struct words words;
	struct word *list = words_from_argv(&words, 2, argv);
	struct genl genl;

	parse_setting(&words, &change, &error);
	if (genl_open(&genl, &error)) {
		message_init(&message, genl.family, ICMPGUARD_CMD_CONFIG_SET, 0);
		message_put_change(&message, &change);
		genl_do(&genl, &message, NULL, NULL, &error);
		message_release(&message);
	}
	genl_close(&genl);
	change_release(&change);
	free(list);
	return error;
}

static void same_age(void)
{
	struct config_state config = { .generation = 0 };
	struct error error;

	module = present;
	error = ask(ICMPGUARD_CMD_CONFIG_GET, reply_config, &config);
	expect("the same age: the configuration comes", &error, "");
	error = set_scope();
	expect("the same age: a change goes", &error, "");
	error = listen_to_events();
	expect("the same age: events", &error, "");
}

static void with_older(void)
{
	struct config_state config = { .generation = 0 };
	struct error error;

	module = present;
	module.commands = ICMPGUARD_CMD_STATS_GET;
	module.attributes = ICMPGUARD_A_CONFIG_SCOPE;
	module.events = false;
	module.bare = true;
	error = ask(ICMPGUARD_CMD_CONFIG_GET, reply_config, &config);
	expect("an older module: the configuration comes", &error, "");
	test_result(config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR && !config.setting[SETTING_MAX_ECHO_SIZE] &&
		    !config.ladder[1].steps, "what it doesn't say is zero");
	error = ask(ICMPGUARD_CMD_STATS_GET, NULL, NULL);
	expect("a command it hasn't got", &error,
	       "the loaded icmpguard module doesn't know this request");
	error = set_scope();
	expect("a setting it hasn't got", &error,
	       "'local': the loaded icmpguard module is older and doesn't know this");
	error = listen_to_events();
	expect("events it hasn't got", &error, "the loaded icmpguard module sends no events");
	module.mute = true;
	error = set_scope();
	expect("a setting, refused without a word", &error, "the kernel refused: Invalid argument");
}

static void with_newer(void)
{
	struct config_state config = { .generation = 0 };
	struct error error;

	module = present;
	module.extra = true;
	module.commands = 100;
	module.attributes = 100;
	error = ask(ICMPGUARD_CMD_CONFIG_GET, reply_config, &config);
	expect("a newer module: the configuration comes", &error, "");
	test_result(config.setting[SETTING_MODE] == ICMPGUARD_MODE_MONITOR && config.setting[SETTING_MAX_ECHO_SIZE] == 1472,
		    "what both know is read");
	test_result(config.ladder[1].steps == 1 && config.ladder[1].step[0].len == 56,
		    "also next to what only one knows");
	error = set_scope();
	expect("a newer module: a change goes", &error, "");
}

static void absent(void)
{
	struct error error;

	module = (struct module) { .loaded = false };
	error = ask(ICMPGUARD_CMD_CONFIG_GET, NULL, NULL);
	expect("no module", &error, "icmpguard isn't loaded");
}

static bool hear_event(const struct nlmsghdr *header, void *data, struct error *error)
{
	(void)header;
	(void)error;
	strcat(data, "event ");
	return true;
}

/* A listener's reaction to notifications, and to the state it finds */
static void listen_to(const char *what, const struct module *before, const struct module *now,
		      const struct notice *list, size_t n, const char *wanted)
{
	static const char *const words[] = {
		[GENL_LOST] = "lost ", [GENL_UNLOADED] = "unloaded ", [GENL_LOADED] = "loaded ",
		[GENL_FAILED] = "failed ",
	};
	struct error error = { .text = "" };
	char said[200] = "";
	struct genl genl;
	enum genl_news news;
	unsigned int rounds = 0;

	notices = list;
	notices_left = n;
	module = *before;
	genl_open(&genl, &error);
	error = (struct error) { .text = "" };
	if (!genl_listen(&genl, &error))
		strcat(said, "refused ");
	module = *now;
	do {
		news = genl_wait(&genl, hear_event, said, &error);
		if (words[news < GENL_INTERRUPTED || news == GENL_FAILED ? news : 0])
			strcat(said, words[news]);
	} while (news != GENL_INTERRUPTED && news != GENL_FAILED && ++rounds < 20);
	genl_close(&genl);
	if (strcmp(said, wanted))
		fprintf(test_file, "# '%s' instead of '%s' %s\n", said, wanted, error.text);
	test_result(!strcmp(said, wanted), "%s", what);
}

#define LISTEN(what, before, now, wanted, ...) do {					\
	static const struct notice list[] = { __VA_ARGS__ };				\
											\
	listen_to(what, before, now, list, sizeof(list) / sizeof(*list), wanted);	\
} while (0)

#define GONE(number)	{ CTRL_CMD_DELFAMILY, number, ICMPGUARD_FAMILY_NAME }
#define CAME(number)	{ CTRL_CMD_NEWFAMILY, number, ICMPGUARD_FAMILY_NAME }
#define HAPPENED(number) { 0, number, "" }

static void comes_and_goes(void)
{
	const struct module none = { .loaded = false };
	struct module old = present, new = present, mute = present;

	old.number = FAMILY;
	new.number = FAMILY + 1;
	mute.number = FAMILY + 1;
	mute.events = false;
	LISTEN("nothing happens", &old, &old, "event ", HAPPENED(FAMILY));
	LISTEN("it goes", &old, &none, "unloaded ", GONE(FAMILY));
	LISTEN("it goes and comes", &old, &new, "unloaded loaded event ",
	       GONE(FAMILY), CAME(FAMILY + 1), HAPPENED(FAMILY + 1));
	LISTEN("what the old one said is past", &old, &new, "unloaded loaded ",
	       GONE(FAMILY), HAPPENED(FAMILY), CAME(FAMILY + 1));
	LISTEN("it comes", &none, &new, "loaded event ", CAME(FAMILY + 1), HAPPENED(FAMILY + 1));
	LISTEN("it came before the listener looked", &none, &new, "loaded ", CAME(FAMILY + 1));
	LISTEN("it is another one when the listener looks first", &old, &new, "unloaded loaded ",
	       GONE(FAMILY), CAME(FAMILY + 1));
	LISTEN("others come and go", &old, &old, "",
	       { CTRL_CMD_DELFAMILY, FAMILY + 5, "other" }, { CTRL_CMD_NEWFAMILY, FAMILY, "other" });
	LISTEN("notices of those that came and went meanwhile", &old, &new, "unloaded loaded ",
	       GONE(FAMILY), CAME(FAMILY + 2), GONE(FAMILY + 2), CAME(FAMILY + 1));
	LISTEN("it comes and is gone", &none, &none, "", CAME(FAMILY + 1), GONE(FAMILY + 1));
	LISTEN("something is lost", &old, &old, "lost event ",
	       { ENOBUFS, 0, NULL }, HAPPENED(FAMILY));
	LISTEN("its going and coming are lost", &old, &new, "unloaded loaded lost event ",
	       { ENOBUFS, 0, NULL }, HAPPENED(FAMILY + 1));
	LISTEN("one comes that sends no events", &none, &mute, "failed ", CAME(FAMILY + 1));
}

int main(void)
{
	test_begin();
	same_age();
	with_older();
	with_newer();
	absent();
	comes_and_goes();
	return test_end();
}
