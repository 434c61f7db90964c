#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""From perf's samples of User Mode Linux to functions and instructions.

usage: perf script -F comm,ip | profile.py SECTIONS LINUX NAME=MODULE...
SECTIONS has a line `MODULE ADDRESS SIZE` for each module's text.
"""

import bisect
import subprocess
import sys
from collections import Counter
from pathlib import Path


def symbols(path, base):
    """The functions of a file, sorted by address"""
    out = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True,
                         check=True).stdout
    return sorted((int(a, 16) + base, name) for a, kind, name in
                  (line.split() for line in out.splitlines()) if kind in "tTwW")


def instructions(path):
    """Offset in the text section -> instruction"""
    out = subprocess.run(["objdump", "-d", "-r", "-w", "-j", ".text", "--no-show-raw-insn", path],
                         capture_output=True, text=True, check=True).stdout
    found = {}
    for line in out.splitlines():
        at, _, text = line.strip().partition(":")
        try:
            found[int(at, 16)] = " ".join(text.split())
        except ValueError:
            continue
    return found


def main():
    sections, linux, *named = sys.argv[1:]
    files = dict(each.split("=", 1) for each in named)
    texts = []
    for line in Path(sections).read_text().splitlines():
        name, address, size = line.split()
        texts.append((int(address, 16), int(size), name))
    kernel = symbols(linux, 0)
    modules = {name: symbols(path, 0) for name, path in files.items()}

    functions, places = Counter(), Counter()
    for line in sys.stdin:
        *comm, ip = line.split()
        ip = int(ip, 16)
        for base, size, name in texts:
            if base <= ip < base + size:
                if name not in modules:
                    functions[f"[{name}]"] += 1
                    break
                at = bisect.bisect_right(modules[name], (ip - base, "~")) - 1
                functions[f"{modules[name][at][1]} [{name}]"] += 1
                places[name, ip - base] += 1
                break
        else:
            if kernel[0][0] <= ip <= kernel[-1][0]:
                functions[kernel[bisect.bisect_right(kernel, (ip, "~")) - 1][1]] += 1

    total = sum(functions.values())
    if not total:
        sys.exit("profile.py: no sample is in the kernel")
    print(f"\n{total} samples")
    for name, count in functions.most_common(25):
        print(f"{count / total:6.1%}  {name}")
    print()
    code = {name: instructions(path) for name, path in files.items()}
    hot = [(place, count) for place, count in places.most_common(40) if count >= total / 300]
    for (name, offset), count in sorted(hot):
        at = bisect.bisect_right(modules[name], (offset, "~")) - 1
        print(f"{count / total:6.1%}  {modules[name][at][1]}+{offset - modules[name][at][0]:#x}"
              f"  {code[name].get(offset, '')}")


if __name__ == "__main__":
    main()
