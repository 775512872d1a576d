import GRDB
import Metering
import Packing

/// The indices of some days, series after series in rising order, wherever they are kept: one pass over each table.
/// Lives inside one transaction, in which nothing is written meanwhile.
final class IndexWalk {
    /// A stretch of the file that is in the order of the series: an open day, or the chunks of a period.
    private final class Strand {
        private let place: IndexPlaces.Place
        private let days: ClosedRange<ServiceDay>
        private let rows: HotStatement
        /// Of the row that is next; `nil` at the end.
        private(set) var series: Int64?

        init(_ place: IndexPlaces.Place, days: ClosedRange<ServiceDay>, series: ClosedRange<Int64>, _ db: Database)
            throws
        {
            self.place = place
            self.days = days
            switch place {
            case .open:
                rows = try HotStatement(
                    db,
                    """
                    SELECT series, day, idx, q, bound, revision FROM hot
                    WHERE day = ? AND series BETWEEN ? AND ? ORDER BY series
                    """)
                try rows.start(days.lowerBound, series.lowerBound, series.upperBound)
            case .chunk(let period):
                rows = try HotStatement(
                    db,
                    "SELECT key, body FROM \(ChunkTable.name(period.kind)) WHERE key BETWEEN ? AND ? ORDER BY key")
                try rows.start(period.key(of: series.lowerBound), period.key(of: series.upperBound))
            }
            try advance()
        }

        private func advance() throws {
            guard try rows.next() else {
                series = nil
                return
            }
            switch place {
            case .open: series = rows.integer(0)
            case .chunk: series = ChunkPeriod.series(ofKey: rows.integer(0))
            }
        }

        /// Adds what the row has to say, where it is that of `wanted`, and goes on past it.
        func take(
            _ wanted: Int64, into indices: inout [DailyIndex], damaged: (DamagedRow) throws -> Void
        ) throws {
            while let series, series <= wanted {
                if series == wanted {
                    switch place {
                    case .open:
                        do { indices.append(try rows.openIndex(of: series)) } catch let found as DamagedRow {
                            try damaged(found)
                        }
                    case .chunk(let period):
                        let start = indices.count
                        do {
                            try ChunkTable.read(rows, column: 1, period, series, into: &indices)
                        } catch let found as DamagedRow {
                            try damaged(found)
                        }
                        if days.lowerBound > period.first || days.upperBound < period.last {
                            indices[start...].removeAll { !days.contains($0.day) }
                        }
                    }
                }
                try advance()
            }
        }
    }

    private let strands: [Strand]
    private let damaged: (DamagedRow) throws -> Void
    /// Of the series at hand, by day.
    private(set) var indices: [DailyIndex] = []

    /// - Parameters:
    ///   - first, last: both inclusive.
    ///   - series: only these.
    ///   - damaged: told of a row or a chunk that cannot be read; the walk goes on as if it were not there, unless this
    ///     throws.
    init(
        _ db: Database, from first: ServiceDay, through last: ServiceDay,
        series: ClosedRange<Int64> = 0...ChunkPeriod.seriesMax,
        damaged: @escaping (DamagedRow) throws -> Void = { throw $0 }
    ) throws {
        self.damaged = damaged
        let places = try IndexPlaces(db)
        var strands: [Strand] = []
        var day = first
        while day <= last {
            // While a compaction is under way some series have a day here and some there.
            let homes = [places.place(of: day, series.lowerBound), places.place(of: day, series.upperBound)]
            var end = last
            for home in homes {
                switch home {
                case .open: end = day
                case .chunk(let period): end = min(end, period.last)
                }
            }
            for home in Set(homes) {
                strands.append(try Strand(home, days: day...end, series: series, db))
            }
            day = end.next
        }
        self.strands = strands
    }

    /// Goes on to the next series that has an index; `indices` are its. `nil` after the last.
    func next() throws -> Int64? {
        var next: Int64?
        for strand in strands {
            if let series = strand.series { next = min(next ?? series, series) }
        }
        guard let series = next else { return nil }
        try go(to: series)
        return series
    }

    /// Goes on to a series, higher than that at hand; `indices` are its, and empty where it has none.
    func go(to series: Int64) throws {
        // Out of the object meanwhile: each look at what is in it is checked against others.
        var found: [DailyIndex] = []
        swap(&found, &indices)
        defer { swap(&found, &indices) }
        found.removeAll(keepingCapacity: true)
        for strand in strands { try strand.take(series, into: &found, damaged: damaged) }
    }
}
