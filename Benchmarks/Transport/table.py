#!/usr/bin/env python3
"""The transport benchmark's runs as Markdown: medians over the rounds with the least and the most, and the ratios of
meterd to each other client, round by round, beside their budgets (docs/BENCHMARKS.md)."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections import defaultdict

NAMES = {
    "epoll": "raw C epoll",
    "libmodbus": "libmodbus, 64 threads",
    "pymodbus": "pymodbus, asyncio",
    "meterd": "**meterd**",
}
# Least ratio of meterd's requests per processor second to the other's, at depth 1.
BUDGETS = {"epoll": 0.6, "libmodbus": 2, "pymodbus": 8}


def machine():
    def found(path, pattern):
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
        return match.group(1) if match else "unknown"

    processor = found("/proc/cpuinfo", r"^model name\s*: (.*)")
    memory = found("/proc/meminfo", r"^MemTotal:\s+(\d+)")
    system = found("/etc/os-release", r'^PRETTY_NAME="(.*)"')
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=False).stdout
    release = re.search(r"Swift version (\S+)", swift)
    return ", ".join([
        f"{os.cpu_count()} processors of {processor}",
        f"{round(int(memory) / 1024 / 1024)} GiB",
        system,
        f"Linux {platform.release().split('-')[0]}",
        f"Swift {release.group(1) if release else 'unknown'}, release builds",
    ])


def spread(values, digits):
    least, middle, most = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({least:,.{digits}f}…{most:,.{digits}f})"


def table(header, rows):
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"use: {sys.argv[0]} RUNS.jsonl")
    runs = defaultdict(list)
    with open(sys.argv[1], encoding="utf-8") as file:
        for line in file:
            run = json.loads(line)
            if run["faults"]:
                sys.exit(f"answers were wrong: {line}")
            runs[run["connections"], run["depth"], run["client"]].append(run)

    def rates(key):
        return [run["requests"] / (run["user"] + run["system"]) for run in runs[key]]

    def micros(key, field):
        return statistics.median(1e6 * run[field] / run["requests"] for run in runs[key])

    rows = []
    for key in sorted(runs, key=lambda key: (key[0], key[1], list(NAMES).index(key[2]))):
        connections, depth, client = key
        wave = " in waves of 900" if client == "libmodbus" and connections > 900 else ""
        rows.append([
            f"{connections:,}{wave}",
            str(depth),
            NAMES[client],
            spread([rate / 1000 for rate in rates(key)], 1),
            f"{micros(key, 'user'):.2f}",
            f"{micros(key, 'system'):.2f}",
            f"{statistics.median(run['requests'] / run['wall'] / 1000 for run in runs[key]):,.1f}",
        ])
    ratios = []
    for connections, depth in sorted({key[:2] for key in runs}):
        own = rates((connections, depth, "meterd"))
        row = [f"{connections:,}", str(depth)]
        for other, budget in BUDGETS.items():
            others = rates((connections, depth, other))
            pairs = [mine / theirs for mine, theirs in zip(own, others)]
            verdict = "" if not pairs or depth > 1 else ", met" if statistics.median(pairs) >= budget else ", missed"
            row.append(spread(pairs, 2) + verdict if pairs else "–")
        ratios.append(row)
    rounds = max(map(len, runs.values()))
    print(f"Machine: {machine()}.")
    print(f"`make bench-transport`, rounds: {rounds}; medians, in brackets the least and the most.\n")
    print(
        table(
            ["connections", "depth", "client", "1,000 requests / processor second", "user µs", "system µs",
             "1,000 / wall second"], rows))
    asked = sum(run["requests"] for found in runs.values() for run in found)
    given_up = sum(run["given_up"] for found in runs.values() for run in found)
    if given_up:
        print(f"\n{given_up:,} of {asked + given_up:,} requests were given up unanswered: this machine was too busy.")
    print("\nmeterd's requests per processor second over the other's, round by round:\n")
    print(
        table(["connections", "depth"] + [f"÷ {NAMES[other]} (≥ {BUDGETS[other]})" for other in BUDGETS], ratios))


if __name__ == "__main__":
    main()
