import GRDB
import Metering
import VEE

/// A half hour as people see it: the index at its first instant, with the energy of it.
package struct LoadProfileEntry: Hashable, Sendable {
    package let register: Register
    /// Serial of the meter that shows the index.
    package let serial: String
    package let start: Instant
    package let index: Energy
    package let quality: IndexQuality
    /// From this index to that of the next half hour, multiplier applied; `nil` where that of the same meter is not
    /// known.
    package let consumption: Energy?
}

extension Store {
    /// The half hours of a usage point, by register, then in time, from the first instant of `from` to the last of
    /// `through`; `nil` means all registers. Only half hours that are known. Where meters were exchanged within a day
    /// they are the old one's, and from the first that the new one has, the new one's.
    ///
    /// They are what live readings showed. The daily index, which bills rest on, may come from the meter's own record
    /// or from a person, and then differs from the day's first half hour by as much as a straight line does.
    /// - Throws: `StoreError.unknownUsagePoint`.
    package func loadProfile(
        usagePoint: String, register: Register?, from: ServiceDay, through: ServiceDay
    ) throws -> [LoadProfileEntry] {
        try read("reading the load profile of usage point \(usagePoint)") { db in
            guard try Self.usagePoint(usagePoint, db) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
            guard from <= through else { return [] }
            return try loadProfile(
                of: try Self.meters(of: usagePoint, db), register: register, from: from, through: through, db)
        }
    }

    /// - Parameter meters: all of a usage point, oldest first.
    func loadProfile(
        of meters: [RegisteredMeter], register: Register?, from: ServiceDay, through: ServiceDay, _ db: Database
    ) throws -> [LoadProfileEntry] {
        let book = try LoadProfileBook(db, calendar: calendar)
        var entries: [LoadProfileEntry] = []
        for register in register.map({ [$0] }) ?? Register.allCases {
            // The newest meter first, so that each knows where the one after it begins.
            var ofMeters: [[LoadProfileEntry]] = []
            var end: Instant?
            for meter in meters.reversed() {
                guard let series = try DialTable.dial(of: meter.id, db)?[register]?.series else { continue }
                let found = try book.halfHours(of: series, from: from, through: through.next)
                    .filter { meter.installation.stay.showsIndex(of: $0.day) }
                var ofMeter: [LoadProfileEntry] = []
                for (place, index) in found.enumerated() where index.day <= through {
                    let next = found.indices.contains(place + 1) ? found[place + 1] : nil
                    let made = LoadProfileEntry(
                        register: register, serial: meter.installation.serial,
                        start: calendar.start(ofHalfHour: index.halfHour, of: index.day), index: index.index,
                        quality: index.quality,
                        consumption: book.consumption(
                            of: index, until: next, multiplier: meter.installation.multiplier))
                    if end.map({ made.start < $0 }) ?? true { ofMeter.append(made) }
                }
                end = ofMeter.first?.start ?? end
                ofMeters.append(ofMeter)
            }
            entries += ofMeters.reversed().joined()
        }
        return entries
    }
}
