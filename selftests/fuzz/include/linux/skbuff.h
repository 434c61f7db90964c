/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet as the module's files look at it: some bytes in one piece, the
 * others wherever.
 */
#ifndef _FUZZ_SKBUFF_H
#define _FUZZ_SKBUFF_H

#include <string.h>
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct net_device {
	int ifindex;
};

/**
 * struct sk_buff - a packet
 * @dev: where it came in
 * @len: all of its bytes
 * @data_len: those that aren't in @data
 * @data: the first ones, from the IP header on
 * @rest: the others
 */
struct sk_buff {
	struct net_device *dev;
	unsigned int len;
	unsigned int data_len;
	unsigned char *data;
	const unsigned char *rest;
};

static inline u16 ntohs(__be16 x)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? x : __builtin_bswap16(x);
}

static inline __be16 htons(u16 x)
{
	return ntohs(x);
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline int skb_network_offset(const struct sk_buff *skb)
{
	return 0;
}

static inline unsigned char *skb_network_header(const struct sk_buff *skb)
{
	return skb->data;
}

/* include/linux/skbuff.h: in place if possible, else copied, else NULL */
static inline void *skb_header_pointer(const struct sk_buff *skb, int offset, int len, void *buffer)
{
	int head = skb_headlen(skb), i;

	if (head - offset >= len)
		return skb->data + offset;
	if (offset > (int)skb->len - len)
		return NULL;
	for (i = 0; i < len; i++)
		((unsigned char *)buffer)[i] = offset + i < head ? skb->data[offset + i] :
								    skb->rest[offset + i - head];
	return buffer;
}

static inline int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len)
{
	const void *from = skb_header_pointer(skb, offset, len, to);

	if (!from)
		return -14;
	if (from != to)
		memcpy(to, from, len);
	return 0;
}

#endif /* _FUZZ_SKBUFF_H */
