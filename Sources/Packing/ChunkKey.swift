import Metering

/// What a chunk's row says of it, and the chunk itself does not: whose register it is, and which days.
package struct ChunkKey: Hashable, Sendable {
    package let series: Int64
    package let firstDay: ServiceDay
    /// 1...31.
    package let days: Int

    package static let daysMax = 31

    package init(series: Int64, firstDay: ServiceDay, days: Int) {
        precondition((1...Self.daysMax).contains(days), "a chunk holds 1 to 31 days, not \(days)")
        self.series = series
        self.firstDay = firstDay
        self.days = days
    }
}
