/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quotes: the packet that an ICMP error says it is about, as far as the error
 * quotes it. None of it can be trusted.
 */
#ifndef _ICMPGUARD_QUOTE_H
#define _ICMPGUARD_QUOTE_H

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include "packet.h"
#include "limiter/source.h"

/**
 * struct icmpguard_quote - a quoted packet
 * @src: its source
 * @dst: its destination
 * @protocol: after all headers of IP's
 * @inner: the first byte after them: the type of a quoted ICMP message
 * @read: its IP header is one: @src and @dst are filled in
 * @has_protocol: @protocol is filled in
 * @has_inner: @inner is filled in
 * @fragment: a fragment other than the first
 * @cut: a header isn't one, or isn't whole
 * @bad_extension: what RFC 4884 says follows the quoted packet is malformed
 */
struct icmpguard_quote {
	struct icmpguard_addr src;
	struct icmpguard_addr dst;
	u8 protocol;
	u8 inner;
	bool read : 1;
	bool has_protocol : 1;
	bool has_inner : 1;
	bool fragment : 1;
	bool cut : 1;
	bool bad_extension : 1;
};

void icmpguard_quote_read(const struct sk_buff *skb, const struct icmpguard_packet *packet,
			  struct icmpguard_quote *quote);
u32 icmpguard_quote_find(const struct icmpguard_quote *quote,
			 const struct icmpguard_packet *packet, const struct icmpguard_addr *dst);

/* Whether an IPv6 address is a group's: ff00::/8 */
static inline bool icmpguard_quote_is_multicast6(const struct icmpguard_addr *addr)
{
	return addr->hi >> 56 == 0xff;
}

/* Bytes after IP's headers that an error quotes at least: RFC 792, RFC 4443 */
#define ICMPGUARD_QUOTE_TRANSPORT	8

/**
 * icmpguard_quote_is_clean4() - whether one look shows that nothing is wrong
 * @header: the IP header of an ICMP error that is whole
 * @length: bytes from there that may be read
 * @offset: where the message begins
 * @size: the message's bytes
 * @broadcasts: see icmpguard_broadcast_bit()
 *
 * So it is with nearly all: what is quoted is a whole header without options,
 * of TCP, UDP or an echo, from whom the error is for, to a single host.
 *
 * Context: any. Needs no skb.
 * Return: true where no check of a quote would find anything, and
 * all of the ICMP header may be read; of an unusual quote false.
 */
static __always_inline bool icmpguard_quote_is_clean4(const u8 *header, unsigned int length,
						      unsigned int offset, u32 size,
						      u64 broadcasts)
{
	const u8 *message = header + offset;
	const struct iphdr *ip = (const struct iphdr *)(message + ICMPGUARD_ICMP_HEADER);
	const u32 least = ICMPGUARD_ICMP_HEADER + sizeof(*ip) + ICMPGUARD_QUOTE_TRANSPORT;
	u32 src, dst;
	u8 inner;

	if (size < least || offset + least > length)
		return false;
	/* RFC 4884: where the quote ends, if something follows it */
	if (message[5] || *(const u8 *)ip != 0x45 || ip->frag_off & htons(IP_OFFSET) ||
	    ip->saddr != ((const struct iphdr *)header)->daddr)
		return false;
	src = ntohl(ip->saddr);
	dst = ntohl(ip->daddr);
	/* 1.0.0.0 to 223.255.255.255, but no loopback; neither multicast nor broadcast */
	if (src - 0x01000000 >= 0xdf000000 || src >> 24 == IN_LOOPBACKNET ||
	    dst >= 0xe0000000 || broadcasts & BIT_ULL(dst & 63))
		return false;
	inner = message[least - ICMPGUARD_QUOTE_TRANSPORT];
	return ip->protocol == IPPROTO_UDP || ip->protocol == IPPROTO_TCP ||
	       (ip->protocol == IPPROTO_ICMP && (inner == ICMP_ECHO || inner == ICMP_ECHOREPLY));
}

/**
 * icmpguard_quote_is_clean6() - whether one look shows that nothing is wrong
 * @header: the IP header of an ICMPv6 error that is whole, not of neighbour discovery
 * @length: bytes from there that may be read
 * @offset: where the message begins
 * @size: the message's bytes
 *
 * See icmpguard_quote_is_clean4().
 *
 * Context: any.
 * Return: likewise.
 */
static __always_inline bool icmpguard_quote_is_clean6(const u8 *header, unsigned int length,
						      unsigned int offset, u32 size)
{
	const struct ipv6hdr *outer = (const struct ipv6hdr *)header;
	const u8 *message = header + offset;
	const struct ipv6hdr *ip = (const struct ipv6hdr *)(message + ICMPGUARD_ICMP_HEADER);
	const u32 least = ICMPGUARD_ICMP_HEADER + sizeof(*ip) + ICMPGUARD_QUOTE_TRANSPORT;
	u8 inner;

	if (size < least || offset + least > length)
		return false;
	/* The quote's length, or the upper bytes of an MTU or a pointer */
	if (message[4] || ip->version != 6 || !ipv6_addr_equal(&ip->saddr, &outer->daddr))
		return false;
	if (ip->saddr.s6_addr[0] == 0xff || ip->daddr.s6_addr[0] == 0xff ||
	    ipv6_addr_any(&ip->saddr))
		return false;
	inner = message[least - ICMPGUARD_QUOTE_TRANSPORT];
	return ip->nexthdr == IPPROTO_UDP || ip->nexthdr == IPPROTO_TCP ||
	       (ip->nexthdr == IPPROTO_ICMPV6 &&
		(inner == ICMPV6_ECHO_REQUEST || inner == ICMPV6_ECHO_REPLY));
}

/* The MTU that an error reports, all of its header in reach */
static __always_inline u32 icmpguard_quote_mtu4(const u8 *message)
{
	return ntohs(((const struct icmphdr *)message)->un.frag.mtu);
}

static __always_inline u32 icmpguard_quote_mtu6(const u8 *message)
{
	return ntohl(((const struct icmp6hdr *)message)->icmp6_mtu);
}

#endif /* _ICMPGUARD_QUOTE_H */
