#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A terminal's cells, as tmux captures them with their colours, as SVG.

usage: svg.py FILE
"""
import pathlib
import re
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 8.4, 18, 12
COLOURS = {"31": "#e06c75", "32": "#98c379", "33": "#e5c07b", "36": "#56b6c2"}
PLAIN, PAPER = "#d7dae0", "#1e2127"


def runs(line):
    """Yield (column, text, colour, bold) for each run of cells that look alike."""
    colour, bold, column = PLAIN, False, 0
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        codes = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not codes:
            if part.strip():
                yield column, part, colour, bold
            column += len(part)
            continue
        for code in (codes.group(1) or "0").split(";"):
            if code in ("", "0"):
                colour, bold = PLAIN, False
            elif code == "1":
                bold = True
            elif code == "39":
                colour = PLAIN
            else:
                colour = COLOURS.get(code, colour)


def main():
    # Anything but colours has no place in a picture; tmux switches character sets, too.
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").replace("\x0e", "").replace("\x0f", "")
    lines = text.rstrip("\n").split("\n")
    while lines and not re.sub(r"\x1b\[[0-9;]*m", "", lines[-1]).strip():
        lines.pop()
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width, height = columns * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    print("<!-- SPDX-License-Identifier: GPL-2.0-only -->")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
          f'viewBox="0 0 {width:.0f} {height:.0f}">')
    print(f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" '
          'xml:space="preserve">')
    for row, line in enumerate(lines):
        y = MARGIN + row * HEIGHT + 13
        for column, part, colour, bold in runs(line):
            weight = ' font-weight="bold"' if bold else ""
            # The length keeps columns in line whatever font there is.
            print(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{y}" fill="{colour}"{weight} '
                  f'textLength="{len(part) * WIDTH:.1f}">{escape(part)}</text>')
    print("</g>\n</svg>")


if __name__ == "__main__":
    main()
