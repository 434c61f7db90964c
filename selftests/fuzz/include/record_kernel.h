/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What record.c has of the kernel beside what other files of the module have of it
 */
#ifndef _FUZZ_RECORD_KERNEL_H
#define _FUZZ_RECORD_KERNEL_H

#include <stdlib.h>
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#define smp_mb()			__sync_synchronize()
#define get_random_bytes(at, length)	memset(at, 1, length)
#define l3mdev_master_ifindex_rcu(dev)	0
#define ipv6_addr_type(addr)		0
#define IPV6_ADDR_MULTICAST		0
#define IPV6_ADDR_LINKLOCAL		0
#define __force
#define IP_FRAG_TIME			(30 * HZ)
#define IPV6_FRAG_TIMEOUT		(60 * HZ)

typedef struct {
	int counter;
} atomic_t;

#define atomic_read(v)			__atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_add(n, v)		((void)__atomic_fetch_add(&(v)->counter, n, __ATOMIC_RELAXED))
#define atomic_sub(n, v)		((void)__atomic_fetch_sub(&(v)->counter, n, __ATOMIC_RELAXED))
#define atomic_xchg(v, n)		__atomic_exchange_n(&(v)->counter, n, __ATOMIC_SEQ_CST)
#define cmpxchg(at, old, new)		__sync_val_compare_and_swap(at, old, new)
#define BUILD_BUG_ON(wrong)		do { if (wrong) abort(); } while (0)

static u64 siphash_2u64(u64 a, u64 b, const siphash_key_t *key)
{
	return (a ^ b * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL ^ b;
}

static u64 siphash_4u32(u32 a, u32 b, u32 c, u32 d, const siphash_key_t *key)
{
	return siphash_2u64((u64)a << 32 | b, (u64)c << 32 | d, key);
}

static u64 siphash(const void *data, size_t length, const siphash_key_t *key)
{
	return length;
}

#endif /* _FUZZ_RECORD_KERNEL_H */
