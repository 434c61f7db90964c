// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop that is measured: one prepared packet, another source each time,
 * handed to a namespace's PRE_ROUTING hooks; or frames with that packet, from the
 * driver on.
 *
 * It runs in chunks. Bottom halves are off within one, as on a real packet's
 * way in, and pending softirqs run between two chunks, outside the measured
 * time. A chunk that was interrupted by other work is expensive, so the most
 * expensive quarter is left out of the typical figure. Work that a limiter does
 * seldom or defers is left out with it, which favours limiters that do so.
 *
 * A chunk is long enough for the clock not to matter and short enough for an
 * interruption to spoil only a few. With several threads, only chunks count
 * during which the next thread made progress too: otherwise a thread that was
 * preempted would leave the others without contention.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/netfilter.h>
#include <linux/sort.h>
#include "bench_loop.h"

#define CHUNK_MIN	256U
#define CHUNK_MAX	16384U
#define CHUNK_NSEC	100000U
#define CHUNK_NSEC_SHARED	20000U
#define CALIBRATIONS	4

/* Odd, so that different numbers make different addresses, far apart */
#define SPREAD		2654435761U

/**
 * struct shared - what the threads of one run have in common
 * @net: the namespace
 * @load: what to send
 * @lane: the threads
 * @ready: how many could start
 * @stop: one has finished, so the others would run without contention
 */
struct shared {
	struct net *net;
	const struct bench_load *load;
	struct lane *lane;
	atomic_t ready;
	bool stop;
};

/**
 * struct chunk - the timing of a fixed number of packets
 * @nsec: what they took
 * @next: how many chunks the next thread had done before
 */
struct chunk {
	u64 nsec;
	unsigned int next;
};

/**
 * struct lane - one thread of a run
 * @shared: the run
 * @skb: its packet
 * @ring: its frames, where it sends frames
 * @random: state of its generator
 * @turn: the next source in sequential order
 * @accepted: packets
 * @dropped: packets
 * @size: packets in a chunk
 * @next: another that sends at the same time; NULL: none
 * @chunk: what was timed
 * @chunks: how many were timed
 * @limit: how many there is room for
 * @done: completed when the thread ends
 */
struct lane {
	struct shared *shared;
	struct sk_buff *skb;
	struct bench_ring ring;
	u64 random;
	u64 turn;
	u64 accepted;
	u64 dropped;
	unsigned int size;
	const struct lane *next;
	struct chunk *chunk;
	unsigned int chunks;
	unsigned int limit;
	struct completion done;
} ____cacheline_aligned_in_smp;

static __always_inline u32 next_source(struct lane *lane, const struct bench_load *load)
{
	u64 index;

	if (load->sequential) {
		index = lane->turn++;
		if (lane->turn == load->sources)
			lane->turn = 0;
	} else {
		lane->random = lane->random * 6364136223846793005ULL + 1442695040888963407ULL;
		index = (lane->random >> 32) * load->sources >> 32;
	}
	return (u32)index * SPREAD + 1;
}

/* On a copy, which the compiler may keep in registers across the calls */
static __always_inline void send(struct lane *shared_lane, const bool v6)
{
	struct lane lane = *shared_lane;
	const struct bench_load load = *lane.shared->load;
	struct net *net = lane.shared->net;
	struct sk_buff *skb = lane.skb;
	struct net_device *dev = skb->dev;
	__be32 *source = v6 ? &ipv6_hdr(skb)->saddr.s6_addr32[1] : &ip_hdr(skb)->saddr;
	unsigned int i;
	int verdict;

	for (i = 0; i < lane.size; i++) {
		*source = (__force __be32)next_source(&lane, &load);
		skb_get(skb);
		verdict = nf_hook(v6 ? NFPROTO_IPV6 : NFPROTO_IPV4, NF_INET_PRE_ROUTING,
				  net, NULL, skb, dev, NULL, NULL);
		if (verdict == 1)
			lane.accepted++;
		else if (verdict < 0)
			lane.dropped++;
	}
	/*
	 * References of accepted packets, returned here: each packet waiting for
	 * the count of the one before would hide what a cheap hook costs.
	 */
	refcount_set(&skb->users, 1);
	shared_lane->random = lane.random;
	shared_lane->turn = lane.turn;
	shared_lane->accepted = lane.accepted;
	shared_lane->dropped = lane.dropped;
}

static noinline void send4(struct lane *lane)
{
	send(lane, false);
}

static noinline void send6(struct lane *lane)
{
	send(lane, true);
}

static noinline void send_frames(struct lane *shared_lane)
{
	struct lane lane = *shared_lane;
	const struct bench_load load = *lane.shared->load;
	u64 sunk = bench_sink_count();
	unsigned int i, j;

	rcu_read_lock();
	for (i = 0; i < lane.size; i += BENCH_POLL) {
		for (j = 0; j < BENCH_POLL; j++)
			bench_frame_write(&lane.ring, j,
					  (__force __be32)next_source(&lane, &load));
		if (load.way != BENCH_WRITTEN)
			bench_frames_receive(&lane.ring);
	}
	rcu_read_unlock();
	shared_lane->random = lane.random;
	shared_lane->turn = lane.turn;
	if (load.way == BENCH_WRITTEN)
		return;
	sunk = bench_sink_count() - sunk;
	shared_lane->accepted += sunk;
	shared_lane->dropped += lane.size - sunk;
}

/* Nanoseconds of one chunk */
static u64 time_chunk(struct lane *lane)
{
	u64 start, end;

	local_bh_disable();
	start = ktime_get_ns();
	if (lane->shared->load->way != BENCH_HOOKS)
		send_frames(lane);
	else if (lane->shared->load->v6)
		send6(lane);
	else
		send4(lane);
	end = ktime_get_ns();
	local_bh_enable();
	cond_resched();
	return end - start;
}

/* The first round warms the caches; of the others the least interrupted one counts. */
static void choose_size(struct lane *lane)
{
	u64 wanted = lane->next ? CHUNK_NSEC_SHARED : CHUNK_NSEC;
	u64 nsec = U64_MAX;
	unsigned int i;

	lane->size = CHUNK_MIN;
	time_chunk(lane);
	for (i = 0; i < CALIBRATIONS; i++)
		nsec = min(nsec, time_chunk(lane));
	lane->size = clamp_t(u64, div64_u64(wanted * CHUNK_MIN, max(nsec, 1ULL)), CHUNK_MIN,
			     CHUNK_MAX);
	lane->size = round_down(lane->size, BENCH_POLL);
}

static void run_chunks(struct lane *lane)
{
	struct shared *shared = lane->shared;
	const struct bench_load *load = shared->load;
	u64 nsec = (u64)load->msec * NSEC_PER_MSEC;
	u64 start = ktime_get_ns();
	unsigned int i, limit;

	/* Chunks of one size, so that threads can be compared */
	lane->size = READ_ONCE(shared->lane->size);
	limit = DIV_ROUND_UP_ULL(load->packets, lane->size);
	lane->accepted = 0;
	lane->dropped = 0;
	for (i = 0; i < limit && !READ_ONCE(shared->stop); i++) {
		lane->chunk[i].next = lane->next ? READ_ONCE(lane->next->chunks) : 0;
		lane->chunk[i].nsec = time_chunk(lane);
		WRITE_ONCE(lane->chunks, i + 1);
		if (nsec && ktime_get_ns() - start > nsec)
			break;
	}
	WRITE_ONCE(shared->stop, true);
}

static int run(void *data)
{
	struct lane *lane = data;
	struct shared *shared = lane->shared;

	choose_size(lane);
	atomic_inc(&shared->ready);
	while (atomic_read(&shared->ready) < shared->load->threads)
		cpu_relax();
	run_chunks(lane);
	/* The module may be unloaded from here on. */
	kthread_complete_and_exit(&lane->done, 0);
}

/*
 * Keep only the times of chunks that count, at the front.
 * Return: how many.
 */
static unsigned int keep_shared(struct lane *lane)
{
	unsigned int i, beside, kept = 0;

	if (!lane->next)
		return lane->chunks;
	/* During three chunks the next thread did about three. */
	for (i = 1; i + 2 < lane->chunks; i++) {
		beside = lane->chunk[i + 2].next - lane->chunk[i - 1].next;
		if (beside >= 2 && beside <= 6)
			lane->chunk[kept++].nsec = lane->chunk[i].nsec;
	}
	return kept;
}

static int compare(const void *a, const void *b)
{
	u64 x = ((const struct chunk *)a)->nsec, y = ((const struct chunk *)b)->nsec;

	return x < y ? -1 : x > y;
}

/* Picoseconds a packet over the first @chunks */
static u64 average(const struct lane *lane, unsigned int chunks)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < chunks; i++)
		sum += lane->chunk[i].nsec;
	return div64_u64(sum * 1000, (u64)chunks * lane->size);
}

/* Return: 0; -EAGAIN when the threads were never at work together. */
static int sum_up(struct lane *lane, unsigned int threads, struct bench_result *result)
{
	unsigned int i, kept, timed = 0;

	*result = (struct bench_result) {};
	for (i = 0; i < threads; i++, lane++) {
		u64 packets = (u64)lane->chunks * lane->size;

		result->packets += packets;
		result->accepted += lane->accepted;
		result->dropped += lane->dropped;
		result->other += packets - lane->accepted - lane->dropped;
		kept = keep_shared(lane);
		if (!kept)
			continue;
		timed++;
		sort(lane->chunk, kept, sizeof(*lane->chunk), compare, NULL);
		result->typical += average(lane, kept - kept / 4);
		result->mean += average(lane, kept);
		result->least += average(lane, 1);
	}
	if (!timed)
		return -EAGAIN;
	result->typical = div_u64(result->typical, timed);
	result->mean = div_u64(result->mean, timed);
	result->least = div_u64(result->least, timed);
	return 0;
}

static int prepare(struct lane *lane, struct shared *shared, struct net_device *dev,
		   unsigned int number)
{
	const struct bench_load *load = shared->load;
	u64 chunks = DIV_ROUND_UP_ULL(load->packets, CHUNK_MIN);

	lane->shared = shared;
	if (load->threads > 1)
		lane->next = &shared->lane[(number + 1) % load->threads];
	lane->random = (load->seed << 8 | number) * 0x9e3779b97f4a7c15ULL;
	lane->turn = div64_u64(load->sources, load->threads) * number;
	lane->skb = bench_packet_make(dev, load->v6, load->kind);
	lane->chunk = kvcalloc(chunks, sizeof(*lane->chunk), GFP_KERNEL);
	init_completion(&lane->done);
	if (!lane->skb || !lane->chunk)
		return -ENOMEM;
	return load->way == BENCH_HOOKS ? 0 :
	       bench_ring_make(&lane->ring, dev, number, lane->skb, load->v6,
			       load->way == BENCH_ASKED);
}

static void destroy(struct lane *lane)
{
	bench_ring_free(&lane->ring);
	kfree_skb(lane->skb);
	kvfree(lane->chunk);
}

/* All threads exist before the first begins, so that none waits forever. */
static int start(struct lane *lane, unsigned int threads)
{
	struct task_struct *task[BENCH_THREADS_MAX];
	unsigned int i;
	int cpu = cpumask_first(cpu_online_mask);

	for (i = 0; i < threads; i++) {
		task[i] = kthread_create(run, &lane[i], "icmpguard_bench/%u", i);
		if (IS_ERR(task[i])) {
			int err = PTR_ERR(task[i]);

			while (i--)
				kthread_stop(task[i]);
			return err;
		}
		kthread_bind(task[i], cpu);
		cpu = cpumask_next(cpu, cpu_online_mask);
	}
	for (i = 0; i < threads; i++)
		wake_up_process(task[i]);
	for (i = 0; i < threads; i++)
		wait_for_completion(&lane[i].done);
	return 0;
}

/**
 * bench_loop_run() - send a load and take the time
 * @net: the namespace whose hooks see it, which has a device BENCH_DEVICE
 * @load: within the limits given above
 * @result: filled in
 *
 * Context: process, one at a time. Return: 0, -ENODEV, -ENETDOWN for frames when the
 * device is down, -ENOENT when icmpguard can't be asked, -ENOMEM, -EAGAIN when several
 * threads were never at work together, or why there are no threads.
 */
int bench_loop_run(struct net *net, const struct bench_load *load, struct bench_result *result)
{
	struct shared shared = { .net = net, .load = load };
	struct net_device *dev;
	struct lane *lane;
	unsigned int i;
	int err = 0;

	dev = dev_get_by_name(net, BENCH_DEVICE);
	if (!dev)
		return -ENODEV;
	if (load->way != BENCH_HOOKS && !(bench_device_is(dev) && netif_running(dev))) {
		dev_put(dev);
		return -ENETDOWN;
	}
	lane = kcalloc(load->threads, sizeof(*lane), GFP_KERNEL);
	if (!lane) {
		dev_put(dev);
		return -ENOMEM;
	}
	shared.lane = lane;
	for (i = 0; i < load->threads && !err; i++)
		err = prepare(&lane[i], &shared, dev, i);
	if (!err)
		err = start(lane, load->threads);
	if (!err)
		err = sum_up(lane, load->threads, result);
	for (i = 0; i < load->threads; i++)
		destroy(&lane[i]);
	kfree(lane);
	dev_put(dev);
	return err;
}
