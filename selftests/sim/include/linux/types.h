/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module's kernel-independent files need of the kernel, for a program.
 * Each header here holds only that, so a new dependency fails the build.
 */
#ifndef _SIM_TYPES_H
#define _SIM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef unsigned int __u32;

/* The kernel's 64-bit types are long long everywhere, and so printed with %llu. */
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned long long __u64;

typedef u16 __be16;
typedef u32 __be32;

#define U32_MAX		((u32)~0U)
#define U64_MAX		(~0ULL)

#define __aligned(x)	__attribute__((aligned(x)))
#define __rcu
#define noinline	__attribute__((noinline))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#undef __always_inline
#define __always_inline	inline __attribute__((always_inline))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
};
#define rcu_head callback_head

#endif /* _SIM_TYPES_H */
