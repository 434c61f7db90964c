// SPDX-License-Identifier: GPL-2.0-only
/*
 * icmpguard: limits ICMP per source.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <net/genetlink.h>
#include "net.h"
#include "netlink.h"
#include "packet.h"
#include "version.h"

static int __init icmpguard_init(void)
{
	int err;

	err = icmpguard_packet_init();
	if (err)
		return err;
	err = icmpguard_net_init();
	if (err)
		goto packet_exit;
	err = icmpguard_netlink_init();
	if (err)
		goto net_exit;
	pr_info("version " ICMPGUARD_VERSION " loaded, limiting ICMP and ICMPv6 per source\n");
	return 0;

net_exit:
	icmpguard_net_exit();
packet_exit:
	icmpguard_packet_exit();
	return err;
}

static void __exit icmpguard_exit(void)
{
	icmpguard_netlink_exit();
	icmpguard_net_exit();
	icmpguard_packet_exit();
}

module_init(icmpguard_init);
module_exit(icmpguard_exit);

MODULE_DESCRIPTION("Limits ICMP and ICMPv6 per source");
MODULE_LICENSE("GPL");
MODULE_VERSION(ICMPGUARD_VERSION);
MODULE_ALIAS_GENL_FAMILY("icmpguard");
