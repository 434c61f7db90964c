/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that the tool becomes, or asks, which need libraries that it is to do without.
 */
#ifndef ICMPGUARDCTL_HELPER_H
#define ICMPGUARDCTL_HELPER_H

#include "command.h"

#define HELPER_WORDS	3

int helper_run(struct context *context, const char *name, const char *const *words);
bool helper_ask(const char *name, const char *const *words, const char *input, char **output,
		struct error *error);

#endif /* ICMPGUARDCTL_HELPER_H */
