#!/usr/bin/env python3
"""The store benchmark's runs as Markdown, beside their budgets, for docs/BENCHMARKS.md."""

import json
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Transport"))
from table import machine, spread, table  # noqa: E402


def verdict(holds):
    return "met" if holds else "**missed**"


class Runs:
    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            self.all = [json.loads(line) for line in lines]

    def of(self, what, **wanted):
        return [run for run in self.all
                if run["what"] == what and all(run.get(key) == value for key, value in wanted.items())]

    def one(self, what, **wanted):
        return self.of(what, **wanted)[-1]

    def weighed(self):
        """Indices in months and in weeks when the store was weighed."""
        before = self.all[: next(place for place, run in enumerate(self.all) if run["what"] == "size")]
        moved = [run for run in before if run["what"] == "compaction"]
        return (self.one("adopt")["indices"] + sum(run["indices"] for run in moved if run["period"][0] == "m"),
                sum(run["indices"] for run in moved if run["period"][0] == "w"))


def number(value, digits=0):
    return f"{value:,.{digits}f}"


def filling(runs):
    dials, adopt, registry = runs.one("dials"), runs.one("adopt"), runs.one("import")
    print(f"{number(dials['meters'])} meters, {number(dials['registers'])} registers, {number(dials['kept'])} days from "
          f"{dials['first']} to {dials['last']}; a home takes {dials['dayWattHours'] / 1000:.1f} kWh a day; "
          f"{dials['missing']:.2%} missing, {dials['estimated']:.2%} estimated; what a home's own mood puts into an "
          f"index is {dials['bits'] / 8:.2f} bytes, less than which no code can take.\n")
    print(f"Registry import {registry['seconds']:.1f} s. History of the days before {dials['polledFrom']}, packed by "
          f"months as it comes: {number(adopt['indices'])} indices in {adopt['seconds']:.1f} s "
          f"({number(adopt['indices'] / adopt['seconds'])} a second), longest transaction {adopt['longest']:.2f} s.\n")


def ingest(runs):
    rows = []
    kinds = [("frozen", "gateways", "nothing", "each meter's record, in a head-end's order"),
             ("frozen", "shuffled", "nothing", "the same, in no order at all"),
             ("frozen", "gateways", "readers", "in a head-end's order, while customers are served"),
             ("frozen", "gateways", "a backup", "in a head-end's order, while a backup is taken"),
             ("live", "gateways", "nothing", "the first readings after midnight, which draw an index"),
             ("evening", "gateways", "nothing", "readings in the day, which only move the dial")]
    for kind, order, beside, text in kinds:
        days = runs.of("ingest", kind=kind, order=order, beside=beside)
        if not days:
            continue
        rates = [day["rows"] / day["seconds"] for day in days]
        budget = kind != "evening" and beside == "nothing"
        rows.append([
            text, str(len(days)), spread(rates, 0) + (f", {verdict(statistics.median(rates) >= 200_000)}" if budget else ""),
            number(statistics.median(day["polls"] / day["seconds"] for day in days)),
            # Of the whole process: beside something else they say nothing of the rows.
            number(statistics.median(day["cpu"] / day["rows"] for day in days) * 1e6, 2) if beside == "nothing" else "–",
            number(statistics.median(day["written"] / day["rows"] for day in days)) if beside == "nothing" else "–",
            number(max(day["longest"] for day in days) * 1000),
        ])
    print(table(["a day in groups of 10,000 polls", "days", "rows a second (≥ 200,000)", "polls a second",
                 "processor µs a row", "bytes written a row", "longest group ms"], rows))
    print()


def compaction(runs):
    rows = []
    for run in runs.of("compaction"):
        whole = run["period"].startswith("month")
        rows.append([
            run["period"], number(run["indices"]), f"{run['seconds']:.2f}" + (f", {verdict(run['seconds'] <= 20)}" if whole else ""),
            number(run["count"]), number(run["longest"] * 1000) + f", {verdict(run['longest'] <= 0.4)}",
            number(run["indices"] / run["seconds"]), number(run["written"] / run["indices"], 1),
        ])
    print(table(["period", "indices", "seconds (month ≤ 20)", "transactions", "longest ms (≤ 400)", "indices a second",
                 "bytes written an index"], rows))
    print("\nThe first month goes straight from rows, the last from its weeks.\n")


def reading(runs):
    def quantile(run, part, budget=None):
        wall, cpu = run["p" + part] * 1000, run["cpu" + part] * 1000
        return f"{wall:.3f} ({cpu:.3f})" + (f", {verdict(wall <= budget)}" if budget else "")

    rows = []
    for beside, text in [("ingest", "while a night is ingested"), ("nothing", "alone")]:
        run = runs.one("customer", beside=beside)
        rows.append([text, number(run["calls"]), quantile(run, "50", 0.5), quantile(run, "99", 1),
                     quantile(run, "999"), quantile(run, "100")])
    print(table(["13 months of one customer, warm: ms (of processor)", "calls", "p50 (≤ 0.5)", "p99 (≤ 1)", "p99.9",
                 "most"], rows))
    print()
    rows = [[run["of"], run["days"].replace("/", " … "), number(run["threads"]), number(run["registers"]),
             number(run["indices"]),
             f"{run['seconds']:.3f} ({run['least']:.3f}…{run['most']:.3f})"
             + (f", {verdict(run['seconds'] <= 1)}" if run["of"] == "closed month" else ""),
             f"{run['cpu']:.3f}", number(run["indices"] / run["seconds"])] for run in runs.of("stream")]
    print(table(["all registers", "days", "threads", "registers", "indices", "seconds (closed month ≤ 1)",
                 "processor s", "indices a second"], rows))
    print()


def sizes(runs):
    dials = runs.one("dials")
    months, weeks = runs.weighed()
    nights = runs.of("ingest", kind="frozen", beside="nothing")
    indices = {
        ("store", "chunk"): months,
        ("store", "weekChunk"): weeks,
        ("bounds", "chunk"): runs.one("bounds")["month"],
        ("bounds", "weekChunk"): runs.one("bounds")["week"],
    }
    read = {"store": sum(night["indices"] for night in nights), "bounds": runs.one("bounds")["indices"]}
    words = {"chunk": "closed, months", "weekChunk": "closed, weeks", "hot": "open, a row each"}
    rows = []
    for store, meters in [("store", "frozen"), ("bounds", "measured, each with its bound")]:
        for name, text in words.items():
            run = runs.one("size", store=store, table=name)
            count = indices.get((store, name), run["rows"])
            if not count:
                continue
            each = run["bytes"] / count
            budget = f", {verdict(each <= 2.2)}" if name == "chunk" and store == "store" else ""
            rows.append([meters, text, number(count), f"{each:.3f}{budget}",
                         f"{run['body'] / count:.3f}" if run["body"] else "–"])
        evidence = {name: runs.one("size", store=store, table=name)["bytes"] for name in ["poll", "nightLineage"]}
        each = {name: size / read[store] for name, size in evidence.items()}
        rows.append([meters, "lineage: polls + what stands on them", number(read[store]),
                     f"{each['poll']:.1f} + {each['nightLineage']:.1f}", "–"])
    print(table(["meters", "index", "indices", "bytes an index (closed ≤ 2.2)", "of them bodies"], rows))
    file = runs.one("file", store="store")
    print(f"\nThe whole file with {number(len(nights))} days of lineage: {file['bytes'] / 1e6:,.0f} MB, of which "
          f"{file['free'] / 1e6:,.0f} MB are free pages; {number(dials['registers'])} registers.\n")


def drill(runs):
    run = runs.one("drill")
    def rate(beside):
        nights = runs.of("ingest", kind="frozen", beside=beside)
        return number(statistics.median(night["rows"] / night["seconds"] for night in nights))

    print(f"The drill: while nights came in ({rate('a backup')} rows a second; {rate('before the backup')} in the night before, "
          f"whose neighbours some days earlier had never come) a backup of {run['bytes'] / 1e6:,.0f} MB took {run['backup']:.1f} s, the log at most "
          f"{run['log'] / 1e6:,.0f} MB. Restored where there was nothing in {run['restore']:.1f} s; `verify` read "
          f"{number(run['verified'])} indices in {run['verify']:.1f} s with {number(run['findings'])} findings; the last day "
          f"acknowledged before the backup, {run['acknowledged']}, is whole: {number(run['indices'])} indices, equal to the "
          f"dials.\n")


def peers(runs):
    adopt, customer = runs.one("adopt"), runs.one("customer", beside="nothing")
    month = runs.of("stream", of="closed month")[0]
    chunk = runs.one("size", store="store", table="chunk")
    months, _ = runs.weighed()
    nights = [run["rows"] / run["seconds"] for run in runs.of("ingest", kind="frozen", order="gateways", beside="nothing")]
    rows = [[
        "**meterd**", number(months), f"{chunk['bytes'] / months:.2f}",
        f"{number(adopt['indices'] / adopt['seconds'])}; day by day {number(statistics.median(nights))}",
        f"{month['seconds'] / month['registers'] * 872_394:.2f}", f"{customer['p50'] * 1000:.2f}",
        f"{customer['p99'] * 1000:.2f}", "closed months; by day: judged, with lineage, durable by 10,000"]]
    for run in runs.of("peer"):
        rows.append([run["name"], number(run["rows"]), f"{run['bytes'] / run['rows']:.2f}",
                     number(run["rows"] / run["load"]), f"{run['month'] / run['registers'] * 872_394:.2f}",
                     f"{run['point'] * 1000:.2f}", f"{run['point99'] * 1000:.2f}", run["notes"]])
    print(table(["store", "indices", "bytes an index", "indices taken over a second",
                 "a month's energy of 872,394 registers, s", "13 months of one, ms", "p99 ms", "notes"], rows))


def main():
    if len(sys.argv) != 2:
        sys.exit(f"use: {sys.argv[0]} RUNS.jsonl")
    runs = Runs(sys.argv[1])
    print(f"Machine: {machine()}.\n")
    filling(runs)
    ingest(runs)
    compaction(runs)
    reading(runs)
    sizes(runs)
    drill(runs)
    if runs.of("peer"):
        peers(runs)


if __name__ == "__main__":
    main()
