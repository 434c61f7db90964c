// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/icmpguard: stats, types, sources, config.
 */
#include <linux/capability.h>
#include <linux/in6.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "net.h"
#include "proc.h"

#define DIRECTORY	"icmpguard"

static struct icmpguard_net *net_of(struct seq_file *seq)
{
	return icmpguard_net(seq_file_single_net(seq));
}

static struct icmpguard_sums *get_sums(struct icmpguard_net *ign)
{
	struct icmpguard_sums *sums = kmalloc(sizeof(*sums), GFP_KERNEL);

	if (!sums)
		return NULL;
	mutex_lock(&ign->lock);
	icmpguard_net_sums(ign, sums);
	mutex_unlock(&ign->lock);
	return sums;
}

static struct icmpguard_config *get_config(struct icmpguard_net *ign)
{
	struct icmpguard_config *config = kvmalloc(sizeof(*config), GFP_KERNEL);

	if (!config)
		return NULL;
	mutex_lock(&ign->lock);
	icmpguard_net_config(ign, config);
	mutex_unlock(&ign->lock);
	return config;
}

static void put_config(struct icmpguard_config *config)
{
	icmpguard_config_release(config);
	kvfree(config);
}

static int stats_show(struct seq_file *seq, void *v)
{
	struct icmpguard_sums *sums = get_sums(net_of(seq));
	u64 accepted, dropped;
	int i;

	if (!sums)
		return -ENOMEM;
	accepted = icmpguard_sums_accepted(sums);
	dropped = icmpguard_sums_dropped(sums);
	seq_printf(seq, "seen %llu\naccepted %llu\ndropped %llu\n",
		   accepted + dropped, accepted, dropped);
	for (i = 0; i < ICMPGUARD_REASONS; i++)
		seq_printf(seq, "%s %llu\n", icmpguard_reason_name(i), sums->reasons[i]);
	for (i = ICMPGUARD_REASON_DROP_FIRST; i < ICMPGUARD_REASON_NOTE_FIRST; i++)
		seq_printf(seq, "monitored-%s %llu\n", icmpguard_reason_name(i),
			   sums->monitored[i]);
	kfree(sums);
	return 0;
}

static const char *period_name(u32 period)
{
	switch (period) {
	case 1:
		return "second";
	case 60:
		return "minute";
	case 3600:
		return "hour";
	case 86400:
		return "day";
	default:
		return "week";
	}
}

static void show_rate(struct seq_file *seq, const struct icmpguard_rate *rate)
{
	if (!rate->packets)
		seq_puts(seq, "unlimited");
	else
		seq_printf(seq, "%u/%s burst %u", rate->packets, period_name(rate->period),
			   rate->burst);
}

static void show_treatment(struct seq_file *seq, const struct icmpguard_treatment *treatment)
{
	switch (treatment->action) {
	case ICMPGUARD_ACTION_ACCEPT:
		seq_puts(seq, "accept");
		break;
	case ICMPGUARD_ACTION_DROP:
		seq_puts(seq, "drop");
		break;
	default:
		seq_puts(seq, "limit ");
		show_rate(seq, &treatment->limit);
		if (treatment->total.packets) {
			seq_puts(seq, " total ");
			show_rate(seq, &treatment->total);
		}
		if (treatment->penalty)
			seq_printf(seq, " block %us", treatment->penalty);
	}
	if (treatment->monitor)
		seq_puts(seq, " monitor");
}

static const char *proto_name(unsigned int tid)
{
	return icmpguard_tid_is_v6(tid) ? "icmpv6" : "icmp";
}

static int types_show(struct seq_file *seq, void *v)
{
	struct icmpguard_net *ign = net_of(seq);
	struct icmpguard_config *config = get_config(ign);
	struct icmpguard_sums *sums = get_sums(ign);
	int i, err = -ENOMEM;

	if (!config || !sums)
		goto out;
	seq_puts(seq, "protocol type accepted limited dropped monitored policy\n");
	for (i = 0; i < ICMPGUARD_TIDS; i++) {
		const u64 *column = sums->types[i];

		seq_printf(seq, "%s %s %llu %llu %llu %llu ", proto_name(i),
			   icmpguard_type_name(i), column[ICMPGUARD_COLUMN_ACCEPTED],
			   column[ICMPGUARD_COLUMN_LIMITED], column[ICMPGUARD_COLUMN_DROPPED],
			   column[ICMPGUARD_COLUMN_MONITORED]);
		show_treatment(seq, &config->types[i]);
		seq_putc(seq, '\n');
	}
	err = 0;
out:
	if (config)
		put_config(config);
	kfree(sums);
	return err;
}

static void show_prefix(struct seq_file *seq, const struct icmpguard_addr *addr, u8 len, bool v6)
{
	if (v6) {
		struct in6_addr in6 = icmpguard_addr_to_in6(addr);

		seq_printf(seq, "%pI6c/%u", &in6, len);
	} else {
		__be32 in = htonl(addr->lo);

		seq_printf(seq, "%pI4/%u", &in, len);
	}
}

/*
 * What names hosts is for those who may change the rules, and not for root of a user
 * namespace. It is the opener who counts: one who may not could hand the file to a
 * program that may, which only copies it.
 */
static bool may_see_hosts(const struct seq_file *seq)
{
	return file_ns_capable(seq->file, &init_user_ns, CAP_NET_ADMIN);
}

static int sources_show(struct seq_file *seq, void *v)
{
	struct icmpguard_net *ign = net_of(seq);
	struct icmpguard_limited_source *list;
	unsigned int i, n;

	if (!may_see_hosts(seq))
		return -EPERM;
	list = kvmalloc_array(ICMPGUARD_LIMITED_MAX, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	mutex_lock(&ign->lock);
	n = icmpguard_limited_list(ign->limited, list);
	mutex_unlock(&ign->lock);
	seq_puts(seq, "source protocol type drops msecs-ago monitored\n");
	for (i = 0; i < n; i++) {
		show_prefix(seq, &list[i].addr, list[i].len, icmpguard_tid_is_v6(list[i].tid));
		seq_printf(seq, " %s %s %llu %u %llu\n", proto_name(list[i].tid),
			   icmpguard_type_name(list[i].tid), list[i].drops, list[i].age,
			   list[i].monitored);
	}
	kvfree(list);
	return 0;
}

static void show_ladder(struct seq_file *seq, const char *family,
			const struct icmpguard_ladder *ladder)
{
	unsigned int i;

	seq_printf(seq, "prefix %s %u", family, ladder->step[0].len);
	for (i = 1; i < ladder->steps; i++)
		seq_printf(seq, " %u:%u", ladder->step[i].len, ladder->step[i].factor);
	seq_putc(seq, '\n');
}

static void show_type(struct seq_file *seq, const struct icmpguard_config *config, unsigned int tid)
{
	unsigned int i;

	seq_puts(seq, "type ");
	if (!icmpguard_config_is_merged(config, tid))
		seq_printf(seq, "%s ", proto_name(tid));
	seq_printf(seq, "%s ", icmpguard_type_name(tid));
	show_treatment(seq, &config->types[tid]);
	seq_putc(seq, '\n');
	for (i = 0; i < config->codes; i++) {
		if (config->code[i].tid != tid)
			continue;
		seq_printf(seq, "type %s %s code %u ", proto_name(tid), icmpguard_type_name(tid),
			   config->code[i].code);
		show_treatment(seq, &config->code[i].treatment);
		seq_putc(seq, '\n');
	}
}

static void show_rule(struct seq_file *seq, const struct icmpguard_ruleset *rules,
		      const struct icmpguard_rule *rule)
{
	const struct icmpguard_bound *bound = icmpguard_rule_bound(rules, rule);

	seq_puts(seq, "rule add ");
	show_prefix(seq, &rule->addr, rule->len, rule->v6);
	switch (rule->action) {
	case ICMPGUARD_RULE_EXEMPT:
		seq_puts(seq, " exempt");
		break;
	case ICMPGUARD_RULE_BLOCK:
		seq_puts(seq, " block");
		break;
	case ICMPGUARD_RULE_LIMIT:
		seq_puts(seq, " limit ");
		show_rate(seq, &rule->limit);
		break;
	}
	if (rule->source_len)
		seq_printf(seq, " source-length %u", rule->source_len);
	if (bound)
		seq_printf(seq, " interface %s", bound->name);
	if (rule->comment)
		seq_printf(seq, " comment \"%s\"", rule->comment);
	seq_putc(seq, '\n');
}

static void show_rules(struct seq_file *seq, const struct icmpguard_ruleset *rules)
{
	u32 i;

	/* Without room for more it is all shown again, with twice as much. */
	for (i = 0; i < rules->rules && !seq_has_overflowed(seq); i++) {
		cond_resched();
		show_rule(seq, rules, &rules->rule[i]);
	}
}

/* What the tool's `show` prints, line for line */
static int config_show(struct seq_file *seq, void *v)
{
	static const char * const actions[] = { "off", "count", "drop" };
	bool privileged = may_see_hosts(seq);
	struct icmpguard_config *config = get_config(net_of(seq));
	unsigned int i;

	if (!config)
		return -ENOMEM;
	/* A statement that is refused: applied, this would remove all rules. */
	if (!privileged)
		seq_puts(seq, "# the rules need CAP_NET_ADMIN and are not shown\nrules hidden\n");
	for (i = 0; i < __ICMPGUARD_SETTING_MAX; i++) {
		const struct icmpguard_setting *setting = &icmpguard_settings[i];
		u32 value = icmpguard_setting_value(setting, config);

		if (setting->words)
			seq_printf(seq, "%s %s\n", setting->name, setting->words[value]);
		else
			seq_printf(seq, "%s %u\n", setting->name, value);
	}
	show_ladder(seq, "ipv4", &config->ladder[0]);
	show_ladder(seq, "ipv6", &config->ladder[1]);
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		seq_printf(seq, "check %s %s\n", icmpguard_check_name(i),
			   actions[config->checks[i]]);
	for (i = 0; i < config->interfaces; i++)
		seq_printf(seq, "interface %s %s\n", config->interface[i].name,
			   icmpguard_modes[config->interface[i].mode]);
	for (i = 0; i < ICMPGUARD_TIDS; i++)
		if (!icmpguard_tid_is_v6(i) || !icmpguard_config_is_merged(config, i))
			show_type(seq, config, i);
	if (config->rules && privileged)
		show_rules(seq, config->rules);
	put_config(config);
	return 0;
}

static const struct {
	const char *name;
	umode_t mode;
	int (*show)(struct seq_file *seq, void *v);
} files[] = {
	{ "stats", 0444, stats_show },
	{ "types", 0444, types_show },
	{ "sources", 0400, sources_show },
	{ "config", 0444, config_show },
};

/**
 * icmpguard_proc_init() - make a namespace's files
 * @net: the namespace
 *
 * Context: process.
 * Return: 0, -ENOMEM.
 */
int icmpguard_proc_init(struct net *net)
{
	struct proc_dir_entry *dir = proc_net_mkdir(net, DIRECTORY, net->proc_net);
	int i;

	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!proc_create_net_single(files[i].name, files[i].mode, dir, files[i].show,
					    NULL)) {
			icmpguard_proc_exit(net);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * icmpguard_proc_exit() - remove a namespace's files
 * @net: the namespace
 *
 * Context: process. Readers have left when it returns.
 */
void icmpguard_proc_exit(struct net *net)
{
	remove_proc_subtree(DIRECTORY, net->proc_net);
}
