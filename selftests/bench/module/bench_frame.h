/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames as a card writes them into memory, and what its driver does with them.
 */
#ifndef _ICMPGUARD_BENCH_FRAME_H
#define _ICMPGUARD_BENCH_FRAME_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/checksum.h>
#include "bench_packet.h"

/* So many frames are written, and then received in one poll: what NAPI allows at once */
#define BENCH_POLL	64

/* Half of a page, as many drivers divide them */
#define BENCH_BUFFER	2048

/**
 * enum bench_way - where packets go
 * @BENCH_HOOKS: one prepared packet, to PRE_ROUTING's hooks
 * @BENCH_WRITTEN: frames are written, and nobody receives them
 * @BENCH_RECEIVED: frames are written and received
 * @BENCH_ASKED: likewise, and icmpguard is asked for each before there is an skb
 */
enum bench_way {
	BENCH_HOOKS,
	BENCH_WRITTEN,
	BENCH_RECEIVED,
	BENCH_ASKED,
};

/* See icmpguard_xdp_judge() */
typedef bool (*bench_judge_fn)(const struct net_device *dev, const u8 *frame, const u8 *end);

/**
 * struct bench_ring - a receive queue
 * @dev: its device
 * @napi: its poll
 * @judge: asked for each frame before there is an skb; NULL: nobody is
 * @buffers: BENCH_POLL of BENCH_BUFFER bytes
 * @length: of each frame
 * @v6: they are of IPv6; of IPv4 otherwise
 * @sum: of the IPv4 header without its source
 */
struct bench_ring {
	struct net_device *dev;
	struct napi_struct *napi;
	bench_judge_fn judge;
	u8 *buffers;
	unsigned int length;
	bool v6;
	__wsum sum;
};

int bench_ring_make(struct bench_ring *ring, struct net_device *dev, unsigned int queue,
		    const struct sk_buff *packet, bool v6, bool asked);
void bench_ring_free(struct bench_ring *ring);
void bench_frames_receive(const struct bench_ring *ring);

bench_judge_fn bench_judge_get(void);
void bench_judge_put(void);

u64 bench_sink_count(void);
unsigned int bench_sink(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

/**
 * bench_frame_write() - put a source into a frame, as it comes from the wire
 * @ring: the queue
 * @i: which frame
 * @source: the address; of IPv6 its second word
 *
 * Context: any.
 */
static __always_inline void bench_frame_write(const struct bench_ring *ring, unsigned int i,
					      __be32 source)
{
	u8 *header = ring->buffers + i * BENCH_BUFFER + NET_IP_ALIGN + ETH_HLEN;
	struct iphdr *ip = (struct iphdr *)header;

	if (ring->v6) {
		((struct ipv6hdr *)header)->saddr.s6_addr32[1] = source;
		return;
	}
	ip->saddr = source;
	ip->check = csum_fold(csum_add(ring->sum, (__force __wsum)source));
}

#endif /* _ICMPGUARD_BENCH_FRAME_H */
