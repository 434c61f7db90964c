/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records: ICMP messages of which fragments are being gathered.
 *
 * A record knows two things that no single fragment shows. When gathering
 * began: what a message's fragments were charged is given back only if all of
 * them were and it soon becomes whole. And, for IPv6, that a message is behind further
 * extension headers: a fragment names only what its packet goes on with behind
 * the fragment header (RFC 8200 4.5), so only the first fragment shows it.
 */
#ifndef _ICMPGUARD_REASSEMBLY_H
#define _ICMPGUARD_REASSEMBLY_H

#include <linux/types.h>

struct icmpguard_packet;
struct icmpguard_records;
struct net;
struct sk_buff;

/* The most that one fragment counts as */
#define ICMPGUARD_WEIGHT_MAX	16U

struct icmpguard_records *icmpguard_records_alloc(void);
void icmpguard_records_free(struct icmpguard_records *records);

u64 icmpguard_record_hash(const struct icmpguard_records *records, const struct sk_buff *skb,
			  const struct icmpguard_packet *packet);
void icmpguard_record_note(struct icmpguard_records *records, u64 hash,
			   const struct icmpguard_packet *packet, bool charged);
bool icmpguard_record_find(const struct icmpguard_records *records, u64 hash,
			   struct icmpguard_packet *packet);
bool icmpguard_record_end(struct icmpguard_records *records, u64 hash);

unsigned int icmpguard_reassembly_weight(const struct sk_buff *skb);
unsigned int icmpguard_reassembly_weights(const struct sk_buff *skb);
int icmpguard_reassembly_gather4(struct net *net, struct sk_buff *skb);
void icmpguard_reassembly_keep_df(struct sk_buff *skb);
int icmpguard_reassembly_gather6(struct net *net, struct sk_buff *skb);

int icmpguard_reassembly_init(void);
void icmpguard_reassembly_exit(void);

#endif /* _ICMPGUARD_REASSEMBLY_H */
