/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slot protocol: processors that charge one set concurrently.
 *
 * A word is a tag, a debt in packets, a standing, and whether its time is of an
 * earlier epoch. It is read and exchanged atomically. A packet looks for its tag,
 * then for the word with the least debt, one read at a time; it is refused if that
 * debt is larger than the tolerance; else it exchanges the word it read for one
 * with its own tag and a debt larger by one, and starts again if it lost a race.
 * Time doesn't advance, as between two ticks of the clock. The set has three ways,
 * so that all sources, all orders and all initial debts (below) can be tried;
 * interleave.c tries the module's own code, with eight.
 *
 * Shown for every interleaving of two and of three processors:
 *  - A word is never partly changed, and each packet that passes has raised one
 *    debt, by one: a set passes exactly as many packets as its buckets have left.
 *  - A source that has a bucket passes exactly what is left in it.
 *  - A source without one, entered by P processors concurrently, may get up to P
 *    buckets, and passes at most what these have left. From then on all processors
 *    find the same one, and the others are unowned.
 *  - A refund lowers the debt of a bucket that is still the source's, by one and
 *    never below zero; a source that took the bucket over gets nothing.
 *  - A source's standing rises with the packet that finds its bucket full and of
 *    an earlier epoch, by one and once, whatever other processors and refunds do. A
 *    bucket that is taken over has none.
 *  - No packet is refused while the word it read had room, unless it lost TRIES
 *    races in a row; a lost race is another packet that passed.
 *
 * So Documentation/design.rst may claim: a packet that passes is charged to exactly
 * one bucket, whatever the interleaving, and a set never passes more than its eight
 * buckets allow. A race can give a source more than one of the eight: at most one
 * for each processor that enters it into the set concurrently, each time that it
 * enters the set.
 *
 * -DCPUS, -DPACKETS (of each), -DTOLERANCE; -DNEW: the source isn't in the set;
 * else it is; -DOTHER: another source has a packet too; -DTAKER: another source
 * that isn't in the set has one; -DREFUND=packets: how many are refunded.
 */
#ifndef CPUS
#define CPUS 2
#endif
#ifndef PACKETS
#define PACKETS 2
#endif
#ifndef TOLERANCE
#define TOLERANCE 2
#endif

#ifndef REFUND
#define REFUND 0
#endif

#define WAYS		3
#define TRIES		8
#define MINE		9
#define ANOTHER		8

typedef word {
	byte tag;
	byte debt;
	byte standing;
	bit old
};

#define COPY(to, from)	to.tag = from.tag; to.debt = from.debt; \
			to.standing = from.standing; to.old = from.old
#define SAME(a, b)	(a.tag == b.tag && a.debt == b.debt && \
			 a.standing == b.standing && a.old == b.old)
#define RISES(w)	(w.debt == 0 && w.old -> 1 : 0)

word way[WAYS];
byte room;		/* free room of all buckets */
byte own_room;		/* free room of the source's bucket, or of the one it would take over */
byte race_room;		/* free room of all buckets that it may get */
byte raised;
byte passed;
byte returned;		/* by how much debts were lowered */
byte amiss;		/* refunds to another source, or beyond the debt */
byte done;
byte standing;		/* the source's highest standing at the end */
bool gave_up;

proctype cpu()
{
	byte packet, try, i, at, best;
	word seen, other;
	bool found;

	do
	:: packet == PACKETS -> break
	:: else ->
		try = 0;
		do
		:: try == TRIES -> gave_up = true; break
		:: else ->
			try++;
			found = false;
			/* Its own */
			i = 0;
			do
			:: i == WAYS || found -> break
			:: else ->
				d_step { COPY(seen, way[i]) }
				if
				:: seen.tag == MINE -> found = true; at = i
				:: else -> i++
				fi
			od;
			/* Or the least */
			if
			:: !found ->
				best = 255;
				i = 0;
				do
				:: i == WAYS -> break
				:: else ->
					d_step {
						COPY(other, way[i]);
						if
						:: other.debt < best ->
							best = other.debt;
							at = i;
							COPY(seen, other)
						:: else
						fi;
						i++
					}
				od
			:: else
			fi;
			if
			:: seen.debt > TOLERANCE -> break
			:: else
			fi;
			atomic {
				if
				:: SAME(way[at], seen) ->
					way[at].tag = MINE;
					way[at].debt = seen.debt + 1;
					way[at].standing = (found -> seen.standing + RISES(seen) : 0);
					way[at].old = 0;
					raised++;
					passed++;
					break
				:: else
				fi
			}
		od;
		packet++
	od;
	done++
}

/* Another source of the same set, so that what the others find moves */
proctype other()
{
	byte at, i;
	word seen;

	d_step { COPY(seen, way[0]) }
	if
	:: seen.debt > TOLERANCE
	:: else ->
		atomic {
			if
			:: SAME(way[0], seen) ->
				way[0].debt = seen.debt + 1;
				way[0].standing = seen.standing + RISES(seen);
				way[0].old = 0;
				raised++
			:: else
			fi
		}
	fi;
	done++
}

/* A source that isn't in the set takes over the bucket with the least debt. */
proctype taker()
{
	byte at, best, i;
	word seen, now;

	best = 255;
	do
	:: i == WAYS -> break
	:: else ->
		d_step {
			COPY(now, way[i]);
			if
			:: now.debt < best ->
				best = now.debt;
				at = i;
				COPY(seen, now)
			:: else
			fi;
			i++
		}
	od;
	if
	:: seen.debt > TOLERANCE
	:: else ->
		atomic {
			if
			:: SAME(way[at], seen) ->
				way[at].tag = ANOTHER;
				way[at].debt = seen.debt + 1;
				way[at].standing = 0;
				way[at].old = 0;
				raised++
			:: else
			fi
		}
	fi;
	done++
}

/*
 * Give one packet back: find the source's bucket, exchange its word for one
 * with less debt, and look again after a lost race.
 */
proctype refund()
{
	byte packet, try, i, at;
	word seen;
	bool found, over;

	do
	:: packet == REFUND -> break
	:: else ->
		found = false;
		i = 0;
		do
		:: i == WAYS || found -> break
		:: else ->
			d_step { COPY(seen, way[i]) }
			if
			:: seen.tag == MINE -> found = true; at = i
			:: else -> i++
			fi
		od;
		try = 0;
		over = !found;
		do
		:: over || try == TRIES || seen.tag != MINE -> break
		:: else ->
			try++;
			atomic {
				if
				:: SAME(way[at], seen) ->
					amiss = amiss + (way[at].tag == MINE -> 0 : 1);
					returned = returned + (seen.debt > 0 -> 1 : 0);
					way[at].debt = (seen.debt > 0 -> seen.debt - 1 : 0);
					over = true
				:: else ->
					/* The word that a failed exchange returned */
					COPY(seen, way[at])
				fi
			}
		od;
		packet++
	od;
	done++
}

#define LEAST(a, b)	((a) < (b) -> (a) : (b))
#define LEFT(i)	(way[i].debt > TOLERANCE -> 0 : TOLERANCE + 1 - way[i].debt)

init {
	byte i, mine, doubles, left, others, best, worst;

	atomic {
		/* Any debts; as many as are needed to have them all */
		for (i : 0 .. WAYS - 1) {
			way[i].tag = i + 1;
			select(best : 0 .. TOLERANCE + 1);
			way[i].debt = best;
			way[i].old = (best == 0 -> 1 : 0);
			way[i].standing = 1
		}
#ifndef NEW
		select(best : 0 .. WAYS - 1);
		mine = best;
		way[best].tag = MINE;
		standing = 1 + RISES(way[best]);
#endif
		best = 255;
		worst = 0;
		for (i : 0 .. WAYS - 1) {
			room = room + LEFT(i);
			if
#ifndef NEW
			:: way[i].tag == MINE -> own_room = LEFT(i)
#else
			:: way[i].debt < best -> best = way[i].debt; own_room = LEFT(i)
#endif
			:: else
			fi;
			worst = (way[i].debt > worst -> way[i].debt : worst)
		}
		/* All but the worst one, if there is a way more than processors */
		race_room = (CPUS >= WAYS || worst > TOLERANCE -> room :
			     room - (TOLERANCE + 1 - worst));
		for (i : 1 .. CPUS) {
			run cpu()
		}
#ifdef OTHER
		run other();
		others++;
#endif
#ifdef TAKER
		run taker();
		others++;
#endif
		if
		:: REFUND > 0 -> run refund(); others++
		:: else
		fi
	}
	(done == CPUS + others);
	d_step {
		for (i : 0 .. WAYS - 1) {
			doubles = doubles + (way[i].tag == MINE -> 1 : 0);
			left = left + LEFT(i);
			amiss = amiss + (way[i].tag == MINE && way[i].standing > standing ||
					 way[i].tag == ANOTHER && way[i].standing -> 1 : 0)
		}
	}
	assert(!gave_up);
	assert(!amiss);
	assert(returned <= REFUND);
	assert(raised <= room + returned);
	assert(doubles <= CPUS);
	/* Charged, and given back, to the last packet */
	assert(room + returned == raised + left);
#if defined(OTHER) || defined(TAKER)
	assert(passed <= raised);
#else
	assert(passed == raised);
#ifdef NEW
	assert(passed <= race_room + returned);
	assert(passed >= LEAST(own_room, CPUS * PACKETS));
#else
	assert(passed <= LEAST(own_room + returned, CPUS * PACKETS));
	assert(passed >= LEAST(own_room, CPUS * PACKETS));
	assert(doubles == 1);
	assert(way[mine].standing == standing);
#endif
#endif
}
