/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices of this network namespace, and what they can't do.
 */
#ifndef ICMPGUARD_XDP_DEVICE_H
#define ICMPGUARD_XDP_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include "words.h"

/**
 * struct device - a device
 * @index: its number
 * @name: what it is called
 * @ethernet: whether frames are Ethernet's, on a wire
 * @flags: IFF_*
 * @master: the number of what it is a member of; 0: nothing
 * @lower: the number of what it is made on, in this namespace; 0: nothing
 * @kind: what made it; empty: a driver
 * @member: as what it belongs to @master, a kind
 */
struct device {
	unsigned int index;
	char name[IF_NAMESIZE];
	bool ethernet;
	unsigned int flags;
	unsigned int master;
	unsigned int lower;
	char kind[16];
	char member[16];
};

struct devices {
	struct device *list;
	size_t n, room;
};

#define REASON_MAX	128

bool devices_read(struct devices *devices, struct error *error);
const struct device *devices_find(const struct devices *devices, unsigned int index);
bool device_reason(const struct devices *devices, const struct device *device, char *reason);

#endif /* ICMPGUARD_XDP_DEVICE_H */
