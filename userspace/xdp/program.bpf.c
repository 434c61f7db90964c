// SPDX-License-Identifier: GPL-2.0-only
/*
 * What program.c has in instructions, as libxdp's dispatcher wants it: it calls this as a
 * function of its own, and needs its types for that.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int icmpguard_xdp_refuses(struct xdp_md *ctx) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} icmpguard_drops SEC(".maps");

SEC("xdp.frags")
int icmpguard(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *drops;

	if (icmpguard_xdp_refuses(ctx) != XDP_DROP)
		return XDP_PASS;
	drops = bpf_map_lookup_elem(&icmpguard_drops, &key);
	if (drops)
		++*drops;
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
