/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests: a change becomes attributes. Pure: sends nothing.
 */
#ifndef ICMPGUARDCTL_MESSAGE_H
#define ICMPGUARDCTL_MESSAGE_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include "change.h"

/**
 * struct message - a request being made
 * @header: the message; moves when it grows
 * @room: bytes there is memory for
 * @change: what it asks for, NULL: no change
 * @subject: the word it is about, where that is one
 * @sought: the offset of the attribute whose word is wanted
 * @found: that word
 */
struct message {
	struct nlmsghdr *header;
	size_t room;
	const struct change *change;
	const struct word *subject;
	size_t sought;
	const struct word *found;
};

void message_init(struct message *message, uint16_t family, uint8_t command, uint16_t flags);
void message_put_u32(struct message *message, uint16_t type, uint32_t value,
		     const struct word *word);
void message_put_address(struct message *message, uint16_t type, const struct prefix *prefix,
			 const struct word *word);
void message_put_string(struct message *message, uint16_t type, const char *text,
			const struct word *word);
void message_put_change(struct message *message, const struct change *change);
const struct word *message_word(const struct message *message, size_t offset);
void message_release(struct message *message);

#endif /* ICMPGUARDCTL_MESSAGE_H */
