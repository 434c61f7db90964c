#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Cases of a fuzz target: a text file in the tree, a folder for libFuzzer.

usage: cases.py unpack FILE FOLDER	a file for each case
       cases.py pack FOLDER		cases of a folder as lines, short ones first
"""
import hashlib
import pathlib
import re
import sys


def decode(line):
    """Return the bytes that a line stands for."""
    return re.sub(rb"\\(\\|x[0-9a-fA-F]{2})",
                  lambda m: b"\\" if m.group(1) == b"\\" else bytes([int(m.group(1)[1:], 16)]),
                  line)


def encode(data):
    """Return the line that stands for bytes. A # at its begin would be a remark."""
    text = "".join("\\\\" if c == 0x5c else chr(c) if 0x20 <= c < 0x7f else f"\\x{c:02x}"
                   for c in data)
    return "\\x23" + text[1:] if text.startswith("#") else text


def unpack(file, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for line in file.read_bytes().split(b"\n"):
        if line and not line.startswith(b"#"):
            data = decode(line)
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def pack(folder):
    cases = {each.read_bytes() for each in folder.iterdir() if each.is_file()}
    for data in sorted(cases, key=lambda each: (len(each), each)):
        if data:
            print(encode(data))


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "unpack":
        unpack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
    elif len(sys.argv) == 3 and sys.argv[1] == "pack":
        pack(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
