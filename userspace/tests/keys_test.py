#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The keys of the tool's JSON: the manual's table, the sources and the contract agree. KTAP."""
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]

# Keys without an attribute of that name in the contract, and why
OWN = {
    "accepted-rate": "computed by top", "dropped-rate": "computed by top",
    "monitored-rate": "computed by top", "seen-rate": "computed by top",
    "interval-ms": "top's", "added": "rule load's", "removed": "rule load's",
    "device": "xdp show's", "devices": "xdp show's", "reason": "xdp show's", "passed": "xdp show's", "program": "xdp show's", "xdp": "no setting of the kernel's",
    "event": "what the contract's kind names", "netns-name": "ip netns' name",
    "tool-version": "the tool's own", "last-drop-age-ms": "last, which is an age",
}


def result(number, passed, text, remark=""):
    """Print one result; return whether it failed."""
    if not passed and remark:
        print(f"# {remark}")
    print(f"{'ok' if passed else 'not ok'} {number} {text}")
    return not passed


def main():
    page = (TOP / "userspace/man/icmpguardctl.8").read_text(encoding="utf-8")
    section = page[page.index("\n.Ss JSON"):page.index("\n.Sh FILES")]
    rows = re.findall(r"^\.It Cm (\S+) Ta (.+?) Ta (.+)$", section, re.M)
    documented = [row[0] for row in rows]

    printed = set()
    for path in sorted([*(TOP / "userspace").glob("*.c"), *(TOP / "userspace/xdp").glob("*.c")]):
        if path.name.startswith("import"):
            continue
        text = path.read_text(encoding="utf-8")
        printed |= set(re.findall(r'(?:out_\w+|print_duration|print_cell|print_rate)\(\w+, "([^"%]+)"',
                                  text))
    printed = {key for key in printed if re.fullmatch(r"[a-z-]+", key)}
    read = set(re.findall(r'^\t\{ "([a-z-]+)", IS',
                          (TOP / "userspace/json.c").read_text(encoding="utf-8"), re.M))

    # Settings of one value are printed and read by their rows.
    rows = set(re.findall(r'^\tX\([A-Z_]+, \w+, "([a-z-]+)"',
                          (TOP / "kmod/setting_names.h").read_text(encoding="utf-8"), re.M))
    printed |= rows
    read |= rows

    spec = yaml.safe_load((TOP / "Documentation/netlink/specs/icmpguard.yaml").read_text(encoding="utf-8"))
    names = {attr["name"] for group in spec["attribute-sets"] for attr in group["attributes"]}
    names |= {group["name"] for group in spec["attribute-sets"]}
    # A list has the plural, a time its unit.
    names |= {f"{name}es" if name.endswith("x") else f"{name}s" for name in names}
    names |= {f"{name}{unit}" for name in names for unit in ("-s", "-ms")}

    print("KTAP version 1\n1..5")
    failed = result(1, documented == sorted(set(documented)), "the table is sorted, each key once")
    failed |= result(2, not printed - set(documented), "every key that is printed is documented",
                     f"missing: {sorted(printed - set(documented))}")
    failed |= result(3, not set(documented) - printed, "every key that is documented is printed",
                     f"not printed: {sorted(set(documented) - printed)}")
    failed |= result(4, not read - set(documented), "every key that is read is documented",
                     f"missing: {sorted(read - set(documented))}")
    other = [key for key in documented if key not in names and key not in OWN]
    failed |= result(5, not other and not set(OWN) - set(documented), "names are the contract's",
                     f"other names: {other}, gone: {sorted(set(OWN) - set(documented))}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
