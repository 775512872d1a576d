import GRDB
import Metering
import Packing

/// The tables of chunks: a row for each series and period, its body as `docs/CODEC.md` draws it.
enum ChunkTable {
    static func name(_ kind: ChunkPeriod.Kind) -> String {
        switch kind {
        case .week: "weekChunk"
        case .month: "chunk"
        }
    }

    /// Adds the indices of a chunk to `indices`, by day.
    /// - Throws: `DamagedRow`.
    static func read(
        _ row: HotStatement, column: Int32, _ period: ChunkPeriod, _ series: Int64, into indices: inout [DailyIndex]
    ) throws {
        do {
            try row.withBytes(column) { bytes throws(UnreadableBody) in
                try IndexChunk.unpack(bytes, key: period.chunkKey(of: series), to: &indices)
            }
        } catch {
            throw DamagedRow(
                table: name(period.kind), key: period.key(of: series), series: series, period: period)
        }
    }

    static func deleteWeeks(of month: ChunkPeriod, _ series: ClosedRange<Int64>, _ db: Database) throws {
        let delete = try HotStatement(db, "DELETE FROM \(name(.week)) WHERE key BETWEEN ? AND ?")
        var day = month.first
        while day < month.end {
            let week = ChunkPeriod(.week, containing: day)
            try delete.run(week.key(of: series.lowerBound), week.key(of: series.upperBound))
            day = week.end
        }
    }

    /// Puts a chunk, or a row of `hot`, that cannot be read aside as it is, so that its neighbours go on without it.
    static func setAside(_ damaged: DamagedRow, at day: ServiceDay, _ db: Database) throws {
        guard damaged.table != "hot" else {
            try HotStatement(
                db,
                """
                INSERT INTO damagedChunk(place, key, foundOn, body)
                SELECT 'hot', ?, ?, CAST(idx || ' ' || q || ' ' || bound || ' ' || revision AS BLOB)
                FROM hot WHERE day = ? AND series = ?
                """
            ).run(damaged.key, day, ChunkPeriod.day(ofKey: damaged.key), ChunkPeriod.series(ofKey: damaged.key))
            return
        }
        try HotStatement(
            db,
            """
            INSERT INTO damagedChunk(place, key, foundOn, body)
            SELECT ?1, key, ?2, body FROM \(damaged.table) WHERE key = ?3
            """
        ).run(damaged.table, day, damaged.key)
    }

    /// Writes a chunk in the place of the one there, if any.
    static func put(_ indices: [DailyIndex], _ period: ChunkPeriod, _ series: Int64, _ db: Database) throws {
        var body: [UInt8] = []
        try IndexChunk.append(indices, key: period.chunkKey(of: series), to: &body)
        try HotStatement(db, "INSERT OR REPLACE INTO \(name(period.kind))(key, body) VALUES(?, ?)")
            .run(period.key(of: series), body)
    }
}
