/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration's xdp statements, which the helper carries out.
 */
#ifndef ICMPGUARDCTL_XDP_H
#define ICMPGUARDCTL_XDP_H

#include "command.h"

void xdp_sync(struct context *context, const struct change *change, const struct text *text);
void xdp_show(struct context *context);

#endif /* ICMPGUARDCTL_XDP_H */
