/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What other tools call what this one has another word for.
 */
#ifndef ICMPGUARDCTL_HINTS_H
#define ICMPGUARDCTL_HINTS_H

#include "names.h"

const char *hint_find(const char *what, const struct keyword *list, const char *word);

#endif /* ICMPGUARDCTL_HINTS_H */
