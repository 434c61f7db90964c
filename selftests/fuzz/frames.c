// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames for what XDP asks of the module: captured packets, changed at random, in a
 * namespace of its own and under one configuration after the other. A frame that would
 * be dropped early is then sent without XDP, and PRE_ROUTING has to refuse it for the
 * same reason; one that would be passed up may have counted nothing. KTAP.
 *
 * usage: frames SEED FRAMES TOOL CASES
 *
 * It needs icmpguard-xdp beside the tool, and a BPF file system.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <sched.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "guest.h"
#include "mutate.h"
#include "random.h"

#define BATCH		200	/* frames under one configuration */
#define COUNTERS_MAX	1024
#define FRAME_MAX	(18 + 3000)	/* what one buffer of a driver has room for */

static const char *tool;
static int tap, program, device;
static unsigned long early, sent, refused, moved, wrong, touched;

/*
 * What refills does so in hours, so that a frame that is judged twice within a moment
 * meets the same state.
 */
static const char *const configurations[] = {
	"type echo-request limit 1/day burst 3\ntype echo-reply limit 1/day burst 1\n",
	"rule add 198.51.100.0/25 block\nrule add 2001:db8:a::/80 block\n"
	"rule add 192.0.2.0/24 exempt\nrule add 203.0.113.0/24 limit 1/day burst 2\n",
	"max-echo-size 40\ntype other drop\ntype icmp destination-unreachable code 1 drop\n"
	"type time-exceeded limit 1/day burst 1\ntype icmpv6 packet-too-big drop\n",
	"type echo-request limit 1/day burst 2 block 1h\ntype echo-reply limit 1/day burst 2 block 1h\n",
	"type echo-request limit 1000/second total 1/hour burst 20\n"
	"type icmp destination-unreachable limit 1000/second total 1/hour burst 5\n",
	"prefix ipv4 32 24:2 16:2\nprefix ipv6 64 56:2 48:2\ntype echo-request limit 1/day burst 2\n"
	"type other limit 1/day burst 1\n",
	"prefix ipv6 128\nprefix ipv4 24\ntype echo-request limit 1/day burst 2\n"
	"rule add 198.51.100.0/26 limit 1/day burst 4 source-length 28\n",
	"check quoted-header drop\ncheck quoted-protocol drop\ncheck quoted-source drop\n"
	"check quoted-error drop\ncheck echo-multicast drop\ncheck ra-option-length drop\n"
	"type echo-request limit 1/day burst 1\n",
	"table-size 8\ntype echo-request limit 1/day burst 1\n",
	"interface fz0.10 off\ninterface fz0 on\ntype echo-request drop\n",
	"interface fz0 monitor\ntype echo-request drop\n",
	"mode monitor\ntype echo-request drop\ninterface fz0.10 on\n",
	"type echo-request monitor\ntype echo-reply drop\n",
	"check reverse-path drop\ntype echo-request limit 1/day burst 1\n",
	"scope local\ntype echo-request drop\n",
	"rule add 198.51.100.0/24 block interface fz0.10\nrule add 198.51.100.0/24 exempt\n"
	"type echo-request drop\n",
	"rule add 0.0.0.0/0 block\nrule add ::/0 block\n",
};

#define CONFIGURATIONS	(sizeof(configurations) / sizeof(configurations[0]))

static void configure(const char *text)
{
	must(run("%s flush all && printf '%%s' '%s' | %s apply -", tool, text, tool), text);
}

/*
 * The program that the tool attaches. It stays loaded, and isn't attached any more. If it is
 * libxdp's dispatcher, it calls icmpguard's only as long as the link between them is open.
 */
static int take_program(void)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, there);
	char link[80];
	__u32 id;
	int fd;

	must(run("%s xdp attach fz0 mode generic", tool), "xdp attach");
	must(!bpf_xdp_query(device, 0, &there), "bpf_xdp_query");
	id = there.prog_id ?: there.skb_prog_id;
	fd = bpf_prog_get_fd_by_id(id);
	must(fd >= 0, "the program");
	snprintf(link, sizeof(link), "/sys/fs/bpf/xdp/dispatch-%d-%u/prog0-link", device, id);
	must(bpf_obj_get(link) >= 0 || errno == ENOENT, link);
	must(run("%s xdp detach fz0", tool), "xdp detach");
	return fd;
}

static void set_up(void)
{
	must(!unshare(CLONE_NEWNET), "unshare");
	tap = open_device("fz0", IFF_TAP);
	must(run("ip link set lo up && ip link set fz0 address 02:00:00:00:00:01 &&"
		 "ip link set fz0 mtu 3000 up && ip link add link fz0 name fz0.10 type vlan id 10 &&"
		 "ip link set fz0.10 up &&"
		 "sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
		 " net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.all.accept_local=1"
		 " net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.all.accept_ra=0 &&"
		 "ip addr add 192.0.2.1/24 dev fz0 && ip addr add 2001:db8:b::1/64 dev fz0 nodad &&"
		 "ip route add default dev fz0 && ip -6 route add default dev fz0"), "devices");
	device = if_nametoindex("fz0");
	program = take_program();
}

/**
 * struct counts - all counters
 * @value: in the files' order
 * @counters: how many
 */
struct counts {
	uint64_t value[COUNTERS_MAX];
	size_t counters;
};

static char names[COUNTERS_MAX][64];
static size_t early_at;

static char *next_line(char **rest)
{
	char *line = strsep(rest, "\n");

	return line && *line ? line : NULL;
}

static void read_file(const char *name, char *text, size_t room)
{
	int fd = open(name, O_RDONLY);
	ssize_t got, length = 0;

	must(fd >= 0, name);
	while ((got = read(fd, text + length, room - 1 - length)) > 0)
		length += got;
	text[length] = '\0';
	close(fd);
}

static void read_counts(struct counts *counts)
{
	static char text[65536];
	char proto[16], type[40], *rest = text, *line;
	unsigned long long value, column[4];
	size_t n = 0, i;

	read_file("/proc/net/icmpguard/stats", text, sizeof(text));
	while ((line = next_line(&rest))) {
		must(sscanf(line, "%40s %llu", type, &value) == 2 && n < COUNTERS_MAX, line);
		if (!strcmp(type, "early"))
			early_at = n;
		strcpy(names[n], type);
		counts->value[n++] = value;
	}
	read_file("/proc/net/icmpguard/types", text, sizeof(text));
	rest = text;
	next_line(&rest);
	while ((line = next_line(&rest))) {
		must(sscanf(line, "%15s %39s %llu %llu %llu %llu", proto, type, &column[0], &column[1],
			    &column[2], &column[3]) == 6 && n + 4 <= COUNTERS_MAX, line);
		for (i = 0; i < 4; i++) {
			snprintf(names[n], sizeof(names[n]), "%s/%s[%zu]", proto, type, i);
			counts->value[n++] = column[i];
		}
	}
	counts->counters = n;
}

static bool is_same(const struct counts *a, const struct counts *b)
{
	return !memcmp(a->value, b->value, a->counters * sizeof(a->value[0]));
}

/**
 * struct frame - an Ethernet frame
 * @bytes: of it
 * @length: how many
 */
struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

/* Few sources, and mostly pings, so that they exceed something; or any */
static void choose_source(struct packet *packet)
{
	bool v6 = packet->bytes[0] >> 4 == 6;
	uint8_t *source = packet->bytes + (v6 ? 8 : 12), *type = packet->bytes + (v6 ? 40 : 20);

	if (packet->length < (v6 ? 48 : 28) || !below(4))
		return;
	if (below(4) && packet->bytes[v6 ? 6 : 9] == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		type[0] = v6 ? 128 : 8;
		type[1] = 0;
	}
	if (v6) {
		memcpy(source, "\x20\x01\x0d\xb8\0\x0a\0\0\0\0\0\0\0\0\0\0", 16);
		source[7] = below(3);
		source[15] = 1 + below(2);
	} else {
		memcpy(source, (uint8_t[3][4]){ { 198, 51, 100 }, { 203, 0, 113 }, { 10, 1, 2 } }[below(3)], 4);
		source[3] = 1 + below(below(8) ? 2 : 200);
	}
	seal(packet);
}

static bool make_frame(struct frame *frame, struct packet *packet)
{
	static const uint8_t destinations[][6] = {
		{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 9 }, { 255, 255, 255, 255, 255, 255 },
		{ 0x33, 0x33, 0, 0, 0, 1 },
	};
	uint8_t *at = frame->bytes;
	size_t padding = below(4) ? 0 : below(40), length = packet->length;

	if (length < 20 || length > 3000 - 40)
		return false;
	choose_source(packet);
	memcpy(at, destinations[below(16) ? 0 : below(4)], 6);
	memcpy(at + 6, "\2\0\0\0\0\2", 6);
	at += 12;
	/* Tags: VLAN 10, one that isn't there, none but a priority; and two */
	while (!below(6) && at < frame->bytes + 20) {
		memcpy(at, below(4) ? "\x81\0" : "\x88\xa8", 2);
		at[2] = below(2) ? 0 : 0xe0;
		at[3] = (uint8_t[]){ 10, 10, 20, 0 }[below(4)];
		at += 4;
	}
	memcpy(at, packet->bytes[0] >> 4 == 6 ? "\x86\xdd" : "\x08\0", 2);
	if (!below(64))
		at[1] ^= 1 << below(8);
	at += 2;
	/* Cut off, or longer than the packet says */
	if (!below(32))
		length = below(length);
	memcpy(at, packet->bytes, length);
	memset(at + length, 0, padding);
	frame->length = at - frame->bytes + length + padding;
	return frame->length >= 14;
}

/* What the program says of a frame that came in at the device */
static uint32_t ask(struct frame *frame)
{
	struct xdp_md context = { .data_end = frame->length, .ingress_ifindex = device };
	LIBBPF_OPTS(bpf_test_run_opts, options,
		.data_in = frame->bytes,
		.data_size_in = frame->length,
		.ctx_in = &context,
		.ctx_size_in = sizeof(context),
		.repeat = 1,
	);

	must(!bpf_prog_test_run_opts(program, &options), "bpf_prog_test_run");
	return options.retval;
}

static unsigned int found[COUNTERS_MAX];

/* Rates and totals depend on the time, and a tick of the clock may be in between. */
static bool is_limit(const char *name)
{
	return !strcmp(name, "source-limit") || !strcmp(name, "total-limit") || !strcmp(name, "penalty");
}

static void complain(const struct frame *frame, const struct counts *counts, const char *what)
{
	size_t i;

	printf("# %s:", what);
	for (i = 0; i < counts->counters; i++)
		if (counts[1].value[i] != counts[0].value[i] || counts[2].value[i] != counts[1].value[i])
			printf(" %s +%llu +%llu", names[i],
			       (unsigned long long)(counts[1].value[i] - counts[0].value[i]),
			       (unsigned long long)(counts[2].value[i] - counts[1].value[i]));
	printf("; frame ");
	for (i = 0; i < frame->length && i < 128; i++)
		printf("%02x", frame->bytes[i]);
	printf("\n");
}

static void try_frame(struct frame *frame)
{
	static struct counts counts[3];		/* before, between, after */
	static char room[FRAME_MAX];
	bool same = true, limit = false;
	uint32_t verdict;
	size_t i;

	read_counts(&counts[0]);
	verdict = ask(frame);
	read_counts(&counts[1]);
	if (write(tap, frame->bytes, frame->length) < 0)
		return;
	sent++;
	while (read(tap, room, sizeof(room)) > 0)
		;
	read_counts(&counts[2]);
	/* counts[0] to "dropped" are the sums. */
	refused += counts[2].value[2] > counts[1].value[2];
	if (verdict != XDP_DROP) {
		if (verdict != XDP_PASS || !is_same(&counts[0], &counts[1])) {
			touched++;
			complain(frame, counts, "passed up, and counted");
		}
		return;
	}
	early++;
	for (i = 0; i < counts->counters; i++) {
		uint64_t first = counts[1].value[i] - counts[0].value[i];
		uint64_t second = counts[2].value[i] - counts[1].value[i];

		found[i] += first;
		limit |= first && is_limit(names[i]);
		if (i == early_at)
			same &= first == 1 && !second;
		else
			same &= first == second;
	}
	if (same)
		return;
	moved += limit;
	wrong += !limit;
	complain(frame, counts, limit ? "the limit moved" : "dropped early, and then not for the same reason");
}

static bool was_found(const char *name)
{
	size_t i;

	for (i = 0; i < COUNTERS_MAX; i++)
		if (!strcmp(names[i], name) && found[i])
			return true;
	printf("# no frame was dropped early by %s\n", name);
	return false;
}

/* What can be decided early, but for a penalty, which hardly any packet leaves as it is */
static bool all_were_found(void)
{
	static const char *const reasons[] = {
		"source-limit", "total-limit", "policy-drop", "blocked", "echo-oversize",
	};
	bool all = true;
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		all &= was_found(reasons[i]);
	return all;
}

int main(int argc, char **argv)
{
	static struct packet packets[PACKETS_MAX];
	static struct frame frame;
	unsigned long wanted, batches = 0, next = 0;
	struct seed *seeds;
	size_t n, i, at, count;
	bool good;

	if (argc != 5) {
		fprintf(stderr, "usage: frames SEED FRAMES TOOL CASES\n");
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
	while (sent < wanted && !wrong && !touched) {
		if (sent >= next) {
			next = sent + BATCH;
			configure(configurations[batches++ % CONFIGURATIONS]);
		}
		at = below(n);
		count = 1;
		packets[0].length = seeds[at].length;
		memcpy(packets[0].bytes, seeds[at].bytes, seeds[at].length);
		/* Most changes are nothing that can be decided early. */
		if (below(2))
			count = mutate(seeds[at].bytes, seeds[at].length, packets);
		for (i = 0; i < count; i++)
			if (make_frame(&frame, &packets[i]))
				try_frame(&frame);
	}
	printf("# seed %s: %lu frames of %zu kinds under %lu configurations; %lu refused, %lu of them early\n",
	       argv[1], sent, n, batches, refused, early);
	for (i = 0; i < COUNTERS_MAX; i++)
		if (found[i])
			printf("# %-40s %u early\n", names[i], found[i]);
	good = result(!touched, "what is passed up has counted nothing");
	good &= result(!wrong, "what is dropped early, PRE_ROUTING refuses for the same reason");
	good &= result(moved <= early / 200, "a limit moved between two looks at %lu of %lu", moved, early);
	good &= result(sent >= wanted && all_were_found(), "%lu frames were sent", sent);
	return !good;
}
