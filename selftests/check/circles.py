#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Find circles of files: by what each includes and by whose functions it uses.

usage: circles.py [-a] FOLDER...

A .c and a .h of one name count as one. Prints each circle with what ties it
together, and fails where there is one; -a prints every arrow as well.
"""
import pathlib
import re
import sys

WORD = re.compile(r"(?<![\w.>])[A-Za-z_]\w*")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)


def outside(text):
    """What is outside of braces: (declaration, whether a body follows, its place)."""
    depth, begin, inside, found = 0, 0, 0, []
    for place in re.finditer(r"[(){};]", text):
        if place[0] in "()":
            inside += 1 if place[0] == "(" else -1
        elif inside:
            continue
        elif place[0] == "{":
            if not depth:
                found.append((text[begin:place.start()], True, (begin, place.start())))
            depth += 1
        elif place[0] == "}":
            depth -= 1
            begin = place.end()
        elif not depth:
            found.append((text[begin:place.start()], False, (begin, place.start())))
            begin = place.end()
    return found


def defined(text):
    """The names that a file defines, (for all, for itself alone), and what it does."""
    everyone, itself, only_declared = set(), set(), []
    for declaration, body, (begin, end) in outside(text):
        words = declaration.split()
        is_value = "=" in declaration
        if not body and not is_value:
            only_declared.append((begin, end))
        if len(words) < 2 or words[0] in ("extern", "typedef", "="):
            continue
        if body and not is_value:
            name = re.match(r"[^(]*?\b(\w+)\s*\(", declaration)
        elif words[0] in ("struct", "union", "enum") and len(words) == 2:
            continue
        else:
            name = re.match(r"[^=(]*?\b(\w+)\s*(?:\[[^=]*)?(?:__\w+\s*)*(?:=|$)", declaration)
        if name:
            (itself if "static" in words else everyone).add(name[1])
    for begin, end in reversed(only_declared):
        text = text[:begin] + text[end:]
    return everyone, itself, text


def read(folders):
    """Each room's arrows: {room: {room: {why}}}."""
    texts = {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*.[ch]")):
            if not {"tests", "fuzz"} & set(path.parts) and not path.name.endswith(".mod.c"):
                texts[path] = NOISE.sub(lambda noise: '""' if noise[0][0] == '"' else " ",
                                        path.read_text(encoding="utf-8"))
    rooms = {path: str(path.with_suffix("")) for path in texts}
    arrows = {room: {} for room in rooms.values()}
    owner, own, does = {}, {}, {}
    for path, text in texts.items():
        everyone, own[path], does[path] = defined(DIRECTIVE.sub("", text))
        for name in everyone:
            owner[path.parts[0], name] = rooms[path]

    def arrow(path, room, why):
        if room != rooms[path]:
            arrows[rooms[path]].setdefault(room, set()).add(why)

    for path in texts:
        for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            for place in (path.parent, pathlib.Path("kmod")):
                target = pathlib.Path(*simplify((place / name).parts))
                if target in rooms:
                    arrow(path, rooms[target], "its header")
                    break
        for name in set(WORD.findall(does[path])) - own[path]:
            if (path.parts[0], name) in owner:
                arrow(path, owner[path.parts[0], name], name)
    return arrows


def simplify(parts):
    kept = []
    for part in parts:
        if part == ".." and kept:
            kept.pop()
        else:
            kept.append(part)
    return kept


def reach(arrows, room):
    seen, todo = set(), [room]
    while todo:
        for other in arrows[todo.pop()]:
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def main():
    arrows = read([word for word in sys.argv[1:] if word != "-a"])
    reached = {room: reach(arrows, room) for room in arrows}
    circles = {frozenset(other for other in reached[room] if room in reached[other])
               for room in arrows if room in reached[room]}
    if "-a" in sys.argv:
        for room in sorted(arrows):
            print(room, "->", " ".join(sorted(arrows[room])))
        print(f"{len(arrows)} rooms, {sum(map(len, arrows.values()))} arrows, {len(circles)} circles")
    for circle in circles:
        print("a circle of", len(circle), "files:", " ".join(sorted(circle)))
        for room in sorted(circle):
            for other in sorted(set(arrows[room]) & circle):
                print(f"  {room} -> {other}: {' '.join(sorted(arrows[room][other])[:6])}")
    return 1 if circles else 0


if __name__ == "__main__":
    sys.exit(main())
