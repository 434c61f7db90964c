// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packet that a benchmark sends over and over. Addresses are those of the
 * documentation prefixes; the loop puts the source in.
 */
#include <linux/etherdevice.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include "bench_packet.h"

#define PAYLOAD		56
#define MTU		1400
#define HERE4		htonl(0xc6336401)	/* 198.51.100.1 */
#define THERE4		htonl(0xcb007101)	/* 203.0.113.1 */

static const struct in6_addr here6 = {
	.s6_addr32 = { htonl(0x20010db8), 0, 0, htonl(1) },
};

static const struct in6_addr there6 = {
	.s6_addr32 = { htonl(0x3fff0000), 0, 0, htonl(2) },
};

static void put_ip4(struct sk_buff *skb, __be32 saddr, __be32 daddr, u8 protocol, u16 payload)
{
	struct iphdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->saddr = saddr;
	ip->daddr = daddr;
	ip->tot_len = htons(sizeof(*ip) + payload);
	ip->check = ip_fast_csum(ip, ip->ihl);
}

static void put_ip6(struct sk_buff *skb, const struct in6_addr *saddr,
		    const struct in6_addr *daddr, u8 protocol, u16 payload)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 6;
	ip->hop_limit = 64;
	ip->nexthdr = protocol;
	ip->saddr = *saddr;
	ip->daddr = *daddr;
	ip->payload_len = htons(payload);
}

static void put_udp(struct sk_buff *skb, u16 payload)
{
	struct udphdr *udp = skb_put_zero(skb, sizeof(*udp));

	udp->source = htons(33000);
	udp->dest = htons(33434);
	udp->len = htons(sizeof(*udp) + payload);
	skb_put_zero(skb, payload);
}

/* A packet that the destination had sent, as an error quotes it */
static void put_quoted(struct sk_buff *skb, bool v6)
{
	if (v6)
		put_ip6(skb, &here6, &there6, IPPROTO_UDP, sizeof(struct udphdr));
	else
		put_ip4(skb, HERE4, THERE4, IPPROTO_UDP, sizeof(struct udphdr));
	put_udp(skb, 0);
}

static void put_icmp4(struct sk_buff *skb, enum bench_kind kind)
{
	struct icmphdr *icmp = skb_put_zero(skb, sizeof(*icmp));

	if (kind == BENCH_ECHO) {
		icmp->type = ICMP_ECHO;
		icmp->un.echo.id = htons(1);
		skb_put_zero(skb, PAYLOAD);
	} else {
		icmp->type = ICMP_DEST_UNREACH;
		icmp->code = ICMP_PORT_UNREACH;
		if (kind == BENCH_MTU) {
			icmp->code = ICMP_FRAG_NEEDED;
			icmp->un.frag.mtu = htons(MTU);
		}
		put_quoted(skb, false);
	}
	icmp->checksum = ip_compute_csum(icmp, skb_tail_pointer(skb) - (u8 *)icmp);
}

static void put_icmp6(struct sk_buff *skb, enum bench_kind kind)
{
	struct icmp6hdr *icmp = skb_put_zero(skb, sizeof(*icmp));
	unsigned int len;

	if (kind == BENCH_ECHO) {
		icmp->icmp6_type = ICMPV6_ECHO_REQUEST;
		icmp->icmp6_identifier = htons(1);
		skb_put_zero(skb, PAYLOAD);
	} else {
		icmp->icmp6_type = ICMPV6_DEST_UNREACH;
		icmp->icmp6_code = ICMPV6_PORT_UNREACH;
		if (kind == BENCH_MTU) {
			icmp->icmp6_type = ICMPV6_PKT_TOOBIG;
			icmp->icmp6_code = 0;
			icmp->icmp6_mtu = htonl(MTU);
		}
		put_quoted(skb, true);
	}
	len = skb_tail_pointer(skb) - (u8 *)icmp;
	icmp->icmp6_cksum = csum_ipv6_magic(&there6, &here6, len, IPPROTO_ICMPV6,
					    csum_partial(icmp, len, 0));
}

static u16 payload_of(bool v6, enum bench_kind kind)
{
	if (kind == BENCH_UDP || kind == BENCH_ECHO)
		return sizeof(struct icmphdr) + PAYLOAD;
	return sizeof(struct icmphdr) + sizeof(struct udphdr) +
	       (v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
}

/**
 * bench_packet_make() - a packet as a device hands it to the IP layer
 * @dev: where it came in
 * @v6: IPv6 rather than IPv4
 * @kind: what it carries
 *
 * Context: process. Return: the packet, linear; NULL: no memory.
 */
struct sk_buff *bench_packet_make(struct net_device *dev, bool v6, enum bench_kind kind)
{
	u8 protocol = kind == BENCH_UDP ? IPPROTO_UDP : v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	u16 payload = payload_of(v6, kind);
	struct sk_buff *skb;

	BUILD_BUG_ON(sizeof(struct icmphdr) != sizeof(struct udphdr));
	skb = alloc_skb(LL_MAX_HEADER + 256, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb->dev = dev;
	skb->pkt_type = PACKET_HOST;
	skb->protocol = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	if (v6)
		put_ip6(skb, &there6, &here6, protocol, payload);
	else
		put_ip4(skb, THERE4, HERE4, protocol, payload);
	skb_set_transport_header(skb, skb->len);
	if (kind == BENCH_UDP)
		put_udp(skb, PAYLOAD);
	else if (v6)
		put_icmp6(skb, kind);
	else
		put_icmp4(skb, kind);
	return skb;
}
