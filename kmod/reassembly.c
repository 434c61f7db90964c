// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reassembly: of ICMP alone. The kernel gathers the fragments; what is known of
 * their messages meanwhile is in a small table that forgets.
 *
 * A record that is overwritten costs a source the refund for one message, or
 * one message of a very rare kind: its later fragments go on to the
 * destination, the first one waits here, and neither side has a whole packet.
 * The same happens to one whose first fragment comes after the others. So
 * nothing of this can be used to get past the guard.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/kmod.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/netfilter_bridge.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ipv6_frag.h>
#if IS_ENABLED(CONFIG_IPV6)
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#endif
#include "packet.h"
#include "reassembly.h"

/*
 * A packet of the smallest fragments that any link makes has no more: those of
 * 65535 octets at the 576 that RFC 791 wants every host to take.
 */
#define FRAGMENTS_MAX	128

/*
 * Fragments are gathered beside connection tracking's, as for the last of its
 * zones: a queue whose time runs out on a router then sends no ICMP, as RFC
 * 792 wants it. A ruleset that uses that zone shares queues, and nothing worse.
 */
#define ZONE		USHRT_MAX

/*
 * 8 KiB. With the default total, new records take longer to fill it than the
 * kernel waits for a packet's rest.
 */
#define RECORDS		1024

/* Time is counted in units of half a second to a second. */
#define TIME_SHIFT	(HZ > 1 ? ilog2(HZ) : 0)

/* How long the kernel waits for the rest of a packet: at most RFC 8200 4.5's */
#define RECORD_TIME	((60 * HZ >> TIME_SHIFT) + 1)

/* Fragments of one message travel together: units of time */
#define SOON		3

/*
 * A record is one word:
 *
 *	63                    24 23        16 15       0
 *	+-----------------------+------------+----------+
 *	|   hash of the packet  | inner / 8  |  begun   |
 *	+-----------------------+------------+----------+
 */
#define HASH_SHIFT	24
#define INNER_SHIFT	16

/**
 * struct icmpguard_records - the records of a network namespace
 * @key: secret, so that collisions cannot be predicted
 * @record: by hash
 */
struct icmpguard_records {
	siphash_key_t key;
	atomic64_t record[RECORDS];
};

/* What reassembly knows an IPv6 packet by */
struct id {
	struct in6_addr src;
	struct in6_addr dst;
	__be32 id;
} __packed;

/**
 * icmpguard_record_hash() - what a fragment's message is known by
 * @records: the namespace's
 * @skb: the fragment
 * @packet: parsed from it
 *
 * Context: any.
 */
u64 icmpguard_record_hash(const struct icmpguard_records *records, const struct sk_buff *skb,
			  const struct icmpguard_packet *packet)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct id id;

	if (!packet->v6)
		return siphash_3u32((__force u32)ip->saddr, (__force u32)ip->daddr,
				    (__force u16)ip->id, &records->key);
	id.src = ipv6_hdr(skb)->saddr;
	id.dst = ipv6_hdr(skb)->daddr;
	id.id = packet->id;
	return siphash(&id, sizeof(id), &records->key);
}

static u16 time_now(void)
{
	unsigned long now = jiffies;

	return now >> TIME_SHIFT;
}

static u16 age_of(u64 record)
{
	return time_now() - (u16)record;
}

static bool is_of(u64 record, u64 hash)
{
	return !((record ^ hash) >> HASH_SHIFT) && age_of(record) <= RECORD_TIME;
}

/**
 * icmpguard_record_note() - note a fragment that is to be gathered
 * @records: the namespace's
 * @hash: the message's
 * @packet: parsed from the fragment; @packet->inner is at most
 *	ICMPGUARD_INNER_MAX
 * @charged: the limit let it pass; false: only monitor mode did
 *
 * Context: any; no lock: a record is one word.
 */
void icmpguard_record_note(struct icmpguard_records *records, u64 hash,
			   const struct icmpguard_packet *packet, bool charged)
{
	atomic64_t *place = &records->record[hash % RECORDS];
	u64 record = atomic64_read(place);
	bool known = is_of(record, hash);
	u16 begun = known ? record : time_now();
	u64 inner = packet->inner / 8;

	/* Only the first fragment knows more than what began the record. */
	if (known && packet->start) {
		if (charged)
			return;
		inner = record >> INNER_SHIFT & 0xff;
	}
	/* Too long ago for a refund: what wasn't charged isn't given back. */
	if (!charged && age_of(begun) <= SOON)
		begun = time_now() - SOON - 1;
	atomic64_set(place, hash >> HASH_SHIFT << HASH_SHIFT | inner << INNER_SHIFT | begun);
}

/**
 * icmpguard_record_find() - whether a later fragment is an ICMPv6 message's
 * @records: the namespace's
 * @hash: the message's, if it is one
 * @packet: parsed from the fragment; if it is, @packet->inner is filled in and
 *	its place in the message put right
 *
 * Context: any; no lock.
 * Return: true if its first fragment was seen in the
 * last minute, showed a message behind further headers, and is remembered.
 */
bool icmpguard_record_find(const struct icmpguard_records *records, u64 hash,
			   struct icmpguard_packet *packet)
{
	u64 record = atomic64_read(&records->record[hash % RECORDS]);

	/* Where nothing is in between, a fragment says so itself. */
	if (!is_of(record, hash) || !(record >> INNER_SHIFT & 0xff))
		return false;
	packet->inner = (record >> INNER_SHIFT & 0xff) * 8;
	packet->start -= min(packet->start, packet->inner);
	packet->size -= min(packet->size, packet->inner);
	return true;
}

/**
 * icmpguard_record_end() - a message is whole
 * @records: the namespace's
 * @hash: the message's
 *
 * Context: any; no lock.
 * Return: whether all of it was charged and gathering began
 * just now. False where that isn't known.
 */
bool icmpguard_record_end(struct icmpguard_records *records, u64 hash)
{
	atomic64_t *place = &records->record[hash % RECORDS];
	u64 record = atomic64_read(place);

	if (!is_of(record, hash))
		return false;
	atomic64_set(place, 0);
	return age_of(record) <= SOON;
}

/**
 * icmpguard_records_alloc() - make room for a namespace's records
 *
 * Context: process.
 * Return: no records; NULL without memory.
 */
struct icmpguard_records *icmpguard_records_alloc(void)
{
	struct icmpguard_records *records = kzalloc(sizeof(*records), GFP_KERNEL_ACCOUNT);

	if (records)
		get_random_bytes(&records->key, sizeof(records->key));
	return records;
}

/**
 * icmpguard_records_free() - free a namespace's records
 * @records: them; NULL is nothing
 *
 * Context: any but hard interrupt, when no packet is in the hooks.
 */
void icmpguard_records_free(struct icmpguard_records *records)
{
	kfree(records);
}

/*
 * What a fragment that waits is counted as. What is to be bounded is memory,
 * and a fragment of a jumbo frame takes many times that of a small one.
 */
static unsigned int weight_of(unsigned int truesize)
{
	return min(1 + (truesize >> 12), ICMPGUARD_WEIGHT_MAX);
}

/**
 * icmpguard_reassembly_weight() - what a fragment counts as
 * @skb: the fragment
 *
 * Context: any.
 * Return: 1 for each 4 KiB of memory it takes, begun or whole,
 * at most ICMPGUARD_WEIGHT_MAX.
 */
unsigned int icmpguard_reassembly_weight(const struct sk_buff *skb)
{
	return weight_of(skb->truesize);
}

/**
 * icmpguard_reassembly_weights() - what the fragments of a packet counted as
 * @skb: the packet, put together
 *
 * Context: any. Looks at no more than FRAGMENTS_MAX fragments.
 * Return: the sum;
 * less than that for a packet of more.
 */
unsigned int icmpguard_reassembly_weights(const struct sk_buff *skb)
{
	unsigned int n = 0, sum = 0, rest = skb->truesize;
	const struct sk_buff *fragment;

	skb_walk_frags(skb, fragment) {
		if (++n >= FRAGMENTS_MAX)
			return sum + 1;
		sum += weight_of(fragment->truesize);
		/* The first one's includes all of them. */
		rest -= min(rest, fragment->truesize);
	}
	return sum + weight_of(rest);
}

/**
 * icmpguard_reassembly_gather4() - put an ICMP packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success
 *
 * Context: bottom halves off.
 * Return: 0 when @skb is whole; else it is no
 * longer the caller's.
 */
int icmpguard_reassembly_gather4(struct net *net, struct sk_buff *skb)
{
	u32 user = nf_bridge_in_prerouting(skb) ? IP_DEFRAG_CONNTRACK_BRIDGE_IN :
						  IP_DEFRAG_CONNTRACK_IN;
	int err = ip_defrag(net, skb, user + ZONE);

	/* Forwarding may cut it up again, to the sender's sizes at most. */
	if (!err)
		skb->ignore_df = 1;
	return err;
}

/**
 * icmpguard_reassembly_keep_df() - have forwarding respect "don't fragment"
 * @skb: an IPv4 packet that was put together and goes on
 *
 * Where the sender's largest fragment had DF (RFC 791) set, those that forwarding
 * makes are to have it as well. The kernel sets it on fragments that it cuts, not
 * on those that it only takes out of the list again that they were put into; so
 * there must be no list. Without memory for that they go on without DF.
 *
 * Context: bottom halves off.
 */
void icmpguard_reassembly_keep_df(struct sk_buff *skb)
{
	if (IPCB(skb)->flags & IPSKB_FRAG_PMTU)
		skb_linearize(skb);
}

#if IS_ENABLED(CONFIG_IPV6)

static int (*frag6_gather)(struct net *net, struct sk_buff *skb, u32 user);

/*
 * Gathering leaves the transport header behind the fragment header that was
 * there. Where the packet is delivered, the headers before that one are still
 * to be read, and are looked for from where ip6_rcv_core() left off: at the
 * first, or behind hop-by-hop options.
 */
static void reset_transport(struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb) + sizeof(struct ipv6hdr);
	struct ipv6_opt_hdr buffer;
	const struct ipv6_opt_hdr *option;

	if (ipv6_hdr(skb)->nexthdr == NEXTHDR_HOP) {
		option = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
		if (option)
			offset += ipv6_optlen(option);
	}
	skb_set_transport_header(skb, offset);
}

/**
 * icmpguard_reassembly_gather6() - put an ICMPv6 packet's fragments together
 * @net: the namespace
 * @skb: a fragment; the whole packet on success, unless it was none that can
 *	be put together
 *
 * Context: bottom halves off.
 * Return: 0; -EINPROGRESS when @skb waits for the
 * others and is no longer the caller's; another error when it is to be dropped.
 */
int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb)
{
	u32 user = nf_bridge_in_prerouting(skb) ? IP6_DEFRAG_CONNTRACK_BRIDGE_IN :
						  IP6_DEFRAG_CONNTRACK_IN;
	int err = frag6_gather(net, skb, user + ZONE);

	if (!err)
		reset_transport(skb);
	return err;
}

/**
 * icmpguard_reassembly_init() - find IPv6 reassembly
 *
 * It lives in a module that plain insmod doesn't load with this one, so it is
 * asked for by name.
 *
 * Context: process.
 * Return: 0, -ENOENT without nf_defrag_ipv6.
 */
int icmpguard_reassembly_init(void)
{
	frag6_gather = symbol_get(nf_ct_frag6_gather);
	if (!frag6_gather) {
		request_module("nf_defrag_ipv6");
		frag6_gather = symbol_get(nf_ct_frag6_gather);
	}
	if (!frag6_gather) {
		pr_err("needs nf_defrag_ipv6, which can't be loaded\n");
		return -ENOENT;
	}
	return 0;
}

/**
 * icmpguard_reassembly_exit() - let IPv6 reassembly go
 *
 * Context: process, when no hook is left.
 */
void icmpguard_reassembly_exit(void)
{
	symbol_put(nf_ct_frag6_gather);
}

MODULE_SOFTDEP("pre: nf_defrag_ipv6");

#else

int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb)
{
	return 0;
}

int icmpguard_reassembly_init(void)
{
	return 0;
}

void icmpguard_reassembly_exit(void)
{
}

#endif
