import GRDB
import Metering
import Packing

extension Verification {
    /// Every index that was ever replaced or entered: its values follow from one another without a gap, and the last
    /// one is that which it has.
    func revisions() throws {
        var last: Int64 = -1
        try batches { db in
            let end = try HotStatement(db, "SELECT series FROM audit WHERE series > ? ORDER BY series LIMIT 1 OFFSET ?")
            let through = try end.first(last, Self.batchRows) ? end.integer(0) : Int64.max
            let rows = try HotStatement(
                db,
                """
                SELECT day, newIdx, newQ, newBound, newRevision, day, oldIdx, oldQ, oldBound, oldRevision, series, id
                FROM audit WHERE series > ? AND series <= ? ORDER BY series, day, id
                """)
            let book = try IndexBook(db)
            try rows.start(last, through)
            var chain: Chain?
            while try rows.next() {
                report.revisions += 1
                let (series, day) = (rows.integer(10), rows.day(0))
                guard (0...ChunkPeriod.seriesMax).contains(series) else {
                    tell(VerificationFinding(.reference, "row \(rows.integer(11)) of audit is of no meter's register"))
                    continue
                }
                guard firstKept.map({ day >= $0 }) ?? true else { continue }
                if chain?.series != series || chain?.day != day {
                    try self.end(chain, book, db)
                    chain = Chain(series: series, day: day)
                }
                try follow(&chain, rows, db)
            }
            try self.end(chain, book, db)
            last = through
            say("revisions", report.revisions)
            return through != .max
        }
    }

    /// The values of one index so far.
    private struct Chain {
        let series: Int64
        let day: ServiceDay
        var latest: DailyIndex?
        /// It was told of already.
        var isBroken = false
    }

    private func follow(_ chain: inout Chain?, _ row: HotStatement, _ db: Database) throws {
        guard var current = chain, !current.isBroken else { return }
        defer { chain = current }
        func broken(_ text: String) throws {
            current.isBroken = true
            try tellRevision(current, "\(text) (row \(row.integer(11)) of audit)", db)
        }
        guard let new = try? row.dailyIndex(0) else { return try broken("a value of it has a quality without meaning") }
        var old: DailyIndex?
        if row.optionalInteger(6) != nil {
            guard let known = try? row.dailyIndex(5) else {
                return try broken("a value of it has a quality without meaning")
            }
            old = known
        }
        switch (current.latest, old) {
        case (let latest?, let old?) where latest != old:
            return try broken("\(Self.text(old)) was replaced, but \(Self.text(latest)) stood there")
        case (_?, nil): return try broken("\(Self.text(new)) is noted as its first value, but it had one")
        case (nil, let old?) where old.revision != 1:
            return try broken("what led to \(Self.text(old)) is not there")
        default: break
        }
        // The same value from a better source is no new revision.
        let expected = old.map { $0.revision + ($0.index == new.index ? 0 : 1) } ?? 1
        guard new.revision == expected else {
            return try broken("\(Self.text(new)) should be of revision \(expected)")
        }
        current.latest = new
    }

    /// The index as it is must be the last that was noted.
    private func end(_ chain: Chain?, _ book: IndexBook, _ db: Database) throws {
        guard let chain, !chain.isBroken, let latest = chain.latest else { return }
        let index: DailyIndex?
        do { index = try book.index(of: chain.series, on: chain.day) } catch let damaged as DamagedRow {
            return try tell(damaged, db)
        }
        guard index != latest else { return }
        try tellRevision(
            chain, "its index is \(index.map(Self.text) ?? "not there"), but it became \(Self.text(latest))", db)
    }

    private func tellRevision(_ chain: Chain, _ text: String, _ db: Database) throws {
        tell(
            VerificationFinding(.revision, text, of: try SeriesOwner(chain.series, db), period: "\(chain.day)"))
    }

    private static func text(_ index: DailyIndex) -> String {
        "\(index.index.wattHours) Wh \(index.quality.name) ±\(index.errorBound.wattHours) r\(index.revision)"
    }
}
