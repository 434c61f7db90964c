// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devices of this network namespace, and why one drops nothing early.
 *
 * The conditions are those of kmod/xdp.c, as far as they are to be seen from here.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "device.h"
#include "memory.h"

#define CONFIG	"/proc/net/icmpguard/config"

static void copy_text(char *text, size_t size, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(text, size, "%s", mnl_attr_get_str(attr));
}

static void read_kinds(struct device *device, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
			copy_text(device->kind, sizeof(device->kind), attr);
		if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_KIND)
			copy_text(device->member, sizeof(device->member), attr);
	}
}

static int read_device(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	struct devices *devices = data;
	const struct nlattr *attr;
	struct device *device;
	bool elsewhere = false;

	if (header->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	if (devices->n == devices->room) {
		devices->room = devices->room ? 2 * devices->room : 16;
		devices->list = memory_get(devices->list, devices->room, sizeof(*devices->list));
	}
	device = memset(&devices->list[devices->n++], 0, sizeof(*device));
	device->index = info->ifi_index;
	device->flags = info->ifi_flags;
	device->ethernet = info->ifi_type == ARPHRD_ETHER && !(info->ifi_flags & IFF_LOOPBACK);
	mnl_attr_for_each(attr, header, sizeof(*info)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			copy_text(device->name, sizeof(device->name), attr);
			break;
		case IFLA_MASTER:
			device->master = mnl_attr_get_u32(attr);
			break;
		case IFLA_LINK:
			device->lower = mnl_attr_get_u32(attr);
			break;
		case IFLA_LINK_NETNSID:
			elsewhere = true;
			break;
		case IFLA_LINKINFO:
			read_kinds(device, attr);
			break;
		}
	}
	if (elsewhere)
		device->lower = 0;
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *socket, struct devices *devices)
{
	char buffer[32768];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	unsigned int sequence = time(NULL);
	ssize_t got;
	int more = MNL_CB_OK;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = sequence;
	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -1;
	while (more > MNL_CB_STOP) {
		got = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		more = got < 0 ? -1 : mnl_cb_run(buffer, got, sequence,
						 mnl_socket_get_portid(socket), read_device,
						 devices);
	}
	return more;
}

/**
 * devices_read() - find all devices
 * @devices: filled in
 * @error: filled in otherwise
 *
 * Return: whether they are.
 */
bool devices_read(struct devices *devices, struct error *error)
{
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	unsigned int tries = 20;
	int done = -1;

	if (socket && !mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID)) {
		do {
			devices->n = 0;
			done = ask(socket, devices);
		} while (done < 0 && errno == EINTR && --tries);
	}
	if (done < 0)
		error_set(error, NULL, "the devices can't be read: %s", strerror(errno));
	if (socket)
		mnl_socket_close(socket);
	return done >= 0;
}

/**
 * devices_find() - find a device
 * @devices: all of them
 * @index: its number
 *
 * Return: NULL where there is none.
 */
const struct device *devices_find(const struct devices *devices, unsigned int index)
{
	size_t i;

	for (i = 0; i < devices->n; i++)
		if (devices->list[i].index == index)
			return &devices->list[i];
	return NULL;
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/* Return: a device of one of these kinds that is made on another; NULL: there is none. */
static const struct device *made_on(const struct devices *devices, const struct device *lower,
				    const char *const *kinds)
{
	size_t i;

	for (i = 0; i < devices->n; i++)
		if (devices->list[i].lower == lower->index &&
		    is_one_of(devices->list[i].kind, kinds))
			return &devices->list[i];
	return NULL;
}

/* Which of a device's features are on, by their names; or-ed by place in @name */
static unsigned int features(const char *device, const char *const *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t length;
	} set = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	struct ethtool_gstrings *strings = NULL;
	struct ethtool_gfeatures *values = NULL;
	struct ifreq request = { 0 };
	unsigned int on = 0, i, j, blocks;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	request.ifr_data = (void *)&set;
	if (fd < 0 || ioctl(fd, SIOCETHTOOL, &request) || !set.info.sset_mask)
		goto out;
	blocks = (set.length + 31) / 32;
	strings = calloc(1, sizeof(*strings) + (size_t)set.length * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + blocks * sizeof(values->features[0]));
	if (!strings || !values)
		goto out;
	*strings = (struct ethtool_gstrings) {
		.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = set.length,
	};
	request.ifr_data = (void *)strings;
	if (ioctl(fd, SIOCETHTOOL, &request))
		goto out;
	*values = (struct ethtool_gfeatures) { .cmd = ETHTOOL_GFEATURES, .size = blocks };
	request.ifr_data = (void *)values;
	if (ioctl(fd, SIOCETHTOOL, &request))
		goto out;
	for (i = 0; i < set.length; i++)
		for (j = 0; name[j]; j++)
			if (!strncmp((char *)strings->data + i * ETH_GSTRING_LEN, name[j],
				     ETH_GSTRING_LEN) &&
			    values->features[i / 32].active & 1U << i % 32)
				on |= 1U << j;
out:
	free(strings);
	free(values);
	if (fd >= 0)
		close(fd);
	return on;
}

static bool hides_tags(const struct devices *devices, const struct device *device)
{
	static const char *const vlan[] = { "vlan", NULL };
	static const char *const names[] = {
		"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse", NULL
	};

	return made_on(devices, device, vlan) && features(device->name, names);
}

/*
 * A line of the running configuration decides: another mode than enforce, or scope local.
 * Return: whether one does; then @reason is it.
 */
static bool is_passed(const char *device, char *reason)
{
	char line[128], own[64], mode[32] = "";
	FILE *file = fopen(CONFIG, "r");
	bool local = false;

	if (!file)
		return false;
	snprintf(own, sizeof(own), "interface %s ", device);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "scope local"))
			local = true;
		/* The namespace's comes first, and an interface that is on has that. */
		else if (!strncmp(line, "mode ", 5))
			snprintf(mode, sizeof(mode), "%.31s", line + 5);
		else if (!strncmp(line, own, strlen(own)) && strcmp(mode, "off") &&
			 strcmp(line + strlen(own), "on"))
			snprintf(mode, sizeof(mode), "%.31s", line + strlen(own));
		else if (!strncmp(line, "rule ", 5))
			break;
	}
	fclose(file);
	if (*mode && strcmp(mode, "enforce"))
		snprintf(reason, REASON_MAX, "mode %s", mode);
	else if (local)
		snprintf(reason, REASON_MAX, "scope local");
	return *reason;
}

/**
 * device_reason() - why nothing is dropped at a device before PRE_ROUTING
 * @devices: all of them
 * @device: which
 * @reason: filled in, REASON_MAX bytes; empty where there is no such reason
 *
 * Return: whether there is one.
 */
bool device_reason(const struct devices *devices, const struct device *device, char *reason)
{
	/* What takes frames from a device before IP sees them */
	static const char *const takers[] = {
		"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "hsr", NULL
	};
	static const char *const dsa[] = { "dsa", NULL };
	const struct device *other = devices_find(devices, device->master);

	*reason = '\0';
	if (!device->ethernet)
		return snprintf(reason, REASON_MAX, "no Ethernet");
	/* A VRF's members stay what they are. */
	if (device->master && strcmp(device->member, "vrf"))
		return snprintf(reason, REASON_MAX, "%s%smember of %s", device->member,
				*device->member ? " " : "", other ? other->name : "another device");
	other = made_on(devices, device, takers);
	if (other)
		return snprintf(reason, REASON_MAX, "%s takes its frames (%s)", other->name,
				other->kind);
	other = made_on(devices, device, dsa);
	if (other)
		return snprintf(reason, REASON_MAX, "%s is a switch's port on it", other->name);
	if (hides_tags(devices, device))
		return snprintf(reason, REASON_MAX,
				"takes VLAN tags off: ethtool -K %s rxvlan off rx-vlan-stag-hw-parse off",
				device->name);
	if (is_passed(device->name, reason))
		return true;
	if (!(device->flags & IFF_UP))
		return snprintf(reason, REASON_MAX, "down");
	return false;
}
