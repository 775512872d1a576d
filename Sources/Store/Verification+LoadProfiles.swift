import GRDB
import Metering
import VEE

extension Verification {
    /// Every half hour, where it is kept; from days to weeks, as they are folded while this goes on.
    func loadProfiles() throws {
        try loadProfiles("loadDay") { .day(ChunkPeriod.day(ofKey: $0)) }
        try loadProfiles("loadWeek") { key in ChunkPeriod(.week, ofKey: key).map { .week($0) } }
    }

    private func loadProfiles(_ table: String, _ place: (Int64) -> LoadProfilePlaces.Place?) throws {
        var last = Int64.min
        try batches { db in
            let places = try LoadProfilePlaces(db)
            let rows = try HotStatement(
                db,
                """
                SELECT key, body, series.id FROM \(table)
                LEFT JOIN series ON series.id = key & \(ChunkPeriod.seriesMax)
                WHERE key > ? ORDER BY key LIMIT ?
                """)
            try rows.start(last, Self.batchRows)
            var count = 0
            while try rows.next() {
                count += 1
                last = rows.integer(0)
                let series = ChunkPeriod.series(ofKey: last)
                guard rows.optionalInteger(2) != nil, let place = place(last) else {
                    tell(
                        VerificationFinding(
                            .reference,
                            "row \(last) of \(table) is of series \(series), which is no meter's, or of no day"))
                    continue
                }
                if places.place(of: place.first, series) != place {
                    tell(
                        VerificationFinding(
                            .place, "its load profile stands in \(table), and is looked for elsewhere",
                            of: try SeriesOwner(series, db), period: "\(place.first)"))
                }
                do {
                    report.halfHours += Int64(
                        try LoadProfileBook.unpack(rows, column: 1, place, series, calendar).count)
                } catch let damaged as DamagedRow {
                    tell(
                        VerificationFinding(
                            .chunk, "its load profile in \(table) cannot be read", of: try SeriesOwner(series, db),
                            period: damaged.period?.description ?? "\(place.first)"))
                }
            }
            say("load profiles", report.halfHours)
            return count == Self.batchRows
        }
    }
}
