// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values inside one word.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "names.h"
#include "value.h"

/* Digits up to @end, which is set to what follows them */
static enum value digits(const char *text, const char **end, uint32_t *number)
{
	bool too_large = false;
	uint64_t n = 0;

	for (*end = text; **end >= '0' && **end <= '9'; ++*end) {
		n = 10 * n + (**end - '0');
		if (n > UINT32_MAX) {
			too_large = true;
			n = UINT32_MAX;
		}
	}
	*number = n;
	if (*end == text)
		return VALUE_BAD;
	return too_large ? VALUE_TOO_LARGE : VALUE_OK;
}

/**
 * value_number() - read a number
 * @text: decimal digits, nothing else
 * @number: filled in
 *
 * Return: VALUE_OK, VALUE_BAD, VALUE_TOO_LARGE.
 */
enum value value_number(const char *text, uint32_t *number)
{
	const char *end;
	enum value value = digits(text, &end, number);

	return *end ? VALUE_BAD : value;
}

/* A unit of time: its name, what it begins with, or more than one of it. Return: seconds, 0: none */
static uint32_t unit_seconds(const char *text, size_t length)
{
	const struct keyword *period;

	for (period = periods; length && period->name; period++) {
		size_t whole = strlen(period->name);
		bool several = length == whole + 1 && text[whole] == 's';

		if ((several || length <= whole) &&
		    !strncmp(period->name, text, several ? whole : length))
			return period->value;
	}
	return 0;
}

/**
 * value_rate() - read a rate
 * @text: as 10/second, 10/s, or unlimited
 * @rate: filled in
 *
 * Return: VALUE_OK or anything else.
 */
enum value value_rate(const char *text, struct rate *rate)
{
	enum value value;
	const char *end;

	*rate = (struct rate) { 0 };
	if (!strcmp(text, "unlimited"))
		return VALUE_OK;
	value = digits(text, &end, &rate->packets);
	if (value == VALUE_BAD || *end != '/')
		return VALUE_BAD;
	rate->period = unit_seconds(end + 1, strlen(end + 1));
	if (!rate->period)
		return VALUE_BAD_UNIT;
	if (value == VALUE_OK && !rate->packets)
		return VALUE_ZERO;
	return value;
}

/**
 * value_duration() - read a duration
 * @text: as 60s, 5m, 5min, 1h30m; units from the largest to the smallest
 * @seconds: filled in
 *
 * Return: VALUE_OK, VALUE_BAD, VALUE_TOO_LARGE, VALUE_BAD_UNIT.
 */
enum value value_duration(const char *text, uint32_t *seconds)
{
	uint32_t before = UINT32_MAX;
	bool too_large = false;
	uint64_t sum = 0;

	do {
		uint32_t number, unit;
		enum value value = digits(text, &text, &number);
		size_t letters = 0;

		if (value == VALUE_BAD)
			return VALUE_BAD;
		while (text[letters] >= 'a' && text[letters] <= 'z')
			letters++;
		unit = unit_seconds(text, letters);
		if (!unit || unit >= before)
			return VALUE_BAD_UNIT;
		before = unit;
		sum += (uint64_t)number * unit;
		if (value == VALUE_TOO_LARGE || sum > UINT32_MAX)
			too_large = true;
		text += letters;
	} while (*text);
	*seconds = sum;
	return too_large ? VALUE_TOO_LARGE : VALUE_OK;
}

/**
 * value_step() - read a step of a ladder
 * @text: LENGTH, or LENGTH:FACTOR
 * @step: filled in, without a factor: 0
 *
 * Return: VALUE_OK, VALUE_BAD, VALUE_TOO_LARGE (the length), VALUE_ZERO (the factor).
 */
enum value value_step(const char *text, struct step *step)
{
	enum value value;
	const char *end;

	step->factor = 0;
	value = digits(text, &end, &step->len);
	if (value == VALUE_OK && step->len > 128)
		value = VALUE_TOO_LARGE;
	if (!*end || value == VALUE_BAD)
		return value;
	if (*end != ':' || value_number(end + 1, &step->factor) != VALUE_OK)
		return VALUE_BAD;
	if (value == VALUE_OK && !step->factor)
		return VALUE_ZERO;
	return value;
}

/**
 * value_address() - read an address
 * @text: IPv4 or IPv6
 * @prefix: filled in, all bits of it
 *
 * Return: whether it is one.
 */
bool value_address(const char *text, struct prefix *prefix)
{
	*prefix = (struct prefix) { .len = 32 };
	if (inet_pton(AF_INET, text, prefix->addr) == 1)
		return true;
	*prefix = (struct prefix) { .len = 128, .v6 = true };
	return inet_pton(AF_INET6, text, prefix->addr) == 1;
}

/**
 * value_prefix() - read a prefix
 * @text: ADDRESS or ADDRESS/BITS
 * @prefix: filled in
 *
 * Return: VALUE_OK, VALUE_BAD, VALUE_TOO_LARGE (the bits).
 */
enum value value_prefix(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN];
	enum value value;
	uint32_t len;

	if (!slash)
		return value_address(text, prefix) ? VALUE_OK : VALUE_BAD;
	if ((size_t)(slash - text) >= sizeof(address))
		return VALUE_BAD;
	memcpy(address, text, slash - text);
	address[slash - text] = '\0';
	if (!value_address(address, prefix))
		return VALUE_BAD;
	value = value_number(slash + 1, &len);
	if (value == VALUE_OK && len > prefix->len)
		return VALUE_TOO_LARGE;
	prefix->len = len;
	return value;
}

/**
 * value_is_mapped() - whether all of a prefix is IPv4-mapped
 * @prefix: the prefix
 * @v4: set to the IPv4 prefix in it
 *
 * Return: whether it is in ::ffff:0:0/96.
 */
bool value_is_mapped(const struct prefix *prefix, struct prefix *v4)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!prefix->v6 || prefix->len < 96 || memcmp(prefix->addr, mapped, sizeof(mapped)))
		return false;
	*v4 = (struct prefix) { .len = prefix->len - 96 };
	memcpy(v4->addr, prefix->addr + sizeof(mapped), 4);
	return true;
}

/**
 * value_mask() - clear the bits after a prefix
 * @prefix: the prefix
 */
void value_mask(struct prefix *prefix)
{
	unsigned int i;

	for (i = prefix->len; i < 8 * sizeof(prefix->addr); i++)
		prefix->addr[i / 8] &= ~(0x80 >> i % 8);
}

/**
 * value_print_rate() - write a rate, with its burst if it has one
 * @rate: the rate
 * @text: filled in
 */
void value_print_rate(const struct rate *rate, char text[RATE_TEXT])
{
	if (!rate->packets)
		snprintf(text, RATE_TEXT, "unlimited");
	else if (!rate->burst)
		snprintf(text, RATE_TEXT, "%u/%s", rate->packets,
			 keyword_name(periods, rate->period));
	else
		snprintf(text, RATE_TEXT, "%u/%s burst %u", rate->packets,
			 keyword_name(periods, rate->period), rate->burst);
}

/**
 * value_print_address() - write a prefix' address
 * @prefix: the prefix
 * @text: filled in
 */
void value_print_address(const struct prefix *prefix, char text[PREFIX_TEXT])
{
	if (!inet_ntop(prefix->v6 ? AF_INET6 : AF_INET, prefix->addr, text, PREFIX_TEXT))
		*text = '\0';
}

/**
 * value_print_prefix() - write a prefix
 * @prefix: the prefix
 * @text: filled in
 */
void value_print_prefix(const struct prefix *prefix, char text[PREFIX_TEXT])
{
	size_t length;

	value_print_address(prefix, text);
	length = strlen(text);
	snprintf(text + length, PREFIX_TEXT - length, "/%u", prefix->len);
}
