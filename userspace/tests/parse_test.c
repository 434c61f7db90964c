// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid and invalid statements: their result, and the error message that names the
 * offending word.
 */
#include <inttypes.h>
#include <string.h>
#include <linux/if_link.h>
#include "parse.h"
#include "parse_setting.h"
#include "test.h"
#include "value.h"

static void write_rate(FILE *file, const char *name, const struct rate *rate)
{
	fprintf(file, " %s %" PRIu32 "/%" PRIu32 "+%" PRIu32, name, rate->packets, rate->period,
		rate->burst);
}

static void write_type(FILE *file, const struct type_change *type)
{
	const struct treatment *treatment = &type->treatment;

	fprintf(file, "%s %" PRIu32, type->proto == ICMPGUARD_PROTO_ICMP ? "v4" : "v6",
		type->number);
	if (type->has_code)
		fprintf(file, " code %" PRIu32, type->code);
	if (type->remove)
		fprintf(file, " remove");
	else if (treatment->action == ACTION_KEEP)
		fprintf(file, " keep");
	else
		fprintf(file, " %s", keyword_name(actions, treatment->action));
	if (!type->remove && treatment->action == ICMPGUARD_ACTION_LIMIT) {
		write_rate(file, "source", &treatment->limit);
		write_rate(file, "total", &treatment->total);
		fprintf(file, " block %" PRIu32, treatment->block);
	}
	if (treatment->monitor)
		fprintf(file, " monitor");
	fprintf(file, ";");
}

static void write_rule(FILE *file, const struct rule_change *change)
{
	char prefix[PREFIX_TEXT];

	value_print_prefix(&change->rule.prefix, prefix);
	fprintf(file, "%s %s", change->remove ? "del" : "add", prefix);
	if (!change->remove)
		fprintf(file, " %s", keyword_name(rule_actions, change->rule.action));
	if (!change->remove && change->rule.action == ICMPGUARD_RULE_LIMIT)
		write_rate(file, "source", &change->rule.limit);
	if (change->rule.source_length)
		fprintf(file, " of %u", change->rule.source_length);
	if (*change->rule.interface)
		fprintf(file, " at %s", change->rule.interface);
	if (*change->rule.comment)
		fprintf(file, " \"%s\"", change->rule.comment);
	fprintf(file, ";");
}

static void write_setting(FILE *file, const char *name, const struct setting_change *setting)
{
	if (setting->word)
		fprintf(file, "%s %" PRIu32 ";", name, setting->value);
}

static void write_ladder(FILE *file, const char *name, const struct ladder *ladder)
{
	unsigned int i;

	if (!ladder->steps)
		return;
	fprintf(file, "%s", name);
	for (i = 0; i < ladder->steps; i++)
		fprintf(file, " %" PRIu32 "x%" PRIu32, ladder->step[i].len,
			ladder->step[i].factor);
	fprintf(file, ";");
}

/* A change, printed independently of the tool's own code */
static char *write_change(const struct change *change)
{
	char *text;
	size_t size, i;
	FILE *file = open_memstream(&text, &size);

	write_setting(file, "mode", &change->setting[SETTING_MODE]);
	write_setting(file, "echo", &change->setting[SETTING_MAX_ECHO_SIZE]);
	write_setting(file, "scope", &change->setting[SETTING_SCOPE]);
	write_setting(file, "table", &change->setting[SETTING_TABLE_SIZE]);
	write_ladder(file, "v4", &change->ladder[0].ladder);
	write_ladder(file, "v6", &change->ladder[1].ladder);
	for (i = 0; i < __ICMPGUARD_CHECK_MAX; i++)
		if (change->check[i].word)
			fprintf(file, "check %zu %" PRIu32 ";", i, change->check[i].value);
	for (i = 0; i < change->interfaces; i++)
		fprintf(file, "if %s %" PRIu32 ";", change->interface[i].name,
			change->interface[i].mode);
	for (i = 0; i < change->xdps; i++)
		fprintf(file, "xdp %s %s;", change->xdp[i].name,
			change->xdp[i].mode == XDP_FLAGS_DRV_MODE ? "native" :
			change->xdp[i].mode == XDP_FLAGS_SKB_MODE ? "generic" : "auto");
	for (i = 0; i < change->types; i++)
		write_type(file, &change->type[i]);
	for (i = 0; i < change->rules; i++)
		write_rule(file, &change->rule[i]);
	fclose(file);
	return text;
}

struct good {
	const char *text;
	const char *means;
};

static const struct good good[] = {
	{ "", "" },
	{ "   # nothing\n\n\t\n", "" },
	{ "mode enforce", "mode 2;" },
	{ "mode monitor", "mode 1;" },
	{ "mode off # for now", "mode 0;" },
	{ "max-echo-size 0", "echo 0;" },
	{ "max-echo-size 65507", "echo 65507;" },
	{ "max-echo-size 0008192", "echo 8192;" },
	{ "table-size 1024", "table 1024;" },
	{ "table-size 8", "table 8;" },
	{ "table-size 1073741824", "table 1073741824;" },
	{ "scope all", "scope 0;" },
	{ "scope local", "scope 1;" },
	{ "prefix ipv4 32", "v4 32x1;" },
	{ "prefix ipv4 0", "v4 0x1;" },
	{ "prefix ipv6 128", "v6 128x1;" },
	{ "prefix ipv6 64 56:4 48:16", "v6 64x1 56x4 48x16;" },
	{ "prefix ipv6 64 56:4 48:16 32:65536", "v6 64x1 56x4 48x16 32x65536;" },
	{ "prefix ipv6 64\nprefix ipv4 24", "v4 24x1;v6 64x1;" },
	{ "interface eth0 off", "if eth0 0;" },
	{ "interface eth0.100 on", "if eth0.100 2;" },
	{ "interface a23456789012345 monitor", "if a23456789012345 1;" },
	{ "interface a+b off", "if a+b 0;" },
	{ "xdp eth0", "xdp eth0 auto;" },
	{ "xdp eth0 mode auto", "xdp eth0 auto;" },
	{ "xdp auto mode native\nxdp ppp* mode generic", "xdp auto native;xdp ppp* generic;" },
	{ "xdp *", "xdp * auto;" },
	{ "xdp a2345678901234*", "xdp a2345678901234* auto;" },
	{ "xdp a+b\nxdp a+b", "xdp a+b auto;xdp a+b auto;" },
	{ "check mtu-zero drop", "check 0 2;" },
	{ "check echo-multicast off\ncheck quoted-source count", "check 5 1;check 10 0;" },
	{ "type echo-request accept",
	  "v4 8 accept;v6 128 accept;" },
	{ "type icmp echo-request drop", "v4 8 drop;" },
	{ "type icmpv6 echo-request drop", "v6 128 drop;" },
	{ "type redirect drop", "v4 5 drop;" },
	{ "type nd-neighbor-solicit accept", "v6 135 accept;" },
	{ "type other drop", "v4 256 drop;v6 256 drop;" },
	{ "type icmpv6 other drop", "v6 256 drop;" },
	{ "type fragment limit 5/second",
	  "v4 257 limit source 5/1+0 total 0/0+0 block 0;v6 257 limit source 5/1+0 total 0/0+0 block 0;" },
	{ "type 8 drop", "v4 8 drop;" },
	{ "type 128 drop", "v6 128 drop;" },
	{ "type icmp 3 drop", "v4 3 drop;" },
	{ "type icmpv6 3 drop", "v6 3 drop;" },
	{ "type icmpv6 255 drop", "v6 255 drop;" },
	{ "type icmp redirect limit 10/second burst 20",
	  "v4 5 limit source 10/1+20 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 300/minute",
	  "v4 5 limit source 300/60+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 5000/hour",
	  "v4 5 limit source 5000/3600+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 1/day",
	  "v4 5 limit source 1/86400+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 4294967295/week burst 3067833782",
	  "v4 5 limit source 4294967295/604800+3067833782 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 1000000/second burst 4294967295",
	  "v4 5 limit source 1000000/1+4294967295 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 1/week burst 1",
	  "v4 5 limit source 1/604800+1 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 1/s", "v4 5 limit source 1/1+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 2/sec", "v4 5 limit source 2/1+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 2/seconds", "v4 5 limit source 2/1+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 3/m", "v4 5 limit source 3/60+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 3/min", "v4 5 limit source 3/60+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 4/h", "v4 5 limit source 4/3600+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 5/d", "v4 5 limit source 5/86400+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 9/w", "v4 5 limit source 9/604800+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit unlimited",
	  "v4 5 limit source 0/0+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit unlimited total 5/second burst 6",
	  "v4 5 limit source 0/0+0 total 5/1+6 block 0;" },
	{ "type icmp redirect limit 1/second total unlimited",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 0;" },
	{ "type icmp redirect limit 1/second burst 2 total 3/minute burst 4 block 60s monitor",
	  "v4 5 limit source 1/1+2 total 3/60+4 block 60 monitor;" },
	{ "type icmp redirect limit 1/second total 3/second",
	  "v4 5 limit source 1/1+0 total 3/1+0 block 0;" },
	{ "type icmp redirect limit 1/second block 5m",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 300;" },
	{ "type icmp redirect limit 1/second block 5min",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 300;" },
	{ "type icmp redirect limit 1/second block 1hour30minutes2sec",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 5402;" },
	{ "type icmp redirect limit 1/second block 1h30m",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 5400;" },
	{ "type icmp redirect limit 1/second block 1d",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 86400;" },
	{ "type icmp redirect limit 1/second block 0s",
	  "v4 5 limit source 1/1+0 total 0/0+0 block 0;" },
	{ "type icmp redirect monitor", "v4 5 keep monitor;" },
	{ "type icmp redirect drop monitor", "v4 5 drop monitor;" },
	{ "type icmp destination-unreachable code 4 accept", "v4 3 code 4 accept;" },
	{ "type icmp destination-unreachable code 0 limit 1/second",
	  "v4 3 code 0 limit source 1/1+0 total 0/0+0 block 0;" },
	{ "type icmp destination-unreachable code 4 default", "v4 3 code 4 remove;" },
	{ "type icmp destination-unreachable code 1 monitor", "v4 3 code 1 keep monitor;" },
	{ "type time-exceeded code 1 drop", "v4 11 code 1 drop;v6 3 code 1 drop;" },
	{ "type parameter-problem code 0 drop", "v4 12 code 0 drop;v6 4 code 0 drop;" },
	{ "type destination-unreachable code 16 drop", "v4 3 code 16 drop;v6 1 code 16 drop;" },
	{ "type echo-request code 7 drop", "v4 8 code 7 drop;v6 128 code 7 drop;" },
	{ "rule add 192.0.2.0/24 exempt", "add 192.0.2.0/24 exempt;" },
	{ "rule add 192.0.2.7 block", "add 192.0.2.7/32 block;" },
	{ "rule add 0.0.0.0/0 block", "add 0.0.0.0/0 block;" },
	{ "rule add 192.0.2.128/25 exempt", "add 192.0.2.128/25 exempt;" },
	{ "rule add 2001:db8::/32 limit 5/second burst 9", "add 2001:db8::/32 limit source 5/1+9;" },
	{ "rule add 2001:DB8:0::1 exempt", "add 2001:db8::1/128 exempt;" },
	{ "rule add ::192.0.2.1 block", "add ::192.0.2.1/128 block;" },
	{ "rule add ::fffe:0:0/95 block", "add ::fffe:0:0/95 block;" },
	{ "rule add ::/0 block", "add ::/0 block;" },
	{ "rule add 10.0.0.0/8 exempt comment monitoring", "add 10.0.0.0/8 exempt \"monitoring\";" },
	{ "rule add 10.0.0.0/8 block interface eth0.7", "add 10.0.0.0/8 block at eth0.7;" },
	{ "rule add 10.0.0.0/8 limit 5/second burst 9 interface burst comment \"interface a\"",
	  "add 10.0.0.0/8 limit source 5/1+9 at burst \"interface a\";" },
	{ "rule add 2001:db8:64::/96 source-length 128", "add 2001:db8:64::/96 source-length of 128;" },
	{ "rule add 10.0.0.0/8 source-length 8 comment x interface a",
	  "add 10.0.0.0/8 source-length of 8 at a \"x\";" },
	{ "rule add 0.0.0.0/0 source-length 1", "add 0.0.0.0/0 source-length of 1;" },
	{ "rule add ::/0 limit 5/second burst 9 interface a source-length 48",
	  "add ::/0 limit source 5/1+9 of 48 at a;" },
	{ "rule add 10.0.0.0/8 exempt comment x interface eth0", "add 10.0.0.0/8 exempt at eth0 \"x\";" },
	{ "rule add 10.0.0.0/8 block\nrule add 10.0.0.0/8 exempt interface a\nrule add 10.0.0.0/8 exempt interface b",
	  "add 10.0.0.0/8 block;add 10.0.0.0/8 exempt at a;add 10.0.0.0/8 exempt at b;" },
	{ "rule add 10.0.0.0/8 exempt comment \"two words # here\"",
	  "add 10.0.0.0/8 exempt \"two words # here\";" },
	{ "rule add 10.0.0.0/8 exempt comment \"\"", "add 10.0.0.0/8 exempt;" },
	{ "rule add 10.0.0.0/8 block comment \"123456789012345678901234567890123456789012345678901234567890123\"",
	  "add 10.0.0.0/8 block \"123456789012345678901234567890123456789012345678901234567890123\";" },
	{ "rule add 10.0.0.0/8 block\nrule add 10.0.0.0/9 exempt\nrule add ::a00:0/104 exempt",
	  "add 10.0.0.0/8 block;add 10.0.0.0/9 exempt;add ::10.0.0.0/104 exempt;" },
	{ "mode enforce\r\n\r\nscope all\r\n", "mode 2;scope 0;" },
	{ "\tmode\t enforce\t#x\n", "mode 2;" },
	{ "type echo-request drop\ntype icmp echo-request accept",
	  "v4 8 drop;v6 128 drop;v4 8 accept;" },
};

struct bad {
	const char *text;
	unsigned int line, column;
	const char *says;
};

/* The message has to contain the text. */
static const struct bad bad[] = {
	{ "nonsense", 1, 1, "unknown statement 'nonsense'" },
	{ "tipe echo-request drop", 1, 1, "did you mean 'type'?" },
	{ "set mode off", 1, 1, "unexpected argument 'set': in a file, write 'mode'" },
	{ "rules hidden\nmode off", 1, 7, "was shown without its rules" },
	{ "rules", 1, 1, "did you mean 'rule'?" },
	{ "mode=off", 1, 1, "unknown statement 'mode=off': write a space for the '='" },
	{ "monitor", 1, 1, "did you mean 'mode monitor'?" },
	{ "mode", 1, 1, "'mode' must be followed by a mode" },
	{ "mode on", 1, 6, "invalid mode 'on': expected enforce, monitor or off" },
	{ "mode enabled", 1, 6, "; did you mean 'enforce'?" },
	{ "mode enforce\xe2\x80\x8b", 1, 6, "invalid mode 'enforce<U+200B>'" },
	{ "\xef\xbb\xbfmode off", 1, 1, "unknown statement '<U+FEFF>mode'" },
	{ "mode\xc2\xa0off", 1, 1, "unknown statement 'mode<U+00A0>off'" },
	{ "mode \xf4\x8f\xbf\xbf\xff\x9b", 1, 6, "invalid mode '<U+10FFFF><0xFF><0x9B>'" },
	{ "mode off now", 1, 10, "unexpected argument 'now' after 'off'" },
	{ "mode off\nmode enforce", 2, 1, "duplicate 'mode': first in line 1" },
	{ "max-echo-size", 1, 1, "must be followed by a number of bytes" },
	{ "max-echo-size big", 1, 15, "'big' isn't a number: max-echo-size needs one" },
	{ "max-echo-size -1", 1, 15, "'-1'" },
	{ "max-echo-size +1", 1, 15, "'+1'" },
	{ "max-echo-size 0x10", 1, 15, "'0x10'" },
	{ "max-echo-size 1k", 1, 15, "'1k'" },
	{ "max-echo-size 4294967296", 1, 15, "'4294967296' is too large" },
	{ "max-echo-size 65508", 1, 15, "invalid max-echo-size '65508': expected 0 to 65507" },
	{ "table-size 7", 1, 12, "invalid table-size '7': expected 8 to 1073741824" },
	{ "table-size 1073741825", 1, 12, "expected 8 to 1073741824" },
	{ "max-echo-size 99999999999999999999999999", 1, 15, "is too large" },
	{ "max-echo-size 8192 octets", 1, 20, "unexpected argument 'octets'" },
	{ "table-size many", 1, 12, "'many'" },
	{ "scope some", 1, 7, "invalid scope 'some': expected all or local" },
	{ "prefix", 1, 1, "must be followed by a family" },
	{ "prefix ipv5 32", 1, 8, "invalid family 'ipv5': expected ipv4 or ipv6" },
	{ "prefix ipv4", 1, 8, "'ipv4' must be followed by a prefix length" },
	{ "prefix ipv4 33", 1, 13, "invalid IPv4 prefix length '33': expected 0 to 32" },
	{ "prefix ipv6 129", 1, 13, "invalid IPv6 prefix length '129'" },
	{ "prefix ipv6 200", 1, 13, "invalid IPv6 prefix length '200': expected 0 to 128" },
	{ "prefix ipv6 4294967360", 1, 13, "'4294967360'" },
	{ "prefix ipv6 64:2", 1, 13, "invalid prefix length '64:2': expected a number" },
	{ "prefix ipv6 /64", 1, 13, "'/64'" },
	{ "prefix ipv6 64 56", 1, 16, "invalid prefix step '56': expected LENGTH:FACTOR" },
	{ "prefix ipv6 64 56:0", 1, 16, "'56:0'" },
	{ "prefix ipv6 64 56:", 1, 16, "'56:'" },
	{ "prefix ipv6 64 :4", 1, 16, "':4'" },
	{ "prefix ipv6 64 56:4x", 1, 16, "'56:4x'" },
	{ "prefix ipv6 64 130:4", 1, 16, "'130:4'" },
	{ "prefix ipv6 64 80:2", 1, 16, "'80:2' isn't shorter than the prefix before it, '64'" },
	{ "prefix ipv6 64 64:2", 1, 16, "isn't shorter" },
	{ "prefix ipv6 64 56:4 48:2", 1, 21, "'48:2' has a smaller factor than the prefix before it, '56:4'" },
	{ "prefix ipv6 64 56:65537", 1, 16, "has a factor above 65536" },
	{ "prefix ip6 64", 1, 8, "; did you mean 'ipv6'?" },
	{ "prefix ipv4 32 24:4295\ntype echo-request limit 1000000/second", 2, 25,
	  "'1000000/second' times the factor of '24:4295'" },
	{ "prefix ipv6 64 56:2 48:3\ntype echo-request limit 1000000/s burst 1500000000", 2, 25,
	  "times the factor of '48:3', or its burst" },
	{ "prefix ipv6 64 56:2 48:3 40:4 32:5", 1, 31, "'32:5' is one too many" },
	{ "prefix ipv6 64\nprefix ipv6 48", 2, 8, "duplicate 'ipv6': first in line 1" },
	{ "check", 1, 1, "must be followed by the name of a check" },
	{ "check mtu-zer off", 1, 7, "did you mean 'mtu-zero'?" },
	{ "check mtu-zero", 1, 7, "'mtu-zero' must be followed by a setting of a check" },
	{ "check mtu-zero on", 1, 16, "expected drop, count or off" },
	{ "check mtu-zero off off", 1, 20, "unexpected argument" },
	{ "check mtu-zero off\ncheck mtu-zero drop", 2, 7, "duplicate 'mtu-zero': first in line 1" },
	{ "interface", 1, 1, "must be followed by the name of an interface" },
	{ "interface eth0", 1, 11, "'eth0' must be followed by a mode of an interface" },
	{ "interface eth0 enforce", 1, 16, "invalid mode of an interface 'enforce'" },
	{ "interface a234567890123456 off", 1, 11, "it has 1 to 15 characters" },
	{ "interface \"\" off", 1, 11, "it has 1 to 15 characters" },
	{ "interface \"eth 0\" off", 1, 11, "invalid interface name 'eth 0'" },
	{ "interface a/b off", 1, 11, "invalid interface name 'a/b'" },
	{ "interface a:b off", 1, 11, "invalid interface name 'a:b'" },
	{ "interface ppp% off", 1, 11, "invalid interface name 'ppp%'" },
	{ "interface ppp* off", 1, 11, "'ppp*' is a pattern" },
	{ "interface a-long-pattern* off", 1, 11, "'a-long-pattern*' is a pattern" },
	{ "interface ppp+ off", 1, 11, "'ppp+' is a pattern" },
	{ "interface eth0.100@eth0 off", 1, 11, "did you mean 'eth0.100'?" },
	{ "interface enp3s0f0np0.7@enp3s0f0np0 off", 1, 11, "did you mean 'enp3s0f0np0.7'?" },
	{ "interface @eth0 off", 1, 11, "invalid interface name '@eth0': it can't contain a '@'" },
	{ "interface an-interface-of-23@x off", 1, 11, "it can't contain a '@'" },
	{ "interface a/b@x off", 1, 11, "it can't contain a '@'" },
	{ "interface . off", 1, 11, "invalid interface name '.'" },
	{ "interface .. off", 1, 11, "invalid interface name '..'" },
	{ "interface \xc3\xa0 off", 1, 11, "invalid interface name '<U+00E0>'" },
	{ "interface off eth0", 1, 11, "as in 'interface eth0 off'" },
	{ "xdp", 1, 1, "'xdp' must be followed by the name of an interface" },
	{ "xdp eth0 native", 1, 10, "unexpected argument 'native' after 'eth0'" },
	{ "xdp eth0 mode", 1, 10, "'mode' must be followed by a mode" },
	{ "xdp eth0 mode drv", 1, 15, "invalid mode 'drv': expected native, generic or auto" },
	{ "xdp eth0 mode native generic", 1, 22, "unexpected argument 'generic'" },
	{ "mode off\nxdp ppp+", 2, 5, "invalid pattern 'ppp+': only a '*' at the end is one, as in 'ppp*'" },
	{ "xdp p*p", 1, 5, "invalid pattern 'p*p'" },
	{ "xdp p**", 1, 5, "invalid pattern 'p**'" },
	{ "xdp a23456789012345*", 1, 5, "it has 1 to 15 characters" },
	{ "xdp a/b*", 1, 5, "invalid interface name 'a/b*'" },
	{ "xdp a:b", 1, 5, "invalid interface name 'a:b'" },
	{ "xdp ppp%", 1, 5, "invalid interface name 'ppp%'" },
	{ "xdp \"\"", 1, 5, "it has 1 to 15 characters" },
	{ "xdp ..", 1, 5, "invalid interface name '..'" },
	{ "xdp eth0.100@eth0", 1, 5, "did you mean 'eth0.100'?" },
	{ "xdp eth0.100@eth*", 1, 5, "did you mean 'eth0.100'?" },
	{ "xpd eth0", 1, 1, "unknown statement 'xpd'; did you mean 'xdp'?" },
	{ "type", 1, 1, "'type' must be followed by the name of a type" },
	{ "type icmp", 1, 6, "'icmp' must be followed by the name of a type" },
	{ "type echo-request", 1, 6, "'echo-request' must be followed by accept, drop, limit or monitor" },
	{ "type echo-reqest drop", 1, 6, "unknown type 'echo-reqest'; did you mean 'echo-request'?" },
	{ "type echo-rqeuest drop", 1, 6, "did you mean 'echo-request'?" },
	{ "type dest drop", 1, 6, "did you mean 'destination-unreachable'?" },
	{ "type neighbour drop", 1, 6, "unknown type 'neighbour'" },
	{ "type ECHO-REQUEST drop", 1, 6, "did you mean 'echo-request'?" },
	{ "type ICMP redirect drop", 1, 6, "did you mean 'icmp'?" },
	{ "type icmp6 nd-redirect drop", 1, 6, "did you mean 'icmpv6'?" },
	{ "type neighbor-solicitation drop", 1, 6, "did you mean 'nd-neighbor-solicit'?" },
	{ "type ping drop", 1, 6, "did you mean 'echo-request'?" },
	{ "type echo-request, drop", 1, 6, "did you mean 'echo-request'?" },
	{ "type icmpv6 router-advertisement drop", 1, 13, "did you mean 'nd-router-advert'?" },
	{ "type icmp nd-neighbor-solicit drop", 1, 11,
	  "'nd-neighbor-solicit' is a type of icmpv6, not of icmp" },
	{ "type icmpv6 redirect drop", 1, 13, "'redirect' is a type of icmp, not of icmpv6" },
	{ "type ipv4 echo-request drop", 1, 6, "unknown type 'ipv4'" },
	{ "type 256 drop", 1, 6, "invalid type '256': numbers end at 255" },
	{ "type icmp 257 drop", 1, 11, "invalid type '257'" },
	{ "type 99999999999 drop", 1, 6, "invalid type '99999999999'" },
	{ "type 3 drop", 1, 6, "destination-unreachable in icmp and time-exceeded in icmpv6" },
	{ "type icmp 77 drop", 1, 11, "no type of icmp has the number '77'" },
	{ "type icmpv6 77 drop", 1, 13, "no type of icmpv6 has the number '77'" },
	{ "type 77 drop", 1, 6, "no type has the number '77'" },
	{ "type echo-request allow", 1, 19, "invalid action 'allow': expected accept, drop, limit or monitor; did you mean 'accept'?" },
	{ "type echo-request drop now", 1, 24, "unexpected argument 'now' after 'drop'" },
	{ "type echo-request drop monitor monitor", 1, 32, "unexpected argument" },
	{ "type echo-request monitor drop", 1, 27, "unexpected argument 'drop'" },
	{ "type echo-request limit", 1, 19, "'limit' must be followed by a rate" },
	{ "type echo-request limit 10", 1, 25, "invalid rate '10': expected e.g. 10/second" },
	{ "type echo-request limit /second", 1, 25, "invalid rate '/second'" },
	{ "type echo-request limit 10/", 1, 25, "its period is second, minute" },
	{ "type echo-request limit 10/secs", 1, 25, "'10/secs'" },
	{ "type echo-request limit 10/ s", 1, 25, "invalid rate '10/'" },
	{ "type echo-request limit 10 / second", 1, 25, "invalid rate '10': expected e.g. 10/second" },
	{ "type echo-request limit 1000001/second", 1, 25, "'1000001/second' is above 1000000 a second" },
	{ "type echo-request limit 5/second total 60000001/minute", 1, 40, "is above 1000000 a second" },
	{ "type echo-request limit 1/week", 1, 25,
	  "'1/week' is too slow for the default burst of 5: add 'burst 1'" },
	{ "type echo-request limit 6/week", 1, 25, "add 'burst 4'" },
	{ "type echo-request limit 5/second total 1/week", 1, 40, "add 'burst 1'" },
	{ "type echo-request limit 1/day burst 6", 1, 37,
	  "'6' is too large a burst for '1/day': the most is 5" },
	{ "rule add 10.0.0.0/8 limit 1/week", 1, 27, "add 'burst 1'" },
	{ "rule add 10.0.0.0/8 limit 1000001/second", 1, 27, "is above 1000000 a second" },
	{ "type echo-request limit 10/month", 1, 25, "'10/month'" },
	{ "type echo-request limit 0/second", 1, 25, "'0/second' is a rate of zero" },
	{ "type echo-request limit 4294967296/second", 1, 25, "'4294967296/second' is too large" },
	{ "type echo-request limit -5/second", 1, 25, "invalid rate '-5/second'" },
	{ "type echo-request limit 1.5/second", 1, 25, "invalid rate '1.5/second'" },
	{ "type echo-request limit 10/second burst", 1, 35, "'burst' must be followed by a number of packets" },
	{ "type echo-request limit 10/second burst 0", 1, 41, "'0' is a burst of zero" },
	{ "type echo-request limit 10/second burst x", 1, 41, "'x' isn't a number: burst needs one" },
	{ "type echo-request limit 10/second burst 4294967296", 1, 41, "too large for burst" },
	{ "type echo-request limit unlimited burst 5", 1, 35, "unexpected argument 'burst'" },
	{ "type echo-request limit 10/second total", 1, 35, "'total' must be followed by a rate" },
	{ "type echo-request limit 10/second total 0/hour", 1, 41, "'0/hour' is a rate of zero" },
	{ "type echo-request limit 10/second block", 1, 35, "'block' must be followed by a duration" },
	{ "type echo-request limit 10/second block 86401s", 1, 41, "'86401s' is too long: a penalty is 86400s" },
	{ "type echo-request limit 10/second block 2d", 1, 41, "'2d' is too long" },
	{ "type echo-request limit unlimited block 60s", 1, 41, "no source exceeds 'unlimited'" },
	{ "type echo-request limit 1/hour burst 98 block 1d", 1, 47, "together they last 5 days at most" },
	{ "type echo-request limit 10/second block 60", 1, 41, "'60' needs a unit" },
	{ "type echo-request limit 10/second block 60x", 1, 41, "'60x' needs a unit" },
	{ "type echo-request limit 10/second block s", 1, 41, "invalid duration 's'" },
	{ "type echo-request limit 10/second block 5s5m", 1, 41, "'5s5m'" },
	{ "type echo-request limit 10/second block 50000d", 1, 41, "'50000d' is too long" },
	{ "type echo-request limit 10/second block 60s total 5/second", 1, 45, "unexpected argument" },
	{ "type echo-request drop burst 5", 1, 24, "unexpected argument 'burst'" },
	{ "type echo-request code", 1, 19, "'code' must be followed by a number" },
	{ "type echo-request code 256 drop", 1, 24, "invalid code '256': expected 0 to 255" },
	{ "type echo-request code x drop", 1, 24, "'x' isn't a number: code needs one" },
	{ "type echo-request code 0", 1, 24, "'0' must be followed by accept, drop, limit or monitor" },
	{ "type echo-request code 0 default now", 1, 34, "unexpected argument" },
	{ "type icmp echo-request code 3 default", 1, 29, "'3': there is no exception for this code" },
	{ "type icmp 3 code 4 default\ntype icmp 3 code 4 default", 2, 18, "there is no exception" },
	{ "type destination-unreachable code 4 drop", 1, 35,
	  "'4' is fragmentation needed in icmp and port unreachable in icmpv6: write 'icmp destination-unreachable code 4' or 'icmpv6 destination-unreachable code 4'" },
	{ "type destination-unreachable code 13 default", 1, 35, "prohibited in icmp and unassigned in icmpv6" },
	{ "type other code 0 drop", 1, 17, "'other' has no codes" },
	{ "type fragment code 0 drop", 1, 20, "'fragment' has no codes" },
	{ "type echo-request default", 1, 19, "invalid action 'default'" },
	{ "rule", 1, 1, "'rule' must be followed by a rule command" },
	{ "rule list", 1, 6, "invalid rule command 'list': expected add or del" },
	{ "rule delete 10.0.0.0/8", 1, 6, "unexpected argument 'delete': the file replaces all rules" },
	{ "rule del 10.0.0.0/8", 1, 6, "unexpected argument 'del': the file replaces all rules" },
	{ "rule add", 1, 6, "'add' must be followed by a prefix" },
	{ "rule add here block", 1, 10, "invalid prefix 'here'" },
	{ "rule add 10.0.0/8 block", 1, 10, "invalid prefix '10.0.0/8'" },
	{ "rule add 10.0.0.0/ block", 1, 10, "invalid prefix" },
	{ "rule add 10.0.0.0/x block", 1, 10, "invalid prefix" },
	{ "rule add 10.0.0.0/8/8 block", 1, 10, "invalid prefix" },
	{ "rule add 10.0.0.0/33 block", 1, 10, "has more than the 32 bits of an IPv4 address" },
	{ "rule add 10.0.0.0/8 block interface", 1, 27, "must be followed by the name of an interface" },
	{ "rule add 10.0.0.0/8 block interface a/b", 1, 37, "invalid interface name 'a/b'" },
	{ "rule add 10.0.0.0/8 block interface ppp*", 1, 37, "'ppp*' is a pattern" },
	{ "rule add 10.0.0.0/8 block interface a interface b", 1, 39, "unexpected argument 'interface'" },
	{ "rule add 10.0.0.0/8 block interface a\nrule add 10.0.0.0/8 block interface a", 2, 10,
	  "has a rule already" },
	{ "rule add 2001:db8::/129 block", 1, 10, "more than the 128 bits of an IPv6 address" },
	{ "rule add 2001:db8::/4294967328 block", 1, 10, "more than the 128 bits" },
	{ "rule add 2001:db8::1/32 block", 1, 10, "write '2001:db8::/32'" },
	{ "rule add 192.0.2.1/24 block", 1, 10, "bits after its prefix: write '192.0.2.0/24'" },
	{ "rule add aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa/64 block", 1, 10,
	  "invalid prefix" },
	{ "rule add ::ffff:10.0.0.1/96 block", 1, 10, "'::ffff:10.0.0.1/96' is IPv4-mapped, which no packet's source is: write '10.0.0.1'" },
	{ "rule add ::ffff:10.0.0.0/104 block", 1, 10, "write '10.0.0.0/8'" },
	{ "rule add ::ffff:10.0.0.1 block", 1, 10, "write '10.0.0.1'" },
	{ "rule add 10.0.0.0/8", 1, 10, "'10.0.0.0/8' must be followed by an action" },
	{ "rule add 10.0.0.0/8 source-length", 1, 21, "must be followed by a number of bits" },
	{ "rule add 10.0.0.0/8 source-length x", 1, 35, "'x' isn't a number" },
	{ "rule add 10.0.0.0/8 source-length 7", 1, 35, "invalid source-length '7': expected 8 to 32" },
	{ "rule add 10.0.0.0/8 source-length 33", 1, 35, "expected 8 to 32" },
	{ "rule add 0.0.0.0/0 source-length 0", 1, 34, "expected 1 to 32" },
	{ "rule add 2001:db8::/96 source-length 64", 1, 38, "expected 96 to 128" },
	{ "rule add ::/0 source-length 4294967424", 1, 29, "'4294967424' is too large" },
	{ "rule add 10.0.0.0/8 exempt source-length 32", 1, 28, "unexpected argument 'source-length'" },
	{ "rule add 10.0.0.0/8 source-length 9 source-length 9", 1, 37, "unexpected argument" },
	{ "rule add 10.0.0.0/8 limit 1/second source-length 9 source-length 9", 1, 52, "unexpected argument" },
	{ "rule add 10.0.0.0/8 drop", 1, 21, "invalid action 'drop': expected exempt, block, limit or source-length; did you mean 'block'?" },
	{ "rule add 10.0.0.0/8 limit", 1, 21, "'limit' must be followed by a rate" },
	{ "rule add 10.0.0.0/8 limit unlimited", 1, 27, "'unlimited' isn't a limit" },
	{ "rule add 10.0.0.0/8 limit 1/second total 5/second", 1, 36, "unexpected argument 'total'" },
	{ "rule add 10.0.0.0/8 block comment", 1, 27, "'comment' must be followed by a text" },
	{ "rule add 10.0.0.0/8 block comment two words", 1, 39, "unexpected argument 'words'" },
	{ "rule add 10.0.0.0/8 block comment 1234567890123456789012345678901234567890123456789012345678901234", 1, 35,
	  "is longer than 63 bytes" },
	{ "rule add 10.0.0.0/8 block comment a\tb", 1, 37, "unexpected argument 'b'" },
	{ "rule add 10.0.0.0/8 block comment a\x01", 1, 35, "has a control character in it" },
	{ "rule add 10.0.0.0/8 block comment a\"b", 1, 35, "has a quote in it" },
	{ "rule add 10.0.0.0/8 block comment \"open", 1, 35, "isn't closed" },
	{ "rule add 10.0.0.0/8 block comment \"open\nmode off\"", 1, 35, "isn't closed" },
	{ "rule add 10.0.0.0/8 block comment \"a\"b", 1, 35, "a space is missing" },
	{ "rule add 10.0.0.0/8 block\n\n# twice\n rule add 10.0.0.0/8 exempt", 4, 11,
	  "'10.0.0.0/8' has a rule already" },
	{ "rule add 10.0.0.0/8 block\nrule add 10.1.0.0/16 block\nrule add 10.1.0.0/16 block\nrule add 10.0.0.0/8 exempt", 3, 10, "'10.1.0.0/16' has a rule already" },
	{ "mode enforce\n\ttype echo-request limit 5/second burst", 2, 35, "'burst' must be followed by" },
};

/*
 * Codes that mean the same in both protocols, by RFC 792, RFC 4443, RFC 8335 and
 * IANA's registries. RFC 7915 translates these to themselves. Beyond the
 * registries, from the codes named here on, none has a meaning in either.
 */
static const struct {
	const char *name;
	const char *same;	/* by code, from 0 on: s: the same, d: something different */
} codes[] = {
	{ "destination-unreachable", "dddddddddddddddd" },
	{ "time-exceeded", "ss" },
	{ "parameter-problem", "sdddddddddd" },
	{ "echo-request", "s" },
	{ "echo-reply", "s" },
	{ "extended-echo-request", "s" },
	{ "extended-echo-reply", "sssss" },
};

static bool parse(const char *input, struct text *text, struct change *change, struct error *error)
{
	size_t length = strlen(input);
	/* No byte more than text_split() needs, so that the sanitizer finds overruns. */
	char *bytes = malloc(length + 1);

	memcpy(bytes, input, length);
	return text_split(text, bytes, length, error) && parse_text(text, change, error);
}

static void test_good(const struct good *each)
{
	struct error error = { .text = "" };
	struct change change = { .replace = true };
	struct text text = { 0 };
	bool read = parse(each->text, &text, &change, &error);
	char *means = write_change(&change);
	bool passed = read && !*error.text && !strcmp(means, each->means);

	if (!passed)
		fprintf(test_file, "# '%s' means %s%s%s\n", each->text, means,
			*error.text ? ", error " : "", error.text);
	test_result(passed, "read: %.*s", (int)strcspn(each->text, "\r\n#"), each->text);
	free(means);
	change_release(&change);
	text_release(&text);
}

static void test_bad(const struct bad *each)
{
	struct error error = { .text = "" };
	struct change change = { .replace = true };
	struct text text = { 0 };
	bool read = parse(each->text, &text, &change, &error);
	bool passed = !read && strstr(error.text, each->says) && error.line == each->line &&
		      error.column == each->column && !strchr(error.text, '\n');

	if (!passed)
		fprintf(test_file, "# '%s': %u:%u: %s\n", each->text, error.line, error.column,
			read ? "was read" : error.text);
	test_result(passed, "refuse: %.*s", (int)strcspn(each->text, "\r\n#"), each->text);
	change_release(&change);
	text_release(&text);
}

static bool reads(const char *input)
{
	struct error error = { .text = "" };
	struct change change = { .replace = true };
	struct text text = { 0 };
	bool read = parse(input, &text, &change, &error);

	change_release(&change);
	text_release(&text);
	return read;
}

/* Without a family a code is taken where it means the same in both, and only there. */
static void test_codes(void)
{
	size_t i, named = 0, shared = 0;
	const struct type_name *type;
	unsigned int code;
	char line[80];

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		unsigned int wrong = 0;

		for (code = 0; code < 256; code++) {
			bool same = code >= strlen(codes[i].same) || codes[i].same[code] == 's';

			snprintf(line, sizeof(line), "type %s code %u drop", codes[i].name, code);
			if (reads(line) != same) {
				fprintf(test_file, "# '%s' was %s\n", line, same ? "refused" : "read");
				wrong++;
			}
			snprintf(line, sizeof(line), "type icmp %s code %u drop", codes[i].name, code);
			wrong += !reads(line);
			snprintf(line, sizeof(line), "type icmpv6 %s code %u drop", codes[i].name, code);
			wrong += !reads(line);
		}
		test_result(!wrong, "the codes of %s, with and without a family", codes[i].name);
	}
	/* No type that both have is missing above. */
	for (i = 0; (type = type_at(i)); i++)
		if (type->proto == ICMPGUARD_PROTO_ICMP && type->number < 256 &&
		    type_by_name(ICMPGUARD_PROTO_ICMPV6, type->name))
			shared++;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		named += type_by_name(ICMPGUARD_PROTO_ICMP, codes[i].name) &&
			 type_by_name(ICMPGUARD_PROTO_ICMPV6, codes[i].name);
	test_result(shared == named, "%zu types of the same name in both protocols", shared);
}

/* @most of something and one too many, from a format with a number in it */
static void test_number(const char *what, const char *format, unsigned int most)
{
	struct error error = { .text = "" };
	struct change change = { .replace = true };
	struct text text = { 0 };
	char *lines;
	size_t size;
	FILE *file = open_memstream(&lines, &size);
	unsigned int i;
	bool read;

	for (i = 0; i < most; i++)
		fprintf(file, format, i);
	fflush(file);
	test_result(reads(lines), "read: %u %s", most, what);
	fprintf(file, format, i);
	fclose(file);
	read = parse(lines, &text, &change, &error);
	test_result(!read && error.line == most + 1 && strstr(error.text, "one too many"),
		    "refuse: the next one: %.80s", error.text);
	change_release(&change);
	text_release(&text);
	free(lines);
}

/* A suspicious statement is accepted, with one warning. */
static void test_warnings(void)
{
	static const struct {
		const char *text;
		const char *says;	/* in the only warning; NULL: there is none */
	} cases[] = {
		{ "type nd-neighbor-solicit drop", "no neighbor reaches this host" },
		{ "type icmpv6 136 drop", "reaches no neighbor" },
		{ "type packet-too-big drop", "path MTU discovery fails in IPv6" },
		{ "type icmp destination-unreachable code 4 drop", "path MTU discovery fails" },
		{ "prefix ipv4 0", "all of IPv4 is one source" },
		{ "prefix ipv6 0", "all of IPv6 is one source" },
		{ "type nd-neighbor-solicit drop\ntype nd-neighbor-solicit drop", "no neighbor" },
		{ "type nd-neighbor-solicit drop monitor", NULL },
		{ "type nd-neighbor-solicit drop\ntype nd-neighbor-solicit accept", NULL },
		{ "type nd-neighbor-solicit limit 10/second", NULL },
		{ "type icmp destination-unreachable drop", NULL },
		{ "type icmp destination-unreachable code 4 drop\n"
		  "type icmp destination-unreachable code 4 default", NULL },
		{ "type icmpv6 destination-unreachable code 4 drop", NULL },
		{ "prefix ipv4 32 0:100", NULL },
		{ "prefix ipv4 1\nprefix ipv6 1", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = { .text = "" };
		struct change change = { .replace = true };
		struct text text = { 0 };
		bool passed = parse(cases[i].text, &text, &change, &error) &&
			      change.warnings == !!cases[i].says;

		if (passed && cases[i].says)
			passed = strstr(change.warning[0].text, cases[i].says);
		test_result(passed, "%u. %.*s", (unsigned int)i + 1,
			    (int)strcspn(cases[i].text, "\n"), cases[i].text);
		change_release(&change);
		text_release(&text);
	}
}

/* The command line's words have no line, and no quotes of their own. */
static void test_arguments(void)
{
	static const char *const given[] = { "add", "10.0.0.0/8", "exempt", "comment", "two words" };
	struct error error = { .text = "" };
	struct change change = { 0 };
	struct words words;
	struct word *word;
	char *argv[5];
	bool read;

	memcpy(argv, given, sizeof(argv));
	word = words_from_argv(&words, 5, argv);
	read = parse_rule(&words, &change, &error);
	test_result(read && change.rules == 1 && !strcmp(change.rule[0].rule.comment, "two words"),
		    "read: an argument with a space in it");
	change_release(&change);
	free(word);

	word = words_from_argv(&words, 3, argv);
	read = parse_setting(&words, &change, &error);
	test_result(!read && !error.line && strstr(error.text, "unknown setting 'add'"),
		    "refuse: an argument that is no setting");
	change_release(&change);
	free(word);

	error = (struct error) { .text = "" };
	argv[0] = "";
	word = words_from_argv(&words, 1, argv);
	read = parse_type(&words, &change, &error);
	test_result(!read && strstr(error.text, "unknown type ''"), "refuse: an empty argument");
	change_release(&change);
	free(word);

	error = (struct error) { .text = "" };
	word = words_from_argv(&words, 0, argv);
	read = parse_type(&words, &change, &error);
	test_result(!read && strstr(error.text, "the name of a type is missing"),
		    "refuse: no argument at all");
	change_release(&change);
	free(word);
}

/* Help lists the words that a setting takes. */
static void test_usage(void)
{
	static const char *const usages[] = {
#define X(id, member, name, min, max, initial, kind, words, unit, usage, ...) usage,
		ICMPGUARD_SETTINGS(X)
#undef X
	};
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		const struct keyword *word = setting_rows[i].words;
		char text[64] = "";

		for (; word && word->name; word++)
			sprintf(text + strlen(text), "%s%s", *text ? "|" : "", word->name);
		if (*text)
			test_result(!strcmp(text, usages[i]), "usage: %s", setting_rows[i].name);
	}
}

static void test_nul(void)
{
	static const char with[] = "mode of\0f\n", quoted[] = "rule add ::/0 block comment \"a\0b\"";
	struct error error = { .text = "" };
	struct change change = { 0 };
	struct text text;
	char *bytes = malloc(sizeof(with));

	memcpy(bytes, with, sizeof(with));
	test_result(!text_split(&text, bytes, sizeof(with) - 1, &error) && error.column == 6,
		    "refuse: a NUL in a word");
	text_release(&text);
	error = (struct error) { .text = "" };
	bytes = malloc(sizeof(quoted));
	memcpy(bytes, quoted, sizeof(quoted));
	test_result(!text_split(&text, bytes, sizeof(quoted) - 1, &error),
		    "refuse: a NUL in a quote");
	text_release(&text);
	change_release(&change);
}

int main(void)
{
	size_t i;

	test_begin();
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		test_good(&good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		test_bad(&bad[i]);
	test_codes();
	test_number("interfaces", "interface eth%u off\n", 32);
	test_result(name_matches("eth0", "eth0") && !name_matches("eth", "eth0") &&
		    !name_matches("eth0", "eth"), "a name means itself alone");
	test_result(name_matches("ppp*", "ppp") && name_matches("ppp*", "ppp10") &&
		    name_matches("*", "ppp") && !name_matches("ppp*", "pp0") &&
		    !name_matches("ppp*", "xppp"), "a pattern means what begins so");
	/* The defaults have one. */
	test_number("exceptions for codes", "type icmp echo-request code %u drop\n", 63);
	test_warnings();
	test_arguments();
	test_usage();
	test_nul();
	return test_end();
}
