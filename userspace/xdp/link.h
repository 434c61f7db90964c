/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that are attached, and stay.
 */
#ifndef ICMPGUARD_XDP_LINK_H
#define ICMPGUARD_XDP_LINK_H

#include <limits.h>
#include <stdint.h>
#include "names.h"
#include "pins.h"
#include "words.h"

/**
 * struct link - a program that is attached, in this network namespace or elsewhere
 * @path: where it is pinned
 * @device: the device's number in its namespace; 0: it is gone
 * @program: the program's
 * @mode: XDP_FLAGS_*, of one that is in this namespace; 0: it isn't
 * @shared: by the dispatcher, and the number of a device elsewhere isn't known
 * @fd: the link, or the program that is @shared
 */
struct link {
	char path[sizeof(PINS) + NAME_MAX + 2];
	unsigned int device;
	uint32_t program;
	uint32_t mode;
	bool shared;
	int fd;
};

#define LINK_ELSEWHERE	UINT_MAX

/* Return: whether to go on */
typedef bool link_handler(struct link *link, void *data);

bool link_lock(struct error *error);
bool link_each(link_handler *handle, void *data, struct error *error);
bool link_detach(struct link *link, struct error *error);
void link_done(void);
bool link_attach(const char *device, unsigned int number, uint32_t mode, struct error *error);

#endif /* ICMPGUARD_XDP_LINK_H */
