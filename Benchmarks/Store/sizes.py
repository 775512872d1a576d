#!/usr/bin/env python3
"""What a store's tables take on disk, page by page (SQLite's dbstat), as JSON lines for table.py: STORE NAME."""

import argparse
import json
import sqlite3

TABLES = ["hot", "chunk", "weekChunk", "poll", "nightLineage", "dial", "reading", "unsettled", "audit", "series"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("store")
    arguments.add_argument("name")
    options = arguments.parse_args()
    db = sqlite3.connect(f"file:{options.store}?mode=ro", uri=True)
    # Pages, not their bytes: those are summed in 32 bits.
    page = db.execute("PRAGMA page_size").fetchone()[0]
    rows = db.execute("SELECT name, pageno FROM dbstat('main', 1) WHERE aggregate")
    pages = {name: count * page for name, count in rows}
    for table in TABLES:
        rows = db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        column = {"chunk": "body", "weekChunk": "body", "dial": "body", "poll": "readings"}.get(table)
        body = db.execute(f"SELECT SUM(LENGTH({column})) FROM {table}").fetchone()[0] if column else None
        # The tables' own indices are counted with them.
        own = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE tbl_name = ?", (table,))]
        print(json.dumps({
            "what": "size", "store": options.name, "table": table, "rows": rows, "body": body or 0,
            "bytes": sum(pages.get(name, 0) for name in own),
        }))
    free = db.execute("PRAGMA freelist_count").fetchone()[0]
    count = db.execute("PRAGMA page_count").fetchone()[0]
    print(json.dumps({"what": "file", "store": options.name, "bytes": count * page, "free": free * page}))


if __name__ == "__main__":
    main()
