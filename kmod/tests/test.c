// SPDX-License-Identifier: GPL-2.0-only
/*
 * One module with all suites. Each file registers its own and includes the
 * file under test, so that its static functions can be reached.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit suites of icmpguard");
MODULE_LICENSE("GPL");
