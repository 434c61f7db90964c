// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other tools call what this one has another word for: names that no
 * typing error leads to. They are suggested, never taken.
 */
#include <stddef.h>
#include <string.h>
#include "hints.h"
#include "setting_names.h"

/**
 * struct hint - a word and what it probably means
 * @what: what it was to be; NULL: one of @list
 * @list: the words it could have been
 * @word: what was written
 * @name: what is suggested
 */
struct hint {
	const char *what;
	const struct keyword *list;
	const char *word;
	const char *name;
};

#define COMMAND(word, name)	{ "command", NULL, word, name }
#define SETTING(word, name)	{ "setting", NULL, word, name }
#define TYPE(word, name)	{ "type", NULL, word, name }
#define ONE_OF(list, word, name) { NULL, list, word, name }

static const struct hint hints[] = {
	COMMAND("status", "show"),
	COMMAND("list", "show"),
	COMMAND("ls", "show"),
	COMMAND("get", "show"),
	COMMAND("config", "show"),
	COMMAND("save", "show > FILE"),
	COMMAND("restore", "apply FILE"),
	COMMAND("reload", "systemctl reload icmpguard"),
	COMMAND("restart", "systemctl restart icmpguard"),
	COMMAND("start", "systemctl start icmpguard"),
	COMMAND("stop", "systemctl stop icmpguard"),
	COMMAND("test", "check FILE"),
	COMMAND("validate", "check FILE"),
	COMMAND("counters", "stats"),
	COMMAND("reset", "stats --reset"),
	COMMAND("clear", "flush"),
	COMMAND("events", "monitor"),
	COMMAND("log", "monitor"),
	COMMAND("watch", "top"),
	COMMAND("types", "help types"),
	COMMAND("checks", "help checks"),
	COMMAND("rules", "rule list"),
	COMMAND("add", "rule add"),
	COMMAND("del", "rule del"),
	COMMAND("delete", "rule del"),
	COMMAND("remove", "rule del"),
	COMMAND("exempt", "rule add PREFIX exempt"),
	COMMAND("allow", "rule add PREFIX exempt"),
	COMMAND("block", "rule add PREFIX block"),
	COMMAND("ban", "rule add PREFIX block"),
	COMMAND("deny", "rule add PREFIX block"),
	COMMAND("limit", "type NAME limit RATE"),
	COMMAND("enable", "set mode enforce"),
	COMMAND("enforce", "set mode enforce"),
	COMMAND("on", "set mode enforce"),
	COMMAND("disable", "set mode off"),
	COMMAND("off", "set mode off"),
#define X(id, member, name, ...) COMMAND(name, "set " name),
	ICMPGUARD_SETTINGS(X)
#undef X
	COMMAND("prefix", "set prefix"),
	COMMAND("interface", "set interface"),

	SETTING("enforce", "mode enforce"),
	SETTING("monitor", "mode monitor"),
	SETTING("off", "mode off"),
	SETTING("size", "max-echo-size"),
	SETTING("max-size", "max-echo-size"),
	SETTING("if", "interface"),
	SETTING("iface", "interface"),
	SETTING("dev", "interface"),
	SETTING("xdp", "xdp attach NAME"),
	SETTING("ipv4", "prefix ipv4"),
	SETTING("ipv6", "prefix ipv6"),

	TYPE("icmpv4", "icmp"),
	TYPE("icmp4", "icmp"),
	TYPE("ip", "icmp"),
	TYPE("ipv4", "icmp"),
	TYPE("v4", "icmp"),
	TYPE("icmp6", "icmpv6"),
	TYPE("ip6", "icmpv6"),
	TYPE("ipv6", "icmpv6"),
	TYPE("ipv6-icmp", "icmpv6"),
	TYPE("v6", "icmpv6"),
	/* iptables, ip6tables */
	TYPE("ping", "echo-request"),
	TYPE("pong", "echo-reply"),
	TYPE("ttl-exceeded", "time-exceeded"),
	TYPE("ttl-zero-during-transit", "time-exceeded code 0"),
	TYPE("ttl-zero-during-reassembly", "time-exceeded code 1"),
	TYPE("network-unreachable", "icmp destination-unreachable code 0"),
	TYPE("host-unreachable", "icmp destination-unreachable code 1"),
	TYPE("protocol-unreachable", "icmp destination-unreachable code 2"),
	TYPE("port-unreachable", "icmp destination-unreachable code 3"),
	TYPE("fragmentation-needed", "icmp destination-unreachable code 4"),
	TYPE("frag-needed", "icmp destination-unreachable code 4"),
	TYPE("communication-prohibited", "icmp destination-unreachable code 13"),
	TYPE("no-route", "icmpv6 destination-unreachable code 0"),
	TYPE("beyond-scope", "icmpv6 destination-unreachable code 2"),
	TYPE("address-unreachable", "icmpv6 destination-unreachable code 3"),
	TYPE("failed-policy", "icmpv6 destination-unreachable code 5"),
	TYPE("reject-route", "icmpv6 destination-unreachable code 6"),
	TYPE("unreachable", "destination-unreachable"),
	TYPE("ip-header-bad", "icmp parameter-problem code 0"),
	TYPE("required-option-missing", "icmp parameter-problem code 1"),
	TYPE("bad-header", "icmpv6 parameter-problem code 0"),
	TYPE("unknown-header-type", "icmpv6 parameter-problem code 1"),
	TYPE("unknown-option", "icmpv6 parameter-problem code 2"),
	TYPE("neighbour-solicitation", "nd-neighbor-solicit"),
	TYPE("neighbor-solicitation", "nd-neighbor-solicit"),
	TYPE("neighbour-advertisement", "nd-neighbor-advert"),
	TYPE("neighbor-advertisement", "nd-neighbor-advert"),
	/* nft's other name, and IANA's */
	TYPE("mld-listener-reduction", "mld-listener-done"),
	TYPE("multicast-listener-query", "mld-listener-query"),
	TYPE("multicast-listener-report", "mld-listener-report"),
	TYPE("multicast-listener-done", "mld-listener-done"),
	TYPE("too-big", "packet-too-big"),
	TYPE("timestamp", "timestamp-request"),
	TYPE("fragments", "fragment"),
	TYPE("rest", "other"),
	TYPE("unknown", "other"),

	ONE_OF(actions, "allow", "accept"),
	ONE_OF(actions, "permit", "accept"),
	ONE_OF(actions, "pass", "accept"),
	ONE_OF(actions, "exempt", "accept"),
	ONE_OF(actions, "deny", "drop"),
	ONE_OF(actions, "reject", "drop"),
	ONE_OF(actions, "block", "drop"),
	ONE_OF(actions, "discard", "drop"),
	ONE_OF(actions, "rate", "limit"),
	ONE_OF(actions, "count", "monitor"),
	ONE_OF(actions, "default", "code N default"),

	ONE_OF(rule_actions, "accept", "exempt"),
	ONE_OF(rule_actions, "allow", "exempt"),
	ONE_OF(rule_actions, "permit", "exempt"),
	ONE_OF(rule_actions, "pass", "exempt"),
	ONE_OF(rule_actions, "whitelist", "exempt"),
	ONE_OF(rule_actions, "ignore", "exempt"),
	ONE_OF(rule_actions, "drop", "block"),
	ONE_OF(rule_actions, "deny", "block"),
	ONE_OF(rule_actions, "reject", "block"),
	ONE_OF(rule_actions, "ban", "block"),
	ONE_OF(rule_actions, "blacklist", "block"),

	ONE_OF(modes, "on", "enforce"),
	ONE_OF(modes, "enable", "enforce"),
	ONE_OF(modes, "enabled", "enforce"),
	ONE_OF(modes, "drop", "enforce"),
	ONE_OF(modes, "disable", "off"),
	ONE_OF(modes, "disabled", "off"),
	ONE_OF(modes, "count", "monitor"),
	ONE_OF(modes, "log", "monitor"),
	ONE_OF(modes, "dry-run", "monitor"),

	ONE_OF(interface_modes, "enforce", "on"),
	ONE_OF(interface_modes, "enable", "on"),
	ONE_OF(interface_modes, "disable", "off"),
	ONE_OF(interface_modes, "count", "monitor"),

	ONE_OF(check_actions, "monitor", "count"),
	ONE_OF(check_actions, "enforce", "drop"),
	ONE_OF(check_actions, "accept", "off"),
	ONE_OF(check_actions, "disable", "off"),

	ONE_OF(families, "ip", "ipv4"),
	ONE_OF(families, "icmp", "ipv4"),
	ONE_OF(families, "v4", "ipv4"),
	ONE_OF(families, "ip6", "ipv6"),
	ONE_OF(families, "icmpv6", "ipv6"),
	ONE_OF(families, "v6", "ipv6"),

	ONE_OF(scopes, "host", "local"),
	ONE_OF(scopes, "input", "local"),
	ONE_OF(scopes, "forward", "all"),
	ONE_OF(scopes, "global", "all"),
	ONE_OF(scopes, "both", "all"),

	ONE_OF(flushes, "counters", "stats"),
	ONE_OF(flushes, "table", "sources"),
	ONE_OF(flushes, "config", "all"),
};

/**
 * hint_find() - what a user of another tool probably means
 * @what: what the word was to be; NULL: one of @list
 * @list: the words it could have been
 * @word: what was written
 *
 * Return: what to write instead, NULL where nothing is known.
 */
const char *hint_find(const char *what, const struct keyword *list, const char *word)
{
	size_t i;

	/* A file's statements are the settings' names, among others. */
	if (what && !strcmp(what, "statement"))
		what = "setting";
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		const struct hint *hint = &hints[i];

		if (strcasecmp(hint->word, word))
			continue;
		if (what ? hint->what && !strcmp(hint->what, what) : hint->list == list)
			return hint->name;
	}
	return NULL;
}
