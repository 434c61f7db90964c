/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing: see record_fuzz.c. */
