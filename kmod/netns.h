/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network namespaces: when they begin and end, and what happens to their
 * interfaces and addresses meanwhile.
 */
#ifndef _ICMPGUARD_NETNS_H
#define _ICMPGUARD_NETNS_H

int icmpguard_netns_init(void);
void icmpguard_netns_exit(void);

#endif /* _ICMPGUARD_NETNS_H */
