// SPDX-License-Identifier: GPL-2.0-only
/*
 * A configuration in JSON becomes the statements that say the same.
 *
 * Here it is seen to that keys are known, values are of the right kind, and nothing
 * is there twice. What a value may be is the statements' to say: there is one
 * reader of rates, prefixes and names, and what it finds is led back to the key.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "memory.h"
#include "model.h"
#include "names.h"
#include "nearest.h"
#include "setting.h"

#define PATH_TEXT	80

/* Of what kind a value may be, or-ed */
#define IS(kind)	(1U << (kind))
#define IS_BOOLEAN	(IS(JSON_TRUE) | IS(JSON_FALSE))

/**
 * struct key - a key that an object may have
 * @name: NULL ends a list
 * @kinds: of its value
 * @wants: the same for people
 */
struct key {
	const char *name;
	unsigned int kinds;
	const char *wants;
};

static const struct key config_keys[] = {
#define KIND_WORD	IS(JSON_STRING), "a string"
#define KIND_NUMBER	IS(JSON_INTEGER), "a whole number"
#define X(id, member, name, min, max, initial, kind, ...) { name, KIND_##kind },
	ICMPGUARD_SETTINGS(X)
#undef X
	{ "prefixes", IS(JSON_ARRAY), "an array" },
	{ "checks", IS(JSON_ARRAY), "an array" },
	{ "interfaces", IS(JSON_ARRAY), "an array" },
	{ "xdp", IS(JSON_ARRAY), "an array" },
	{ "types", IS(JSON_ARRAY), "an array" },
	{ "rules", IS(JSON_ARRAY), "an array" },
	/* What 'show' says beside the configuration is passed over. */
	{ "version", IS(JSON_STRING), "a string" },
	{ "generation", IS(JSON_INTEGER), "a whole number" },
	{ "table-bytes", IS(JSON_INTEGER), "a whole number" },
	{ NULL, 0, NULL }
};

static const struct key prefix_keys[] = {
	{ "proto", IS(JSON_STRING), "a string" },
	{ "len", IS(JSON_INTEGER), "a whole number" },
	{ "factor", IS(JSON_INTEGER), "a whole number" },
	{ NULL, 0, NULL }
};

static const struct key check_keys[] = {
	{ "name", IS(JSON_STRING), "a string" },
	{ "action", IS(JSON_STRING), "a string" },
	{ NULL, 0, NULL }
};

static const struct key interface_keys[] = {
	{ "name", IS(JSON_STRING), "a string" },
	{ "mode", IS(JSON_STRING), "a string" },
	{ NULL, 0, NULL }
};

static const struct key type_keys[] = {
	{ "proto", IS(JSON_STRING), "a string" },
	{ "name", IS(JSON_STRING), "a string" },
	{ "number", IS(JSON_INTEGER) | IS(JSON_NULL), "a whole number or null" },
	{ "code", IS(JSON_INTEGER) | IS(JSON_NULL), "a whole number or null" },
	{ "action", IS(JSON_STRING), "a string" },
	{ "limit", IS(JSON_OBJECT) | IS(JSON_NULL), "an object or null" },
	{ "total", IS(JSON_OBJECT) | IS(JSON_NULL), "an object or null" },
	{ "block-s", IS(JSON_INTEGER), "a whole number" },
	{ "monitor", IS_BOOLEAN, "true or false" },
	{ NULL, 0, NULL }
};

static const struct key rule_keys[] = {
	{ "address", IS(JSON_STRING), "a string" },
	{ "prefix-len", IS(JSON_INTEGER), "a whole number" },
	{ "action", IS(JSON_STRING), "a string" },
	{ "limit", IS(JSON_OBJECT) | IS(JSON_NULL), "an object or null" },
	{ "source-length", IS(JSON_INTEGER), "a whole number" },
	{ "interface", IS(JSON_STRING), "a string" },
	{ "comment", IS(JSON_STRING), "a string" },
	{ NULL, 0, NULL }
};

static const struct key rate_keys[] = {
	{ "packets", IS(JSON_INTEGER), "a whole number" },
	{ "period", IS(JSON_STRING), "a string" },
	{ "burst", IS(JSON_INTEGER), "a whole number" },
	{ NULL, 0, NULL }
};

/**
 * struct reader - a configuration being read
 * @file: its statements
 * @text: what they become, with their origins
 * @room: how many origins fit
 * @path: where in the configuration we are
 * @seen: what was there already
 * @error: filled in when it can't go on
 */
struct reader {
	FILE *file;
	struct text *text;
	size_t room;
	char path[PATH_TEXT];
	json_t *seen;
	struct error *error;
};

static bool refuse(struct reader *reader, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct reader *reader, const char *key, const char *format, ...)
{
	char what[ERROR_MAX / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return error_set(reader->error, NULL, "%s%s%.48s%s%s", reader->path,
			 *reader->path && *key ? "." : "", key, *reader->path || *key ? ": " : "",
			 what);
}

static bool refuse_key(struct reader *reader, const char *name, const struct key *keys)
{
	struct nearest nearest;

	nearest_init(&nearest, "key", name);
	for (; keys->name; keys++)
		nearest_try(&nearest, keys->name);
	if (nearest.name)
		return refuse(reader, name, "unknown key; did you mean '%s'?", nearest.name);
	return refuse(reader, name, "unknown key");
}

/* Every key of an object is one of these, and its value of the right kind. */
static bool has_only(struct reader *reader, json_t *object, const struct key *keys)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return refuse(reader, "", "an object is expected here");
	json_object_foreach(object, name, value) {
		const struct key *key = keys;

		while (key->name && strcmp(key->name, name))
			key++;
		if (!key->name)
			return refuse_key(reader, name, keys);
		if (!(key->kinds & IS(json_typeof(value))))
			return refuse(reader, name, "%s is expected here", key->wants);
	}
	return true;
}

static bool has(struct reader *reader, json_t *object, const char *key)
{
	return json_object_get(object, key) || refuse(reader, key, "this key is missing");
}

static bool is_there(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return value && !json_is_null(value);
}

/* A statement begins: what is wrong with it is wrong with what is at @path. */
static void begin(struct reader *reader, const char *word)
{
	struct text *text = reader->text;

	if (text->origins == reader->room) {
		reader->room = reader->room ? 2 * reader->room : 64;
		text->origin = memory_get(text->origin, reader->room, sizeof(*text->origin));
	}
	snprintf(text->origin[text->origins++].path, sizeof(text->origin->path), "%.*s",
		 (int)sizeof(text->origin->path) - 1, reader->path);
	fputs(word, reader->file);
}

static void end(struct reader *reader)
{
	fputc('\n', reader->file);
}

/* Quotes have no escape in a statement; nothing in them is more than a word. */
static bool put_string(struct reader *reader, json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key)), *c;

	for (c = string; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127 || *c == '"')
			return refuse(reader, key, "there is a %s in it",
				      *c == '"' ? "quote" : "control character");
	fprintf(reader->file, " \"%s\"", string);
	return true;
}

static void put_number(struct reader *reader, json_t *object, const char *key, const char *format)
{
	char text[24];

	snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(object, key)));
	fprintf(reader->file, format, text);
}

/* No list has the same thing twice: no one could say which is meant. */
static bool is_first(struct reader *reader, const char *what)
{
	if (json_object_get(reader->seen, what))
		return refuse(reader, "", "%s appears twice", what);
	json_object_set_new(reader->seen, what, json_true());
	return true;
}

static bool read_rate(struct reader *reader, json_t *object, const char *key)
{
	json_t *rate = json_object_get(object, key);
	size_t length = strlen(reader->path);
	bool read = false;

	if (!is_there(object, key)) {
		fputs(" unlimited", reader->file);
		return true;
	}
	snprintf(reader->path + length, sizeof(reader->path) - length, ".%s", key);
	if (has_only(reader, rate, rate_keys) && has(reader, rate, "packets") &&
	    has(reader, rate, "period")) {
		const char *period = json_string_value(json_object_get(rate, "period"));

		if (!keyword_find(periods, period)) {
			refuse(reader, "period", "'%.48s' is none: it is second, minute, hour, day or week",
			       period);
		} else {
			put_number(reader, rate, "packets", " %s");
			fprintf(reader->file, "/%s", period);
			if (json_object_get(rate, "burst"))
				put_number(reader, rate, "burst", " burst %s");
			read = true;
		}
	}
	reader->path[length] = '\0';
	return read;
}

/* Return: NULL where it is neither. */
static const struct keyword *read_proto(struct reader *reader, json_t *object)
{
	const struct keyword *proto;
	const char *name;

	if (!has(reader, object, "proto"))
		return NULL;
	name = json_string_value(json_object_get(object, "proto"));
	proto = keyword_find(protos, name);
	if (!proto)
		refuse(reader, "proto", "'%.48s' is neither icmp nor icmpv6", name);
	return proto;
}

static bool read_step(struct reader *reader, json_t *step, bool first)
{
	if (!has(reader, step, "len") || (!first && !has(reader, step, "factor")))
		return false;
	put_number(reader, step, "len", " %s");
	if (!first)
		put_number(reader, step, "factor", ":%s");
	else if (json_object_get(step, "factor") &&
		 json_integer_value(json_object_get(step, "factor")) != 1)
		return refuse(reader, "factor", "the first prefix of a protocol has the factor 1");
	return true;
}

/* A ladder is one statement, and its steps may be anywhere in the list. */
static bool read_prefixes(struct reader *reader, json_t *list)
{
	const struct keyword *family, *proto;
	json_t *step;
	size_t i;

	for (family = families; family->name; family++) {
		bool first = true;

		json_array_foreach(list, i, step) {
			snprintf(reader->path, sizeof(reader->path), "prefixes[%zu]", i);
			if (!has_only(reader, step, prefix_keys))
				return false;
			proto = read_proto(reader, step);
			if (!proto)
				return false;
			if (proto->value != family->value)
				continue;
			if (first) {
				begin(reader, "prefix ");
				fputs(family->name, reader->file);
			}
			if (!read_step(reader, step, first))
				return false;
			first = false;
		}
		if (!first)
			end(reader);
	}
	return true;
}

static bool read_named(struct reader *reader, json_t *object, const struct key *keys,
		       const char *statement, const char *value)
{
	if (!has_only(reader, object, keys) || !has(reader, object, "name") ||
	    !has(reader, object, value) ||
	    !is_first(reader, json_string_value(json_object_get(object, "name"))))
		return false;
	begin(reader, statement);
	return put_string(reader, object, "name") && put_string(reader, object, value);
}

static bool read_check(struct reader *reader, json_t *check)
{
	return read_named(reader, check, check_keys, "check", "action");
}

static bool read_interface(struct reader *reader, json_t *interface)
{
	return read_named(reader, interface, interface_keys, "interface", "mode");
}

static bool read_xdp(struct reader *reader, json_t *xdp)
{
	if (!has_only(reader, xdp, interface_keys) || !has(reader, xdp, "name") ||
	    !is_first(reader, json_string_value(json_object_get(xdp, "name"))))
		return false;
	begin(reader, "xdp");
	if (!put_string(reader, xdp, "name"))
		return false;
	if (!json_object_get(xdp, "mode"))
		return true;
	fputs(" mode", reader->file);
	return put_string(reader, xdp, "mode");
}

/* By its name, its number, or both, which have to agree */
static bool read_type_name(struct reader *reader, json_t *type, uint32_t proto)
{
	json_t *number = json_object_get(type, "number");
	const struct type_name *known;
	const char *name;

	if (!json_object_get(type, "name")) {
		if (!is_there(type, "number"))
			return has(reader, type, "name");
		put_number(reader, type, "number", " %s");
		return true;
	}
	name = json_string_value(json_object_get(type, "name"));
	known = type_by_name(proto, name);
	if (json_is_integer(number) &&
	    (known ? known->number != json_integer_value(number) :
		     isdigit((unsigned char)*name)))
		return refuse(reader, "number", "'%.48s' has another one", name);
	return put_string(reader, type, "name");
}

static bool is_first_type(struct reader *reader, json_t *type, const char *proto)
{
	const char *name = json_string_value(json_object_get(type, "name"));
	char what[NAME_MAX_LEN + 80], number[24], code[32] = "";

	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(type, "number")));
	if (is_there(type, "code"))
		snprintf(code, sizeof(code), " code %" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(type, "code")));
	snprintf(what, sizeof(what), "%s %.*s%s", proto, NAME_MAX_LEN, name ? name : number, code);
	return is_first(reader, what);
}

static bool read_treatment(struct reader *reader, json_t *type)
{
	const char *action = json_string_value(json_object_get(type, "action"));
	bool monitor = json_is_true(json_object_get(type, "monitor"));
	static const char *const limits[] = { "limit", "total", "block-s" };
	size_t i;

	if (!action && !monitor)
		return has(reader, type, "action");
	if (action && !keyword_find(actions, action))
		return refuse(reader, "action", "'%.48s' is none: it is accept, drop or limit",
			      action);
	if (action)
		fprintf(reader->file, " %s", action);
	if (!action || strcmp(action, "limit")) {
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			if (is_there(type, limits[i]))
				return refuse(reader, limits[i], "only the action limit has it");
	} else {
		if (!read_rate(reader, type, "limit"))
			return false;
		if (is_there(type, "total")) {
			fputs(" total", reader->file);
			if (!read_rate(reader, type, "total"))
				return false;
		}
		if (json_integer_value(json_object_get(type, "block-s")))
			put_number(reader, type, "block-s", " block %ss");
	}
	if (monitor)
		fputs(" monitor", reader->file);
	return true;
}

static bool read_type(struct reader *reader, json_t *type)
{
	const struct keyword *proto;

	if (!has_only(reader, type, type_keys))
		return false;
	proto = read_proto(reader, type);
	if (!proto)
		return false;
	begin(reader, "type ");
	fputs(proto->name, reader->file);
	if (!read_type_name(reader, type, proto->value) ||
	    !is_first_type(reader, type, proto->name))
		return false;
	if (is_there(type, "code"))
		put_number(reader, type, "code", " code %s");
	return read_treatment(reader, type);
}

static bool read_rule(struct reader *reader, json_t *rule)
{
	const char *address, *action, *comment;

	if (!has_only(reader, rule, rule_keys) || !has(reader, rule, "address") ||
	    !has(reader, rule, "action"))
		return false;
	begin(reader, "rule add");
	address = json_string_value(json_object_get(rule, "address"));
	/* It becomes a part of a word. */
	if (address[strspn(address, "0123456789abcdefABCDEF.:")])
		return refuse(reader, "address", "'%.48s' isn't an IPv4 or IPv6 address", address);
	fprintf(reader->file, " \"%s", address);
	if (json_object_get(rule, "prefix-len"))
		put_number(reader, rule, "prefix-len", "/%s");
	fputc('"', reader->file);
	action = json_string_value(json_object_get(rule, "action"));
	if (!put_string(reader, rule, "action"))
		return false;
	if (strcmp(action, "limit")) {
		if (is_there(rule, "limit"))
			return refuse(reader, "limit", "only the action limit has it");
	} else if (!read_rate(reader, rule, "limit")) {
		return false;
	}
	if (json_object_get(rule, "source-length"))
		put_number(reader, rule, "source-length",
			   strcmp(action, "source-length") ? " source-length %s" : " %s");
	if (json_object_get(rule, "interface")) {
		fputs(" interface", reader->file);
		if (!put_string(reader, rule, "interface"))
			return false;
	}
	comment = json_string_value(json_object_get(rule, "comment"));
	if (!comment || !*comment)
		return true;
	fputs(" comment", reader->file);
	return put_string(reader, rule, "comment");
}

static bool read_list(struct reader *reader, json_t *config, const char *name,
		      bool (*read)(struct reader *reader, json_t *object))
{
	json_t *each;
	size_t i;

	json_array_foreach(json_object_get(config, name), i, each) {
		snprintf(reader->path, sizeof(reader->path), "%s[%zu]", name, i);
		if (!read(reader, each))
			return false;
		end(reader);
	}
	json_object_clear(reader->seen);
	return true;
}

static bool read_config(struct reader *reader, json_t *config)
{
	size_t i;

	if (!has_only(reader, config, config_keys))
		return false;
	for (i = 0; i < SETTINGS; i++) {
		const char *name = setting_rows[i].name;
		json_t *value = json_object_get(config, name);

		if (!value)
			continue;
		snprintf(reader->path, sizeof(reader->path), "%s", name);
		begin(reader, name);
		if (json_is_integer(value))
			put_number(reader, config, name, " %s");
		else if (!put_string(reader, config, name))
			return false;
		end(reader);
	}
	return read_prefixes(reader, json_object_get(config, "prefixes")) &&
	       read_list(reader, config, "checks", read_check) &&
	       read_list(reader, config, "interfaces", read_interface) &&
	       read_list(reader, config, "xdp", read_xdp) &&
	       read_list(reader, config, "types", read_type) &&
	       read_list(reader, config, "rules", read_rule);
}

/**
 * json_is() - whether a file is JSON
 * @bytes: the file
 * @length: how long it is
 *
 * No statement begins as JSON does.
 * Return: true if it is.
 */
bool json_is(const char *bytes, size_t length)
{
	size_t i = 0;

	while (i < length && strchr(" \t\r\n", bytes[i]) && bytes[i])
		i++;
	return i < length && (bytes[i] == '{' || bytes[i] == '[');
}

/**
 * json_split() - split a configuration in JSON into the words of its statements
 * @text: filled in, text_release() it in any case
 * @bytes: the file; becomes @text's
 * @length: how long it is
 * @error: what is wrong with it
 *
 * Return: whether it could be split.
 */
bool json_split(struct text *text, char *bytes, size_t length, struct error *error)
{
	struct reader reader = { .text = text, .error = error };
	char *statements = NULL;
	json_error_t wrong;
	json_t *config;
	bool read;

	*text = (struct text) { .bytes = bytes };
	config = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &wrong);
	if (!config) {
		error_set(error, NULL, "this JSON can't be read: %s", wrong.text);
		error->line = wrong.line > 0 ? wrong.line : 1;
		error->column = wrong.column > 0 ? wrong.column : 1;
		return false;
	}
	reader.seen = json_object();
	reader.file = open_memstream(&statements, &length);
	read = reader.seen && reader.file && read_config(&reader, config);
	if (!read)
		error_set(error, NULL, "there isn't enough memory");
	if (reader.file && fclose(reader.file))
		read = error_set(error, NULL, "there isn't enough memory");
	json_decref(reader.seen);
	json_decref(config);
	if (read) {
		const struct text origins = *text;

		free(bytes);
		read = text_split(text, statements, length, error);
		text->origin = origins.origin;
		text->origins = origins.origins;
	} else {
		free(statements);
	}
	return read;
}

/**
 * json_locate() - lead what is wrong with a statement back to where that came from
 * @text: the file
 * @error: changed where the file was JSON
 */
void json_locate(const struct text *text, struct error *error)
{
	char what[ERROR_MAX];

	if (!text->origins || !error->word || !error->line || error->line > text->origins)
		return;
	memcpy(what, error->text, sizeof(what));
	snprintf(error->text, sizeof(error->text), "%s: %.*s",
		 text->origin[error->line - 1].path,
		 (int)(sizeof(what) - sizeof(text->origin->path) - 2), what);
	error->word = NULL;
	error->line = 0;
	error->column = 0;
}
