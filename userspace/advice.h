/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Advice: why the module isn't loaded, and what to do next.
 */
#ifndef ICMPGUARDCTL_ADVICE_H
#define ICMPGUARDCTL_ADVICE_H

#include "words.h"

/**
 * struct machine - where to look
 * @root: its root directory; "" for the machine's own
 * @release: of the running kernel
 */
struct machine {
	const char *root;
	const char *release;
};

void advice_not_loaded(const struct machine *machine, struct error *error);
void advice_refused(const struct machine *machine, const char *said, struct error *error);

#endif /* ICMPGUARDCTL_ADVICE_H */
