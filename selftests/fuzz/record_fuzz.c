// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reassembly records: verdicts, charges, repetitions and further headers of messages
 * that share slots or don't, in any order and with any delays, compared with a list of
 * what happened.
 *
 * The refund is no more than was charged within a second or two; waiting memory is known
 * until the kernel gives it up, and no longer; a verdict is never another message's or an
 * older one, and a message after further headers is never forgotten while its later
 * fragments may come.
 *
 * A case is a sequence of three bytes: what happens, to which message, how much.
 */
#include "fuzz.h"

#include "record_kernel.h"
#include "../../kmod/record.c"

#define MESSAGES	16
/* These have slots of their own. */
#define ALONE		8

unsigned int fuzz_refuse;
unsigned long jiffies;

/**
 * struct message - what happened to a message
 * @judged: the last verdict
 * @judged_at: when
 * @charged: since it was last complete, in each tick
 * @begun: of the record it would have for itself
 * @charges: in that
 * @noted: when its further headers were last noted, and how many
 * @inner: the fewest since it was first
 * @ahead: when a later fragment was let pass unjudged
 */
struct message {
	enum icmpguard_judged judged;
	u32 judged_at;
	u32 charged[SOON + 1];
	u32 charged_at;
	u32 begun;
	u32 charges;
	u32 noted, inner, ahead;
	bool is_noted, is_ahead;
};

static struct message messages[MESSAGES];

/**
 * struct taken - what was charged for a fragment
 * @at: when
 * @which: of which message; every other one is ICMPv6's
 * @memory: that it waits in
 * @whole: its message may have been whole since
 */
struct taken {
	u32 at;
	unsigned int which;
	u32 memory;
	bool whole;
};

#define TAKEN		512

static struct taken list[TAKEN];
static unsigned int taken;
static struct icmpguard_records *records;

/* The low bits select the slot in every table. */
static u64 hash_of(unsigned int which)
{
	return (which + 1ULL) << 50 | (which + 1ULL) << 32 | (which < ALONE ? which : ALONE);
}

/* Keep only the charges of the last SOON ticks. */
static void forget(struct message *message)
{
	while (message->charged_at != tick_now()) {
		memmove(message->charged + 1, message->charged,
			sizeof(message->charged) - sizeof(message->charged[0]));
		message->charged[0] = 0;
		if (tick_now() - message->charged_at > SOON + 1)
			memset(message->charged, 0, sizeof(message->charged));
		message->charged_at = tick_now() - message->charged_at > SOON + 1 ?
				      tick_now() : message->charged_at + 1;
	}
}

static void begin(struct message *message)
{
	if (tick_now() - message->begun <= SOON)
		return;
	message->begun = tick_now();
	message->charges = 0;
}

static void judge(unsigned int which, unsigned int much)
{
	struct message *message = &messages[which];
	enum icmpguard_judged judged = 1 + much % 3;

	icmpguard_record_judge(records, hash_of(which), judged);
	message->judged = judged;
	message->judged_at = tick_now();
	begin(message);
	if (!message->charges)
		message->begun = tick_now();
	if (which < ALONE)
		PROMISE(icmpguard_record_judged(records, hash_of(which)) == judged,
			"the verdict isn't kept");
}

static void follow(unsigned int which)
{
	struct message *message = &messages[which];
	enum icmpguard_judged judged = icmpguard_record_judged(records, hash_of(which));

	if (judged == ICMPGUARD_JUDGED_NOT)
		return;
	PROMISE(judged == message->judged, "verdict %d, not %d", judged, message->judged);
	PROMISE(tick_now() - message->judged_at <= SOON, "a verdict %u ticks old",
		tick_now() - message->judged_at);
}

/* No message waits longer than the kernel waits for it. */
static void waits(void)
{
	u32 least[2] = {}, most[2] = {}, age;
	unsigned int i, now;

	for (i = 0; i < taken; i++) {
		age = time_now() - list[i].at;
		if (age < time_waiting(list[i].which % 2))
			most[list[i].which % 2] += list[i].memory;
		if (age < time_waiting(list[i].which % 2) && !list[i].whole)
			least[list[i].which % 2] += list[i].memory;
	}
	for (i = 0; i < 2; i++) {
		now = icmpguard_record_waiting(records, i);
		PROMISE(now >= least[i], "%u wait, not %u", now, least[i]);
		PROMISE(now <= most[i], "%u wait, and %u at most", now, most[i]);
	}
}

static void charge(unsigned int which, unsigned int much)
{
	struct icmpguard_charged charged = { .charges = much, .memory = much };
	struct message *message = &messages[which];

	if (taken == TAKEN)
		return;
	list[taken++] = (struct taken) { time_now(), which, much };
	forget(message);
	message->charged[0] += much;
	begin(message);
	message->charges += much;
	icmpguard_record_charge(records, hash_of(which), which % 2, &charged);
	waits();
}

static void end(unsigned int which)
{
	struct message *message = &messages[which];
	u32 back = icmpguard_record_end(records, hash_of(which), which % 2).charges, most = 0, i;

	forget(message);
	for (i = 0; i <= SOON; i++)
		most += message->charged[i];
	PROMISE(back <= most && back <= CHARGES_MAX, "%u of %u come back", back, most);
	if (which < ALONE && tick_now() - message->begun <= SOON)
		PROMISE(back == min(message->charges, CHARGES_MAX), "%u of %u come back", back,
			message->charges);
	memset(message->charged, 0, sizeof(message->charged));
	for (i = 0; i < taken; i++)
		list[i].whole |= back && list[i].which == which;
	waits();
	if (back || which < ALONE) {
		message->charges = 0;
		message->begun = tick_now() - SOON - 1;
		message->judged = ICMPGUARD_JUDGED_NOT;
	}
}

static void note_inner(unsigned int which, unsigned int much)
{
	struct message *message = &messages[which];
	u32 bytes = max(much, 1U) * 8;
	bool kept = icmpguard_inner_note(records, hash_of(which), bytes);

	if (message->is_ahead && time_now() - message->ahead <= LONGEST)
		PROMISE(!kept, "the first passes after the others");
	if (!kept)
		return;
	if (!message->is_noted || time_now() - message->noted > LONGEST)
		message->inner = bytes;
	message->inner = min(message->inner, bytes);
	message->noted = time_now();
	message->is_noted = true;
}

static void find_inner(unsigned int which)
{
	struct icmpguard_packet packet = { .start = 4096, .size = 5000 };
	struct message *message = &messages[which];
	bool found = icmpguard_inner_find(records, hash_of(which), &packet);

	if (message->is_noted && time_now() - message->noted <= LONGEST)
		PROMISE(found && packet.inner <= message->inner, "a message is forgotten");
	if (found)
		return;
	message->ahead = time_now();
	message->is_ahead = true;
}

static void repeat(unsigned int which, unsigned int much)
{
	struct icmpguard_packet packet = { .start = much * 8, .size = much * 8 + 8 };
	u64 piece = icmpguard_piece_hash(records, hash_of(which), &packet);

	icmpguard_piece_note(records, piece);
	PROMISE(icmpguard_piece_repeats(records, piece), "a repetition isn't known");
	jiffies += REPEATED + 1;
	PROMISE(!icmpguard_piece_repeats(records, piece), "a repetition is known for ever");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct input input = { bytes, length };
	unsigned int i;
	u32 begun;

	jiffies = (unsigned long)take16(&input) << 16;
	records = icmpguard_records_alloc();
	memset(messages, 0, sizeof(messages));
	taken = 0;
	begun = tick_now();
	for (i = 0; i < MESSAGES; i++)
		messages[i].begun = messages[i].judged_at = tick_now() - SOON - 1;
	while (input.left) {
		unsigned int what = take(&input), which = take(&input) % MESSAGES;
		unsigned int much = take(&input);

		switch (what % 8) {
		case 0: judge(which, much); break;
		case 1: follow(which); break;
		case 2: charge(which, much); break;
		case 3: end(which); break;
		case 4: note_inner(which, much); break;
		case 5: find_inner(which); break;
		case 6: repeat(which, much); break;
		case 7:
			/* An hour later times look the same again. */
			if (tick_now() - begun < BEGUN_MAX / 2)
				jiffies += much * (HZ / 16);
			break;
		}
	}
	icmpguard_records_free(records);
	return 0;
}
