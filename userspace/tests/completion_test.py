#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""bash's completions after the words of an icmpguardctl command. KTAP."""
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOOL = HERE.parent / "icmpguardctl"
SCRIPT = HERE.parent / "completion/icmpguardctl.bash"

# The line, words that have to be offered, words that must not be
CASES = [
    ("", "show stats type rule apply -n", "types accept"),
    ("st", "stats", "show sources"),
    ("-j ", "show stats", "accept"),
    ("-n x ", "show stats", "accept"),
    ("-n x st", "stats", "show"),
    ("show ", "", "show stats"),
    ("stats ", "--reset", "--top"),
    ("sources ", "--top", "--reset"),
    ("sources --top ", "", "--top"),
    ("monitor ", "--journal", "--http"),
    ("metrics ", "--openmetrics --textfile --http", "--top"),
    ("flush ", "sources rules stats all", "config"),
    ("help ", "types checks show type", "accept"),
    ("set ", "mode max-echo-size prefix table-size scope interface check", "enforce"),
    ("set mode ", "enforce monitor off", "mode on"),
    ("set mode off ", "", "enforce"),
    ("set prefix ", "ipv4 ipv6", "icmp"),
    ("set scope l", "local", "all"),
    ("set interface ", "lo", "on"),
    ("set interface lo ", "on monitor off", "lo"),
    ("set interface lo on ", "", "on off"),
    ("set check quoted-s", "quoted-source", "quoted-error"),
    ("set check mtu-zero ", "drop count off", "on mtu-zero"),
    ("set check mtu-zero off ", "", "drop count off"),
    ("type ", "icmp icmpv6 echo-request redirect nd-redirect other fragment", "accept"),
    ("type icmp ", "echo-request redirect", "nd-redirect icmpv6"),
    ("type icmpv6 nd-", "nd-redirect nd-neighbor-solicit", "echo-request redirect"),
    ("-n x type icmp r", "redirect router-advertisement", "echo-request"),
    ("type echo-request ", "accept drop limit monitor code", "default exempt"),
    ("type echo-request drop ", "monitor", "limit"),
    ("type echo-request limit ", "10/second unlimited", "burst"),
    ("type echo-request limit 5/second ", "burst total block monitor", "accept"),
    ("type echo-request limit 5/second burst ", "", "total"),
    ("type echo-request limit 5/second burst 9 ", "total block monitor", "limit"),
    ("type echo-request limit 5/second total 9/hour ", "burst block monitor", "total"),
    ("type echo-request limit 5/second block ", "60s", "burst"),
    ("type echo-request limit 5/second block 9s ", "monitor", "burst total"),
    ("type icmp destination-unreachable code ", "", "accept"),
    ("type icmp destination-unreachable code 4 ", "accept default", "code"),
    ("rule ", "add del list load", "exempt"),
    ("rule load /etc/pass", "/etc/passwd", "exempt"),
    ("import /etc/pass", "/etc/passwd", "show"),
    ("top ", "--count", "--top"),
    ("mon", "monitor", "show"),
    ("rule add ", "", "exempt"),
    ("rule add 10.0.0.0/8 ", "exempt block limit source-length", "comment"),
    ("rule add 10.0.0.0/8 source-length ", "32 128", "interface"),
    ("rule add 10.0.0.0/8 source-length 32 ", "interface comment", "source-length"),
    ("rule add 10.0.0.0/8 block ", "interface comment", "burst"),
    ("rule add 10.0.0.0/8 limit 5/second ", "burst interface comment source-length", "total"),
    ("rule add 10.0.0.0/8 limit 5/second burst 9 ", "interface comment source-length", "burst"),
    ("rule add 10.0.0.0/8 limit 5/second source-length 32 ", "interface comment", "burst source-length"),
    ("rule add 10.0.0.0/8 block interface ", "lo", "comment"),
    ("rule add 10.0.0.0/8 block interface lo ", "comment", "interface burst"),
    ("rule del 10.0.0.0/8 ", "interface", "comment"),
    ("rule del 10.0.0.0/8 interface lo ", "", "interface comment"),
    ("rule add 10.0.0.0/8 block comment ", "", "comment"),
    ("rule list ", "", "exempt"),
    ("rule show ", "", "exempt"),
    ("rule delete 10.0.0.0/8 ", "interface", "exempt block limit comment"),
    ("xdp ", "attach detach sync show", "mode"),
    ("xdp attach ", "lo", "mode all"),
    ("xdp attach lo ", "mode", "native"),
    ("xdp attach lo mode ", "native generic auto", "mode"),
    ("xdp detach ", "lo all", "mode"),
    ("xdp sync /etc/pass", "/etc/passwd", "show"),
    ("apply /etc/pass", "/etc/passwd", "show"),
    ("nonsense ", "", "show accept"),
]


def offered(line):
    """Ask as bash does: the words, the place, and the three arguments."""
    words = [str(TOOL)] + line.split(" ")
    script = f"""
        source {shlex.quote(str(SCRIPT))}
        COMP_WORDS=({shlex.join(words)})
        COMP_CWORD={len(words) - 1}
        COMPREPLY=()
        _icmpguardctl {shlex.join([words[0], words[-1], words[-2]])}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    run = subprocess.run(["bash", "-u", "-c", script], capture_output=True, text=True, check=False)
    return set(run.stdout.split()), run.stderr


def without(page):
    """Commands that help, or the manual page, lacks"""
    defined = [name for path in HERE.parent.glob("cmd_*.c")
               for name in re.findall(r"^const struct command command_(\w+) =", path.read_text(), re.M)]
    listed = offered("")[0]
    return [name for name in defined
            if name not in listed or not re.search(rf"^\.(?:It |It Xo\n\.)?Cm {name}\b", page, re.M)]


def main():
    print("KTAP version 1")
    if not TOOL.exists():
        print("1..0 # SKIP icmpguardctl isn't built")
        return 4
    print(f"1..{len(CASES) + 1}")
    failed = 0
    for number, (line, wanted, unwanted) in enumerate(CASES, 1):
        words, complaint = offered(line)
        missing = set(wanted.split()) - words
        extra = set(unwanted.split()) & words
        bad = missing or extra or complaint
        if bad:
            print(f"# missing: {missing}, out of place: {extra}, {complaint.strip()}")
        failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {number} icmpguardctl {line}<TAB>")
    lacking = without((HERE.parent / "man/icmpguardctl.8").read_text(encoding="utf-8"))
    if lacking:
        print(f"# lacking: {lacking}")
    print(f"{'not ok' if lacking else 'ok'} {len(CASES) + 1} help and the manual page have every command")
    return 1 if failed or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
