#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Documentation/access.rst and the self-test have the same table, row by row. KTAP."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]


def documented():
    """Return {what: "yes" and "no" as y and -} of the table."""
    text = (TOP / "Documentation/access.rst").read_text(encoding="utf-8")
    rows = {}
    for line in text.split("\n"):
        match = re.fullmatch(r"(\S.*?)\s\s+((?:(?:yes|no)\s*){7})", line)
        if match:
            rows[match.group(1)] = "".join("y" if word == "yes" else "-"
                                           for word in match.group(2).split())
    return rows


def expected():
    """Return the same of the test's table."""
    text = (TOP / "selftests/access_test.c").read_text(encoding="utf-8")
    return dict(re.findall(r'{ "([^"]+)",\s*"([y-]{7})",', text))


def operations():
    """The commands of the contract, and whether each is done or dumped"""
    text = (TOP / "Documentation/netlink/specs/icmpguard.yaml").read_text(encoding="utf-8")
    text = text[text.index("\noperations:"):].split("\nmcast-groups:")[0]
    return set(re.findall(r"^      name: ([\w-]+)\n", text, re.M)) - {"event"}


def main():
    rows, table = documented(), expected()
    problems = [f"{what}: {rows.get(what)} in the document, {table.get(what)} in the test"
                for what in sorted(rows.keys() | table.keys()) if rows.get(what) != table.get(what)]
    missing = sorted(operations() - rows.keys())
    files = re.findall(r'{ "(\w+)", 0\d+, ', (TOP / "kmod/proc.c").read_text(encoding="utf-8"))
    missing += [name for name in files if name not in rows]
    print("KTAP version 1\n1..2")
    for line in problems:
        print(f"# {line}")
    print("not ok" if problems or not rows else "ok", "1 the document and the self-test say the same")
    for line in missing:
        print(f"# {line} is in no row")
    print("not ok" if missing or not files else "ok", "2 every command and file has a row")
    return 1 if problems or missing or not rows or not files else 0


if __name__ == "__main__":
    sys.exit(main())
