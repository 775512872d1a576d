import Metering
import Testing

@testable import Store

/// What a fitter does, as the log-book tells it. Each entry is imported where it stands, so a late one is told late.
extension LogBook {
    /// `remove 05-10 S1 5300`: taken down that day with this on the dial. `install 05-13 S2 100 x40`: put up in its
    /// place with this on the dial and that multiplier. `exchange 05-10 S1 5300 S2 100 x40`: one for the other. `-` for
    /// an index that nobody wrote down.
    func fit(_ words: [String]) throws {
        let day = Self.day(words[1])
        var rows: [MeterInstallation] = []
        if words[0] != "install" {
            let old = try row(words[2], on: day - 1)
            rows.append(
                MeterInstallation(
                    serial: old.serial, usagePoint: old.usagePoint, gateway: old.gateway, unit: old.unit,
                    profile: old.profile, multiplier: old.multiplier, digits: old.digits, installedOn: old.installedOn,
                    removedOn: day, startIndex: old.startIndex, endIndex: try Self.index(words[3])))
        }
        if words[0] != "remove" {
            let new = Array(words[(words[0] == "install" ? 2 : 4)...])
            let multiplier = new.count > 2 ? try #require(Int64(new[2].dropFirst())) : 1
            rows.append(
                MeterInstallation(
                    serial: new[0], usagePoint: Self.usagePoint, gateway: "G1", unit: 1, profile: "sdm630",
                    multiplier: multiplier, digits: 6, installedOn: day, startIndex: try Self.index(new[1])))
        }
        _ = try store.importRegistry(Registry(installations: rows), at: instant("\(words[1]) 12:00"))
    }

    private static func index(_ text: String) throws -> Energy? {
        text == "-" ? nil : Energy(wattHours: try #require(Int64(text)))
    }

    private func row(_ serial: String, on day: ServiceDay) throws -> MeterInstallation {
        try #require(
            try store.installations(of: Self.usagePoint).last { $0.serial == serial && $0.installedOn <= day })
    }

    /// The meter that is in service under this serial on a day; the last that was, where none is.
    func standing(_ serial: String, on day: ServiceDay) throws -> MeterID {
        let rows = try store.meters(notRemovedBy: ServiceDay(number: 0))
            .filter { $0.installation.serial == serial && $0.installation.installedOn <= day }
            .sorted { $0.installation.installedOn < $1.installation.installedOn }
        return try #require(rows.first { $0.installation.isInService(on: day) } ?? rows.last).id
    }

    /// A line a day: `05-10 S1 4900 frozen +900`, the last being the consumption of the whole day. What the feed of
    /// everybody's day and its count say of each day must be the same.
    func days(
        _ first: String, _ last: String, _ register: Register = .activeImport, at: SourceLocation = #_sourceLocation
    ) throws -> String {
        let days = try store.dailyIndices(
            usagePoint: Self.usagePoint, register: register, from: day(first), through: day(last))
        for day in day(first)...day(last) {
            let own = days.filter { $0.day == day }
            #expect(own.count <= 1, "\(day) has one row", sourceLocation: at)
            let fed = try store.everyUsagePoint(on: day, register: register)
            #expect(fed.first?.index == own.first?.index, "the feed of \(day)", sourceLocation: at)
            #expect(fed.first?.consumption == own.first?.consumption, "the feed of \(day)", sourceLocation: at)
            guard register == .activeImport else { continue }
            let counted = try store.completeness(of: day)
            #expect((counted.expected, counted.known) == (fed.count, own.count), "\(day)", sourceLocation: at)
            #expect(counted.energy == own.first?.consumption ?? .zero, "the count of \(day)", sourceLocation: at)
        }
        return days.map { line in
            let consumption = line.consumption.map { " +\($0.wattHours)" } ?? ""
            return "\(line.day.description.dropFirst(5)) \(line.serial) \(line.index.index.wattHours) "
                + line.index.quality.name + consumption
        }.joined(separator: "\n")
    }
}
