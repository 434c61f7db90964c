// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device where a benchmark's packets come in: an Ethernet card without a wire, made
 * by `ip link add NAME type icmpguard_bench`. What it is told to send is gone.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>
#include "bench_device.h"

/* Nothing is received but by bench_frames_receive(). */
static int device_poll(struct napi_struct *napi, int budget)
{
	napi_complete_done(napi, 0);
	return 0;
}

/* free_netdev() takes them away. */
static int device_init(struct net_device *dev)
{
	struct bench_device *device = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < BENCH_QUEUES; i++)
		netif_napi_add(dev, &device->napi[i], device_poll);
	return 0;
}

static int device_open(struct net_device *dev)
{
	struct bench_device *device = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < BENCH_QUEUES; i++)
		napi_enable(&device->napi[i]);
	netif_start_queue(dev);
	return 0;
}

static int device_stop(struct net_device *dev)
{
	struct bench_device *device = netdev_priv(dev);
	unsigned int i;

	netif_stop_queue(dev);
	for (i = 0; i < BENCH_QUEUES; i++)
		napi_disable(&device->napi[i]);
	return 0;
}

static netdev_tx_t device_send(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void device_uninit(struct net_device *dev)
{
	struct bench_device *device = netdev_priv(dev);

	if (!device->judge)
		return;
	nf_unregister_net_hook(dev_net(dev), &device->hook);
	synchronize_net();
	bench_judge_put();
}

static const struct net_device_ops device_ops = {
	.ndo_init = device_init,
	.ndo_uninit = device_uninit,
	.ndo_open = device_open,
	.ndo_stop = device_stop,
	.ndo_start_xmit = device_send,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void device_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &device_ops;
	dev->needs_free_netdev = true;
	eth_hw_addr_random(dev);
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = "icmpguard_bench",
	.priv_size = sizeof(struct bench_device),
	.setup = device_setup,
};

/**
 * bench_device_is() - whether a device is one of these
 * @dev: the device
 *
 * Context: any.
 * Return: false for one that has no struct bench_device.
 */
bool bench_device_is(const struct net_device *dev)
{
	return dev->netdev_ops == &device_ops;
}

static unsigned int ask(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct bench_device *device = priv;

	return device->judge(skb->dev, skb_mac_header(skb), skb_tail_pointer(skb)) ? NF_DROP :
										      NF_ACCEPT;
}

/**
 * bench_device_ask() - ask icmpguard at a device's ingress, until the device goes
 * @dev: one of ours
 *
 * Context: process. Return: 0, -ENOENT without icmpguard's judge, what netfilter says.
 */
int bench_device_ask(struct net_device *dev)
{
	struct bench_device *device = netdev_priv(dev);
	int err;

	if (device->judge)
		return 0;
	device->judge = bench_judge_get();
	if (!device->judge)
		return -ENOENT;
	device->hook = (struct nf_hook_ops) {
		.hook = ask,
		.priv = device,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.dev = dev,
	};
	err = nf_register_net_hook(dev_net(dev), &device->hook);
	if (err) {
		device->judge = NULL;
		bench_judge_put();
	}
	return err;
}

/**
 * bench_device_init() - let devices be made
 *
 * Context: process. Return: 0 or what rtnetlink says.
 */
int bench_device_init(void)
{
	return rtnl_link_register(&link_ops);
}

/**
 * bench_device_exit() - take them all away
 *
 * Context: process.
 */
void bench_device_exit(void)
{
	rtnl_link_unregister(&link_ops);
}
