/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loop that is measured.
 */
#ifndef _ICMPGUARD_BENCH_LOOP_H
#define _ICMPGUARD_BENCH_LOOP_H

#include <linux/bits.h>
#include <net/net_namespace.h>
#include "bench_device.h"
#include "bench_frame.h"
#include "bench_packet.h"

#define BENCH_DEVICE		"bench0"
#define BENCH_THREADS_MAX	BENCH_QUEUES
#define BENCH_PACKETS_MAX	50000000
#define BENCH_MSEC_MAX		10000
#define BENCH_SOURCES_MAX	BIT_ULL(32)

/**
 * struct bench_load - what to send
 * @v6: IPv6 rather than IPv4
 * @kind: of packet
 * @way: that they go
 * @sequential: sources in turn, so that each is seen, rather than at random
 * @threads: how many send at once, each on a processor of its own
 * @packets: for each thread; rounded up to whole chunks
 * @msec: stop after this time; 0: don't
 * @sources: how many addresses (IPv6: prefixes of 64 bits) they come from
 * @seed: of the random order; the same seed makes the same packets
 */
struct bench_load {
	bool v6;
	enum bench_kind kind;
	enum bench_way way;
	bool sequential;
	unsigned int threads;
	u64 packets;
	unsigned int msec;
	u64 sources;
	u64 seed;
};

/**
 * struct bench_result - what was measured
 * @packets: sent
 * @accepted: of them; of frames, those that got past PRE_ROUTING
 * @dropped: of them
 * @other: neither: kept by the hook, or frames that nobody receives
 * @typical: picoseconds a packet without the dearest quarter of the chunks,
 *	the mean over the threads
 * @mean: the same over all chunks
 * @least: of the cheapest chunk
 */
struct bench_result {
	u64 packets;
	u64 accepted;
	u64 dropped;
	u64 other;
	u64 typical;
	u64 mean;
	u64 least;
};

int bench_loop_run(struct net *net, const struct bench_load *load, struct bench_result *result);

#endif /* _ICMPGUARD_BENCH_LOOP_H */
