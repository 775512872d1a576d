import GRDB
import Metering
import Packing

extension Verification {
    // MARK: - Dials

    /// Every meter's dial: its body can be read, its registers are those of `series`, and its days those of the
    /// indices. A dial that says otherwise has readings judged, and indices looked for, in the wrong place.
    func dials() throws {
        var last: Int64 = -1
        try batches { db in
            let book = try IndexBook(db)
            let rows = try HotStatement(db, "SELECT series, body FROM dial WHERE series > ? ORDER BY series LIMIT ?")
            let registers = try HotStatement(
                db,
                "SELECT id, register FROM series WHERE meter = (SELECT meter FROM series WHERE id = ?) ORDER BY id")
            try rows.start(last, Self.batchRows)
            var count = 0
            while try rows.next() {
                count += 1
                report.dials += 1
                last = rows.integer(0)
                guard let dial = try? DialTable.body(rows, column: 1, key: last) else {
                    tell(
                        VerificationFinding(
                            .row, "its meter's row in dial (\(last)) cannot be read", of: try SeriesOwner(last, db)))
                    continue
                }
                var known: [Int64: UInt8] = [:]
                try registers.start(last)
                while try registers.next() { known[registers.integer(0)] = UInt8(clamping: registers.integer(1)) }
                let said = dial.entries.map { ($0.series, $0.register.rawValue) }
                guard known == Dictionary(said, uniquingKeysWith: { first, _ in first }), known.keys.min() == last
                else {
                    tell(
                        VerificationFinding(
                            .row, "its meter's row in dial (\(last)) has other registers than series has",
                            of: try SeriesOwner(last, db)))
                    continue
                }
                for entry in dial.entries { try checkSpan(entry, book, db) }
            }
            say("dials", report.dials)
            return count == Self.batchRows
        }
        try reader.read { db in
            let without = try HotStatement(
                db,
                """
                SELECT own.id FROM (SELECT MIN(id) AS id FROM series GROUP BY meter) AS own
                LEFT JOIN dial ON dial.series = own.id WHERE dial.series IS NULL
                """)
            try without.start()
            while try without.next() {
                tell(
                    VerificationFinding(
                        .row, "its meter has no row in dial (\(without.integer(0)))",
                        of: try SeriesOwner(without.integer(0), db)))
            }
        }
    }

    /// The indices were seen earlier, and may have become more since: what does not fit is looked up once more.
    private func checkSpan(_ entry: MeterDial.Entry, _ book: IndexBook, _ db: Database) throws {
        let seen = spans.indices.contains(Int(entry.series)) ? spans[Int(entry.series)] : (first: .max, last: .min)
        let hasIndices = seen.first <= seen.last
        func tellSpan(_ text: String) throws {
            tell(VerificationFinding(.span, text, of: try SeriesOwner(entry.series, db)))
        }
        guard let first = entry.firstDay, let last = entry.lastDay else {
            if hasIndices { try tellSpan("its dial says that it has no index, but it has") }
            return
        }
        if hasIndices, seen.first < first.number || seen.last > last.number {
            let days = "\(ServiceDay(number: seen.first)) to \(ServiceDay(number: seen.last))"
            return try tellSpan("its dial says that its indices reach from \(first) to \(last), but there are \(days)")
        }
        for (day, isSeen) in [(first, seen.first == first.number), (last, seen.last == last.number)] {
            guard !isSeen, firstKept.map({ day >= $0 }) ?? true else { continue }
            do {
                guard try book.index(of: entry.series, on: day) == nil else { continue }
                try tellSpan("its dial says that its indices reach from \(first) to \(last), but \(day) has none")
            } catch is DamagedRow {
                // Told before.
            }
        }
    }

    // MARK: - Evidence

    /// The polls that indices stand on, and the readings that none does.
    func evidence() throws {
        try polls()
        try readings()
    }

    private func polls() throws {
        var last: (answered: Int64, series: Int64, txn: Int64) = (.min, -1, -1)
        try batches { db in
            let rows = try HotStatement(
                db,
                """
                SELECT answered, series, txn, readings FROM poll WHERE (answered, series, txn) > (?, ?, ?)
                ORDER BY answered, series, txn LIMIT ?
                """)
            try rows.start(last.answered, last.series, last.txn, Self.batchRows)
            var count = 0
            while try rows.next() {
                count += 1
                last = (rows.integer(0), rows.integer(1), rows.integer(2))
                do {
                    report.readings += Int64(
                        try rows.withBytes(3) { try KeptReadings.read($0, key: last.answered, dial: last.series) }.count
                    )
                } catch is DamagedRow {
                    let answered = calendar.text(Instant(microseconds: last.answered))
                    tell(
                        VerificationFinding(
                            .row, "its meter's poll answered at \(answered) (\(last.answered)) cannot be read",
                            of: try SeriesOwner(last.series, db)))
                    isIncomplete = true
                }
            }
            say("evidence", report.readings)
            return count == Self.batchRows
        }
    }

    private func readings() throws {
        var last: (answered: Int64, series: Int64, moment: Int64) = (.min, -1, -1)
        try batches { db in
            let rows = try HotStatement(
                db,
                """
                SELECT answered, series, moment, verdict FROM reading WHERE (answered, series, moment) > (?, ?, ?)
                ORDER BY answered, series, moment LIMIT ?
                """)
            try rows.start(last.answered, last.series, last.moment, Self.batchRows)
            var count = 0
            while try rows.next() {
                count += 1
                report.readings += 1
                last = (rows.integer(0), rows.integer(1), rows.integer(2))
                if let verdict = ReadingVerdict(rawValue: Int(rows.integer(3))) {
                    if verdict.isSuspect { suspects += 1 }
                } else {
                    let answered = calendar.text(Instant(microseconds: last.answered))
                    tell(
                        VerificationFinding(
                            .row,
                            "its reading answered at \(answered) has verdict \(rows.integer(3)), which means "
                                + "nothing", of: try SeriesOwner(last.series, db)))
                }
            }
            say("evidence", report.readings)
            return count == Self.batchRows
        }
    }
}
