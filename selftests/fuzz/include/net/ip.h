/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_NET_IP_H
#define _FUZZ_NET_IP_H

#include <linux/ip.h>

#define IP_DF		0x4000
#define IP_MF		0x2000
#define IP_OFFSET	0x1FFF

/* Nothing is put together here: selftests/fuzz/packets.c does that in a kernel. */
#define IP_DEFRAG_CONNTRACK_IN		0
#define IP_DEFRAG_CONNTRACK_BRIDGE_IN	0

static inline bool nf_bridge_in_prerouting(const struct sk_buff *skb)
{
	return false;
}

static inline int ip_defrag(struct net *net, struct sk_buff *skb, u32 user)
{
	return 0;
}

/* What IPv4 keeps of a packet */
struct inet_skb_parm {
	u16 flags;
};

#define IPCB(skb)		((struct inet_skb_parm *)(skb)->cb)
#define IPSKB_FRAG_PMTU		0x40

#endif /* _FUZZ_NET_IP_H */
