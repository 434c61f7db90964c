/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statements that are settings. Pure.
 */
#ifndef ICMPGUARDCTL_PARSE_SETTING_H
#define ICMPGUARDCTL_PARSE_SETTING_H

#include "change.h"

bool parse_setting(struct words *words, struct change *change, struct error *error);

#endif /* ICMPGUARDCTL_PARSE_SETTING_H */
