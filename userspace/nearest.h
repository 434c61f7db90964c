/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ICMPGUARDCTL_NEAREST_H
#define ICMPGUARDCTL_NEAREST_H

/**
 * struct nearest - the search for the name that was meant
 * @word: what was written
 * @name: the nearest so far, NULL where none is near
 * @distance: how far it is
 */
struct nearest {
	const char *word;
	const char *name;
	unsigned int distance;
};

void nearest_init(struct nearest *nearest, const char *what, const char *word);
void nearest_try(struct nearest *nearest, const char *name);

#endif /* ICMPGUARDCTL_NEAREST_H */
