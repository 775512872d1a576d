import Billing
import Foundation
import Metering
import Testing

@testable import Store

/// Two stores that are told the same; one of them compacts in between, some series at a time. Three meters with two
/// registers each live through some months of nights, late records, edits and day closes.
struct TwinStores {
    private let plain: LogBook
    private let compacting: LogBook
    private var random: SeededRandom
    private var today = LogBook.day("05-02")
    private var dials: [Int64] = [10_000, 20_000, 30_000]
    /// What each meter's dial showed at the days' first instants, for records that come late.
    private var records: [[ServiceDay: Int64]] = [[:], [:], [:]]
    private var transaction: UInt16 = 0

    private static let names = ["P1", "P2", "P3"]

    init(seed: UInt64) throws {
        let registry = Registry(
            gateways: [Gateway(name: "G1", host: "10.0.0.1")],
            usagePoints: Self.names.enumerated().map { position, name in
                UsagePoint(name: name, customer: "C", district: position == 0 ? "PA0901" : "PA0902")
            },
            installations: Self.names.enumerated().map { position, name in
                MeterInstallation(
                    serial: "S\(position)", usagePoint: name, gateway: "G1", unit: UInt8(position + 1),
                    profile: "sdm630", digits: 6, installedOn: LogBook.day("05-01"))
            })
        let everybodys = LoadProfileChoice(categories: ["residential"])
        plain = try LogBook(registry, loadProfiles: everybodys)
        compacting = try LogBook(registry, loadProfiles: everybodys)
        random = SeededRandom(seed: seed)
    }

    private mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

    /// One thing that happens to both; then the one compacts, perhaps.
    mutating func live() throws {
        switch random.next() % 10 {
        case 0..<6: try night()
        case 6: try lateRecord()
        case 7: try edit()
        default: try close()
        }
        for _ in 0..<(random.next() % 4) { _ = try compacting.store.compact(today: today, seriesMax: 2) }
        if chance(30) { _ = try compacting.store.foldLoadProfiles(today: today, seriesMax: 2) }
    }

    private mutating func both(_ body: (LogBook) throws -> Void) throws {
        try body(plain)
        try body(compacting)
    }

    /// Readings before and after midnight, or the meter's record of it, or nothing from a meter that is silent.
    private mutating func night() throws {
        let calendar = plain.calendar
        let midnight = calendar.start(of: today.next)
        var outcomes: [PollOutcome] = []
        for meter in 0..<3 {
            let used = Int64(random.next() % 9000)
            records[meter][today.next] = dials[meter] + used
            if !chance(15) {
                let before = midnight - .minutes(Int64(random.next() % 40 + 1))
                outcomes.append(poll(meter, before, [LogBook.live(dials[meter]), LogBook.live(5, .activeExport)]))
                let after = midnight + .minutes(Int64(random.next() % 40 + 1))
                if chance(50) {
                    let day = String("\(today.next)".dropFirst(5))
                    outcomes.append(poll(meter, after, [LogBook.frozen(day, dials[meter] + used)]))
                } else {
                    let now = dials[meter] + used
                    outcomes.append(poll(meter, after, [LogBook.live(now), LogBook.live(5, .activeExport)]))
                }
            }
            dials[meter] += used
        }
        today = today.next
        try both { _ = try $0.store.ingest(outcomes) }
    }

    private mutating func lateRecord() throws {
        let meter = Int(random.next() % 3)
        let back = Int(random.next() % 45)
        guard let index = records[meter][today - back] else { return }
        let day = String("\(today - back)".dropFirst(5))
        let late = poll(meter, plain.calendar.start(of: today) + .hours(13), [LogBook.frozen(day, index)])
        try both { _ = try $0.store.ingest([late]) }
    }

    private mutating func edit() throws {
        let meter = Int(random.next() % 3)
        let day = today - Int(random.next() % 40)
        guard day > LogBook.day("05-01"), let index = records[meter][day] else { return }
        let at = plain.calendar.start(of: today) + .hours(14)
        try both {
            try $0.store.edit(
                usagePoint: Self.names[meter], register: .activeImport, day: day,
                index: Energy(wattHours: index + 1), reason: "read by eye", by: "Lan", at: at)
        }
    }

    private mutating func close() throws {
        let day = today
        let at = plain.calendar.start(of: today) + .hours(6)
        try both {
            _ = try $0.store.closeDay(day, at: at)
            _ = try $0.store.closeReopenedDays(at: at)
        }
    }

    private mutating func poll(_ meter: Int, _ answered: Instant, _ readings: [Reading]) -> PollOutcome {
        transaction += 1
        return PollOutcome(
            meter: MeterID(Int32(meter + 1)), gateway: "G1", unit: UInt8(meter + 1), transaction: transaction,
            profile: "sdm630/1", requested: answered - .seconds(2), answered: answered, result: .success(readings))
    }

    /// Everything that is due years later.
    func compactAll() throws {
        while try compacting.store.compact(today: today + 1000, seriesMax: 3) != nil {}
        while try compacting.store.foldLoadProfiles(today: today + 1000, seriesMax: 3) != nil {}
    }

    /// Whatever may be asked is answered alike.
    func compare() throws {
        let (from, through) = (LogBook.day("05-01"), today)
        func everywhere<Answer: Equatable>(_ what: String, _ ask: (Store) throws -> Answer) throws {
            let (expected, found) = (try ask(plain.store), try ask(compacting.store))
            #expect(expected == found, "\(what)")
        }
        try everywhere("indices with their lineage") { store in
            var all: [StoredIndex] = []
            try store.forEachIndex { all.append($0) }
            return all
        }
        for name in Self.names {
            try everywhere("days of \(name)") {
                try $0.dailyIndices(usagePoint: name, register: nil, from: from, through: through)
            }
            try everywhere("load profile of \(name)") {
                try $0.loadProfile(usagePoint: name, register: nil, from: from, through: through)
            }
            try everywhere("a part of them") {
                try $0.dailyIndices(usagePoint: name, register: nil, from: from + 9, through: from + 19)
            }
            let tariffs = try TariffBook.load(folder: nil)
            for asOf in stride(from: from + 20, through: through, by: 17) {
                try everywhere("bill of \(name) as of \(asOf)") { store in
                    try? store.provisionalBill(usagePoint: name, asOf: asOf, tariffs: tariffs)
                }
            }
        }
        for day in from...through {
            try everywhere("count of \(day)") { try $0.completenessByDistrict(of: day) }
            try everywhere("feed of \(day)") { try $0.everyUsagePoint(on: day, register: .activeImport) }
            try everywhere("trace of \(day)") {
                try $0.lineage(usagePoint: "P2", register: .activeImport, day: day)
            }
        }
        try everywhere("frozen days owed") { store in
            let owed = try store.owedFrozenDays(from: from, through: through, profiles: ["sdm630"])
            return (1...3).map { owed[MeterID($0)] }
        }
        try everywhere("the rest of the file") { store in
            var rows: [String] = []
            try store.forEachRow { table, row in
                if !["hot", "chunk", "weekChunk", "compaction", "loadDay", "loadWeek", "loadFolding"].contains(table) {
                    rows.append("\(table): \(row)")
                }
            }
            return rows
        }
        for store in [plain.store, compacting.store] {
            var findings: [VerificationFinding] = []
            var scope = VerificationScope()
            scope.days = nil
            _ = try store.verify(scope, found: { findings.append($0) })
            #expect(findings.map(\.description) == [])
        }
    }
}
