/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal: a screen of its own, keys one by one, and everything as it was
 * whichever way it ends.
 */
#ifndef ICMPGUARDCTL_TERMINAL_H
#define ICMPGUARDCTL_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

enum terminal_news { TERMINAL_TICK, TERMINAL_KEY, TERMINAL_RESIZED, TERMINAL_ENDED };

/**
 * struct terminal - a screen being used
 * @before: what the terminal was set to
 * @signals: where signals are read
 * @key: the last key
 * @ended_by: the signal that ended it; 0: none
 */
struct terminal {
	struct termios before;
	int signals;
	char key;
	int ended_by;
};

bool terminal_is_there(void);
bool terminal_has_colour(void);
bool terminal_has_blocks(void);
void terminal_size(unsigned int *rows, unsigned int *columns);

bool terminal_begin(struct terminal *terminal);
enum terminal_news terminal_wait(struct terminal *terminal, int milliseconds);
void terminal_end(struct terminal *terminal);

#endif /* ICMPGUARDCTL_TERMINAL_H */
