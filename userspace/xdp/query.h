/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is attached to a device.
 */
#ifndef ICMPGUARD_XDP_QUERY_H
#define ICMPGUARD_XDP_QUERY_H

#include <stdbool.h>
#include <stdint.h>
#include <bpf/libbpf.h>

bool query_device(unsigned int device, struct bpf_xdp_query_opts *answer);
bool query_program(unsigned int device, uint32_t *program, uint32_t *mode);

#endif /* ICMPGUARD_XDP_QUERY_H */
