/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets: from an skb to the little that a verdict depends on. Puts the
 * fragments of ICMP messages together, and of nothing else.
 */
#ifndef _ICMPGUARD_PACKET_H
#define _ICMPGUARD_PACKET_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/net_namespace.h>
#include "source.h"

/**
 * struct icmpguard_packet - an ICMP message or a fragment of one, parsed
 * @src: source address
 * @size: octets of the ICMP message, its header included; of a fragment, the
 *	octet of the message behind its last
 * @start: of a fragment, its first octet's place in the message
 * @tid: enum icmpguard_tid
 * @code: the code
 * @hop_limit: the packet's TTL or hop limit
 * @v6: ICMPv6; ICMP otherwise
 * @fragment: a fragment whose message isn't whole
 * @last: the message's last fragment
 * @fragmented: came in fragments, also if there was only one
 * @head: octets of the packet before the message that its reassembled length
 *	would count too
 */
struct icmpguard_packet {
	struct icmpguard_addr src;
	u32 size;
	u32 start;
	u8 tid;
	u8 code;
	u8 hop_limit;
	bool v6;
	bool fragment;
	bool last;
	bool fragmented;
	u16 head;
};

/**
 * enum icmpguard_parsed - what came of parsing
 * @ICMPGUARD_PARSED: an ICMP message or a fragment of one
 * @ICMPGUARD_PARSED_OTHER: not ICMP, or nobody can tell
 * @ICMPGUARD_PARSED_SHORT: a first fragment too short for the ICMP header
 * @ICMPGUARD_PARSED_TRUNCATED: an ICMP message shorter than its header
 * @ICMPGUARD_PARSED_CHAIN: IPv6: headers that go on for too long, past the
 *	end, or, in a fragment, before an ICMP message
 *
 * Where it isn't PARSED or OTHER, the packet's source, type OTHER and what
 * else could be learnt are filled in.
 */
enum icmpguard_parsed {
	ICMPGUARD_PARSED,
	ICMPGUARD_PARSED_OTHER,
	ICMPGUARD_PARSED_SHORT,
	ICMPGUARD_PARSED_TRUNCATED,
	ICMPGUARD_PARSED_CHAIN,
};

enum icmpguard_parsed icmpguard_packet_parse4(const struct sk_buff *skb,
					      struct icmpguard_packet *packet);
enum icmpguard_parsed icmpguard_packet_parse6(const struct sk_buff *skb,
					      struct icmpguard_packet *packet);
int icmpguard_packet_gather4(struct net *net, struct sk_buff *skb);
int icmpguard_packet_gather6(struct net *net, struct sk_buff *skb);

int icmpguard_packet_init(void);
void icmpguard_packet_exit(void);

#endif /* _ICMPGUARD_PACKET_H */
