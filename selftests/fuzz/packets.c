// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets for the module, through tun devices in a namespace of its own: captured
 * ones, changed at random, linear or in many fragments of an skb. KTAP.
 *
 * usage: packets SEED PACKETS TOOL CASES
 *
 * After each batch the module still counts and passes a ping, and its sums hold;
 * the caller checks the kernel's log.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/virtio_net.h>
#include <sched.h>
#include <sys/uio.h>
#include <unistd.h>
#include "guest.h"
#include "mutate.h"
#include "random.h"

#define BATCH		2000	/* packets between two checks */
#define PIECES_MAX	17	/* of a packet: MAX_SKB_FRAGS */

static const char *tool;
static int tun, tap;
static unsigned long sent, refused, in_pieces, with_gso, replies;

/* Commands that run meanwhile; none of them may affect the checks. */
static const char *const configurations[] = {
	"mode enforce\n",
	"mode monitor\n",
	"mode enforce\nmax-echo-size 1000\ntype fragment limit unlimited\n",
	"mode enforce\nmax-echo-size 65507\ntype fragment limit unlimited\ntype echo-request accept\n",
	"mode enforce\ntype echo-request limit 5/second burst 5 total 100/second block 60s\n"
	"table-size 8\n",
	"mode enforce\nprefix ipv4 32 24:4 16:16 8:64\nprefix ipv6 128 64:2 56:4 48:16\n",
	"mode enforce\nrule add 198.51.100.0/24 exempt\nrule add 10.0.0.0/8 block\n"
	"rule add 203.0.113.0/24 limit 1/minute\nrule add 2001:db8::/32 limit 10/second\n"
	"rule add fe80::/10 exempt\nrule add ::/0 block\n",
	"mode enforce\nscope local\ninterface fz0 monitor\n",
	"mode enforce\ntype icmp destination-unreachable code 1 drop\ntype other drop\n"
	"type time-exceeded monitor\ntype icmpv6 packet-too-big limit 1/hour burst 1\n",
	"mode enforce\nrule add 0.0.0.0/0 exempt\nrule add ::/0 exempt\n",
};

#define CONFIGURATIONS	(sizeof(configurations) / sizeof(configurations[0]))

static void set_up(void)
{
	must(!unshare(CLONE_NEWNET), "unshare");
	tun = open_device("fz0", IFF_TUN | IFF_VNET_HDR);
	/* Each piece becomes one of the packet's, and only the first is in the skb itself. */
	tap = open_device("fz1", IFF_TAP | IFF_VNET_HDR | IFF_NAPI | IFF_NAPI_FRAGS);
	must(run("ip link set lo up && ip link set fz1 address 02:00:00:00:00:01 &&"
		 "ip link set fz0 mtu 65535 up && ip link set fz1 mtu 65521 up &&"
		 "sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
		 " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.all.accept_local=1"
		 " net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.all.accept_ra=2 &&"
		 "ip addr add 192.0.2.1/24 dev fz0 && ip addr add 2001:db8:b::1/64 dev fz0 nodad &&"
		 "ip route add default dev fz0 && ip -6 route add default dev fz0"), "devices");
}

static bool configure(const char *text)
{
	return run("printf '%%s' '%s' | %s apply -", text, tool);
}

static void drain(void)
{
	static char room[70000];

	while (read(tun, room, sizeof(room)) > 0)
		replies++;
	while (read(tap, room, sizeof(room)) > 0)
		;
}

/* A header that a driver would put before the packet, right or wrong */
static void put_gso(struct virtio_net_hdr *header, const struct packet *packet)
{
	memset(header, 0, sizeof(*header));
	/* A packet of a page or more is in fragments after this. */
	header->hdr_len = below(2) ? 14 + below(100) : below(packet->length + 1);
	if (below(16))
		return;
	header->gso_type = (uint8_t[]){ VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_UDP,
					VIRTIO_NET_HDR_GSO_TCPV6, 5, 0x80 }[below(5)];
	header->gso_size = below(2) ? 1200 : below(65536);
	header->flags = below(2) ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0;
	header->csum_start = below(2) ? 20 : below(65536);
	header->csum_offset = below(2) ? 2 : below(65536);
	with_gso++;
}

static ssize_t send_whole(struct packet *packet)
{
	struct virtio_net_hdr header;
	struct iovec pieces[2] = {
		{ &header, sizeof(header) }, { packet->bytes, packet->length },
	};

	put_gso(&header, packet);
	return writev(tun, pieces, 2);
}

/* The Ethernet header, and sometimes a little more, in one piece, the others anywhere */
static ssize_t send_pieces(struct packet *packet)
{
	static uint8_t first[14 + 4096];
	struct virtio_net_hdr header = { 0 };
	struct iovec pieces[2 + PIECES_MAX] = { { &header, sizeof(header) }, { first, 14 } };
	size_t at = below(2) ? 0 : below(packet->length < 100 ? packet->length : 100);
	int n = 2;

	memcpy(first, "\2\0\0\0\0\1" "\2\0\0\0\0\2", 12);
	memcpy(first + 12, packet->bytes[0] >> 4 == 6 ? "\x86\xdd" : "\x08\0", 2);
	memcpy(first + 14, packet->bytes, at);
	pieces[1].iov_len += at;
	while (at < packet->length && n < 1 + PIECES_MAX) {
		size_t left = packet->length - at;
		size_t step = below(2) ? 1 + below(40) : 1 + below(4096);

		/* The rest has to fit into the remaining fragments. */
		if (step < left && (left - step) / 4096 >= (size_t)(PIECES_MAX - n))
			step = 4096;
		step = step < left ? step : left;
		step = step < 4096 ? step : 4096;
		pieces[n++] = (struct iovec){ packet->bytes + at, step };
		at += step;
	}
	in_pieces++;
	return writev(tap, pieces, n);
}

static void send_packet(struct packet *packet)
{
	ssize_t done;

	if (packet->length < 20 || packet->length > PACKET_MAX)
		return;
	done = below(2) ? send_whole(packet) : send_pieces(packet);
	sent += done >= 0;
	refused += done < 0;
}

/* The tool's JSON is the counters' sums, and its own; see lib.sh's sums_hold(). */
static bool sums_hold(void)
{
	return run("%s -j stats | jq -e '"
		   "(.counters[] | select(.name == \"monitor\").value) as $monitor |"
		   "([.counters[] | select(.class != \"note\").value] | add) == .seen and"
		   ".seen == .accepted + .dropped and"
		   "([.types[] | .accepted] | add) == .accepted and"
		   "([.types[] | .limited + .dropped] | add) == .dropped and"
		   "([.types[] | .monitored] | add) == $monitor and"
		   "([.counters[] | .monitored // 0] | add) == $monitor' >/dev/null", tool);
}

/* A ping from a new source: answered, and counted once */
static bool alive(void)
{
	static struct packet ping;
	static char room[70000];
	const uint8_t *bytes = (uint8_t *)room + sizeof(struct virtio_net_hdr);
	uint32_t who = below(1 << 24);
	bool answered = false;
	ssize_t got;

	if (!run("%s flush all && printf 'mode enforce\\n' | %s apply - && %s flush stats",
		 tool, tool, tool))
		return false;
	ping.length = 36;
	memset(ping.bytes, 0, ping.length);
	memcpy(ping.bytes, "\x45\0\0\x24\0\0\0\0\x40\1\0\0\x0b\0\0\0\xc0\0\2\1\x08", 21);
	ping.bytes[13] = who >> 16;
	ping.bytes[14] = who >> 8;
	ping.bytes[15] = who;
	seal(&ping);
	drain();
	must(write(tun, room, 0) <= 0, "an empty write");
	{
		struct virtio_net_hdr header = { 0 };
		struct iovec pieces[2] = {
			{ &header, sizeof(header) }, { ping.bytes, ping.length },
		};

		if (writev(tun, pieces, 2) < 0)
			return false;
	}
	while ((got = read(tun, room, sizeof(room))) > 0)
		if (got == (ssize_t)sizeof(struct virtio_net_hdr) + 36 && bytes[9] == 1 &&
		    bytes[20] == 0 && !memcmp(bytes + 16, ping.bytes + 12, 4))
			answered = true;
	return answered && run("%s -j stats | jq -e '([.types[] | select(.proto == \"icmp\" and"
			       " .name == \"echo-request\") | .accepted, .limited, .dropped]) =="
			       " [1, 0, 0]' >/dev/null", tool);
}

int main(int argc, char **argv)
{
	static struct packet packets[PACKETS_MAX];
	unsigned long wanted, batches = 0, bad_sums = 0, dead = 0, bad_config = 0, next = 0;
	struct seed *seeds;
	size_t n, i, count;

	if (argc != 5) {
		fprintf(stderr, "usage: packets SEED PACKETS TOOL CASES\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	mutate_state = strtoull(argv[1], NULL, 0);
	wanted = strtoul(argv[2], NULL, 0);
	tool = argv[3];
	n = seeds_read(argv[4], &seeds);
	must(n, argv[4]);
	set_up();
	printf("KTAP version 1\n1..4\n");
	while (sent < wanted && !bad_sums && !dead && !bad_config) {
		if (sent >= next) {
			next = sent + BATCH;
			if (batches) {
				bad_sums += !sums_hold();
				dead += !alive();
			}
			bad_config += !configure(configurations[batches++ % CONFIGURATIONS]);
		}
		count = below(n);
		count = mutate(seeds[count].bytes, seeds[count].length, packets);
		for (i = 0; i < count; i++)
			send_packet(&packets[i]);
		drain();
	}
	bad_sums += !sums_hold();
	dead += !alive();
	for (i = 0; i < KINDS; i++)
		printf("# %-24s %lu\n", kind_names[i], mutate_kinds[i]);
	printf("# seed %s: %lu packets of %zu kinds, %lu of them in pieces, %lu with a GSO header;\n",
	       argv[1], sent, n, in_pieces, with_gso);
	printf("# %lu that the device refused; %lu answers\n", refused, replies);
	result(!bad_config, "every configuration is taken (%lu batches)", batches);
	result(!bad_sums, "the counters' sums hold after each batch");
	result(!dead, "a ping is answered, and counted as one, after each batch");
	result(sent >= wanted && replies, "%lu packets were sent", sent);
	return bad_sums || dead || bad_config || sent < wanted || !replies;
}
