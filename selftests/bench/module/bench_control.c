// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file /proc/net/icmpguard_bench, one in each network namespace, so that
 * /proc/PID/net/icmpguard_bench reaches the namespace of any process.
 *
 * Written, words `name=value`:
 *   hook=empty | hook=sink | hook=none   register hooks that accept, or hooks after all
 *	others in which frames end, or take them away
 *   ask=ingress   have icmpguard's judge asked at the device's ingress, for good
 *   family=4|6 type=udp|echo|unreach|mtu sources=N packets=N
 *	[way=hooks|written|received|asked] [msec=N] [order=random|sequential]
 *	[threads=N] [seed=N]   run, and wait
 * Read: the result of the last run in this namespace.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netns/generic.h>
#include "bench_loop.h"

#define FILE_NAME	"icmpguard_bench"
#define LINE_MAX	256

/**
 * struct bench_net - what is kept for a namespace
 * @hook: PRE_ROUTING's of ours
 * @hooked: whether they are registered
 * @result: the last run's
 */
struct bench_net {
	struct nf_hook_ops hook[2];
	bool hooked;
	struct bench_result result;
};

static unsigned int net_id;

/* Live namespaces; measure.sh waits until old ones are gone */
static atomic_t namespaces;

/* One run at a time, whatever the namespace */
static DEFINE_MUTEX(lock);

static unsigned int accept(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static int hook(struct net *net, struct bench_net *bench, nf_hookfn *function, int priority4,
		int priority6)
{
	int err;

	if (bench->hooked)
		return bench->hook[0].hook == function ? 0 : -EBUSY;
	bench->hook[0] = (struct nf_hook_ops) {
		.hook = function,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = priority4,
	};
	bench->hook[1] = bench->hook[0];
	bench->hook[1].pf = NFPROTO_IPV6;
	bench->hook[1].priority = priority6;
	err = nf_register_net_hooks(net, bench->hook, ARRAY_SIZE(bench->hook));
	bench->hooked = !err;
	return err;
}

static void unhook(struct net *net, struct bench_net *bench)
{
	if (bench->hooked)
		nf_unregister_net_hooks(net, bench->hook, ARRAY_SIZE(bench->hook));
	bench->hooked = false;
}

static int ask(struct net *net)
{
	struct net_device *dev;
	int err;

	rtnl_lock();
	dev = __dev_get_by_name(net, BENCH_DEVICE);
	err = dev && bench_device_is(dev) ? bench_device_ask(dev) : -ENODEV;
	rtnl_unlock();
	return err;
}

static int number(const char *value, u64 least, u64 most, u64 *result)
{
	int err = kstrtou64(value, 0, result);

	return err ?: *result < least || *result > most ? -ERANGE : 0;
}

/* One of @words, which end with NULL, as its position */
static int choice(const char *value, const char * const *words, u64 *result)
{
	int at = match_string(words, -1, value);

	*result = at;
	return at < 0 ? at : 0;
}

static int parse_word(struct bench_load *load, const char *name, const char *value)
{
	static const char * const families[] = { "4", "6", NULL };
	static const char * const kinds[] = { "udp", "echo", "unreach", "mtu", NULL };
	static const char * const ways[] = { "hooks", "written", "received", "asked", NULL };
	static const char * const orders[] = { "random", "sequential", NULL };
	u64 at = 0;
	int err;

	if (!strcmp(name, "family")) {
		err = choice(value, families, &at);
		load->v6 = at;
	} else if (!strcmp(name, "type")) {
		err = choice(value, kinds, &at);
		load->kind = at;
	} else if (!strcmp(name, "way")) {
		err = choice(value, ways, &at);
		load->way = at;
	} else if (!strcmp(name, "order")) {
		err = choice(value, orders, &at);
		load->sequential = at;
	} else if (!strcmp(name, "threads")) {
		err = number(value, 1, min_t(u64, BENCH_THREADS_MAX, num_online_cpus()), &at);
		load->threads = at;
	} else if (!strcmp(name, "msec")) {
		err = number(value, 0, BENCH_MSEC_MAX, &at);
		load->msec = at;
	} else if (!strcmp(name, "packets")) {
		err = number(value, 1, BENCH_PACKETS_MAX, &load->packets);
	} else if (!strcmp(name, "sources")) {
		err = number(value, 1, BENCH_SOURCES_MAX, &load->sources);
	} else if (!strcmp(name, "seed")) {
		err = number(value, 0, U32_MAX, &load->seed);
	} else {
		err = -EINVAL;
	}
	return err;
}

static int obey(struct net *net, struct bench_net *bench, char *line)
{
	struct bench_load load = { .threads = 1 };
	char *word, *name;
	int err;

	if (!strcmp(line, "hook=empty"))
		return hook(net, bench, accept, NF_IP_PRI_CONNTRACK_DEFRAG - 1,
			    NF_IP6_PRI_CONNTRACK_DEFRAG - 1);
	if (!strcmp(line, "hook=sink"))
		return hook(net, bench, bench_sink, NF_IP_PRI_LAST, NF_IP6_PRI_LAST);
	if (!strcmp(line, "ask=ingress"))
		return ask(net);
	if (!strcmp(line, "hook=none")) {
		unhook(net, bench);
		return 0;
	}
	while ((word = strsep(&line, " "))) {
		if (!*word)
			continue;
		name = strsep(&word, "=");
		if (!word)
			return -EINVAL;
		err = parse_word(&load, name, word);
		if (err)
			return err;
	}
	if (!load.packets || !load.sources)
		return -EINVAL;
	return bench_loop_run(net, &load, &bench->result);
}

/* proc passes a copy that ends with a NUL. */
static int write(struct file *file, char *data, size_t size)
{
	struct net *net = seq_file_single_net(file->private_data);
	int err;

	if (size > LINE_MAX)
		return -EINVAL;
	mutex_lock(&lock);
	err = obey(net, net_generic(net, net_id), strim(data));
	mutex_unlock(&lock);
	return err;
}

static int show(struct seq_file *seq, void *v)
{
	struct net *net = seq_file_single_net(seq);
	const struct bench_net *bench = net_generic(net, net_id);
	struct bench_result result;

	mutex_lock(&lock);
	result = bench->result;
	mutex_unlock(&lock);
	seq_printf(seq, "packets %llu accepted %llu dropped %llu other %llu ", result.packets,
		   result.accepted, result.dropped, result.other);
	seq_printf(seq, "typical_ps %llu mean_ps %llu least_ps %llu namespaces %d\n",
		   result.typical, result.mean, result.least, atomic_read(&namespaces));
	return 0;
}

static int __net_init init_net_ns(struct net *net)
{
	if (!proc_create_net_single_write(FILE_NAME, 0600, net->proc_net, show, write, NULL))
		return -ENOMEM;
	atomic_inc(&namespaces);
	return 0;
}

static void __net_exit pre_exit_net_ns(struct net *net)
{
	remove_proc_entry(FILE_NAME, net->proc_net);
	unhook(net, net_generic(net, net_id));
}

static void __net_exit exit_net_ns(struct net *net)
{
	atomic_dec(&namespaces);
}

static struct pernet_operations net_ops = {
	.init = init_net_ns,
	.pre_exit = pre_exit_net_ns,
	.exit = exit_net_ns,
	.id = &net_id,
	.size = sizeof(struct bench_net),
};

static int __init bench_init(void)
{
	int err = register_pernet_subsys(&net_ops);

	if (err)
		return err;
	err = bench_device_init();
	if (err)
		unregister_pernet_subsys(&net_ops);
	return err;
}

static void __exit bench_exit(void)
{
	bench_device_exit();
	unregister_pernet_subsys(&net_ops);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmark of netfilter hooks, for icmpguard");
MODULE_LICENSE("GPL");
