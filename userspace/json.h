/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A configuration in JSON, as 'show -j' prints it. Pure: reads no file.
 */
#ifndef ICMPGUARDCTL_JSON_H
#define ICMPGUARDCTL_JSON_H

#include "words.h"

bool json_is(const char *bytes, size_t length);
bool json_split(struct text *text, char *bytes, size_t length, struct error *error);
void json_locate(const struct text *text, struct error *error);

#endif /* ICMPGUARDCTL_JSON_H */
