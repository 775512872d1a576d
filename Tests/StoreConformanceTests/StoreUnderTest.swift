import Foundation
import Metering
import Store

/// A store that the conformance suite is held against. Another database behind the same names is another row of `all`.
struct StoreKind: Sendable, CustomStringConvertible {
    let description: String
    let open: @Sendable (_ folder: URL) throws -> Store
    /// What time does to it between two entries.
    var ages: @Sendable (Store, _ today: ServiceDay) throws -> Void = { _, _ in }

    static let all = [
        StoreKind(description: "SQLite, days open", open: openSQLite),
        StoreKind(description: "SQLite, days packed as soon as may be", open: openSQLite) { store, today in
            while try store.compact(today: today, seriesMax: 2) != nil {}
            while try store.foldLoadProfiles(today: today, seriesMax: 2) != nil {}
        },
    ]

    @Sendable private static func openSQLite(_ folder: URL) throws -> Store {
        try Store(
            path: folder.appending(path: "meterd.sqlite").path, role: .daemon, calendar: .vietnam,
            limits: ["em1": 15_180], loadProfiles: LoadProfileChoice(usagePoints: ["P1"]))
    }
}

/// Two usage points behind one gateway, and what happens there: entries a line each, as in a log book.
///
///     live S1 05-01 23:50 1000          read at that minute, showing so many Wh; the answer took two seconds
///     record S1 05-02 00:10 05-02 1100  the meter's own record of a day, read at that minute
///     silent S1 05-02 12:00             no answer
///     close 05-02                       the day is closed at six in the morning
///     edit P1 05-02 1111                Lan reads the dial by eye
///     day 05-20                         time passes
final class StoreUnderTest {
    let store: Store
    private let kind: StoreKind
    private let folder: URL
    private let meters: [String: RegisteredMeter]
    private var transaction: UInt16 = 0
    private(set) var batches: [[PollOutcome]] = []

    static let registry = Registry(
        gateways: [Gateway(name: "G1", host: "10.0.0.1", district: "PA0901")],
        usagePoints: ["P1", "P2"].map {
            UsagePoint(name: $0, customer: "Trần Thị \($0)", district: "PA0901")
        },
        installations: [("S1", "P1", 1), ("S2", "P2", 40)].enumerated().map { position, meter in
            MeterInstallation(
                serial: meter.0, usagePoint: meter.1, gateway: "G1", unit: UInt8(position + 1), profile: "em1",
                multiplier: Int64(meter.2), digits: 6, installedOn: day("05-01"))
        })

    init(_ kind: StoreKind) throws {
        self.kind = kind
        folder = FileManager.default.temporaryDirectory.appending(path: "meterd-conformance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try kind.open(folder)
        _ = try store.importRegistry(Self.registry, at: Self.instant("05-01 00:00"))
        let known = try store.meters(inServiceOn: Self.day("05-01"))
        meters = Dictionary(uniqueKeysWithValues: known.map { ($0.installation.serial, $0) })
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    static func day(_ text: String) -> ServiceDay {
        guard let day = ServiceDay(iso: "2025-\(text)") else { preconditionFailure("no day: \(text)") }
        return day
    }

    static func instant(_ text: String) -> Instant {
        guard let instant = Instant(rfc3339: "2025-\(text.prefix(5))T\(text.suffix(5)):00+07:00") else {
            preconditionFailure("no instant: \(text)")
        }
        return instant
    }

    // MARK: - Entries

    func write(_ entries: String) throws {
        for line in entries.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words[0] {
            case "live":
                try read(words[1], "\(words[2]) \(words[3])", .success([Self.reading(.live, words[4])]))
            case "record":
                let moment = Reading.Moment.frozen(Self.day(words[4]))
                try read(words[1], "\(words[2]) \(words[3])", .success([Self.reading(moment, words[5])]))
            case "silent": try read(words[1], "\(words[2]) \(words[3])", .failure(.timeout))
            case "close":
                _ = try store.closeDay(Self.day(words[1]), at: Self.instant("\(words[1]) 06:00"))
                try kind.ages(store, Self.day(words[1]))
            case "edit":
                try store.edit(
                    usagePoint: words[1], register: .activeImport, day: Self.day(words[2]),
                    index: Energy(wattHours: Int64(words[3]) ?? 0), reason: "read by eye", by: "Lan",
                    at: Self.instant("07-01 09:00"))
            case "day": try kind.ages(store, Self.day(words[1]))
            default: preconditionFailure("no such entry: \(line)")
            }
        }
    }

    private static func reading(_ moment: Reading.Moment, _ wattHours: String) -> Reading {
        let index = Int64(wattHours) ?? 0
        return Reading(
            register: .activeImport, moment: moment, index: Energy(wattHours: index),
            words: [UInt16(truncatingIfNeeded: index >> 16), UInt16(truncatingIfNeeded: index)])
    }

    private func read(_ serial: String, _ at: String, _ result: Result<[Reading], PollFailure>) throws {
        guard let meter = meters[serial] else { preconditionFailure("no such meter: \(serial)") }
        transaction += 1
        let answered = Self.instant(at)
        batches.append([
            PollOutcome(
                meter: meter.id, gateway: meter.installation.gateway, unit: meter.installation.unit,
                transaction: transaction, profile: "em1/1", requested: answered - .seconds(2), answered: answered,
                result: result)
        ])
        _ = try store.ingest(batches.last ?? [])
        try kind.ages(store, ServiceCalendar.vietnam.day(at: answered))
    }

    // MARK: - Answers

    /// `05-02 1100 measured ±112 r1 +450`, a line a day, the last being the day's consumption.
    func indices(_ usagePoint: String = "P1") throws -> String {
        try store.dailyIndices(
            usagePoint: usagePoint, register: .activeImport, from: Self.day("01-01"), through: Self.day("12-31")
        ).map { line in
            "\(line.day.description.dropFirst(5)) \(line.index.index.wattHours) \(line.index.quality.name) "
                + "±\(line.index.errorBound.wattHours) r\(line.index.revision)"
                + (line.consumption.map { " +\($0.wattHours)" } ?? "")
        }.joined(separator: "\n")
    }
}
