#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""From measure.sh's rounds to a table, a JSON file and a plot."""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

NAMES = {
    "empty": "empty hook",
    "hashlimit": "xt_hashlimit",
    "nft": "nft",
    "icmpguard": "icmpguard",
    "full": "everything on",
}
KINDS = {"udp": "UDP", "echo": "echo", "unreach": "error"}
ROW = re.compile(r"(udp|echo|unreach)([46])(?:-(accept|drop))?:(.+)")
PLOTTED = [("empty", "#999999"), ("hashlimit", "#d55e00"), ("nft", "#0072b2"),
           ("icmpguard", "#009e73"), ("full", "#cc79a7")]


def read_rounds(path):
    """row -> system -> round -> its figures; in the order they were measured"""
    rows = {}
    for line in Path(path).read_text().splitlines():
        fields = line.split("\t")
        row, system = fields[:2]
        number, typical, mean, least, packets, accepted, dropped = map(int, fields[2:])
        rows.setdefault(row, {}).setdefault(system, {})[number] = {
            "typical": typical / 1000, "mean": mean / 1000, "least": least / 1000,
            "packets": packets, "accepted": accepted, "dropped": dropped}
    return rows


def quartiles(values):
    if len(values) < 2:
        return values[0], values[0], values[0]
    return statistics.quantiles(values, n=4, method="inclusive")


def summarize(system, rounds, loop):
    """What one system costs in one row, the loop of the same round subtracted"""
    counted = {n: r for n, r in rounds.items() if n > 0 and n in loop}
    if not counted:
        return None
    own = [r["typical"] - (0 if system == "none" else loop[n]["typical"])
           for n, r in counted.items()]
    low, median, high = quartiles(own)
    packets = sum(r["packets"] for r in counted.values())
    return {
        "ns": round(median, 3), "low": round(low, 3), "high": round(high, 3),
        "least": round(min(own), 3), "most": round(max(own), 3),
        "rounds": [round(value, 3) for value in own],
        "mean_with_interruptions_and_loop":
            round(statistics.median(r["mean"] for r in counted.values()), 3),
        "packets": packets,
        "accepted": sum(r["accepted"] for r in counted.values()) / packets,
        "dropped": sum(r["dropped"] for r in counted.values()) / packets,
    }


def summarize_all(rounds):
    result = []
    for row, systems in rounds.items():
        kind, family, variant, sources = ROW.fullmatch(row).groups()
        loop = systems.get("none", {})
        figures = {s: summarize(s, r, loop) for s, r in systems.items()}
        result.append({
            "row": row, "kind": kind, "family": int(family), "variant": variant,
            "sources": 2 ** 32 if sources == "2^32" else int(sources),
            "systems": {s: f for s, f in figures.items() if f}})
    return result


def cost(row, system):
    figures = row["systems"].get(system)
    return figures["ns"] if figures else None


def ratio(row, dear, cheap):
    a, b = cost(row, dear), cost(row, cheap)
    return a / b if a is not None and b is not None and b > 0 else None


def label(row):
    variant = {"accept": ", all pass", "drop": ", all dropped"}.get(row["variant"], "")
    sources = "2^32" if row["sources"] == 2 ** 32 else f"{row['sources']:,}"
    plural = "source" if row["sources"] == 1 else "sources"
    return f"IPv{row['family']} {KINDS[row['kind']]}, {sources} {plural}{variant}"


def cell(row, system):
    figures = row["systems"].get(system)
    if not figures:
        return "-"
    text = f"{figures['ns']:.1f} ±{(figures['high'] - figures['low']) / 2:.1f}"
    if system == "empty" or row["kind"] == "udp":
        return text
    return f"{text} {percent(figures['accepted']):>4}"


def percent(share):
    """0% and 100% only when it is all or nothing"""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 < share < 1:
        return ">99%"
    return f"{share:.0%}"


def times(value):
    return "-" if value is None else f"{value:.1f}x"


def make_table(rows):
    systems = [s for s in NAMES if any(s in row["systems"] for row in rows)]
    peers = [s for s in ("hashlimit", "nft") if s in systems and "icmpguard" in systems]
    head = [""] + [NAMES[s] for s in systems] + [f"{NAMES[p]} / icmpguard" for p in peers]
    body = [[label(row)] + [cell(row, s) for s in systems] +
            [times(ratio(row, p, "icmpguard")) for p in peers] for row in rows]
    return head, body


def print_text(head, body):
    short = [h.replace(" / icmpguard", "/ig").replace("xt_hashlimit/", "xt/") for h in head]
    widths = [max(len(line[i]) for line in [short] + body) for i in range(len(head))]
    for line in [short] + body:
        print("  ".join(text.ljust(w) if i == 0 else text.rjust(w)
                        for i, (text, w) in enumerate(zip(line, widths))))


def markdown(head, body, notes):
    lines = ["| " + " | ".join(head) + " |",
             "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(re.sub(" +", " ", text) for text in line) + " |"
              for line in body]
    return "\n".join(lines + [""] + notes) + "\n"


def promises(rows):
    """What is promised of icmpguard, as (text, measured, bound, at most?)"""
    by_name = {row["row"]: row for row in rows}

    def check(name, text, dear, cheap, bound, at_most=False):
        value = ratio(by_name[name], dear, cheap) if name in by_name else None
        if value is not None:
            met = value <= bound if at_most else value >= bound
            found.append({"row": name, "text": text, "measured": round(value, 2),
                          "bound": bound, "at_most": at_most, "met": met})

    found = []
    for family in "46":
        for system in ("icmpguard", "full"):
            check(f"udp{family}:1000", f"{NAMES[system]} over an empty hook", system, "empty",
                  1.25, at_most=True)
        for sources in ("1", "1000"):
            name = f"echo{family}:{sources}"
            check(name, "xt_hashlimit over icmpguard", "hashlimit", "icmpguard", 3)
            check(name, "nft over icmpguard", "nft", "icmpguard", 4.5)
            check(name, "xt_hashlimit over everything on", "hashlimit", "full", 2)
        for sources in ("1000000", "2^32"):
            name = f"echo{family}:{sources}"
            check(name, "xt_hashlimit over icmpguard", "hashlimit", "icmpguard", 10)
            check(name, "nft over icmpguard", "nft", "icmpguard", 7)
        few, many = (by_name.get(f"echo{family}:{n}") for n in ("1000000", "2^32"))
        if few and many and cost(few, "icmpguard") and cost(many, "icmpguard"):
            pair = sorted([cost(few, "icmpguard"), cost(many, "icmpguard")])
            found.append({"row": f"echo{family}", "text": "2^32 sources against 1,000,000",
                          "measured": round(pair[1] / pair[0], 2), "bound": 1.3,
                          "at_most": True, "met": pair[1] / pair[0] <= 1.3})
    return found


def print_promises(found):
    for each in found:
        sign = "<=" if each["at_most"] else ">="
        print(f"{'met   ' if each['met'] else 'missed'}  {each['row']:<14} {each['text']}: "
              f"{each['measured']:.2f} ({sign} {each['bound']})")


def plot(rows, out):
    """Cost against number of sources, a panel a family, a line a system"""
    points = defaultdict(list)
    for row in rows:
        if row["kind"] != "echo" or row["variant"]:
            continue
        for system, _ in PLOTTED:
            figures = row["systems"].get(system)
            if figures and figures["low"] > 0:
                points[row["family"], system].append(
                    (row["sources"], figures["ns"], figures["low"], figures["high"]))
    families = sorted({family for family, _ in points})
    if not any(len(line) > 1 for line in points.values()):
        return
    script = ["set terminal svg size %d,420 font 'sans-serif,13' background '#ffffff'"
              % (520 * len(families)),
              "set output 'sources.svg'",
              "set multiplot layout 1,%d" % len(families),
              "set logscale xy", "set key at screen 0.5,0.98 center top horizontal",
              "set tmargin 4", "set grid ytics lc rgb '#dddddd' lt 1",
              "set xtics ('1' 1, '1,000' 1e3, '100,000' 1e5, '10^6' 1e6, '10^7' 1e7, '2^{32}' 4294967296)",
              "set xtics rotate by -30", "set xrange [0.7:9e9]", "set yrange [1:*]",
              "set xlabel 'sources, at random'"]
    for index, family in enumerate(families):
        lines = []
        for system, colour in PLOTTED:
            line = sorted(points.get((family, system), []))
            if not line:
                continue
            name = f"$d{family}_{system}"
            script += [f"{name} << EOD", *(" ".join(map(str, p)) for p in line), "EOD"]
            title = f"title '{NAMES[system].replace('_', chr(92) + chr(92) + '_')}'" \
                if index == 0 else "notitle"
            lines.append(f"{name} using 1:2:3:4 with yerrorlines lw 2 pt 7 ps 0.5 "
                         f"lc rgb '{colour}' {title}")
        script += [f"set title 'ICMPv{family} echo requests' offset 0,-1" if family == 6
                   else "set title 'ICMP echo requests' offset 0,-1",
                   f"set ylabel '{'nanoseconds a packet' if index == 0 else ''}'",
                   "plot " + ", ".join(lines)]
    script.append("unset multiplot")
    (out / "sources.gp").write_text("\n".join(script) + "\n")
    try:
        subprocess.run(["gnuplot", "sources.gp"], cwd=out, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"report.py: no plot: {error}", file=sys.stderr)


def processor():
    match = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return match.group(1).strip() if match else "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", default="unknown")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--load", type=float, default=0)
    parser.add_argument("rounds")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    rounds = read_rounds(args.rounds)
    if not rounds:
        sys.exit("report.py: nothing was measured")
    rows = summarize_all(rounds)
    count = max(len(s) - 1 for systems in rounds.values() for s in systems.values())
    loop = statistics.median(row["systems"]["none"]["ns"] for row in rows
                             if "none" in row["systems"])
    notes = [
        f"Nanoseconds a packet: median of {count} rounds ± half the interquartile range, and the "
        "share of packets accepted. The loop around the hooks, "
        f"{loop:.1f} ns, is subtracted round by round. "
        f"Linux {args.kernel}, {processor()}"
        + (f", {args.threads} threads at once." if args.threads > 1 else ".")]
    head, body = make_table(rows)
    found = promises(rows)
    print()
    print_text(head, body)
    print()
    print(notes[0])
    if found:
        print()
        print_promises(found)
    (args.out / "table.md").write_text(markdown(head, body, notes))
    (args.out / "bench.json").write_text(json.dumps({
        "kernel": args.kernel, "processor": processor(), "threads": args.threads,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "load_before": args.load, "loop_ns": loop, "rounds": count,
        "rows": rows, "promises": found}, indent=1) + "\n")
    plot(rows, args.out)


if __name__ == "__main__":
    main()
