// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames as a card writes them into memory, and what its driver does with them.
 *
 * A driver that copies small frames is the model (i40e, ixgbe, virtio-net and others do
 * so): an skb from NAPI's cache, the frame copied into it, eth_type_trans(), and GRO,
 * which passes it on. What passes PRE_ROUTING ends there, in a hook after all others, so
 * that no system pays for what comes behind.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include "bench_device.h"
#include "bench_frame.h"

/* Of icmpguard.ko, where it is built with ICMPGUARD_BENCH; looked up when it is needed */
bool icmpguard_xdp_judge(const struct net_device *dev, const u8 *frame, const u8 *end);

/* Frames that got past the hooks, on this processor */
static DEFINE_PER_CPU(u64, sunk);

/**
 * bench_judge_get() - icmpguard's judge for frames
 *
 * Context: process.
 * Return: NULL: icmpguard isn't loaded, or was built without ICMPGUARD_BENCH; otherwise
 * bench_judge_put() is due.
 */
bench_judge_fn bench_judge_get(void)
{
	return symbol_get(icmpguard_xdp_judge);
}

/**
 * bench_judge_put() - call it no more
 *
 * Context: process.
 */
void bench_judge_put(void)
{
	symbol_put(icmpguard_xdp_judge);
}

/**
 * bench_sink_count() - how many frames got past the hooks
 *
 * Context: bottom halves off.
 * Return: on this processor, since the module was loaded.
 */
u64 bench_sink_count(void)
{
	return __this_cpu_read(sunk);
}

/**
 * bench_sink() - a hook after all others, where a packet ends
 * @priv: unused
 * @skb: the packet
 * @state: unused
 *
 * Context: softirq, or bottom halves off.
 * Return: NF_DROP.
 */
unsigned int bench_sink(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	__this_cpu_inc(sunk);
	return NF_DROP;
}

/**
 * bench_ring_make() - make a receive queue
 * @ring: filled in; bench_ring_free() is due also after an error
 * @dev: a device of ours, which is up
 * @queue: which of its queues
 * @packet: what each frame carries
 * @v6: it is of IPv6; of IPv4 otherwise
 * @asked: ask icmpguard for each frame before there is an skb
 *
 * Context: process. Return: 0, -ENOMEM, -ENOENT without icmpguard's judge.
 */
int bench_ring_make(struct bench_ring *ring, struct net_device *dev, unsigned int queue,
		    const struct sk_buff *packet, bool v6, bool asked)
{
	struct bench_device *device = netdev_priv(dev);
	unsigned int i;

	*ring = (struct bench_ring) {
		.dev = dev,
		.napi = &device->napi[queue],
		.length = ETH_HLEN + packet->len,
		.v6 = v6,
	};
	ring->buffers = kcalloc(BENCH_POLL, BENCH_BUFFER, GFP_KERNEL);
	if (!ring->buffers)
		return -ENOMEM;
	if (asked) {
		ring->judge = bench_judge_get();
		if (!ring->judge)
			return -ENOENT;
	}
	for (i = 0; i < BENCH_POLL; i++) {
		u8 *frame = ring->buffers + i * BENCH_BUFFER + NET_IP_ALIGN;
		struct ethhdr *eth = (struct ethhdr *)frame;

		ether_addr_copy(eth->h_dest, dev->dev_addr);
		eth_random_addr(eth->h_source);
		eth->h_proto = packet->protocol;
		memcpy(frame + ETH_HLEN, packet->data, packet->len);
	}
	if (!v6) {
		struct iphdr ip = *ip_hdr(packet);

		ip.saddr = 0;
		ip.check = 0;
		ring->sum = csum_partial(&ip, sizeof(ip), 0);
	}
	return 0;
}

/**
 * bench_ring_free() - free a queue
 * @ring: the queue, made or all zero
 *
 * Context: process.
 */
void bench_ring_free(struct bench_ring *ring)
{
	if (ring->judge)
		bench_judge_put();
	kfree(ring->buffers);
}

static __always_inline void receive(const struct bench_ring *ring, const u8 *frame)
{
	struct sk_buff *skb = napi_alloc_skb(ring->napi, ring->length);

	if (unlikely(!skb))
		return;
	skb_put_data(skb, frame, ring->length);
	skb->protocol = eth_type_trans(skb, ring->dev);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_record_rx_queue(skb, 0);
	napi_gro_receive(ring->napi, skb);
}

/**
 * bench_frames_receive() - what a driver's poll does with a queue that is full
 * @ring: the queue
 *
 * Context: bottom halves off; the queue's only poll.
 */
void bench_frames_receive(const struct bench_ring *ring)
{
	const u8 *frame = ring->buffers + NET_IP_ALIGN;
	unsigned int i;

	if (!napi_schedule_prep(ring->napi))
		return;
	for (i = 0; i < BENCH_POLL; i++, frame += BENCH_BUFFER) {
		if (ring->judge && ring->judge(ring->dev, frame, frame + ring->length))
			continue;
		receive(ring, frame);
	}
	/* One less than allowed: there was no more. */
	napi_complete_done(ring->napi, BENCH_POLL - 1);
}
