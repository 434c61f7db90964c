/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limiter: charging a packet to its source's bucket and to the total.
 *
 * What nearly every packet of a flood, or of a source that is known, needs is
 * inlined into the hook; everything else is icmpguard_table_charge_any().
 */
#ifndef _ICMPGUARD_LIMITER_H
#define _ICMPGUARD_LIMITER_H

#include <linux/types.h>
#include "gcra.h"
#include "slot.h"
#include "table.h"
#include "total.h"

/* Known sources may fill half of a set. */
#define ICMPGUARD_KNOWN_MAX	(ICMPGUARD_WAYS / 2)

/**
 * enum icmpguard_charge - what became of a packet
 * @ICMPGUARD_CHARGE_PASS: charged to the source and to the total
 * @ICMPGUARD_CHARGE_SOURCE: refused by a bucket of the source's; without a
 *	penalty nothing was written
 * @ICMPGUARD_CHARGE_PENALTY: refused because of a penalty
 * @ICMPGUARD_CHARGE_TOTAL: refused by the total; nothing was written
 */
enum icmpguard_charge {
	ICMPGUARD_CHARGE_PASS,
	ICMPGUARD_CHARGE_SOURCE,
	ICMPGUARD_CHARGE_PENALTY,
	ICMPGUARD_CHARGE_TOTAL,
};

/**
 * struct icmpguard_debt - what a table knows of a source
 * @debt: its debt
 * @known: whether it is known
 */
struct icmpguard_debt {
	u64 debt;
	bool known;
};

enum icmpguard_charge icmpguard_table_charge_any(const struct icmpguard_table *table, u64 hash,
						 const struct icmpguard_gcra *source, u64 block,
						 const struct icmpguard_shared *shared, u64 now);
enum icmpguard_charge icmpguard_table_charge_ladder(const struct icmpguard_table *table,
						    const u64 *hash,
						    const struct icmpguard_gcra *step,
						    unsigned int steps, u64 block,
						    const struct icmpguard_shared *shared, u64 now);
void icmpguard_table_refund(const struct icmpguard_table *table, u64 hash,
			    const struct icmpguard_gcra *source, u64 block,
			    const struct icmpguard_shared *shared, unsigned int packets, u64 now);
enum icmpguard_charge icmpguard_total_charge(const struct icmpguard_shared *shared, u64 now);
struct icmpguard_debt icmpguard_table_debt(const struct icmpguard_table *table, u64 hash,
					   u8 group, u64 now);

/**
 * icmpguard_table_charge() - charge a packet to its source and to the total
 * @table: the buckets
 * @hash: of the source, with its limiter's key
 * @source: the source's rate, limited
 * @block: penalty for exceeding it, added to the debt, at most
 *	ICMPGUARD_BURST_MAX with the tolerance; the cost is then an even number of
 *	units; 0: none
 * @shared: all sources' limit
 * @now: the time, lower ICMPGUARD_TIME_SHIFT bits zero
 *
 * See icmpguard_table_charge_any(): this is the same for a source that is
 * found where it is looked for first, in as few instructions as there can be.
 *
 * Context: softirq, or process with bottom halves off; RCU. No lock, no
 * allocation. Return: enum icmpguard_charge.
 */
static __always_inline enum icmpguard_charge
icmpguard_table_charge(const struct icmpguard_table *table, u64 hash,
		       const struct icmpguard_gcra *source, u64 block,
		       const struct icmpguard_shared *shared, u64 now)
{
	struct icmpguard_set *set = icmpguard_table_set(table, hash, source->group);
	atomic64_t *slot = &set->way[icmpguard_slot_home(hash)];
	u64 word = atomic64_read(slot);
	u64 debt, known;
	s64 old = word;

	if (unlikely(!icmpguard_slot_is_own(word, hash)))
		goto any;
	debt = icmpguard_gcra_debt(icmpguard_slot_time(word), now);
	if (debt > source->tolerance) {
		/* More no rate can have run up. */
		u64 most = 2 * icmpguard_table_edge(table, source->group) + ICMPGUARD_LATE;

		if (unlikely(block || debt > most))
			goto any;
		return ICMPGUARD_CHARGE_SOURCE;
	}
	known = word & ICMPGUARD_KNOWN;
	if (!debt && unlikely(!known ||
			      now - icmpguard_slot_time(word) >= ICMPGUARD_KNOWN_TIME))
		goto any;
	if (shared->total && icmpguard_total_refuses(shared, known, hash, now))
		return ICMPGUARD_CHARGE_TOTAL;
	if (unlikely(!atomic64_try_cmpxchg(slot, &old,
					   icmpguard_slot_word(now, debt + source->cost,
							       source->mask, known, hash))))
		goto any;
	if (shared->total)
		icmpguard_total_add(shared, now);
	return ICMPGUARD_CHARGE_PASS;
any:
	return icmpguard_table_charge_any(table, hash, source, block, shared, now);
}

#endif /* _ICMPGUARD_LIMITER_H */
