// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalid rulesets in JSON: every value of a valid one replaced and every key left out,
 * one at a time. There are no reads out of bounds, an error is reported, and otherwise
 * the resulting statements pass check. import_test.py has the results of valid ones.
 */
#include <string.h>
#include "import.h"
#include "test.h"

#define CHAIN	", {\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"handle\": 1, " \
		"\"type\": \"filter\", \"hook\": \"input\", \"prio\": 0, \"policy\": \"drop\"}}"
#define OTHER	", {\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"d\", \"handle\": 2}}"
#define SET	", {\"set\": {\"family\": \"inet\", \"name\": \"s\", \"table\": \"t\", \"type\": \"ipv4_addr\"," \
		"\"elem\": [\"192.0.2.1\", {\"range\": [\"10.0.0.1\", \"10.0.0.6\"]}," \
		"{\"elem\": {\"val\": {\"prefix\": {\"addr\": \"10.1.0.0\", \"len\": 16}}}}]}}"
#define MAP	", {\"map\": {\"family\": \"inet\", \"name\": \"m\", \"table\": \"t\", \"map\": \"verdict\"," \
		"\"elem\": [[\"redirect\", {\"drop\": null}], [\"echo-reply\", {\"accept\": null}]]}}"
#define IN(chain, statements) ", {\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"" chain \
		"\", \"handle\": 9, \"comment\": \"why\", \"expr\": [" statements "]}}"
#define RULE(statements) IN("c", statements)
#define MATCH(op, left, right) "{\"match\": {\"op\": \"" op "\", \"left\": " left ", \"right\": " right "}}, "
#define FIELD(protocol, field) "{\"payload\": {\"protocol\": \"" protocol "\", \"field\": \"" field "\"}}"
#define META(key) "{\"meta\": {\"key\": \"" key "\"}}"
#define LIMIT(over) "{\"limit\": {\"rate\": 10, \"burst\": 20, \"per\": \"second\", \"inv\": " over "}}"
#define ECHO	MATCH("==", FIELD("icmp", "type"), "\"echo-request\"")
#define MAP_OF(name) "\"set\": \"" name "\", "
#define ACCEPT	"{\"accept\": null}"
#define DROP	"{\"drop\": null}"
#define RULESET(objects) "{\"nftables\": [{\"metainfo\": {\"json_schema_version\": 1}}, " \
		"{\"table\": {\"family\": \"inet\", \"name\": \"t\", \"handle\": 1}}" objects "]}"

static const char whole[] = RULESET(SET MAP CHAIN OTHER
	RULE(MATCH("==", META("iifname"), "{\"set\": [\"lo\", \"eth0\"]}") ACCEPT)
	RULE(MATCH("in", "{\"ct\": {\"key\": \"state\"}}", "[\"established\", \"related\"]") ACCEPT)
	RULE("{\"vmap\": {\"key\": {\"ct\": {\"key\": \"state\"}}, \"data\": {\"set\": [[\"invalid\", "
	     DROP "], [\"related\", " ACCEPT "]]}}}")
	RULE(MATCH("==", FIELD("ip", "saddr"), "\"@s\"")
	     MATCH("==", META("l4proto"), "{\"set\": [\"icmp\", 58]}") ACCEPT)
	RULE(MATCH("==", FIELD("ip6", "saddr"), "{\"prefix\": {\"addr\": \"fe80::\", \"len\": 10}}") DROP)
	RULE(ECHO "{\"set\": {\"op\": \"add\", \"elem\": {\"elem\": {\"val\": {\"&\": ["
	     FIELD("ip", "saddr") ", \"255.255.255.0\"]}, \"timeout\": 9}}, " MAP_OF("@e") "\"stmt\": ["
	     LIMIT("true") "]}}, {\"counter\": {\"packets\": 0}}, " DROP)
	RULE(ECHO LIMIT("false") ", " ACCEPT)
	RULE(MATCH("==", "{\"concat\": [" FIELD("icmp", "type") ", " FIELD("icmp", "code") "]}",
		   "{\"set\": [{\"concat\": [3, {\"range\": [\"frag-needed\", 6]}]}]}") ACCEPT)
	RULE(MATCH("==", FIELD("icmpv6", "type"), "{\"set\": [{\"range\": [133, 136]}, 128]}")
	     "{\"meter\": {\"key\": " FIELD("ip6", "saddr") ", \"stmt\": " LIMIT("true")
	     ", \"name\": \"p\"}}, " DROP)
	RULE(MATCH("==", FIELD("icmpv6", "type"), "{\"set\": [{\"range\": [133, 136]}, 128]}") ACCEPT)
	RULE(MATCH("==", FIELD("icmp", "type"), "13") MATCH("!=", META("iif"), "\"lo\"")
	     "{\"log\": null}, " DROP)
	RULE(MATCH("==", META("nfproto"), "\"ipv4\"") "{\"jump\": {\"target\": \"d\"}}")
	IN("d", "{\"vmap\": {\"key\": " FIELD("icmp", "type") ", \"data\": \"@m\"}}")
	IN("d", MATCH("==", FIELD("tcp", "dport"), "22") ACCEPT)
	IN("d", "{\"return\": null}")
	RULE("{\"reject\": {\"type\": \"icmpx\"}}"));

static char why[ERROR_MAX];

/* Return: whether the result is consistent; @good: whether it was accepted. */
static bool hold(const json_t *root, bool *good)
{
	struct import import;
	char *text = NULL;
	size_t size;
	struct out out = { .file = open_memstream(&text, &size) };
	bool said;

	import_init(&import);
	*good = import_rules(&import, root, NULL) && import_write(&import, &out);
	fclose(out.file);
	said = *import.error.text;
	snprintf(why, sizeof(why), "%s", import.error.text);
	import_release(&import);
	said = *good != said && (*good || !size);
	free(text);
	return said;
}

static unsigned int mutants, refused, wrong;

static void try_one(const json_t *root)
{
	bool good;

	mutants++;
	wrong += !hold(root, &good);
	refused += !good;
}

static const char *const values[] = {
	"null", "-1", "4294967296", "\"\"", "\"@s\"", "\"*\"", "[]", "{}", "[[]]",
	"{\"range\": [9, 1]}", "{\"range\": [\"10.0.0.9\", \"10.0.0.1\"]}",
	"{\"elem\": {\"val\": null}}", "{\"jump\": {\"target\": \"c\"}}",
};

static void mutate(const json_t *root, json_t *at);

static void replace(const json_t *root, json_t *list, size_t i, json_t *object, const char *key)
{
	json_t *old = json_incref(list ? json_array_get(list, i) : json_object_get(object, key));
	size_t v;

	for (v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
		json_t *value = json_loads(values[v], JSON_DECODE_ANY, NULL);

		if (list)
			json_array_set_new(list, i, value);
		else
			json_object_set_new(object, key, value);
		try_one(root);
	}
	if (list) {
		json_array_remove(list, i);
		try_one(root);
		json_array_insert(list, i, old);
	} else {
		json_object_del(object, key);
		try_one(root);
		json_object_set(object, key, old);
	}
	mutate(root, old);
	json_decref(old);
}

static void mutate(const json_t *root, json_t *at)
{
	const char *keys[32];
	size_t i, n = 0;
	void *member;

	for (i = 0; i < json_array_size(at); i++)
		replace(root, at, i, NULL, NULL);
	for (member = json_object_iter(at); member && n < 32; member = json_object_iter_next(at, member))
		keys[n++] = strdup(json_object_iter_key(member));
	for (i = 0; i < n; i++) {
		replace(root, NULL, 0, at, keys[i]);
		free((char *)keys[i]);
	}
}

/* Rulesets that nft can't have, but a file can */
static void refuse(const char *what, const char *text)
{
	json_t *root = json_loads(text, 0, NULL);
	bool good = true, held = root && hold(root, &good);

	test_result(held && !good, "%s", what);
	json_decref(root);
}

static void many_jumps(void)
{
	static const char *const targets[] = { "c", "d" };
	json_t *root = json_loads(RULESET(CHAIN OTHER), 0, NULL);
	json_t *list = json_object_get(root, "nftables"), *rule;
	bool good, held;
	int i;

	/* Each of 40 rules jumps, and so do those that it jumps to. */
	for (i = 0; i < 80; i++) {
		rule = json_pack("{s{ssssss}}", "rule", "family", "inet", "table", "t", "chain",
				 targets[i % 2]);
		json_object_set_new(json_object_get(rule, "rule"), "expr",
				    json_pack("[{s{ss}}]", "jump", "target", "d"));
		json_array_append_new(list, rule);
	}
	held = hold(root, &good);
	test_result(held && !good, "jumps that never end");
	json_decref(root);
}

int main(void)
{
	json_t *root = json_loads(whole, 0, NULL);
	bool good = false, held = root && hold(root, &good);

	test_begin();
	test_result(held && good, "the whole ruleset%s%s", *why ? ": " : "", why);
	mutate(root, root);
	test_result(!wrong && refused && refused < mutants, "%u changes of it: %u refused, %u wrong",
		    mutants, refused, wrong);
	test_result(hold(root, &good) && good, "the whole ruleset again");
	json_decref(root);
	refuse("no ruleset", "[]");
	refuse("a jump to itself", RULESET(CHAIN RULE("{\"jump\": {\"target\": \"c\"}}")));
	refuse("a jump to no chain", RULESET(CHAIN RULE("{\"jump\": {\"target\": \"e\"}}")));
	refuse("a set with itself in it", RULESET(CHAIN
		", {\"set\": {\"family\": \"inet\", \"name\": \"s\", \"table\": \"t\", \"elem\": [\"@s\"]}}"
		RULE(MATCH("==", FIELD("ip", "saddr"), "\"@s\"") ACCEPT)));
	refuse("an interface's name that is a statement", RULESET(CHAIN
		RULE(MATCH("==", META("iifname"), "\"a off\\nmode off\\n#\"") ACCEPT)));
	many_jumps();
	return test_end();
}
