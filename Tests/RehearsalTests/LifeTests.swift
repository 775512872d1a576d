import Metering
import Store
import Testing
import VEE

@testable import Rehearsal

/// What happens to meters in their lives, from the wire to the bill: each ends in the right days, the right case, and,
/// once somebody has told what happened, in the bill of the true dials.
@Suite("The life of a meter:")
struct LifeTests {
    private static func usagePoint(_ unit: Int) -> String { "PA0901000000\(unit)" }

    private static func live(_ course: ScenarioCourse) throws -> [MeterCase] {
        try #require(course.rehearsal.store).cases(limit: 99)
    }

    @Test("ends in the case that it gives reason for, in no other, and in bills of the true dials", arguments: Life.all)
    func all(_ life: Life) throws {
        let folder = try RehearsalFolder()
        let outcome = try life.live(in: ScenarioCourse.files, with: ScenarioCourse.house.get(), below: folder.url)
        #expect(outcome.missed == [])
        #expect(outcome.unfounded == [])
        #expect(outcome.live == life.stays)
        #expect(outcome.missing == life.missing)
        #expect(outcome.bills.count >= 3)
        for bill in outcome.bills {
            #expect(bill.told.kwh == bill.truth.kwh && bill.told.total == bill.truth.total, "meter \(bill.number)")
        }
    }

    @Test("two meters whose units the registry mixes up are nobody's until it is put right, and no energy is lost")
    func swapped() throws {
        let course = try ScenarioCourse("neighbours", in: "lives", through: "15 08:30") { $0.mixed }
        try course.advance(to: "13 09:00")
        #expect(try Set(Self.live(course).map(\.kind)) == [.identity])
        let store = try #require(course.rehearsal.store)
        // What was quarantined meanwhile came from the units that the registry had then.
        _ = try store.importRegistry(store.registry().mixed, at: instant("13 09:00"))
        try course.rehearsal.followRegistry()
        let evidence = try course.end()
        let findings = try evidence.findings(except: ["liveness", "provenance"])
        #expect(findings == [], "\(findings.prefix(3))")
    }

    @Test("a home in which nobody is takes nothing: measured zeros, a warning once the run is long, no estimate")
    func vacancy() throws {
        let rules = try RuleBook(
            yaml: "rules: [{rule: zero-run, severity: warns, days: [3], source: test}]", file: "test")
        let course = try ScenarioCourse("standstill", in: "lives", through: "17 08:30", rules: rules)
        let evidence = try course.end()
        let days = try evidence.store.dailyIndices(
            usagePoint: Self.usagePoint(1), register: .activeImport, from: Self.day("12"), through: Self.day("16"))
        #expect(days.prefix(3).map(\.consumption) == [.zero, .zero, .zero])
        #expect(days.allSatisfy { $0.index.quality == .measured })
        let cases = try evidence.store.cases(limit: 9)
        #expect(cases.map(\.kind.rawValue) == ["zero-run"])
        #expect(cases.first?.days == Self.day("12")...Self.day("14"))
        #expect(try evidence.findings() == [])
    }

    @Test("a dial that stands still under load is a case, and its days hold up the bill until it goes on")
    func stuck() throws {
        let course = try ScenarioCourse("stuck-dial", in: "lives", through: "19 08:30")
        try course.advance(to: "15 09:00")
        let one = try #require(try Self.live(course).first)
        #expect(one.severity == .holds && one.text.contains("though 400 W and more were seen"), "\(one.text)")
        let evidence = try course.end()
        // It goes on from the 15th at noon; what passed it meanwhile is a person's to find out.
        let left = try evidence.store.cases(limit: 9)
        #expect(left.map(\.kind) == [.static] && left.first?.days == Self.day("11")...Self.day("15"))
        #expect(try evidence.findings() == [])
    }

    @Test("three days without a gateway are estimated between what is known, or read from the meter's own days")
    func outage() throws {
        let course = try ScenarioCourse("outage", in: "lives", through: "16 08:30")
        let evidence = try course.end()
        for day in 12...14 {
            #expect(try evidence.qualities("GW1", on: day) == ["estimated", "estimated", "frozen"], "\(day) May")
        }
        for unit in [1, 2, 3] {
            let days = try evidence.store.dailyIndices(
                usagePoint: Self.usagePoint(unit), register: .activeImport, from: Self.day("11"),
                through: Self.day("15"))
            let sum = days.dropLast().compactMap(\.consumption).reduce(Energy.zero, +)
            #expect(try sum == #require(days.last).index.index - #require(days.first).index.index)
        }
        #expect(try evidence.store.cases(limit: 9).isEmpty)
        #expect(try evidence.findings() == [])
    }

    @Test("a meter whose calendar is a day ahead books no day wrongly")
    func calendarAhead() throws {
        let course = try ScenarioCourse("calendar-ahead", in: "lives", through: "15 08:30")
        let evidence = try course.end()
        let truth = try #require(evidence.truth.meters.first { $0.installation.unit == 1 })
        let days = try evidence.store.dailyIndices(
            usagePoint: Self.usagePoint(1), register: .activeImport, from: Self.day("11"), through: Self.day("15"))
        // Seen on the 11th, it is read around its midnights from then on.
        #expect(days.map(\.index.day) == (12...15).map { Self.day("\($0)") })
        #expect(days.allSatisfy { $0.index.quality == .measured })
        for day in days {
            let dial = try #require(evidence.truth.index(of: truth.id, .activeImport, on: day.day))
            // Live it counts in tenths of a kWh.
            #expect(abs((day.index.index - dial).wattHours) < day.index.errorBound.wattHours + 100, "\(day)")
        }
        #expect(try evidence.store.cases(limit: 9).map(\.kind.rawValue) == ["clock"])
        #expect(try evidence.store.cases(limit: 9).first?.text.hasPrefix("its clock is at least 23 h") == true)
    }

    private static func day(_ dayOfMay: String) -> ServiceDay {
        ServiceCalendar.vietnam.day(at: instant("\(dayOfMay) 00:00"))
    }
}
