/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites that read packets have in common: an skb of given bytes, its
 * IP header in front, and what parsing it would have filled in.
 */
#ifndef _ICMPGUARD_TESTS_PACKETS_H
#define _ICMPGUARD_TESTS_PACKETS_H

#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include "../packet.h"

/**
 * struct message - an ICMP message to be looked at
 * @skb: with an IP header of no further content in front; the message is its end
 * @packet: as if parsed
 */
struct message {
	struct sk_buff *skb;
	struct icmpguard_packet packet;
};

static inline void message_init(struct kunit *test, struct message *message, u8 tid,
				const void *bytes, u32 size)
{
	bool v6 = icmpguard_tid_is_v6(tid);
	unsigned int header = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);

	message->skb = alloc_skb(header + size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, message->skb);
	skb_reset_network_header(message->skb);
	skb_put_zero(message->skb, header);
	skb_put_data(message->skb, bytes, size);
	message->packet = (struct icmpguard_packet) {
		.size = size, .tid = tid, .code = ((const u8 *)bytes)[1], .v6 = v6,
		.offset = header,
	};
}

static inline void message_free(struct message *message)
{
	kfree_skb(message->skb);
}

#endif /* _ICMPGUARD_TESTS_PACKETS_H */
