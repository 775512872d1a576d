import Metering
import Testing

@testable import VEE

@Suite("A half hour that stands out of its day")
struct SpikeRuleTests {
    private static let day = ServiceDay(number: 20_000)

    @Test(
        "is beside the third highest: two that are high are a morning",
        arguments: [
            (highest: [28_000], usual: 10_000, isFound: true), ([27_999], 10_000, false),
            ([28_000, 28_000], 10_000, true), ([28_000, 28_000, 28_000], 10_000, false),
            // A works that stands still but for half an hour.
            ([10_001], 0, true), ([10_000], 0, false),
        ] as [([Int64], Int64, Bool)])
    func spike(_ highest: [Int64], _ usual: Int64, _ isFound: Bool) throws {
        let energies = Array(repeating: usual, count: 48 - highest.count) + highest
        let found = try Self.found(energies)
        #expect(!found.isEmpty == isFound)
        if isFound {
            #expect(found.map(\.energy) == [Energy(wattHours: highest[0])])
            #expect(found.map(\.usual) == [Energy(wattHours: usual)])
            #expect(found[0].days == Self.day...Self.day)
        }
    }

    @Test("is none of a day of which less than half is known")
    func fewKnown() throws {
        #expect(try Self.found(Array(repeating: 1000, count: 22) + [99_000]).isEmpty)
        #expect(try !Self.found(Array(repeating: 1000, count: 23) + [99_000]).isEmpty)
    }

    @Test("is told with both half hours, to the rule's own categories only")
    func told() throws {
        let energies = Array(repeating: Int64(2000), count: 40) + [50_000]
        #expect(try Self.found(energies, categories: ", categories: [business]").isEmpty)
        #expect(
            try Self.found(energies).map(\.sentence) == [
                "took 50.000 kWh in its highest half hour, and 2.000 kWh in its third highest"
            ])
    }

    private static func found(_ energies: [Int64], categories: String = "") throws -> [ConsumptionFinding] {
        let rule = "{rule: spike, severity: warns, times: 2.8, above_kwh: 10, source: test\(categories)}"
        let book = try RuleBook(yaml: "rules: [\(rule)]", file: "test")
        return book.findings(
            on: day, halfHours: energies.map(Energy.init(wattHours:)), category: "production")
    }
}
