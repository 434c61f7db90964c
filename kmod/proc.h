/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/net/icmpguard: what the module knows, to read.
 */
#ifndef _ICMPGUARD_PROC_H
#define _ICMPGUARD_PROC_H

struct net;

int icmpguard_proc_init(struct net *net);
void icmpguard_proc_exit(struct net *net);

#endif /* _ICMPGUARD_PROC_H */
