// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is attached to a device.
 */
#include <string.h>
#include <linux/if_link.h>
#include "query.h"

/**
 * query_device() - ask the kernel
 * @device: the device's number in this namespace
 * @answer: filled in
 *
 * Return: whether there is such a device.
 */
bool query_device(unsigned int device, struct bpf_xdp_query_opts *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->sz = sizeof(*answer);
	return device && !bpf_xdp_query(device, 0, answer);
}

/**
 * query_program() - find the program at a device
 * @device: its number in this namespace
 * @program: the program's number
 * @mode: XDP_FLAGS_*
 *
 * Return: whether there is one.
 */
bool query_program(unsigned int device, uint32_t *program, uint32_t *mode)
{
	struct bpf_xdp_query_opts there;

	if (!query_device(device, &there) || !there.attach_mode)
		return false;
	*program = there.prog_id ?: there.drv_prog_id ?: there.skb_prog_id;
	*mode = *program == there.skb_prog_id ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	return true;
}
