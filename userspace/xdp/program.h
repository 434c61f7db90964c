/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program that asks the module.
 */
#ifndef ICMPGUARD_XDP_PROGRAM_H
#define ICMPGUARD_XDP_PROGRAM_H

#include <stdint.h>
#include "words.h"

#define MODULE	"icmpguard"

/**
 * struct program_state - what a program did
 * @name: the kernel's of it
 * @counts: whether it counts what it drops: it is one of program_load()'s
 * @dropped: with @counts
 * @run: how often it ran while the kernel counted that
 */
struct program_state {
	char name[16];
	bool counts;
	uint64_t dropped;
	uint64_t run;
};

bool program_fail(struct error *error, const char *what, int err);
bool program_can_load(struct error *error);
bool program_fail_load(struct error *error, int err);
int program_load(struct error *error);
bool program_look(uint32_t id, struct program_state *state);
bool program_runs_counted(void);
unsigned int program_users(void);
void program_wait(unsigned int users);

#endif /* ICMPGUARD_XDP_PROGRAM_H */
