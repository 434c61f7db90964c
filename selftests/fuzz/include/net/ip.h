/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _FUZZ_NET_IP_H
#define _FUZZ_NET_IP_H

#include <linux/ip.h>

#define IP_DF		0x4000
#define IP_MF		0x2000
#define IP_OFFSET	0x1FFF

#endif /* _FUZZ_NET_IP_H */
