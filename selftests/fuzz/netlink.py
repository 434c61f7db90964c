#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Netlink messages for the module, made from its YAML contract and mutated. KTAP.

usage: netlink.py SEED MESSAGES TOOL

A message is right, or was before a few changes: lengths, types, nesting, values
at the edge, repetition, truncation. What is refused changes nothing; whatever
is in force can be shown, is accepted again, and is then the same. Runs as root,
in a network namespace of its own; its caller checks the kernel's log.
"""
import ctypes
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys

import yaml

from contract import Contract

TOP = pathlib.Path(__file__).resolve().parents[2]
SPEC = TOP / "Documentation/netlink/specs/icmpguard.yaml"
BATCH = 400
CLONE_NEWNET = 0x40000000
NETLINK_GENERIC, SOL_NETLINK = 16, 270
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
ACK_TLVS, CAPPED = 0x200, 0x100


class Answer:
    """A reply: an error number, 0 for none; its text; messages, unparsed."""

    def __init__(self):
        self.error, self.text, self.messages = None, "", []


def attributes(data):
    """Yield (type, payload) of each attribute."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("<HH", data)
        if length < 4 or length > len(data):
            return
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


class Connection:
    """A generic netlink socket, and the module's family."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        for option in (11, 12):     # extended acknowledgements, strict checking
            self.socket.setsockopt(SOL_NETLINK, option, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 20, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, 32, 8 << 20)   # SO_SNDBUFFORCE
        self.sequence = 0
        name = b"icmpguard\0"
        answer = self.ask(self.header(16, 3, 0) + struct.pack("<HH", 4 + len(name), 2) + name +
                          bytes(-len(name) % 4))
        self.family = next(struct.unpack("<H", payload)[0] for message in answer.messages
                           for kind, payload in attributes(message[20:]) if kind == 1)

    def header(self, family, command, flags):
        """A message without attributes; ask() fills in its length."""
        self.sequence += 1
        return struct.pack("<IHHII", 0, family, REQUEST | ACK | flags, self.sequence, 0) + \
            struct.pack("<BBH", command, 1, 0)

    def ask(self, data, length=None):
        """Send a message, read to the end of the answer."""
        data = struct.pack("<I", len(data) if length is None else length) + data[4:]
        self.socket.send(data)
        answer = Answer()
        while answer.error is None:
            room = self.socket.recv(1 << 17)
            while len(room) >= 16:
                length, kind, flags = struct.unpack_from("<IHH", room)
                self.take(answer, room[:length], kind, flags)
                room = room[(length + 3) & ~3:]
        return answer

    @staticmethod
    def take(answer, message, kind, flags):
        """Read one message."""
        if kind == NLMSG_DONE:
            answer.error = min(0, struct.unpack_from("<i", message, 16)[0])
        elif kind == NLMSG_ERROR:
            answer.error = struct.unpack_from("<i", message, 16)[0]
            at = 36 if flags & CAPPED else 20 + struct.unpack_from("<I", message, 20)[0]
            if flags & ACK_TLVS:
                for number, payload in attributes(message[(at + 3) & ~3:]):
                    if number == 1:
                        answer.text = payload.rstrip(b"\0").decode()
        else:
            answer.messages.append(message)


class Test:
    """The messages, and the checks between them."""

    def __init__(self, seed, tool):
        self.random = random.Random(seed)
        self.tool = tool
        self.contract = Contract(yaml.safe_load(SPEC.read_text(encoding="utf-8")), self.random)
        self.netns = f"ig-fuzz-{os.getpid()}"
        self.accepted = self.refused = self.unanswered = 0
        self.silent, self.problems, self.configurations = {}, [], set()
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        self.connection = Connection()

    def run_tool(self, *words, text=None):
        """The tool's (exit status, output)."""
        done = subprocess.run([self.tool, *words], input=text, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def generation(self):
        """How often the configuration was changed; it also shows that the module answers."""
        ask = self.connection
        answer = ask.ask(ask.header(ask.family, self.contract.command("config-get"), 0))
        number = self.contract.number("config", "generation")
        for message in answer.messages:
            for kind, payload in attributes(message[20:]):
                if kind == number:
                    return struct.unpack("<I", payload)[0]
        return None

    def one(self):
        """Send one message."""
        name, dump, body = self.contract.message()
        command, flags, length = self.contract.command(name), DUMP if dump else 0, None
        change = self.random.random()
        if change < 0.02:
            command = self.random.randrange(256)
        elif change < 0.04:
            flags ^= 1 << self.random.randrange(8, 12)
        elif change < 0.06 and body:
            body = body[:self.random.randrange(len(body))]
        elif change < 0.10 and body:
            body = bytearray(body)
            for _ in range(self.random.randint(1, 4)):
                body[self.random.randrange(len(body))] = self.random.randrange(256)
            body = bytes(body)
        before = self.generation()
        answer = self.connection.ask(self.connection.header(self.connection.family, command,
                                                            flags) + body, length)
        after = self.generation()
        if after is None:
            self.problems.append(f"no answer after {name} {body.hex()[:400]}")
        elif answer.error and after != before:
            self.problems.append(f"refused ({answer.error} {answer.text}), but changed: {name} "
                                 f"{body.hex()[:400]}")
        self.accepted += not answer.error
        self.refused += bool(answer.error)
        if answer.error and not answer.text:
            self.silent[answer.error] = self.silent.get(answer.error, 0) + 1

    def forsake(self):
        """Begin a dump, and go before it is over."""
        other = Connection()
        name = self.random.choice(["type-get", "rule-get", "source-get"])
        header = other.header(other.family, self.contract.command(name), DUMP)
        other.socket.send(struct.pack("<I", len(header)) + header[4:])
        if self.random.random() < 0.5:
            other.socket.recv(4096)
        other.socket.close()

    def look(self):
        """The running configuration is valid, and can be applied elsewhere."""
        text = pathlib.Path("/proc/self/net/icmpguard/config").read_text(encoding="utf-8",
                                                                          errors="replace")
        self.configurations.add(text)
        shown = self.run_tool("show")
        if shown != (0, text):
            self.problems.append(f"/proc shows\n{text}\nand the tool\n{shown[1]}")
        checked = self.run_tool("check", "-", text=text)
        if checked[0]:
            self.problems.append(f"the tool wouldn't take\n{text}\n{checked[1]}")
        applied = self.run_tool("-n", self.netns, "apply", "-", text=text)
        again = self.run_tool("-n", self.netns, "show")
        if applied[0] or again != (0, text):
            self.problems.append(f"elsewhere\n{text}\nbecame\n{applied[1]}{again[1]}")

    def run(self, messages):
        """All of it."""
        subprocess.run(["ip", "netns", "add", self.netns], check=True)
        try:
            while self.accepted + self.refused < messages and not self.problems:
                for _ in range(BATCH):
                    self.one()
                self.forsake()
                self.look()
                if self.random.random() < 0.3:
                    self.run_tool("flush", "all")
        finally:
            subprocess.run(["ip", "netns", "del", self.netns], check=True)


def main():
    seed, messages, tool = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sys.stdout.reconfigure(line_buffering=True)
    print("KTAP version 1\n1..4")
    test = Test(seed, tool)
    test.run(messages)
    for problem in test.problems:
        print("\n".join(f"# {line}" for line in problem.split("\n")))
    counts = test.accepted + test.refused
    print(f"# seed {seed}: {counts} messages, {test.accepted} accepted, {test.refused} refused, "
          f"{len(test.configurations)} configurations")
    for error, count in sorted(test.silent.items()):
        print(f"# refused without a word: {count} times {os.strerror(-error)}")
    # Generic netlink itself refuses an unknown command or flag.
    silent = sum(count for error, count in test.silent.items() if error != -95)
    results = [
        ("a refused message changes nothing, and the running configuration is valid", not test.problems),
        ("a refusal has a reason", not silent),
        ("right messages are accepted", test.accepted > counts // 10),
        ("wrong ones are refused", test.refused > counts // 10),
    ]
    for number, (name, fine) in enumerate(results, 1):
        print(f"{'ok' if fine else 'not ok'} {number} {name}")
    return 0 if all(fine for _, fine in results) else 1


if __name__ == "__main__":
    sys.exit(main())
