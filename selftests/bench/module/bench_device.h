/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device where a benchmark's packets come in.
 */
#ifndef _ICMPGUARD_BENCH_DEVICE_H
#define _ICMPGUARD_BENCH_DEVICE_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include "bench_frame.h"

/* One for each thread that may send */
#define BENCH_QUEUES	8

/**
 * struct bench_device - what a device has beside
 * @napi: of each receive queue
 * @judge: icmpguard's, asked at the device's ingress; NULL: it isn't asked there
 * @hook: that asks it
 */
struct bench_device {
	struct napi_struct napi[BENCH_QUEUES];
	bench_judge_fn judge;
	struct nf_hook_ops hook;
};

bool bench_device_is(const struct net_device *dev);
int bench_device_ask(struct net_device *dev);
int bench_device_init(void);
void bench_device_exit(void);

#endif /* _ICMPGUARD_BENCH_DEVICE_H */
