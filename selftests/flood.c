// SPDX-License-Identifier: GPL-2.0-only
/*
 * A flood of echo requests from random sources, bounded in packets and paced.
 *
 * usage: flood [-F] [-n PACKETS] [-r A-SECOND] [-s SEED] [-S SOURCES] ADDRESS
 *
 * Of IPv6 every source is another /64. With -S the sources are no more than
 * that many, with -F the packets first fragments that nothing follows. Prints how many were sent and in how many milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC	1000000000ULL
#define TICK	1000000ULL	/* nanoseconds between two reads of the clock */
#define BURST	200		/* packets between them at most: a queue holds 1,000 */
#define PIECE	64		/* bytes of a first fragment */

struct target {
	bool v6;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

static uint64_t state;
static bool fragments;
static uint32_t identification;

/* splitmix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014 */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint64_t next_random(void)
{
	return mix(state += 0x9e3779b97f4a7c15ULL);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static void sleep_until(uint64_t nsec)
{
	const struct timespec ts = { .tv_sec = nsec / NSEC, .tv_nsec = nsec % NSEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static uint16_t checksum(const void *data, size_t length, uint32_t sum)
{
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += byte[i] << 8 | byte[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* A global unicast address: 1.0.0.0 to 126.255.255.255 */
static size_t make4(uint8_t *packet, const struct target *target, uint64_t source)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ICMP,
		.daddr = target->in.sin_addr.s_addr,
	};
	struct icmphdr icmp = { .type = ICMP_ECHO };

	ip.saddr = htonl((1 + source % 126) << 24 | (source >> 32 & 0xffffff));
	if (fragments) {
		ip.frag_off = htons(0x2000);
		ip.id = htons(++identification);
	}
	ip.tot_len = htons(sizeof(ip) + (fragments ? PIECE : sizeof(icmp)));
	icmp.un.echo.sequence = source;
	icmp.checksum = checksum(&icmp, sizeof(icmp), 0);
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &icmp, sizeof(icmp));
	return ntohs(ip.tot_len);
}

/* Within 3000::/4, which is unassigned */
static size_t make6(uint8_t *packet, const struct target *target, uint64_t source)
{
	struct ip6_hdr ip = {
		.ip6_plen = htons(sizeof(struct icmp6_hdr)), .ip6_nxt = IPPROTO_ICMPV6,
		.ip6_hlim = 64, .ip6_dst = target->in6.sin6_addr,
	};
	struct icmp6_hdr icmp = { .icmp6_type = ICMP6_ECHO_REQUEST };
	struct ip6_frag fragment = {
		.ip6f_nxt = IPPROTO_ICMPV6, .ip6f_offlg = IP6F_MORE_FRAG,
	};
	uint32_t sum = sizeof(icmp) + IPPROTO_ICMPV6;
	unsigned int i;

	ip.ip6_vfc = 6 << 4;
	for (i = 0; i < 8; i++)
		ip.ip6_src.s6_addr[i] = source >> (8 * i);
	ip.ip6_src.s6_addr[0] = 0x30 | (ip.ip6_src.s6_addr[0] & 0x0f);
	ip.ip6_src.s6_addr[15] = 1;
	icmp.icmp6_seq = source;
	for (i = 0; i < 16; i += 2) {
		sum += ip.ip6_src.s6_addr[i] << 8 | ip.ip6_src.s6_addr[i + 1];
		sum += ip.ip6_dst.s6_addr[i] << 8 | ip.ip6_dst.s6_addr[i + 1];
	}
	icmp.icmp6_cksum = checksum(&icmp, sizeof(icmp), sum);
	if (fragments) {
		fragment.ip6f_ident = htonl(++identification);
		ip.ip6_nxt = IPPROTO_FRAGMENT;
		ip.ip6_plen = htons(sizeof(fragment) + PIECE);
		memcpy(packet + sizeof(ip), &fragment, sizeof(fragment));
	}
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip) + (fragments ? sizeof(fragment) : 0), &icmp, sizeof(icmp));
	return sizeof(ip) + ntohs(ip.ip6_plen);
}

static bool send_one(int fd, const struct target *target, uint64_t source)
{
	const struct sockaddr *address = target->v6 ? (void *)&target->in6 : (void *)&target->in;
	socklen_t room = target->v6 ? sizeof(target->in6) : sizeof(target->in);
	uint8_t packet[128] = {};
	size_t length;

	length = target->v6 ? make6(packet, target, source) : make4(packet, target, source);
	while (sendto(fd, packet, length, 0, address, room) < 0) {
		if (errno == EINTR)
			continue;
		/* A full queue: later, then. */
		if (errno != ENOBUFS && errno != EAGAIN)
			return false;
		sleep_until(now() + TICK);
	}
	return true;
}

static bool read_target(const char *text, struct target *target)
{
	memset(target, 0, sizeof(*target));
	if (inet_pton(AF_INET, text, &target->in.sin_addr) == 1) {
		target->in.sin_family = AF_INET;
		return true;
	}
	target->v6 = inet_pton(AF_INET6, text, &target->in6.sin6_addr) == 1;
	target->in6.sin6_family = AF_INET6;
	return target->v6;
}

int main(int argc, char **argv)
{
	uint64_t packets = 1000, rate = 1000, sources = 0, sent = 0, start;
	struct target target;
	int option, fd;

	while ((option = getopt(argc, argv, "Fn:r:s:S:")) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'F': fragments = true; break;
		case 'n': packets = value; break;
		case 'r': rate = value; break;
		case 's': state = value; break;
		case 'S': sources = value; break;
		default: return 2;
		}
	}
	if (optind + 1 != argc || !rate || !read_target(argv[optind], &target)) {
		fprintf(stderr, "usage: %s [-F] [-n PACKETS] [-r A-SECOND] [-s SEED] [-S SOURCES] ADDRESS\n",
			argv[0]);
		return 2;
	}
	/* Of IPv6 too, a socket of this protocol takes whole packets. */
	fd = socket(target.v6 ? AF_INET6 : AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	start = now();
	while (sent < packets) {
		uint64_t due = (now() - start) / 1000 * rate / 1000000 + 1;

		if (due > packets)
			due = packets;
		/* After a stall, what was missed is sent gradually. */
		if (due > sent + BURST)
			due = sent + BURST;
		for (; sent < due; sent++) {
			uint64_t source = next_random();

			if (sources)
				source = mix(source % sources + 1);
			if (!send_one(fd, &target, source)) {
				perror("sendto");
				return 1;
			}
		}
		if (sent < packets)
			sleep_until(now() + TICK);
	}
	printf("%" PRIu64 " %" PRIu64 "\n", sent, (now() - start) / 1000000);
	return 0;
}
