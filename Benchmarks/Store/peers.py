#!/usr/bin/env python3
"""The same indices in other stores: a plain SQLite table, DuckDB and Parquet. What an index takes, how fast they are
taken over, a month's energy of every register, thirteen months of one. Prints JSON lines for table.py.

They are given what they like best: whole days or whole registers at once, as columns. What is theirs alone is told in
`notes`: none of them but SQLite refuses a day twice, keeps the value that was replaced, or is durable day by day."""

import argparse
import datetime
import json
import os
import random
import shutil
import sqlite3
import statistics
import time

import duckdb
import numpy
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet

EPOCH = datetime.date(1970, 1, 1)
SCHEMA = pyarrow.schema([("series", pyarrow.int32()), ("day", pyarrow.int32()), ("idx", pyarrow.int64()),
                         ("q", pyarrow.int8())])
BLOCK = 1 << 20


class Dials:
    """The file that the benchmark wrote: a row a register, a column a day; two bits of state over thirty of Wh."""

    def __init__(self, folder, run):
        self.registers, self.kept = int(run["registers"]), int(run["kept"])
        dials = numpy.memmap(os.path.join(folder, "dials.u32"), dtype="<u4", mode="r")
        self.all = dials.reshape(self.registers, int(run["days"]))[:, : self.kept]
        self.first = (datetime.date.fromisoformat(run["first"]) - EPOCH).days

    def columns(self, dials, series, days):
        """Rows of the known indices among `dials`, whose series and days are given for each."""
        state = dials >> 30
        known = state > 0
        return pyarrow.table(
            [series[known].astype("<i4"), days[known].astype("<i4"), (dials[known] & 0x3FFFFFFF).astype("<i8"),
             state[known].astype("i1")], schema=SCHEMA)

    def by_day(self):
        """As they arrive: day after day, registers in no order."""
        order = numpy.random.default_rng(1).permutation(self.registers)
        for day in range(self.kept):
            dials = numpy.asarray(self.all[:, day])[order]
            yield self.columns(dials, order, numpy.full(len(dials), self.first + day))

    def by_register(self):
        """Sorted: register after register, each by day."""
        step = max(1, BLOCK // self.kept)
        for start in range(0, self.registers, step):
            dials = numpy.asarray(self.all[start : start + step])
            series = numpy.repeat(numpy.arange(start, start + len(dials)), self.kept)
            days = numpy.tile(numpy.arange(self.first, self.first + self.kept), len(dials))
            yield self.columns(dials.reshape(-1), series, days)

    def energy(self, first, last):
        """The sum over all registers of last less first known index among these days: what each answer must be."""
        dials = numpy.asarray(self.all[:, first - self.first : last - self.first + 1])
        known = dials >> 30 > 0
        values = (dials & 0x3FFFFFFF).astype("<i8")
        least = numpy.where(known, values, numpy.iinfo("<i8").max).min(axis=1)
        most = numpy.where(known, values, -1).max(axis=1)
        return int((most - least)[known.any(axis=1)].sum())


def timed(body, repeats):
    times, value = [], None
    for _ in range(repeats):
        before = time.perf_counter()
        value = body()
        times.append(time.perf_counter() - before)
    return statistics.median(times), value


def peer(name, load, size, month, point, dials, points, notes, expected):
    before = time.perf_counter()
    rows = load()
    seconds = time.perf_counter() - before
    month_seconds, energy = timed(month, 3)
    assert energy == expected, (name, energy, expected)
    chosen = random.Random(5)
    times = []
    for _ in range(points):
        series = chosen.randrange(dials)
        before = time.perf_counter()
        point(series)
        times.append(time.perf_counter() - before)
    times.sort()
    print(json.dumps({
        "what": "peer", "name": name, "rows": rows, "bytes": size(), "load": seconds, "month": month_seconds,
        "registers": dials, "point": statistics.median(times), "point99": times[min(points - 1, points * 99 // 100)],
        "notes": notes,
    }), flush=True)


MONTH = "SELECT SUM(energy) FROM (SELECT MAX(idx) - MIN(idx) AS energy FROM reading WHERE day BETWEEN ? AND ? GROUP BY series)"
POINT = "SELECT day, idx, q FROM reading WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day"


def plain_sqlite(dials, folder, month, registers, days):
    """rowid and a unique index, as most would begin; some registers and days only, because it is slow."""
    path = os.path.join(folder, "plain.sqlite")
    db = sqlite3.connect(path, isolation_level=None)
    for setting in ["journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 16384", "cache_size = -65536"]:
        db.execute(f"PRAGMA {setting}").fetchall()
    db.execute("CREATE TABLE reading(series INTEGER NOT NULL, day INTEGER NOT NULL, idx INTEGER NOT NULL, "
               "q INTEGER NOT NULL, UNIQUE(series, day))")
    few = Few(dials, registers, days)

    def load():
        count = 0
        for table in few.by_day():
            rows = list(zip(*(column.to_pylist() for column in table.columns)))
            for start in range(0, len(rows), 10_000):
                db.execute("BEGIN IMMEDIATE")
                db.executemany("INSERT INTO reading VALUES(?, ?, ?, ?)", rows[start : start + 10_000])
                db.execute("COMMIT")
            count += len(rows)
        return count

    def size():
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return os.path.getsize(path)

    first, last = few.first + 29, few.first + 58
    peer("SQLite, a row an index (unique index)", load, size, lambda: db.execute(MONTH, (first, last)).fetchone()[0],
         lambda series: db.execute(POINT, (series, few.first, few.first + few.kept)).fetchall(), few.registers, 2000,
         f"{registers:,} registers, {days} days only; durable by 10,000", few.energy(first, last))


class Few(Dials):
    def __init__(self, dials, registers, days):
        self.registers, self.kept = min(registers, dials.registers), days
        self.first = dials.first + dials.kept - days
        self.all = dials.all[: self.registers, dials.kept - days :]


def duck(dials, folder, month, name, tables):
    path = os.path.join(folder, "peer.duckdb")
    if os.path.exists(path):
        os.remove(path)
    db = duckdb.connect(path)
    db.execute("SET threads = 2")
    db.execute("CREATE TABLE reading(series INTEGER, day INTEGER, idx BIGINT, q TINYINT)")

    def load():
        count = 0
        for batch in tables():
            db.register("batch", batch)
            db.execute("INSERT INTO reading SELECT * FROM batch")
            db.unregister("batch")
            count += len(batch)
        db.execute("CHECKPOINT")
        return count

    first, last = month
    peer(f"DuckDB {duckdb.__version__}, {name}", load, lambda: os.path.getsize(path),
         lambda: db.execute(MONTH, [first, last]).fetchone()[0],
         lambda series: db.execute(POINT, [series, dials.first, dials.first + dials.kept]).fetchall(),
         dials.registers, 100, "bulk; no key", dials.energy(first, last))
    db.close()
    os.remove(path)


def parquet(dials, folder, month, name, tables, **options):
    path = os.path.join(folder, "peer.parquet")

    def load():
        count = 0
        with pyarrow.parquet.ParquetWriter(path, SCHEMA, **options) as writer:
            for batch in tables():
                writer.write_table(batch, row_group_size=BLOCK)
                count += len(batch)
        return count

    first, last = month
    field = pyarrow.compute.field

    def energy():
        days = pyarrow.dataset.dataset(path).to_table(
            columns=["series", "idx"], filter=(field("day") >= first) & (field("day") <= last))
        found = days.group_by("series").aggregate([("idx", "max"), ("idx", "min")])
        return pyarrow.compute.sum(
            pyarrow.compute.subtract(found["idx_max"], found["idx_min"])).as_py()

    def point(series):
        return pyarrow.dataset.dataset(path).to_table(filter=field("series") == series)

    peer(f"Parquet (pyarrow {pyarrow.__version__}), {name}", load, lambda: os.path.getsize(path), energy, point,
         dials.registers, 20, "bulk; a file that is written once", dials.energy(first, last))
    os.remove(path)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--plain-registers", type=int, default=20_000)
    arguments.add_argument("--plain-days", type=int, default=60)
    options = arguments.parse_args()
    with open(os.path.join(options.folder, "runs.jsonl"), encoding="utf-8") as lines:
        run = next(line for line in map(json.loads, lines) if line["what"] == "dials")
    dials = Dials(options.folder, run)
    place = os.path.join(options.folder, "peers")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    month = [(datetime.date(2025, 9, day) - EPOCH).days for day in (1, 30)]
    plain_sqlite(dials, place, month, options.plain_registers, options.plain_days)
    duck(dials, place, month, "as they arrive", dials.by_day)
    duck(dials, place, month, "sorted by register", dials.by_register)
    parquet(dials, place, month, "as they arrive, zstd", dials.by_day, compression="zstd")
    parquet(dials, place, month, "sorted by register, zstd", dials.by_register, compression="zstd")
    parquet(dials, place, month, "sorted by register, delta, zstd", dials.by_register, compression="zstd",
            use_dictionary=["q"], column_encoding={
                "series": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED", "idx": "DELTA_BINARY_PACKED"})
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
