/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ICMPGUARDCTL_MEMORY_H
#define ICMPGUARDCTL_MEMORY_H

#include <stddef.h>

void *memory_get(void *old, size_t n, size_t size);

#endif /* ICMPGUARDCTL_MEMORY_H */
