import Metering

/// What passed a register day by day, as far as both indices of a day are known.
package struct DayEnergies: Hashable, Sendable {
    package let first: ServiceDay
    private let energies: [Energy?]

    /// - Parameter energies: of `first` and the days after it; `nil` where one of a day's indices is missing.
    package init(first: ServiceDay, energies: [Energy?]) {
        self.first = first
        self.energies = energies
    }

    /// Exclusive.
    package var end: ServiceDay { first + energies.count }

    /// How many days are known.
    package var known: Int { energies.count { $0 != nil } }

    /// `nil` where it is not known.
    package subscript(day: ServiceDay) -> Energy? {
        guard first <= day, day < end else { return nil }
        return energies[day - first]
    }

    /// The latest known ones before a day, newest first.
    /// - Parameters:
    ///   - count: how many at the most.
    ///   - days: how far they are looked for.
    package func latest(_ count: Int, before day: ServiceDay, within days: Int) -> [Energy] {
        // By position: a range of days is walked by code that is not specialised, which a province's close would feel.
        let end = day - first
        var latest: [Energy] = []
        latest.reserveCapacity(max(0, count))
        var position = min(end, energies.count)
        while position > max(0, end - days), latest.count < count {
            position -= 1
            if let energy = energies[position] { latest.append(energy) }
        }
        return latest
    }
}
