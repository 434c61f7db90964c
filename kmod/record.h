/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records: what is remembered of ICMP messages that come in fragments.
 *
 * - of a message: what its first fragment's verdict was, which the others follow
 *   where nothing is put together; and what its fragments were charged, which is all
 *   that can be given back when it is whole;
 * - of all that wait: how much memory they take;
 * - of a fragment: that it was taken, so that a repetition isn't;
 * - of a message after further IPv6 extension headers: that it is one. A fragment
 *   names only what its packet goes on with after the fragment header (RFC 8200
 *   4.5), so the first fragment alone shows it.
 *
 * All of it is in small tables that forget, and is one word each: no lock.
 */
#ifndef _ICMPGUARD_RECORD_H
#define _ICMPGUARD_RECORD_H

#include <linux/types.h>

struct icmpguard_packet;
struct icmpguard_records;
struct sk_buff;

/**
 * enum icmpguard_judged - the verdict on a message
 * @ICMPGUARD_JUDGED_NOT: not known: no first fragment was seen, or it was forgotten
 * @ICMPGUARD_JUDGED_PASSED: its first fragment was let pass
 * @ICMPGUARD_JUDGED_SIZED: likewise, and it is an echo, which has a largest size
 * @ICMPGUARD_JUDGED_DROPPED: it was dropped
 */
enum icmpguard_judged {
	ICMPGUARD_JUDGED_NOT,
	ICMPGUARD_JUDGED_PASSED,
	ICMPGUARD_JUDGED_SIZED,
	ICMPGUARD_JUDGED_DROPPED,
};

/* What memory is counted in: bytes. Finer than any fragment takes */
#define ICMPGUARD_MEMORY_UNIT	256U

/**
 * struct icmpguard_charged - what fragments that wait were charged
 * @charges: how often their source's bucket was
 * @memory: that they wait in; ICMPGUARD_MEMORY_UNIT
 * @age: since the first was: jiffies
 * @aggregate: all sources' bucket was too, for each of them
 */
struct icmpguard_charged {
	unsigned int charges;
	unsigned int memory;
	unsigned long age;
	bool aggregate;
};

struct icmpguard_records *icmpguard_records_alloc(void);
void icmpguard_records_free(struct icmpguard_records *records);

u64 icmpguard_record_hash(const struct icmpguard_records *records, const struct sk_buff *skb,
			  const struct icmpguard_packet *packet);

void icmpguard_record_judge(struct icmpguard_records *records, u64 hash,
			    enum icmpguard_judged judged);
enum icmpguard_judged icmpguard_record_judged(const struct icmpguard_records *records, u64 hash);
void icmpguard_record_charge(struct icmpguard_records *records, u64 hash, bool v6,
			     const struct icmpguard_charged *charged);
struct icmpguard_charged icmpguard_record_end(struct icmpguard_records *records, u64 hash,
					      bool v6);
unsigned int icmpguard_record_waiting(struct icmpguard_records *records, bool v6);

u64 icmpguard_piece_hash(const struct icmpguard_records *records, u64 hash,
			 const struct icmpguard_packet *packet);
void icmpguard_piece_note(struct icmpguard_records *records, u64 piece);
bool icmpguard_piece_repeats(const struct icmpguard_records *records, u64 piece);

bool icmpguard_inner_note(struct icmpguard_records *records, u64 hash, unsigned int inner);
bool icmpguard_inner_find(struct icmpguard_records *records, u64 hash,
			  struct icmpguard_packet *packet);

#endif /* _ICMPGUARD_RECORD_H */
