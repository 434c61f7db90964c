#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The generated netlink header and its YAML specification agree. KTAP.

Names and numbers of attributes, commands and enumerations are compared both
ways, and with those of the version that first had them (uapi.tsv); that an
attribute set or an operation is used consistently, too.
"""
import pathlib
import re
import sys

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADER = TOP / "kmod/uapi/icmpguard.h"
SPEC = TOP / "Documentation/netlink/specs/icmpguard.yaml"
RELEASED = TOP / "userspace/tests/uapi.tsv"


def read_header(text):
    """Return ({define: number}, [(enum's name or None, {constant: number})])."""
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    defines = {name: int(value, 0)
               for name, value in re.findall(r"^#define (\w+)\s+(\d\w*)\s*$", plain, re.M)}
    enums = []
    for name, body in re.findall(r"enum\s*(\w*)\s*{(.*?)}", plain, re.S):
        constants, known, value = {}, {}, -1
        for item in filter(None, (part.strip() for part in body.split(","))):
            key, _, expression = (part.strip() for part in item.partition("="))
            # Only arithmetic on constants of the same enum
            value = eval(expression, {"__builtins__": {}}, known) if expression else value + 1
            known[key] = value
            if not key.startswith("__") and not key.endswith("_MAX"):
                constants[key] = value
        enums.append((name or None, constants))
    return defines, enums


def c_name(*parts):
    return "_".join(parts).replace("-", "_").upper()


def numbered(entries, start):
    """Give every entry its number: one more than the one before, or its own."""
    value = start - 1
    for entry in entries:
        entry = {"name": entry} if isinstance(entry, str) else entry
        value = entry.get("value", value + 1)
        yield entry, value


class Results:
    def __init__(self):
        self.lines, self.failed = [], 0

    def check(self, what, problems):
        for problem in problems:
            self.lines.append(f"# {problem}")
        self.failed += bool(problems)
        self.lines.append(f"{'not ok' if problems else 'ok'} {self.count() + 1} {what}")

    def count(self):
        return sum(not line.startswith("#") for line in self.lines)

    def finish(self):
        print("KTAP version 1")
        print(f"1..{self.count()}")
        print("\n".join(self.lines))
        return 1 if self.failed else 0


def differences(header, spec):
    """The differences of two {name: number}"""
    for name in sorted(header.keys() | spec.keys()):
        if header.get(name) != spec.get(name):
            yield f"{name}: {header.get(name)} in the header, {spec.get(name)} in the YAML"


def compare_attributes(results, spec, enums):
    found = [constants for name, constants in enums
             if not name and any("_A_" in key for key in constants)]
    known = {}
    for constants in found:
        prefix = re.match(r"ICMPGUARD_A_[A-Z0-9]+_", next(iter(constants))).group()
        known[prefix] = constants
    every = {each["name"]: each for each in spec["attribute-sets"]}
    sets = {c_name(spec["name"], "a", name) + "_": each for name, each in every.items()
            if "subset-of" not in each}
    results.check("attribute sets", [f"{prefix}* is in one only"
                                     for prefix in sorted(known.keys() ^ sets.keys())])
    for prefix, each in sets.items():
        numbers = {prefix + c_name(entry["name"]): number
                   for entry, number in numbered(each["attributes"], 1)}
        results.check(f"attributes of {each['name']}",
                      list(differences(known.get(prefix, {}), numbers)))
        results.check(f"words about the attributes of {each['name']}",
                      [f"{each['name']}: no word about {entry['name']} in the YAML"
                       for entry in each["attributes"] if entry["type"] != "pad" and not entry.get("doc")])
    results.check("subsets of attributes", [f"{name}: {entry['name']} is no attribute of {whole}"
                                            for name, each in every.items()
                                            for whole in filter(None, [each.get("subset-of")])
                                            for entry in each["attributes"]
                                            if entry["name"] not in {one["name"] for one in
                                                                     every[whole]["attributes"]}])


def compare_definitions(results, spec, enums, defines):
    named = {name: constants for name, constants in enums if name and name != "icmpguard_cmd"}
    for each in spec["definitions"]:
        if each["type"] == "const":
            name = c_name(spec["name"], each["name"])
            results.check(f"constant {each['name']}",
                          list(differences({name: defines.get(name)}, {name: each["value"]})))
            continue
        constants = named.pop(c_name(spec["name"], each["name"]).lower(), {})
        # The names of some enums are longer than what their constants begin with.
        numbers = {re.sub(r"^ICMPGUARD_[A-Z]+_", "", name): number
                   for name, number in constants.items()}
        wanted = {c_name(entry["name"]): 1 << number if each["type"] == "flags" else number
                  for entry, number in numbered(each["entries"], each.get("value-start", 0))}
        results.check(f"enum {each['name']}", list(differences(numbers, wanted)))
    results.check("every enum is in the YAML", sorted(named))


def compare_operations(results, spec, enums):
    operations = spec["operations"]
    numbers = {c_name(operations["name-prefix"] + each["name"]): number
               for each, number in numbered(operations["list"], 1)}
    results.check("commands", list(differences(dict(enums)["icmpguard_cmd"], numbers)))
    sets = {each["name"]: {entry["name"] for entry in each["attributes"]}
            for each in spec["attribute-sets"]}
    unknown = []
    for each in operations["list"]:
        for kind in ("do", "dump", "event"):
            ways = each.get(kind, {})
            for way in [ways] if kind == "event" else ways.values():
                unknown += [f"{each['name']}: {name} is no attribute of {each['attribute-set']}"
                            for name in way.get("attributes", [])
                            if name not in sets[each["attribute-set"]]]
    results.check("attributes of commands", unknown)


def compare_released(results, enums, defines):
    """Released numbers never change: existing clients use them."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    released = {name: int(number) for name, number in
                (line.split("\t") for line in lines if not line.startswith("#"))}
    now = dict(defines)
    for _, constants in enums:
        now.update(constants)
    results.check("numbers of the released version",
                  [f"{name}: {number} was released, {now.get(name)} is in the header"
                   for name, number in released.items() if now.get(name) != number])


def main():
    defines, enums = read_header(HEADER.read_text(encoding="utf-8"))
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    results = Results()
    family = re.search(r'ICMPGUARD_FAMILY_NAME\s+"(.*?)"', HEADER.read_text(encoding="utf-8"))
    results.check("family", list(differences({"name": family.group(1)}, {"name": spec["name"]})))
    compare_definitions(results, spec, enums, defines)
    compare_attributes(results, spec, enums)
    compare_operations(results, spec, enums)
    compare_released(results, enums, defines)
    return results.finish()


if __name__ == "__main__":
    sys.exit(main())
