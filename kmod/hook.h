/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hooks: netfilter PRE_ROUTING, before connection tracking's reassembly.
 */
#ifndef _ICMPGUARD_HOOK_H
#define _ICMPGUARD_HOOK_H

struct icmpguard_net;

int icmpguard_hook_register(struct icmpguard_net *ign);
void icmpguard_hook_unregister(struct icmpguard_net *ign);

#endif /* _ICMPGUARD_HOOK_H */
