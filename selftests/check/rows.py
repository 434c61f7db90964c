#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Put the rows of types, checks and counters into the documents that repeat them.

usage: rows.py			write them
       rows.py -n		write nothing; print how they differ, and fail if they do
       rows.py types icmp|icmpv6	print NUMBER|- NAME BYTES [CHECK, ...] of each type

The rows are kmod/type_names.h's, check_names.h's and reason_names.h's. Of
Documentation/counters.rst the first line of each entry is made, the rest is written
by hand; a row without an entry is an error.

It also fails for what Documentation/extending.rst says is written by hand and isn't
there: a row that no code uses or no test names, a setting or type without a row, a
limit of kmod/config_limits.h that the manual has otherwise.
"""
import difflib
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
MADE = "selftests/check/rows.py"

# Sums of counters have no rows of their own.
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
    if column.startswith("ICMPGUARD_"):
        column = re.search(rf"#define {column}\s+(.*)", read("kmod/type_names.h"))[1]
    numbers = re.findall(r"\d+", column)
    rates = [f"{rate}/second burst {burst}" for rate, burst in zip(numbers[::2], numbers[1::2])]
    if not rates:
        return column.lower(), ""
    return f"limit {rates[0]}", f"total {rates[1]}" if len(rates) > 1 else ""


def types(protocol):
    """(number or None, name, treatment, bytes, checks) of each type, pseudo types first"""
    for row in rows("type_names.h", "PSEUDO_TYPES") + rows("type_names.h", f"{protocol.upper()}_TYPES"):
        number, _, name, column, least, check = row
        yield int(number) if number.isdigit() else None, name, treatment(column), least, checks(check)


def exception():
    """The type and the code that are treated apart"""
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
    known = {name for _, each in counters() for name, _ in each}
    for name in re.findall(r"^``([a-z-]+)``(?: : .*)?\n(?=        )", text, flags=re.M):
        if name not in known:
            sys.exit(f"rows.py: Documentation/counters.rst has an entry for {name}, which has no row")
    return text


def dash(column):
    return column if column not in ("", "0") else "\\-"


def table(protocol):
    kind, code = exception()
    line = "======  ================================  ================================  ======  =============="
    out = [line, ("number", "name", "default", "bytes", "checks"), line]
    for number, name, (each, total), least, check in types(protocol):
        out.append(("\\-" if number is None else number, name, each, dash(least), dash(check)))
        if total:
            out.append(("", "", total, "", ""))
        if protocol == "icmp" and number == kind:
            each, total = treatment("ICMPGUARD_MTU_LIMIT")
            out += [(f"{number}/{code}", f"{name} code {code}", each, least, check), ("", "", total, "", "")]
    return "".join((row if row == line else "%-6s  %-32s  %-32s  %-6s  %s" % row).rstrip() + "\n"
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
    special = next(name for number, name, *_ in known["icmp"] if number == kind)
    both = {name for _, name, parts, *_ in known["icmp"] if name != special
            for _, other, others, *_ in known["icmpv6"] if (other, others) == (name, parts)}
    for protocol, each in known.items():
        for _, name, parts, *_ in each:
            if name not in both or protocol == "icmp":
                yield f"type {'' if name in both else protocol + ' '}{name}", " ".join(filter(None, parts))
            if protocol == "icmp" and name == special:
                yield f"type icmp {name} code {code}", " ".join(treatment("ICMPGUARD_MTU_LIMIT"))


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


def sources(pattern):
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in sorted(TOP.glob(pattern))}


def missing_types():
    """Rows, the unit test and the independent table have the same types."""
    tested = read("kmod/tests/types_test.c")
    independent = {tuple(line.split("\t")[:3]) for line in read("selftests/types.tsv").splitlines()
                   if line and not line.startswith("#")}
    for protocol, digit in (("icmp", 4), ("icmpv6", 6)):
        body = re.search(rf" expected{digit}\[\] = \{{(.*?)^\}};", tested, re.S | re.M)[1]
        known = {(number, name) for number, name, *_ in types(protocol) if number is not None}
        in_test = {(int(number), name) for number, name in re.findall(r'\{ (\d+), "([^"]+)"', body)}
        in_table = {(int(number), name) for where, number, name in independent if where == protocol}
        for where, there in (("kmod/tests/types_test.c", in_test), ("selftests/types.tsv", in_table)):
            for number, name in sorted(known ^ there):
                yield f"{protocol} {number} {name}: only one of kmod/type_names.h and {where} has it"


def missing_checks():
    finders = read("kmod/check.c") + read("kmod/quote.c")
    unit = read("kmod/tests/check_test.c") + read("kmod/tests/quote_test.c")
    packets = read("selftests/checks.sh")
    for constant, name, *_ in rows("check_names.h", "CHECKS"):
        if not re.search(rf"\bFOUND\({constant}\)", finders):
            yield f"check {name}: neither kmod/check.c nor quote.c finds it"
        if not re.search(rf"\b(?:FOUND\(|ICMPGUARD_CHECK_){constant}\b", unit):
            yield f"check {name}: neither kmod/tests/check_test.c nor quote_test.c names it"
        if not re.search(rf"^{name} ", packets, re.M) and f"expect \"$router\" {name}=" not in packets:
            yield f"check {name}: selftests/checks.sh has no packet that it finds"


def missing_counters():
    code = "".join(text for name, text in (sources("kmod/*.[ch]")).items() if name != "verdict.c")
    tests = "".join(text for pattern in ("selftests/*.sh", "selftests/*.c") for text in sources(pattern).values())
    for macro in ("REASONS_ACCEPT", "REASONS_DROP", "NOTES"):
        for constant, name, *_ in rows("reason_names.h", macro):
            if not re.search(rf"\bICMPGUARD_REASON_{constant}\b", code):
                yield f"counter {name}: nothing in kmod/ counts it"
            if not re.search(rf"(?<![\w-]){name}=", tests):
                yield f"counter {name}: no self-test expects it"


def missing_settings():
    """Attributes of the contract without a row, and rows without words to users"""
    contract_text = read("Documentation/netlink/specs/icmpguard.yaml")
    body = re.search(r"\n    name: config\n    doc:.*?attributes:\n(.*?)\n  -\n", contract_text, re.S)[1]
    known = {row[2] for row in rows("setting_names.h", "SETTINGS")}
    for attribute in re.split(r"\n?      -\n", body):
        name = re.search(r"name: (\S+)", attribute)
        if name and "type: u32" in attribute and "In replies" not in attribute and name[1] not in known:
            yield f"setting {name[1]}: kmod/setting_names.h has no row"
    words = {"userspace/man/icmpguardctl.8": r"^\.It Cm set {}\b",
             "userspace/man/icmpguard.conf.5": r"^\.It Cm {}\b",
             "userspace/systemd/icmpguard.conf": r"^#?{} "}
    parts = re.findall(r'^\tX\(\w+, "([a-z-]+)"', read("userspace/setting.h"), re.M)
    for name in [*known, *parts]:
        for where, pattern in words.items():
            if not re.search(pattern.format(name), read(where), re.M):
                yield f"setting {name}: {where} doesn't have it"


def missing_limits():
    """Limits that a user can meet, as they are refused"""
    number = dict(re.findall(r"#define ICMPGUARD_(\w+)\s+(\d+)", read("kmod/config_limits.h")))
    sentences = [f"at most {number['INTERFACES_MAX']} interfaces can have a mode of their own",
                 f"rules can be bound to at most {number['BOUND_MAX']} interfaces"]
    for where in ("userspace/man/icmpguardctl.8", "userspace/man/icmpguard.conf.5",
                  "Documentation/netlink/specs/icmpguard.yaml"):
        text = re.sub(r"\s+", " ", read(where)).lower()
        for sentence in sentences:
            if sentence not in text:
                yield f"{where} doesn't have '{sentence}'"


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
        for number, name, _, least, check in types(sys.argv[2]):
            print("-" if number is None else number, name, least, check)
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
    for missing in (missing_types, missing_checks, missing_counters, missing_settings, missing_limits):
        for problem in missing():
            stale = True
            print(f"rows.py: {problem}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
