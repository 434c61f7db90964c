// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: compiling a configuration, and freeing it.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "config_hash.h"
#include "policy.h"

/* The smallest packet that every IPv6 link carries; see fragment_end below. */
#define SMALL_PACKET	1280

/* A limiter's key: of its type's number on the wire, which never changes */
static void make_key(struct icmpguard_sip *sip, const siphash_key_t *secret, unsigned int tid,
		     int code)
{
	u64 id = (u64)icmpguard_type_proto(tid) << 32 | icmpguard_type_number(tid) << 16 |
		 (code + 1);

	const siphash_key_t key = {
		.key = { siphash_2u64(id, 0, secret), siphash_2u64(id, 1, secret) },
	};

	icmpguard_sip_init(sip, &key);
}

static int compile_rate(struct icmpguard_policy *policy, struct icmpguard_gcra *gcra,
			const struct icmpguard_rate *rate, u64 unit,
			struct netlink_ext_ack *extack)
{
	int err = icmpguard_gcra_compile(gcra, rate, unit);

	if (err == -ERANGE)
		NL_SET_ERR_MSG(extack, "burst is too large for so slow a rate");
	else if (err)
		NL_SET_ERR_MSG(extack, "rate needs a period and a burst");
	policy->clock.fine |= icmpguard_gcra_is_fine(gcra);
	return err;
}

/* The same rate, so many times as fast */
static int multiply(const struct icmpguard_rate *rate, u32 factor, struct icmpguard_rate *product)
{
	product->period = rate->period;
	if (check_mul_overflow(rate->packets, factor, &product->packets) ||
	    check_mul_overflow(rate->burst, factor, &product->burst))
		return -ERANGE;
	/* A single packet may take longer than several. */
	if (!icmpguard_burst_fits(product->packets, product->period, product->burst))
		return -ERANGE;
	return 0;
}

static void note_group(struct icmpguard_policy *policy, const struct icmpguard_gcra *gcra,
		       u64 penalty)
{
	u64 burst = gcra->tolerance + gcra->cost;

	if (!gcra->cost)
		return;
	__set_bit(gcra->group, policy->groups);
	policy->edge[gcra->group] = max(policy->edge[gcra->group], burst);
	policy->longest = max(policy->longest, burst + penalty);
}

static int compile_steps(struct icmpguard_policy *policy, struct icmpguard_plan *plan,
			 const struct icmpguard_rate *limit, const struct icmpguard_ladder *ladder,
			 struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	for (i = 0; i < ladder->steps; i++) {
		struct icmpguard_rate rate;

		err = multiply(limit, ladder->step[i].factor, &rate);
		if (err) {
			NL_SET_ERR_MSG(extack, "rate times a prefix's factor is too large");
			return err;
		}
		err = compile_rate(policy, &plan->step[i], &rate, ICMPGUARD_SOURCE_UNIT, extack);
		if (err)
			return err;
		note_group(policy, &plan->step[i], i ? 0 : plan->penalty);
	}
	return 0;
}

static int compile_plan(struct icmpguard_policy *policy, struct icmpguard_plan *plan,
			const struct icmpguard_treatment *treatment,
			const struct icmpguard_ladder *ladder,
			struct icmpguard_aggregate_bucket *bucket, struct netlink_ext_ack *extack)
{
	struct icmpguard_aggregate *aggregate = &plan->aggregate;
	int err;

	plan->action = treatment->action;
	plan->monitor = treatment->monitor;
	if (treatment->action != ICMPGUARD_ACTION_LIMIT)
		return 0;
	plan->penalty = treatment->penalty * ICMPGUARD_SECOND;
	err = compile_steps(policy, plan, &treatment->limit, ladder, extack);
	if (err)
		return err;
	if (plan->step[0].tolerance + plan->penalty > ICMPGUARD_BURST_MAX) {
		NL_SET_ERR_MSG(extack, "penalty is too long");
		return -ERANGE;
	}
	err = compile_rate(policy, &aggregate->rate, &treatment->total, 1, extack);
	if (err)
		return err;
	aggregate->bucket = aggregate->rate.cost ? bucket : NULL;
	icmpguard_aggregate_divide(aggregate);
	/* In a tick newcomers get no more than their part. */
	policy->clock.fine |= aggregate->bucket &&
			      aggregate->edge[ICMPGUARD_NEWCOMER] + aggregate->rate.cost <
				      2 * ICMPGUARD_JIFFY;
	return 0;
}

/*
 * Which byte of a message no fragment may reach. A message that is no echo
 * may be longer than the largest echo, but not longer than what fits the
 * smallest packet: let those through. Where an echo that is too large is to
 * pass nevertheless, so must its fragments.
 */
static void compile_fragments(struct icmpguard_policy *policy,
			      const struct icmpguard_config *config)
{
	unsigned int i;

	policy->echo_end = config->max_echo_size + ICMPGUARD_ICMP_HEADER;
	policy->fragment_end = max_t(u32, policy->echo_end, SMALL_PACKET);
	for (i = 0; i < ICMPGUARD_TIDS; i++)
		if (config->types[i].monitor &&
		    icmpguard_type_checks(i) & ICMPGUARD_TYPE_SIZED)
			policy->large_monitored = true;
	for (i = 0; i < config->codes; i++)
		if (config->code[i].treatment.monitor &&
		    icmpguard_type_checks(config->code[i].tid) & ICMPGUARD_TYPE_SIZED)
			policy->large_monitored = true;
	/* A total is for memory when it is short, and those take none. */
	for (i = 0; i < 2; i++) {
		policy->passing[i] = *icmpguard_policy_fragments(policy, i);
		policy->passing[i].aggregate = (struct icmpguard_aggregate) {};
	}
}

static void compile_masks(struct icmpguard_policy *policy, bool v6)
{
	const struct icmpguard_ladder *ladder = &policy->config.ladder[v6];
	unsigned int i;

	policy->steps[v6] = ladder->steps;
	for (i = 0; i < ladder->steps; i++)
		policy->mask[v6][i] = icmpguard_addr_mask(ladder->step[i].len, v6);
}

static void compile_checks(const struct icmpguard_policy *policy, struct icmpguard_plan *plan,
			   unsigned int tid, u32 max_echo_size)
{
	u16 checks = icmpguard_check_types(icmpguard_type_checks(tid),
					   policy->counted | policy->dropped);

	plan->jittered = icmpguard_type_checks(tid) & ICMPGUARD_TYPE_QUOTES;
	plan->checks = checks & ~ICMPGUARD_TYPE_SIZED;
	plan->least = icmpguard_type_least(tid);
	plan->size = U32_MAX;
	if (checks & ICMPGUARD_TYPE_SIZED)
		plan->size = max_echo_size + ICMPGUARD_ICMP_HEADER;
}

static int policy_compile(struct icmpguard_policy *policy, const siphash_key_t *secret,
			  struct icmpguard_aggregate_bucket *aggregates,
			  struct netlink_ext_ack *extack)
{
	const struct icmpguard_config *config = &policy->config;
	unsigned int i;
	int err;

	policy->mode = config->mode;
	policy->interfaces = config->interfaces;
	policy->local = config->scope == ICMPGUARD_SCOPE_LOCAL;
	icmpguard_check_masks(config->checks, &policy->counted, &policy->dropped);
	compile_masks(policy, false);
	compile_masks(policy, true);
	policy->rules = config->rules;
	policy->bounds = policy->rules ? policy->rules->bounds : 0;
	for (i = 0; i < ICMPGUARD_TIDS; i++) {
		struct icmpguard_plan *plan = &policy->plans[i];

		make_key(&plan->sip, secret, i, -1);
		compile_checks(policy, plan, i, config->max_echo_size);
		err = compile_plan(policy, plan, &config->types[i],
				   &config->ladder[icmpguard_tid_is_v6(i)], &aggregates[i],
				   extack);
		if (err)
			return err;
	}
	compile_fragments(policy, config);
	for (i = 0; i < config->codes; i++) {
		const struct icmpguard_code *code = &config->code[i];
		struct icmpguard_plan *type = &policy->plans[code->tid];
		struct icmpguard_plan *plan = &policy->codes[i];

		if (!type->codes)
			type->first_code = i;
		type->codes++;
		policy->code[i] = code->code;
		make_key(&plan->sip, secret, code->tid, code->code);
		compile_checks(policy, plan, code->tid, config->max_echo_size);
		err = compile_plan(policy, plan, &code->treatment,
				   &config->ladder[icmpguard_tid_is_v6(code->tid)],
				   &aggregates[ICMPGUARD_TIDS + code->slot], extack);
		if (err)
			return err;
	}
	return 0;
}

static void compile_rules(struct icmpguard_policy *policy)
{
	unsigned int i;

	/* Rules that stay as they are keep their number. */
	if (policy->rules && !policy->config.rules->hash)
		policy->config.rules->hash = icmpguard_ruleset_hash(policy->rules);

	for (i = 0; policy->rules && i < policy->rules->rules; i++) {
		const struct icmpguard_gcra *gcra = &policy->rules->rule[i].gcra;

		cond_resched();
		policy->clock.fine |= icmpguard_gcra_is_fine(gcra);
		note_group(policy, gcra, 0);
	}
}

/* Which types the fast path can decide, and which the mid path */
static void compile_paths(struct icmpguard_policy *policy)
{
	bool everywhere = policy->mode == ICMPGUARD_MODE_ENFORCE && !policy->local &&
			  !policy->interfaces && !policy->clock.fine;
	unsigned int i;

	for (i = 0; i < ICMPGUARD_TIDS; i++) {
		struct icmpguard_plan *plan = &policy->plans[i];

		plan->mid = everywhere && !plan->monitor;
		plan->fast = plan->mid && !policy->rules && !plan->jittered && !plan->codes &&
			      !(plan->checks & ~ICMPGUARD_TYPE_UNICAST) &&
			      plan->least <= ICMPGUARD_ICMP_HEADER &&
			      plan->action == ICMPGUARD_ACTION_LIMIT && plan->step[0].cost &&
			      policy->steps[icmpguard_tid_is_v6(i)] == 1;
	}
	for (i = 0; i < policy->config.codes; i++)
		policy->codes[i].mid = everywhere && !policy->codes[i].monitor;
}

static void compile_clock(struct icmpguard_policy *policy, const struct icmpguard_policy *old)
{
	if (old && old->clock.fine == policy->clock.fine)
		policy->clock.offset = old->clock.offset;
	else if (old)
		policy->clock.offset = icmpguard_clock_now(&old->clock) -
				       icmpguard_clock_raw(policy->clock.fine);
}

/**
 * icmpguard_policy_make() - make a policy of a configuration
 * @config: the configuration; copied, and what it holds becomes the policy's when
 *	that comes into force
 * @old: the policy in force; NULL: none
 * @secret: the namespace's, of which the limiters' keys are made
 * @aggregates: all sources' buckets: by type, then by exception
 * @extack: says what was wrong; NULL is allowed
 *
 * Context: process.
 * Return: the policy, without a table, or an error: -ERANGE or
 * -EINVAL for a rate the arithmetic can't hold; -ENOMEM.
 */
struct icmpguard_policy *icmpguard_policy_make(const struct icmpguard_config *config,
					       const struct icmpguard_policy *old,
					       const siphash_key_t *secret,
					       struct icmpguard_aggregate_bucket *aggregates,
					       struct netlink_ext_ack *extack)
{
	struct icmpguard_policy *policy = kvzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	int err;

	if (!policy)
		return ERR_PTR(-ENOMEM);
	policy->config = *config;
	policy->generation = old ? old->generation + 1 : 1;
	err = policy_compile(policy, secret, aggregates, extack);
	if (err) {
		kvfree(policy);
		return ERR_PTR(err);
	}
	compile_rules(policy);
	compile_paths(policy);
	compile_clock(policy, old);
	return policy;
}

/**
 * icmpguard_policy_destroy() - free a policy that no packet can see
 * @policy: the policy; its tables aren't freed
 *
 * Context: any but hard interrupt.
 */
void icmpguard_policy_destroy(struct icmpguard_policy *policy)
{
	icmpguard_config_release(&policy->config);
	kvfree(policy);
}

static void policy_free_rcu(struct rcu_head *rcu)
{
	icmpguard_policy_destroy(container_of(rcu, struct icmpguard_policy, rcu));
}

/**
 * icmpguard_policy_destroy_rcu() - free a policy when the last packet has left it
 * @policy: the policy; its tables aren't freed
 *
 * Context: any. The module waits for it with rcu_barrier() before it goes.
 */
void icmpguard_policy_destroy_rcu(struct icmpguard_policy *policy)
{
	call_rcu(&policy->rcu, policy_free_rcu);
}

/*
 * Sources that aren't an address's first bits, however many are configured: every
 * neighbour's link-local address has the same, and the unspecified address is
 * everybody's during duplicate address detection; and what translates or carries
 * IPv4 has one prefix for all of that, with the host's own address in it. @addr becomes
 * the source. Return: its length; 0: it isn't one of these.
 */
static u8 source_apart(struct icmpguard_addr *addr)
{
	if (icmpguard_addr_is_on_link(addr->hi, addr->lo))
		return 128;
	/* NAT64: 64:ff9b::/96 (RFC 6052) and 64:ff9b:1::/48 (RFC 8215) */
	if ((addr->hi == 0x64ff9bULL << 32 && !(addr->lo >> 32)) ||
	    addr->hi >> 16 == 0x64ff9b0001ULL)
		return 128;
	/* Teredo: prefix, server, flags, port, and the client's address (RFC 4380 4) */
	if (addr->hi >> 32 == 0x20010000) {
		addr->hi &= ~0ULL << 32;
		addr->lo &= U32_MAX;
		return 128;
	}
	/* 6to4: prefix and address (RFC 3056 2) */
	if (addr->hi >> 48 == 0x2002) {
		addr->hi &= ~0ULL << 16;
		addr->lo = 0;
		return 48;
	}
	return 0;
}

/**
 * icmpguard_policy_hash_apart() - icmpguard_policy_hash_own() for what isn't common
 * @policy: the policy
 * @plan: the limiter's
 * @hi: the address; see struct icmpguard_addr
 * @lo: likewise
 * @step: of the ladder, 0 for the source itself
 * @salt: distinguishes hashes of one prefix
 *
 * Context: any.
 * Return: the hash.
 */
u64 icmpguard_policy_hash_apart(const struct icmpguard_policy *policy,
				const struct icmpguard_plan *plan, u64 hi, u64 lo,
				unsigned int step, u32 salt)
{
	struct icmpguard_addr addr = { hi, lo };

	if (source_apart(&addr))
		return icmpguard_hash_2u64(addr.hi, addr.lo, salt, &plan->sip);
	return icmpguard_policy_hash_masked(plan, true, hi, lo, &policy->mask[1][step], salt);
}

/**
 * icmpguard_policy_hash_sized() - icmpguard_policy_hash_own() where a rule has the length
 * @plan: the limiter's
 * @own: the rule
 * @hi: the address; see struct icmpguard_addr
 * @lo: likewise
 * @salt: distinguishes hashes of one prefix
 *
 * Context: any.
 * Return: the hash.
 */
u64 icmpguard_policy_hash_sized(const struct icmpguard_plan *plan,
				const struct icmpguard_rule *own, u64 hi, u64 lo, u32 salt)
{
	const struct icmpguard_addr mask = icmpguard_addr_mask(own->source_len, own->v6);

	return icmpguard_policy_hash_masked(plan, own->v6, hi, lo, &mask, salt);
}

/**
 * icmpguard_policy_prefix() - the source an address belongs to
 * @policy: the policy
 * @v6: an IPv6 address; an IPv4 one otherwise
 * @addr: the address, of a packet from anywhere
 * @prefix: filled in
 *
 * Context: any.
 * Return: the length of @prefix.
 */
u8 icmpguard_policy_prefix(const struct icmpguard_policy *policy, bool v6,
			   const struct icmpguard_addr *addr, struct icmpguard_addr *prefix)
{
	const struct icmpguard_rule *rule = icmpguard_policy_rule(policy, 0, v6, addr);
	struct icmpguard_addr mask = policy->mask[v6][0];
	u8 len;

	*prefix = *addr;
	if (rule && rule->source_len) {
		len = rule->source_len;
		mask = icmpguard_addr_mask(len, v6);
	} else {
		len = v6 ? source_apart(prefix) : 0;
		if (len)
			return len;
		len = policy->config.ladder[v6].step[0].len;
	}
	prefix->hi = addr->hi & mask.hi;
	prefix->lo = addr->lo & mask.lo;
	return len;
}
