/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_NDISC_H
#define _FUZZ_NDISC_H

#include <linux/types.h>

struct nd_opt_hdr {
	__u8 nd_opt_type;
	__u8 nd_opt_len;
};

#define ND_OPT_SOURCE_LL_ADDR	1
#define ND_OPT_TARGET_LL_ADDR	2
#define ND_OPT_PREFIX_INFO	3
#define ND_OPT_REDIRECT_HDR	4
#define ND_OPT_MTU		5
#define NDISC_REDIRECT		137

#endif /* _FUZZ_NDISC_H */
