/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_IP_H
#define _FUZZ_IP_H

#include <linux/skbuff.h>
#include_next <linux/ip.h>

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb->data;
}

#endif /* _FUZZ_IP_H */
