#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How many of the module's lines the tests have reached. KTAP.

usage: coverage.py [-v] LEAST BUILD COUNTS...

LEAST is in percent; BUILD is where the module was built with GCOV_PROFILE=y;
COUNTS are directories with the .gcda files of runs. A line counts when one of
them came there. -v also prints each function with lines that none came to.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile


def notes(build):
    found = {}
    for folder, _, names in os.walk(build):
        for name in names:
            if name.endswith(".gcno"):
                found[name[:-5]] = os.path.join(folder, name)
    return found


def read(counts, found):
    """The lines of one run: (file, line, function, count)"""
    with tempfile.TemporaryDirectory() as tmp:
        names = [name for name in os.listdir(counts)
                 if name.endswith(".gcda") and name[:-5] in found]
        for name in names:
            os.symlink(os.path.abspath(os.path.join(counts, name)), os.path.join(tmp, name))
            os.symlink(os.path.abspath(found[name[:-5]]),
                       os.path.join(tmp, name[:-5] + ".gcno"))
        for name in names:
            out = subprocess.run(["gcov", "-j", "-t", name], cwd=tmp, check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            for entry in out.splitlines():
                for file in json.loads(entry)["files"]:
                    for line in file["lines"]:
                        yield (file["file"], line["line_number"],
                               line.get("function_name", ""), line["count"])


def main(argv):
    verbose = argv[:1] == ["-v"]
    least, build, *runs = argv[verbose:]
    found = notes(build)
    lines = collections.defaultdict(dict)
    functions = {}
    for counts in runs:
        for path, number, function, count in read(counts, found):
            where = path.find("kmod/")
            if where < 0 or "kmod/tests/" in path:
                continue
            name = path[where:]
            lines[name][number] = max(count, lines[name].get(number, 0))
            functions.setdefault((name, number), function)
    print("KTAP version 1\n1..1")
    reached = total = 0
    for name in sorted(lines):
        here = lines[name]
        hit = sum(1 for count in here.values() if count)
        reached += hit
        total += len(here)
        print(f"# {name}: {hit} of {len(here)} lines, {100 * hit / len(here):.1f} %")
        missed = collections.defaultdict(list)
        for number in sorted(here):
            if not here[number]:
                missed[functions[name, number]].append(number)
        if verbose:
            for function, numbers in missed.items():
                print(f"#     {function}: {' '.join(map(str, numbers))}")
    share = 100 * reached / total if total else 0
    good = total > 0 and share >= float(least)
    print(f"{'' if good else 'not '}ok 1 the tests reach {share:.1f} % of the module's lines, "
          f"{reached} of {total}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
