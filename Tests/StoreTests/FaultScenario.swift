import Foundation
import Metering

@testable import Store

/// What a store lives through while its disk fails. A new scenario is a row of `all`; keep it small, for it is lived
/// through once for each call on the disk and each way to fail.
struct FaultScenario: Sendable, CustomStringConvertible {
    let description: String
    /// Makes what is there before, on a sound disk.
    var prepare: @Sendable (_ path: String) throws -> Void = { _ in }
    /// Whether opening is disturbed too; else the disk fails from the first step on.
    var disturbsOpening = false
    let steps: [StoreStep]

    static func open(_ path: String) throws -> Store {
        try Store(
            path: path, role: .daemon, calendar: .vietnam, limits: ["sdm630": 75_900],
            loadProfiles: LoadProfileChoice(categories: ["residential"]))
    }

    static let all: [FaultScenario] = [
        FaultScenario(
            description: "a new file", disturbsOpening: true,
            steps: [.importing(LogBook.registry(), at: "05-01 00:00"), .ingesting(batches[0])]),
        FaultScenario(
            description: "a file of an earlier version", prepare: { try MigrationTests.earlier($0) },
            disturbsOpening: true, steps: [.reading, .ingesting(afterUpgrade), .closing("05-03", at: "05-03 06:00")]),
        FaultScenario(
            description: "a file with a log", prepare: { try leaveLog($0) }, disturbsOpening: true,
            steps: [.reading, .ingesting(batches[2])]),
        FaultScenario(
            description: "a registry and a meter exchange", prepare: { try lived($0, through: []) },
            steps: [
                .importing(registry(), at: "05-01 00:00"),
                .importing(registry(removedOn: "05-06", exchanged: true), at: "05-06 09:00"),
            ]),
        FaultScenario(
            description: "first readings and a night", prepare: { try lived($0, through: [.importing(registry())]) },
            steps: [.ingesting(batches[0]), .ingesting(batches[1])]),
        FaultScenario(
            description: "revisions, suspects and failures",
            prepare: { try lived($0, through: [.importing(registry())] + batches[0...1].map(StoreStep.ingesting)) },
            steps: [.ingesting(batches[2]), .ingesting(batches[3])]),
        FaultScenario(
            description: "closing days, gaps and days closed again",
            prepare: { try lived($0, through: [.importing(registry())] + batches[0...3].map(StoreStep.ingesting)) },
            steps: [
                .closing("05-05", at: "05-05 06:00"), .closing("05-04", at: "05-05 06:00"), .ingesting(batches[4]),
                .closingReopened(at: "05-06 07:00"),
            ]),
        FaultScenario(
            description: "the close of a day: gaps, cases, the balance of a station",
            prepare: { try lived($0, through: [.importing(stationRegistry())] + idleNights.map(StoreStep.ingesting)) },
            steps: closes),
        FaultScenario(
            description: "all of it again after late records",
            prepare: {
                let before = [.importing(stationRegistry())] + idleNights.map(StoreStep.ingesting) + closes
                try lived($0, through: before + [.ingesting(idleRecords)])
            },
            steps: [.closingReopened(at: "05-05 07:00"), .judging(at: "05-05 07:00")]),
        FaultScenario(
            description: "a person's index",
            prepare: { try lived($0, through: [.importing(registry())] + batches[0...3].map(StoreStep.ingesting)) },
            steps: [.editing("05-04", 2500, at: "05-05 09:00"), .closing("05-05", at: "05-05 10:00")]),
        FaultScenario(
            description: "days on their way into weeks and months, and a late record behind them",
            prepare: { try lived($0, through: [.importing(registry())] + batches[0...3].map(StoreStep.ingesting)) },
            steps: [
                .compacting(today: "05-10"), .ingesting(batches[4]), .compacting(today: "06-20"),
                .closing("05-05", at: "06-20 06:00"),
            ]),
        FaultScenario(
            description: "forgetting old evidence",
            prepare: { try lived($0, through: [.importing(registry())] + batches[0...3].map(StoreStep.ingesting)) },
            steps: [.forgettingLineage(before: "05-04"), .reading]),
        FaultScenario(
            description: "emptying the log between batches",
            prepare: { try lived($0, through: [.importing(registry())]) },
            steps: [
                .ingesting(batches[0]), .checkpoint, .ingesting(batches[1]), .ingesting(batches[2]), .checkpoint,
                .ingesting(batches[3]), .reading,
            ]),
    ]

    /// A store of its own that has done these steps and was closed.
    private static func lived(_ path: String, through steps: [StoreStep]) throws {
        let store = try open(path)
        for step in steps { try step.perform(store) }
        try store.close()
    }

    /// A store whose process died: its readings stand in the log only.
    private static func leaveLog(_ path: String) throws {
        let place = URL(fileURLWithPath: path)
        let running = place.deletingLastPathComponent().appending(path: "running.sqlite")
        let store = try open(running.path)
        try StoreStep.importing(registry()).perform(store)
        try store.checkpoint()
        for batch in batches[0...1] { try StoreStep.ingesting(batch).perform(store) }
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: running.path + suffix, toPath: path + suffix)
        }
        try store.close()
        for suffix in ["", ".lock", ".open"] {
            try FileManager.default.removeItem(atPath: running.path + suffix)
        }
    }
}

// MARK: - What is stored

extension FaultScenario {
    /// Two usage points behind one gateway. `exchanged`: another meter hangs at the first from 6 May on.
    static func registry(removedOn: String? = nil, exchanged: Bool = false) -> Registry {
        var registry = LogBook.registry(removedOn: removedOn)
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C2", district: "PA0901"))
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: "P2", gateway: "G1", unit: 2, profile: "sdm630",
                installedOn: LogBook.day("05-01")))
        if exchanged {
            registry.installations.append(
                MeterInstallation(
                    serial: "S3", usagePoint: LogBook.usagePoint, gateway: "G1", unit: 3, profile: "sdm630",
                    installedOn: LogBook.day("05-06")))
        }
        return registry
    }

    /// The station's own meter, too.
    static func stationRegistry() -> Registry {
        var registry = registry()
        registry.usagePoints.append(
            UsagePoint(
                name: "T1", customer: "T1", station: "T1", district: "PA0901", category: UsagePoint.stationCategory))
        registry.installations.append(
            MeterInstallation(
                serial: "S9", usagePoint: "T1", gateway: "G1", unit: 3, profile: "sdm630",
                installedOn: LogBook.day("05-01")))
        return registry
    }

    private static func poll(
        _ meter: Int32, _ at: String, _ transaction: UInt16, _ readings: [Reading]
    ) -> PollOutcome {
        PollOutcome(
            meter: MeterID(meter), gateway: "G1", unit: UInt8(meter), transaction: transaction, profile: "sdm630/1",
            requested: LogBook.instant(at) - .seconds(1), answered: LogBook.instant(at), result: .success(readings))
    }

    private static func both(_ wattHours: Int64) -> [Reading] {
        [LogBook.live(wattHours), LogBook.live(wattHours / 10, .activeExport)]
    }

    /// First readings; a night; a revision, suspects and failures with a gap behind; the gap's end; late records.
    static let batches: [[PollOutcome]] = [
        [poll(1, "05-01 23:50", 1, both(1000)), poll(2, "05-01 23:51", 2, both(500))],
        [
            poll(1, "05-02 00:10", 3, both(1200)), poll(2, "05-02 00:11", 4, both(600)),
            poll(2, "05-02 00:12", 5, [LogBook.frozen("05-02", 570)]),
        ],
        [
            poll(1, "05-02 06:00", 6, [LogBook.live(900)]), poll(2, "05-02 06:01", 7, [LogBook.frozen("05-09", 9)]),
            poll(1, "05-02 06:02", 8, [LogBook.frozen("05-02", 1110)]), silence(1, "05-02 07:00"),
            silence(2, "05-02 07:01"),
        ],
        [
            poll(1, "05-05 00:10", 9, [LogBook.frozen("05-05", 4000)]),
            poll(2, "05-05 00:11", 10, both(2000)), silence(1, "05-05 00:30"),
        ],
        [
            poll(1, "05-06 05:00", 11, [LogBook.frozen("05-03", 2200)]),
            poll(2, "05-06 05:01", 12, [LogBook.frozen("05-04", 1500)]),
        ],
    ]

    /// A customer that takes nothing, one with a gap of two days, and the station above them.
    static let idleNights: [[PollOutcome]] = (2...5).map { number in
        let day = "05-0\(number)"
        let polls = [
            poll(1, "\(day) 00:10", UInt16(number), [LogBook.frozen(day, 1000)]),
            poll(3, "\(day) 00:11", UInt16(number), [LogBook.frozen(day, 5000 * Int64(number))]),
        ]
        return [2, 5].contains(number)
            ? polls + [poll(2, "\(day) 00:12", UInt16(number), [LogBook.frozen(day, 1000 * Int64(number))])] : polls
    }

    static let closes: [StoreStep] = [
        .closing("05-04", at: "05-04 06:00"), .closing("05-05", at: "05-05 06:00"), .judging(at: "05-05 06:00"),
    ]

    /// A part of the gap was a day without energy.
    static let idleRecords = [poll(2, "05-05 06:31", 21, [LogBook.frozen("05-03", 2000)])]

    private static func silence(_ meter: Int32, _ at: String) -> PollOutcome {
        PollOutcome(
            meter: MeterID(meter), gateway: "G1", unit: UInt8(meter), transaction: 0, profile: "sdm630/1",
            requested: LogBook.instant(at) - .seconds(2), answered: LogBook.instant(at), result: .failure(.timeout))
    }

    /// What follows the night that `MigrationTests.earlier` left.
    private static let afterUpgrade: [PollOutcome] = [
        poll(1, "05-02 23:50", 20, [LogBook.live(1250)]), poll(1, "05-03 00:10", 21, both(1300)),
        poll(2, "05-02 00:10", 22, [LogBook.live(600)]),
    ]
}

extension StoreStep {
    fileprivate static func importing(_ registry: Registry) -> StoreStep { importing(registry, at: "05-01 00:00") }
}
