# SPDX-License-Identifier: GPL-2.0-only
"""Netlink messages made from the YAML contract: valid ones, and then mutations.

What an attribute may be is taken from the contract; what several must be together, only
the tables of HINTS know, so that enough messages are accepted to get anywhere.
"""
import struct

NESTED, BYTEORDER = 0x8000, 0x4000
PERIODS = [1, 60, 3600, 86400, 604800]
EDGES = [0, 1, 2, 255, 256, 257, 0x7fffffff, 0x80000000, 0xffffffff]


class Node:
    """An attribute: its number, and either bytes or other attributes."""

    def __init__(self, number, payload):
        self.number, self.payload, self.length = number, payload, None
        self.flags = NESTED if isinstance(payload, list) else 0

    def encode(self):
        data = encode(self.payload) if isinstance(self.payload, list) else self.payload
        length = (4 + len(data)) if self.length is None else self.length
        return struct.pack("<HH", length & 0xffff, (self.number | self.flags) & 0xffff) + data + \
            bytes(-len(data) % 4)


def encode(nodes):
    return b"".join(node.encode() for node in nodes)


def u32(number, value):
    return Node(number, struct.pack("<I", value & 0xffffffff))


def every(nodes):
    """Each list of attributes, with the list that it is in."""
    yield nodes
    for node in nodes:
        if isinstance(node.payload, list):
            yield from every(node.payload)


class Contract:
    """The specification, and a source of random numbers."""

    def __init__(self, spec, source):
        self.random = source
        self.sets = {}
        for each in spec["attribute-sets"]:
            number, entries = 0, {}
            if "subset-of" in each:
                whole = self.sets[each["subset-of"]]
                self.sets[each["name"]] = {entry["name"]: whole[entry["name"]]
                                           for entry in each["attributes"]}
                continue
            for entry in each["attributes"]:
                number = entry.get("value", number + 1)
                entries[entry["name"]] = dict(entry, value=number)
            self.sets[each["name"]] = entries
        self.enums = {}
        for each in spec["definitions"]:
            if "entries" in each:
                value, values = each.get("value-start", 0) - 1, []
                for entry in each["entries"]:
                    value = entry.get("value", value + 1) if isinstance(entry, dict) else value + 1
                    values.append(1 << value if each["type"] == "flags" else value)
                self.enums[each["name"]] = values
        self.operations, number = {}, 0
        for each in spec["operations"]["list"]:
            number = each.get("value", number + 1)
            self.operations[each["name"]] = dict(each, value=number)
        self.hints = {"limit": self.limit, "type-change": self.type, "rule-change": self.rule,
                      "prefix": self.step}

    def command(self, name):
        return self.operations[name]["value"]

    def number(self, group, name):
        return self.sets[group][name]["value"]

    # Valid messages

    def value(self, entry):
        """A number that the contract allows"""
        checks = entry.get("checks", {})
        if "enum" in entry:
            values = self.enums[entry["enum"]]
            if entry.get("enum-as-flags"):
                return sum(self.random.sample(values, self.random.randint(1, len(values))))
            return self.random.choice(values)
        low, high = checks.get("min", 0), checks.get("max", 0xffffffff)
        # Huge values are rare: they take the machine's memory.
        if high > 1 << 20 and self.random.random() < 0.99:
            high = max(low, 1 << 16)
        return self.random.choice([low, high, self.random.randint(low, high),
                                   self.random.randint(low, min(high, low + 100))])

    def attribute(self, entry):
        kind = entry["type"]
        if kind in ("u8", "u16", "u32", "u64"):
            size = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q"}[kind]
            return Node(entry["value"], struct.pack(size, self.value(entry)))
        if kind == "flag":
            return Node(entry["value"], b"")
        if kind == "string":
            length = self.random.randint(1, entry.get("checks", {}).get("max-len", 16))
            return Node(entry["value"], bytes(self.random.choice(b"abcdefgh0123. -")
                                              for _ in range(length)) + b"\0")
        if kind == "binary":
            return Node(entry["value"], self.random.randbytes(self.random.choice([4, 16])))
        return Node(entry["value"], self.group(entry["nested-attributes"]))

    def group(self, name):
        """The attributes of a nest"""
        if name in self.hints:
            return self.hints[name]()
        return self.some(self.sets[name].values(), 0.9)

    def some(self, entries, share):
        return [self.attribute(entry) for entry in entries
                if entry["type"] != "pad" and self.random.random() < share]

    def limit(self):
        n = {name: entry["value"] for name, entry in self.sets["limit"].items()}
        period = self.random.choice(PERIODS)
        nodes = [u32(n["packets"], self.random.choice([1, 10, 1000, 1000000, 1000000 * period,
                                                       self.random.randint(1, 10000)])),
                 u32(n["period"], period)]
        if self.random.random() < 0.6:
            nodes.append(u32(n["burst"], self.random.choice([1, 5, 100, 10000])))
        return nodes

    def type(self):
        n = {name: entry["value"] for name, entry in self.sets["type"].items()}
        proto, numbers = self.random.choice([
            (1, [0, 3, 4, 5, 8, 11, 12, 13, 256, 257, 42]),
            (2, [1, 2, 3, 4, 128, 129, 135, 136, 143, 256, 257, 160])])
        nodes = [u32(n["proto"], proto), u32(n["number"], self.random.choice(numbers))]
        if self.random.random() < 0.3:
            nodes.append(u32(n["code"], self.random.randrange(16)))
            if self.random.random() < 0.2:
                return nodes + [Node(n["remove"], b"")]
        action = self.random.randrange(3)
        if self.random.random() < 0.9:
            nodes.append(u32(n["action"], action))
        if action == 2:
            nodes += [Node(n[name], self.limit()) for name in ("limit", "total")
                      if self.random.random() < 0.7]
            if self.random.random() < 0.2:
                nodes.append(u32(n["block"], self.random.choice([0, 1, 60, 86400])))
        if self.random.random() < 0.2:
            nodes.append(u32(n["monitor"], self.random.randrange(2)))
        return nodes

    def rule(self):
        n = {name: entry["value"] for name, entry in self.sets["rule"].items()}
        size = self.random.choice([4, 16])
        bits = self.random.randint(0, 8 * size)
        address = int.from_bytes(self.random.choice(
            [bytes(size), b"\x0a" + bytes(size - 1), self.random.randbytes(size)]), "big")
        address = address >> 8 * size - bits << 8 * size - bits
        nodes = [Node(n["address"], address.to_bytes(size, "big")), u32(n["prefix-len"], bits)]
        if self.random.random() < 0.2:
            nodes.append(Node(n["interface"], self.random.choice([b"lo\0", b"eth0\0", b"a b\0"])))
        if self.random.random() < 0.1:
            return nodes + [Node(n["remove"], b"")]
        action = self.random.randrange(3)
        nodes.append(u32(n["action"], action))
        if action == 2:
            nodes.append(Node(n["limit"], self.limit()))
        if self.random.random() < 0.3:
            nodes.append(self.attribute(self.sets["rule"]["comment"]))
        return nodes

    def step(self):
        n = {name: entry["value"] for name, entry in self.sets["prefix"].items()}
        return [u32(n["proto"], self.random.choice([1, 2])),
                u32(n["len"], self.random.choice([8, 16, 24, 32, 48, 64, 128]))]

    def ladder(self):
        """All steps of one family"""
        n = {name: entry["value"] for name, entry in self.sets["prefix"].items()}
        proto, most = self.random.choice([(1, 32), (2, 128)])
        lengths = sorted(self.random.sample(range(most + 1), self.random.randint(1, 4)), reverse=True)
        number = self.number("config", "prefix")
        return [Node(number, [u32(n["proto"], proto), u32(n["len"], length),
                              u32(n["factor"], 4 ** i)]) for i, length in enumerate(lengths)]

    def configuration(self):
        nodes = []
        names = self.operations["config-set"]["do"]["request"]["attributes"]
        for name in names:
            entry = self.sets["config"][name]
            if self.random.random() > (0.1 if name == "replace" else 0.35):
                continue
            if name == "prefix":
                nodes += self.ladder()
                continue
            times = self.random.choice([1, 1, 2, 5]) if entry.get("multi-attr") else 1
            nodes += [self.attribute(entry) for _ in range(times)]
        return nodes

    # Changes

    def spoil(self, nodes):
        """One change anywhere in a message"""
        place = self.random.choice(list(every(nodes)))
        if not place:
            place.append(u32(self.random.randrange(32), self.random.choice(EDGES)))
            return
        i = self.random.randrange(len(place))
        node, what = place[i], self.random.randrange(12)
        if what == 0:
            node.payload = self.random.randbytes(self.random.randrange(10))
        elif what == 1:
            node.payload = struct.pack("<I", self.random.choice(EDGES))
        elif what == 2:
            node.number = self.random.choice([0, node.number + 1, 0x3fff, self.random.randrange(64)])
        elif what == 3:
            node.flags ^= self.random.choice([NESTED, BYTEORDER])
        elif what == 4:
            node.length = self.random.choice([0, 1, 3, 4, 5, 0xffff, self.random.randrange(600)])
        elif what == 5:
            del place[i]
        elif what == 6:
            place.insert(i, node)
        elif what == 7:
            place[i:i] = [node] * self.random.choice([8, 100, 2000])
        elif what == 8:
            for _ in range(self.random.choice([1, 5, 60])):
                node.payload = [Node(node.number, node.payload)]
                node.flags = NESTED
        elif what == 9:
            self.random.shuffle(place)
        elif what == 10:
            node.payload = self.random.randbytes(self.random.choice([64, 300, 5000]))
        else:
            place.append(self.attribute(self.random.choice(
                [entry for entry in self.random.choice(list(self.sets.values())).values()
                 if entry["type"] != "pad"])))

    def message(self):
        """Return (command, whether a dump, its attributes as bytes)."""
        name = self.random.choice(list(self.operations) + ["config-set"] * 20)
        operation = self.operations[name]
        kinds = [kind for kind in ("do", "dump") if kind in operation]
        kind = self.random.choice(kinds) if kinds else "do"
        if name == "config-set":
            nodes = self.configuration()
        else:
            wanted = operation.get(kind, {}).get("request", {}).get("attributes", [])
            nodes = [self.attribute(self.sets[operation["attribute-set"]][each]) for each in wanted]
        if self.random.random() < 0.6:
            for _ in range(self.random.choice([1, 1, 2, 4])):
                self.spoil(nodes)
        return name, kind == "dump", encode(nodes)[:60000]
