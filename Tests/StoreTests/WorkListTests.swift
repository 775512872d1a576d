import Metering
import Testing
import VEE

@testable import Store

@Suite("What a person has to look into")
struct WorkListTests {
    private static let rules = """
        rules:
          - {rule: high, severity: warns, times_mean: 3, times_most: 1.5, above_kwh: 10, source: test}
          - {rule: zero-run, severity: warns, days: [3], source: test}
          - {rule: month-on-month, severity: holds, times: 1.3, source: test}
          - {rule: same-months, severity: warns, count: 3, step_wh: 1000, source: test}
        """

    private static func judge(_ rules: String = rules) throws -> ConsumptionJudge {
        ConsumptionJudge(rules: try RuleBook(yaml: rules, file: "test"), resolutions: ["sdm630": Energy(wattHours: 1)])
    }

    /// A home whose meter freezes each day, from 1 May: so much each day, then the days told.
    private static func home(_ daily: Int64, _ days: Int, then told: [Int64] = [], _ book: LogBook) throws -> Int64 {
        var index: Int64 = 100_000
        let first = LogBook.day("05-01")
        for (number, energy) in ([0] + Array(repeating: daily, count: days) + told).enumerated() {
            index += energy
            let day = first + number
            let text = String(day.description.dropFirst(5))
            try book.write("frozen \(text) 00:10 \(text) \(index)")
        }
        return index
    }

    /// `1 high warns open 05-21…05-21 40000 (8000)`
    private static func lines(_ book: LogBook, _ filter: CaseFilter = CaseFilter()) throws -> [String] {
        try book.store.cases(filter, order: .age, limit: 100).map { one in
            let days = one.days.map {
                " \($0.lowerBound.description.dropFirst(5))…\($0.upperBound.description.dropFirst(5))"
            }
            let energy = one.energy.map { " \($0.wattHours)" } ?? ""
            let usual = one.usual.map { " (\($0.wattHours))" } ?? ""
            return "\(one.id) \(one.kind.rawValue) \(one.severity.rawValue) \(one.state.rawValue)\(days ?? "")"
                + energy + usual
        }
    }

    private static func check(_ day: String, _ book: LogBook, _ rules: String = rules) throws -> ConsumptionReport {
        try book.store.checkConsumption(of: book.day(day), by: judge(rules), at: book.instant("07-01 06:00"))
    }

    @Test("a day far above the home's own is on the list once, however often it is judged")
    func high() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 20, then: [40_000, 8000], book)
        let report = try Self.check("05-21", book)
        #expect(report.days == 1 && report.found.map(\.count) == [1])
        _ = try Self.check("05-21", book)
        #expect(try Self.check("05-20", book).found.isEmpty)
        #expect(try Self.lines(book) == ["1 high warns open 05-21…05-21 40000 (8000)"])
        #expect(try book.store.cases(limit: 1).first?.deviation == Energy(wattHours: 32_000))
    }

    @Test("an estimate is neither unusual nor a measure of what is usual")
    func estimates() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, book)
        try book.write(
            """
            frozen 05-25 00:10 05-25 \(last + 200_000)
            close 05-25
            """)
        for day in 21...24 { #expect(try Self.check("05-\(day)", book).days == 0, "\(day) May is estimated") }
    }

    @Test("the energy counts with its multiplier, and with what hung there before an exchange")
    func multiplier() throws {
        let book = try LogBook(LogBook.registry(multiplier: 40))
        _ = try Self.home(200, 20, then: [1000], book)
        _ = try Self.check("05-21", book)
        #expect(try Self.lines(book) == ["1 high warns open 05-21…05-21 40000 (8000)"])
    }

    @Test("the day of an exchange is what passed both meters")
    func exchange() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, book)
        try book.write(
            """
            exchange 05-21 S1 \(last + 36_000) S2 100
            S2 frozen 05-22 00:10 05-22 4100
            S2 frozen 05-23 00:10 05-23 12100
            """)
        #expect(try Self.check("05-21", book).days == 1)
        #expect(try Self.check("05-22", book).days == 1)
        #expect(try Self.lines(book) == ["1 high warns open 05-21…05-21 40000 (8000)"])
    }

    @Test("a meter that is to leave has its cases until it has left")
    func leaving() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-10 10:00 5000
            live 05-10 10:30 12
            """)
        _ = try book.store.importRegistry(LogBook.registry(removedOn: "05-20"), at: book.instant("05-11 09:00"))
        #expect(try book.store.caseCount() == 1)
        try book.write("close 05-19")
        #expect(try book.store.caseCount() == 1)
        try book.write("close 05-20")
        #expect(try book.store.caseCount() == 0)
        let ended = try #require(try book.store.cases(CaseFilter(states: [.explained]), limit: 9).first)
        #expect(try book.store.acts(on: ended.id).map(\.why) == ["the meter is removed on 2025-05-20"])
    }

    @Test("three days without energy are one case of three days")
    func zeroRun() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 20, then: [0, 0, 0, 0], book)
        for day in 21...24 { _ = try Self.check("05-\(day)", book) }
        #expect(try Self.lines(book) == ["1 zero-run warns open 05-21…05-23 0 (24000)"])
    }

    @Test("a month of thirty per cent more holds the bill, which says so until somebody has looked")
    func monthOnMonth() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 31, then: Array(repeating: 10_400, count: 30), book)
        #expect(try Self.check("06-30", book).months == 1)
        #expect(try Self.check("06-29", book).months == 0, "no period ends on that day")
        #expect(try Self.lines(book) == ["1 month-on-month holds open 06-01…06-30 312000 (240000)"])
        func notes() throws -> [String] {
            try book.store.provisionalBill(
                usagePoint: LogBook.usagePoint, asOf: book.day("07-01"), tariffs: .load(folder: nil)
            ).notes
        }
        #expect(try notes().contains { $0.contains("Case 1 is open (month-on-month)") })
        _ = try book.store.act(
            .released, on: CaseFilter(ids: [1]), by: "Lan", why: "a new air conditioner",
            at: book.instant("07-02 09:00"))
        #expect(try notes().allSatisfy { !$0.contains("Case") })
    }

    @Test("a month whose end nobody read is compared all the same: its bill must be verified too")
    func monthOfEstimatedEnd() throws {
        let book = try LogBook()
        var index: Int64 = 100_000
        for number in 0...62 {
            let day = String((LogBook.day("05-01") + number).description.dropFirst(5))
            if day != "06-01", day != "07-01" { try book.write("frozen \(day) 00:10 \(day) \(index)") }
            index += number < 31 ? 8000 : 11_000
        }
        _ = try book.store.closeDay(book.day("07-02"), at: book.instant("07-02 06:00"))
        #expect(try Self.check("06-30", book).months == 1)
        // What it took lies between two estimates: off by a little.
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["month-on-month"])
    }

    @Test("three months of the same energy are a case of three months")
    func sameMonths() throws {
        let book = try LogBook()
        // 310 kWh each, in 31, 30 and 31 days.
        let june = Array(repeating: Int64(10_333), count: 29) + [10_343]
        _ = try Self.home(10_000, 31, then: june + Array(repeating: 10_000, count: 31), book)
        _ = try book.store.checkConsumption(of: book.day("07-31"), by: Self.judge(), at: book.instant("08-01 06:00"))
        #expect(try Self.lines(book) == ["1 same-months warns open 05-01…07-31 930000"])
    }

    @Test("a case is seen, visited and released, each with who, when and why; and what has ended stays so")
    func acts() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 20, then: [40_000, 8000], book)
        _ = try Self.check("05-21", book)
        let one = CaseFilter(ids: [1], states: Set(MeterCase.State.allCases))
        func act(_ act: CaseAct.Kind, _ who: String, _ why: String, _ at: String) throws -> CaseActReport {
            try book.store.act(act, on: one, by: who, why: why, at: book.instant(at))
        }
        #expect(try act(.acknowledged, "Lan", "calling them", "07-01 08:00").done == 1)
        #expect(try act(.acknowledged, "Minh", "me too", "07-01 08:05").unchanged == 1)
        #expect(try act(.fieldVisit, "Minh", "no answer", "07-01 09:00").done == 1)
        #expect(try act(.released, "Minh", "a wedding", "07-01 15:00").done == 1)
        #expect(try Self.lines(book).isEmpty)
        #expect(
            try act(.fieldVisit, "Lan", "again", "07-02 08:00").refused.map(\.why) == ["has ended already: released"])
        #expect(
            try book.store.acts(on: 1).map { "\($0.kind.rawValue) \($0.who): \($0.why)" } == [
                "acknowledged Lan: calling them", "acknowledged Minh: me too", "field-visit Minh: no answer",
                "released Minh: a wedding",
            ])
        for (who, why) in [(" ", "why"), ("Lan", "\n")] {
            #expect(throws: StoreError.self) { _ = try act(.released, who, why, "07-03 08:00") }
        }
        _ = try Self.check("05-21", book)
        #expect(try Self.lines(book).isEmpty, "judged again, it stays released")
    }

    @Test("a day that took something else than was released is open again, and says why")
    func reopened() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, then: [40_000], book)
        _ = try Self.check("05-21", book)
        _ = try book.store.act(
            .released, on: CaseFilter(ids: [1]), by: "Lan", why: "a party", at: book.instant("07-01 08:00"))
        try book.write("edit 05-22 \(last + 20_000)")
        _ = try Self.check("05-21", book)
        #expect(try Self.lines(book) == ["1 high warns open 05-21…05-21 60000 (8000)"])
        #expect(try book.store.acts(on: 1).last?.why == "the days took 60000 Wh, not 40000 Wh")
    }

    @Test("what later values make usual passes by itself; what a person edits is ended by the edit")
    func passed() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, then: [40_000], book)
        _ = try Self.check("05-21", book)
        try book.write("edit 05-22 \(last - 32_000)")
        #expect(
            try Self.lines(book, CaseFilter(states: [.edited])) == ["1 high warns edited 05-21…05-21 40000 (8000)"])
        #expect(try book.store.acts(on: 1).map(\.who) == ["Lan"])

        let other = try LogBook()
        _ = try Self.home(8000, 20, then: [40_000], other)
        _ = try Self.check("05-21", other)
        // The meter's own record comes again, better.
        try other.write("frozen 07-01 00:20 05-22 268000")
        _ = try Self.check("05-21", other)
        #expect(
            try Self.lines(other, CaseFilter(states: [.passed])) == ["1 high warns passed 05-21…05-21 40000 (8000)"])
    }

    @Test("many are released at once by rule, station and distance; what blocks readings is refused")
    func bulk() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, then: [40_000], book)
        _ = try Self.check("05-21", book)
        try book.write("live 05-22 12:00 \(last + 100)")
        try book.write("live 05-22 13:00 7")
        #expect(
            try Self.lines(book) == ["2 decreased blocks open", "1 high warns open 05-21…05-21 40000 (8000)"])
        func release(_ filter: CaseFilter) throws -> CaseActReport {
            try book.store.act(.released, on: filter, by: "Lan", why: "looked through", at: book.instant("07-01 08:00"))
        }
        #expect(try release(CaseFilter(station: "T9")).done == 0)
        #expect(try release(CaseFilter(kinds: ["high"], deviationMost: Energy(wattHours: 31_999))).done == 0)
        #expect(try release(CaseFilter(kinds: ["\"", "high\\"])).done == 0, "whatever is typed is a name")
        let report = try release(CaseFilter(station: "T1"))
        #expect(report.done == 1 && report.refused.map(\.id) == [2])
        #expect(try book.store.caseCount() == 1)
    }

    @Test("a rule that is taken out leaves its cases to the people")
    func withoutRule() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 20, then: [40_000], book)
        _ = try Self.check("05-21", book)
        _ = try Self.check("05-21", book, "rules: [{rule: zero-run, severity: warns, days: [3], source: test}]")
        #expect(try Self.lines(book).count == 1)
    }

    @Test("a day is judged once the next is closed, and again when an index of it changes")
    func due() throws {
        let book = try LogBook()
        let last = try Self.home(8000, 20, then: [40_000, 8000], book)
        func judged() throws -> [String] {
            try book.store.judgeDays(by: Self.judge(), at: book.instant("07-01 06:00")).map {
                String($0.day.description.dropFirst(5))
            }
        }
        try book.write("close 05-21")
        #expect(try judged() == ["05-20"])
        try book.write("close 05-22")
        #expect(try judged() == ["05-21"])
        #expect(try judged() == [], "nothing is due twice")
        try book.write("close 05-22")
        #expect(try judged() == [], "closed again, nothing has changed")
        #expect(try Self.lines(book).count == 1)
        try book.write("edit 05-22 \(last - 40_000)")
        #expect(try judged() == [])
        _ = try book.store.closeReopenedDays(at: book.instant("07-01 06:00"))
        #expect(try judged() == ["05-21"], "the 22nd waits for its next day")
        try book.write("close 05-23")
        #expect(try judged() == ["05-22"])
    }

    @Test("a changed index at a period's end has both periods judged anew, and those compared with them")
    func periodsDue() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 31, then: Array(repeating: 8000, count: 61), book)
        for day in 1...31 { try book.write("close 05-\(day < 10 ? "0" : "")\(day)") }
        try book.write("close 06-01")
        for day in ["06-30", "07-01", "07-31", "08-01"] { try book.write("close \(day)") }
        _ = try book.store.judgeDays(by: Self.judge(), at: book.instant("08-02 06:00"))
        try book.write("edit 06-01 150000")
        _ = try book.store.closeReopenedDays(at: book.instant("08-02 06:00"))
        #expect(
            try book.store.judgeDays(by: Self.judge(), at: book.instant("08-02 06:00")).map(\.day)
                == ["05-31", "06-01", "06-30", "07-01", "07-31"].map(LogBook.day),
            "of the two, the first is the end of periods that are read on a month's last day, the other on its first")
        #expect(
            try Self.lines(book, CaseFilter(kinds: ["month-on-month"])).map {
                String($0.drop { $0 != " " }.dropFirst())
            }
                == ["month-on-month holds open 06-01…06-30 438000 (48387)"])
    }

    @Test("judged over packed days it finds the same")
    func packed() throws {
        let book = try LogBook()
        _ = try Self.home(8000, 31, then: Array(repeating: 10_400, count: 29) + [70_000, 8000], book)
        _ = try Self.check("06-30", book)
        let before = try Self.lines(book)
        #expect(before.count == 2)
        while try book.store.compact(today: book.day("08-15")) != nil {}
        _ = try Self.check("06-30", book)
        #expect(try Self.lines(book) == before)
    }
}

@Suite("A reading that cannot be true")
struct SuspectCaseTests {
    @Test("is a case from its first sight until the dial goes on, and handed over again it is none")
    func glitch() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-10 10:00 5000
            live 05-10 10:30 12
            live 05-10 11:00 13
            """)
        let open = try #require(try book.store.cases(limit: 10).first)
        #expect(open.kind.rawValue == "decreased" && open.register == .activeImport && open.severity == .blocks)
        #expect(open.text == "import shows 0.013 kWh after 5.000 kWh: the dial went back")
        #expect(open.opened == book.instant("05-10 10:30") && open.lastSeen == book.instant("05-10 11:00"))
        try book.write("live 05-10 11:30 5100")
        #expect(try book.store.caseCount() == 0)
        #expect(try book.store.cases(CaseFilter(states: [.passed]), limit: 9).count == 1)
        for batch in book.outcomes { _ = try book.store.ingest([batch]) }
        #expect(try book.store.caseCount() == 0)
    }

    @Test(
        "says what it shows",
        arguments: [
            ("live 05-10 11:00 999999999", "overflow", "import shows 999999.999 kWh: more than its dial can show"),
            (
                "live 05-10 11:00 900000", "above-ceiling",
                "import shows 900.000 kWh after 5.000 kWh: more than such a meter passes in the time"
            ),
            (
                "frozen 05-10 11:00 05-12 5100", "from-future",
                "import, its record of 2025-05-12 shows 5.100 kWh, a day that has not begun: its calendar is ahead"
            ),
        ])
    func kinds(entry: String, kind: String, text: String) throws {
        let book = try LogBook(LogBook.registry(digits: 5), limits: ["sdm630": 13_800])
        try book.write("live 05-10 10:00 5000")
        try book.write(entry)
        let open = try book.store.cases(limit: 10)
        #expect(open.map(\.kind.rawValue) == [kind] && open.map(\.text) == [text])
    }

    @Test("a meter's record that cannot be true is a case of its day, until the meter shows it again as it should")
    func recordPutRight() throws {
        let book = try LogBook(LogBook.registry(digits: 5))
        try book.write("frozen 05-10 00:10 05-10 5000\nfrozen 05-11 00:10 05-11 999999999")
        try book.write("frozen 05-12 00:10 05-12 5200")
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["overflow"], "another day says nothing of it")
        try book.write("frozen 05-12 00:40 05-11 5100")
        #expect(try book.store.caseCount() == 0)
        // Handed over again, as after a crash, the nonsense is no news.
        try book.write("frozen 05-11 00:10 05-11 999999999")
        #expect(try book.store.caseCount() == 0)
    }

    @Test("an index of a day long past says nothing of what the dial shows now")
    func editedLongAgo() throws {
        let book = try LogBook()
        try book.write("live 05-09 23:50 4000\nlive 05-10 00:10 4010\nlive 05-12 10:00 5000\nlive 05-12 10:30 12")
        try book.write("edit 05-10 4003")
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["decreased"])
        // Whatever dial this is, it is not the one that showed 5,000 Wh.
        try book.write("live 05-12 11:00 30")
        #expect(try book.store.caseCount() == 1)
        try book.write("edit 05-12 4900")
        #expect(try book.store.caseCount() == 0)
    }

    @Test("it holds the bills of the days since it was opened, and of no month before")
    func holdsFromThen() throws {
        let book = try LogBook(LogBook.registry(readingDay: 10))
        for day in 4...12 {
            let text = day < 10 ? "05-0\(day)" : "05-\(day)"
            try book.write("frozen \(text) 00:10 \(text) \(day * 1000)")
        }
        try book.write("live 05-12 10:00 12500\nlive 05-12 10:30 12")
        func isHeld(_ asOf: String) throws -> Bool {
            try book.store.provisionalBill(
                usagePoint: LogBook.usagePoint, asOf: book.day(asOf), tariffs: .load(folder: nil)
            ).notes.contains { $0.contains("Case 1 is open") }
        }
        #expect(try !isHeld("05-11"), "up to the 10th")
        #expect(try !isHeld("05-12"), "up to the first instant of that day")
        try book.write("frozen 05-13 00:10 05-13 13000")
        #expect(try isHeld("05-13"))
    }

    @Test("a dial that begins at 0 again is believed, and somebody is told once, for its digits may be wrong")
    func rollover() throws {
        let book = try LogBook(LogBook.registry(digits: 5))
        try book.write(
            """
            live 05-10 23:50 99999800
            live 05-11 00:10 200
            live 05-11 00:40 300
            """)
        let warning = try book.store.cases(limit: 9).map {
            "\($0.kind.rawValue) \($0.severity.rawValue) \($0.days.map { "\($0.lowerBound)" } ?? ""): \($0.text)"
        }
        #expect(
            warning == [
                "rollover warns 2025-05-11: import shows 0.200 kWh after 99999.800 kWh: "
                    + "taken for a dial that began at 0 again"
            ])
        for batch in book.outcomes { _ = try book.store.ingest([batch]) }
        #expect(try book.store.caseCount() == 1)
    }

    @Test("an edit ends it, and says who")
    func edited() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-10 10:00 5000
            live 05-11 10:30 12
            edit 05-12 20
            """)
        #expect(try book.store.caseCount() == 0)
        let ended = try #require(try book.store.cases(CaseFilter(states: [.edited]), limit: 9).first)
        #expect(try book.store.acts(on: ended.id).map(\.why) == ["read by eye"])
    }
}
