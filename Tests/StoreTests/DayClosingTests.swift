import Metering
import Testing
import VEE

@testable import Store

@Suite("Day close")
struct DayClosingTests {
    @Test("days between two records are estimated on the straight line, and their consumptions add up")
    func bracketed() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-05
            """)
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +333
                05-03 1333 estimated ±768 r1 +333
                05-04 1666 estimated ±768 r1 +334
                05-05 2000 frozen ±0 r1
                """)
    }

    @Test("closing a day twice changes nothing")
    func twice() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-04
            close 05-05
            """)
        let before = try book.dump()
        let first = try book.store.closeDay(book.day("05-05"), at: book.instant("05-06 09:00"))
        let second = try book.store.closeDay(book.day("05-05"), at: book.instant("05-07 09:00"))
        #expect(first == second)
        #expect(try book.dump() == before)
    }

    @Test("a late record takes the place of an estimate and the other estimates follow it")
    func lateRecord() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-04
            close 05-05
            """)
        let report = try book.ingest([book.poll("05-06 00:10", [LogBook.frozen("05-04", 1900)])])
        #expect(report.revisions == 1)
        #expect(try book.store.reopenedDays() == [book.day("05-04")])
        try book.write("close 05-05")
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +450
                05-03 1450 estimated ±512 r2 +450
                05-04 1900 frozen ±0 r2 +100
                05-05 2000 frozen ±0 r1
                """)
    }

    @Test("a closed day that changed is counted again by whoever opens the store next")
    func reopenedDaysLast() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-02
            close 05-03
            close 05-04
            close 05-05
            """)
        // The estimates of 3 May change only when the gap is settled, after the process that stored this died.
        _ = try book.ingest([book.poll("05-06 00:10", [LogBook.frozen("05-04", 1900)])])
        #expect(try book.store.completenessHistory(from: book.day("05-04"), through: book.day("05-04"))[0].frozen == 0)
        try book.reopen()
        #expect(try book.store.closeReopenedDays(at: book.instant("05-06 01:00")).contains(book.day("05-04")))
        for day in ["05-02", "05-03", "05-04", "05-05"].map(book.day) {
            let closed = try book.store.completenessHistory(from: day, through: day).first
            #expect(try closed == book.store.completeness(of: day), "\(day) is counted as it stands")
        }
        #expect(try book.store.closeReopenedDays(at: book.instant("05-06 02:00")).isEmpty, "once is enough")
    }

    @Test("an estimate drawn between two readings gives way only where more is known than they told")
    func readingsOutlast() throws {
        let book = try LogBook()
        // Drawn from the readings: 2000 a day. Nothing arrives between them: the close leaves them.
        let entries = """
            live 05-02 00:05 1000
            live 05-05 00:05 7000
            live 05-06 00:05 8000
            close 05-06
            """
        try book.write("live 05-01 23:55 990\n" + entries)
        let before = try book.indices()
        try book.write("close 05-06")
        #expect(try book.indices() == before)
        // Now 05-04 is known better, so 05-03 is redrawn between its neighbours; 05-05 and 05-06 stay.
        try book.write(
            """
            frozen 05-06 09:00 05-04 6000
            close 05-06
            """)
        let after = try book.indices().split(separator: "\n")
        let old = before.split(separator: "\n")
        #expect(after[1].hasPrefix("05-03 3497 estimated"))
        #expect(after[2].hasPrefix("05-04 6000 frozen"))
        #expect(after[3] == old[3] && after[4] == old[4])
    }

    @Test("a hole before readings is filled up to the first estimate drawn from them")
    func holeBeforeReadings() throws {
        let book = try LogBook()
        // 1 Wh a second from 05-03 17:59:59 on; its midnights were drawn from the same two readings.
        try book.write(
            """
            frozen 05-02 00:10 05-02 400
            live 05-03 18:00 1000
            live 05-06 00:05 195700
            close 05-06
            """)
        #expect(
            try book.indices() == """
                05-02 400 frozen ±0 r1 +11100
                05-03 11500 estimated ±229376 r1 +11101
                05-04 22601 estimated ±196608 r1 +86400
                05-05 109001 estimated ±114688 r1 +86400
                05-06 195401 measured ±196608 r1
                """)
    }

    @Test("an estimate past the last record is redrawn from the record to the last reading")
    func tail() throws {
        let book = try LogBook()
        // The line from 05-01 12:00 to 05-04 12:00 puts 2000 at each midnight's 12 h, 36 h, 60 h.
        try book.write(
            """
            live 05-01 12:00 1000
            live 05-04 12:00 7000
            """)
        #expect(
            try book.indices() == """
                05-02 2000 estimated ±5120 r1 +2000
                05-03 4000 estimated ±3072 r1 +2000
                05-04 6000 estimated ±5120 r1
                """)
        // The record says that most was used late on 05-03: 05-04 may not stand below it.
        try book.write(
            """
            frozen 05-04 13:00 05-03 6700
            close 05-04
            """)
        #expect(
            try book.indices() == """
                05-02 2000 estimated ±5120 r1 +4700
                05-03 6700 frozen ±0 r2 +200
                05-04 6900 estimated ±224 r2
                """)
        let before = try book.dump()
        try book.write("close 05-04")
        #expect(try book.dump().filter { !$0.hasPrefix("unsettled") } == before.filter { !$0.hasPrefix("unsettled") })
    }

    @Test("what a person entered stays, whatever the meter says later, and its neighbours follow it")
    func edited() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 1000
            frozen 05-05 00:10 05-05 2000
            close 05-05
            edit 05-03 1100
            close 05-05
            frozen 05-06 00:10 05-03 1200
            close 05-05
            """)
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +100
                05-03 1100 edited ±0 r2 +450
                05-04 1550 estimated ±512 r2 +450
                05-05 2000 frozen ±0 r1
                """)
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-03")))
        #expect(lineage.replaced.map(\.occasion.reason) == ["read by eye"])
    }

    @Test(
        "an edit is refused with its reason",
        arguments: [
            (LogBook.usagePoint, "05-03", -1, "why", "negative"),
            (LogBook.usagePoint, "05-03", 1_000_000_000, "why", "digits"),
            (LogBook.usagePoint, "05-03", 5, " ", "no reason"),
            (LogBook.usagePoint, "04-03", 5, "why", "no meter in service"),
            ("nobody", "05-03", 5, "why", "not in the registry"),
        ])
    func editRefused(_ usagePoint: String, _ day: String, _ index: Int, _ reason: String, _ says: String) throws {
        let book = try LogBook()
        let error = #expect(throws: StoreError.self) {
            try book.store.edit(
                usagePoint: usagePoint, register: .activeImport, day: book.day(day),
                index: Energy(wattHours: Int64(index)), reason: reason, by: "Lan",
                at: book.instant("05-04 00:00"))
        }
        #expect(try #require(error).description.contains(says))
        #expect(try book.indices() == "")
    }

    @Test("what is missing is counted against the meters in service on that day")
    func completeness() throws {
        var registry = LogBook.registry(multiplier: 40)
        for number in 2...4 {
            registry.usagePoints.append(UsagePoint(name: "P\(number)", customer: "C", district: "PA0902"))
            registry.installations.append(
                MeterInstallation(
                    serial: "S\(number)", usagePoint: "P\(number)", gateway: "G1", unit: UInt8(number),
                    profile: "sdm630", installedOn: LogBook.day(number == 4 ? "05-03" : "05-01"),
                    removedOn: number == 3 ? LogBook.day("05-03") : nil))
        }
        let book = try LogBook(registry)
        try book.write("frozen 05-02 00:10 05-02 1000\nfrozen 05-03 00:10 05-03 1100")
        try book.write("live 05-01 23:59 50\nlive 05-02 00:01 52", meter: MeterID(2))
        let second = try book.store.closeDay(book.day("05-02"), at: book.instant("05-02 01:00"))
        #expect(second.expected == 3)
        #expect((second.frozen, second.measured, second.estimated, second.edited, second.missing) == (1, 1, 0, 0, 1))
        #expect(second.energy == Energy(wattHours: 4000))
        let third = try book.store.closeDay(book.day("05-03"), at: book.instant("05-03 01:00"))
        // S3 still hung there at the first instant of the day it left.
        #expect((third.expected, third.frozen, third.missing) == (4, 1, 3))
        #expect(
            try book.store.completenessByDistrict(of: book.day("05-02")).map {
                "\($0.district) \($0.completeness.known)/\($0.completeness.expected)"
            } == ["PA0901 1/1", "PA0902 1/2"])
        let history = try book.store.completenessHistory(from: book.day("05-01"), through: book.day("05-31"))
        #expect(history == [second, third])
        #expect(try book.store.lastClosedDay() == book.day("05-03"))
        #expect(try book.store.completeness(of: book.day("05-02")) == second)
    }

    @Test("days that a clock which ran ahead has closed are closed again in their time")
    func clockAhead() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nclose 05-02")
        let rules = try RuleBook(
            yaml: "rules: [{rule: prolonged-estimation, severity: warns, days: [1, 2], source: test}]", file: "test")
        let (judge, ahead) = (ConsumptionJudge(rules: rules), book.instant("07-20 06:00"))
        for day in ["05-03", "05-04", "05-05"].map(book.day) {
            _ = try book.store.closeDay(day, at: ahead)
            _ = try book.store.checkConsumption(of: day.previous, by: judge, at: ahead)
        }
        #expect(try book.store.caseCount() == 2)
        let now = book.instant("05-03 09:00")
        #expect(try book.store.forgetClosedDays(after: book.day("05-03"), at: now) == book.day("05-05"))
        #expect(try book.store.lastClosedDay() == book.day("05-03"))
        #expect(try book.store.forgetClosedDays(after: book.day("05-03"), at: now) == nil)
        // The end of 3 May has not come: nobody can have missed it. That of 2 May has.
        #expect(try book.store.cases(limit: 9).map(\.days) == [book.day("05-02")...book.day("05-02")])
    }

    @Test("days in a row that changed are counted again some at a time, and the day before the first of them as well")
    func reopenedSomeAtATime() throws {
        func book(limit: Int) throws -> (dump: [String], unjudged: [String]) {
            let book = try LogBook()
            try book.write("frozen 05-02 00:10 05-02 1000\nclose 05-02")
            for day in 3...8 { try book.write("close 05-0\(day)") }
            _ = try book.store.judgeDays(by: ConsumptionJudge(rules: RuleBook([])), at: book.instant("05-08 09:00"))
            try book.ingest([
                book.poll("05-08 10:00", (3...7).map { LogBook.frozen("05-0\($0)", Int64($0) * 1000) })
            ])
            while try !book.store.closeReopenedDays(at: book.instant("05-08 11:00"), limit: limit).isEmpty {}
            let dump = try book.dump()
            return (dump, dump.filter { $0.hasPrefix("unjudgedDay") })
        }
        let whole = try book(limit: .max)
        #expect(whole.unjudged.count == 6, "2 May, whose end has come, and the five")
        for limit in 1...6 { #expect(try book(limit: limit) == whole, "\(limit) at a time") }
    }

    @Test("a multiplier put right in the registry counts the closed days anew")
    func multiplierPutRight() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nclose 05-02")
        try book.write("frozen 05-03 00:10 05-03 1700\nclose 05-03")
        _ = try book.store.importRegistry(LogBook.registry(multiplier: 40), at: book.instant("05-03 08:00"))
        let again = try book.store.closeReopenedDays(at: book.instant("05-03 09:00"))
        #expect(again == [book.day("05-02"), book.day("05-03")])
        let history = try book.store.completenessHistory(from: book.day("05-02"), through: book.day("05-03"))
        #expect(history.map(\.energy.wattHours) == [28_000, 0])
    }

    @Test("the energy of the day before is brought up to date when its end is closed")
    func energyOfTheDayBefore() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000\nclose 05-02")
        try book.write("frozen 05-03 00:10 05-03 1700\nclose 05-03")
        let history = try book.store.completenessHistory(from: book.day("05-02"), through: book.day("05-03"))
        #expect(history.map(\.energy.wattHours) == [700, 0])
    }

    @Test(
        "a day's consumption is unknown where nothing is known, and 0 is a value only of a meter known at both ends",
        arguments: [
            ("", nil), ("frozen 05-02 00:10 05-02 1000", nil), ("frozen 05-03 00:10 05-03 1000", nil),
            ("frozen 05-02 00:10 05-02 1000\nfrozen 05-03 00:10 05-03 1000", 0),
            ("frozen 05-02 00:10 05-02 1000\nfrozen 05-03 00:10 05-03 1700", 700),
        ] as [(String, Int64?)])
    func unknownConsumption(entries: String, used: Int64?) throws {
        let book = try LogBook()
        try book.write(entries + "\nclose 05-02\nclose 05-03")
        let history = try book.store.completenessHistory(from: book.day("05-02"), through: book.day("05-03"))
        #expect(history[0].consumption(until: history[1])?.wattHours == used)
    }

    @Test("meters known at one end each do not make a day on which nothing was used")
    func consumptionOfNobody() throws {
        var registry = LogBook.registry()
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C", district: "PA0901"))
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: "P2", gateway: "G1", unit: 2, profile: "sdm630",
                installedOn: LogBook.day("05-01")))
        let book = try LogBook(registry)
        try book.write("frozen 05-02 00:10 05-02 1000")
        try book.write("frozen 05-03 00:10 05-03 500", meter: MeterID(2))
        try book.write("close 05-02\nclose 05-03")
        let history = try book.store.completenessHistory(from: book.day("05-02"), through: book.day("05-03"))
        #expect(history.map(\.known) == [1, 1])
        #expect(history[0].consumption(until: history[1]) == nil)
    }
}
