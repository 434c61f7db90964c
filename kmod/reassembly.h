/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reassembly: of ICMP alone, and by the kernel.
 */
#ifndef _ICMPGUARD_REASSEMBLY_H
#define _ICMPGUARD_REASSEMBLY_H

#include <linux/types.h>

struct net;
struct sk_buff;

/* The most that one fragment counts as */
#define ICMPGUARD_WEIGHT_MAX	16U

unsigned int icmpguard_reassembly_weight(const struct sk_buff *skb);
unsigned int icmpguard_reassembly_memory(const struct sk_buff *skb);
unsigned long icmpguard_reassembly_plenty(const struct net *net, bool v6);
int icmpguard_reassembly_gather4(struct net *net, struct sk_buff *skb);
int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb);

#ifndef ICMPGUARD_IN_TREE
int icmpguard_reassembly_init(void);
void icmpguard_reassembly_exit(void);
#endif

#endif /* _ICMPGUARD_REASSEMBLY_H */
