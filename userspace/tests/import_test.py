#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What iptables' and nft's rules become, or why they don't. KTAP.

Whatever comes out, `check` has to take it.
"""
import pathlib
import subprocess
import sys

TOOL = pathlib.Path(__file__).resolve().parent.parent / "icmpguardctl"

HASHLIMIT = ("-m hashlimit --hashlimit-above 10/sec --hashlimit-burst 20 --hashlimit-mode srcip "
             "--hashlimit-name ping -j DROP")
UPTO = "-m hashlimit --hashlimit-upto 10/sec --hashlimit-mode srcip --hashlimit-name p -j ACCEPT"
ECHO = "-A INPUT -p icmp -m icmp --icmp-type 8"


def xtables(*rules, policy="ACCEPT"):
    return "\n".join(["*filter", f":INPUT {policy} [0:0]", ":FORWARD ACCEPT [0:0]", *rules,
                      "COMMIT", ""])


def nft(*rules, hook="input", policy="accept"):
    return "\n".join(["table inet filter {", "\tchain in {",
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
    ("PREROUTING", xtables(f"{ECHO} {HASHLIMIT}").replace("-A INPUT", "-A PREROUTING"),
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
                       "burst 20 packets } counter packets 7 bytes 588 drop"),
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

# What it is, the file, the line, and the word that it can't be said for
REFUSED = [
    ("another mode", xtables(f"{ECHO} {HASHLIMIT}".replace("srcip", "srcip,dstip")), 4,
     "srcip,dstip"),
    ("octets", xtables(f"{ECHO} {HASHLIMIT}".replace("10/sec", "512kb/s")), 4, "512kb/s"),
    ("an interface", xtables(f"{ECHO} -i eth0 -j DROP"), 4, "-i"),
    ("a destination", xtables(f"{ECHO} -d 192.0.2.1/32 -j DROP"), 4, "-d"),
    ("not", xtables("-A INPUT ! -s 192.0.2.0/24 -p icmp -j DROP"), 4, "!"),
    ("a reject", xtables(f"{ECHO} -j REJECT --reject-with icmp-port-unreachable"), 4, "REJECT"),
    ("another chain", xtables(f"{ECHO} -j PINGS"), 4, "PINGS"),
    ("forwarded alone", xtables(f"{ECHO} -j DROP".replace("INPUT", "FORWARD")), 4, "FORWARD"),
    ("two scopes", xtables(f"{ECHO} -j DROP", "-A PREROUTING -p icmp -m icmp --icmp-type 5 -j DROP"),
     5, "PREROUTING"),
    ("all types", xtables("-A INPUT -p icmp -j DROP"), 4, "DROP"),
    ("an unknown type", xtables("-A INPUT -p icmp -m icmp --icmp-type 77 -j DROP"), 4, "77"),
    ("any", xtables("-A INPUT -p icmp -m icmp --icmp-type any -j DROP"), 4, "any"),
    ("another table's policy", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n*mangle\n"
     f":INPUT ACCEPT [0:0]\n{ECHO} {UPTO}\nCOMMIT\n", 6, "--hashlimit-upto"),
    ("two rates at once", xtables(f"{ECHO} -m limit --limit 5/sec {HASHLIMIT}"), 4,
     "--hashlimit-above"),
    ("nothing that drops the rest", xtables(f"{ECHO} {UPTO}"), 4, "--hashlimit-upto"),
    ("a drop of what was let pass", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} -j DROP"), 5, "DROP"),
    ("a rule nobody reaches", xtables(f"{ECHO} -j ACCEPT", f"{ECHO} {HASHLIMIT}"), 5, "8"),
    ("a second rate", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} {HASHLIMIT}"), 5,
     "--hashlimit-above"),
    ("two masks", xtables(f"{ECHO} {HASHLIMIT}", f"{ECHO} {HASHLIMIT}".replace(
        "-j", "--hashlimit-srcmask 24 -j").replace("type 8", "type 13")), 5, "--hashlimit-above"),
    ("a prefix of one type", xtables("-A INPUT -s 192.0.2.0/24 -p icmp -m icmp --icmp-type 8 "
                                     "-j ACCEPT"), 4, "192.0.2.0/24"),
    ("a prefix behind a type", xtables(f"{ECHO} -j DROP", "-A INPUT -s 192.0.2.0/24 -p icmp "
                                       "-j ACCEPT"), 5, "192.0.2.0/24"),
    ("above a rate accepted", xtables(f"{ECHO} {HASHLIMIT}".replace("DROP", "ACCEPT")), 4,
     "ACCEPT"),
    ("nft: two rates at once", nft("icmp type echo-request limit rate 9/second limit rate over "
                                   "9/minute drop"), 4, "limit"),
    ("nft: a destination", nft("ip daddr 192.0.2.1 icmp type echo-request drop"), 4, "daddr"),
    ("nft: a set of prefixes", nft("ip saddr @friends ip protocol icmp accept"), 4, "@friends"),
    ("nft: an interface", nft("iifname \"eth0\" icmp type echo-request drop"), 4, "iifname"),
    ("nft: a key of two", nft("icmp type echo-request add @s { ip saddr . ip daddr limit rate over "
                              "1/second } drop"), 4, "."),
    ("nft: octets", nft("icmp type echo-request limit rate over 10 kbytes/second drop"), 4, "10"),
    ("nft: forwarded", nft("icmp type echo-request drop", hook="forward"), 4, "in"),
    ("nft: a jump", nft("icmp type echo-request jump pings"), 4, "jump"),
    ("nft: a mask with a hole", nft("icmp type echo-request add @s { ip saddr & 255.0.255.0 limit "
                                    "rate over 1/second } drop"), 4, "255.0.255.0"),
]


def run(*words, text):
    return subprocess.run([TOOL, *words], input=text, capture_output=True, text=True, check=False)


def converted(text, wanted):
    done = run("import", "-", text=text)
    problems = []
    if done.returncode or done.stderr:
        problems.append(f"status {done.returncode}: {done.stderr}")
    if done.stdout.splitlines() != wanted:
        problems.append(f"{done.stdout.splitlines()}")
    checked = run("check", "-", text=done.stdout)
    if checked.returncode:
        problems.append(f"check: {checked.stderr}")
    return problems


def refused(text, line, word):
    done = run("import", "-", text=text)
    problems = []
    if done.returncode != 1 or done.stdout or done.stderr.count("\n") != 1:
        problems.append(f"status {done.returncode}, {done.stdout}, {done.stderr}")
    if not done.stderr.startswith(f"icmpguardctl: standard input:{line}:"):
        problems.append(f"not of line {line}: {done.stderr}")
    if f"'{word}'" not in done.stderr:
        problems.append(f"not of '{word}': {done.stderr}")
    return problems


def main():
    print("KTAP version 1")
    if not TOOL.exists():
        print("1..0 # SKIP icmpguardctl isn't built")
        return 4
    cases = [(what, converted(text, wanted)) for what, text, wanted in CONVERTED]
    cases += [(f"refused: {what}", refused(text, line, word))
              for what, text, line, word in REFUSED]
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
