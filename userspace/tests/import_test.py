#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Statements made from iptables' and nft's rules, and refusals. KTAP.

Whatever comes out, `check` has to take it. What nft reads is also given as nft lists
it, in text and in JSON.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = TOP / "userspace/icmpguardctl"

# Types that connection tracking treats as replies, or errors about a connection
OF_CONNECTIONS = {
    "icmp": "echo-reply destination-unreachable source-quench time-exceeded "
            "parameter-problem timestamp-reply info-reply address-mask-reply".split(),
    "icmpv6": "destination-unreachable packet-too-big time-exceeded parameter-problem echo-reply "
              "node-information-response".split(),
}

HASHLIMIT = ("-m hashlimit --hashlimit-above 10/sec --hashlimit-burst 20 --hashlimit-mode srcip "
             "--hashlimit-name ping -j DROP")
UPTO = "-m hashlimit --hashlimit-upto 10/sec --hashlimit-mode srcip --hashlimit-name p -j ACCEPT"
ECHO = "-A INPUT -p icmp -m icmp --icmp-type 8"


# As root in a network of its own, as another user in a user's network of its own
SANDBOX = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]


def xtables(*rules, policy="ACCEPT"):
    return "\n".join(["*filter", f":INPUT {policy} [0:0]", ":FORWARD ACCEPT [0:0]", *rules,
                      "COMMIT", ""])


def raw(*rules):
    return "\n".join(["*raw", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", *rules,
                      "COMMIT", ""])


def nft(*rules, hook="input", policy="accept", also=""):
    return "\n".join([f"table inet filter {{{also}", "\tchain in {",
                      f"\t\ttype filter hook {hook} priority filter; policy {policy};",
                      *("\t\t" + rule for rule in rules), "\t}", "}", ""])


# What it is, the file, and the statements that come out
CONVERTED = [
    ("a hashlimit above", xtables(f"{ECHO} {HASHLIMIT}"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 20"]),
    ("its default burst", xtables(f"{ECHO} {HASHLIMIT}".replace("--hashlimit-burst 20 ", "")),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("a hashlimit up to, and a drop", xtables(f"{ECHO} {UPTO}", f"{ECHO} -j DROP"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("a hashlimit up to, in a chain that drops", xtables(f"{ECHO} {UPTO}", policy="DROP"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("its source mask", xtables(f"{ECHO} {HASHLIMIT}".replace("-j", "--hashlimit-srcmask 24 -j")),
     ["scope local", "prefix ipv4 24", "type icmp echo-request limit 10/second burst 20"]),
    ("its table's size", xtables(f"{ECHO} {HASHLIMIT}".replace(
        "-j", "--hashlimit-htable-max 9 --hashlimit-htable-expire 60000 -j")),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 20"]),
    ("IPv6", xtables("-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 " +
                     HASHLIMIT.replace("-j", "--hashlimit-srcmask 64 -j")),
     ["scope local", "prefix ipv6 64", "type icmpv6 echo-request limit 10/second burst 20"]),
    ("PREROUTING", raw(f"{ECHO} {HASHLIMIT}".replace("INPUT", "PREROUTING")),
     ["prefix ipv4 32", "type icmp echo-request limit 10/second burst 20"]),
    ("a limit of all together", xtables(f"{ECHO} -m limit --limit 5/min -j ACCEPT",
                                        f"{ECHO} -j DROP"),
     ["scope local", "type icmp echo-request limit unlimited total 5/minute burst 5"]),
    ("a hashlimit without a mode", xtables(f"{ECHO} {HASHLIMIT}".replace(
        "--hashlimit-mode srcip ", "")),
     ["scope local", "type icmp echo-request limit unlimited total 10/second burst 20"]),
    ("the policy of its own table", "*mangle\n:INPUT ACCEPT [0:0]\nCOMMIT\n" +
     xtables(f"{ECHO} {UPTO}", policy="DROP"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("both limits", xtables(f"{ECHO} {HASHLIMIT}",
                            f"{ECHO} -m limit --limit 500/sec --limit-burst 50 -j ACCEPT",
                            f"{ECHO} -j DROP"),
     ["scope local", "prefix ipv4 32",
      "type icmp echo-request limit 10/second burst 20 total 500/second burst 50"]),
    ("types and codes", xtables("-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP",
                                "-A INPUT -p icmp -m icmp --icmp-type 3/13 -j DROP",
                                "-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT"),
     ["scope local", "type icmp redirect drop", "type icmp destination-unreachable code 13 drop",
      "type icmp destination-unreachable accept"]),
    ("prefixes", xtables("-A INPUT -s 192.0.2.0/24 -p icmp -m comment --comment \"a b\" -j ACCEPT",
                         "-A INPUT -s 198.51.100.7/32 -p icmp -j DROP",
                         "-A INPUT -s 203.0.113.0/24 -p icmp " + HASHLIMIT),
     ["scope local", "rule add 192.0.2.0/24 exempt", "rule add 198.51.100.7/32 block",
      "rule add 203.0.113.0/24 limit 10/second burst 20"]),
    ("what isn't ICMP", xtables("-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 1/s -j REJECT",
                                "-A FORWARD -j ACCEPT"), []),
    ("an nft set", nft("icmp type echo-request add @ping { ip saddr limit rate over 10/second "
                       "burst 20 packets } counter packets 7 bytes 588 drop",
                       also=" set ping { type ipv4_addr; size 999; flags dynamic; }"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 20"]),
    ("an nft meter with a mask", nft("icmpv6 type echo-request meter m size 65535 { ip6 saddr & "
                                     "ffff:ffff:ffff:: limit rate over 5/minute } drop"),
     ["scope local", "prefix ipv6 48", "type icmpv6 echo-request limit 5/minute burst 5"]),
    ("nft's limit and policy", nft("icmp type echo-request limit rate 9/hour burst 3 packets accept",
                                   policy="drop"),
     ["scope local", "type icmp echo-request limit unlimited total 9/hour burst 3"]),
    ("nft's lists", nft("icmp type { redirect, timestamp-request } drop",
                        "icmp type destination-unreachable icmp code 13 counter drop",
                        "icmpv6 type nd-redirect drop comment \"no\"", hook="prerouting"),
     ["type icmp redirect drop", "type icmp timestamp-request drop",
      "type icmp destination-unreachable code 13 drop", "type icmpv6 nd-redirect drop"]),
    ("nft's prefixes", nft("iif \"lo\" accept", "ip saddr 192.0.2.0/24 ip protocol icmp accept",
                           "ip6 saddr 2001:db8::/32 meta l4proto ipv6-icmp drop"),
     ["scope local", "rule add 192.0.2.0/24 exempt", "rule add 2001:db8::/32 block"]),
]

LIMITED = ["prefix ipv4 32", "type icmp echo-request limit 10/second burst 20"]
DYNAMIC = " set s { type ipv4_addr; size 999; flags dynamic; }"
ACCEPT_LIMITED = ["type icmp echo-request limit unlimited total 9/second burst 5"]
NINE = "icmp type echo-request limit rate over 9/second drop"
UNDER = "icmp type echo-request limit rate 9/second accept"

# Other rules of a firewall, most of them for all protocols
CONVERTED += [
    ("all of a trusted host, and of a blocked one",
     xtables("-A INPUT -s 192.0.2.1/32 -j ACCEPT", "-A INPUT -s 198.51.100.0/24 -j DROP",
             f"{ECHO} {HASHLIMIT}"),
     ["scope local", *LIMITED, "rule add 192.0.2.1/32 exempt", "rule add 198.51.100.0/24 block"]),
    ("all of an interface", xtables("-A INPUT -i lo -j ACCEPT", "-A INPUT -i eth1 -j ACCEPT",
                                    f"{ECHO} {HASHLIMIT}"),
     ["scope local", "prefix ipv4 32", "interface eth1 off", LIMITED[1]]),
    ("a chain that is jumped to", xtables(
        ":PINGS - [0:0]", ":DEEPER - [0:0]", "-A INPUT -p icmp -j PINGS", "-A PINGS -j DEEPER",
        f"{ECHO} {HASHLIMIT}".replace("INPUT", "DEEPER"), "-A DEEPER -j RETURN",
        "-A PINGS -p icmp -m icmp --icmp-type 5 -j DROP"),
     ["scope local", *LIMITED, "type icmp redirect drop"]),
    ("a chain with a verdict for the rest", xtables(
        ":REST - [0:0]", f"{ECHO} {UPTO}", "-A INPUT -g REST", "-A REST -j DROP"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("connections that exist", xtables(
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -m conntrack --ctstate INVALID -j DROP",
        f"{ECHO} -m conntrack --ctstate NEW {HASHLIMIT}"), ["scope local", *LIMITED]),
    ("rules that decide nothing", xtables(
        "-A INPUT -p icmp -j LOG --log-prefix \"a: \"", "-A INPUT -p icmp",
        "-A INPUT -m limit --limit 3/min -j LOG", f"{ECHO} {HASHLIMIT}"),
     ["scope local", *LIMITED]),
    ("other protocols with a set that isn't read", xtables(
        "-A INPUT -p tcp -m set --match-set unused src -j DROP",
        "-A INPUT -p udp -m string --string x --algo bm --to 65535 -j DROP",
        "[3:4] " + f"{ECHO} {HASHLIMIT}"), ["scope local", *LIMITED]),
    ("a rest that is rejected", xtables(f"{ECHO} {UPTO}", "-A INPUT -j REJECT "
                                        "--reject-with icmp-host-prohibited"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5"]),
    ("one name of two hashlimits", xtables(f"{ECHO} {HASHLIMIT}",
                                           f"{ECHO} {HASHLIMIT}".replace("type 8", "type 13")),
     ["scope local", *LIMITED, "type icmp timestamp-request limit 10/second burst 20"]),
    ("tables that do no filtering", "*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n"
     "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER -i docker0 -j RETURN\n"
     "COMMIT\n" + xtables(f"{ECHO} {HASHLIMIT}"), ["scope local", *LIMITED]),
    ("both of iptables-save and ip6tables-save", "# Generated by iptables-save v1.8.9\n" +
     xtables("-A INPUT -i eth1 -j ACCEPT", f"{ECHO} {HASHLIMIT}") +
     "# Generated by ip6tables-save v1.8.9\n" +
     xtables("-A INPUT -i eth1 -j ACCEPT", "-A INPUT -s fe80::/10 -j ACCEPT",
             "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 137 -j DROP"),
     ["scope local", "prefix ipv4 32", "interface eth1 off", LIMITED[1],
      "type icmpv6 nd-redirect drop", "rule add fe80::/10 exempt"]),
    ("accepted after the types, and nothing after that", xtables(
        f"{ECHO} {HASHLIMIT}", "-A INPUT -s 192.0.2.1/32 -j ACCEPT", "-A INPUT -i eth1 -j ACCEPT"),
     ["scope local", *LIMITED]),
    ("blocked after types that were only limited", xtables(
        f"{ECHO} {HASHLIMIT}", "-A INPUT -s 192.0.2.1/32 -j DROP"),
     ["scope local", *LIMITED, "rule add 192.0.2.1/32 block"]),
    ("what this host sends", xtables("-A OUTPUT -p icmp -j ACCEPT", "-A OUTPUT -d 192.0.2.1 -j DROP",
                                     f"{ECHO} {HASHLIMIT}").replace(
        ":FORWARD", ":OUTPUT ACCEPT [0:0]\n:FORWARD"), ["scope local", *LIMITED]),
    ("what is forwarded, with a rule for what isn't", xtables(
        "-A FORWARD -p icmp -j ACCEPT", "-A FORWARD -s 192.0.2.1/32 -j DROP",
        f"{ECHO} {HASHLIMIT}"), ["scope local", *LIMITED]),
    ("a longer prefix before a shorter one", xtables(
        "-A INPUT -s 192.0.2.1/32 -j ACCEPT", "-A INPUT -s 192.0.2.0/24 -j DROP",
        "-A INPUT -s 192.0.2.7/32 -j DROP"),
     ["scope local", "rule add 192.0.2.1/32 exempt", "rule add 192.0.2.0/24 block"]),
    ("a file as Debian has it", "#!/usr/sbin/nft -f\n\nflush ruleset\n\n"
     "define TRUSTED = { 192.0.2.1, 198.51.100.0/24 }\n" +
     nft("iifname { \"lo\", \"eth0\" } accept", "ip saddr $TRUSTED accept", UNDER, policy="drop"),
     ["scope local", "interface eth0 off", *ACCEPT_LIMITED, "rule add 192.0.2.1/32 exempt",
      "rule add 198.51.100.0/24 exempt"]),
    ("a file as Debian installs it", "flush ruleset\n\n" + nft() +
     nft(hook="forward").replace("filter {", "f {") + nft(hook="output").replace("filter {", "o {"),
     []),
    ("commands", "add table ip t\nadd chain ip t c { type filter hook input priority 0; }\n"
     "add rule ip t c icmp type redirect drop\n", ["scope local", "type icmp redirect drop"]),
    ("a named set", nft("ip saddr @friends accept", also=" set friends { type ipv4_addr; "
                        "flags interval; elements = { 192.0.2.1, 198.51.100.0-198.51.100.2 }; }"),
     ["scope local", "rule add 192.0.2.1/32 exempt", "rule add 198.51.100.0/31 exempt",
      "rule add 198.51.100.2/32 exempt"]),
    ("a range, up to its end", nft("ip saddr 255.255.255.254-255.255.255.255 drop",
                                   "ip6 saddr 2001:db8::-2001:db8::2 drop"),
     ["scope local", "rule add 255.255.255.254/31 block", "rule add 2001:db8::/127 block",
      "rule add 2001:db8::2/128 block"]),
    ("both protocols at once", nft("ip saddr 192.0.2.1 meta l4proto { icmp, ipv6-icmp } accept",
                                   "meta l4proto { icmp, ipv6-icmp } jump pings",
                                   also=" chain pings { " + NINE + "; }"),
     ["scope local", *ACCEPT_LIMITED, "rule add 192.0.2.1/32 exempt"]),
    ("all of a protocol limited or not", nft("icmp type redirect drop", "ip protocol icmp accept")
     .replace("inet", "ip"),
     ["scope local", "type icmp redirect drop", "type icmp other accept", *(
         f"type icmp {name} accept" for name in (
             "echo-reply destination-unreachable source-quench alternate-host-address echo-request "
             "router-advertisement router-solicitation time-exceeded parameter-problem "
             "timestamp-request timestamp-reply info-request info-reply address-mask-request "
             "address-mask-reply traceroute datagram-conversion-error mobile-host-redirect "
             "ipv6-where-are-you ipv6-i-am-here mobile-registration-request "
             "mobile-registration-reply domain-name-request domain-name-reply skip photuris seamoby "
             "extended-echo-request extended-echo-reply experiment-253 experiment-254").split())]),
    ("verdict maps", nft("ct state vmap { established : accept, related : accept, invalid : drop }",
                         "iifname vmap { lo : accept, eth1 : accept }",
                         "meta l4proto vmap { tcp : drop, icmp : jump pings }",
                         also=" map m { type ipv4_addr : verdict; elements = { 192.0.2.1 : drop }; };"
                         " chain pings { ip saddr vmap @m; icmp type vmap { redirect : drop, "
                         "echo-request : accept }; }"),
     ["scope local", "interface eth1 off", "type icmp redirect drop", "type icmp echo-request accept",
      "rule add 192.0.2.1/32 block"]),
    ("a comment, a log and a counter", nft("icmp type redirect counter log prefix \"x\" drop "
                                           "comment \"because\""),
     ["scope local", "type icmp redirect drop"]),
    ("types in a range, codes in a set", nft("icmp type 9-10 drop", "icmp type destination-unreachable "
                                             "icmp code { 1, admin-prohibited } drop"),
     ["scope local", "type icmp router-advertisement drop", "type icmp router-solicitation drop",
      "type icmp destination-unreachable code 1 drop",
      "type icmp destination-unreachable code 13 drop"]),
    ("types with codes", nft("icmpv6 type . icmpv6 code { 1 . 3, packet-too-big . 0-255 } accept"),
     ["scope local", "type icmpv6 destination-unreachable code 3 accept",
      "type icmpv6 packet-too-big accept"]),
    ("what only has to do with others", nft(
        "tcp dport { 22, 80 } ct state new accept", "meta l4proto { tcp, udp } th dport 53 accept",
        "ip saddr 192.0.2.1 udp dport 161 accept", "meta l4proto igmp accept",
        "meta nfproto ipv6 ip6 nexthdr tcp drop", "tcp option maxseg size 1-500 drop"), []),
    ("a set that remembers", nft("ip saddr 192.0.2.1 add @s { ip saddr }", NINE, also=DYNAMIC),
     ["scope local", *ACCEPT_LIMITED]),
    ("all but lo", nft("iifname != \"lo\" ip saddr 127.0.0.0/8 drop", NINE),
     ["scope local", *ACCEPT_LIMITED, "rule add 127.0.0.0/8 block"]),
    ("two families, two tables", nft(NINE).replace("inet filter", "ip a") +
     nft("icmpv6 type nd-redirect drop").replace("inet filter", "ip6 b"),
     ["scope local", *ACCEPT_LIMITED, "type icmpv6 nd-redirect drop"]),
]

# A verdict for all protocols before, among and after rules for types
CONVERTED += [
    ("a chain that is jumped to by all", xtables(
        ":OWN - [0:0]", "-A INPUT -j OWN", "-A OWN -s 192.0.2.1/32 -j ACCEPT",
        "-A OWN -s 198.51.100.0/24 -j DROP", f"{ECHO} {HASHLIMIT}"),
     ["scope local", *LIMITED, "rule add 192.0.2.1/32 exempt", "rule add 198.51.100.0/24 block"]),
    ("a set of IPv6's", nft("ip6 saddr @friends accept", also=" set friends { type ipv6_addr; flags "
                            "interval; elements = { 2001:db8::/32, fd00::1-fd00::2 }; }"),
     ["scope local", "rule add 2001:db8::/32 exempt", "rule add fd00::1/128 exempt",
      "rule add fd00::2/128 exempt"]),
    ("a policy that drops", xtables(f"{ECHO} -j ACCEPT", policy="DROP"),
     ["scope local", "type icmp echo-request accept"]),
    ("a policy that drops, and no rule for ICMP", nft("tcp dport 22 accept", policy="drop"),
     ["scope local"]),
    ("a policy that drops, of one family", nft("tcp dport 22 accept", policy="drop").replace(
        "inet", "ip6"), ["scope local"]),
    ("a policy that drops what is forwarded", nft("ip saddr 192.0.2.1 accept", policy="drop",
                                                  hook="forward"), []),
    ("a firewall as many have it", nft(
        "ct state established,related accept", "ct state invalid drop", "iifname lo accept",
        "icmp type echo-request limit rate 9/second accept",
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept", "tcp dport 22 accept",
        policy="drop"),
     ["scope local", *ACCEPT_LIMITED, "type icmpv6 nd-neighbor-solicit accept",
      "type icmpv6 nd-neighbor-advert accept"]),
    ("connections, a blocked source and a rest that is dropped", xtables(
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-A INPUT -i lo -j ACCEPT",
        "-A INPUT -s 198.51.100.0/24 -j DROP", f"{ECHO} {UPTO}", "-A INPUT -p icmp -j DROP",
        "-A INPUT -j ACCEPT"),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 10/second burst 5",
      "rule add 198.51.100.0/24 block"]),
    ("all of both protocols dropped", nft(UNDER, "meta l4proto { icmp, ipv6-icmp } drop"),
     ["scope local", *ACCEPT_LIMITED]),
    ("all types of iptables' dropped", xtables(
        f"{ECHO} -j ACCEPT", "-A INPUT -p icmp -m icmp --icmp-type any -j DROP"),
     ["scope local", "type icmp echo-request accept"]),
    ("rules after a verdict for all of ICMP", xtables(
        f"{ECHO} {HASHLIMIT}", "-A INPUT -p icmp -j ACCEPT", "-A INPUT -s 192.0.2.1/32 -j DROP",
        policy="DROP"), ["scope local", *LIMITED]),
    ("a rate of a prefix, and a lower one of it", xtables(
        f"-A INPUT -s 192.0.2.0/24 -p icmp {HASHLIMIT}",
        f"{ECHO} {HASHLIMIT}".replace("10/sec", "100/sec")),
     ["scope local", "prefix ipv4 32", "type icmp echo-request limit 100/second burst 20",
      "rule add 192.0.2.0/24 limit 10/second burst 20"]),
    ("packet-too-big, if it is named", nft("icmpv6 type packet-too-big drop").replace("inet", "ip6"),
     ["scope local", "type icmpv6 packet-too-big drop"]),
]

# The treatment of types that no rule names, if it isn't "icmp accept"
RESTS = {
    "a hashlimit up to, in a chain that drops": ["icmp drop"],
    "IPv6": ["icmpv6 accept"],
    "the policy of its own table": ["icmp drop"],
    "prefixes": ["icmp limit unlimited"],
    "what isn't ICMP": [],
    "an nft meter with a mask": ["icmpv6 accept"],
    "nft's limit and policy": ["icmp drop", "icmpv6 drop"],
    "nft's lists": ["icmp accept", "icmpv6 accept"],
    "nft's prefixes": ["icmp accept", "icmpv6 accept"],
    "a chain with a verdict for the rest": ["icmp drop"],
    "a rest that is rejected": ["icmp drop"],
    "both of iptables-save and ip6tables-save": ["icmp accept", "icmpv6 accept"],
    "a file as Debian has it": ["icmp drop", "icmpv6 drop"],
    "a file as Debian installs it": [],
    "a range, up to its end": ["icmp accept", "icmpv6 accept"],
    "all of a protocol limited or not": [],
    "verdict maps": ["icmp accept", "icmpv6 accept"],
    "types with codes": ["icmpv6 accept"],
    "what only has to do with others": [],
    "two families, two tables": ["icmp accept", "icmpv6 accept"],
    "a set of IPv6's": ["icmpv6 accept"],
    "a policy that drops": ["icmp drop"],
    "a policy that drops, and no rule for ICMP": ["icmp drop", "icmpv6 drop"],
    "a policy that drops, of one family": ["icmpv6 drop"],
    "a policy that drops what is forwarded": [],
    "a firewall as many have it": ["icmp drop connections", "icmpv6 drop connections"],
    "connections, a blocked source and a rest that is dropped": ["icmp drop connections"],
    "all of both protocols dropped": ["icmp drop", "icmpv6 drop"],
    "all types of iptables' dropped": ["icmp drop"],
    "a rate of a prefix, and a lower one of it": ["icmp limit unlimited"],
    "packet-too-big, if it is named": ["icmpv6 accept"],
}


# Name, file, line, and the word that the refusal names
REFUSED = [
    ("another mode", xtables(f"{ECHO} {HASHLIMIT}".replace("srcip", "srcip,dstip")), 4,
     "--hashlimit-mode srcip,dstip"),
    ("bytes", xtables(f"{ECHO} {HASHLIMIT}".replace("10/sec", "512kb/s")), 4, "512kb/s"),
    ("an interface", xtables(f"{ECHO} -i eth0 -j DROP"), 4, "iifname"),
    ("a destination", xtables(f"{ECHO} -d 192.0.2.1/32 -j DROP"), 4, "daddr"),
    ("not", xtables("-A INPUT ! -s 192.0.2.0/24 -p icmp -j DROP"), 4, "saddr"),
    ("a reject", xtables(f"{ECHO} -j REJECT --reject-with icmp-port-unreachable"), 4, "reject"),
    ("forwarded alone", xtables(f"{ECHO} -j DROP".replace("INPUT", "FORWARD")), 4, "FORWARD"),
    ("two scopes", xtables(f"{ECHO} -j DROP") + raw("-A PREROUTING -p icmp -m icmp --icmp-type 5 "
                                                    "-j DROP"), 9, "PREROUTING"),
    ("an unknown type", xtables("-A INPUT -p icmp -m icmp --icmp-type 77 -j DROP"), 4, "77"),
    ("another table's policy", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n*mangle\n"
     f":INPUT ACCEPT [0:0]\n{ECHO} {UPTO}\nCOMMIT\n", 6, "another chain"),
    ("two rates at once", xtables(f"{ECHO} -m limit --limit 5/sec {HASHLIMIT}"), 4,
     "limit"),
    ("nothing that drops the rest", xtables(f"{ECHO} {UPTO}"), 4, "limit"),
    ("a drop of what was let pass", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} -j DROP"), 5, "drop"),
    ("an unreachable rule", xtables(f"{ECHO} -j ACCEPT", f"{ECHO} {HASHLIMIT}"), 5, "echo-request"),
    ("a second rate", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} {HASHLIMIT}"), 5,
     "limit"),
    ("two masks", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} {HASHLIMIT}".replace(
        "-j", "--hashlimit-srcmask 24 -j").replace("type 8", "type 13")), 5, "limit"),
    ("a prefix of one type", xtables("-A INPUT -s 192.0.2.0/24 -p icmp -m icmp --icmp-type 8 "
                                     "-j ACCEPT"), 4, "192.0.2.0/24"),
    ("a prefix after a type", xtables(f"{ECHO} -j DROP", "-A INPUT -s 192.0.2.0/24 -p icmp "
                                       "-j ACCEPT"), 5, "192.0.2.0/24"),
    ("above a rate accepted", xtables(f"{ECHO} {HASHLIMIT}".replace("DROP", "ACCEPT")), 4,
     "accept"),
    ("nft: two rates at once", nft("icmp type echo-request limit rate 9/second limit rate over "
                                   "9/minute drop"), 4, "limit"),
    ("nft: a destination", nft("ip daddr 192.0.2.1 icmp type echo-request drop"), 4, "daddr"),
    ("nft: an interface", nft("iifname \"eth0\" icmp type echo-request drop"), 4, "iifname"),
    ("nft: a key of two", nft("icmp type echo-request add @s { ip saddr . ip daddr limit rate over "
                              "1/second } drop", also=" set s { type ipv4_addr . ipv4_addr; "
                              "size 9; flags dynamic; }"), 4, "'.'"),
    ("nft: bytes", nft("icmp type echo-request limit rate over 10 kbytes/second drop"), 4, "kbytes"),
    ("nft: forwarded", nft("icmp type echo-request drop", hook="forward"), 4, "in"),
    ("nft: a rate before a jump", nft("icmp type echo-request limit rate 1/second jump pings",
                                      also=" chain pings { accept; }"), 4, "jump"),
    ("nft: a mask with a hole", nft("icmp type echo-request add @s { ip saddr & 255.0.255.0 limit "
                                    "rate over 1/second } drop", also=DYNAMIC), 4, "255.0.255.0"),
]

# Matches for all protocols that icmpguard doesn't have
REFUSED += [
    ("all accepted before", xtables("-A INPUT -j ACCEPT", f"{ECHO} {HASHLIMIT}"), 5, "line 4"),
    ("all accepted before, in a chain", xtables(":P - [0:0]", "-A INPUT -j P", "-A P -j ACCEPT",
                                                f"{ECHO} {HASHLIMIT}"), 7, "line 6"),
    ("two sources in a rule", xtables("-A INPUT -s 192.0.2.1,192.0.2.2 -j ACCEPT"), 4, "192.0.2.2"),
    ("a mark", xtables("-A INPUT -m mark --mark 0x1 -j ACCEPT", f"{ECHO} {HASHLIMIT}"), 4, "mark"),
    ("a match nft has no words for", xtables(
        "-A INPUT -m recent --update --seconds 60 --name X --rsource -j DROP"), 4, "--seconds 60"),
    ("a set of ipset's", xtables("-A INPUT -m set --match-set friends src -j ACCEPT"), 4, "friends"),
    ("an interface that is dropped", xtables("-A INPUT -i eth1 -j DROP"), 4, "iifname"),
    ("an interface by its beginning", xtables("-A INPUT -i eth+ -j ACCEPT"), 4, "eth*"),
    ("an interface's name with its parent's", nft("iifname \"a@b\" accept", NINE), 4, "a@b"),
    ("all interfaces but one", xtables("-A INPUT ! -i eth1 -j DROP"), 4, "iifname"),
    ("an interface after a blocked source", xtables("-A INPUT -s 192.0.2.1/32 -j DROP",
                                                    "-A INPUT -i eth1 -j ACCEPT"), 5, "eth1"),
    ("an interface of one family", "# Generated by iptables-save\n" + xtables(
        "-A INPUT -i eth1 -j ACCEPT") + "# Generated by ip6tables-save\n" + xtables(
            "-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 137 -j DROP"), 5, "eth1"),
    ("a shorter prefix before a longer one", xtables("-A INPUT -s 192.0.2.0/24 -j DROP",
                                                     "-A INPUT -s 192.0.2.1/32 -j ACCEPT"), 5,
     "192.0.2.1/32"),
    ("a type after a late source", xtables(
        f"{ECHO} {HASHLIMIT}", "-A INPUT -s 192.0.2.1/32 -j ACCEPT",
        "-A INPUT -p icmp -m icmp --icmp-type 13 -j DROP"), 6, "timestamp-request"),
    ("a late source above a rate", xtables(
        f"{ECHO} {UPTO}", "-A INPUT -s 192.0.2.1/32 -j ACCEPT", f"{ECHO} -j DROP"), 5,
     "192.0.2.1/32"),
    ("a block of what was accepted", xtables(
        f"{ECHO} -j ACCEPT", "-A INPUT -s 192.0.2.1/32 -j DROP"), 5, "192.0.2.1/32"),
    ("errors after packets of connections", xtables(
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p icmp -m icmp --icmp-type 3 -j DROP"), 5, "destination-unreachable"),
    ("a code after its type's rate", xtables(
        f"-A INPUT -p icmp -m icmp --icmp-type 3 {HASHLIMIT}",
        "-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT"), 5, "code 4"),
    ("a code after its type", xtables("-A INPUT -p icmp -m icmp --icmp-type 3 -j ACCEPT",
                                       "-A INPUT -p icmp -m icmp --icmp-type 3/4 -j DROP"), 5,
     "code 4"),
    ("a return of some", xtables(":P - [0:0]", "-A INPUT -j P", "-A P -s 192.0.2.1/32 -j RETURN",
                                 "-A P -j DROP"), 6, "return"),
    ("a rate of all protocols", xtables(f"-A INPUT -s 192.0.2.1/32 {HASHLIMIT}"), 4, "limit"),
    ("a reject of some", xtables("-A INPUT -s 192.0.2.1/32 -j REJECT "
                                 "--reject-with icmp-port-unreachable"), 4, "reject"),
    ("forwarded, and nothing that isn't", xtables("-A FORWARD -p icmp -j ACCEPT"), 4, "FORWARD"),
    ("another hashlimit's option", xtables(f"{ECHO} {HASHLIMIT}".replace(
        "-j", "--hashlimit-rate-match -j")), 4, "rate-match"),
    ("nft: an empty set", nft("ip saddr @s accept", also=DYNAMIC), 4, "@s"),
    ("nft: a set whose elements come and go", nft(
        "ip saddr @t accept", also=" set t { type ipv4_addr; flags timeout; elements = { "
        "192.0.2.1 timeout 1h }; }"), 4, "@t"),
    ("nft: a destination, in a set", nft("", "ip daddr { 192.0.2.1, 192.0.2.2 } drop"), 5, "daddr"),
    ("nft: a rule on three lines", nft("ip daddr {", "192.0.2.1, 192.0.2.2", "} drop"), 0, "daddr"),
    ("nft: the second of two that are alike", nft(
        NINE, "meta mark 7 counter", "meta mark 7 drop", "meta mark 8 drop"), 6, "mark"),
    ("nft: where a packet comes from", nft("fib saddr . iif oif missing drop", hook="prerouting"), 4,
     "fib"),
    ("nft: two chains for one", nft(NINE) + nft("icmp type redirect drop").replace("filter {", "f {"),
     10, "in"),
    ("nft: a queue or less", nft("ct count over 3 drop"), 4, "ct count"),
    ("nft: a map with a default", nft("ip saddr vmap { 192.0.2.1 : accept, * : drop }"), 4, "*"),
    ("nft: a new connection alone", nft("ct state new icmp type echo-request drop"), 4, "ct state"),
    ("nft: a match after a limit", nft("limit rate over 9/second icmp type echo-request drop"), 4,
     "limit"),
]

# Verdicts for all protocols that would be lost, or something else
REFUSED += [
    ("a policy that drops what is below a rate", xtables(f"{ECHO} {HASHLIMIT}", policy="DROP"), 0,
     "line 4"),
    ("a policy that drops, after a source", xtables(
        f"{ECHO} {UPTO}", "-A INPUT -s 192.0.2.1/32 -j ACCEPT", policy="DROP"), 5, "192.0.2.1/32"),
    ("a policy that drops, after an interface", xtables(
        f"{ECHO} -j ACCEPT", "-A INPUT -i eth1 -j ACCEPT", policy="DROP"), 0, "line 5"),
    ("a policy that drops, above a rate accepted", xtables(
        f"{ECHO} {UPTO}", f"{ECHO} -j ACCEPT", policy="DROP"), 5, "accept"),
    ("a second chain that drops", nft(NINE) + nft(policy="drop").replace("filter {", "f {"), 0, "in"),
    ("accepted in one table, dropped in another", raw("-A PREROUTING -s 192.0.2.1/32 -j ACCEPT") +
     xtables("-A INPUT -s 192.0.2.1/32 -j DROP"), 9, "INPUT"),
    ("a type's rate below a prefix's", xtables(
        f"-A INPUT -s 192.0.2.0/24 -p icmp {HASHLIMIT}",
        f"{ECHO} {HASHLIMIT}".replace("10/sec", "1/sec")), 5, "line 4"),
    ("a rate of all types", nft("meta l4proto { icmp, ipv6-icmp } limit rate 9/second accept",
                                policy="drop"), 4, "limit"),
    ("a mark after all types", nft(NINE, "meta mark 7 accept"), 5, "mark"),
]

# Files that can't be parsed: name, file, line, and message
UNREADABLE = [
    ("garbage", "garbage\n", 1, "syntax error"),
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", 1, "syntax error"),
    ("nothing", "", 0, "nothing in it"),
    ("blanks", "\n \n", 0, "nothing in it"),
    ("a comment alone", "# flush ruleset\n", 0, "no rules"),
    ("a NUL", nft(NINE) + "\0", 0, "NUL"),
    ("nft, cut off", nft(NINE)[:-8], 4, "syntax error"),
    ("nft: no such set", nft("ip saddr @absent accept"), 4, "No such file"),
    ("nft: no such chain", nft("jump nowhere"), 4, "No such file"),
    ("nft: a statement that nft doesn't know", nft(NINE, "icmp type echo-requests drop"), 5,
     "Could not parse"),
    ("iptables-save, cut off", xtables(f"{ECHO} {HASHLIMIT}")[:-8], 4, "COMMIT"),
    ("iptables-save, cut off in a rule", xtables(f"{ECHO} {HASHLIMIT}")[:-30], 4, "COMMIT"),
    ("iptables: garbage", xtables("garbage"), 4, "garbage"),
    ("iptables: no table", xtables(NINE).replace("COMMIT\n", "COMMIT\n-A INPUT -j DROP\n"), 4, NINE),
    ("iptables: an option that isn't one", xtables("-A INPUT -p icmp --icmp-colour 8 -j DROP"), 4,
     "--icmp-colour"),
    ("iptables: no such chain", xtables("-A INPUT -p icmp -j PINGS"), 4, "No such file"),
    ("iptables: a quote that isn't closed", xtables("-A INPUT -m comment --comment \"a"), 4, "whole"),
    ("JSON, cut off", "{\"nftables\": [\n{\"table\":", 2, "end of file"),
    ("JSON of something else", "{\"a\": 1}", 0, "ruleset"),
    ("JSON without a rule", "{\"nftables\": [{\"metainfo\": {}}]}", 0, "no rules"),
    ("JSON: a command", "{\"nftables\": [{\"flush\": {\"ruleset\": null}}]}", 0, "flush"),
]


def run(*words, text):
    return subprocess.run([TOOL, *words], input=text, capture_output=True, text=True, check=False)


def statements(text):
    return [line for line in text.splitlines() if not line.startswith("# ")]


def names_of(proto):
    rows = (TOP / "selftests/types.tsv").read_text(encoding="utf-8").splitlines()
    return ["other", *(row.split("\t")[2] for row in rows if row.startswith(f"{proto}\t"))]


def rest_of(rest, wanted):
    """The result of a verdict for all: "icmp accept", "icmp drop", "icmp drop connections" """
    proto, verdict = rest.removesuffix(" connections").split(maxsplit=1)
    kept = OF_CONNECTIONS[proto] if rest.endswith(" connections") else []
    kept = [*kept, "packet-too-big"] if verdict == "drop" else kept
    named = [line.split()[2] for line in wanted if line.startswith(f"type {proto} ")
             and line.split()[3] != "code"]
    return [f"type {proto} {name} {verdict}" for name in names_of(proto)
            if name not in kept and name not in named]


def converted(text, wanted, rests=()):
    done = run("import", "-", text=text)
    problems = []
    wanted = wanted + [line for rest in rests for line in rest_of(rest, wanted)]
    if done.returncode or done.stderr:
        problems.append(f"status {done.returncode}: {done.stderr}")
    said = statements(done.stdout)
    if sorted(said) != sorted(wanted):
        problems.append(f"too much: {sorted(set(said) - set(wanted))}")
        problems.append(f"missing: {sorted(set(wanted) - set(said))}")
    checked = run("check", "-", text=done.stdout)
    if checked.returncode:
        problems.append(f"check: {checked.stderr}")
    return problems


def refused(text, line, word):
    done = run("import", "-", text=text)
    problems = []
    if done.returncode != 1 or done.stdout or done.stderr.count("\n") != 1:
        problems.append(f"status {done.returncode}, {done.stdout}, {done.stderr}")
    where = f"icmpguardctl: standard input:{f'{line}:' if line else ''} "
    if not done.stderr.startswith(where.rstrip() if line else where):
        problems.append(f"not of line {line}: {done.stderr}")
    if word not in done.stderr:
        problems.append(f"not of {word}: {done.stderr}")
    return problems


def sandboxed(script, text, *words):
    """The output of a shell in a network of its own, where the rules in text are loaded"""
    return subprocess.run([*SANDBOX, "sh", "-c", "nft -f - && " + script, "sh", *map(str, words)],
                          input=text, capture_output=True, text=True, check=False)


def listed(text):
    """A file for nft, and nft's listings of it, as text and JSON, give the same result."""
    wanted = statements(run("import", "-", text=text).stdout)
    problems = []
    for how in ("nft -j list ruleset", "nft list ruleset"):
        listing = sandboxed(how, text)
        done = run("import", "-", text=listing.stdout)
        if listing.returncode or done.returncode or statements(done.stdout) != wanted:
            problems.append(f"{how}: {listing.stderr} {done.stderr} {done.stdout}")
    return problems


def without_rest(text):
    return [line for line in statements(text) if not re.fullmatch("type .* accept", line)]


def notes(text, *wanted):
    said = [line for line in run("import", "-", text=text).stdout.splitlines() if line[0] == "#"]
    return [f"{wish}: {said}" for wish in wanted if not any(wish in line for line in said)]


def json_statements():
    """Statements alone, for programs"""
    done = run("-j", "import", "-", text=nft("icmp type redirect drop comment \"a\\b\""))
    said = json.loads(done.stdout)
    wanted = ["scope local", "type icmp redirect drop"]
    wanted += rest_of("icmp accept", wanted)
    return [] if said == {"statements": wanted} else [f"{done.stdout} {done.stderr}"]


def changes_nothing():
    """import leaves the running rules unchanged."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("flush ruleset\n" + nft("icmp type redirect drop"))
        file.flush()
        done = sandboxed('nft list ruleset && echo ---- && "$1" import "$2" >/dev/null && '
                         'nft list ruleset', nft("tcp dport 22 accept"), TOOL, file.name)
    before, _, after = done.stdout.partition("----\n")
    return [] if before and before == after and "dport 22" in after and not done.returncode else [
        f"{done.stdout} {done.stderr}"]


def included():
    """Rules of an included file, and an error in it"""
    problems = []
    with tempfile.NamedTemporaryFile("w", suffix=".nft") as file:
        file.write("define WHAT = redirect\n")
        file.flush()
        text = f"include \"{file.name}\"\n" + nft("icmp type $WHAT drop")
        done = run("import", "-", text=text)
        if without_rest(done.stdout) != ["scope local", "type icmp redirect drop"]:
            problems.append(f"{done.stdout} {done.stderr}")
        file.write("garbage\n")
        file.flush()
        done = run("import", "-", text=text)
        if done.returncode != 1 or done.stdout or f"{file.name}:2:" not in done.stderr:
            problems.append(f"{done.stdout} {done.stderr}")
    return problems


def with_interface():
    """An interface given by number must exist."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(nft("iif other0 accept", "iif lo accept"))
        file.flush()
        done = sandboxed('ip link add other0 type bridge && "$1" import "$2"', "flush ruleset", TOOL,
                         file.name)
    if "Unknown device type" in done.stderr or "Operation not supported" in done.stderr:
        return []
    return [] if without_rest(done.stdout) == ["scope local", "interface other0 off"] else [
        f"{done.stdout} {done.stderr}"]


def copy(program, folder):
    """In a process of its own: while this one writes a file, no other thread may fork."""
    subprocess.run(["cp", program, folder], check=True)


def as_nobody():
    """Works without root."""
    if os.geteuid():
        return []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("icmpguardctl", "icmpguard-import"):
            copy(TOOL.with_name(name), folder)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               f"{folder}/icmpguardctl", "import", "-"], text=True, check=False,
                              capture_output=True, input=xtables(f"{ECHO} {HASHLIMIT}"))
    return [] if without_rest(done.stdout) == ["scope local", *LIMITED] or (
        "network namespace" in done.stderr and done.returncode == 1) else [f"{done.stderr}"]


def alone():
    """Without the program the tool reports what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        copy(TOOL, folder)
        done = subprocess.run([f"{folder}/icmpguardctl", "import", "-"], text=True, input="",
                              capture_output=True, check=False)
    return [] if done.returncode == 1 and "package icmpguard" in done.stderr and not done.stdout \
        else [f"{done.returncode} {done.stdout} {done.stderr}"]


def installed():
    """The program is found where 'make install' puts it."""
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/sbin")
        os.makedirs(f"{folder}/libexec/icmpguard")
        copy(TOOL, f"{folder}/sbin")
        copy(TOOL.with_name("icmpguard-import"), f"{folder}/libexec/icmpguard")
        done = subprocess.run([f"{folder}/sbin/icmpguardctl", "import", "-"], text=True,
                              input=nft("icmp type redirect drop"), capture_output=True, check=False)
    return [] if without_rest(done.stdout) == ["scope local", "type icmp redirect drop"] else [
        done.stderr]


OTHERS = [
    ("comments are kept", lambda: notes(
        xtables("-A INPUT -s 192.0.2.1/32 -m comment --comment \"our \\\"own\\\"\" -j ACCEPT"),
        'line 4: "our "own""', "chain INPUT: accepts the types of ICMP")),
    ("rules that need no statement are listed", lambda: notes(
        nft("ct state established accept", "ct state invalid drop", NINE,
            "ip saddr 192.0.2.1 accept"),
        "rule 1 of chain in: connections", "rule 2 of chain in: packets without", "rule 4 of chain in",
        "chain in: accepts the types of ICMP")),
    ("dropped packets of connections are listed", lambda: notes(
        xtables("-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
                "-A INPUT -s 192.0.2.1/32 -j DROP", policy="DROP"),
        "line 4: connections", "line 5: blocks replies and errors too, which line 4",
        "chain INPUT: drops the types of ICMP that no rule names, but not errors and replies")),
    ("messages that path MTU discovery needs are listed", lambda: notes(
        nft(policy="drop"), "but not code 4 of destination-unreachable", "but not packet-too-big")),
    ("a ruleset without ICMP is reported", lambda: notes(
        nft("tcp dport 22 accept"), "icmpguard's defaults")),
    ("an interface of the family without rules is listed", lambda: notes(
        xtables("-A INPUT -i eth1 -j ACCEPT"), "off for ICMPv6 too")),
    ("JSON", json_statements),
    ("the rules in force stay as they are", changes_nothing),
    ("a file that is included", included),
    ("an interface that has to be there", with_interface),
    ("another user than root", as_nobody),
    ("without the program", alone),
    ("installed", installed),
]


def main():
    print("KTAP version 1")
    if not TOOL.with_name("icmpguard-import").exists():
        print("1..0 # SKIP icmpguard-import isn't built")
        return 4
    can = sandboxed("iptables-restore-translate -V", "add table ip t\n")
    if can.returncode:
        print(f"1..0 # SKIP no network namespace with nf_tables, or no iptables: {can.stderr.strip()}")
        return 4
    cases = [(what, converted, text, wanted, RESTS.get(what, ["icmp accept"]))
             for what, text, wanted in CONVERTED]
    cases += [(f"listed: {what}", listed, text) for what, text, _ in CONVERTED
              if not re.search(r"^\*", text, re.MULTILINE)]
    cases += [(f"refused: {what}", refused, text, line, word) for what, text, line, word in REFUSED]
    cases += [(f"unreadable: {what}", refused, text, line, word)
              for what, text, line, word in UNREADABLE]
    cases += OTHERS
    # Creating namespaces is mostly waiting.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = [pool.submit(*case[1:]) for case in cases]
        cases = [(case[0], result.result()) for case, result in zip(cases, results)]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (what, problems) in enumerate(cases, 1):
        for problem in problems:
            print(f"# {problem.strip()}")
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
