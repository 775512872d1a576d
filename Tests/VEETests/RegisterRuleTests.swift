import Metering
import Testing

@testable import VEE

@Suite("What the registers of a meter say of each other")
struct RegisterRuleTests {
    private static let day = ServiceDay(number: 20_000)

    private static func found(
        _ rule: String, _ energies: [Register: Int64], before: [Int: Int64] = [:], withoutEnd: Set<Register> = [],
        resolution: Int64 = 10, bounds: Int64 = 0
    ) throws -> [ConsumptionFinding] {
        let known = RegisterDay(
            energies: energies.mapValues(Energy.init(wattHours:)), withoutEnd: withoutEnd,
            exportBefore: before.mapValues(Energy.init(wattHours:)), resolution: Energy(wattHours: resolution),
            bounds: Energy(wattHours: bounds))
        let book = try RuleBook(yaml: "rules: [{\(rule), severity: warns, source: test}]", file: "test")
        return book.findings(on: day, in: known, category: "residential")
    }

    @Test(
        "three rates are the whole but for a step of each dial",
        arguments: [
            (whole: 9_000, rates: [3_000, 3_000, 3_000], bounds: 0, isFound: false),
            (9_000, [3_000, 3_000, 3_040], 0, false),
            (9_000, [3_000, 3_000, 3_041], 0, true),
            (9_000, [3_000, 3_000, 2_959], 0, true),
            // Indices that were read around midnight may be off by what their bounds say.
            (9_000, [3_000, 3_000, 3_041], 30, false),
            // One rate alone says nothing: the others may never have been read.
            (9_000, [3_000], 0, false),
        ])
    func sum(_ whole: Int64, _ rates: [Int64], _ bounds: Int64, _ isFound: Bool) throws {
        var energies: [Register: Int64] = [.activeImport: whole]
        for (register, energy) in zip([Register.activeImportT1, .activeImportT2, .activeImportT3], rates) {
            energies[register] = energy
        }
        let found = try Self.found("rule: sum, tolerance_wh: 0", energies, bounds: bounds)
        #expect(!found.isEmpty == isFound)
        if isFound { #expect(found[0].sentence.hasPrefix("took 9.000 kWh, but its rates ")) }
    }

    @Test("of rates that are not all known nothing follows")
    func unknownRate() throws {
        var known = RegisterDay(
            energies: [.activeImport: Energy(wattHours: 20_000), .activeImportT1: Energy(wattHours: 8000)],
            resolution: Energy(wattHours: 10))
        known.energies[.activeImportT3] = Energy(wattHours: 5000)
        let book = try RuleBook(
            yaml: "rules: [{rule: sum, severity: holds, tolerance_wh: 0, source: test}]", file: "test")
        #expect(book.findings(on: Self.day, in: known, category: "residential").count == 1)
        known.unknown = [.activeImportT2]
        #expect(book.findings(on: Self.day, in: known, category: "residential").isEmpty)
        known.unknown = [.activeExport]
        #expect(book.findings(on: Self.day, in: known, category: "residential").count == 1)
    }

    @Test(
        "an export that begins is told once, one that goes on is not",
        arguments: [
            (export: Int64(2_000), before: Int64(0) as Int64?, isFound: true), (2_000, 500, true), (2_000, 501, false),
            (500, 0, false), (2_000, nil, false),
        ])
    func reverse(_ export: Int64, _ before: Int64?, _ isFound: Bool) throws {
        let found = try Self.found(
            "rule: reverse, above_kwh: 0.5, quiet_days: 28", [.activeExport: export],
            before: before.map { [28: $0] } ?? [:])
        #expect(found.map(\.register) == (isFound ? [.activeExport] : []))
    }

    @Test(
        "reactive energy without active energy, or with far too little of it",
        arguments: [
            (active: Int64(0), reactive: Int64(20_000), isFound: true),
            // 0.3 exactly: 3² · 10.11… — the factor is below it from 6,290 Wh to 20,000 varh on.
            (6_289, 20_000, true), (6_290, 20_000, false), (0, 10_000, false), (0, 10_001, true),
            (4_000_000_000_000_000, 4_000_000_000_000_000, false),
        ])
    func powerFactor(_ active: Int64, _ reactive: Int64, _ isFound: Bool) throws {
        let found = try Self.found(
            "rule: power-factor, below: 0.3, above_kvarh: 10", [.activeImport: active, .reactiveImport: reactive])
        #expect(found.map(\.register) == (isFound ? [.reactiveImport] : []))
    }

    @Test("a register whose index is missing is told by its name")
    func sibling() throws {
        let found = try Self.found("rule: sibling", [.activeImport: 5_000], withoutEnd: [.activeExport])
        #expect(found.map(\.sentence) == ["export has no index of 2024-10-05, though import has one"])
        #expect(try Self.found("rule: sibling", [.activeImport: 5_000]).isEmpty)
    }

    @Test("a meter that nobody reads is told of on the third day, and not on the second and fourth")
    func silence() throws {
        let book = try RuleBook(
            yaml: "rules: [{rule: prolonged-estimation, days: [3], severity: warns, source: test}]", file: "test")
        func found(_ last: Int, toldOn told: Int? = nil) -> [ClosedRange<ServiceDay>] {
            book.findings(
                on: Self.day, silentSince: Self.day + last, toldOn: told.map { Self.day + $0 }, category: "residential"
            ).map(\.days)
        }
        #expect(found(-1) == [])
        #expect(found(-2) == [Self.day - 2...Self.day])
        #expect(found(-3, toldOn: -1) == [])
        #expect(found(-3, toldOn: -4) == [Self.day - 3...Self.day], "that was another silence")
        #expect(found(-3) == [Self.day - 3...Self.day], "what was told had passed")
        #expect(book.findings(on: Self.day, silentSince: Self.day - 2, category: UsagePoint.stationCategory).isEmpty)
    }
}
