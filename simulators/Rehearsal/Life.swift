import Foundation
import MeterFleet
import Metering
import Store

/// Something that happens to meters, or to what the registry says of them; what the rules have to say of it, and what a
/// person does then.
package struct Life: Sendable, CustomStringConvertible {
    /// A case of a kind at a usage point, which goes by its meter's number in the fleet file.
    package struct Alarm: Hashable, Sendable, CustomStringConvertible {
        package let kind: String
        package let number: Int

        package init(_ kind: String, _ number: Int) { (self.kind, self.number) = (kind, number) }

        package var description: String { "\(kind) \(number)" }
    }

    /// What a person does at some moment.
    package struct Act: Sendable {
        package let at: Instant
        package let perform: @Sendable (Store, Fleet, Instant) throws -> Void
    }

    package let description: String
    /// Of the fleet, below `simulators`, without its ending.
    package let file: String
    package let span: (from: Instant, through: Instant)
    /// When the registry learns of the fleet's exchanges.
    package var told: Instant?
    /// What the registry says wrongly at first.
    package var registry: @Sendable (Registry) -> Registry = { $0 }
    /// In order of time.
    package var acts: [Act] = []
    /// What the bills compared count up to; `nil`: the last day.
    package var billedAsOf: ServiceDay?
    /// From when on bills can count, by the meters' numbers, where what was before is lost for good.
    package var billedFrom: [Int: ServiceDay] = [:]
    /// So many days of its meters have no index in the end.
    package var missing = 0
    /// Cases that must be raised: for what the fleet file says, and for what the registry says wrongly.
    package var alarms: Set<Alarm> = []
    /// Those of them that wait for somebody at its end.
    package var stays: Set<Alarm> = []

    /// - Throws: `InputFaults` of the fleet's file, `OutputError`, `StoreError`.
    package func live(in simulators: URL, with house: RehearsalHouse, below folder: URL) throws -> LifeOutcome {
        let place = folder.appending(path: "life-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let fleet = try FleetFile.load(path: simulators.appending(path: "\(file).yaml").path)
        let course = try FleetCourse(
            fleet, span: span, toldOfExchanges: told, with: house, folder: place, registry: registry)
        for act in acts {
            try course.advance(to: act.at)
            guard let store = course.rehearsal.store else { preconditionFailure("the daemon of a life is never down") }
            try act.perform(store, fleet, act.at)
            try course.rehearsal.followRegistry()
        }
        let evidence = try course.end()
        defer { try? evidence.store.close() }
        return try LifeOutcome(self, fleet, evidence)
    }
}
