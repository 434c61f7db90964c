#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Put the rows of types, checks and counters into the documents that repeat them.

usage: rows.py			write them
       rows.py -n		write nothing; print how they differ, and fail if they do
       rows.py types icmp|icmpv6	print NUMBER NAME [CHECK, ...] of each type

The rows are kmod/type_names.h's, check_names.h's and reason_names.h's. Of
Documentation/counters.rst the first line of each entry is made, the rest is written
by hand; a row without an entry is an error.
"""
import difflib
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
MADE = "selftests/check/rows.py"

# What counters add up to has no rows of its own.
SUMS = [("seen", "packets judged"), ("accepted", "let pass"), ("dropped", "dropped")]
PROTOCOLS = [("icmp", "ICMP"), ("icmpv6", "ICMPv6")]


def read(name):
    return (TOP / name).read_text(encoding="utf-8")


def rows(header, macro):
    """The arguments of each X() of a macro"""
    body = re.search(rf"#define ICMPGUARD_{macro}\(X\)((?:.*\\\n)*.*)", read(f"kmod/{header}"))[1]
    body = re.sub(r"/\*.*?\*/|\\\n", " ", body)
    part = r'"[^"]*"|\((?:[^()])*\)|[^,()"]'
    return [[re.sub(r"\s+", " ", word).strip().strip('"') for word in re.findall(rf"(?:{part})+", row)]
            for row in re.findall(rf"\bX\(((?:{part}|,)*)\)", body)]


def named(header, macro):
    return [(row[1], row[2]) for row in rows(header, macro)]


def checks(column):
    return "" if column == "0" else column.replace(" |", ",").replace("_", "-").lower()


def treatment(column):
    """(what each source gets, what all together get)"""
    numbers = re.findall(r"\d+", column)
    rates = [f"{rate}/second burst {burst}" for rate, burst in zip(numbers[::2], numbers[1::2])]
    if not rates:
        return column.lower(), ""
    return f"limit {rates[0]}", f"total {rates[1]}" if len(rates) > 1 else ""


def types(protocol):
    """(number or None, name, treatment, checks) of each type, pseudo types first"""
    for row in rows("type_names.h", "PSEUDO_TYPES") + rows("type_names.h", f"{protocol.upper()}_TYPES"):
        number, _, name, column, check = row
        yield int(number) if number.isdigit() else None, name, treatment(column), checks(check)


def exception():
    """The type and the code that are accepted whatever the type is"""
    text = read("kmod/config_limits.h")
    return tuple(int(re.search(rf"#define ICMPGUARD_DEFAULT_{name}\s+(\d+)", text)[1])
                 for name in ("CODE_TYPE", "CODE"))


def between(text, begin, end, new):
    """What is between two lines"""
    out, count = re.subn(f"(^{re.escape(begin)}\n).*?(^{re.escape(end)}\n)",
                         lambda match: match[1] + new + match[2], text, flags=re.S | re.M)
    if count != 1:
        sys.exit(f"rows.py: there is no place for what is made: {begin}")
    return out


def quoted(text, quote):
    return re.sub(r"'([a-z-]+)'", rf"{quote}\1{quote}", text)


def counters():
    """(heading, rows) of each class"""
    reasons = named("reason_names.h", "REASONS_DROP") + named("check_names.h", "CHECKS")
    return [("", SUMS), ("why accepted", named("reason_names.h", "REASONS_ACCEPT")),
            ("why dropped", reasons), ("noted in addition", named("reason_names.h", "NOTES"))]


def readme(text):
    new = "| counter | counts |\n|---|---|\n"
    for heading, each in counters():
        new += f"| | **{heading}** |\n" if heading else ""
        new += "".join(f"| `{name}` | {quoted(meaning, '`')} |\n" for name, meaning in each)
    return between(text, f"<!-- {MADE} -->", "<!-- end -->", new)


def manual(text):
    new = ""
    for heading, each in counters():
        new += f".Pp\n{heading.capitalize()}:\n" if heading else ""
        new += ".Bl -tag -width quoted-multicast -compact\n"
        new += "".join(f".It Cm {name}\n{meaning}\n" for name, meaning in each) + ".El\n"
    return between(text, f'.\\" {MADE}', '.\\" end', new)


def entries(text):
    """Documentation/counters.rst: the first line of each entry"""
    for _, each in counters():
        for name, meaning in each:
            head = f"``{name}`` : {quoted(meaning, '``')}\n"
            text, count = re.subn(rf"^``{name}``(?: : .*)?\n(?=        )", lambda _: head, text, flags=re.M)
            if count != 1:
                sys.exit(f"rows.py: Documentation/counters.rst has {count} entries for {name}")
    return text


def table(protocol):
    kind, code = exception()
    line = "======  ================================  ==============================  =============="
    out = [line, ("number", "name", "default", "checks"), line]
    for number, name, (each, total), check in types(protocol):
        out.append(("\\-" if number is None else number, name, each, check or "\\-"))
        if total:
            out.append(("", "", total, ""))
        if protocol == "icmp" and number == kind:
            out.append((f"{number}/{code}", f"{name} code {code}", "accept", check))
    return "".join((row if row == line else "%-6s  %-32s  %-30s  %s" % row).rstrip() + "\n"
                   for row in out + [line])


def type_tables(text):
    new = "".join(f"{title}\n{'=' * len(title)}\n\n{table(protocol)}\n" for protocol, title in PROTOCOLS)
    out, count = re.subn(r"^ICMP\n====\n.*?(?=^\.\. end of tables$)", lambda _: new, text, flags=re.S | re.M)
    if count != 1:
        sys.exit("rows.py: Documentation/types.rst has no place for the tables")
    return out


def statements():
    """The defaults of all types, as show prints them: (type, treatment)"""
    kind, code = exception()
    known = {protocol: list(types(protocol)) for protocol, _ in PROTOCOLS}
    special = next(name for number, name, _, _ in known["icmp"] if number == kind)
    both = {name for _, name, parts, _ in known["icmp"] if name != special
            for _, other, others, _ in known["icmpv6"] if (other, others) == (name, parts)}
    for protocol, each in known.items():
        for _, name, parts, _ in each:
            if name not in both or protocol == "icmp":
                yield f"type {'' if name in both else protocol + ' '}{name}", " ".join(filter(None, parts))
            if protocol == "icmp" and name == special:
                yield f"type icmp {name} code {code}", "accept"


def configuration(text):
    """The statements of the installed file; what is written above one stays there."""
    checked = "".join(f"check {row[1]} {row[4].lower()}\n" for row in rows("check_names.h", "CHECKS"))
    text = re.sub(r"^check .*\n(?:check .*\n)*", checked, text, flags=re.M)
    begin = re.search(r"^(?:#[^\n]*\n)*type ", text, re.M).start()
    above, remarks = {}, []
    for line in text[begin:].splitlines(keepends=True):
        if line.startswith("type "):
            words = line.split()
            size = next(i for i, word in enumerate(words) if word in ("accept", "drop", "limit"))
            above[" ".join(words[:size])] = "".join(remarks)
            remarks = []
        else:
            remarks.append(line)
    return text[:begin] + "".join(f"{above.get(key, '')}{key} {what}\n" for key, what in statements())


def contract(text):
    """The checks' entries in the specification of the netlink interface"""
    new = "".join(f"      -\n        name: {name}\n        doc: {meaning[0].upper()}{meaning[1:]}.\n"
                  for name, meaning in named("check_names.h", "CHECKS"))
    out, count = re.subn(r"(\n    name: check\n(?:    .*\n)*?    entries:\n)(?:      .*\n)+",
                         lambda match: match[1] + new, text)
    if count != 1:
        sys.exit("rows.py: the specification has no enum check")
    return out


DOCUMENTS = {
    "README.md": readme,
    "userspace/man/icmpguardctl.8": manual,
    "userspace/systemd/icmpguard.conf": configuration,
    "Documentation/counters.rst": entries,
    "Documentation/types.rst": type_tables,
    "Documentation/netlink/specs/icmpguard.yaml": contract,
}


def main():
    if sys.argv[1:2] == ["types"] and len(sys.argv) == 3:
        for number, name, _, check in types(sys.argv[2]):
            if number is not None:
                print(number, name, check)
        return 0
    if sys.argv[1:] not in ([], ["-n"]):
        sys.exit(__doc__.strip())
    stale = False
    for name, make in DOCUMENTS.items():
        old = read(name)
        new = make(old)
        if new != old and len(sys.argv) > 1:
            stale = True
            sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True),
                                                       name, f"{name}, as rows.py makes it"))
        elif new != old:
            (TOP / name).write_text(new, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
