#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compare the policies that the kernel reports of the module with the YAML contract.

usage: policy.py SPECIFICATION <POLICIES	those of nlctrl's getpolicy, JSON
"""
import json
import sys

import yaml

KINDS = {"u32": "u32", "string": "nul-string", "binary": "binary", "flag": "flag", "nest": "nested"}
# In replies only, beside what is in requests
REPLIES = {("check", "name")}
# The module looks at these itself, for a better message.
LATER = {("limit", "packets"), ("limit", "burst")}


def numbered(entries, start):
    value = start - 1
    for entry in entries:
        entry = entry if isinstance(entry, dict) else {"name": entry}
        value = entry.get("value", value + 1)
        yield entry, value


class Comparison:
    def __init__(self, spec, policies):
        self.policies, self.sets = policies, {}
        for each in spec["attribute-sets"]:
            whole = self.sets.get(each.get("subset-of"))
            self.sets[each["name"]] = {entry["name"]: whole[entry["name"]]
                                       for entry in each["attributes"]} if whole else {
                entry["name"]: (entry, number) for entry, number in numbered(each["attributes"], 1)}
        self.enums = {each["name"]: each for each in spec["definitions"] if "entries" in each}
        self.problems, self.compared = [], 0

    def limits(self, entry, where):
        """What the kernel should report of an attribute that isn't nested"""
        checks = entry.get("checks", {})
        if entry["type"] == "u32" and "enum" in entry:
            enum = self.enums[entry["enum"]]
            values = [number for _, number in numbered(enum["entries"], enum.get("value-start", 0))]
            if enum["type"] == "flags":
                return {"mask": sum(1 << value for value in values)}
            return {"min-value-u": min(values), "max-value-u": max(values)}
        if entry["type"] == "u32":
            return {"min-value-u": 0 if where in LATER else checks.get("min", 0),
                    "max-value-u": checks.get("max", 0xffffffff)}
        return {name: checks[key] for key, name in
                (("min-len", "min-length"), ("max-len", "max-length")) if key in checks}

    def compare(self, group, names, index):
        policy = self.policies[index]
        expected = {self.sets[group][name][1]: self.sets[group][name][0]
                    for name in names if (group, name) not in REPLIES}
        for number in sorted(policy.keys() ^ expected.keys()):
            self.problems.append(f"{group}: attribute {number} is in one only")
        for number in policy.keys() & expected.keys():
            entry, found = expected[number], policy[number]
            where = (group, entry["name"])
            wanted = {"type": KINDS[entry["type"]]} | self.limits(entry, where)
            shown = {key: found.get(key) for key in wanted}
            if shown != wanted:
                self.problems.append(f"{'.'.join(where)}: {shown} in the kernel, {wanted} in the YAML")
            if entry["type"] == "nest":
                nested = entry["nested-attributes"]
                self.compare(nested, [name for name, (each, _) in self.sets[nested].items()
                                      if each["type"] != "pad"], found["policy-idx"])
            self.compared += 1


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    policies, commands = {}, {}
    for message in json.load(sys.stdin):
        if "policy" in message:
            policy = message["policy"]
            policies.setdefault(policy["policy-id"], {})[policy["attr-id"]] = policy
        if "op-policy" in message:
            commands[message["op-policy"]["op-id"]] = message["op-policy"]
    comparison = Comparison(spec, policies)
    for operation, number in numbered(spec["operations"]["list"], 1):
        names = operation.get("do", {}).get("request", {}).get("attributes")
        if names:
            comparison.compare(operation["attribute-set"], names, commands[number]["do"])
    print("\n".join(comparison.problems) or f"{comparison.compared} attributes")
    return 1 if comparison.problems else 0


if __name__ == "__main__":
    sys.exit(main())
