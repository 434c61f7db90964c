// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings: the rows.
 */
#include "setting.h"
#include "uapi/icmpguard.h"

const struct setting_row setting_rows[SETTINGS] = {
#define X(id, member, name, min, max, initial, kind, words, unit, ...) \
	[SETTING_##id] = { name, ICMPGUARD_A_CONFIG_##id, words, min, max, unit },
	ICMPGUARD_SETTINGS(X)
#undef X
};

const struct keyword statements[] = {
	{ "type", 0 },
	{ "rule", 0 },
	{ "xdp", 0 },
#define X(id, member, name, ...) { name, SETTING_##id },
	ICMPGUARD_SETTINGS(X)
#undef X
#define X(id, name, ...) { name, SETTING_##id },
	SETTINGS_OF_PARTS(X)
#undef X
	{ NULL, 0 }
};

const struct keyword *const settings = &statements[3];
