import GRDB
import Metering
import Packing

extension Verification {
    /// Every index, where it is kept. Days move from rows to weeks to months while this goes on, and the tables are
    /// gone through in that order: none is missed, and each transaction sees every index in one place.
    func indices() throws {
        try rows()
        try chunks(.week)
        try chunks(.month)
    }

    private func rows() throws {
        var last: (day: ServiceDay, series: Int64) = (ServiceDay(number: .min), -1)
        try batches { db in
            let places = try IndexPlaces(db)
            let rows = try HotStatement(
                db,
                """
                SELECT day, idx, q, bound, revision, series FROM hot WHERE (day, series) > (?, ?)
                ORDER BY day, series LIMIT ?
                """)
            let audits = try HotStatement(db, Self.latestRevision)
            try rows.start(last.day, last.series, Self.batchRows)
            var count = 0
            while try rows.next() {
                count += 1
                last = (rows.day(0), rows.integer(5))
                guard let index = try? rows.dailyIndex() else {
                    tell(
                        VerificationFinding(
                            .row, "its row in hot has quality \(rows.integer(2)), which means nothing",
                            of: try SeriesOwner(last.series, db), period: "\(last.day)"))
                    isIncomplete = true
                    continue
                }
                if case .chunk(let period) = places.place(of: index.day, last.series) {
                    try tell(misplaced: "hot", last.series, "\(index.day)", belongsIn: period, db)
                }
                try see(index, of: last.series, audits, db)
            }
            say("indices", report.indices)
            return count == Self.batchRows
        }
    }

    private func chunks(_ kind: ChunkPeriod.Kind) throws {
        let table = ChunkTable.name(kind)
        var next = Int64.min
        try batches { db in
            let places = try IndexPlaces(db)
            let rows = try HotStatement(
                db,
                """
                SELECT key, body, series.id FROM \(table) LEFT JOIN series ON series.id = key & \(ChunkPeriod.seriesMax)
                WHERE key >= ? ORDER BY key LIMIT ?
                """)
            let audits = try HotStatement(db, Self.latestRevision)
            try rows.start(next, Self.batchRows)
            var count = 0
            var indices: [DailyIndex] = []
            while try rows.next() {
                count += 1
                let key = rows.integer(0)
                next = key == .max ? key : key + 1
                report.chunks += 1
                let series = ChunkPeriod.series(ofKey: key)
                guard rows.optionalInteger(2) != nil, let period = ChunkPeriod(kind, ofKey: key) else {
                    tell(
                        VerificationFinding(
                            .reference,
                            "row \(key) of \(table) is of series \(series), which is no meter's, or of no "
                                + "\(kind.rawValue)"))
                    isIncomplete = true
                    continue
                }
                let place = places.place(of: period.first, series)
                if place != .chunk(period) {
                    try tell(misplaced: table, series, period.description, belongsIn: place.period, db)
                }
                indices.removeAll(keepingCapacity: true)
                do {
                    try ChunkTable.read(rows, column: 1, period, series, into: &indices)
                } catch let damaged as DamagedRow {
                    try tell(damaged, db)
                    continue
                }
                for index in indices {
                    guard index.day >= period.first, index.day < period.end else {
                        tell(
                            VerificationFinding(
                                .chunk, "its chunk in \(table) holds \(index.day)", of: try SeriesOwner(series, db),
                                period: period.description))
                        continue
                    }
                    try see(index, of: series, audits, db)
                }
            }
            say("indices", report.indices)
            return count == Self.batchRows
        }
    }

    private func tell(
        misplaced table: String, _ series: Int64, _ days: String, belongsIn period: ChunkPeriod?, _ db: Database
    ) throws {
        let place = period.map { "\(ChunkTable.name($0.kind)) (\($0))" } ?? "hot"
        tell(
            VerificationFinding(
                .place, "it stands in \(table), and is looked for in \(place)", of: try SeriesOwner(series, db),
                period: days))
    }

    private static let latestRevision =
        "SELECT newRevision FROM audit WHERE series = ? AND day = ? ORDER BY id DESC LIMIT 1"

    /// Takes note of an index, and holds its revision against what was noted when it became that.
    private func see(_ index: DailyIndex, of series: Int64, _ audits: HotStatement, _ db: Database) throws {
        report.indices += 1
        if series >= 0, series <= ChunkPeriod.seriesMax {
            while spans.count <= Int(series) { spans.append((.max, .min)) }
            let day = index.day.number
            if day < spans[Int(series)].first { spans[Int(series)].first = day }
            if day > spans[Int(series)].last { spans[Int(series)].last = day }
        }
        guard index.revision > 1, firstKept.map({ index.day >= $0 }) ?? true else { return }
        guard try !audits.first(series, index.day) else { return }
        tell(
            VerificationFinding(
                .revision, "its index is of revision \(index.revision), and nothing says what it replaced",
                of: try SeriesOwner(series, db), period: "\(index.day)"))
    }
}

extension IndexPlaces.Place {
    /// `nil` for an open day.
    fileprivate var period: ChunkPeriod? {
        switch self {
        case .open: nil
        case .chunk(let period): period
        }
    }
}
