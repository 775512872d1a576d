import Foundation
import Metering
import Testing

@testable import VEE

@Suite("a book of rules")
struct RuleBookTests {
    @Test("has what is shipped, without the rule that would fire for three thousand homes a day")
    func shipped() throws {
        let rules = try RuleBook.load(file: nil).rules
        #expect(
            rules.map(\.name) == [
                "high", "zero-run", "repeated", "month-on-month", "same-months", "prolonged-estimation", "sum",
                "reverse", "sibling",
            ])
        #expect(rules.filter { $0.severity == .holds }.map(\.name) == ["month-on-month", "sum"])
        #expect(rules.allSatisfy { !$0.source.isEmpty && $0.judges("residential") })
        #expect(
            rules[0].test
                == .high(
                    timesMean: Factor(thousandths: 3000), timesMost: Factor(thousandths: 1500),
                    above: Energy(wattHours: 10_000)))
    }

    @Test("may have a rule twice, by another name, for other categories")
    func categories() throws {
        let book = try RuleBook(
            yaml: """
                rules:
                  - {rule: high, severity: warns, times_mean: 3, times_most: 1.5, above_kwh: 10, source: measured}
                  - rule: high-business
                    test: high
                    severity: holds
                    categories: [business, production]
                    times_mean: 2.25
                    times_most: 1
                    above_kwh: 0.5
                    source: a guess
                """, file: "rules.yaml")
        #expect(book.rules.map(\.name) == ["high", "high-business"])
        #expect(book.rules[1].judges("business") && !book.rules[1].judges("residential"))
        #expect(
            book.rules[1].test
                == .high(
                    timesMean: Factor(thousandths: 2250), timesMost: Factor(thousandths: 1000),
                    above: Energy(wattHours: 500)))
    }

    @Test("says all that is wrong with it at once, each on its line")
    func faults() throws {
        let error = try #require(throws: InputFaults.self) {
            try RuleBook(
                yaml: """
                    rules:
                      - rule: high
                        severity: shouts
                        times_mean: 3.0001
                        times_most: -1
                        above_kwh: 10
                        source: measured
                      - rule: Low!
                      - rule: low
                        severity: warns
                        times_mean: 0.1
                        mean_above_kwh: 3
                        above_kwh: 3
                      - rule: odd
                        severity: warns
                        source: nowhere
                      - {rule: zero-run, severity: warns, days: [3, 57], source: measured, categories: ~}
                    """, file: "rules.yaml")
        }
        let factor = "must be a factor from 0.001 to 1000 with at most three decimals"
        #expect(
            error.description == """
                rules.yaml:3: rules[1].severity "shouts": must be one of warns, holds
                rules.yaml:4: rules[1].times_mean "3.0001": \(factor)
                rules.yaml:5: rules[1].times_most "-1": \(factor)
                rules.yaml:8: rules[2].rule "Low!": must be a name: small letters, digits and hyphens; not \
                identity, profile, decreased, above-ceiling, overflow, from-future, clock, static, rollover, fitter
                rules.yaml:8: rules[2].severity: is missing; must be one of warns, holds
                rules.yaml:8: rules[2].source: is missing; must say where the threshold comes from
                rules.yaml:9: rules[3].source: is missing; must say where the threshold comes from
                rules.yaml:13: rules[3].above_kwh: unknown key; known here: rule, test, severity, categories, off, \
                source, times_mean, mean_above_kwh
                rules.yaml:14: rules[4].test: is missing; must be one of high, low, month-on-month, \
                same-months, zero-run, repeated, prolonged-estimation, sum, reverse, sibling, power-factor, spike
                rules.yaml:17: rules[5].categories: must list categories of usage points, at least one
                rules.yaml:17: rules[5].days "3, 57": must list numbers of days, 1 to 56
                """)
    }

    @Test("of one's own replaces, adds and takes out")
    func over() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "meterd-rules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "rules.yaml").path
        let text = """
            rules:
              - {rule: zero-run, severity: holds, days: [7], source: ours}
              - {rule: repeated, off: true}
              - {rule: low, severity: warns, times_mean: 0.05, mean_above_kwh: 3, source: ours}
              - {rule: long-zero-run, test: zero-run, severity: warns, days: [56], source: ours}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let rules = try RuleBook.load(file: file).rules
        #expect(
            rules.map(\.name) == [
                "high", "low", "zero-run", "month-on-month", "same-months", "prolonged-estimation", "sum", "reverse",
                "sibling", "long-zero-run",
            ])
        #expect(rules[2].test == .zeroRun(days: [7]) && rules[2].severity == .holds && rules[2].source == "ours")
        let missing = try #require(throws: InputFaults.self) { try RuleBook.load(file: file + "x") }
        #expect(missing.description.hasPrefix("\(file)x: cannot be read"))
    }

    @Test("with a name twice is refused")
    func twice() throws {
        let error = try #require(throws: InputFaults.self) {
            try RuleBook(
                yaml: """
                    rules:
                      - {rule: same-months, severity: warns, count: 3, step_wh: 1, source: measured}
                      - {rule: same-months, severity: warns, count: 4, step_wh: 1, source: measured}
                    """, file: "rules.yaml")
        }
        #expect(
            error.description
                == "rules.yaml:3: rule \"same-months\": stands on line 2 already; give one another name")
    }
}
