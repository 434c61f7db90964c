/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where icmpguard-xdp keeps what is attached. The tool looks whether there is
 * anything, and needs the helper only then.
 */
#ifndef ICMPGUARDCTL_PINS_H
#define ICMPGUARDCTL_PINS_H

#define BPFFS	"/sys/fs/bpf"
#define PINS	BPFFS "/icmpguard"

#endif /* ICMPGUARDCTL_PINS_H */
