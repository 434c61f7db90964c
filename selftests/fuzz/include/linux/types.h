/* SPDX-License-Identifier: GPL-2.0-only */
/* Beside what the simulation needs: see selftests/sim/include. */
#ifndef _FUZZ_TYPES_H
#define _FUZZ_TYPES_H

#include_next <linux/types.h>

typedef uint8_t __u8;
typedef int8_t s8, __s8;
typedef uint16_t __u16;
typedef int16_t s16, __s16;
typedef int32_t __s32;
typedef long long __s64;
typedef u64 __be64;
typedef u16 __le16, __sum16;
typedef u32 __le32, __wsum;
typedef u64 __le64;

#define U8_MAX		((u8)~0U)
#define U16_MAX		((u16)~0U)
#define S16_MIN		((s16)0x8000)
#define S16_MAX		((s16)0x7fff)
#define USHRT_MAX	0xffff

#endif /* _FUZZ_TYPES_H */
