/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that the tool becomes, which need libraries that it is to do without.
 */
#ifndef ICMPGUARDCTL_HELPER_H
#define ICMPGUARDCTL_HELPER_H

#include "command.h"

#define HELPER_WORDS	3

int helper_run(struct context *context, const char *name, const char *const *words,
	       const char *packages);

#endif /* ICMPGUARDCTL_HELPER_H */
