/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets for the tests in C: a tun device injects them one by one, in the writer's
 * own context, so that none is lost and counts are exact.
 */
#ifndef _ICMPGUARD_TUN_H
#define _ICMPGUARD_TUN_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/if_tun.h>

#define TUN_ADDRESS	"10.99.0.1"

/* An IPv4 packet with an ICMP message */
struct echo {
	struct iphdr ip;
	struct icmphdr icmp;
	char payload[1200];
};

static inline unsigned int sum16(const void *data, size_t len)
{
	const unsigned char *at = data;
	unsigned int sum = 0;

	for (; len > 1; at += 2, len -= 2)
		sum += at[0] << 8 | at[1];
	if (len)
		sum += at[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Return: its bytes. @more: the first fragment of an incomplete message. */
static inline size_t make_echo(struct echo *echo, int type, __u32 source, size_t payload, int id,
			       bool more)
{
	size_t len = sizeof(echo->ip) + sizeof(echo->icmp) + payload;

	memset(echo, 0, len);
	echo->ip.version = 4;
	echo->ip.ihl = 5;
	echo->ip.tot_len = htons(len);
	echo->ip.id = htons(id);
	echo->ip.frag_off = htons(more ? 0x2000 : 0);
	echo->ip.ttl = 64;
	echo->ip.protocol = IPPROTO_ICMP;
	echo->ip.saddr = htonl(source);
	echo->ip.daddr = inet_addr(TUN_ADDRESS);
	echo->ip.check = htons(sum16(&echo->ip, sizeof(echo->ip)));
	echo->icmp.type = type;
	echo->icmp.checksum = htons(sum16(&echo->icmp, sizeof(echo->icmp) + payload));
	return len;
}

/* A tun device of this namespace, up, with an address and a route to 10/8 */
static inline int open_tun(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in *address = (void *)&request.ifr_addr;
	int fd, udp;

	if (access("/dev/net/tun", F_OK) && system("modprobe -q tun"))
		return -1;
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ioctl(fd, TUNSETIFF, &request))
		goto fail;
	memset(&request.ifr_addr, 0, sizeof(request.ifr_addr));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = inet_addr(TUN_ADDRESS);
	if (ioctl(udp, SIOCSIFADDR, &request))
		goto fail;
	address->sin_addr.s_addr = inet_addr("255.0.0.0");
	if (ioctl(udp, SIOCSIFNETMASK, &request))
		goto fail;
	request.ifr_flags = IFF_UP;
	if (ioctl(udp, SIOCSIFFLAGS, &request))
		goto fail;
	close(udp);
	return fd;
fail:
	close(udp);
	close(fd);
	return -1;
}

#endif /* _ICMPGUARD_TUN_H */
