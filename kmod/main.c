// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmpguard: limits ICMP per source.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include "netlink/netlink.h"
#include "netns.h"
#ifndef ICMPGUARD_IN_TREE
#include "reassembly.h"
#endif
#include "version.h"
#ifndef ICMPGUARD_IN_TREE
#include "xdp.h"
#endif

static int __init icmpguard_init(void)
{
	int err;

#ifndef ICMPGUARD_IN_TREE
	err = icmpguard_reassembly_init();
	if (err)
		return err;
#endif
	err = icmpguard_netns_init();
	if (err)
		goto fail;
	err = icmpguard_netlink_init();
	if (err)
		goto netns_exit;
#ifndef ICMPGUARD_IN_TREE
	icmpguard_xdp_init();
#endif
	pr_info("version " ICMPGUARD_VERSION " loaded, limiting ICMP and ICMPv6 per source\n");
	return 0;

netns_exit:
	icmpguard_netns_exit();
fail:
#ifndef ICMPGUARD_IN_TREE
	icmpguard_reassembly_exit();
#endif
	return err;
}

static void __exit icmpguard_exit(void)
{
	icmpguard_netlink_exit();
	icmpguard_netns_exit();
#ifndef ICMPGUARD_IN_TREE
	icmpguard_reassembly_exit();
#endif
}

module_init(icmpguard_init);
module_exit(icmpguard_exit);

MODULE_DESCRIPTION("Limits ICMP and ICMPv6 per source");
MODULE_LICENSE("GPL");
MODULE_VERSION(ICMPGUARD_VERSION);
