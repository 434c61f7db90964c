/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that the tool becomes, which need libraries that it is to do without.
 */
#ifndef ICMPGUARDCTL_HELPER_H
#define ICMPGUARDCTL_HELPER_H

void helper_run(const char *const *argv);

#endif /* ICMPGUARDCTL_HELPER_H */
