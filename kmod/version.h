/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ICMPGUARD_VERSION_H
#define _ICMPGUARD_VERSION_H

#define ICMPGUARD_VERSION "0.1.0"

#endif /* _ICMPGUARD_VERSION_H */
