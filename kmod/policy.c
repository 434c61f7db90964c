// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: build, validate, swap.
 */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include "hook.h"
#include "net.h"
#include "policy.h"

/* The smallest packet that every IPv6 link carries; see fragment_end below. */
#define SMALL_PACKET	1280

/* A limiter's key: of its type's number on the wire, which never changes */
static void make_key(siphash_key_t *key, const siphash_key_t *secret, unsigned int tid, int code)
{
	u64 id = (u64)icmpguard_type_proto(tid) << 32 | icmpguard_type_number(tid) << 16 |
		 (code + 1);

	key->key[0] = siphash_2u64(id, 0, secret);
	key->key[1] = siphash_2u64(id, 1, secret);
}

static int compile_rate(struct icmpguard_gcra *gcra, const struct icmpguard_rate *rate, bool whole,
			struct netlink_ext_ack *extack)
{
	int err = icmpguard_gcra_compile(gcra, rate, whole);

	if (err == -ERANGE)
		NL_SET_ERR_MSG(extack, "burst is too large for so slow a rate");
	else if (err)
		NL_SET_ERR_MSG(extack, "rate needs a period and a burst");
	return err;
}

static int compile_plan(struct icmpguard_plan *plan, const struct icmpguard_treatment *treatment,
			struct icmpguard_total *total, struct icmpguard_policy *policy,
			struct netlink_ext_ack *extack)
{
	int err;

	plan->action = treatment->action;
	plan->monitor = treatment->monitor;
	if (treatment->action != ICMPGUARD_ACTION_LIMIT)
		return 0;
	err = compile_rate(&plan->source, &treatment->limit, true, extack);
	if (err)
		return err;
	err = compile_rate(&plan->all, &treatment->total, false, extack);
	if (err)
		return err;
	plan->total = plan->all.cost ? total : NULL;
	policy->clock.fine |= icmpguard_gcra_is_fine(&plan->source) ||
			      icmpguard_gcra_is_fine(&plan->all);
	return 0;
}

/*
 * Which octet of a message no fragment may reach. A message that is no echo
 * may be longer than the largest echo, but not longer than what fits the
 * smallest packet: let those through. Where an echo that is too large is to
 * pass nevertheless, so must its fragments.
 */
static u32 fragment_end(const struct icmpguard_config *config)
{
	unsigned int tid;

	if (config->mode != ICMPGUARD_MODE_ENFORCE)
		return U32_MAX;
	for (tid = 0; tid < ICMPGUARD_TIDS; tid++)
		if (config->types[tid].monitor &&
		    icmpguard_type_checks(tid) & ICMPGUARD_TYPE_SIZED)
			return U32_MAX;
	return max_t(u32, config->max_echo_size + 8, SMALL_PACKET);
}

static int compile(struct icmpguard_policy *policy, const struct icmpguard_net *ign,
		   struct netlink_ext_ack *extack)
{
	const struct icmpguard_config *config = &policy->config;
	unsigned int i;
	int err;

	policy->mode = config->mode;
	policy->max_echo_size = config->max_echo_size;
	policy->fragment_end = fragment_end(config);
	policy->mask[0] = icmpguard_addr_mask(config->ladder[0].step[0].len, false);
	policy->mask[1] = icmpguard_addr_mask(config->ladder[1].step[0].len, true);
	policy->rules = config->rules;
	for (i = 0; i < ICMPGUARD_TIDS; i++) {
		struct icmpguard_plan *plan = &policy->plans[i];

		make_key(&plan->key, &ign->secret, i, -1);
		plan->checks = icmpguard_type_checks(i);
		err = compile_plan(plan, &config->types[i], &ign->totals[i], policy, extack);
		if (err)
			return err;
	}
	for (i = 0; i < config->codes; i++) {
		const struct icmpguard_code *code = &config->code[i];
		struct icmpguard_plan *type = &policy->plans[code->tid];
		struct icmpguard_plan *plan = &policy->codes[i];

		if (!type->codes)
			type->first_code = i;
		type->codes++;
		policy->code[i] = code->code;
		make_key(&plan->key, &ign->secret, code->tid, code->code);
		plan->checks = type->checks;
		err = compile_plan(plan, &code->treatment, &ign->totals[ICMPGUARD_TIDS + code->slot],
				   policy, extack);
		if (err)
			return err;
	}
	return 0;
}

static void compile_clock(struct icmpguard_policy *policy, const struct icmpguard_policy *old)
{
	unsigned int i;

	for (i = 0; policy->rules && i < policy->rules->rules; i++)
		policy->clock.fine |= icmpguard_gcra_is_fine(&policy->rules->rule[i].gcra);
	if (old && old->clock.fine == policy->clock.fine)
		policy->clock.offset = old->clock.offset;
	else if (old)
		policy->clock.offset = icmpguard_clock_now(&old->clock) -
				       icmpguard_clock_raw(policy->clock.fine);
}

/* Nobody sweeps them while a namespace is off. */
static void forget_totals(struct icmpguard_net *ign, const struct icmpguard_policy *policy)
{
	u64 now = icmpguard_clock_now(&policy->clock);
	unsigned int i;

	for (i = 0; i < ICMPGUARD_TOTALS; i++)
		icmpguard_total_forget(&ign->totals[i], now);
}

static void clamp_totals(const struct icmpguard_policy *policy)
{
	u64 now = icmpguard_clock_now(&policy->clock);
	unsigned int i;

	for (i = 0; i < ICMPGUARD_TIDS; i++)
		if (policy->plans[i].total)
			icmpguard_total_clamp(policy->plans[i].total, &policy->plans[i].all, now);
	for (i = 0; i < policy->config.codes; i++)
		if (policy->codes[i].total)
			icmpguard_total_clamp(policy->codes[i].total, &policy->codes[i].all, now);
}

/**
 * icmpguard_policy_destroy() - free a policy that no packet can see
 * @policy: the policy; its table isn't freed
 *
 * Context: any but hard interrupt.
 */
void icmpguard_policy_destroy(struct icmpguard_policy *policy)
{
	icmpguard_config_release(&policy->config);
	kvfree(policy);
}

static void free_rcu(struct rcu_head *rcu)
{
	icmpguard_policy_destroy(container_of(rcu, struct icmpguard_policy, rcu));
}

/* The table for a policy: the old one if it will do */
static int take_table(struct icmpguard_policy *policy, const struct icmpguard_policy *old,
		      struct netlink_ext_ack *extack)
{
	u32 size = policy->config.table_size;

	if (policy->mode == ICMPGUARD_MODE_OFF)
		return 0;
	if (old && old->table && icmpguard_table_sources(old->table) == size) {
		policy->table = old->table;
		return 0;
	}
	policy->table = icmpguard_table_alloc(size, icmpguard_clock_now(&policy->clock));
	if (policy->table)
		return 0;
	NL_SET_ERR_MSG(extack, "not enough memory for a table of that size");
	return -ENOMEM;
}

/**
 * icmpguard_policy_apply() - put a configuration into force
 * @ign: the namespace
 * @config: the configuration; what it holds goes to the policy on success
 * @extack: says what was wrong; NULL is allowed
 *
 * Everything that can fail is done before anything changes.
 *
 * Context: process, @ign->lock held. Return: 0; -ERANGE or -EINVAL for a rate
 * the arithmetic can't hold; -ENOMEM.
 */
int icmpguard_policy_apply(struct icmpguard_net *ign, struct icmpguard_config *config,
			   struct netlink_ext_ack *extack)
{
	struct icmpguard_policy *old, *policy;
	bool on = config->mode != ICMPGUARD_MODE_OFF;
	int err;

	old = rcu_dereference_protected(ign->policy, lockdep_is_held(&ign->lock));
	err = icmpguard_net_prepare(ign);
	if (err)
		return err;
	policy = kvzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	policy->config = *config;
	policy->generation = old ? old->generation + 1 : 1;
	err = compile(policy, ign, extack);
	if (err)
		goto free_policy;
	compile_clock(policy, old);
	err = take_table(policy, old, extack);
	if (err)
		goto free_policy;
	if (on && !ign->hooked) {
		forget_totals(ign, policy);
		err = icmpguard_hook_register(ign);
		if (err) {
			NL_SET_ERR_MSG(extack, "netfilter refused the hooks");
			goto free_table;
		}
	}

	clamp_totals(policy);
	rcu_assign_pointer(ign->policy, policy);
	if (!on && ign->hooked)
		icmpguard_hook_unregister(ign);
	if (on)
		queue_delayed_work(system_power_efficient_wq, &ign->sweep,
				   ICMPGUARD_SWEEP_PERIOD);
	if (old) {
		if (old->table != policy->table)
			icmpguard_table_free_rcu(old->table);
		call_rcu(&old->rcu, free_rcu);
	}
	return 0;

free_table:
	if (!old || old->table != policy->table)
		icmpguard_table_free(policy->table);
free_policy:
	kvfree(policy);
	return err;
}

/**
 * icmpguard_policy_prefix() - the source an address belongs to
 * @policy: the policy
 * @v6: an IPv6 address; an IPv4 one otherwise
 * @addr: the address
 * @prefix: filled in
 *
 * Context: any. Return: the length of @prefix.
 */
u8 icmpguard_policy_prefix(const struct icmpguard_policy *policy, bool v6,
			   const struct icmpguard_addr *addr, struct icmpguard_addr *prefix)
{
	if (v6 && icmpguard_addr_is_whole(addr)) {
		*prefix = *addr;
		return 128;
	}
	prefix->hi = addr->hi & policy->mask[v6].hi;
	prefix->lo = addr->lo & policy->mask[v6].lo;
	return policy->config.ladder[v6].step[0].len;
}
