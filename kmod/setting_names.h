/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Settings of one word or one number: one row each, for the module and the tool.
 *
 * What others must be called and what they are made of stands in the module's
 * config.h and in the tool's setting.h. Order is the order they are shown in.
 */
#ifndef _ICMPGUARD_SETTING_NAMES_H
#define _ICMPGUARD_SETTING_NAMES_H

/* Words that values have: word, and what it stands for without ICMPGUARD_MODE_ */
#define ICMPGUARD_MODES(X)						\
	X("enforce", ENFORCE)						\
	X("monitor", MONITOR)						\
	X("off", OFF)

#define ICMPGUARD_SCOPES(X)						\
	X("all", ALL)							\
	X("local", LOCAL)

/*
 * The attribute without ICMPGUARD_A_CONFIG_; member of struct icmpguard_config;
 * name; smallest and largest value; default; WORD or NUMBER, and which words;
 * then for the tool: what a number counts, what follows the name, and the help.
 */
#define ICMPGUARD_SETTINGS(X)								\
	X(MODE, mode, "mode", 0, ICMPGUARD_MODE_ENFORCE, ICMPGUARD_MODE_OFF,		\
	  WORD, modes, NULL, "enforce|monitor|off",					\
	  "  mode            enforce; monitor: count, drop nothing; off: see nothing\n") \
	X(MAX_ECHO_SIZE, max_echo_size, "max-echo-size",				\
	  0, ICMPGUARD_ECHO_MAX, ICMPGUARD_ECHO_DEFAULT,				\
	  NUMBER, NULL, "bytes", "BYTES",						\
	  "  max-echo-size   payload of the largest echo that passes, after reassembly\n") \
	X(SCOPE, scope, "scope", 0, ICMPGUARD_SCOPE_LOCAL, ICMPGUARD_SCOPE_ALL,		\
	  WORD, scopes, NULL, "all|local",						\
	  "  scope           whether forwarded packets are judged too, or only those for\n" \
	  "                  this host\n")						\
	X(TABLE_SIZE, table_size, "table-size",						\
	  ICMPGUARD_TABLE_MIN, ICMPGUARD_TABLE_MAX, ICMPGUARD_TABLE_DEFAULT,		\
	  NUMBER, NULL, "sources", "N",							\
	  "  table-size      sources tracked at once, 8 bytes each; rounded up to a\n"	\
	  "                  power of two\n")

#endif /* _ICMPGUARD_SETTING_NAMES_H */
