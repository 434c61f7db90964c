#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which sources FlowSpec announces and for how long; what a restart leaves. KTAP."""
import importlib.machinery
import importlib.util
import io
import ipaddress
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE.parent / "flowspec/icmpguard-flowspec"

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("flowspec", str(PROGRAM))
flowspec = importlib.util.module_from_spec(importlib.util.spec_from_loader("flowspec", loader))
loader.exec_module(flowspec)
flowspec.log = lambda text: LOG.append(text)
LOG = []

BAD, OTHER, V6 = "198.51.100.66/32", "198.51.100.7/32", "2001:db8:66::/64"


class World:
    """A planner, sources that drop at some rate, and a clock."""

    def __init__(self, *words):
        LOG.clear()
        self.options = flowspec.parse(["--after", "10", "--hold", "60", "--max-hold", "200",
                                       "--interval", "1", "--max-per-minute", "60", *words])
        self.planner = flowspec.Planner(self.options)
        self.rates, self.drops, self.last = {}, {}, {}
        self.now, self.announced, self.log = 1000.0, set(), []

    def run(self, seconds):
        for _ in range(seconds):
            self.now += 1
            for prefix, rate in self.rates.items():
                self.drops[prefix] = self.drops.get(prefix, 0) + rate
                if rate:
                    self.last[prefix] = self.now
            seen = [(ipaddress.ip_network(prefix), self.drops[prefix], self.now - self.last[prefix])
                    for prefix in sorted(self.last, key=lambda p: -self.drops[p])
                    if self.now - self.last[prefix] <= 60]
            self.planner.observe(seen, self.now)
            for prefix in self.planner.withdrawals(self.now):
                self.announced.discard(str(prefix))
                self.log.append(("withdraw", str(prefix), self.now))
            for prefix in self.planner.announcements(self.now):
                self.announced.add(str(prefix))
                self.log.append(("announce", str(prefix), self.now))
        return self.announced

    def first(self, prefix):
        return [when for what, whom, when in self.log if (what, whom) == ("announce", prefix)][0]


def check(problems, what, got, expected):
    if got != expected:
        problems.append(f"{what}: expected {expected!r}, got {got!r}")


def after_some_time(problems):
    world = World()
    world.rates = {BAD: 500, V6: 500}
    check(problems, "at once", world.run(9), set())
    check(problems, "later", world.run(4), {BAD, V6})


def not_when_slow(problems):
    world = World("--min-rate", "100")
    world.rates = {BAD: 99, OTHER: 100}
    check(problems, "rules", world.run(30), {OTHER})


def not_when_short(problems):
    world = World()
    for _ in range(10):
        world.rates = {BAD: 1000}
        world.run(6)
        world.rates = {BAD: 0}
        world.run(6)
    check(problems, "rules", world.announced, set())


def withdrawn_when_calm(problems):
    world = World()
    world.rates = {BAD: 500}
    world.run(30)
    world.rates = {BAD: 0}
    check(problems, "at once", world.run(55), {BAD})
    check(problems, "later", world.run(6), set())


def held_while_it_goes_on(problems):
    world = World()
    world.rates = {BAD: 500}
    check(problems, "after an hour", world.run(3600), {BAD})
    check(problems, "withdrawals", [e for e in world.log if e[0] == "withdraw"], [])


def refreshed(problems):
    world = World("--refresh", "20")
    world.rates = {BAD: 500}
    world.run(112)
    check(problems, "announcements", len(world.log), 6)


def longer_each_time(problems):
    # The provider drops it all: no drops are seen until the rule is withdrawn.
    world = World()
    lengths = []
    for _ in range(4):
        world.rates = {BAD: 500}
        while not world.announced:
            world.run(1)
        begin, world.rates = world.now, {BAD: 0}
        while world.announced:
            world.run(1)
        lengths.append(round(world.now - begin))
    check(problems, "lengths", lengths, [60, 120, 200, 200])


def capped(problems):
    world = World("--max-rules", "3", "--aggregate", "0")
    world.rates = {f"10.0.{i}.1/32": 1000 - i for i in range(8)}
    check(problems, "rules", world.run(40), {"10.0.0.1/32", "10.0.1.1/32", "10.0.2.1/32"})
    check(problems, "remarks", len(LOG), 5)
    world.rates["10.0.0.1/32"] = 0
    world.run(70)
    check(problems, "when one ended", world.announced, {"10.0.1.1/32", "10.0.2.1/32", "10.0.3.1/32"})


def slowed(problems):
    world = World("--max-per-minute", "6", "--aggregate", "0")
    world.rates = {f"10.0.{i}.1/32": 1000 for i in range(20)}
    check(problems, "at first", len(world.run(12)), 6)
    check(problems, "half a minute later", len(world.run(30)), 9)
    check(problems, "in the end", len(world.run(150)), 20)


def allowed(problems):
    world = World("--allow", "198.51.100.64/26", "--allow", "2001:db8::/32")
    world.rates = {BAD: 5000, OTHER: 500, V6: 500}
    check(problems, "rules", world.run(60), {OTHER})


def never(problems):
    world = World("--shortest6", "64")
    world.rates = {"fe80::1/128": 500, "127.0.0.1/32": 500, "224.0.0.1/32": 500, "::/128": 500,
                   "0.0.0.0/0": 500, "10.0.0.0/16": 500, "2001:db8::/56": 500}
    check(problems, "rules", world.run(60), set())


def put_together(problems):
    world = World("--aggregate", "4", "--max-rules", "5")
    world.rates = {f"203.0.113.{i}/32": 500 for i in range(3)} | {OTHER: 500}
    check(problems, "three", world.run(20), {OTHER, "203.0.113.0/32", "203.0.113.1/32",
                                             "203.0.113.2/32"})
    world.rates |= {f"203.0.113.{i}/32": 500 for i in range(3, 200)}
    check(problems, "many", world.run(20), {OTHER, "203.0.113.0/24"})
    order = [entry[:2] for entry in world.log[4:]]
    check(problems, "the first of what came then", order[0], ("announce", "203.0.113.0/24"))


def not_together_when_allowed(problems):
    world = World("--aggregate", "4", "--allow", "203.0.113.250")
    world.rates = {f"203.0.113.{i}/32": 500 for i in range(5)}
    check(problems, "rules", world.run(20), {f"203.0.113.{i}/32" for i in range(5)})


def counters_restart(problems):
    world = World()
    world.rates = {BAD: 500}
    world.run(5)
    world.drops[BAD] = 0
    check(problems, "rules", world.run(7), {BAD})


def commands(problems):
    with tempfile.TemporaryDirectory() as directory:
        state = pathlib.Path(directory) / "run/state"
        options = flowspec.parse(["--state", str(state), "--destination", "192.0.2.0/24",
                                  "--destination", "192.0.3.0/24", "--destination", "2001:db8::/32"])
        out = io.StringIO()
        exabgp = flowspec.Exabgp(options, out)
        exabgp.announce(ipaddress.ip_network(BAD))
        exabgp.announce(ipaddress.ip_network(V6))
        check(problems, "commands", out.getvalue().splitlines(), [
            f"announce flow route {{ match {{ source {BAD}; destination 192.0.2.0/24; "
            "protocol icmp; } then { discard; } }",
            f"announce flow route {{ match {{ source {BAD}; destination 192.0.3.0/24; "
            "protocol icmp; } then { discard; } }",
            f"announce flow route {{ match {{ source {V6}; destination 2001:db8::/32; "
            "next-header =58; } then { discard; } }"])
        check(problems, "state", state.read_text().split(), [BAD, V6])
        check(problems, "files", os.listdir(state.parent), ["state"])
        # A successor withdraws it all.
        out = io.StringIO()
        flowspec.Exabgp(options, out).begin()
        check(problems, "withdrawals", [line.split()[0] for line in out.getvalue().splitlines()],
              ["withdraw"] * 3)
        check(problems, "state then", state.read_text(), "")
        options = flowspec.parse(["--state", str(state), "--rate-limit", "9600"])
        out = io.StringIO()
        flowspec.Exabgp(options, out).announce(ipaddress.ip_network(BAD))
        check(problems, "a rate", out.getvalue(), f"announce flow route {{ match {{ source {BAD}; "
              "protocol icmp; } then { rate-limit 9600; } }\n")


FAKE = """#!/usr/bin/python3
import json, pathlib, sys, time
here = pathlib.Path(__file__).parent
if sys.argv[-1] == "monitor":
    print("{}", flush=True)
    time.sleep(1000)
if (here / "broken").exists():
    with (here / "asked").open("a") as asked:
        asked.write("1")
    sys.exit("icmpguard isn't loaded")
count = here / "count"
n = (int(count.read_text()) if count.exists() else 0) + 1000
count.write_text(str(n))
calm = (here / "calm").exists()
print(json.dumps({"sources": [] if calm else [{"address": "198.51.100.66", "prefix-len": 32,
      "proto": "icmp", "name": "echo-request", "drops": n, "monitored": 0, "last-drop-age-ms": 0}]}))
"""


class Program:
    """The program itself, with a tool that pretends."""

    def __init__(self, directory, *words):
        self.directory = pathlib.Path(directory)
        tool = self.directory / "tool"
        tool.write_text(FAKE)
        tool.chmod(0o755)
        self.out = open(self.directory / "out", "a+")
        self.run = subprocess.Popen(
            [PROGRAM, "--tool", tool, "--state", self.directory / "state", "--after", "0.2",
             "--hold", "0.5", "--max-hold", "0.5", "--interval", "0.1", "--min-rate", "1", *words],
            stdin=subprocess.PIPE, stdout=self.out,
            stderr=open(self.directory / "error", "a"))

    def lines(self):
        return (self.directory / "out").read_text().splitlines()

    def until(self, *verbs):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if [line.split()[0] for line in self.lines()] == list(verbs):
                return True
            time.sleep(0.02)
        return False


def program(problems, end, verbs, words=()):
    """Run it until it has announced; end it somehow; what has it written then?"""
    with tempfile.TemporaryDirectory() as directory:
        it = Program(directory, "--refresh", "1000", *words)
        if not it.until("announce"):
            problems.append(f"no announcement: {(it.directory / 'error').read_text()}")
        end(it)
        if not it.until(*verbs):
            problems.append(f"in the end: {it.lines()}")
        it.run.kill()
        it.run.wait()


def wait_until(what):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if what():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.02)


def wait_for(it):
    try:
        it.status = it.run.wait(10)
    except subprocess.TimeoutExpired:
        it.status = None


def ended_by_signal(problems):
    def end(it):
        it.run.send_signal(signal.SIGTERM)
        wait_for(it)
        check(problems, "status", it.status, 0)
        check(problems, "state", (it.directory / "state").read_text(), "")
    program(problems, end, ["announce", "withdraw"])


def ended_by_exabgp(problems):
    def end(it):
        it.run.stdin.close()
        wait_for(it)
        check(problems, "status", it.status, 0)
    program(problems, end, ["announce", "withdraw"])


def killed(problems):
    def end(it):
        it.run.kill()
        it.run.wait()
        check(problems, "state", (it.directory / "state").read_text().split(), [BAD])
        (it.directory / "calm").touch()
        it.run = Program(it.directory).run
    program(problems, end, ["announce", "withdraw"])


def calmed(problems):
    program(problems, lambda it: (it.directory / "calm").touch(), ["announce", "withdraw"])


def module_gone(problems):
    def end(it):
        (it.directory / "broken").touch()
        it.until("announce", "withdraw")
        (it.directory / "broken").unlink()
    program(problems, end, ["announce", "withdraw", "announce"])


def module_replaced(problems):
    """The service is restarted, twice: its counters restart at zero, and the rule stays."""
    def end(it):
        for _ in range(2):
            (it.directory / "broken").touch()
            wait_until(lambda: len((it.directory / "asked").read_text()) >= 3)
            (it.directory / "broken").unlink()
            (it.directory / "asked").write_text("")
            (it.directory / "count").write_text("0")
            wait_until(lambda: int((it.directory / "count").read_text() or 0) >= 8000)
        error = (it.directory / "error").read_text()
        check(problems, "times it is said", error.count("isn't loaded"), 2)
    program(problems, end, ["announce"], ["--hold", "100"])


def without_events(problems):
    program(problems, lambda it: (it.directory / "calm").touch(), ["announce", "withdraw"],
            ["--no-events"])


def dry(problems):
    with tempfile.TemporaryDirectory() as directory:
        it = Program(directory, "--dry-run")
        end = time.monotonic() + 20
        while "would announce" not in (it.directory / "error").read_text() and \
                time.monotonic() < end:
            time.sleep(0.02)
        it.run.terminate()
        wait_for(it)
        error = (it.directory / "error").read_text()
        check(problems, "said", ["would announce" in error, "would withdraw" in error], [True, True])
        check(problems, "written", it.lines(), [])
        check(problems, "state", (it.directory / "state").exists(), False)


TESTS = [
    (after_some_time, "a source is announced after it was limited for some time"),
    (not_when_slow, "a source that exceeds its limit by little is not"),
    (not_when_short, "a source that floods for moments is not"),
    (withdrawn_when_calm, "a rule is withdrawn when its source was calm for some time"),
    (held_while_it_goes_on, "a rule is kept while its source goes on"),
    (refreshed, "a rule is announced again now and then"),
    (longer_each_time, "a source that comes back is announced for longer, up to an end"),
    (capped, "no more rules than allowed, the heaviest first"),
    (slowed, "no more new rules a minute than allowed"),
    (allowed, "what is allowed is never announced"),
    (never, "reserved addresses and short prefixes are never announced"),
    (put_together, "many sources of one prefix are one rule"),
    (not_together_when_allowed, "not when something in it is allowed"),
    (counters_restart, "counters that restart at zero change nothing"),
    (commands, "what is written to ExaBGP, and what a successor withdraws"),
    (ended_by_signal, "ended by a signal it withdraws its rules"),
    (ended_by_exabgp, "ended by ExaBGP it withdraws its rules"),
    (killed, "killed, its successor withdraws them"),
    (calmed, "it withdraws a rule when the source is calm"),
    (module_gone, "without the module no source is announced, and with it again"),
    (module_replaced, "reloading the module withdraws no rule, and is reported each time"),
    (without_events, "it does without events"),
    (dry, "a dry run says what it would do, and does nothing"),
]


def main():
    print(f"KTAP version 1\n1..{len(TESTS)}")
    failed = 0
    for number, (test, what) in enumerate(TESTS, 1):
        problems = []
        test(problems)
        for problem in problems:
            print(f"# {problem}")
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} {what}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
