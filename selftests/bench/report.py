#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""From measure.sh's rounds to tables, a JSON file and plots."""

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
    "rules1000": "1,000 rules",
    "rules100000": "100,000 rules",
    "bound": "rules for interfaces",
    "reverse": "reverse path",
}
# Of rows in which frames are received
FRAME_NAMES = {
    "nofilter": "no filter",
    "hashlimit": "xt_hashlimit",
    "nft": "nft",
    "nftingress": "nft, ingress",
    "icmpguard": "icmpguard",
    "ingress": "its judge, ingress",
    "early": "its judge, driver",
}
CHEAPEST = ("The cheapest chunk of all rounds, a tenth of a millisecond that nothing disturbed, "
            "less that of the loop; nanoseconds a frame:")
PEERS = ("hashlimit", "nft", "nftingress")
KINDS = {"udp": "UDP", "echo": "echo", "unreach": "error", "mtu": "path MTU"}
ROW = re.compile(r"(?:frame-)?(udp|echo|unreach|mtu)([46])(?:-(accept|drop))?:(.+)")
PLOTTED = [("empty", "#999999"), ("hashlimit", "#d55e00"), ("nft", "#0072b2"),
           ("icmpguard", "#009e73"), ("full", "#cc79a7")]
FRAMES_PLOTTED = [("nofilter", "#999999"), ("hashlimit", "#d55e00"), ("nft", "#0072b2"),
                  ("nftingress", "#56b4e9"), ("icmpguard", "#009e73"), ("ingress", "#e69f00"),
                  ("early", "#cc79a7")]


def read_rounds(path):
    """threads -> row -> system -> round -> its figures; in the order of measuring"""
    result = {}
    path = Path(path)
    # Missing when the guest didn't get that far
    for line in path.read_text().splitlines() if path.exists() else []:
        fields = line.split("\t")
        row, system = fields[:2]
        number, threads, typical, mean, least, packets, accepted, dropped = map(int, fields[2:])
        rows = result.setdefault(threads, {})
        rows.setdefault(row, {}).setdefault(system, {})[number] = {
            "typical": typical / 1000, "mean": mean / 1000, "least": least / 1000,
            "packets": packets, "accepted": accepted, "dropped": dropped}
    return result


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
    cheapest = min(r["least"] for r in counted.values())
    if system != "none":
        cheapest -= min(loop[n]["least"] for n in counted)
    return {
        "ns": round(median, 3), "low": round(low, 3), "high": round(high, 3),
        "least": round(min(own), 3), "most": round(max(own), 3),
        "cheapest_chunk": round(cheapest, 3),
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
        frames = row.startswith("frame-")
        figures = {s: summarize(s, r, loop) for s, r in systems.items()}
        result.append({
            "row": row, "frames": frames, "kind": kind, "family": int(family), "variant": variant,
            "sources": 2 ** 32 if sources == "2^32" else int(sources),
            "systems": {s: f for s, f in figures.items() if f}})
    return result


def compare_threads(rounds):
    """How much dearer a packet is when several threads send at once"""
    several = max(rounds)
    result = []
    for row, systems in rounds[several].items():
        figures = {}
        for system, counted in systems.items():
            single = rounds.get(1, {}).get(row, {}).get(system, {})
            ratios = [counted[n]["typical"] / single[n]["typical"] for n in counted
                      if n > 0 and n in single]
            if ratios:
                low, median, high = quartiles(ratios)
                figures[system] = {"ratio": round(median, 3), "low": round(low, 3),
                                   "high": round(high, 3), "rounds": len(ratios)}
        result.append({"row": row, "label": label_of(row), "systems": figures})
    return several, result


def threads_table(rows):
    systems = [s for s in ("none", *NAMES) if any(s in row["systems"] for row in rows)]
    head = [""] + [{"none": "loop alone"}.get(s) or NAMES[s] for s in systems]
    body = [[row["label"]] + [
        f"{f['ratio']:.2f} ±{(f['high'] - f['low']) / 2:.2f}" if f else "-"
        for f in (row["systems"].get(s) for s in systems)] for row in rows]
    return head, body


def cost(row, system):
    figures = row["systems"].get(system)
    return figures["ns"] if figures else None


def ratio(row, dear, cheap):
    a, b = cost(row, dear), cost(row, cheap)
    return a / b if a is not None and b is not None and b > 0 else None


def added(row, dear, cheap):
    """What one system costs more than another, round by round: median and quartiles"""
    a, b = (row["systems"].get(s, {}).get("rounds", []) for s in (dear, cheap))
    if not a or len(a) != len(b):
        return None
    low, median, high = quartiles([x - y for x, y in zip(a, b)])
    return median, low, high


def cheapest_peer(row):
    costs = [(cost(row, peer), peer) for peer in PEERS if cost(row, peer) is not None]
    return min(costs)[1] if costs else None


def label_of(name):
    kind, family, variant, sources = ROW.fullmatch(name).groups()
    suffix = {"accept": ", all pass", "drop": ", all dropped"}.get(variant, "")
    if sources != "2^32":
        sources = f"{int(sources):,}"
    plural = "source" if sources == "1" else "sources"
    return f"IPv{family} {KINDS[kind]}, {sources} {plural}{suffix}"


def cell(row, system):
    figures = row["systems"].get(system)
    if not figures:
        return "-"
    text = f"{figures['ns']:.1f} ±{(figures['high'] - figures['low']) / 2:.1f}"
    if system in ("empty", "nofilter") or row["kind"] == "udp":
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
    body = [[label_of(row["row"])] + [cell(row, s) for s in systems] +
            [times(ratio(row, p, "icmpguard")) for p in peers] for row in rows]
    return head, body


def frames_table(rows):
    """What it costs from the driver to the drop"""
    rows = [row for row in rows if row["frames"] and not is_passed(row)]
    systems = [s for s in FRAME_NAMES if any(s in row["systems"] for row in rows)]
    head = [""] + [FRAME_NAMES[s] for s in systems]
    body = [[label_of(row["row"])] + [cell(row, s) for s in systems] for row in rows]
    if "early" in systems:
        head += ["cheapest peer / driver", "icmpguard / driver"]
        for line, row in zip(body, rows):
            line += [times(ratio(row, cheapest_peer(row), "early")),
                     times(ratio(row, "icmpguard", "early"))]
    return head, body


def passed_table(rows):
    """What a frame costs that is passed up, and how much of that is the look before"""
    rows = [row for row in rows if row["frames"] and is_passed(row)]
    systems = [s for s in ("nofilter", "icmpguard", "ingress", "early")
               if any(s in row["systems"] for row in rows)]
    looks = [s for s in ("ingress", "early") if s in systems and "icmpguard" in systems]
    head = ([""] + [FRAME_NAMES[s] for s in systems] +
            [f"added by the look, {FRAME_NAMES[s].rsplit(' ', 1)[1]}" for s in looks])
    body = [[label_of(row["row"])] + [cell(row, s) for s in systems] +
            [difference(added(row, s, "icmpguard")) for s in looks] for row in rows]
    return head, body


def cheapest_table(rows):
    """The same of the cheapest chunk: what a busy machine disturbs least"""
    rows = [row for row in rows if row["frames"]]
    systems = [s for s in FRAME_NAMES if any(s in row["systems"] for row in rows)]
    chunk = [{s: row["systems"][s]["cheapest_chunk"] for s in systems if s in row["systems"]}
             for row in rows]
    head = [""] + [FRAME_NAMES[s] for s in systems]
    body = [[label_of(row["row"])] + [f"{c[s]:.1f}" if s in c else "-" for s in systems]
            for row, c in zip(rows, chunk)]
    return head, body


def is_passed(row):
    return row["kind"] == "udp" or row["variant"] == "accept"


def difference(values):
    if values is None:
        return "-"
    median, low, high = values
    return f"{median:+.1f} ±{(high - low) / 2:.1f}"


def text_table(head, body):
    short = [h.replace(" / icmpguard", "/ig").replace("xt_hashlimit/", "xt/")
             .replace("cheapest peer / driver", "peer/driver")
             .replace("icmpguard / driver", "ig/driver").replace("added by the look", "added")
             .replace("its judge", "judge") for h in head]
    widths = [max(len(line[i]) for line in [short] + body) for i in range(len(head))]
    return "\n".join("  ".join(text.ljust(w) if i == 0 else text.rjust(w)
                               for i, (text, w) in enumerate(zip(line, widths))).rstrip()
                     for line in [short] + body)


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
    for row in rows:
        if row["frames"]:
            promise_frames(row, found)
    return found


def promise_frames(row, found):
    """The aims for the look before there is an skb"""
    def add(text, measured, bound, at_most):
        found.append({"row": row["row"], "text": text, "measured": round(measured, 2),
                      "bound": bound, "at_most": at_most,
                      "met": measured <= bound if at_most else measured >= bound})

    if is_passed(row):
        values = added(row, "early", "icmpguard")
        if values:
            add("ns added to a frame that passes", values[0], 3 if row["kind"] == "udp" else 15,
                True)
        return
    for name, dear in (("cheapest peer", cheapest_peer(row)), ("icmpguard's hook", "icmpguard")):
        value = ratio(row, dear, "early")
        if value is not None:
            add(f"{name} over its judge in the driver", value,
                10 if row["sources"] == 1 else 5, False)


def print_promises(found):
    for each in found:
        sign = "<=" if each["at_most"] else ">="
        print(f"{'met   ' if each['met'] else 'missed'}  {each['row']:<24} {each['text']}: "
              f"{each['measured']:.2f} ({sign} {each['bound']})")


def plot(rows, out, name, names, plotted):
    """Cost of echo requests against number of sources, a panel a family, a line a system"""
    points = defaultdict(list)
    for row in rows:
        if row["kind"] != "echo" or row["variant"]:
            continue
        for system, _ in plotted:
            figures = row["systems"].get(system)
            if figures and figures["low"] > 0:
                points[row["family"], system].append(
                    (row["sources"], figures["ns"], figures["low"], figures["high"]))
    families = sorted({family for family, _ in points})
    if not any(len(line) > 1 for line in points.values()):
        return
    script = ["set terminal svg size %d,420 font 'sans-serif,13' background '#ffffff'"
              % (520 * len(families)),
              f"set output '{name}.svg'",
              "set multiplot layout 1,%d" % len(families),
              "set logscale xy", "set key at screen 0.5,0.98 center top horizontal maxrows 1",
              "set tmargin 4", "set grid ytics lc rgb '#dddddd' lt 1",
              "set xtics ('1' 1, '1,000' 1e3, '100,000' 1e5, '10^6' 1e6, '10^7' 1e7, '2^{32}' 4294967296)",
              "set xtics rotate by -30", "set xrange [0.7:9e9]", "set yrange [1:*]",
              "set xlabel 'sources, at random'"]
    for index, family in enumerate(families):
        lines = []
        for system, colour in plotted:
            line = sorted(points.get((family, system), []))
            if not line:
                continue
            data = f"$d{family}_{system}"
            script += [f"{data} << EOD", *(" ".join(map(str, p)) for p in line), "EOD"]
            title = f"title '{names[system]}' noenhanced" if index == 0 else "notitle"
            lines.append(f"{data} using 1:2:3:4 with yerrorlines lw 2 pt 7 ps 0.5 "
                         f"lc rgb '{colour}' {title}")
        script += [f"set title 'ICMPv{family} echo requests' offset 0,-1" if family == 6
                   else "set title 'ICMP echo requests' offset 0,-1",
                   f"set ylabel '{'nanoseconds a packet' if index == 0 else ''}'",
                   "plot " + ", ".join(lines)]
    script.append("unset multiplot")
    (out / f"{name}.gp").write_text("\n".join(script) + "\n")
    try:
        subprocess.run(["gnuplot", f"{name}.gp"], cwd=out, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"report.py: no plot: {error}", file=sys.stderr)


def processor():
    match = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return match.group(1).strip() if match else "unknown"


def loop_of(rows):
    return statistics.median(row["systems"]["none"]["ns"] for row in rows
                             if "none" in row["systems"])


def report_costs(args, result):
    rounds = read_rounds(args.rounds).get(1)
    if not rounds:
        sys.exit("report.py: nothing was measured")
    all_rows = summarize_all(rounds)
    rows = [row for row in all_rows if not row["frames"]]
    frames = [row for row in all_rows if row["frames"]]
    count = max(len(s) - 1 for systems in rounds.values() for s in systems.values())
    where = f"Linux {args.kernel}{args.uml}, {processor()}."
    median = f"median of {count} rounds ± half the interquartile range"
    found = promises(all_rows)
    tables = []
    result.update(kernel=args.kernel + args.uml, rounds=count, promises=found)
    if rows:
        loop = loop_of(rows)
        note = (f"Nanoseconds a packet: {median}, and the share of packets accepted. The loop "
                f"around the hooks, {loop:.1f} ns, is subtracted round by round. {where}")
        head, body = make_table(rows)
        print(f"\n{text_table(head, body)}\n\n{note}\n")
        plot(rows, args.out, "sources", NAMES, PLOTTED)
        result.update(loop_ns=loop, rows=rows, note=note)
        tables.append(markdown(head, body, [note]))
    if frames:
        loop = loop_of(frames)
        note = (f"Nanoseconds a frame, from the driver's poll to the drop, or to the end of "
                f"PRE_ROUTING: {median}, and the share of frames that get past PRE_ROUTING. The "
                f"loop that writes the frames, {loop:.1f} ns, is subtracted round by round. "
                f"{where}")
        both = [table for table in (frames_table(frames), passed_table(frames)) if table[1]]
        print("\n" + "\n\n".join(text_table(*table) for table in both) + f"\n\n{note}\n\n"
              f"{CHEAPEST}\n\n{text_table(*cheapest_table(frames))}\n")
        plot(frames, args.out, "frames", FRAME_NAMES, FRAMES_PLOTTED)
        result["frames"] = {"loop_ns": loop, "rows": frames, "note": note}
        tables += [markdown(*table, []) for table in both[:-1]] + [markdown(*both[-1], [note])]
    print_promises(found)
    return "\n".join(tables)


def report_threads(args, result):
    rounds = read_rounds(args.threads)
    if not rounds:
        sys.exit("report.py: nothing was measured with several threads")
    several, rows = compare_threads(rounds)
    note = (f"Time of a packet while {several} threads send at once, against one that is alone: "
            f"1.00 is perfect scaling; the loop is included. Linux "
            f"{args.threads_kernel}{args.uml}, {processor()}.")
    head, body = threads_table(rows)
    print(f"\n{text_table(head, body)}\n\n{note}")
    result["threads"] = {"kernel": args.threads_kernel + args.uml, "threads": several,
                         "rows": rows, "note": note}
    return markdown(head, body, [note])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds")
    parser.add_argument("--kernel", default="")
    parser.add_argument("--threads")
    parser.add_argument("--threads-kernel", default="")
    parser.add_argument("--uml", action="store_const", const=", User Mode Linux", default="")
    parser.add_argument("--load", type=float, default=0)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()

    if args.load > 1:
        print(f"\nThe machine was busy (load {args.load}). Costs are of packets that nothing "
              "interrupted, but caches are shared; what two threads take means nothing.")
    result = {"processor": processor(), "load_before": args.load,
              "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    tables = []
    if args.rounds:
        tables.append(report_costs(args, result))
    if args.threads:
        tables.append(report_threads(args, result))
    (args.out / "table.md").write_text("\n".join(tables))
    (args.out / "bench.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
