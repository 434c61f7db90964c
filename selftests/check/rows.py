#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Read the module's tables of types, kmod/type_names.h.

usage: rows.py types icmp|icmpv6	NUMBER NAME [CHECK, ...], one a line
"""
import pathlib
import re
import sys

KMOD = pathlib.Path(__file__).resolve().parents[2] / "kmod"


def rows(header, macro):
    """The arguments of each X() of a macro"""
    text = (KMOD / header).read_text(encoding="utf-8")
    body = re.search(rf"#define {macro}\(X\)((?:.*\\\n)*.*)", text)[1]
    body = re.sub(r"/\*.*?\*/|\\\n", " ", body)
    part = r'"[^"]*"|\((?:[^()])*\)|[^,()"]'
    return [[re.sub(r"\s+", " ", word).strip().strip('"') for word in re.findall(rf"(?:{part})+", row)]
            for row in re.findall(rf"\bX\(((?:{part}|,)*)\)", body)]


def checks(column):
    return "" if column == "0" else column.replace(" |", ",").replace("_", "-").lower()


def main():
    if len(sys.argv) != 3 or sys.argv[1] != "types":
        sys.exit(__doc__.strip())
    for number, _, name, _, check in rows("type_names.h", f"ICMPGUARD_{sys.argv[2].upper()}_TYPES"):
        print(number, name, checks(check))


if __name__ == "__main__":
    main()
