#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Put what make bench measured into the documents: the README's tables and plots,
and all of it into Documentation/performance.rst. There, too, what known.sh and
fragments.sh saw, where they were run. What a run left out stays as it is.

usage: publish.py [DIR]    where bench.sh left its files (default: build/bench)
"""

import json
import re
import sys
from pathlib import Path

from report import (CHEAPEST, cheapest_table, frames_table, make_table, markdown, passed_table,
                    text_table, threads_table)

TOP = Path(__file__).resolve().parents[2]

LICENCE = "<!-- SPDX-License-Identifier: GPL-2.0-only -->"

# What an operator wants to know first
CHOSEN = ["udp4:1000", "echo4:1", "echo4-accept:1000", "echo4-drop:1000", "echo4:100000",
          "echo4:1000000", "echo4:2^32", "echo6-accept:1000", "echo6:2^32", "unreach4-accept:1000"]
CHOSEN_FRAMES = ["frame-echo4:1", "frame-echo4:1000000", "frame-echo4:2^32", "frame-echo6:1",
                 "frame-echo6:2^32", "frame-unreach4:1", "frame-unreach4:2^32"]


def replace(path, begin, end, text):
    """What is between two lines of a file"""
    old = path.read_text()
    new, count = re.subn(f"({re.escape(begin)}\n).*?({re.escape(end)}\n)",
                         lambda match: match[1] + text + match[2], old, flags=re.S)
    if count != 1:
        sys.exit(f"publish.py: {path} has no place for it: {begin}")
    path.write_text(new)


def indent(text):
    return "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())


KNOWN = {"icmpguard": "icmpguard", "hashlimit": "xt_hashlimit, xt_limit", "nft": "nft"}


def known_table(rows):
    head = ["", "replies of the known host", "passed of the flood", "the total allows"]
    return head, [[KNOWN[row["guard"]],
                   f"{row['replies']} of {row['pings']}",
                   f"{row['passed'] - row['replies']:,} of {row['flood']:,}",
                   f"{row['due']:,}"] for row in rows]


GUARDS = {"kernel": "the kernel alone", "icmpguard": "icmpguard", "nft": "nft"}


def fragments_table(rows):
    head = ["fragments a second", "", "known host", "new host", "IPv6: known", "new"]
    return head, [[f"{row['rate']:,}", GUARDS[row["guard"]],
                   *(f"{row[name]} of {row['pings']}"
                     for name in ("known4", "new4", "known6", "new6"))] for row in rows]


def picture(out, name, title):
    """The plot, put beside the documents, as the README shows it"""
    if not (out / f"{name}.svg").exists():
        return ""
    first, rest = (out / f"{name}.svg").read_text().split("\n", 1)
    (TOP / f"Documentation/{name}.svg").write_text(f"{first}\n{LICENCE}\n{rest}")
    return f"\n![{title}](Documentation/{name}.svg)\n"


def publish_hooks(out, result):
    rows = result["rows"]
    head, body = make_table([row for row in rows if row["row"] in CHOSEN])
    plot = picture(out, "sources", "Cost of a packet against the number of sources")
    replace(TOP / "README.md", "<!-- make bench -->", "<!-- end -->",
            markdown(head, body, [result["note"]]) + plot)

    text = "::\n\n" + indent(text_table(*make_table(rows)))
    text += f"\n{result['note']} The machine's load before was {result['load_before']}.\n"
    if "threads" in result:
        text += "\n::\n\n" + indent(text_table(*threads_table(result["threads"]["rows"])))
        text += f"\n{result['threads']['note']}\n"
    replace(TOP / "Documentation/performance.rst", ".. make bench", ".. end", f"\n{text}\n")


def publish_frames(out, result):
    rows = result["frames"]["rows"]
    note = f"{result['frames']['note']} The machine's load before was {result['load_before']}."
    head, body = frames_table([row for row in rows if row["row"] in CHOSEN_FRAMES])
    plot = picture(out, "frames", "Cost of a frame against the number of sources")
    replace(TOP / "README.md", "<!-- make bench: frames -->", "<!-- end -->",
            markdown(head, body, [note]) + plot)

    text = "".join("\n::\n\n" + indent(text_table(*table))
                   for table in (frames_table(rows), passed_table(rows)) if table[1])
    text += f"\n{note}\n"
    text += f"\n{CHEAPEST}\n\n::\n\n" + indent(text_table(*cheapest_table(rows)))
    replace(TOP / "Documentation/performance.rst", ".. make bench: frames", ".. end",
            f"{text}\n")


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "build/bench"
    result = json.loads((out / "bench.json").read_text())
    if "rows" in result:
        publish_hooks(out, result)
    if "frames" in result:
        publish_frames(out, result)
    for name, make in (("known", known_table), ("fragments", fragments_table)):
        if (out / f"{name}.json").exists():
            table = text_table(*make(json.loads((out / f"{name}.json").read_text())))
            replace(TOP / "Documentation/performance.rst", f".. selftests/bench/{name}.sh",
                    ".. end", f"\n::\n\n{indent(table)}\n")


if __name__ == "__main__":
    main()
