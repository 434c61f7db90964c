// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmpguard: limits ICMP per source.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include "netlink/netlink.h"
#include "netns.h"
#include "reassembly.h"
#include "version.h"

static int __init icmpguard_init(void)
{
	int err;

	err = icmpguard_reassembly_init();
	if (err)
		return err;
	err = icmpguard_netns_init();
	if (err)
		goto reassembly_exit;
	err = icmpguard_netlink_init();
	if (err)
		goto netns_exit;
	pr_info("version " ICMPGUARD_VERSION " loaded, limiting ICMP and ICMPv6 per source\n");
	return 0;

netns_exit:
	icmpguard_netns_exit();
reassembly_exit:
	icmpguard_reassembly_exit();
	return err;
}

static void __exit icmpguard_exit(void)
{
	icmpguard_netlink_exit();
	icmpguard_netns_exit();
	icmpguard_reassembly_exit();
}

module_init(icmpguard_init);
module_exit(icmpguard_exit);

MODULE_DESCRIPTION("Limits ICMP and ICMPv6 per source");
MODULE_LICENSE("GPL");
MODULE_VERSION(ICMPGUARD_VERSION);
