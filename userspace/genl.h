/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel: requests out, replies in, refusals said.
 */
#ifndef ICMPGUARDCTL_GENL_H
#define ICMPGUARDCTL_GENL_H

#include "message.h"

/**
 * struct genl - a connection to the module
 * @socket: NULL: none yet
 * @family: its number; 0: the module isn't loaded
 * @events: the number of the group for events; 0: there is none
 * @look: listening, and the family has to be looked up again
 * @refused: the errno of the last refusal
 * @sequence: of the last request
 * @buffer: for replies
 */
struct genl {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t events;
	bool look;
	int refused;
	uint32_t sequence;
	char *buffer;
};

/* Called for every message of a reply; false ends it with an error. */
typedef bool (*genl_reply)(const struct nlmsghdr *header, void *data, struct error *error);

/**
 * struct dump - a dump to be asked for
 * @command: enum icmpguard_cmd
 * @reply: called for each message
 * @data: handed to it
 * @count: set to zero before the first one, and again when a change forces a new
 *	beginning
 */
struct dump {
	uint8_t command;
	genl_reply reply;
	void *data;
	size_t *count;
};

enum genl_news {
	GENL_NEWS, GENL_LOST, GENL_UNLOADED, GENL_LOADED, GENL_INTERRUPTED, GENL_FAILED
};

bool genl_enter(const char *netns, struct error *error);
bool genl_open(struct genl *genl, struct error *error);
bool genl_do(struct genl *genl, struct message *message, genl_reply reply, void *data,
	     struct error *error);
bool genl_dump(struct genl *genl, const struct dump *dump, struct error *error);
bool genl_listen(struct genl *genl, struct error *error);
enum genl_news genl_wait(struct genl *genl, genl_reply reply, void *data, struct error *error);
void genl_close(struct genl *genl);

#endif /* ICMPGUARDCTL_GENL_H */
